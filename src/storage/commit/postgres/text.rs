//! The text of the statement. Its parameters follow the parts: `$1` is the tenant, then come each part's columns, and
//! the number of its rows if it is guarded.

use std::fmt::Write as _;

use super::super::tables::{self, Table, Type};
use super::statement::{Part, Write};

/// Writes the statement of these parts; those without rows are not in it.
pub(super) fn write(parts: &[Part<'_>]) -> String {
    let (mut ctes, mut guards) = (String::new(), String::new());
    let mut number = 2;
    for part in parts.iter().filter(|part| !part.rows.is_empty()) {
        let source = source(part, number);
        number += part.columns.len();
        let opening = if ctes.is_empty() { "WITH " } else { ", " };
        let _ = write!(ctes, "{opening}\"{}\" AS ({})", part.name, body(part, &source));
        if part.write.is_guarded() {
            let and = if guards.is_empty() { "" } else { " AND " };
            let _ = write!(guards, "{and}(SELECT count(*) FROM \"{}\") = ${number}", part.name);
            number += 1;
        }
    }
    if guards.is_empty() {
        ctes + " SELECT 1"
    } else {
        format!("{ctes} SELECT 1 / (CASE WHEN {guards} THEN 1 ELSE 0 END)")
    }
}

/// The part's rows as `n`: `(SELECT $2::uuid AS id, …) AS n` for one, `unnest($2::uuid[], …) AS n(id, …)` for more.
fn source(part: &Part<'_>, first: usize) -> String {
    let columns = part.columns.iter().enumerate();
    if part.rows.len() == 1 {
        let values =
            columns.map(|(place, (name, kind))| format!("${}::{} AS {name}", first + place, kind.name()));
        return format!("(SELECT {}) AS n", values.collect::<Vec<_>>().join(", "));
    }
    let arrays = columns.map(|(place, (_, kind))| format!("${}::{}[]", first + place, kind.name()));
    let names: Vec<&str> = part.columns.iter().map(|(name, _)| *name).collect();
    format!("unnest({}) AS n({})", arrays.collect::<Vec<_>>().join(", "), names.join(", "))
}

fn body(part: &Part<'_>, source: &str) -> String {
    match part.write {
        Write::Insert(table) => insert(table, source),
        Write::Delete(table) => {
            let matched: String =
                part.columns.iter().map(|(column, _)| format!(" AND t.{column} = n.{column}")).collect();
            format!("DELETE FROM {table} t USING {source} WHERE t.tenant_id = $1{matched}")
        }
        Write::DeleteGuarded(table) => format!(
            "DELETE FROM {table} t USING {source} WHERE t.tenant_id = $1 AND t.id = n.id AND t.version = n.version RETURNING 1"
        ),
        Write::UpdateUsers => update_users(source),
        Write::UpdateGroups => format!(
            "UPDATE groups t SET version = t.version + 1, updated_at = n.updated_at, \
             display_name = coalesce(n.display_name, t.display_name), \
             display_name_key = coalesce(n.display_name_key, t.display_name_key), \
             roles = coalesce(n.roles, t.roles), document = coalesce(n.document, t.document), search = coalesce(n.search::jsonb, t.search) \
             FROM {source} WHERE t.tenant_id = $1 AND t.id = n.id \
             AND (n.expected IS NULL OR t.version = n.expected) RETURNING 1"
        ),
        Write::Keep => keep(source),
        // Groups whose members go are changed by that: their version covers their direct members.
        Write::TouchGroups => format!(
            "UPDATE groups t SET version = t.version + 1, updated_at = d.at FROM (\
             WITH n AS (SELECT * FROM {source}) SELECT g.group_id, max(g.at) AS at FROM (\
             SELECT m.group_id, n.at FROM n JOIN memberships m ON m.tenant_id = $1 AND m.user_id = n.id \
             UNION ALL \
             SELECT m.group_id, n.at FROM n JOIN memberships m ON m.tenant_id = $1 AND m.subgroup_id = n.id) g \
             WHERE g.group_id NOT IN (SELECT id FROM n) GROUP BY g.group_id) d \
             WHERE t.tenant_id = $1 AND t.id = d.group_id"
        ),
    }
}

/// All parts of the statement see the tables as they were before it, so this one reads what the deletion removes: the
/// groups and users were locked before, and no membership or external id came or went in between. A user that is not
/// there at its version any more is not kept; the deletion's own guard then undoes everything.
fn keep(source: &str) -> String {
    format!(
        "INSERT INTO deleted_users (tenant_id, id, user_name, user_name_key, email, email_key, document, deleted_at, \
         purge_at, deleted_by_kind, deleted_by_id, deleted_by_name, avatar_media_type, avatar) \
         SELECT $1, n.id, n.user_name, n.user_name_key, n.email, n.email_key, \
         '{{\"user\":' || n.document || ',\"memberships\":' || coalesce((\
         SELECT json_agg(json_build_object('group_id', m.group_id, 'role', m.role) ORDER BY m.group_id)::text \
         FROM memberships m WHERE m.tenant_id = $1 AND m.user_id = n.id), '[]') || ',\"external_ids\":' || coalesce((\
         SELECT json_agg(json_build_object('connection_id', x.connection_id, 'external_id', x.external_id) \
         ORDER BY x.connection_id)::text FROM external_ids x \
         WHERE x.tenant_id = $1 AND x.resource_kind = 'user' AND x.resource_id = n.id), '[]') || '}}', \
         n.deleted_at, n.purge_at, n.deleted_by_kind, n.deleted_by_id, n.deleted_by_name, a.media_type, a.bytes \
         FROM {source} JOIN users u ON u.tenant_id = $1 AND u.id = n.id AND u.version = n.version \
         LEFT JOIN avatars a ON a.tenant_id = $1 AND a.user_id = n.id"
    )
}

fn insert(table: &Table, source: &str) -> String {
    let Table { name, columns, on_conflict } = table;
    let names: String = columns.iter().map(|(column, _)| format!(", {column}")).collect();
    let values: String = columns.iter().map(|column| format!(", {}", value(column))).collect();
    format!("INSERT INTO {name} (tenant_id{names}) SELECT $1{values} FROM {source}{on_conflict}")
}

fn update_users(source: &str) -> String {
    let changed = tables::USERS.columns.iter().filter(|(column, _)| !matches!(*column, "id" | "created_at"));
    let set: Vec<String> = changed.map(|column| format!("{} = {}", column.0, value(column))).collect();
    format!(
        "UPDATE users t SET {} FROM {source} WHERE t.tenant_id = $1 AND t.id = n.id AND t.version = n.version - 1 RETURNING 1",
        set.join(", ")
    )
}

fn value((column, kind): &(&str, Type)) -> String {
    match kind {
        Type::Json => format!("n.{column}::jsonb"),
        _ => format!("n.{column}"),
    }
}

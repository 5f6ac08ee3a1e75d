//! Writing to PostgreSQL: all rows of a commit in one statement, made of data-modifying CTEs over `unnest`.
//!
//! One statement is one round trip and one implicit transaction. A guard (a version that must still be the stored one)
//! cannot roll a statement back by itself, so the last SELECT divides by zero when a guarded write met fewer rows than
//! it should have; that error undoes the whole statement, and reads as [`StorageError::Stale`].

use std::fmt::Write as _;

use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::{Arguments, AssertSqlSafe, Connection, Postgres};

use super::super::connections::Connections;
use super::super::statement::{Arg, Statement};
use super::plan::{Plan, Row};
use super::settings;
use super::tables::{self, Table, Type};
use crate::model::change::ChangeSet;
use crate::storage::StorageError;

/// Over how many rows a tenant's counts are spread: concurrent creates should rarely meet on one.
const STRIPES: u64 = 64;

/// Writes change sets of one tenant; halves the list where one of several fails.
pub async fn write(
    pool: &Connections<Postgres>,
    sets: &[ChangeSet],
    stripe: u64,
) -> Vec<Result<(), StorageError>> {
    let error = match try_write(pool, sets, stripe).await {
        Ok(()) => return vec![Ok(()); sets.len()],
        Err(error) => error,
    };
    if sets.len() < 2 || error.is_common() {
        return vec![Err(error); sets.len()];
    }
    let (left, right) = sets.split_at(sets.len() / 2);
    let mut results = Box::pin(write(pool, left, stripe)).await;
    results.extend(Box::pin(write(pool, right, stripe)).await);
    results
}

async fn try_write(
    pool: &Connections<Postgres>,
    sets: &[ChangeSet],
    stripe: u64,
) -> Result<(), StorageError> {
    let plan = Plan::new(sets);
    let mut connection = pool.take().await?;
    if plan.settings.is_empty() {
        let written = write_rows(&mut connection, &plan, stripe).await;
        // A statement that the database refused ended in order too; a connection that failed did not.
        if !written.as_ref().is_err_and(StorageError::is_common) {
            connection.done();
        }
        return written;
    }
    let mut transaction = connection.begin().await?;
    for (tenant, change) in &plan.settings {
        execute(&mut transaction, settings::statement(*tenant, change)).await?;
    }
    write_rows(&mut transaction, &plan, stripe).await?;
    Ok(transaction.commit().await?)
}

async fn execute(connection: &mut PgConnection, statement: Statement<'_>) -> Result<(), StorageError> {
    let arguments = statement.postgres_arguments().map_err(sqlx::Error::Encode)?;
    sqlx::query_with(AssertSqlSafe(statement.text), arguments).execute(connection).await?;
    Ok(())
}

async fn write_rows(connection: &mut PgConnection, plan: &Plan<'_>, stripe: u64) -> Result<(), StorageError> {
    let Some((text, arguments)) = build(plan, stripe)? else { return Ok(()) };
    sqlx::query_with(AssertSqlSafe(text), arguments).execute(connection).await?;
    Ok(())
}

/// The text of the statement that writes this change set: what `make bench` gives to pgbench as the baseline.
///
/// # Errors
/// A value that cannot be encoded.
pub fn statement_text(set: &ChangeSet) -> Result<String, StorageError> {
    Ok(build(&Plan::new([set]), 0)?.map(|(text, _)| text).unwrap_or_default())
}

fn build(plan: &Plan<'_>, stripe: u64) -> Result<Option<(String, PgArguments)>, StorageError> {
    let rows = [&plan.users_inserted, &plan.users_updated, &plan.users_deleted, &plan.groups_inserted]
        .into_iter()
        .chain([&plan.groups_updated, &plan.groups_deleted, &plan.audit]);
    let Some(tenant) = rows.flatten().map(|row| row.tenant).next() else { return Ok(None) };
    let mut text = Text::default();
    text.bind(tenant.0)?;
    let counts: Vec<Row<'_>> = plan
        .counts
        .iter()
        .filter(|(_, _, net)| *net != 0)
        .map(|(tenant, kind, net)| Row {
            tenant: *tenant,
            values: vec![Arg::text(kind.word()), Arg::integer((stripe % STRIPES) as i64), Arg::integer(*net)],
        })
        .collect();
    // PostgreSQL runs CTEs that nobody reads from the last to the first: the contended row is taken last.
    text.insert("counts", &tables::RESOURCE_COUNTS, &counts)?;
    text.insert("audit", &tables::AUDIT_EVENTS, &plan.audit)?;
    text.insert("external_set", &tables::EXTERNAL_IDS, &plan.external_ids_set)?;
    text.delete("external_removed", "external_ids", tables::EXTERNAL_ID_KEY, &plan.external_ids_removed)?;
    text.delete("external_dropped", "external_ids", tables::EXTERNAL_IDS_OF, &plan.external_ids_dropped)?;
    text.insert("indexed", &tables::ATTRIBUTE_INDEX, &plan.index_added)?;
    text.delete("unindexed", "attribute_index", tables::ATTRIBUTE_INDEX.columns, &plan.index_removed)?;
    text.insert("joined", &tables::MEMBERSHIPS, &plan.members_added)?;
    text.delete("left", "memberships", tables::MEMBERSHIP_KEY, &plan.members_removed)?;
    text.touch_groups(&plan.departures)?;
    text.insert("groups_in", &tables::GROUPS, &plan.groups_inserted)?;
    text.insert("users_in", &tables::USERS, &plan.users_inserted)?;
    text.update_groups(&plan.groups_updated)?;
    text.update_users(&plan.users_updated)?;
    text.delete_guarded("groups_out", "groups", &plan.groups_deleted)?;
    text.delete_guarded("users_out", "users", &plan.users_deleted)?;
    Ok(Some(text.finish()))
}

/// The statement's text and arguments as they grow. `$1` is the tenant.
#[derive(Default)]
struct Text {
    ctes: String,
    guards: String,
    arguments: PgArguments,
}

impl Text {
    fn bind<'q, T>(&mut self, value: T) -> Result<usize, StorageError>
    where
        T: sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        self.arguments.add(value).map_err(sqlx::Error::Encode)?;
        Ok(self.arguments.len())
    }

    fn cte(&mut self, name: &str, body: &str) {
        let opening = if self.ctes.is_empty() { "WITH " } else { ", " };
        let _ = write!(self.ctes, "{opening}\"{name}\" AS ({body})");
    }

    /// `unnest($2::uuid[], …) AS n(id, …)`, one array a column.
    fn unnest(&mut self, columns: &[(&str, Type)], rows: &[Row<'_>]) -> Result<String, StorageError> {
        let mut arrays = String::from("unnest(");
        let mut names = String::from(") AS n(");
        for (position, (name, kind)) in columns.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            let number = self.bind_column(*kind, position, rows)?;
            let _ = write!(arrays, "{separator}${number}::{}", kind.array());
            let _ = write!(names, "{separator}{name}");
        }
        Ok(format!("{arrays}{names})"))
    }

    fn bind_column(&mut self, kind: Type, position: usize, rows: &[Row<'_>]) -> Result<usize, StorageError> {
        let values = rows.iter().map(|row| row.values.get(position));
        match kind {
            Type::Uuid => self.bind(
                values
                    .map(|value| if let Some(Arg::Uuid(id)) = value { *id } else { None })
                    .collect::<Vec<_>>(),
            ),
            Type::Text | Type::Json => self.bind(
                values
                    .map(|value| if let Some(Arg::Text(text)) = value { text.as_deref() } else { None })
                    .collect::<Vec<_>>(),
            ),
            Type::Integer => self.bind(
                values
                    .map(|value| if let Some(Arg::Integer(number)) = value { *number } else { None })
                    .collect::<Vec<_>>(),
            ),
            Type::Boolean => {
                self.bind(values.map(|value| matches!(value, Some(Arg::Boolean(true)))).collect::<Vec<_>>())
            }
        }
    }

    fn insert(&mut self, name: &str, table: &Table, rows: &[Row<'_>]) -> Result<(), StorageError> {
        if rows.is_empty() {
            return Ok(());
        }
        let source = self.unnest(table.columns, rows)?;
        let (mut names, mut values) = (String::new(), String::new());
        for (column, kind) in table.columns {
            let cast = if *kind == Type::Json { "::jsonb" } else { "" };
            let _ = write!(names, ", {column}");
            let _ = write!(values, ", n.{column}{cast}");
        }
        let Table { name: into, on_conflict, .. } = table;
        self.cte(
            name,
            &format!("INSERT INTO {into} (tenant_id{names}) SELECT $1{values} FROM {source}{on_conflict}"),
        );
        Ok(())
    }

    fn delete(
        &mut self,
        name: &str,
        table: &str,
        key: &[(&str, Type)],
        rows: &[Row<'_>],
    ) -> Result<(), StorageError> {
        if rows.is_empty() {
            return Ok(());
        }
        let source = self.unnest(key, rows)?;
        let matched: String = key.iter().map(|(column, _)| format!(" AND t.{column} = n.{column}")).collect();
        self.cte(name, &format!("DELETE FROM {table} t USING {source} WHERE t.tenant_id = $1{matched}"));
        Ok(())
    }

    fn delete_guarded(&mut self, name: &str, table: &str, rows: &[Row<'_>]) -> Result<(), StorageError> {
        if rows.is_empty() {
            return Ok(());
        }
        let source = self.unnest(tables::GUARDED, rows)?;
        self.cte(
            name,
            &format!("DELETE FROM {table} t USING {source} WHERE t.tenant_id = $1 AND t.id = n.id AND t.version = n.version RETURNING 1"),
        );
        self.guard(name, rows.len())
    }

    fn update_users(&mut self, rows: &[Row<'_>]) -> Result<(), StorageError> {
        if rows.is_empty() {
            return Ok(());
        }
        let source = self.unnest(tables::USERS.columns, rows)?;
        let set: Vec<String> = tables::USERS
            .columns
            .iter()
            .filter(|(column, _)| !matches!(*column, "id" | "created_at"))
            .map(|(column, kind)| {
                format!("{column} = n.{column}{}", if *kind == Type::Json { "::jsonb" } else { "" })
            })
            .collect();
        self.cte(
            "users_up",
            &format!(
                "UPDATE users t SET {} FROM {source} WHERE t.tenant_id = $1 AND t.id = n.id AND t.version = n.version - 1 RETURNING 1",
                set.join(", ")
            ),
        );
        self.guard("users_up", rows.len())
    }

    fn update_groups(&mut self, rows: &[Row<'_>]) -> Result<(), StorageError> {
        if rows.is_empty() {
            return Ok(());
        }
        let source = self.unnest(tables::GROUP_UPDATE, rows)?;
        self.cte(
            "groups_up",
            &format!(
                "UPDATE groups t SET version = t.version + 1, updated_at = n.updated_at, \
                 display_name = coalesce(n.display_name, t.display_name), \
                 display_name_key = coalesce(n.display_name_key, t.display_name_key), \
                 document = coalesce(n.document, t.document), search = coalesce(n.search::jsonb, t.search) \
                 FROM {source} WHERE t.tenant_id = $1 AND t.id = n.id \
                 AND (n.expected IS NULL OR t.version = n.expected) RETURNING 1"
            ),
        );
        self.guard("groups_up", rows.len())
    }

    /// Groups whose members go are changed by that: their version covers their direct members.
    fn touch_groups(&mut self, departures: &[Row<'_>]) -> Result<(), StorageError> {
        if departures.is_empty() {
            return Ok(());
        }
        let source = self.unnest(tables::DEPARTURE, departures)?;
        self.cte(
            "touched",
            &format!(
                "UPDATE groups t SET version = t.version + 1, updated_at = d.at FROM (\
                 WITH n AS (SELECT * FROM {source}) SELECT g.group_id, max(g.at) AS at FROM (\
                 SELECT m.group_id, n.at FROM n JOIN memberships m ON m.tenant_id = $1 AND m.user_id = n.id \
                 UNION ALL \
                 SELECT m.group_id, n.at FROM n JOIN memberships m ON m.tenant_id = $1 AND m.subgroup_id = n.id) g \
                 WHERE g.group_id NOT IN (SELECT id FROM n) GROUP BY g.group_id) d \
                 WHERE t.tenant_id = $1 AND t.id = d.group_id"
            ),
        );
        Ok(())
    }

    fn guard(&mut self, name: &str, rows: usize) -> Result<(), StorageError> {
        let number = self.bind(rows as i64)?;
        let and = if self.guards.is_empty() { "" } else { " AND " };
        let _ = write!(self.guards, "{and}(SELECT count(*) FROM \"{name}\") = ${number}");
        Ok(())
    }

    fn finish(self) -> (String, PgArguments) {
        let last = if self.guards.is_empty() {
            " SELECT 1".to_owned()
        } else {
            format!(" SELECT 1 / (CASE WHEN {} THEN 1 ELSE 0 END)", self.guards)
        };
        (self.ctes + &last, self.arguments)
    }
}

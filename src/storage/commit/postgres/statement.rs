//! The one statement that writes a commit: data-modifying CTEs, one for each table and way of writing.
//!
//! A guard (a version that must still be the stored one) cannot roll a statement back by itself, so the last SELECT
//! divides by zero when a guarded write met fewer rows than it should have; that error undoes the whole statement, and
//! reads as [`StorageError::Stale`].
//!
//! One row comes as plain parameters, more come as arrays over `unnest`. Of an array that it does not know PostgreSQL
//! expects more rows than of one that it sees, so it would rather plan the statement anew each time than keep one plan;
//! that takes longer than writing a row.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use sqlx::Arguments;
use sqlx::postgres::PgArguments;

use super::super::plan::{Plan, Row};
use super::super::tables::{self, Table, Type};
use super::text;
use crate::model::change::ChangeSet;
use crate::storage::StorageError;
use crate::storage::statement::Arg;

/// Into how many parts a statement falls at the most; a kept text's key has two bits for each.
const PARTS: usize = 20;
const _: () = assert!(PARTS * 2 <= u64::BITS as usize);

/// Over how many rows a tenant's counts are spread: concurrent creates should rarely meet on one.
const STRIPES: u64 = 64;

/// What is written to one table in one way.
pub(super) struct Part<'p> {
    /// The CTE's name.
    pub name: &'static str,
    pub columns: &'static [(&'static str, Type)],
    pub rows: &'p [Row<'p>],
    pub write: Write,
}

/// How rows are written.
#[derive(Clone, Copy)]
pub(super) enum Write {
    Insert(&'static Table),
    /// By its key; what is not there need not go.
    Delete(&'static str),
    /// By id and version, all of them or none.
    DeleteGuarded(&'static str),
    UpdateUsers,
    UpdateGroups,
    TouchGroups,
    /// What is kept of users that go, with what goes with them.
    Keep,
}

impl Write {
    /// Whether every row must meet one of the table, or nothing is written.
    pub fn is_guarded(self) -> bool {
        matches!(self, Self::DeleteGuarded(_) | Self::UpdateUsers | Self::UpdateGroups)
    }
}

/// The text of the statement that writes this change set: what `make bench` gives to pgbench as the baseline.
///
/// # Errors
/// A value that cannot be encoded.
pub fn statement_text(set: &ChangeSet) -> Result<String, StorageError> {
    Ok(build(&Plan::new([set]), 0)?.map(|(text, _)| text.to_string()).unwrap_or_default())
}

/// The statement and its arguments; nothing if there is nothing to write.
pub(super) fn build(plan: &Plan<'_>, stripe: u64) -> Result<Option<(Arc<str>, PgArguments)>, StorageError> {
    let counts = counts(plan, stripe);
    let parts = parts(plan, &counts);
    let Some(tenant) = parts.iter().flat_map(|part| part.rows).map(|row| row.tenant).next() else {
        return Ok(None);
    };
    let mut arguments = PgArguments::default();
    arguments.add(tenant.0).map_err(sqlx::Error::Encode)?;
    for part in parts.iter().filter(|part| !part.rows.is_empty()) {
        bind(&mut arguments, part).map_err(sqlx::Error::Encode)?;
    }
    Ok(Some((kept_text(&parts), arguments)))
}

fn counts<'a>(plan: &Plan<'_>, stripe: u64) -> Vec<Row<'a>> {
    let stripe = i64::try_from(stripe % STRIPES).unwrap_or_default();
    let changed = plan.counts.iter().filter(|(_, _, net)| *net != 0);
    let row = |(tenant, kind, net): &(_, crate::storage::predicate::Kind, _)| Row {
        tenant: *tenant,
        values: vec![Arg::text(kind.word()), Arg::integer(stripe), Arg::integer(*net)],
    };
    changed.map(row).collect()
}

/// Every part, whether it has rows or not. PostgreSQL runs CTEs that nobody reads from the last to the first: the
/// contended row of the counts is taken last, and a value is given up before it is taken.
fn parts<'p>(plan: &'p Plan<'p>, counts: &'p [Row<'p>]) -> [Part<'p>; PARTS] {
    let insert = |name, table: &'static Table, rows| Part {
        name,
        columns: table.columns,
        rows,
        write: Write::Insert(table),
    };
    let part = |name, columns, rows, write| Part { name, columns, rows, write };
    let indexed = tables::ATTRIBUTE_INDEX.columns;
    [
        insert("counts", &tables::RESOURCE_COUNTS, counts),
        insert("leaving", &tables::OUTBOX, &plan.outbox),
        insert("audit", &tables::AUDIT_EVENTS, &plan.audit),
        insert("external_set", &tables::EXTERNAL_IDS, &plan.external_ids_set),
        part(
            "external_removed",
            tables::EXTERNAL_ID_KEY,
            &plan.external_ids_removed,
            Write::Delete("external_ids"),
        ),
        part(
            "external_dropped",
            tables::EXTERNAL_IDS_OF,
            &plan.external_ids_dropped,
            Write::Delete("external_ids"),
        ),
        insert("indexed", &tables::ATTRIBUTE_INDEX, &plan.index_added),
        part("unindexed", indexed, &plan.index_removed, Write::Delete("attribute_index")),
        insert("unique_in", &tables::UNIQUE_VALUES, &plan.unique_added),
        part("unique_out", indexed, &plan.unique_removed, Write::Delete("unique_values")),
        insert("joined", &tables::MEMBERSHIPS, &plan.members_added),
        part("left", tables::MEMBERSHIP_KEY, &plan.members_removed, Write::Delete("memberships")),
        part("kept", tables::KEPT, &plan.users_kept, Write::Keep),
        part("touched", tables::DEPARTURE, &plan.departures, Write::TouchGroups),
        insert("groups_in", &tables::GROUPS, &plan.groups_inserted),
        insert("users_in", &tables::USERS, &plan.users_inserted),
        part("groups_up", tables::GROUP_UPDATE, &plan.groups_updated, Write::UpdateGroups),
        part("users_up", tables::USERS.columns, &plan.users_updated, Write::UpdateUsers),
        part("groups_out", tables::GUARDED, &plan.groups_deleted, Write::DeleteGuarded("groups")),
        part("users_out", tables::GUARDED, &plan.users_deleted, Write::DeleteGuarded("users")),
    ]
}

/// The texts that were needed so far, by which parts have no row, one or more: nothing else is in them.
static TEXTS: LazyLock<RwLock<HashMap<u64, Arc<str>>>> = LazyLock::new(RwLock::default);

fn kept_text(parts: &[Part<'_>]) -> Arc<str> {
    let shape = parts.iter().fold(0, |shape, part| shape << 2 | part.rows.len().min(2) as u64);
    if let Some(text) = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&shape) {
        return Arc::clone(text);
    }
    let text: Arc<str> = text::write(parts).into();
    let mut texts = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(texts.entry(shape).or_insert(text))
}

type Bound = Result<(), sqlx::error::BoxDynError>;

/// Binds a part's rows column by column, and how many they are if they are guarded.
fn bind(arguments: &mut PgArguments, part: &Part<'_>) -> Bound {
    match part.rows {
        [row] => {
            debug_assert_eq!(row.values.len(), part.columns.len(), "{}", part.name);
            for value in &row.values {
                bind_one(arguments, value)?;
            }
        }
        rows => {
            for (position, (_, kind)) in part.columns.iter().enumerate() {
                bind_column(arguments, *kind, position, rows)?;
            }
        }
    }
    if part.write.is_guarded() { arguments.add(part.rows.len() as i64) } else { Ok(()) }
}

fn bind_one(arguments: &mut PgArguments, value: &Arg<'_>) -> Bound {
    match value {
        Arg::Uuid(id) => arguments.add(id),
        Arg::Integer(number) => arguments.add(number),
        Arg::Boolean(truth) => arguments.add(truth),
        Arg::Text(text) => arguments.add(text.as_deref()),
        // No table has a column of these.
        Arg::Real(_) | Arg::Bytes(_) | Arg::Ids(_) | Arg::JsonPath(_) => {
            Err("a value that no column has".into())
        }
    }
}

fn bind_column(arguments: &mut PgArguments, kind: Type, position: usize, rows: &[Row<'_>]) -> Bound {
    let values = rows.iter().map(|row| row.values.get(position));
    match kind {
        Type::Uuid => arguments.add(
            values.map(|value| if let Some(Arg::Uuid(id)) = value { *id } else { None }).collect::<Vec<_>>(),
        ),
        Type::Text | Type::Json => arguments.add(
            values
                .map(|value| if let Some(Arg::Text(text)) = value { text.as_deref() } else { None })
                .collect::<Vec<_>>(),
        ),
        Type::Integer => arguments.add(
            values
                .map(|value| if let Some(Arg::Integer(number)) = value { *number } else { None })
                .collect::<Vec<_>>(),
        ),
        Type::Boolean => {
            arguments.add(values.map(|value| matches!(value, Some(Arg::Boolean(true)))).collect::<Vec<_>>())
        }
    }
}

//! Writing to PostgreSQL: all rows of a commit in one [`statement`], which is one round trip and one implicit
//! transaction.
//!
//! Only what is rare takes a transaction of several statements: settings, credentials, and deletions.

mod statement;
mod text;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Postgres};
use uuid::Uuid;

use super::super::connections::Connections;
use super::super::engine::Engine;
use super::super::statement::{Arg, Statement};
use super::credentials::{self, Step};
use super::plan::{Plan, RolesSet, Row};
use super::records;
use super::settings;
use crate::model::change::ChangeSet;
use crate::storage::StorageError;

pub use statement::statement_text;

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
    let is_one_statement = plan.settings.is_empty()
        && plan.roles_set.is_empty()
        && plan.departures.is_empty()
        && plan.credentials.is_empty()
        && plan.records.is_empty();
    if is_one_statement {
        let written = write_rows(&mut connection, &plan, stripe).await;
        // A statement that the database refused ended in order too; a connection that failed did not.
        if !written.as_ref().is_err_and(StorageError::is_common) {
            connection.done();
        }
        return written;
    }
    let mut transaction = connection.begin().await?;
    write_plan(&mut transaction, &plan, stripe).await?;
    transaction.commit().await.map_err(StorageError::of_write)
}

/// Writes change sets of one tenant on a connection that is in a transaction.
pub async fn write_on(
    connection: &mut PgConnection,
    sets: &[ChangeSet],
    stripe: u64,
) -> Result<(), StorageError> {
    write_plan(connection, &Plan::new(sets), stripe).await
}

async fn write_plan(connection: &mut PgConnection, plan: &Plan<'_>, stripe: u64) -> Result<(), StorageError> {
    for (tenant, change) in &plan.settings {
        for statement in settings::statements(Engine::Postgres, *tenant, change) {
            if execute(connection, statement).await? == 0 && settings::is_guarded(change) {
                return Err(settings::unmet(change));
            }
        }
    }
    for statement in plan.roles_set.iter().flat_map(RolesSet::statements) {
        if execute(connection, statement).await? == 0 {
            return Err(StorageError::Stale);
        }
    }
    lock_departing(connection, plan).await?;
    write_rows(connection, plan, stripe).await?;
    let credentials =
        plan.credentials.iter().flat_map(|(tenant, change)| credentials::steps(*tenant, change));
    let records = plan.records.iter().flat_map(|(tenant, change)| records::steps(*tenant, change));
    for Step { statement, must_meet } in credentials.chain(records) {
        if execute(connection, statement).await? == 0 && must_meet {
            return Err(StorageError::Stale);
        }
    }
    Ok(())
}

/// The groups that the departing ones are in, then those that depart: the order in which additions of members lock.
const LOCK_DEPARTING: [&str; 3] = [
    "SELECT id FROM groups WHERE tenant_id = $1 AND id IN (\
     SELECT group_id FROM memberships WHERE tenant_id = $1 AND user_id = ANY($2) \
     UNION ALL SELECT group_id FROM memberships WHERE tenant_id = $1 AND subgroup_id = ANY($2)) ORDER BY id FOR UPDATE",
    "SELECT id FROM groups WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE",
    "SELECT id FROM users WHERE tenant_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE",
];

/// Locks what departs in statements of their own, so that the one which writes sees every membership: it reads as of
/// its beginning, and nobody joins anything as a member that is locked.
async fn lock_departing(connection: &mut PgConnection, plan: &Plan<'_>) -> Result<(), StorageError> {
    let ids: Vec<Uuid> = plan.departures.iter().filter_map(Row::id).collect();
    let Some(tenant) = plan.departures.first().map(|row| row.tenant) else { return Ok(()) };
    for text in LOCK_DEPARTING {
        execute(connection, Statement::fixed(text, [Arg::id(tenant.0), Arg::Ids(ids.clone())])).await?;
    }
    Ok(())
}

/// Gives how many rows were met.
async fn execute(connection: &mut PgConnection, statement: Statement<'_>) -> Result<u64, StorageError> {
    let arguments = statement.postgres_arguments().map_err(sqlx::Error::Encode)?;
    let done = sqlx::query_with(AssertSqlSafe(statement.text), arguments).execute(connection).await?;
    Ok(done.rows_affected())
}

async fn write_rows(connection: &mut PgConnection, plan: &Plan<'_>, stripe: u64) -> Result<(), StorageError> {
    let Some((text, arguments)) = statement::build(plan, stripe)? else { return Ok(()) };
    sqlx::query_with(AssertSqlSafe(text), arguments)
        .execute(connection)
        .await
        .map_err(StorageError::of_write)?;
    Ok(())
}

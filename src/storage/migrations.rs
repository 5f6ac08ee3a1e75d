//! The tables' history: `migrations/{sqlite,postgres}`, the same names in both, applied in order, each once.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, SqlSafeStr as _, SqlStr};

use super::{Migrate, StorageError};

struct Step {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! step {
    ($version:literal, $name:literal, $file:literal) => {
        Step {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $file)),
            postgres: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $file)),
        }
    };
}

const STEPS: &[Step] = &[
    step!(1, "directory", "0001_directory.sql"),
    step!(2, "accounts", "0002_accounts.sql"),
    step!(3, "signing_keys", "0003_signing_keys.sql"),
    step!(4, "credentials", "0004_credentials.sql"),
    step!(5, "outbox", "0005_outbox.sql"),
    step!(6, "attributes", "0006_attributes.sql"),
    step!(7, "policies", "0007_policies.sql"),
    step!(8, "one_time_tokens", "0008_one_time_tokens.sql"),
    step!(9, "invitations", "0009_invitations.sql"),
    step!(10, "connections", "0010_connections.sql"),
    step!(11, "audit_seals", "0011_audit_seals.sql"),
    step!(12, "stats", "0012_stats.sql"),
    step!(13, "deleted_users", "0013_deleted_users.sql"),
    step!(14, "idempotency_keys", "0014_idempotency_keys.sql"),
    step!(15, "avatars", "0015_avatars.sql"),
    step!(16, "connection_rules", "0016_connection_rules.sql"),
    step!(17, "sign_in", "0017_sign_in.sql"),
    step!(18, "clients", "0018_clients.sql"),
    step!(19, "mfa", "0019_mfa.sql"),
    step!(20, "planner", "0020_planner.sql"),
    step!(21, "sign_in_names", "0021_sign_in_names.sql"),
    step!(22, "shown_links", "0022_shown_links.sql"),
];

fn migrator(text: impl Fn(&Step) -> &'static str) -> Migrator {
    let steps = STEPS.iter().map(|step| {
        let sql: SqlStr = text(step).into_sql_str();
        Migration::new(step.version, Cow::Borrowed(step.name), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(steps.collect())
}

/// Brings a PostgreSQL database up to date; servers that start together wait for each other.
pub(super) async fn postgres(pool: &PgPool, migrate: Migrate) -> Result<(), StorageError> {
    let migrator = migrator(|step| step.postgres);
    let mut connection = pool.acquire().await?;
    match migrate {
        Migrate::Refuse => refuse_if_behind(&mut *connection).await,
        Migrate::Apply => migrator.run(&mut *connection).await.map_err(failure),
    }
}

/// Opens a SQLite database for writing, makes it if it is not there, and brings it up to date.
pub(super) async fn sqlite(
    options: &SqliteConnectOptions,
    migrate: Migrate,
) -> Result<SqliteConnection, StorageError> {
    let mut connection = options.connect().await?;
    match migrate {
        Migrate::Refuse => refuse_if_behind(&mut connection).await?,
        Migrate::Apply => migrator(|step| step.sqlite).run(&mut connection).await.map_err(failure)?,
    }
    Ok(connection)
}

async fn refuse_if_behind(connection: &mut impl sqlx::migrate::Migrate) -> Result<(), StorageError> {
    // A database that was never migrated has no such table, which is an error here.
    let applied =
        connection.list_applied_migrations("_sqlx_migrations").await.map_or(0, |applied| applied.len());
    if applied < STEPS.len() {
        return Err(StorageError::Behind { applied, needed: STEPS.len() });
    }
    Ok(())
}

fn failure(error: sqlx::migrate::MigrateError) -> StorageError {
    match error {
        sqlx::migrate::MigrateError::Execute(error) => StorageError::from(error),
        other => StorageError::Internal(other.to_string()),
    }
}

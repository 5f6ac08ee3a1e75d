//! The seam between the two databases: two variants and the few calls that everything else is made of.

use std::str::FromStr;
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryFutureExt, TryStreamExt, stream};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::query::QueryAs;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, FromRow, Postgres, Sqlite};
use tokio::sync::OwnedSemaphorePermit;

use super::alone::Held;
use super::connections::{Connections, TRUSTED_REST};
use super::engine::Engine;
use super::error::StorageError;
use super::lookups::Lookups;
use super::statement::{Recurs, Statement};

/// How long a statement may run on PostgreSQL; a request lives no longer than that either.
const STATEMENT_TIMEOUT: &str = "30s";
/// How long to wait for a free connection before saying that the database is not available.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Sizes that an operator may set.
#[derive(Clone, Copy, Debug)]
pub struct PoolSizes {
    /// Connections to PostgreSQL at the most.
    pub postgres: u32,
    /// SQLite connections that read; one more writes.
    pub sqlite_readers: u32,
}

impl Default for PoolSizes {
    fn default() -> Self {
        Self { postgres: 32, sqlite_readers: 8 }
    }
}

/// The database behind everything.
#[derive(Clone, Debug)]
pub(super) enum Database {
    Sqlite {
        /// For what takes its own time.
        connections: Connections<Sqlite>,
        lookups: Lookups,
    },
    Postgres(Connections<Postgres>),
    /// PostgreSQL through a transaction that holds a row.
    Held(Held),
}

/// What a row must be to be read from both databases.
pub(super) trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Record for T {}

impl Database {
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) | Self::Held(_) => Engine::Postgres,
        }
    }

    /// All rows of a query.
    pub async fn fetch_all<T: Record>(&self, statement: Statement<'_>) -> Result<Vec<T>, StorageError> {
        // A lease that is not done, because the statement failed, is seen to by the pool.
        match self {
            Self::Sqlite { lookups, .. } if statement.recurs == Recurs::AsLookup => {
                let rows = lookups.rows(statement).await?;
                Ok(rows.iter().map(T::from_row).collect::<sqlx::Result<_>>()?)
            }
            Self::Sqlite { connections, .. } => {
                let query = sqlite_query(&statement)?;
                let mut connection = connections.take().await?;
                let rows = query.fetch_all(&mut *connection).await?;
                connection.done();
                Ok(rows)
            }
            Self::Postgres(connections) => {
                let query = postgres_query(&statement)?;
                let mut connection = connections.take().await?;
                let rows = query.fetch_all(&mut *connection).await?;
                connection.done();
                Ok(rows)
            }
            Self::Held(held) => held.rows(postgres_query(&statement)?).await,
        }
    }

    /// The only row of a query, if there is one.
    pub async fn fetch_optional<T: Record>(
        &self,
        statement: Statement<'_>,
    ) -> Result<Option<T>, StorageError> {
        // To its end, so that the connection can be used again at once: SQLite keeps a statement open until then.
        Ok(self.fetch_all(statement).await?.into_iter().next())
    }

    /// The rows of a query as they come, all of one moment. A connection is held until the stream ends.
    pub fn fetch<'s, T: Record + 's>(
        &'s self,
        statement: Statement<'_>,
    ) -> Result<BoxStream<'s, Result<T, StorageError>>, StorageError> {
        Ok(match self {
            Self::Sqlite { connections, .. } => {
                let query = sqlite_query(&statement)?;
                let rows = async move {
                    let (pool, permit) = connections.pool().await?;
                    Ok(query.fetch(pool).inspect(move |_| drop_last(&permit)))
                };
                rows.try_flatten_stream().map_err(StorageError::from).boxed()
            }
            Self::Postgres(connections) => {
                let query = postgres_query(&statement)?;
                let rows = async move {
                    let (pool, permit) = connections.pool().await?;
                    Ok(query.fetch(pool).inspect(move |_| drop_last(&permit)))
                };
                rows.try_flatten_stream().map_err(StorageError::from).boxed()
            }
            Self::Held(held) => {
                let rows = held.rows(postgres_query(&statement)?);
                stream::once(rows).map_ok(|rows| stream::iter(rows.into_iter().map(Ok))).try_flatten().boxed()
            }
        })
    }
}

/// Nothing, but the stream that calls it owns what it is called with.
fn drop_last(_permit: &OwnedSemaphorePermit) {}

type SqliteQuery<T> = QueryAs<'static, Sqlite, T, SqliteArguments>;
pub(super) type PostgresQuery<T> = QueryAs<'static, Postgres, T, PgArguments>;

fn sqlite_query<T: Record>(statement: &Statement<'_>) -> Result<SqliteQuery<T>, StorageError> {
    let arguments = statement.sqlite_arguments().map_err(sqlx::Error::Encode)?;
    let text = AssertSqlSafe(statement.text.clone());
    Ok(sqlx::query_as_with(text, arguments).persistent(statement.is_kept()))
}

fn postgres_query<T: Record>(statement: &Statement<'_>) -> Result<PostgresQuery<T>, StorageError> {
    let arguments = statement.postgres_arguments().map_err(sqlx::Error::Encode)?;
    let text = AssertSqlSafe(statement.text.clone());
    Ok(sqlx::query_as_with(text, arguments).persistent(statement.is_kept()))
}

/// The pool of PostgreSQL connections; nothing is connected before it is needed.
///
/// # Errors
/// A URL that sqlx cannot read.
pub(super) fn postgres_pool(url: &str, sizes: PoolSizes) -> Result<PgPool, StorageError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("provost")
        .options([
            ("statement_timeout", STATEMENT_TIMEOUT),
            ("lock_timeout", "10s"),
            // Compiling a plan takes longer than running any statement of ours.
            ("jit", "off"),
        ])
        .disable_statement_logging();
    Ok(PgPoolOptions::new()
        .max_connections(sizes.postgres)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for < TRUSTED_REST {
                    return Ok(true);
                }
                Ok(sqlx::Connection::ping(connection).await.is_ok())
            })
        })
        .connect_lazy_with(options))
}

/// What every SQLite connection of ours is opened with.
///
/// # Errors
/// A URL that sqlx cannot read.
pub(super) fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, StorageError> {
    Ok(SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // A page that many commits change is copied back once: 16 MiB of log instead of 4.
        .pragma("wal_autocheckpoint", "4000")
        .pragma("temp_store", "MEMORY")
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY_TIMEOUT)
        .disable_statement_logging())
}

/// What the one connection that writes has beyond that.
///
/// A user is written to some ten places in indexes whose order is as good as random. With 32 MiB of cache most of them
/// are in memory, and with a write-ahead log of 32 MiB (SQLite's own choice is 4) one page is copied into the database
/// once for many changes.
pub(super) fn sqlite_writer(options: &SqliteConnectOptions) -> SqliteConnectOptions {
    options.clone().pragma("cache_size", "-32768").pragma("wal_autocheckpoint", "8192")
}

/// What the connection for look-ups has beyond that: 8 MiB of cache, in which the upper pages of every index stay.
pub(super) fn sqlite_lookups(options: &SqliteConnectOptions) -> SqliteConnectOptions {
    options.clone().pragma("query_only", "ON").pragma("cache_size", "-8192")
}

/// The pool of SQLite connections that read.
pub(super) fn sqlite_readers(options: SqliteConnectOptions, sizes: PoolSizes) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(sizes.sqlite_readers)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.pragma("query_only", "ON"))
}

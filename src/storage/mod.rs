//! The only room that knows SQL. Reads answer from the tables; [`Storage::commit`] is the only way to write.

mod adoptions;
mod alone;
mod api_keys;
mod attributes;
mod audit;
mod avatars;
mod clients;
mod commit;
mod connections;
mod credentials;
mod database;
mod deleted_users;
mod engine;
mod error;
mod groups;
mod idempotency_keys;
mod invitations;
mod joint;
mod list;
mod lock;
mod lookups;
mod mfa;
mod migrations;
mod order;
mod organizations;
mod outbox;
mod policies;
mod predicate;
mod removal;
mod roles;
mod rows;
mod sign_in;
mod signing_keys;
mod statement;
mod statistics;
mod subscriptions;
mod tally;
mod tenants;
mod users;

use std::sync::Arc;

use tokio::sync::Notify;

use alone::Held;
pub use alone::Resource;
pub use commit::statement_text;
use connections::Connections;
use database::Database;
pub use database::PoolSizes;
pub use error::{StorageError, Taken};
pub use invitations::InvitationQuery;
pub use joint::ResourceId;
pub use users::SELECT_USER;

/// The database, and what is kept in memory to use it well. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage {
    database: Database,
    writer: commit::Writer,
    locks: Arc<lock::Locks>,
    gate: alone::Gate,
    outbox_written: Arc<Notify>,
    audited: commit::Audited,
    subscriptions: subscriptions::Subscriptions,
    tally: Arc<tally::Tally>,
}

/// What to do about migrations that the database lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Apply them.
    Apply,
    /// Refuse to start.
    Refuse,
}

impl Storage {
    /// Opens the database at `url` (`sqlite:FILE` or `postgres://…`) and brings it up to date.
    ///
    /// # Errors
    /// A URL of another kind, a database that cannot be reached, or missing migrations with [`Migrate::Refuse`].
    pub async fn open(url: &str, sizes: PoolSizes, migrate: Migrate) -> Result<Self, StorageError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = database::postgres_pool(url, sizes)?;
            migrations::postgres(&pool, migrate).await?;
            let connections = Connections::new(pool);
            return Ok(Self {
                database: Database::Postgres(connections.clone()),
                writer: commit::Writer::postgres(connections),
                locks: Arc::default(),
                gate: alone::Gate::new(sizes.postgres),
                outbox_written: Arc::default(),
                audited: commit::Audited::default(),
                subscriptions: subscriptions::Subscriptions::default(),
                tally: Arc::default(),
            });
        }
        if url.starts_with("sqlite:") {
            let options = database::sqlite_options(url)?;
            let connection = migrations::sqlite(&database::sqlite_writer(&options), migrate).await?;
            let lookups = lookups::start(database::sqlite_lookups(&options)).await?;
            return Ok(Self {
                database: Database::Sqlite {
                    connections: Connections::new(database::sqlite_readers(options, sizes)),
                    lookups,
                },
                writer: commit::Writer::sqlite(connection),
                locks: Arc::default(),
                gate: alone::Gate::new(sizes.postgres),
                outbox_written: Arc::default(),
                audited: commit::Audited::default(),
                subscriptions: subscriptions::Subscriptions::default(),
                tally: Arc::default(),
            });
        }
        Err(StorageError::Internal(
            "the database URL has to begin with 'sqlite:' or 'postgres://'".to_owned(),
        ))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// That it does not, and why.
    pub async fn ping(&self) -> Result<(), StorageError> {
        let statement = statement::Statement::lookup("SELECT count(*) FROM tenants", []);
        self.database.fetch_optional::<(i64,)>(statement).await.map(|_| ())
    }

    /// Finishes what is being written and closes every connection.
    pub async fn close(&self) {
        if let Err(error) = self.write_counts().await {
            tracing::warn!(%error, "what was counted could not be written down");
        }
        self.writer.close().await;
        match &self.database {
            Database::Sqlite { connections, lookups } => {
                lookups.close().await;
                connections.close().await;
            }
            Database::Postgres(connections) | Database::Held(Held { connections, .. }) => {
                connections.close().await;
            }
        }
    }
}

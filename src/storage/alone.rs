//! A resource that nobody else changes for a while: for those who lost their races.
//!
//! On PostgreSQL the row is locked (`SELECT … FOR UPDATE`) in a transaction through which everything then goes, the
//! reading too: it never waits for a second connection that others, who wait for the row, may hold. On SQLite, whose
//! one writer is in this process, all other commits wait.

use std::sync::Arc;

use sqlx::postgres::{PgConnection, PgTransaction, Postgres};
use sqlx::{AssertSqlSafe, Connection as _};
use tokio::sync::{Mutex, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock, Semaphore, SemaphorePermit};

use super::commit::Writer;
use super::connections::Connections;
use super::database::{Database, PostgresQuery, Record};
use super::predicate::Kind;
use super::{Storage, StorageError};
use crate::model::{GroupId, TenantId, UserId};

/// Which resource is to be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    User(UserId),
    Group(GroupId),
}

/// What decides who may be alone with a resource.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    /// SQLite: commits pass together; who wants to be alone shuts the gate.
    pub commits: Arc<RwLock<()>>,
    /// PostgreSQL: how many connections may wait for rows in this way.
    waiting: Arc<Semaphore>,
    /// PostgreSQL: how many commits may be under way at once.
    writing: Arc<Semaphore>,
}

impl Gate {
    /// A quarter of the pool is for those who hold a row, at least one connection is for reading alone, and the rest is for
    /// commits too. Commits wait for rows that somebody holds, who may have to look something up over the pool before
    /// they let go: were all other connections waiting for rows, each would wait for the other.
    pub fn new(connections: u32) -> Self {
        let waiting = (connections / 4).max(1);
        let reading = (connections / 8).max(1);
        let writing = connections.saturating_sub(waiting + reading).max(1);
        let places = |number: u32| Arc::new(Semaphore::new(number as usize));
        Self { commits: Arc::default(), waiting: places(waiting), writing: places(writing) }
    }

    /// Leave to commit on PostgreSQL, for as long as it is kept.
    ///
    /// # Errors
    /// None: the semaphore is never closed.
    pub async fn write(&self) -> Result<SemaphorePermit<'_>, StorageError> {
        self.writing.acquire().await.map_err(|_| StorageError::Raced)
    }
}

/// A transaction that holds a row. Once it was committed there is none, and reads go to the pool again.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub connections: Connections<Postgres>,
    transaction: Arc<Mutex<Option<HeldTransaction>>>,
}

#[derive(Debug)]
struct HeldTransaction {
    transaction: PgTransaction<'static>,
    /// Leave to wait for a row, and leave to use one of the pool's connections.
    _permits: [OwnedSemaphorePermit; 2],
}

/// Everybody else's commits on SQLite wait until this was dropped.
pub(super) type ShutGate = Arc<Mutex<Option<OwnedRwLockWriteGuard<()>>>>;

impl Storage {
    /// The same storage while nobody else changes the resource, until one commit through it succeeded or it was
    /// dropped. Everything that is read through it stands until then.
    ///
    /// # Errors
    /// The database's; [`StorageError::Raced`] when the resource was not to be had in time.
    pub async fn alone_with(&self, tenant: TenantId, resource: Resource) -> Result<Self, StorageError> {
        let mut alone = self.clone();
        match (&self.database, &self.writer) {
            (Database::Postgres(connections), Writer::Postgres { stripe, .. }) => {
                let held = Held::begin(connections, &self.gate, tenant, resource).await?;
                alone.database = Database::Held(held.clone());
                alone.writer = Writer::Held { held, stripe: Arc::clone(stripe) };
            }
            (Database::Sqlite { .. }, Writer::Sqlite(handle)) => {
                let shut = Arc::clone(&self.gate.commits).write_owned().await;
                alone.writer =
                    Writer::SqliteAlone { handle: handle.clone(), shut: Arc::new(Mutex::new(Some(shut))) };
            }
            // Alone already.
            _ => {}
        }
        Ok(alone)
    }
}

impl Held {
    async fn begin(
        connections: &Connections<Postgres>,
        gate: &Gate,
        tenant: TenantId,
        resource: Resource,
    ) -> Result<Self, StorageError> {
        let (kind, id) = match resource {
            Resource::User(id) => (Kind::Users, id.0),
            Resource::Group(id) => (Kind::Groups, id.0),
        };
        // The semaphore is never closed.
        let permit = Arc::clone(&gate.waiting).acquire_owned().await.map_err(|_| StorageError::Raced)?;
        let (pool, place) = connections.pool().await?;
        let mut transaction = pool.begin().await?;
        let text = format!("SELECT id FROM {} WHERE tenant_id = $1 AND id = $2 FOR UPDATE", kind.table());
        let query = sqlx::query(AssertSqlSafe(text)).bind(tenant.0).bind(id);
        query.execute(&mut *transaction).await?;
        let held = HeldTransaction { transaction, _permits: [permit, place] };
        Ok(Self { connections: connections.clone(), transaction: Arc::new(Mutex::new(Some(held))) })
    }

    /// All rows of a query, as the holder of the row sees them.
    pub async fn rows<T: Record>(&self, query: PostgresQuery<T>) -> Result<Vec<T>, StorageError> {
        if let Some(held) = self.transaction.lock().await.as_mut() {
            return Ok(query.fetch_all(&mut *held.transaction).await?);
        }
        let mut connection = self.connections.take().await?;
        let rows = query.fetch_all(&mut *connection).await?;
        connection.done();
        Ok(rows)
    }

    /// Runs `write` in the transaction and commits it. What fails is undone alone, and the row stays held.
    pub async fn commit<F>(&self, write: F) -> Result<(), StorageError>
    where
        F: AsyncFnOnce(&mut PgConnection) -> Result<(), StorageError>,
    {
        let mut place = self.transaction.lock().await;
        let Some(held) = place.as_mut() else { return Err(StorageError::Raced) };
        let mut savepoint = held.transaction.begin().await?;
        if let Err(error) = write(&mut savepoint).await {
            savepoint.rollback().await?;
            return Err(error);
        }
        savepoint.commit().await?;
        match place.take() {
            Some(held) => held.transaction.commit().await.map_err(StorageError::of_write),
            None => Err(StorageError::Raced),
        }
    }
}

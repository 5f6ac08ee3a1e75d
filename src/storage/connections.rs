//! Connections that are kept ready between statements.
//!
//! sqlx's pool asks the database for a sign of life each time a connection comes back, which is a second round trip for
//! every statement. A connection whose statement ended in order needs none: it rests here instead, checked out of the
//! pool, until it is taken again. Everything else (new connections, broken and abandoned ones, lifetimes) stays with
//! the pool.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A connection that rested longer than this goes back to the pool, which tries it before it is used again.
pub const TRUSTED_REST: Duration = Duration::from_secs(2);
/// After so many uses a connection goes back as well, so that the pool can see to its lifetime.
const USES: u32 = 10_000;

/// A pool, and those of its connections that rest. Cheap to clone.
#[derive(Debug)]
pub struct Connections<DB: Database> {
    pool: Pool<DB>,
    resting: Arc<Mutex<Vec<Resting<DB>>>>,
    /// As many as the pool has connections: who waits, waits here, because the pool does not see those that rest.
    permits: Arc<Semaphore>,
    patience: Duration,
}

impl<DB: Database> Clone for Connections<DB> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            resting: Arc::clone(&self.resting),
            permits: Arc::clone(&self.permits),
            patience: self.patience,
        }
    }
}

#[derive(Debug)]
struct Resting<DB: Database> {
    connection: PoolConnection<DB>,
    uses: u32,
    since: Instant,
}

/// A connection in use. Dropped before [`Lease::done`], it goes back to the pool, which puts it in order or closes it.
pub struct Lease<DB: Database> {
    connection: PoolConnection<DB>,
    uses: u32,
    resting: Arc<Mutex<Vec<Resting<DB>>>>,
    _permit: OwnedSemaphorePermit,
}

impl<DB: Database> Connections<DB> {
    /// Keeps the connections of this pool.
    pub fn new(pool: Pool<DB>) -> Self {
        let options = pool.options();
        let permits = Arc::new(Semaphore::new(options.get_max_connections() as usize));
        let patience = options.get_acquire_timeout();
        Self { pool, resting: Arc::default(), permits, patience }
    }

    /// A connection that rests, or another one.
    ///
    /// # Errors
    /// None came free in time, or the database cannot be reached.
    pub async fn take(&self) -> sqlx::Result<Lease<DB>> {
        let permit = self.permit().await?;
        let resting = Arc::clone(&self.resting);
        while let Some(Resting { connection, uses, since }) = self.pop() {
            if since.elapsed() < TRUSTED_REST && uses < USES {
                return Ok(Lease { connection, uses: uses + 1, resting, _permit: permit });
            }
        }
        Ok(Lease { connection: self.pool.acquire().await?, uses: 1, resting, _permit: permit })
    }

    /// The pool itself, with leave to take one connection out of it for as long as the permit is held.
    ///
    /// # Errors
    /// None came free in time.
    pub async fn pool(&self) -> sqlx::Result<(&Pool<DB>, OwnedSemaphorePermit)> {
        let permit = self.permit().await?;
        // One that rests makes room: the permit says that not all others are in use.
        drop(self.pop());
        Ok((&self.pool, permit))
    }

    /// Closes every connection, once it is no longer used.
    pub async fn close(&self) {
        self.permits.close();
        while let Some(resting) = self.pop() {
            drop(resting);
        }
        self.pool.close().await;
    }

    async fn permit(&self) -> sqlx::Result<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        match tokio::time::timeout(self.patience, permit).await {
            Ok(permit) => permit.map_err(|_closed| sqlx::Error::PoolClosed),
            Err(_elapsed) => Err(sqlx::Error::PoolTimedOut),
        }
    }

    fn pop(&self) -> Option<Resting<DB>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

impl<DB: Database> Lease<DB> {
    /// Gives the connection back after a statement that ended in order: it was run to its end, or the database
    /// refused it.
    pub fn done(self) {
        let Self { connection, uses, resting, _permit: permit } = self;
        let mut resting = resting.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at under the lock, so that a pool that closes misses none.
        if !permit.semaphore().is_closed() {
            resting.push(Resting { connection, uses, since: Instant::now() });
        }
    }
}

impl<DB: Database> Deref for Lease<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl<DB: Database> DerefMut for Lease<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}

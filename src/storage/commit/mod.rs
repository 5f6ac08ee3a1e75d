//! The only way to write: change sets go in, all of one or nothing of it comes about.

mod adoptions;
mod attributes;
mod clients;
mod credentials;
mod deliveries;
mod invitations;
mod mfa;
mod plan;
mod postgres;
mod records;
mod settings;
mod sign_in;
mod sqlite;
mod tables;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::Postgres;
use sqlx::sqlite::SqliteConnection;

use super::alone::{Held, ShutGate};
use super::connections::Connections;
use super::subscriptions::changes_webhooks;
use super::tally::Counted;
use super::{Storage, StorageError};
use crate::model::TenantId;
use crate::model::change::ChangeSet;

pub use postgres::statement_text;

/// What writes on either database.
#[derive(Clone, Debug)]
pub(super) enum Writer {
    /// One task that owns the one connection which writes.
    Sqlite(sqlite::Handle),
    Postgres {
        connections: Connections<Postgres>,
        stripe: Arc<AtomicU64>,
    },
    /// For one who is alone with a resource.
    Held {
        held: Held,
        stripe: Arc<AtomicU64>,
    },
    /// For the one whom all others wait for.
    SqliteAlone {
        handle: sqlite::Handle,
        shut: ShutGate,
    },
}

impl Writer {
    pub fn postgres(connections: Connections<Postgres>) -> Self {
        Self::Postgres { connections, stripe: Arc::default() }
    }

    pub fn sqlite(connection: SqliteConnection) -> Self {
        Self::Sqlite(sqlite::start(connection))
    }

    pub async fn close(&self) {
        if let Self::Sqlite(handle) | Self::SqliteAlone { handle, .. } = self {
            handle.close().await;
        }
    }
}

/// The tenants in whose audit log this process wrote something since it was asked last.
#[derive(Clone, Debug, Default)]
pub(super) struct Audited(Arc<Mutex<HashSet<TenantId>>>);

impl Audited {
    fn note(&self, tenant: TenantId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
    }
}

impl Storage {
    /// The tenants in whose audit log this process wrote something since the last call.
    pub fn take_audited(&self) -> HashSet<TenantId> {
        std::mem::take(&mut *self.audited.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes one change set durably, or nothing of it.
    ///
    /// # Errors
    /// [`StorageError::Stale`] or [`StorageError::Raced`]: decide again on fresh data. [`StorageError::Taken`]: what
    /// must be unique is not. Anything else is the database's failure.
    pub async fn commit(&self, changes: ChangeSet) -> Result<(), StorageError> {
        let mut results = self.commit_all(vec![changes]).await;
        results.pop().unwrap_or(Ok(()))
    }

    /// Writes change sets of one tenant together, as few statements as that takes; one that fails is found by halving
    /// and fails alone. Results come in the order of the change sets.
    /// What webhooks are to be told of it is written with it.
    pub async fn commit_all(&self, mut changes: Vec<ChangeSet>) -> Vec<Result<(), StorageError>> {
        if let Err(error) = self.add_deliveries(&mut changes).await {
            return vec![Err(error); changes.len()];
        }
        let webhooks = changes.iter().find(|set| changes_webhooks(set)).map(|set| set.tenant_id);
        let leaving: Vec<bool> = changes.iter().map(|set| !set.outbox.is_empty()).collect();
        let counted: Vec<Counted> = changes.iter().map(Counted::of).collect();
        let audited = changes.iter().find(|set| !set.audit.is_empty()).map(|set| set.tenant_id);
        let results = self.write_all(changes).await;
        if let Some(tenant) = webhooks {
            self.forget_subscriptions(tenant).await;
        }
        for (counted, _) in counted.iter().zip(&results).filter(|(_, result)| result.is_ok()) {
            self.tally.add(counted);
        }
        if let Some(tenant) = audited {
            self.audited.note(tenant);
        }
        if leaving.iter().zip(&results).any(|(leaving, result)| *leaving && result.is_ok()) {
            self.outbox_written.notify_one();
        }
        results
    }

    async fn write_all(&self, changes: Vec<ChangeSet>) -> Vec<Result<(), StorageError>> {
        match &self.writer {
            Writer::Sqlite(handle) => {
                let _open = self.gate.commits.read().await;
                handle.write(changes).await
            }
            Writer::SqliteAlone { handle, shut } => {
                let results = handle.write(changes).await;
                if results.iter().all(Result::is_ok) {
                    shut.lock().await.take();
                }
                results
            }
            Writer::Held { held, stripe } => {
                let stripe = stripe.fetch_add(1, Ordering::Relaxed);
                let written = held.commit(async |row| postgres::write_on(row, &changes, stripe).await).await;
                vec![written; changes.len()]
            }
            Writer::Postgres { connections, stripe } => {
                // Round robin keeps concurrent writers of one process on different rows.
                let stripe = stripe.fetch_add(1, Ordering::Relaxed);
                match self.gate.write().await {
                    Ok(_leave) => postgres::write(connections, &changes, stripe).await,
                    Err(error) => vec![Err(error); changes.len()],
                }
            }
        }
    }
}

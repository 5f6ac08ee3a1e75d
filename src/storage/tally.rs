//! What is counted per hour: gathered in memory, so that no request waits for it, and added to the database once in a
//! while. A process that is killed loses what it counted since; everything else that is told of a change is in the
//! change's own transaction.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Storage, StorageError};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::statistics::{Counter, Hour, HourlyCount};
use crate::model::{ConnectionId, TenantId, Timestamp};

type Key = (Hour, Counter, ConnectionId);

/// What was counted and is not in the database yet.
#[derive(Debug, Default)]
pub struct Tally(Mutex<HashMap<TenantId, HashMap<Key, i64>>>);

/// What a change set counts as, once it is written.
pub struct Counted {
    tenant: TenantId,
    keys: Vec<Key>,
}

impl Counted {
    /// What the events of a change set count as.
    pub fn of(set: &ChangeSet) -> Self {
        let key = |event: &crate::model::AuditEvent| {
            Counter::of_event(event.kind).map(|counter| (Hour::of(event.at), counter, ConnectionId::NONE))
        };
        Self { tenant: set.tenant_id, keys: set.audit.iter().filter_map(key).collect() }
    }
}

impl Tally {
    /// Counts what a change set was about.
    pub fn add(&self, counted: &Counted) {
        if !counted.keys.is_empty() {
            self.put(counted.tenant, counted.keys.iter().map(|key| (*key, 1)));
        }
    }

    fn put(&self, tenant: TenantId, counts: impl IntoIterator<Item = (Key, i64)>) {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = tally.entry(tenant).or_default();
        for (key, value) in counts {
            *of_tenant.entry(key).or_default() += value;
        }
    }

    fn take(&self) -> HashMap<TenantId, HashMap<Key, i64>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Storage {
    /// Counts one more. What audit events tell is counted when they are committed.
    pub fn tally(&self, tenant: TenantId, at: Timestamp, counter: Counter, connection: ConnectionId) {
        self.tally.put(tenant, [((Hour::of(at), counter, connection), 1)]);
    }

    /// Adds to the database what was counted since the last time.
    ///
    /// # Errors
    /// The database's. What was surely not written is kept for the next time.
    pub async fn write_counts(&self) -> Result<(), StorageError> {
        let mut outcome = Ok(());
        for (tenant, counts) in self.tally.take() {
            let row = |(&(hour, counter, connection_id), &value): (&Key, &i64)| HourlyCount {
                hour,
                counter,
                connection_id,
                value,
            };
            // In one order everywhere: servers that write at the same moment would wait for each other otherwise.
            let mut rows: Vec<HourlyCount> = counts.iter().map(row).collect();
            rows.sort_unstable_by_key(|row| (row.hour, row.counter, row.connection_id));
            let mut changes = ChangeSet::new(tenant);
            changes.settings.push(SettingsChange::AddCounts(rows));
            if let Err(error) = self.commit(changes).await {
                if !matches!(error, StorageError::InDoubt(_)) {
                    self.tally.put(tenant, counts);
                }
                outcome = Err(error);
            }
        }
        outcome
    }
}

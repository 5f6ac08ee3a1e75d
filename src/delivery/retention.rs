//! How long it is kept what became of deliveries.

use std::time::Duration;

use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::clock::{Clock, Timestamp};
use crate::model::outbox::DeliveryChange;
use crate::storage::{Storage, StorageError};

const EVERY: Duration = Duration::from_secs(3600);
const DAY: i64 = 24 * 3_600_000;
/// Until then a delivered event can be sent again.
const DELIVERED: i64 = 7 * DAY;
const DEAD: i64 = 30 * DAY;
const ATTEMPTS: i64 = 30 * DAY;

/// Removes what is old, now and then; never returns.
pub async fn keep(storage: Storage, clock: Clock) {
    let mut interval = tokio::time::interval(EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = purge(&storage, clock.now()).await {
            tracing::warn!(%error, "old deliveries could not be removed");
        }
    }
}

/// Removes what is old at `now`, a tenant at a time.
///
/// # Errors
/// The database's.
pub async fn purge(storage: &Storage, now: Timestamp) -> Result<(), StorageError> {
    let before = |age: i64| Timestamp(now.0 - age);
    for tenant in storage.list_tenants().await? {
        let mut changes = ChangeSet::new(tenant.id);
        for change in [
            DeliveryChange::Purge { delivered_before: before(DELIVERED), dead_before: before(DEAD) },
            DeliveryChange::PurgeAttempts { before: before(ATTEMPTS) },
        ] {
            changes.settings.push(SettingsChange::Delivery(change));
        }
        storage.commit(changes).await?;
    }
    Ok(())
}

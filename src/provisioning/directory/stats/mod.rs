//! A tenant's numbers of the past week, or those of all tenants together, and what stands out.

pub mod analysis;

use std::collections::HashMap;
use std::time::Duration;

use analysis::{Outlier, is_silent, outliers};

use super::{Directory, DirectoryError, Request};
use crate::access::Thing;
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::statistics::{ConnectionTraffic, Counter, Hour, UsersByStatus};
use crate::model::{Clock, Permission, TenantId, Timestamp};
use crate::storage::{Storage, StorageError};

/// How long counts are kept, in hours. Two weeks of them are looked at.
const KEPT: i64 = 5 * Hour::WEEK;
/// How often what was counted is written down.
const WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// The numbers of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    pub at: Timestamp,
    /// Whose they are; those of all tenants together where nobody is named.
    pub tenant_id: Option<TenantId>,
    pub users: UsersByStatus,
    /// The hours of the past week, the oldest first; the last one is not over yet.
    pub hours: Vec<HourOfWeek>,
    pub outliers: Vec<Outlier>,
    pub silent: Vec<SilentConnection>,
}

/// What was counted in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourOfWeek {
    pub hour: Hour,
    pub creations: i64,
    pub logins: i64,
    pub failures: i64,
    pub provisioning: i64,
}

/// A connection that has gone silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentConnection {
    pub traffic: ConnectionTraffic,
    pub name: String,
}

impl Directory {
    /// The numbers of the caller's tenant; of all tenants for a credential of the instance that names none.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn statistics(&self, request: &Request) -> Result<Statistics, DirectoryError> {
        // Policies are a tenant's: where none is named, the permission alone counts.
        match request.caller.tenant {
            Some(_) => self.authorize(request, Permission::StatsRead, Thing::Tenant).await?,
            None => Self::require(request, Permission::StatsRead)?,
        }
        let tenant_id = request.caller.tenant.as_ref().map(|view| view.tenant.id);
        let at = self.now();
        let now = Hour::of(at);
        let storage = &self.provisioning.storage;
        let users = storage.users_by_status(tenant_id).await?;
        // The oldest hour of the week is held against the week before it.
        let counts = storage.hourly_counts(tenant_id, now.before(2 * Hour::WEEK)).await?;
        let counts: HashMap<(Counter, Hour), i64> =
            counts.into_iter().map(|count| ((count.counter, count.hour), count.value)).collect();
        let count = |counter, hour| counts.get(&(counter, hour)).copied().unwrap_or_default();
        let hours = (0..Hour::WEEK).rev().map(|back| now.before(back)).map(|hour| HourOfWeek {
            hour,
            creations: count(Counter::Creations, hour),
            logins: count(Counter::Logins, hour),
            failures: count(Counter::Failures, hour),
            provisioning: count(Counter::Provisioning, hour),
        });
        Ok(Statistics {
            at,
            tenant_id,
            users,
            hours: hours.collect(),
            outliers: outliers(now, count),
            silent: self.silent_connections(tenant_id, now).await?,
        })
    }

    async fn silent_connections(
        &self,
        tenant: Option<TenantId>,
        now: Hour,
    ) -> Result<Vec<SilentConnection>, DirectoryError> {
        let storage = &self.provisioning.storage;
        let mut silent = Vec::new();
        for traffic in storage.quiet_connections(tenant, now).await? {
            if !is_silent(&traffic, now) {
                continue;
            }
            let connections = storage.list_connections(traffic.tenant_id).await?;
            // One that was removed is not silent, it is gone.
            if let Some(connection) = connections.into_iter().find(|one| one.id == traffic.connection_id) {
                silent.push(SilentConnection { traffic, name: connection.name });
            }
        }
        Ok(silent)
    }
}

/// Writes down once in a while what was counted, and removes what is old; never returns.
pub async fn keep(storage: Storage, clock: Clock) {
    let mut interval = tokio::time::interval(WRITTEN_EVERY);
    let mut purged = None;
    loop {
        interval.tick().await;
        if let Err(error) = storage.write_counts().await {
            tracing::warn!(%error, "what was counted could not be written down");
        }
        let now = Hour::of(clock.now());
        if purged.is_none_or(|purged: Hour| purged < now.before(Hour::DAY)) {
            purged = Some(now);
            if let Err(error) = purge(&storage, now).await {
                tracing::warn!(%error, "old counts could not be removed");
            }
        }
    }
}

/// Removes what is old in this hour, a tenant at a time.
///
/// # Errors
/// The database's.
pub async fn purge(storage: &Storage, now: Hour) -> Result<(), StorageError> {
    for tenant in storage.list_tenants().await? {
        let mut changes = ChangeSet::new(tenant.id);
        changes.settings.push(SettingsChange::PurgeCounts { before: now.before(KEPT) });
        storage.commit(changes).await?;
    }
    Ok(())
}

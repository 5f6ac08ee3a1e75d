//! Removing the tenants that are being deleted, whoever asked for it and wherever: the state is in the database, so that
//! what a server that died left undone is taken up by any other.
//!
//! Rows go a bounded number at a time, each batch in a transaction of its own, so that others have their turns in between.
//! The tenant's own row goes last, and not before [`GRACE`] is over: what a request was writing when the tenant was given
//! up is met by a later pass.

use std::time::Duration;

use super::Provisioning;
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{Tenant, Timestamp};
use crate::storage::{Storage, StorageError};

/// How many rows go at once.
const BATCH: i64 = 500;
/// For how long a tenant's row outlives the order to delete it, in milliseconds.
pub const GRACE: i64 = 60_000;
/// How often is looked for tenants that are being deleted.
const EVERY: Duration = Duration::from_secs(5);

impl Provisioning {
    /// Removes what can be removed now of the tenants that are being deleted; gives how many are gone entirely.
    ///
    /// # Errors
    /// The database's, after every tenant had its turn.
    pub async fn remove_tenants(&self) -> Result<usize, StorageError> {
        let mut outcome = Ok(0);
        for tenant in self.storage.list_tenants_to_remove().await? {
            match self.remove_tenant(&tenant).await {
                Ok(gone) => outcome = outcome.map(|sum| sum + usize::from(gone)),
                // Another server is at it too, or a request wrote at this very moment: the next round sees to it.
                Err(StorageError::Raced) => {}
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    /// Removes tenants that are being deleted, for ever.
    pub async fn keep_removing(self) {
        let mut interval = tokio::time::interval(EVERY);
        loop {
            interval.tick().await;
            if let Err(error) = self.remove_tenants().await {
                tracing::warn!(%error, "tenants that are being deleted could not be removed");
            }
        }
    }

    async fn remove_tenant(&self, tenant: &Tenant) -> Result<bool, StorageError> {
        while self.empty_tables(tenant).await? {}
        if self.clock.now() < Timestamp(tenant.updated_at.0 + GRACE) {
            return Ok(false);
        }
        let mut changes = ChangeSet::new(tenant.id);
        changes.settings.push(SettingsChange::DeleteTenant);
        match self.storage.commit(changes).await {
            Err(StorageError::Stale) => Ok(false),
            done => {
                done?;
                tracing::info!(tenant = %tenant.id, slug = tenant.slug, "the tenant is removed");
                Ok(true)
            }
        }
    }

    /// Goes through every table once; gives whether anything was there.
    async fn empty_tables(&self, tenant: &Tenant) -> Result<bool, StorageError> {
        let mut any = false;
        for table in Storage::tenant_tables() {
            loop {
                let mut changes = ChangeSet::new(tenant.id);
                changes.settings.push(SettingsChange::RemoveRows { table, most: BATCH });
                match self.storage.commit(changes).await {
                    Ok(()) => any = true,
                    Err(StorageError::Stale) => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(any)
    }
}

//! Optimistic writing: decide on what was read, write only if it still stands, else decide again.

use std::future::Future;

use super::{Provisioning, ProvisioningError};
use crate::model::TenantId;
use crate::storage::{Resource, StorageError};

/// How often a use case may lose a race before it asks to be alone with the resource. Changes to one resource take
/// turns within a process, so it is other processes, or changes to the members of a group, that it loses to.
const RACES: u32 = 2;
/// How often it is decided again after that. Alone with a resource it can still meet the removal of another one that
/// it refers to.
const ALONE: u32 = 10;

impl Provisioning {
    /// Runs a use case until it is neither stale nor raced. It must do all of its reading and writing through the
    /// `Provisioning` that it is given. `resource` is what it changes; nothing if it makes something new.
    ///
    /// # Errors
    /// What the use case fails with; [`ProvisioningError::Contended`] after too many attempts.
    pub(super) async fn attempt<T, F, Fut>(
        &self,
        tenant: TenantId,
        resource: Option<Resource>,
        use_case: F,
    ) -> Result<T, ProvisioningError>
    where
        F: Fn(Self) -> Fut,
        Fut: Future<Output = Result<T, ProvisioningError>>,
    {
        for round in 0..RACES + ALONE {
            let this = match resource {
                Some(resource) if round >= RACES => self.alone_with(tenant, resource).await,
                _ => Ok(self.clone()),
            };
            let outcome = match this {
                Ok(this) => use_case(this).await,
                Err(error) => Err(error),
            };
            match outcome {
                Err(ProvisioningError::Storage(StorageError::Stale | StorageError::Raced)) => {}
                decided => return decided,
            }
        }
        Err(ProvisioningError::Contended)
    }

    async fn alone_with(&self, tenant: TenantId, resource: Resource) -> Result<Self, ProvisioningError> {
        let storage = self.storage.alone_with(tenant, resource).await?;
        Ok(Self { storage, ..self.clone() })
    }
}

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

/// A failure that may be a lost race.
pub(super) trait Lost {
    /// Whether the use case is to be run again on fresh data.
    fn is_lost_race(&self) -> bool;
}

impl Lost for ProvisioningError {
    fn is_lost_race(&self) -> bool {
        matches!(self, Self::Storage(StorageError::Stale | StorageError::Raced))
    }
}

impl Provisioning {
    /// Runs a use case until it is neither stale nor raced. It must do all of its reading and writing through the
    /// `Provisioning` that it is given. `resource` is what it changes; nothing if it makes something new.
    ///
    /// # Errors
    /// What the use case fails with; [`ProvisioningError::Contended`] after too many attempts.
    pub(super) async fn attempt<T, E, F, Fut>(
        &self,
        tenant: TenantId,
        resource: Option<Resource>,
        use_case: F,
    ) -> Result<T, E>
    where
        E: Lost + From<ProvisioningError>,
        F: Fn(Self) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        for round in 0..RACES + ALONE {
            let this = match resource {
                Some(resource) if round >= RACES => self.alone_with(tenant, resource).await,
                _ => Ok(self.clone()),
            };
            let outcome = match this {
                Ok(this) => use_case(this).await,
                Err(error) => Err(E::from(error)),
            };
            match outcome {
                Err(error) if error.is_lost_race() => {}
                decided => return decided,
            }
        }
        Err(ProvisioningError::Contended.into())
    }

    async fn alone_with(&self, tenant: TenantId, resource: Resource) -> Result<Self, ProvisioningError> {
        let storage = self.storage.alone_with(tenant, resource).await?;
        Ok(Self { storage, ..self.clone() })
    }
}

//! Users who have a value of an attribute, written anew: what they have stays, or the value goes; index and search
//! follow what the tenant's attributes are by then.
//!
//! Each user is an ordinary guarded update with its next version, so that nothing a client writes at the same time is
//! lost, nor anything that is indexed for it. Its time of change stays.

use uuid::Uuid;

use super::super::Directory;
use super::super::error::DirectoryError;
use super::distinct::duplicate;
use crate::auth::TenantView;
use crate::mapping::custom::CustomAttributes;
use crate::mapping::rows::custom_path;
use crate::mapping::user::restore;
use crate::model::change::{ChangeSet, IndexDelta, SettingsChange, UserChange};
use crate::model::query::StoredUser;
use crate::model::{ConnectionId, TenantId};
use crate::provisioning::ProvisioningError;
use crate::storage::StorageError;

/// How many users are read and written together.
pub(super) const PAGE: i64 = 100;
/// How often a page's users are tried again where others change them, or the tenant's attributes, at the same time.
const ROUNDS: u32 = 20;

/// What becomes of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rewrite {
    /// It stays, and is brought into the index.
    Index,
    /// It goes.
    Strip,
}

impl Directory {
    /// Writes every user anew who has a value of this attribute.
    ///
    /// # Errors
    /// 409 where a value is to be indexed as unique and somebody else has it; no such attribute (404), where it was
    /// removed in the meantime; the database's failure.
    pub(super) async fn rewrite_holders(
        &self,
        tenant: TenantId,
        name: &str,
        rewrite: Rewrite,
    ) -> Result<(), DirectoryError> {
        let mut after = Uuid::nil();
        loop {
            let storage = &self.provisioning.storage;
            let mut page = storage.list_users_with(tenant, name, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for _ in 0..ROUNDS {
                let again = self.rewrite_page(tenant, name, rewrite, &page).await?;
                if again.is_empty() {
                    page.clear();
                    break;
                }
                page = storage.lookup_users(tenant, ConnectionId::NONE, again).await?;
            }
            if !page.is_empty() {
                return Err(ProvisioningError::Contended.into());
            }
        }
    }

    /// Writes these users; gives those who were changed by somebody else at the same time.
    async fn rewrite_page(
        &self,
        tenant: TenantId,
        name: &str,
        rewrite: Rewrite,
        page: &[StoredUser],
    ) -> Result<Vec<Uuid>, DirectoryError> {
        let view = self.fresh_view(tenant, name, rewrite).await?;
        let sets: Vec<ChangeSet> = page
            .iter()
            .map(|stored| rewritten(&view, name, rewrite, stored))
            .collect::<Result<_, ProvisioningError>>()?;
        let mut again = Vec::new();
        for (stored, written) in page.iter().zip(self.provisioning.storage.commit_all(sets).await) {
            match written {
                Ok(()) => {}
                Err(StorageError::Stale | StorageError::Raced | StorageError::Outdated) => {
                    again.push(stored.id);
                }
                Err(StorageError::Taken(_)) => {
                    let user =
                        restore(stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
                    return Err(duplicate(name, user.custom.get(name), &[stored.id]));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(again)
    }

    /// The tenant and its attributes as they are now.
    async fn fresh_view(
        &self,
        tenant: TenantId,
        name: &str,
        rewrite: Rewrite,
    ) -> Result<TenantView, DirectoryError> {
        let storage = &self.provisioning.storage;
        let found = storage.find_tenant(tenant).await?;
        let found = found.ok_or_else(|| DirectoryError::missing("Tenant", tenant))?;
        let custom = CustomAttributes::compile(storage.list_attributes(tenant).await?)
            .map_err(|error| ProvisioningError::Internal(error.to_string()))?;
        // What was removed is not indexed, and what was restored is not purged.
        if custom.get(name).is_some() != (rewrite == Rewrite::Index) {
            return Err(DirectoryError::missing("Attribute", name));
        }
        Ok(TenantView::new(found, Vec::new(), custom, false))
    }
}

fn rewritten(
    view: &TenantView,
    name: &str,
    rewrite: Rewrite,
    stored: &StoredUser,
) -> Result<ChangeSet, ProvisioningError> {
    let mut user = restore(stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
    user.version += 1;
    if rewrite == Rewrite::Strip {
        user.custom.shift_remove(name);
    }
    let schema = view.user_schema();
    let path = custom_path(name);
    let own = schema.index_rows(&user).into_iter().filter(|row| row.path == path).collect::<Vec<_>>();
    let mut changes = ChangeSet::new(view.tenant.id);
    changes.settings.push(SettingsChange::SameGeneration { expected: view.tenant.generation });
    changes.users.push(UserChange::Update {
        row: Box::new(schema.row(&user)),
        // What the user has taken already, because it was written since the attribute became unique, is taken anew.
        index: IndexDelta { remove: own.clone(), add: own },
        external_id: None,
    });
    Ok(changes)
}

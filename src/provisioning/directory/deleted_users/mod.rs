//! Deleted users: listed, restored, purged.

mod purge;
mod restore;

use uuid::Uuid;

use super::readable::facts_of_departed;
use super::view::role_names;
use super::{Directory, DirectoryError, Page};
use crate::access::Thing;
use crate::auth::TenantView;
use crate::mapping::deleted::{Departed, departed};
use crate::model::{DeletedUser, Permission, UserId};
use crate::provisioning::{ProvisioningError, Request};
use crate::scim::fold::fold;

/// A deleted user with everything that an answer tells.
#[derive(Clone, Debug)]
pub struct DeletedUserView {
    pub deleted: DeletedUser,
    pub departed: Departed,
    /// The names of the roles that the user had directly and that the tenant still has.
    pub roles: Vec<String>,
}

impl DeletedUserView {
    /// What the user is to policies.
    fn thing(&self, view: &TenantView) -> Thing {
        Thing::User(facts_of_departed(view, &self.departed))
    }
}

impl Directory {
    /// A page of the deleted users that can still be restored, in the order of their ids. Where policies have a say in
    /// reading users, each is decided; a page may then hold fewer than are asked for.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_deleted_users(
        &self,
        request: &Request,
        search: Option<&str>,
        page: Page<UserId>,
    ) -> Result<(Vec<DeletedUserView>, Option<Uuid>), DirectoryError> {
        self.authorize(request, Permission::UsersRead, Thing::Tenant).await?;
        let view = Self::tenant(request)?;
        let search = search.map(fold);
        let storage = &self.provisioning.storage;
        let mut found = storage
            .list_deleted_users(view.tenant.id, search.as_deref(), page.after, page.limit + 1, self.now())
            .await?;
        let next = page.cut(&mut found, |deleted| deleted.id);
        let mut views: Vec<DeletedUserView> =
            found.into_iter().map(|deleted| of_deleted(view, deleted)).collect::<Result<_, _>>()?;
        self.keep_readable(request, Permission::UsersRead, &mut views, |found| found.thing(view)).await?;
        Ok((views, next.map(|id| id.0)))
    }

    /// Reads a deleted user.
    ///
    /// # Errors
    /// No such user, or none that can still be restored (404); a missing permission (403).
    pub async fn read_deleted_user(
        &self,
        request: &Request,
        id: UserId,
    ) -> Result<DeletedUserView, DirectoryError> {
        self.admit(request, &[Permission::UsersRead]).await?;
        let view = Self::tenant(request)?;
        let found = self.deleted_user(view, id).await?;
        self.authorize(request, Permission::UsersRead, found.thing(view)).await?;
        Ok(found)
    }

    async fn deleted_user(&self, view: &TenantView, id: UserId) -> Result<DeletedUserView, DirectoryError> {
        let found = self.provisioning.storage.lookup_deleted_user(view.tenant.id, id, self.now()).await?;
        of_deleted(view, found.ok_or_else(|| DirectoryError::missing("Deleted user", id))?)
    }
}

fn of_deleted(view: &TenantView, deleted: DeletedUser) -> Result<DeletedUserView, DirectoryError> {
    let departed = departed(&deleted).map_err(|error| ProvisioningError::broken(deleted.id.0, &error))?;
    let roles = role_names(view, &departed.user.account.roles);
    Ok(DeletedUserView { deleted, departed, roles })
}

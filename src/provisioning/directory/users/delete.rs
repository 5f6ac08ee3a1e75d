//! `DELETE /v1/users/{id}`.

use serde_json::json;

use super::super::{Directory, DirectoryError};
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, UserChange};
use crate::model::{Permission, UserId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;
use crate::storage::Resource;

impl Directory {
    /// Deletes a user: keys and sessions end, the name becomes free.
    ///
    /// # Errors
    /// No such user (404), somebody mightier (403), the last owner (409), unmet preconditions (412).
    pub async fn delete_user(
        &self,
        request: &Request,
        id: UserId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        Self::require(request, Permission::UsersDelete)?;
        let view = Self::tenant(request)?;
        let resource = Resource::User(id);
        let _turn = self.provisioning.storage.turn(Some(resource)).await;
        self.attempt(view.tenant.id, Some(resource), |this| async move {
            this.try_delete_user(request, view, id, preconditions).await
        })
        .await
    }

    async fn try_delete_user(
        &self,
        request: &Request,
        view: &TenantView,
        id: UserId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        let current = self.view_of(view, id).await?;
        preconditions.check_write(current.user.version)?;
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        let user = current.user;
        let at = self.now();
        let mut changes = ChangeSet::new(view.tenant.id);
        self.keep_last(&user, None, &mut changes).await?;
        let details = json!({ "userName": user.user_name });
        changes.audit.push(self.event(request, AuditType::UserDeleted, Target::User(id), details));
        changes.settings.extend(request.guard(&[&user]));
        let index = view.user_schema().index_rows(&user);
        changes.users.push(UserChange::Delete { id, expected: user.version, index, at });
        Ok(self.provisioning.storage.commit(changes).await?)
    }
}

//! `DELETE /Users/{id}` (RFC 7644 §3.6).

use serde_json::json;

use super::super::{Preconditions, Provisioning, ProvisioningError, Request};
use crate::access;
use crate::mapping::user::restore;
use crate::model::Permission;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, UserChange};
use crate::storage::Resource;

impl Provisioning {
    /// Deletes a user; its memberships go with it.
    ///
    /// # Errors
    /// No such user (404), unmet preconditions (412), a missing scope (403).
    pub async fn delete_user(
        &self,
        request: &Request,
        id: &str,
        preconditions: &Preconditions,
    ) -> Result<(), ProvisioningError> {
        access::require(&request.caller, Permission::UsersDelete)?;
        let resource = id.parse().ok().map(Resource::User);
        let _turn = self.storage.turn(resource).await;
        self.attempt(request.caller.tenant_id, resource, |this| async move {
            this.try_delete_user(request, id, preconditions).await
        })
        .await
    }

    async fn try_delete_user(
        &self,
        request: &Request,
        id: &str,
        preconditions: &Preconditions,
    ) -> Result<(), ProvisioningError> {
        let stored = self.stored_user(request, id).await?;
        preconditions.check_write(stored.version)?;
        let user = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let at = self.clock.now();
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        let details = json!({ "userName": user.user_name });
        changes.audit.push(request.event(at, AuditType::UserDeleted, Target::User(user.id), details));
        changes.settings.extend(request.guard(&[&user]));
        changes.users.push(UserChange::Delete {
            id: user.id,
            expected: stored.version,
            index: request.user_schema().index_rows(&user),
            at,
        });
        Ok(self.storage.commit(changes).await?)
    }
}

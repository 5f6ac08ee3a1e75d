//! `DELETE /Groups/{id}` (RFC 7644 §3.6).

use serde_json::json;

use super::super::{Preconditions, Provisioning, ProvisioningError, Request};
use crate::access::Changes;
use crate::mapping::group::restore;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, GroupChange};
use crate::model::{GroupId, Permission};
use crate::storage::Resource;

impl Provisioning {
    /// Deletes a group; its members lose the membership, nothing else.
    ///
    /// # Errors
    /// No such group (404), unmet preconditions (412), a missing scope (403).
    pub async fn delete_group(
        &self,
        request: &Request,
        id: &str,
        preconditions: &Preconditions,
    ) -> Result<(), ProvisioningError> {
        self.admit(request, Permission::GroupsWrite).await?;
        let resource = id.parse().ok().map(Resource::Group);
        let _turn = self.storage.turn(resource).await;
        self.attempt(request.caller.tenant_id, resource, |this| async move {
            this.try_delete_group(request, id, preconditions).await
        })
        .await
    }

    async fn try_delete_group(
        &self,
        request: &Request,
        id: &str,
        preconditions: &Preconditions,
    ) -> Result<(), ProvisioningError> {
        let stored = self.stored_group(request, id).await?;
        preconditions.check_write(stored.version)?;
        let group = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        self.check_group(request, group.id, &group.roles).await?;
        self.authorize_group(request, Permission::GroupsWrite, &group, Changes::default()).await?;
        let at = self.clock.now();
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        let details = json!({ "displayName": group.display_name });
        let target = Target::Group(GroupId(stored.id));
        changes.audit.push(request.event(at, AuditType::GroupDeleted, target, details));
        changes.groups.push(GroupChange::Delete {
            id: group.id,
            kind: group.kind,
            expected: stored.version,
            at,
        });
        Ok(self.storage.commit(changes).await?)
    }
}

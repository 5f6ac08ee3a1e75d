//! `DELETE /v1/groups/{id}`.

use serde_json::json;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::mapping::group::restore;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, GroupChange, SettingsChange};
use crate::model::{GroupId, MemberRole, Permission};
use crate::provisioning::preconditions::Preconditions;
use crate::provisioning::{ProvisioningError, Request};
use crate::storage::Resource;

impl Directory {
    /// Deletes a group; its members lose the membership and what it gave, nothing else. An organization is deleted by its
    /// owners too.
    ///
    /// # Errors
    /// No such group (404), one that gives more than the caller holds (403), a resource group with others in it (409),
    /// unmet preconditions (412).
    pub async fn delete_group(
        &self,
        request: &Request,
        id: GroupId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        let view = Self::tenant(request)?;
        let resource = Some(Resource::Group(id));
        let _turn = self.provisioning.storage.turn(resource).await;
        let had_roles = self
            .attempt(view.tenant.id, resource, |this| async move {
                this.try_delete_group(request, view, id, preconditions).await
            })
            .await?;
        if had_roles {
            self.authenticator.forget(view.tenant.id).await;
        }
        Ok(())
    }

    /// Gives whether the group had roles.
    async fn try_delete_group(
        &self,
        request: &Request,
        view: &TenantView,
        id: GroupId,
        preconditions: &Preconditions,
    ) -> Result<bool, DirectoryError> {
        let stored = self.group_for(request, id, Permission::GroupsWrite).await?;
        let say = self.say(request, &stored, Permission::GroupsWrite, Changes::default()).await?;
        say.at_least(MemberRole::Owner)?;
        preconditions.check_write(stored.version)?;
        self.check_gives(request, view, stored.id).await?;
        if self.provisioning.storage.has_children(view.tenant.id, id).await? {
            let message = "Other resource groups lie in this one; move or delete them first.";
            return Err(DirectoryError::refused(Kind::Conflict, "has_children", message));
        }
        let group = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let mut changes = ChangeSet::new(view.tenant.id);
        let details = json!({ "displayName": group.display_name, "kind": group.kind.as_str() });
        changes.audit.push(self.event(request, AuditType::GroupDeleted, Target::Group(id), details));
        let at = self.now();
        changes.groups.push(GroupChange::Delete { id, kind: group.kind, expected: stored.version, at });
        if !group.roles.is_empty() {
            changes.settings.push(SettingsChange::NextGeneration);
        }
        self.provisioning.storage.commit(changes).await?;
        Ok(!group.roles.is_empty())
    }
}

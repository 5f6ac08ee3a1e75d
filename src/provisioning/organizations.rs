//! What becomes of the organizations that a user owns when the user goes.

use serde_json::json;

use super::{Provisioning, ProvisioningError, Request};
use crate::mapping::group::restore;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, GroupChange};
use crate::model::{GroupId, MemberRole, Timestamp, UserId};

impl Provisioning {
    /// Adds to the changes what hands the organizations that a user owns alone to the next in the order owner, admin,
    /// manager, evaluator, and removes those in which nobody is left. The guards see to it that the heir is still there,
    /// and that no other owner left in the meantime.
    pub(super) async fn hand_over(
        &self,
        request: &Request,
        user: UserId,
        changes: &mut ChangeSet,
    ) -> Result<(), ProvisioningError> {
        let tenant = request.caller.tenant_id;
        for (organization, role) in self.storage.organization_roles(tenant, user).await? {
            if role == MemberRole::Owner {
                self.hand_over_one(request, user, organization, changes).await?;
            }
        }
        Ok(())
    }

    async fn hand_over_one(
        &self,
        request: &Request,
        user: UserId,
        id: GroupId,
        changes: &mut ChangeSet,
    ) -> Result<(), ProvisioningError> {
        let tenant = request.caller.tenant_id;
        // Read before its members: who changes them in between moves the version.
        let Some(stored) = self.storage.lookup_group_of_any_kind(tenant, id).await? else { return Ok(()) };
        let (expected, at): (i64, Timestamp) = (stored.version, self.clock.now());
        match self.storage.heir(tenant, id, user).await? {
            None => {
                let group = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
                let details =
                    json!({ "displayName": group.display_name, "because": "the last member was deleted" });
                changes.audit.push(request.event(at, AuditType::GroupDeleted, Target::Group(id), details));
                changes.groups.push(GroupChange::Delete { id, kind: group.kind, expected, at });
            }
            Some((_, MemberRole::Owner)) => {
                changes.groups.push(GroupChange::SetRoles { id, expected, members: Vec::new(), at });
            }
            Some((heir, role)) => {
                let change = json!({ "id": heir, "from": role.as_str(), "to": MemberRole::Owner.as_str() });
                let details = json!({ "members": [change], "because": "the owner was deleted" });
                changes.audit.push(request.event(
                    at,
                    AuditType::MemberRoleChanged,
                    Target::Group(id),
                    details,
                ));
                let members = vec![(heir, MemberRole::Owner)];
                changes.groups.push(GroupChange::SetRoles { id, expected, members, at });
            }
        }
        Ok(())
    }
}

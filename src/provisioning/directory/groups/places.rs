//! What a user is in organizations, said with the user's own fields: the same rules as for an organization's members.

use super::super::Directory;
use super::super::error::DirectoryError;
use super::members::Decided;
use crate::access::Changes;
use crate::auth::TenantView;
use crate::model::change::ChangeSet;
use crate::model::{GroupId, MemberRole, Permission, UserId};
use crate::provisioning::Request;

/// What a user is in an organization, and what it is to be; `None` stands outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provisioning::directory) struct Place {
    pub organization: GroupId,
    pub from: Option<MemberRole>,
    pub to: Option<MemberRole>,
}

impl Directory {
    /// Adds to the changes what gives a user these places.
    ///
    /// # Errors
    /// A role in the organization, or permissions, that do not reach so far (403); the last owner of one (409).
    pub(in crate::provisioning::directory) async fn place_in_organizations(
        &self,
        request: &Request,
        view: &TenantView,
        user: UserId,
        places: &[Place],
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        for Place { organization, from, to } in places.iter().copied() {
            let right = Permission::GroupsWrite;
            let stored = self.group_for(request, organization, right).await?;
            let say = self.say(request, &stored, right, Changes::of(["members"])).await?;
            say.at_least(MemberRole::Manager)?;
            say.may_turn(from, to)?;
            let mut decided = Decided::default();
            match (from, to) {
                (None, Some(to)) => decided.enrol.push((user, to)),
                (Some(_), None) => decided.remove.push(user.0),
                (Some(from), Some(to)) => decided.turned.push((user, from, to)),
                (None, None) => continue,
            }
            if from.is_none() || to.is_none() {
                self.check_gives(request, view, stored.id).await?;
            }
            self.keep_an_owner(view, organization, &decided).await?;
            let more = self.members_change(request, &stored, decided, true);
            changes.audit.extend(more.audit);
            changes.groups.extend(more.groups);
        }
        Ok(())
    }
}

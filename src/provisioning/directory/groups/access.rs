//! Who may do what with which group: by permissions in all of them, by a role inside an organization in that one.

use uuid::Uuid;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use super::super::users::exceeds;
use crate::auth::TenantView;
use crate::model::query::StoredGroup;
use crate::model::{BuiltInRole, GroupId, GroupKind, MemberRole, Permission, RoleId};
use crate::provisioning::Request;

/// By what right a caller deals with a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Say {
    /// By a permission in the whole tenant.
    TenantWide,
    /// By a role inside the organization.
    Inside(MemberRole),
}

impl Say {
    /// Lets a caller pass that has at least this role inside the organization.
    ///
    /// # Errors
    /// 403.
    pub fn at_least(self, role: MemberRole) -> Result<(), DirectoryError> {
        match self {
            Self::Inside(own) if own < role => Err(too_low(own)),
            _ => Ok(()),
        }
    }

    /// Lets a caller pass who may make a member of one role a member of another. `None` stands outside. Nobody deals with
    /// somebody above them, and managers only with those below.
    ///
    /// # Errors
    /// 403.
    pub fn may_turn(self, from: Option<MemberRole>, to: Option<MemberRole>) -> Result<(), DirectoryError> {
        let Self::Inside(own) = self else { return Ok(()) };
        let reaches = |role: MemberRole| match own {
            MemberRole::Owner => true,
            MemberRole::Admin => role <= MemberRole::Admin,
            MemberRole::Manager => role < MemberRole::Manager,
            MemberRole::Evaluator => false,
        };
        let all = own > MemberRole::Evaluator && [from, to].into_iter().flatten().all(reaches);
        if all { Ok(()) } else { Err(too_low(own)) }
    }
}

fn too_low(own: MemberRole) -> DirectoryError {
    let message = format!(
        "Your role in this organization is '{}'. Owners and admins change its settings and members, managers members below them; only owners say who owns it.",
        own.as_str()
    );
    DirectoryError::refused(Kind::Forbidden, "organization_role", message).with("role", own.as_str())
}

impl Directory {
    /// The group with this id, of whichever kind, and by what right the caller deals with it.
    ///
    /// # Errors
    /// 403 for callers without a right, who are not told either whether there is such a group; 404.
    pub(super) async fn group_for(
        &self,
        request: &Request,
        id: GroupId,
        permission: Permission,
    ) -> Result<(StoredGroup, Say), DirectoryError> {
        let storage = &self.provisioning.storage;
        let stored = storage.lookup_group_of_any_kind(request.caller.tenant_id, id).await?;
        if request.caller.permissions.holds(permission) {
            let stored = stored.ok_or_else(|| DirectoryError::missing("Group", id))?;
            return Ok((stored, Say::TenantWide));
        }
        let own =
            if permission == Permission::GroupsRead { Permission::SelfRead } else { Permission::SelfUpdate };
        if let Some(stored) = stored
            && stored.kind == GroupKind::Organization
            && request.caller.permissions.holds(own)
            && let Some(user) = request.caller.user_id()
        {
            let found = storage.members_among(request.caller.tenant_id, id, vec![user.0]).await?;
            if let Some(member) = found.first() {
                return Ok((stored, Say::Inside(member.role.unwrap_or(MemberRole::Evaluator))));
            }
        }
        Self::require(request, permission)?;
        Err(DirectoryError::missing("Group", id))
    }

    /// Checks that the caller holds what membership of this group gives, through it and the groups that it is in: who
    /// puts somebody into it, or takes them out, gives and takes that.
    ///
    /// # Errors
    /// 403.
    pub(in crate::provisioning::directory) async fn check_gives(
        &self,
        request: &Request,
        view: &TenantView,
        group: Uuid,
    ) -> Result<(), DirectoryError> {
        let roles = self.provisioning.storage.roles_of_group(view.tenant.id, group).await?;
        let lacking = view.permissions_of(&roles).without(request.caller.permissions);
        if lacking.is_empty() {
            return Ok(());
        }
        Err(exceeds(&format!("The group '{group}' gives permissions that you lack"), lacking))
    }

    /// Checks that the caller may turn these roles of a group into those.
    ///
    /// # Errors
    /// 403, naming what the caller lacks.
    pub(super) fn check_group_roles(
        request: &Request,
        view: &TenantView,
        before: &[RoleId],
        after: &[RoleId],
    ) -> Result<(), DirectoryError> {
        let gone = before.iter().filter(|role| !after.contains(role));
        let come = after.iter().filter(|role| !before.contains(role));
        let changed: Vec<RoleId> = gone.chain(come).copied().collect();
        if changed.is_empty() {
            return Ok(());
        }
        Self::require(request, Permission::RolesAssign)?;
        if changed.contains(&BuiltInRole::Owner.id()) {
            Self::require(request, Permission::OwnersWrite)?;
        }
        let lacking = view.permissions_of(&changed).without(request.caller.permissions);
        if lacking.is_empty() {
            return Ok(());
        }
        Err(exceeds("These roles hold permissions that you lack", lacking))
    }

    /// The roles of these names, in the order of their ids; none is fine for a group.
    ///
    /// # Errors
    /// 422 for names that no role has, listing them.
    pub(super) fn group_roles_named(
        view: &TenantView,
        names: &[String],
    ) -> Result<Vec<RoleId>, DirectoryError> {
        if names.is_empty() { Ok(Vec::new()) } else { Self::roles_named(view, names) }
    }
}

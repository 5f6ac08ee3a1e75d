//! Who may do what with which group: by permissions in all of them, by a role inside an organization in that one.

use uuid::Uuid;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use super::super::users::exceeds;
use crate::access::question::GroupFacts;
use crate::access::{Changes, Denied, Thing};
use crate::auth::TenantView;
use crate::model::query::StoredGroup;
use crate::model::{BuiltInRole, GroupId, GroupKind, MemberRole, Permission, RoleId};
use crate::provisioning::{ProvisioningError, Request};

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
    /// The group with this id, of whichever kind, for a caller who may deal with some group, or is in this one. What
    /// comes of it is for [`Directory::say`] to decide.
    ///
    /// # Errors
    /// 403 for callers without a right, who are not told either whether there is such a group; 404.
    pub(super) async fn group_for(
        &self,
        request: &Request,
        id: GroupId,
        permission: Permission,
    ) -> Result<StoredGroup, DirectoryError> {
        let storage = &self.provisioning.storage;
        let stored = storage.lookup_group_of_any_kind(request.caller.tenant_id, id).await?;
        match (self.provisioning.asking(request, permission).await, stored) {
            (Ok(_), Some(stored)) => Ok(stored),
            (Ok(mut asking), None) => {
                asking.about(Thing::Tenant, Changes::default())?;
                Err(DirectoryError::missing("Group", id))
            }
            (Err(denied @ ProvisioningError::Denied(_)), stored) => match stored {
                Some(stored) if self.role_inside(request, &stored).await?.is_some() => Ok(stored),
                _ => Err(denied.into()),
            },
            (Err(error), _) => Err(error.into()),
        }
    }

    /// Decides by what right the caller deals with a group. A role inside an organization gives one to its members; what
    /// a policy forbids is forbidden to them too.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403).
    pub(super) async fn say(
        &self,
        request: &Request,
        stored: &StoredGroup,
        permission: Permission,
        changes: Changes,
    ) -> Result<Say, DirectoryError> {
        let missing = match self.by_permission(request, stored, permission, changes.clone()).await {
            Err(ProvisioningError::Denied(Denied::Policy { notices })) => {
                return Err(Denied::Policy { notices }.into());
            }
            Err(ProvisioningError::Denied(denied)) => denied,
            decided => return Ok(decided.map(|()| Say::TenantWide)?),
        };
        let Some(role) = self.role_inside(request, stored).await? else { return Err(missing.into()) };
        let (own, told) = match permission {
            Permission::GroupsRead => (Permission::SelfRead, Changes::default()),
            _ => (Permission::SelfUpdate, Changes::of(["organizations"])),
        };
        match self.authorize_self(request, own, told).await {
            Err(DirectoryError::Failed(ProvisioningError::Denied(Denied::Permission { .. }))) => {
                return Err(missing.into());
            }
            decided => decided?,
        }
        let asking = self.provisioning.asking_of_right(request, permission).await?;
        self.provisioning.decide_stored_group(request, asking, stored, changes)?;
        Ok(Say::Inside(role))
    }

    async fn by_permission(
        &self,
        request: &Request,
        stored: &StoredGroup,
        permission: Permission,
        changes: Changes,
    ) -> Result<(), ProvisioningError> {
        let asking = self.provisioning.asking(request, permission).await?;
        self.provisioning.decide_stored_group(request, asking, stored, changes)
    }

    /// The caller's role in a group, where it is an organization and the caller is in it.
    async fn role_inside(
        &self,
        request: &Request,
        stored: &StoredGroup,
    ) -> Result<Option<MemberRole>, DirectoryError> {
        let Some(user) = request.caller.user_id().filter(|_| stored.kind == GroupKind::Organization) else {
            return Ok(None);
        };
        let (storage, tenant) = (&self.provisioning.storage, request.caller.tenant_id);
        let found = storage.members_among(tenant, GroupId(stored.id), vec![user.0]).await?;
        Ok(found.first().map(|member| member.role.unwrap_or(MemberRole::Evaluator)))
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

    /// Checks that the caller may turn these roles of a group into those. `group` is what stands before the change.
    ///
    /// # Errors
    /// 403, naming what the caller lacks, or what the policy that forbids it says.
    pub(super) async fn check_group_roles(
        &self,
        request: &Request,
        view: &TenantView,
        group: GroupFacts,
        before: &[RoleId],
        after: &[RoleId],
    ) -> Result<(), DirectoryError> {
        let gone = before.iter().filter(|role| !after.contains(role));
        let come = after.iter().filter(|role| !before.contains(role));
        let changed: Vec<RoleId> = gone.chain(come).copied().collect();
        if changed.is_empty() {
            return Ok(());
        }
        let names = changed.iter().filter_map(|id| view.role(*id)).map(|role| &*role.name);
        let (thing, given) = (Thing::Group(group), Changes::of_roles(names));
        self.authorize_change(request, Permission::RolesAssign, thing.clone(), given).await?;
        if changed.contains(&BuiltInRole::Owner.id()) {
            self.authorize(request, Permission::OwnersWrite, thing).await?;
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

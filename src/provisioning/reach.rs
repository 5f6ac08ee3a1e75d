//! How far a caller of the SCIM endpoints reaches: whom it may change, and what it may join people to. A connection is
//! bounded by its role ceiling, an API key by its own permissions.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::groups::Turnover;
use super::{Provisioning, ProvisioningError, Request};
use crate::auth::{Caller, Subject, TenantView};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::query::StoredUser;
use crate::model::{
    AdoptionChange, AdoptionRequestId, BuiltInRole, GroupId, Permissions, RecordChange, Role, RoleId,
    Standing, TenantId, User, UserId,
};

/// The built-in roles that must not lose their last holder.
const KEPT: [BuiltInRole; 2] = [BuiltInRole::Owner, BuiltInRole::Admin];

/// What has to be written with a user's update.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// Of the tenant's last owner and administrator.
    guard: Option<SettingsChange>,
    /// The approval by which the user becomes the connection's.
    used: Option<AdoptionRequestId>,
}

impl Settled {
    /// The same changes with these.
    pub(super) fn with(&self, changes: ChangeSet) -> ChangeSet {
        let mut changes = changes.with_setting(self.guard.clone());
        changes.records.extend(self.used.map(|id| RecordChange::Adoption(AdoptionChange::Use { id })));
        changes
    }
}

impl Provisioning {
    /// Checks that the caller may make one user of another, and puts to it what comes of that: the user becomes the
    /// connection's. Gives what has to be written with the user.
    ///
    /// # Errors
    /// 403 for a user beyond the caller's reach; 409 for the last owner.
    pub(super) async fn settle_update(
        &self,
        request: &Request,
        stored: &StoredUser,
        before: &User,
        after: &mut User,
        details: &mut Map<String, Value>,
    ) -> Result<Settled, ProvisioningError> {
        self.check_user(request, stored).await?;
        let adoption = self.adopting(request, before).await?;
        if let Some(adoption) = &adoption {
            after.account.connection_id = Some(adoption.connection);
            details.insert("adopted".to_owned(), Value::Bool(true));
        }
        let guard = self.keep_last(request.caller.tenant_id, before, Some(after)).await?;
        Ok(Settled { guard, used: adoption.and_then(|adoption| adoption.approval) })
    }

    /// Checks that the caller may delete a user, and adds to the changes what comes of that: the guard of the last owner
    /// and administrator, and the organizations that the user owned.
    ///
    /// # Errors
    /// 403 for a user beyond the caller's reach; 409 for the last owner.
    pub(super) async fn settle_departure(
        &self,
        request: &Request,
        stored: &StoredUser,
        user: &User,
        changes: &mut ChangeSet,
    ) -> Result<(), ProvisioningError> {
        self.check_user(request, stored).await?;
        self.adopting(request, user).await?;
        changes.settings.extend(self.keep_last(request.caller.tenant_id, user, None).await?);
        if stored.in_groups {
            self.hand_over(request, user.id, changes).await?;
        }
        Ok(())
    }

    /// Checks that the caller may change this user: oneself by one's own session, otherwise whom it reaches. Who has the
    /// role `user` alone and is in no group costs nothing.
    async fn check_user(&self, request: &Request, stored: &StoredUser) -> Result<(), ProvisioningError> {
        let caller = &request.caller;
        let own = caller.session_id().is_some() && caller.user_id() == Some(UserId(stored.id));
        let through_groups = stored.in_groups && gives_through_groups(caller);
        if own || (is_plain(&stored.account.roles) && !through_groups) {
            return Ok(());
        }
        let mut roles = stored.account.roles.clone();
        if through_groups {
            let user = UserId(stored.id);
            roles.extend(self.storage.roles_through_groups(caller.tenant_id, user).await?);
        }
        check_holder(caller, stored.id, &roles)
    }

    /// Checks that the caller may let these members come and go: what the group gives them, and, for a connection, who
    /// they are. `own` are the group's own roles.
    ///
    /// # Errors
    /// 403.
    pub(super) async fn check_turnover(
        &self,
        request: &Request,
        group: GroupId,
        own: &[RoleId],
        turnover: &Turnover,
    ) -> Result<(), ProvisioningError> {
        if turnover.add.is_empty() && turnover.remove.is_empty() {
            return Ok(());
        }
        let caller = &request.caller;
        self.check_group(request, group, own).await?;
        if !caller.is_connection() {
            return Ok(());
        }
        for (user, roles) in &turnover.weighty {
            check_holder(caller, *user, roles)?;
        }
        if gives_through_groups(caller) {
            let ids: Vec<Uuid> = turnover
                .add
                .iter()
                .map(|member| member.id())
                .chain(turnover.remove.iter().copied())
                .collect();
            for held in self.storage.groups_of_users(caller.tenant_id, ids).await? {
                check_holder(caller, held.user_id, &held.roles)?;
            }
        }
        Ok(())
    }

    /// Checks that what membership of a group gives, through it and the groups that it is in, is within the caller's
    /// reach.
    ///
    /// # Errors
    /// 403.
    pub(super) async fn check_group(
        &self,
        request: &Request,
        group: GroupId,
        own: &[RoleId],
    ) -> Result<(), ProvisioningError> {
        let caller = &request.caller;
        if own.is_empty() && !gives_through_groups(caller) {
            return Ok(());
        }
        let roles = self.storage.roles_of_group(caller.tenant_id, group.0).await?;
        let beyond = beyond_reach(caller, &roles);
        if beyond.is_empty() {
            return Ok(());
        }
        Err(ProvisioningError::Forbidden(match ceiling(caller) {
            Some(name) => format!(
                "The group '{group}' gives its members more than this connection's role ceiling ('{name}') allows. \
                 An administrator can raise the ceiling in the connection's settings."
            ),
            None => format!("The group '{group}' gives permissions that you lack: {}.", listed(beyond)),
        }))
    }

    /// What keeps a tenant's last owner, and its last administrator, where a user is about to become another, or to go.
    ///
    /// # Errors
    /// [`ProvisioningError::LastHolder`] when this is the last one.
    pub(super) async fn keep_last(
        &self,
        tenant_id: TenantId,
        before: &User,
        after: Option<&User>,
    ) -> Result<Option<SettingsChange>, ProvisioningError> {
        let counts = |user: &User, role: BuiltInRole| {
            user.account.has(role) && user.active != Some(false) && user.account.standing == Standing::Normal
        };
        let ends =
            |role: &BuiltInRole| counts(before, *role) && !after.is_some_and(|after| counts(after, *role));
        let ending: Vec<BuiltInRole> = KEPT.into_iter().filter(ends).collect();
        if ending.is_empty() {
            return Ok(None);
        }
        // Read before the others are counted: who changes them in between moves it.
        let Some(tenant) = self.storage.find_tenant(tenant_id).await? else {
            return Err(ProvisioningError::not_found("Tenant", tenant_id));
        };
        for role in ending {
            if self.storage.other_active_holders(tenant_id, role, before.id).await? == 0 {
                return Err(ProvisioningError::LastHolder(role));
            }
        }
        Ok(Some(SettingsChange::MoveGuard { expected: tenant.guard }))
    }
}

/// Whether any group of the tenant gives roles. Where nobody knows, some may.
fn gives_through_groups(caller: &Caller) -> bool {
    caller.tenant.as_ref().is_none_or(|view| view.group_roles)
}

/// Whether these are the roles that everybody has.
fn is_plain(roles: &[RoleId]) -> bool {
    roles.iter().all(|role| *role == BuiltInRole::User.id())
}

/// The name of the connection's role ceiling; nothing for other callers.
fn ceiling(caller: &Caller) -> Option<&str> {
    match &caller.subject {
        Subject::Connection { connection, .. } => Some(
            ceiling_role(caller.tenant.as_deref(), connection.settings.role_ceiling)
                .map_or("user", |role| &role.name),
        ),
        Subject::User { .. } | Subject::Key { .. } => None,
    }
}

fn ceiling_role(view: Option<&TenantView>, id: RoleId) -> Option<&Role> {
    view.and_then(|view| view.role(id))
}

/// What these roles allow beyond the caller's reach. Everybody reaches the role `user`.
pub(super) fn beyond_reach(caller: &Caller, roles: &[RoleId]) -> Permissions {
    let view = caller.tenant.as_deref();
    let held = view.map_or_else(Permissions::all, |view| view.permissions_of(roles));
    let reach = match &caller.subject {
        Subject::Connection { connection, .. } => ceiling_role(view, connection.settings.role_ceiling)
            .map_or(Permissions::NONE, |role| role.permissions),
        Subject::User { .. } | Subject::Key { .. } => caller.permissions,
    };
    held.without(reach.union(BuiltInRole::User.permissions()))
}

fn check_holder(caller: &Caller, user: Uuid, roles: &[RoleId]) -> Result<(), ProvisioningError> {
    let beyond = beyond_reach(caller, roles);
    if beyond.is_empty() {
        return Ok(());
    }
    Err(ProvisioningError::Forbidden(match ceiling(caller) {
        Some(name) => format!(
            "The user '{user}' holds more than this connection's role ceiling ('{name}') allows, so the connection \
             cannot change it. An administrator can raise the ceiling in the connection's settings."
        ),
        None => format!("The user '{user}' holds permissions that you lack: {}.", listed(beyond)),
    }))
}

fn listed(permissions: Permissions) -> String {
    let names: Vec<&str> = permissions.iter().map(crate::model::Permission::as_str).collect();
    names.join(", ")
}

//! Who may give which roles, and who may change whom. Nobody gives what they lack, and nobody changes somebody mightier.

use serde_json::json;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use crate::access::question::UserFacts;
use crate::access::{Changes, Thing};
use crate::auth::{Caller, TenantView};
use crate::model::change::ChangeSet;
use crate::model::{BuiltInRole, Permission, Permissions, RoleId, User};
use crate::provisioning::{ProvisioningError, Request};

impl Directory {
    /// The roles of these names, in the order of their ids.
    ///
    /// # Errors
    /// 422 for none at all, and for names that no role has, listing them.
    pub(in crate::provisioning::directory) fn roles_named(
        view: &TenantView,
        names: &[String],
    ) -> Result<Vec<RoleId>, DirectoryError> {
        let refused = |message: String, unknown: Vec<&String>| {
            DirectoryError::refused(Kind::Impossible, "invalid_roles", message)
                .with("invalid_roles", json!(unknown))
        };
        if names.is_empty() {
            return Err(refused(
                "'roles' is empty; a user always has at least one role.".to_owned(),
                Vec::new(),
            ));
        }
        let unknown: Vec<&String> = names.iter().filter(|name| view.role_named(name).is_none()).collect();
        if !unknown.is_empty() {
            let known: Vec<&str> = view.roles.iter().map(|role| &*role.name).collect();
            let message =
                format!("'roles' names roles that this tenant does not have; it has {}.", known.join(", "));
            return Err(refused(message, unknown));
        }
        let mut roles: Vec<RoleId> =
            names.iter().filter_map(|name| view.role_named(name)).map(|role| role.id).collect();
        roles.sort_unstable();
        roles.dedup();
        Ok(roles)
    }

    /// Checks that the caller may turn these roles of somebody into those. `user` is what stands before the change.
    ///
    /// # Errors
    /// 403, naming the permission that the caller lacks, or what the policy that forbids it says.
    pub(in crate::provisioning::directory) async fn check_roles(
        &self,
        request: &Request,
        view: &TenantView,
        user: &UserFacts,
        before: &[RoleId],
        after: &[RoleId],
    ) -> Result<(), DirectoryError> {
        let changed: Vec<RoleId> = before
            .iter()
            .filter(|role| !after.contains(role))
            .chain(after.iter().filter(|role| !before.contains(role)))
            .copied()
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        if !before.is_empty() || after != view.tenant.settings.default_roles {
            let names = changed.iter().filter_map(|id| view.role(*id)).map(|role| &*role.name);
            let (thing, changes) = (Thing::User(user.clone()), Changes::of_roles(names));
            self.authorize_change(request, Permission::RolesAssign, thing, changes).await?;
        }
        if changed.contains(&BuiltInRole::Owner.id()) {
            self.authorize(request, Permission::OwnersWrite, Thing::User(user.clone())).await?;
        }
        let given = view.permissions_of(&changed);
        let lacking = given.without(request.caller.permissions);
        if lacking.is_empty() {
            return Ok(());
        }
        Err(exceeds("These roles hold permissions that you lack", lacking))
    }

    /// Checks that the caller may change a user who holds these permissions: oneself by one's own session, otherwise only
    /// where the caller holds as much. A key that is bounded to less than its user holds is somebody lesser: with a
    /// password or an address of its choice it would have all of it.
    ///
    /// # Errors
    /// 403.
    pub(in crate::provisioning::directory) fn check_rank(
        caller: &Caller,
        user: &User,
        permissions: Permissions,
    ) -> Result<(), DirectoryError> {
        let lacking = permissions.without(caller.permissions);
        let in_person = caller.session_id().is_some() && caller.user_id() == Some(user.id);
        if in_person || lacking.is_empty() {
            return Ok(());
        }
        Err(exceeds("This user holds permissions that you lack", lacking))
    }

    /// The same for what everybody may change of oneself, by a bounded key too: one's profile.
    ///
    /// # Errors
    /// 403.
    pub(in crate::provisioning::directory) fn check_rank_of_others(
        caller: &Caller,
        user: &User,
        permissions: Permissions,
    ) -> Result<(), DirectoryError> {
        if caller.user_id() == Some(user.id) {
            return Ok(());
        }
        Self::check_rank(caller, user, permissions)
    }

    /// Adds to the changes what keeps a tenant's last owner, and its last administrator, where a user is about to become
    /// another, or to go.
    ///
    /// # Errors
    /// 409 when this is the last one.
    pub(in crate::provisioning::directory) async fn keep_last(
        &self,
        before: &User,
        after: Option<&User>,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        match self.provisioning.keep_last(changes.tenant_id, before, after).await {
            Ok(guard) => changes.settings.extend(guard),
            Err(error @ ProvisioningError::LastHolder(role)) => {
                let code = if role == BuiltInRole::Owner { "last_owner" } else { "last_admin" };
                return Err(DirectoryError::refused(Kind::Conflict, code, error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

pub(in crate::provisioning::directory) fn exceeds(what: &str, lacking: Permissions) -> DirectoryError {
    let names: Vec<&str> = lacking.iter().map(Permission::as_str).collect();
    let message = format!("{what}: {}.", names.join(", "));
    DirectoryError::refused(Kind::Forbidden, "exceeds_permissions", message).with("permissions", json!(names))
}

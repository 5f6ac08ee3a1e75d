//! Roles: the built-in ones, and the tenant's own.

use std::sync::Arc;

use serde_json::json;

use super::Directory;
use super::error::{DirectoryError, Kind, Problem};
use super::keys::named;
use crate::access::{Changes, Thing};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{BuiltInRole, Permission, Permissions, Role, RoleId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;
use crate::scim::fold::fold;
use crate::storage::{StorageError, Taken};

/// How many roles of its own a tenant may have.
const MOST_ROLES: usize = 500;

/// What is said of a role; `None` says nothing.
#[derive(Clone, Debug, Default)]
pub struct RoleDraft {
    pub name: Option<String>,
    pub description: Option<String>,
    pub permissions: Option<Vec<String>>,
}

impl Directory {
    /// Every role of the tenant: the built-in ones, then its own by name.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_roles(&self, request: &Request) -> Result<Vec<Role>, DirectoryError> {
        self.authorize(request, Permission::RolesRead, Thing::Tenant).await?;
        let mut roles = Self::tenant(request)?.roles.clone();
        self.keep_readable(request, Permission::RolesRead, &mut roles, of_role).await?;
        Ok(roles)
    }

    /// One role.
    ///
    /// # Errors
    /// No such role (404), a missing permission (403).
    pub async fn read_role(&self, request: &Request, id: RoleId) -> Result<Role, DirectoryError> {
        self.admit(request, &[Permission::RolesRead]).await?;
        let role = Self::tenant(request)?.role(id).ok_or_else(|| DirectoryError::missing("Role", id))?;
        self.authorize(request, Permission::RolesRead, of_role(role)).await?;
        Ok(role.clone())
    }

    /// Makes a role, with permissions that the caller holds.
    ///
    /// # Errors
    /// Unknown permissions (422), those that the caller lacks (403), a taken name (409).
    pub async fn create_role(&self, request: &Request, draft: RoleDraft) -> Result<Role, DirectoryError> {
        self.admit(request, &[Permission::RolesWrite]).await?;
        let draft = &draft;
        let tenant = request.caller.tenant_id;
        self.attempt(tenant, None, |this| async move { this.try_create_role(request, draft).await }).await
    }

    async fn try_create_role(&self, request: &Request, draft: &RoleDraft) -> Result<Role, DirectoryError> {
        let view = Self::tenant(request)?;
        if view.roles.len() - BuiltInRole::ALL.len() >= MOST_ROLES {
            let message = format!("A tenant has at most {MOST_ROLES} roles of its own.");
            return Err(DirectoryError::refused(Kind::Impossible, "too_many_roles", message));
        }
        let at = self.now();
        let mut role = Role {
            tenant_id: view.tenant.id,
            id: RoleId::generate(),
            name: String::new(),
            description: String::new(),
            permissions: Permissions::NONE,
            created_at: at,
            updated_at: at,
            version: 1,
        };
        settle(request, &mut role, draft)?;
        self.authorize(request, Permission::RolesWrite, of_role(&role)).await?;
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.settings.push(SettingsChange::InsertRole(Box::new(role.clone())));
        self.write_role(request, changes, AuditType::RoleCreated, &role).await?;
        Ok(role)
    }

    /// Changes what is said of a role.
    ///
    /// # Errors
    /// As for creating; a built-in role (409), no such role (404), another version than `If-Match` names (412), a name that
    /// policies say (422).
    pub async fn update_role(
        &self,
        request: &Request,
        id: RoleId,
        draft: RoleDraft,
        preconditions: &Preconditions,
    ) -> Result<Role, DirectoryError> {
        self.admit(request, &[Permission::RolesWrite]).await?;
        let draft = &draft;
        self.attempt(request.caller.tenant_id, None, |this| async move {
            this.try_update_role(request, id, draft, preconditions).await
        })
        .await
    }

    async fn try_update_role(
        &self,
        request: &Request,
        id: RoleId,
        draft: &RoleDraft,
        preconditions: &Preconditions,
    ) -> Result<Role, DirectoryError> {
        let before = self.own_role(request, id).await?;
        let mut role = before.clone();
        let settled = settle(request, &mut role, draft);
        let told = Changes::of(changed(&before, &role));
        self.authorize_change(request, Permission::RolesWrite, of_role(&before), told).await?;
        preconditions.check_write(before.version)?;
        check_held(request, before.permissions)?;
        settled?;
        if role == before {
            return Ok(role);
        }
        role.version += 1;
        role.updated_at = self.now();
        let mut changes = ChangeSet::new(role.tenant_id);
        changes.settings.push(SettingsChange::UpdateRole(Box::new(role.clone())));
        self.write_role(request, changes, AuditType::RoleUpdated, &role).await?;
        Ok(role)
    }

    /// Removes a role that nobody has any more.
    ///
    /// # Errors
    /// A built-in role, or one that users or groups have (409); no such role (404); one that policies name (422).
    pub async fn delete_role(
        &self,
        request: &Request,
        id: RoleId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        self.admit(request, &[Permission::RolesWrite]).await?;
        self.attempt(request.caller.tenant_id, None, |this| async move {
            this.try_delete_role(request, id, preconditions).await
        })
        .await
    }

    async fn try_delete_role(
        &self,
        request: &Request,
        id: RoleId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        let role = self.own_role(request, id).await?;
        self.authorize(request, Permission::RolesWrite, of_role(&role)).await?;
        preconditions.check_write(role.version)?;
        check_held(request, role.permissions)?;
        let (users, groups) = self.provisioning.storage.role_holders(role.tenant_id, id).await?;
        if users + groups > 0 {
            let message = format!(
                "The role '{}' is given to {users} users and {groups} groups; take it away first.",
                role.name
            );
            return Err(DirectoryError::refused(Kind::Conflict, "role_in_use", message)
                .with("users", users)
                .with("groups", groups));
        }
        let tenant = self.provisioning.storage.find_tenant(role.tenant_id).await?;
        if tenant.is_some_and(|tenant| tenant.settings.default_roles.contains(&id)) {
            let message = format!(
                "The role '{}' is one of the tenant's default roles; take it out of 'default_roles' first.",
                role.name
            );
            return Err(DirectoryError::refused(Kind::Conflict, "role_in_use", message));
        }
        let mut changes = ChangeSet::new(role.tenant_id);
        changes.settings.push(SettingsChange::DeleteRole { id, expected: role.version });
        self.write_role(request, changes, AuditType::RoleDeleted, &role).await
    }

    /// A role of the tenant's own, as the database has it now.
    async fn own_role(&self, request: &Request, id: RoleId) -> Result<Role, DirectoryError> {
        if let Some(role) = BuiltInRole::of_id(id) {
            let message =
                format!("The role '{}' is built in; it can be neither changed nor removed.", role.name());
            return Err(DirectoryError::refused(Kind::Conflict, "built_in_role", message));
        }
        let roles = self.provisioning.storage.list_roles(request.caller.tenant_id).await?;
        roles.into_iter().find(|role| role.id == id).ok_or_else(|| DirectoryError::missing("Role", id))
    }

    /// Writes a change to a role, unless the policies would not go with the roles any more.
    async fn write_role(
        &self,
        request: &Request,
        mut changes: ChangeSet,
        kind: AuditType,
        role: &Role,
    ) -> Result<(), DirectoryError> {
        let tenant = changes.tenant_id;
        let mut stored = self.rules(tenant).await?;
        stored.roles.retain(|other| other.id != role.id);
        if kind != AuditType::RoleDeleted {
            stored.roles.push(role.clone());
        }
        changes.settings.push(SettingsChange::NextGenerationAfter { expected: stored.tenant.generation });
        self.compile(stored).await?;
        let details = json!({ "name": role.name, "permissions": role.permissions });
        changes.audit.push(self.event(request, kind, Target::Role(role.id), details));
        match self.provisioning.storage.commit(changes).await {
            Err(StorageError::Taken(Taken::RoleName)) => Err(name_taken(&role.name)),
            written => {
                self.changed(tenant).await;
                Ok(written?)
            }
        }
    }
}

fn of_role(role: &Role) -> Thing {
    Thing::Role(Arc::from(&*role.name))
}

/// The names of the fields in which two states of a role differ.
fn changed(before: &Role, after: &Role) -> Vec<&'static str> {
    let fields = [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("permissions", before.permissions != after.permissions),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// Puts a draft on a role. What is refused may be there in part.
fn settle(request: &Request, role: &mut Role, draft: &RoleDraft) -> Result<(), DirectoryError> {
    if let Some(name) = &draft.name {
        role.name = name.trim().to_owned();
    }
    if let Some(description) = &draft.description {
        role.description.clone_from(description);
    }
    if role.name.is_empty() {
        let problem = Problem::new("/name", "required", "is required");
        return Err(DirectoryError::impossible(vec![problem]));
    }
    if BuiltInRole::ALL.iter().any(|built_in| fold(&role.name) == built_in.name()) {
        return Err(name_taken(&role.name));
    }
    if let Some(names) = &draft.permissions {
        let permissions = named(names)?;
        check_held(request, permissions.without(role.permissions))?;
        role.permissions = permissions;
    }
    Ok(())
}

/// Nobody makes, changes or removes a role that holds more than they do.
fn check_held(request: &Request, permissions: Permissions) -> Result<(), DirectoryError> {
    let lacking = permissions.without(request.caller.permissions);
    if lacking.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = lacking.iter().map(Permission::as_str).collect();
    let message = format!("The role holds permissions that you lack: {}.", names.join(", "));
    Err(DirectoryError::refused(Kind::Forbidden, "exceeds_permissions", message)
        .with("permissions", json!(names)))
}

fn name_taken(name: &str) -> DirectoryError {
    let message = format!("A role '{name}' exists already; names are unique without regard to case.");
    DirectoryError::refused(Kind::Conflict, "role_exists", message)
}

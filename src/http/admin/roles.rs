//! `/v1/roles` and `/v1/permissions`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::types::ToJSON as _;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::answer::{Created, Done, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::Session;
use super::values::{if_matches, names, time};
use super::{Admin, Part};
use crate::model::{self, BuiltInRole, RoleId};
use crate::provisioning::directory::RoleDraft;

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 5] = ["id", "built_in", "created_at", "updated_at", "version"];

pub(super) struct Roles;

/// A named set of permissions.
#[derive(Debug, Object)]
struct Role {
    id: Uuid,
    name: String,
    description: String,
    permissions: Vec<String>,
    /// Whether every tenant has it, and nobody can change it.
    built_in: bool,
    created_at: String,
    updated_at: String,
    version: i64,
}

/// Every role of the tenant.
#[derive(Debug, Object)]
struct RoleList {
    roles: Vec<Role>,
}

/// A role to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewRole {
    /// Unique in the tenant, without regard to case.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    #[oai(validator(max_length = 1000))]
    description: Option<String>,
    #[oai(validator(max_items = 64))]
    permissions: Vec<String>,
}

/// What changes of a role.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct RolePatch {
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    #[oai(validator(max_length = 1000))]
    description: Option<String>,
    #[oai(validator(max_items = 64))]
    permissions: Option<Vec<String>>,
}

/// One thing that the product checks before it does it.
#[derive(Debug, Object)]
struct Permission {
    name: String,
    description: String,
}

/// The closed list of permissions.
#[derive(Debug, Object)]
struct PermissionList {
    permissions: Vec<Permission>,
}

#[OpenApi(tag = "Part::Roles")]
impl Roles {
    /// List roles
    ///
    /// The built-in ones, then the tenant's own by name.
    #[oai(path = "/roles", method = "get")]
    async fn list_roles(&self, admin: Data<&Arc<Admin>>, session: Session) -> Answer<Found<RoleList>> {
        let roles = admin.directory.list_roles(&session.0).await?;
        Ok(Found::plain(RoleList { roles: roles.into_iter().map(Role::from).collect() }))
    }

    /// Create a role
    #[oai(path = "/roles", method = "post")]
    async fn create_role(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewRole>,
    ) -> Answer<Created<Role>> {
        let NewRole { name, description, permissions } = body.check()?;
        let draft = RoleDraft { name: Some(name), description, permissions: Some(permissions) };
        let role = admin.directory.create_role(&session.0, draft).await?;
        let location = format!("{}/roles/{}", admin.base_url, role.id);
        Ok(Created { version: Some(role.version), value: role.into(), location })
    }

    /// Read a role
    #[oai(path = "/roles/:id", method = "get")]
    async fn read_role(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<Role>> {
        Ok(found(admin.directory.read_role(&session.0, RoleId(id.0)).await?))
    }

    /// Change a role
    #[oai(path = "/roles/:id", method = "patch")]
    async fn patch_role(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<RolePatch>,
    ) -> Answer<Found<Role>> {
        if body.says_any(&COMPUTED) {
            let current = Role::from(admin.directory.read_role(&session.0, RoleId(id.0)).await?);
            body.take_unchanged(&current.to_json().unwrap_or_default(), &COMPUTED)?;
        }
        let RolePatch { name, description, permissions } = body.check()?;
        let draft = RoleDraft { name, description, permissions };
        let preconditions = if_matches(if_match.0);
        Ok(found(admin.directory.update_role(&session.0, RoleId(id.0), draft, &preconditions).await?))
    }

    /// Delete a role
    ///
    /// Only one that nobody has any more.
    #[oai(path = "/roles/:id", method = "delete")]
    async fn delete_role(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Done> {
        let preconditions = if_matches(if_match.0);
        admin.directory.delete_role(&session.0, RoleId(id.0), &preconditions).await?;
        Ok(Done)
    }

    /// List permissions
    ///
    /// The closed list of what the product checks.
    #[oai(path = "/permissions", method = "get")]
    async fn list_permissions(&self, _session: Session) -> Answer<Found<PermissionList>> {
        let permissions = model::Permission::ALL.iter().map(|permission| Permission {
            name: permission.as_str().to_owned(),
            description: permission.description().to_owned(),
        });
        Ok(Found::plain(PermissionList { permissions: permissions.collect() }))
    }
}

fn found(role: model::Role) -> Found<Role> {
    Found { version: Some(role.version), value: role.into() }
}

impl From<model::Role> for Role {
    fn from(role: model::Role) -> Self {
        Self {
            id: role.id.0,
            built_in: BuiltInRole::of_id(role.id).is_some(),
            name: role.name,
            description: role.description,
            permissions: names(role.permissions),
            created_at: time(role.created_at),
            updated_at: time(role.updated_at),
            version: role.version,
        }
    }
}

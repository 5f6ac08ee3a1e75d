//! `/v1/users/{id}/groups`, `/v1/users/{id}/roles` and `/v1/users/{id}/identities`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::types::ToJSON as _;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use uuid::Uuid;

use super::super::answer::Found;
use super::super::body::Body;
use super::super::failure::Answer;
use super::super::groups::{Kind, OrganizationRole};
use super::super::session::Session;
use super::super::values::{if_matches, names};
use super::super::{Admin, Part};
use super::output::Identity;
use crate::model::UserId;
use crate::provisioning::directory::{HeldRole, Membership, UserView};

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 2] = ["effective", "permissions"];

pub(in crate::http::admin) struct Holdings;

/// A group that a user is in.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct UserGroup {
    id: Uuid,
    name: String,
    kind: Kind,
    /// Whether the user itself is a member, rather than a group that it is in.
    direct: bool,
    /// The user's role in an organization.
    role: Option<OrganizationRole>,
    /// What the group's own roles allow.
    permissions: Vec<String>,
}

/// The groups that a user is in.
#[derive(Debug, Object)]
struct UserGroupList {
    groups: Vec<UserGroup>,
}

/// The ways in which a user signs in, or is known to identity providers.
#[derive(Debug, Object)]
struct UserIdentityList {
    identities: Vec<Identity>,
}

/// A group through which a role comes.
#[derive(Debug, Object)]
struct RoleSource {
    id: Uuid,
    name: String,
    kind: Kind,
}

/// A role that a user has.
#[derive(Debug, Object)]
struct UserRole {
    id: Uuid,
    name: String,
    permissions: Vec<String>,
    /// Whether it was given to the user itself.
    direct: bool,
    /// The groups through which it comes.
    through: Vec<RoleSource>,
}

/// The roles that a user has.
#[derive(Debug, Object)]
struct UserRoleList {
    /// The names of the roles given to the user itself.
    roles: Vec<String>,
    /// All of them, with where each comes from.
    effective: Vec<UserRole>,
    /// What they allow together.
    permissions: Vec<String>,
}

/// The roles that a user is to have.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct UserRolesPut {
    /// Names of roles; a user always has at least one.
    #[oai(validator(max_items = 100))]
    roles: Vec<String>,
}

#[OpenApi(tag = "Part::Users")]
impl Holdings {
    /// List a user's groups
    ///
    /// Of every kind, direct and through others.
    #[oai(path = "/users/:id/groups", method = "get")]
    async fn list_user_groups(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<UserGroupList>> {
        let memberships = admin.directory.user_groups(&session.0, UserId(id.0)).await?;
        Ok(Found::plain(UserGroupList { groups: memberships.into_iter().map(UserGroup::from).collect() }))
    }

    /// List a user's identities
    ///
    /// The ways in which the user signs in, or is known to identity providers. Never a secret.
    #[oai(path = "/users/:id/identities", method = "get")]
    async fn list_user_identities(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<UserIdentityList>> {
        let user = admin.directory.read_user(&session.0, UserId(id.0)).await?;
        let identities = user.identities.into_iter().map(Identity::from).collect();
        Ok(Found::plain(UserIdentityList { identities }))
    }

    /// List a user's roles
    ///
    /// Each with where it comes from.
    #[oai(path = "/users/:id/roles", method = "get")]
    async fn list_user_roles(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<UserRoleList>> {
        Ok(found(admin.directory.user_roles(&session.0, UserId(id.0)).await?))
    }

    /// Replace a user's roles
    ///
    /// Those given to the user itself; what comes through groups stays.
    #[oai(path = "/users/:id/roles", method = "put")]
    async fn put_user_roles(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<UserRolesPut>,
    ) -> Answer<Found<UserRoleList>> {
        let id = UserId(id.0);
        if body.says_any(&COMPUTED) {
            let current = found(admin.directory.user_roles(&session.0, id).await?);
            body.take_unchanged(&current.value.to_json().unwrap_or(Value::Null), &COMPUTED)?;
        }
        let roles = body.check()?.roles;
        let preconditions = if_matches(if_match.0);
        Ok(found(admin.directory.set_user_roles(&session.0, id, roles, &preconditions).await?))
    }
}

fn found((user, held): (UserView, Vec<HeldRole>)) -> Found<UserRoleList> {
    let value = UserRoleList {
        roles: user.roles,
        effective: held.into_iter().map(UserRole::from).collect(),
        permissions: names(user.permissions),
    };
    Found { value, version: Some(user.user.version) }
}

impl From<Membership> for UserGroup {
    fn from(membership: Membership) -> Self {
        let Membership { group, permissions } = membership;
        Self {
            id: group.group_id,
            name: group.display_name,
            kind: group.kind.into(),
            direct: group.direct,
            role: group.role.map(OrganizationRole::from),
            permissions: names(permissions),
        }
    }
}

impl From<HeldRole> for UserRole {
    fn from(held: HeldRole) -> Self {
        let through = held.through.into_iter().map(|group| RoleSource {
            id: group.group_id,
            name: group.display_name,
            kind: group.kind.into(),
        });
        Self {
            id: held.role.id.0,
            name: held.role.name,
            permissions: names(held.role.permissions),
            direct: held.direct,
            through: through.collect(),
        }
    }
}

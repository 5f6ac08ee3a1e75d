//! A connection as the API shows and takes it.

use poem_openapi::{Enum, Object};
use uuid::Uuid;

use super::super::values::time;
use crate::model::{MappedAttribute, OnExistingUser};
use crate::provisioning::directory::{ConnectionDraft, ConnectionView, RoleMappingDraft, RoleMappingView};

/// What happens when a connection writes to a user that it did not bring.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum ExistingUser {
    /// The user becomes the connection's.
    Adopt,
    /// It is refused until an administrator approves: `GET /v1/adoption-requests` lists what was asked.
    Ask,
    /// It is refused.
    Refuse,
}

/// An identity provider's link into the tenant.
#[derive(Debug, Object)]
pub(super) struct Connection {
    id: Uuid,
    /// Unique in the tenant.
    name: String,
    /// Whether requests are read by the letter of the RFCs, or what clients really send is understood too.
    strict: bool,
    /// The name of a role: the connection changes nobody who holds more, and joins nobody to more.
    role_ceiling: String,
    on_existing_user: ExistingUser,
    /// The values that give roles; not those whose role is no more.
    role_mappings: Vec<RoleMapping>,
    /// Whether a `password` that the connection sends becomes one, held against the tenant's password policy, of users who
    /// sign in here. A user whom it makes with one does. Otherwise it is passed over: most identity providers send
    /// placeholders.
    accept_passwords: bool,
    created_at: String,
    updated_at: String,
    version: i64,
}

/// A value of users' `roles` or `entitlements` that gives those who have it a role, and takes it with it when it goes.
/// Roles that were given in another way stay. What no rule knows is kept on the profile, gives nothing, and is named in the
/// audit log as `unmapped_roles`.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct RoleMapping {
    attribute: RoleAttribute,
    /// Compared without case.
    #[oai(validator(min_length = 1, max_length = 500))]
    value: String,
    /// The name of a role within the connection's role ceiling.
    #[oai(validator(min_length = 1, max_length = 100))]
    role: String,
}

/// An attribute of SCIM users whose values may give roles.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum RoleAttribute {
    Roles,
    Entitlements,
}

/// A page of connections.
#[derive(Debug, Object)]
pub(super) struct ConnectionList {
    pub(super) connections: Vec<Connection>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    pub(super) next_cursor: Option<String>,
}

/// A connection to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub(super) struct NewConnection {
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    strict: Option<bool>,
    /// The name of a role; `user` where it is left out.
    #[oai(validator(min_length = 1, max_length = 100))]
    role_ceiling: Option<String>,
    /// `adopt` where it is left out.
    on_existing_user: Option<ExistingUser>,
    #[oai(validator(max_items = 200))]
    role_mappings: Option<Vec<RoleMapping>>,
    /// `false` where it is left out.
    accept_passwords: Option<bool>,
}

/// What changes of a connection.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub(super) struct ConnectionPatch {
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    strict: Option<bool>,
    #[oai(validator(min_length = 1, max_length = 100))]
    role_ceiling: Option<String>,
    on_existing_user: Option<ExistingUser>,
    /// In place of those that there are.
    #[oai(validator(max_items = 200))]
    role_mappings: Option<Vec<RoleMapping>>,
    accept_passwords: Option<bool>,
}

impl From<ConnectionView> for Connection {
    fn from(ConnectionView { connection, role_ceiling, role_mappings }: ConnectionView) -> Self {
        Self {
            id: connection.id.0,
            name: connection.name,
            strict: connection.strict,
            role_ceiling,
            on_existing_user: connection.settings.on_existing_user.into(),
            role_mappings: role_mappings.into_iter().map(RoleMapping::from).collect(),
            accept_passwords: connection.settings.accept_passwords,
            created_at: time(connection.created_at),
            updated_at: time(connection.updated_at),
            version: connection.version,
        }
    }
}

impl From<NewConnection> for ConnectionDraft {
    fn from(body: NewConnection) -> Self {
        let NewConnection { name, strict, role_ceiling, on_existing_user, role_mappings, accept_passwords } =
            body;
        let name = Some(name);
        let patch =
            ConnectionPatch { name, strict, role_ceiling, on_existing_user, role_mappings, accept_passwords };
        patch.into()
    }
}

impl From<ConnectionPatch> for ConnectionDraft {
    fn from(body: ConnectionPatch) -> Self {
        Self {
            name: body.name,
            strict: body.strict,
            role_ceiling: body.role_ceiling,
            on_existing_user: body.on_existing_user.map(OnExistingUser::from),
            role_mappings: body.role_mappings.map(|rules| rules.into_iter().map(Into::into).collect()),
            accept_passwords: body.accept_passwords,
        }
    }
}

impl From<RoleMapping> for RoleMappingDraft {
    fn from(RoleMapping { attribute, value, role }: RoleMapping) -> Self {
        let attribute = match attribute {
            RoleAttribute::Roles => MappedAttribute::Roles,
            RoleAttribute::Entitlements => MappedAttribute::Entitlements,
        };
        Self { attribute, value, role }
    }
}

impl From<RoleMappingView> for RoleMapping {
    fn from(RoleMappingView { attribute, value, role }: RoleMappingView) -> Self {
        let attribute = match attribute {
            MappedAttribute::Roles => RoleAttribute::Roles,
            MappedAttribute::Entitlements => RoleAttribute::Entitlements,
        };
        Self { attribute, value, role }
    }
}

impl From<ExistingUser> for OnExistingUser {
    fn from(rule: ExistingUser) -> Self {
        match rule {
            ExistingUser::Adopt => Self::Adopt,
            ExistingUser::Ask => Self::Ask,
            ExistingUser::Refuse => Self::Refuse,
        }
    }
}

impl From<OnExistingUser> for ExistingUser {
    fn from(rule: OnExistingUser) -> Self {
        match rule {
            OnExistingUser::Adopt => Self::Adopt,
            OnExistingUser::Ask => Self::Ask,
            OnExistingUser::Refuse => Self::Refuse,
        }
    }
}

//! Who calls, and what the credential allows.

use std::sync::Arc;

use crate::mapping::custom::{CustomAttributes, schema_set};
use crate::mapping::rows::UserSchema;
use crate::model::change::SettingsChange;
use crate::model::{
    Actor, BuiltInRole, Connection, ConnectionId, KeyId, Permission, Permissions, Role, RoleId, Scopes,
    SessionId, Tenant, TenantId, TokenId, User, UserId,
};
use crate::scim::fold::fold;
use crate::scim::schema::SchemaSet;

/// Somebody whose credential was good.
#[derive(Clone, Debug)]
pub struct Caller {
    /// [`TenantId::INSTANCE`] for a credential of the instance that has not named a tenant yet.
    pub tenant_id: TenantId,
    pub subject: Subject,
    /// What the caller may do, the bounds of the credential included.
    pub permissions: Permissions,
    /// The tenant as it was at most a second ago; nothing where no tenant is named.
    pub tenant: Option<Arc<TenantView>>,
}

/// Whose credential it was.
#[derive(Clone, Debug)]
pub enum Subject {
    /// An identity provider's.
    Connection {
        connection: Connection,
        /// The connection's name, shared by the audit events of its requests.
        name: Arc<str>,
        token_id: TokenId,
        scopes: Scopes,
    },
    /// A user's own session.
    User { id: UserId, name: Arc<str>, roles: Vec<RoleId>, session_id: SessionId },
    /// An API key's.
    Key {
        id: KeyId,
        name: Arc<str>,
        /// Whose key it is, where it is a user's.
        user_id: Option<UserId>,
        /// Whether it is the instance's.
        instance: bool,
    },
}

/// A tenant, its settings, its roles and its own attributes of users.
#[derive(Debug)]
pub struct TenantView {
    pub tenant: Tenant,
    /// The built-in roles, then the tenant's own by name.
    pub roles: Vec<Role>,
    /// The tenant's own attributes, those that are in use.
    pub custom: Arc<CustomAttributes>,
    /// SCIM's schemas with the tenant's own extension.
    pub schemas: Arc<SchemaSet>,
    /// Whether any group gives roles to its members: where none does, nobody has to look for them.
    pub group_roles: bool,
}

impl TenantView {
    /// A view of a tenant with these roles and attributes of its own.
    pub fn new(tenant: Tenant, own: Vec<Role>, custom: CustomAttributes, group_roles: bool) -> Self {
        let built_in = BuiltInRole::ALL.into_iter().map(|role| Role {
            tenant_id: tenant.id,
            id: role.id(),
            name: role.name().to_owned(),
            description: role.description().to_owned(),
            permissions: role.permissions(),
            created_at: tenant.created_at,
            updated_at: tenant.created_at,
            version: 1,
        });
        let roles = built_in.chain(own).collect();
        let schemas = schema_set(&tenant.slug, &custom);
        Self { tenant, roles, custom: Arc::new(custom), schemas, group_roles }
    }

    /// The same with another state of the tenant, of the same generation: what was compiled is shared.
    #[must_use]
    pub fn with_tenant(&self, tenant: Tenant, group_roles: bool) -> Self {
        Self {
            tenant,
            roles: self.roles.clone(),
            custom: Arc::clone(&self.custom),
            schemas: Arc::clone(&self.schemas),
            group_roles,
        }
    }

    /// What makes rows of the tenant's users.
    pub fn user_schema(&self) -> UserSchema<'_> {
        UserSchema { slug: &self.tenant.slug, schemas: &self.schemas, custom: &self.custom }
    }

    /// What keeps a change of these users from being written by definitions that are no longer the tenant's: index and
    /// search would miss it. Nothing for users without values of the tenant's own attributes.
    pub fn guard(&self, users: &[&User]) -> Option<SettingsChange> {
        let concerned = users.iter().any(|user| !user.custom.is_empty());
        concerned.then_some(SettingsChange::SameGeneration { expected: self.tenant.generation })
    }

    /// The role with this id.
    pub fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The role of this name, compared without case.
    pub fn role_named(&self, name: &str) -> Option<&Role> {
        let key = fold(name);
        self.roles.iter().find(|role| fold(&role.name) == key)
    }

    /// What these roles allow together. A role that is no more allows nothing.
    pub fn permissions_of(&self, roles: &[RoleId]) -> Permissions {
        roles
            .iter()
            .filter_map(|id| self.role(*id))
            .fold(Permissions::NONE, |sum, role| sum.union(role.permissions))
    }
}

impl Caller {
    /// Whose `externalId`s the caller sees and gives.
    pub fn connection_id(&self) -> ConnectionId {
        match &self.subject {
            Subject::Connection { connection, .. } => connection.id,
            Subject::User { .. } | Subject::Key { .. } => ConnectionId::NONE,
        }
    }

    /// Whether requests are read by the letter of the RFCs.
    pub fn is_strict(&self) -> bool {
        matches!(&self.subject, Subject::Connection { connection, .. } if connection.strict)
    }

    /// What makes rows of the users of the caller's tenant.
    pub fn user_schema(&self) -> UserSchema<'_> {
        match &self.tenant {
            Some(view) => view.user_schema(),
            None => UserSchema::built_in(),
        }
    }

    /// The user behind the credential, where it is one's session or key.
    pub fn user_id(&self) -> Option<UserId> {
        match &self.subject {
            Subject::User { id, .. } => Some(*id),
            Subject::Key { user_id, .. } => *user_id,
            Subject::Connection { .. } => None,
        }
    }

    /// The session behind the credential, where it is an access token.
    pub fn session_id(&self) -> Option<SessionId> {
        match &self.subject {
            Subject::User { session_id, .. } => Some(*session_id),
            Subject::Key { .. } | Subject::Connection { .. } => None,
        }
    }

    /// Whether this is an identity provider.
    pub fn is_connection(&self) -> bool {
        matches!(self.subject, Subject::Connection { .. })
    }

    /// Whether the credential is the instance's.
    pub fn is_instance(&self) -> bool {
        matches!(self.subject, Subject::Key { instance: true, .. })
    }

    /// The caller as audit events name it.
    pub fn actor(&self) -> Actor {
        match &self.subject {
            Subject::Connection { connection, name, .. } => {
                Actor::Connection { id: connection.id, name: Arc::clone(name) }
            }
            Subject::User { id, name, .. } => Actor::User { id: *id, name: Arc::clone(name) },
            Subject::Key { id, name, .. } => Actor::Key { id: *id, name: Arc::clone(name) },
        }
    }
}

/// What scopes of SCIM leave of what a service account may do. Owners are not for programs that are bounded to SCIM.
pub fn client_permissions(scopes: Scopes) -> Permissions {
    permissions_of_scopes(scopes).without(Permissions::from_iter([Permission::OwnersWrite]))
}

/// What a SCIM token's scopes allow.
pub fn permissions_of_scopes(scopes: Scopes) -> Permissions {
    const READ: [Permission; 2] = [Permission::UsersRead, Permission::GroupsRead];
    // Whom a connection may touch, owners above all, is for its role ceiling to say.
    const WRITE: [Permission; 5] = [
        Permission::OwnersWrite,
        Permission::UsersCreate,
        Permission::UsersUpdate,
        Permission::UsersDelete,
        Permission::GroupsWrite,
    ];
    let read = READ.into_iter().filter(|_| scopes.read);
    read.chain(WRITE.into_iter().filter(|_| scopes.write)).collect()
}

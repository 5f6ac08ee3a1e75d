//! What is asked: may this principal do this to that resource, in these circumstances? Plain data that the caller knows
//! already; asking needs no query.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use crate::model::{
    ConnectionId, GroupId, GroupKind, InvitationId, KeyId, Permission, Permissions, PolicyId, TenantId,
    UserId, WebhookId,
};

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub principal: Principal,
    pub action: Permission,
    pub resource: Resource,
    pub context: Context,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// The tenant in which it acts.
    pub tenant_id: TenantId,
    pub kind: PrincipalKind,
    /// The names of all its roles, in any case: given to it directly or through groups. A user's key has the user's.
    pub roles: Vec<Arc<str>>,
    /// Every group that it is in, through other groups too.
    pub groups: Vec<GroupId>,
    /// What it may do: of a user what the roles hold, of a key the part of it that is in the key's scopes.
    pub permissions: Permissions,
    /// Whether it holds the role `owner`. A user's key is as its user.
    pub is_owner: bool,
}

/// What kind of principal asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    User(Person),
    /// An API key: a user's, or where `user` is `None` the tenant's or the instance's.
    ApiKey {
        id: KeyId,
        name: Arc<str>,
        user: Option<Person>,
    },
    /// An identity provider.
    Connection {
        id: ConnectionId,
        name: Arc<str>,
    },
}

/// A user as far as a credential tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub user_name: Arc<str>,
    pub email: Option<Arc<str>>,
    pub service_account: bool,
}

impl Principal {
    /// The user who asks, in person or through a key.
    pub fn person(&self) -> Option<&Person> {
        match &self.kind {
            PrincipalKind::User(person) => Some(person),
            PrincipalKind::ApiKey { user, .. } => user.as_ref(),
            PrincipalKind::Connection { .. } => None,
        }
    }
}

/// What is to be read or changed: a thing of this tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    pub tenant_id: TenantId,
    pub thing: Thing,
}

/// The thing, with what policies may want to know about it. Of a change this is what stood before it; of a creation
/// what is to be created.
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    /// The tenant as a whole: lists, settings, the audit log, statistics.
    Tenant,
    User(UserFacts),
    Group(GroupFacts),
    /// A role, by its name in any case.
    Role(Arc<str>),
    Policy {
        id: PolicyId,
        name: Arc<str>,
    },
    ApiKey {
        id: KeyId,
        name: Arc<str>,
        user: Option<UserId>,
    },
    /// The definition of one of the tenant's own attributes, by its name, which is its key.
    Attribute(Arc<str>),
    Connection {
        id: ConnectionId,
        name: Arc<str>,
    },
    Webhook {
        id: WebhookId,
        url: Arc<str>,
    },
    Invitation {
        id: InvitationId,
        email: Arc<str>,
    },
}

/// A user whom the question is about.
#[derive(Clone, Debug, PartialEq)]
pub struct UserFacts {
    /// `None` for a user who is yet to be created.
    pub id: Option<UserId>,
    pub user_name: Arc<str>,
    pub email: Option<Arc<str>>,
    pub status: UserStatus,
    pub is_owner: bool,
    pub service_account: bool,
    /// The names of the user's roles, in any case.
    pub roles: Vec<Arc<str>>,
    pub groups: Vec<GroupId>,
}

/// Where a user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStatus {
    Invited,
    Active,
    Suspended,
    Deactivated,
}

impl UserStatus {
    /// The status' name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deactivated => "deactivated",
        }
    }
}

/// A group that the question is about.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupFacts {
    /// `None` for a group that is yet to be created.
    pub id: Option<GroupId>,
    pub display_name: Arc<str>,
    pub kind: GroupKind,
}

/// The circumstances.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    pub ip: Option<IpAddr>,
    pub channel: Channel,
    /// The attributes that an update changes.
    pub changed: BTreeSet<Arc<str>>,
    /// The roles that are given or taken, by their names in any case.
    pub roles: Vec<Arc<str>>,
}

impl Context {
    /// Nothing changes, no role is given.
    pub fn new(channel: Channel, ip: Option<IpAddr>) -> Self {
        Self { ip, channel, changed: BTreeSet::new(), roles: Vec::new() }
    }
}

/// The way a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Api,
    Scim,
    Console,
    Import,
}

impl Channel {
    /// The channel's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Scim => "scim",
            Self::Console => "console",
            Self::Import => "import",
        }
    }
}

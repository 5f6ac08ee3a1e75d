//! Who did what to whom, when, and by which request. Append-only.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::clock::Timestamp;
use super::ids::{ConnectionId, EventId, GroupId, KeyId, OutboxId, RoleId, TenantId, UserId, WebhookId};

/// One event, written in the transaction of the change that it tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    pub id: EventId,
    pub at: Timestamp,
    pub kind: AuditType,
    pub origin: Origin,
    pub target: Target,
    /// What changed, without values that are secret.
    pub details: Value,
}

/// The closed set of event types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditType {
    TenantCreated,
    ConnectionCreated,
    TokenCreated,
    TokenRevoked,
    TenantUpdated,
    ApiKeyCreated,
    ApiKeyRotated,
    ApiKeyRevoked,
    RoleCreated,
    RoleUpdated,
    RoleDeleted,
    RoleAssigned,
    RoleUnassigned,
    UserCreated,
    UserUpdated,
    UserSuspended,
    UserUnsuspended,
    UserDeactivated,
    UserReactivated,
    UserDeleted,
    GroupCreated,
    GroupUpdated,
    GroupDeleted,
    AttributeCreated,
    AttributeUpdated,
    AttributeRemoved,
    AttributeRestored,
    AttributePurged,
    MailFailed,
    WebhookFailed,
}

impl AuditType {
    /// The event's name, such as `user.created`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantCreated => "tenant.created",
            Self::ConnectionCreated => "connection.created",
            Self::TokenCreated => "token.created",
            Self::TokenRevoked => "token.revoked",
            Self::TenantUpdated => "tenant.updated",
            Self::ApiKeyCreated => "api_key.created",
            Self::ApiKeyRotated => "api_key.rotated",
            Self::ApiKeyRevoked => "api_key.revoked",
            Self::RoleCreated => "role.created",
            Self::RoleUpdated => "role.updated",
            Self::RoleDeleted => "role.deleted",
            Self::RoleAssigned => "role.assigned",
            Self::RoleUnassigned => "role.unassigned",
            Self::UserCreated => "user.created",
            Self::UserUpdated => "user.updated",
            Self::UserSuspended => "user.suspended",
            Self::UserUnsuspended => "user.unsuspended",
            Self::UserDeactivated => "user.deactivated",
            Self::UserReactivated => "user.reactivated",
            Self::UserDeleted => "user.deleted",
            Self::GroupCreated => "group.created",
            Self::GroupUpdated => "group.updated",
            Self::GroupDeleted => "group.deleted",
            Self::AttributeCreated => "attribute.created",
            Self::AttributeUpdated => "attribute.updated",
            Self::AttributeRemoved => "attribute.removed",
            Self::AttributeRestored => "attribute.restored",
            Self::AttributePurged => "attribute.purged",
            Self::MailFailed => "mail.failed",
            Self::WebhookFailed => "webhook.failed",
        }
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An identity provider through its connection.
    Connection { id: ConnectionId, name: Arc<str> },
    /// A user with a session of their own.
    User { id: UserId, name: Arc<str> },
    /// An API key.
    Key { id: KeyId, name: Arc<str> },
    /// The server itself, or its operator at the command line.
    System,
}

impl Actor {
    /// The kind's word, the id and the name, as the database holds them.
    pub fn parts(&self) -> (&'static str, Option<Uuid>, Option<&str>) {
        match self {
            Self::Connection { id, name } => ("connection", Some(id.0), Some(name)),
            Self::User { id, name } => ("user", Some(id.0), Some(name)),
            Self::Key { id, name } => ("key", Some(id.0), Some(name)),
            Self::System => ("system", None, None),
        }
    }
}

/// Where a change comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub actor: Actor,
    pub request_id: Option<Arc<str>>,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<Arc<str>>,
}

impl Origin {
    /// The server itself.
    pub fn system() -> Self {
        Self { actor: Actor::System, request_id: None, ip: None, user_agent: None }
    }
}

/// Whom or what a change meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Tenant(TenantId),
    Connection(ConnectionId),
    Token(Uuid),
    User(UserId),
    Group(GroupId),
    Role(RoleId),
    Key(KeyId),
    Mail(OutboxId),
    Webhook(WebhookId),
}

impl Target {
    /// The kind's word, as the database holds it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Tenant(_) => "tenant",
            Self::Connection(_) => "connection",
            Self::Token(_) => "token",
            Self::User(_) => "user",
            Self::Group(_) => "group",
            Self::Role(_) => "role",
            Self::Key(_) => "api_key",
            Self::Mail(_) => "mail",
            Self::Webhook(_) => "webhook",
        }
    }

    /// The target's id.
    pub fn id(self) -> Uuid {
        match self {
            Self::Tenant(id) => id.0,
            Self::Connection(id) => id.0,
            Self::Token(id) => id,
            Self::User(id) => id.0,
            Self::Group(id) => id.0,
            Self::Role(id) => id.0,
            Self::Key(id) => id.0,
            Self::Mail(id) => id.0,
            Self::Webhook(id) => id.0,
        }
    }
}

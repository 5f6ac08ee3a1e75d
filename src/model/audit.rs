//! Who did what to whom, when, and by which request. Append-only.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::clock::Timestamp;
use super::ids::{
    ClientId, ConnectionId, EventId, GroupId, KeyId, OutboxId, PolicyId, RoleId, TenantId, UserId, WebhookId,
};

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

macro_rules! audit_types {
    ($($variant:ident $name:literal,)*) => {
        /// The closed set of event types.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AuditType {
            $($variant,)*
        }

        impl AuditType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The event's name, such as `user.created`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

audit_types! {
    TenantCreated "tenant.created",
    ConnectionCreated "connection.created",
    TokenCreated "token.created",
    TokenRevoked "token.revoked",
    TenantUpdated "tenant.updated",
    ApiKeyCreated "api_key.created",
    ApiKeyRotated "api_key.rotated",
    ApiKeyRevoked "api_key.revoked",
    RoleCreated "role.created",
    RoleUpdated "role.updated",
    RoleDeleted "role.deleted",
    RoleAssigned "role.assigned",
    RoleUnassigned "role.unassigned",
    UserCreated "user.created",
    UserUpdated "user.updated",
    UserSuspended "user.suspended",
    UserUnsuspended "user.unsuspended",
    UserDeactivated "user.deactivated",
    UserReactivated "user.reactivated",
    UserDeleted "user.deleted",
    GroupCreated "group.created",
    GroupUpdated "group.updated",
    GroupDeleted "group.deleted",
    LoginSucceeded "login.succeeded",
    LoginFailed "login.failed",
    LoginChallenged "login.challenged",
    LoginLocked "login.locked",
    LoginUnlocked "login.unlocked",
    RefreshTokenReused "refresh_token.reused",
    PasswordResetRequested "password_reset.requested",
    EmailChangeRequested "email_change.requested",
    SessionEnded "session.ended",
    RegistrationRefused "registration.refused",
    VerificationRequested "verification.requested",
    MemberRoleChanged "member.role_changed",
    ConnectionUpdated "connection.updated",
    AdoptionRequested "adoption.requested",
    AdoptionApproved "adoption.approved",
    AdoptionDenied "adoption.denied",
    TenantSuspended "tenant.suspended",
    TenantUnsuspended "tenant.unsuspended",
    TenantDeleted "tenant.deleted",
    AttributeCreated "attribute.created",
    AttributeUpdated "attribute.updated",
    AttributeRemoved "attribute.removed",
    AttributeRestored "attribute.restored",
    AttributePurged "attribute.purged",
    UserRestored "user.restored",
    UserPurged "user.purged",
    UserInvited "user.invited",
    InvitationResent "invitation.resent",
    InvitationRevoked "invitation.revoked",
    InvitationRefused "invitation.refused",
    PolicyChanged "policy.changed",
    MailFailed "mail.failed",
    WebhookFailed "webhook.failed",
    WebhookCreated "webhook.created",
    WebhookUpdated "webhook.updated",
    WebhookDeleted "webhook.deleted",
    WebhookSecretRotated "webhook.secret_rotated",
    WebhookResent "webhook.resent",
    MfaEnrolmentBegun "mfa.enrolment_begun",
    MfaEnrolled "mfa.enrolled",
    MfaRemoved "mfa.removed",
    MfaReset "mfa.reset",
    ConfirmationFailed "confirmation.failed",
    RecoveryCodesCreated "recovery_codes.created",
    RecoveryCodeUsed "recovery_code.used",
    ClientCreated "client.created",
    ClientRevoked "client.revoked",
    ClientRejected "client.rejected",
}

impl AuditType {
    /// The type of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// An event as it is stored, word for word: a row that somebody changed is still a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub id: EventId,
    pub at: Timestamp,
    pub kind: String,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: Option<String>,
    pub target_kind: String,
    pub target_id: Uuid,
    pub request_id: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// JSON.
    pub details: String,
}

/// Which events of a tenant are meant. They come in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub kind: Option<AuditType>,
    pub actor: Option<Uuid>,
    pub target: Option<Uuid>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Behind which id, in the order that is asked for.
    pub after: Option<EventId>,
    pub oldest_first: bool,
    pub limit: i64,
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
    Policy(PolicyId),
    Key(KeyId),
    Mail(OutboxId),
    Webhook(WebhookId),
    Client(ClientId),
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
            Self::Policy(_) => "policy",
            Self::Key(_) => "api_key",
            Self::Mail(_) => "mail",
            Self::Webhook(_) => "webhook",
            Self::Client(_) => "client",
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
            Self::Policy(id) => id.0,
            Self::Key(id) => id.0,
            Self::Mail(id) => id.0,
            Self::Webhook(id) => id.0,
            Self::Client(id) => id.0,
        }
    }
}

//! The words that the whole house uses: tenants, users, groups, memberships, connections, audit events, and the
//! changes and queries made of them. Plain data; nothing here knows SQL, SCIM or HTTP.

pub mod access_token;
pub mod audit;
pub mod change;
pub mod clock;
pub mod group;
pub mod ids;
pub mod outbox;
pub mod permission;
pub mod query;
pub mod random;
pub mod role;
pub mod tenant;
pub mod user;

pub use access_token::{AccessToken, Scopes};
pub use audit::{Actor, AuditEvent, AuditType, Origin, Target};
pub use clock::{Clock, Timestamp};
pub use group::{Group, GroupKind, Member, MemberRow};
pub use ids::{
    AttemptId, ConnectionId, EventId, GroupId, InvitationId, KeyId, OutboxId, PolicyId, RoleId, TenantId,
    TokenId, UserId, WebhookId,
};
pub use outbox::{DeliveryChange, Lane, OutboxRow, Webhook, WebhookEvent};
pub use permission::{Permission, Permissions};
pub use role::{BuiltInRole, Role};
pub use tenant::{Connection, Tenant};
pub use user::{NameOrigin, NamePart, PersonName, User};

//! The words that the whole house uses: tenants, users, groups, memberships, connections, audit events, and the
//! changes and queries made of them. Plain data; nothing here knows SQL, SCIM or HTTP.

pub mod access_token;
pub mod account;
pub mod adoption;
pub mod api_key;
pub mod attribute;
pub mod audit;
pub mod audit_seal;
pub mod avatar;
pub mod change;
pub mod client;
pub mod clock;
pub mod credential;
pub mod deleted_user;
pub mod group;
pub mod ids;
pub mod invitation;
pub mod login_failure;
pub mod mfa;
pub mod one_time_token;
pub mod outbox;
pub mod password_policy;
pub mod permission;
pub mod policy;
pub mod query;
pub mod random;
pub mod record;
pub mod refresh_token;
pub mod role;
pub mod session;
pub mod signing_key;
pub mod statistics;
pub mod tenant;
pub mod user;
pub mod webhook;

pub use access_token::{AccessToken, Scopes};
pub use account::{Account, AuthProvider, Standing, Status};
pub use adoption::{AdoptionChange, AdoptionRequest, AdoptionState};
pub use api_key::ApiKey;
pub use attribute::{AttributeDefinition, AttributeKind, AttributeMutability, Audience};
pub use audit::{Actor, AuditEvent, AuditRow, AuditType, Origin, Target};
pub use audit_seal::{AuditHead, AuditSeal, SealEntry};
pub use avatar::StoredAvatar;
pub use client::{Client, ClientChange, ClientOwner, ClientProof};
pub use clock::{Clock, Timestamp};
pub use credential::{PasswordCredential, PasswordHash};
pub use deleted_user::{DeletedBy, DeletedUser, KeptUser};
pub use group::{Group, GroupKind, Member, MemberDetails, MemberRole, MemberRow};
pub use ids::{
    AdoptionRequestId, AttemptId, ClientId, ConnectionId, EventId, FactorId, GroupId, InvitationId, KeyId,
    OneTimeTokenId, OutboxId, PolicyId, RefreshTokenId, RoleId, SessionId, SigningKeyId, TenantId, TokenId,
    UserId, WebhookId,
};
pub use invitation::{Invitation, InvitationChange, InvitationState};
pub use login_failure::{LoginFailures, LoginSubject};
pub use mfa::{MfaChange, TotpFactor};
pub use one_time_token::{OneTimeKind, OneTimeToken};
pub use outbox::{DeliveryChange, Lane, OutboxRow};
pub use password_policy::{PasswordPolicy, PolicyError, PolicyPreset};
pub use permission::{Permission, Permissions};
pub use policy::Policy;
pub use record::{IdempotencyKey, RecordChange, UsedKey};
pub use refresh_token::RefreshToken;
pub use role::{BuiltInRole, Role};
pub use session::Session;
pub use signing_key::SigningKey;
pub use statistics::{Counter, Hour};
pub use tenant::{
    Connection, ConnectionSettings, MappedAttribute, OnExistingUser, RoleMapping, SignInNameKind,
    SignInNames, Tenant, TenantSettings, TenantStatus,
};
pub use user::{NameOrigin, NamePart, PersonName, User};
pub use webhook::{Subscription, Webhook, WebhookEvent};

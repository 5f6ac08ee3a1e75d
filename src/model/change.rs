//! What a use case decides: everything that is to be written, with what must still be true for it.

use std::borrow::Cow;

use uuid::Uuid;

use super::access_token::AccessToken;
use super::account::Account;
use super::api_key::ApiKey;
use super::attribute::AttributeDefinition;
use super::audit::AuditEvent;
use super::audit_seal::{AuditHead, AuditSeal};
use super::client::ClientChange;
use super::clock::Timestamp;
use super::credential::PasswordHash;
use super::deleted_user::KeptUser;
use super::group::{GroupKind, Member, MemberRole};
use super::ids::{
    ConnectionId, GroupId, KeyId, OneTimeTokenId, PolicyId, RefreshTokenId, RoleId, SessionId, SigningKeyId,
    TenantId, TokenId, UserId,
};
use super::invitation::InvitationChange;
use super::login_failure::LoginSubject;
use super::mfa::MfaChange;
use super::one_time_token::{OneTimeKind, OneTimeToken};
use super::outbox::{DeliveryChange, OutboxRow};
use super::policy::Policy;
use super::record::RecordChange;
use super::refresh_token::RefreshToken;
use super::role::Role;
use super::session::Session;
use super::signing_key::SigningKey;
use super::statistics::{Hour, HourlyCount};
use super::tenant::{Connection, SignInNames, Tenant};

/// One use case's changes to one tenant. They are written together, or none of them is.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeSet {
    pub tenant_id: TenantId,
    pub users: Vec<UserChange>,
    pub groups: Vec<GroupChange>,
    pub settings: Vec<SettingsChange>,
    /// In this order, after the users and groups: they may be of a user that the same change set inserts.
    pub credentials: Vec<CredentialChange>,
    /// The same; they come last.
    pub records: Vec<RecordChange>,
    pub audit: Vec<AuditEvent>,
    /// What has to leave because of the change.
    pub outbox: Vec<OutboxRow>,
}

impl ChangeSet {
    /// Nothing yet, for this tenant.
    pub fn new(tenant_id: TenantId) -> Self {
        Self {
            tenant_id,
            users: Vec::new(),
            groups: Vec::new(),
            settings: Vec::new(),
            credentials: Vec::new(),
            records: Vec::new(),
            audit: Vec::new(),
            outbox: Vec::new(),
        }
    }

    /// The same with one more setting, if there is one.
    #[must_use]
    pub fn with_setting(mut self, change: Option<SettingsChange>) -> Self {
        self.settings.extend(change);
        self
    }
}

/// A user written or removed.
#[derive(Clone, Debug, PartialEq)]
pub enum UserChange {
    Insert {
        row: Box<UserRow>,
        index: Vec<IndexRow>,
        external_id: Option<ExternalIdChange>,
    },
    /// Guard: the stored version is the one before `row.version`.
    Update {
        row: Box<UserRow>,
        index: IndexDelta,
        external_id: Option<ExternalIdChange>,
    },
    /// Memberships go with the user. Guard: the stored version is `expected`.
    Delete {
        id: UserId,
        expected: i64,
        index: Vec<IndexRow>,
        at: Timestamp,
        /// What is kept of the user, so that it can be restored; nothing where nothing is kept. The memberships and external
        /// ids that go with it are those which the deletion removes, read by the statement that removes them.
        kept: Option<Box<KeptUser>>,
    },
}

/// A group written or removed.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupChange {
    Insert {
        row: Box<GroupRow>,
        members: Vec<Member>,
        external_id: Option<ExternalIdChange>,
    },
    Update(Box<GroupUpdate>),
    /// Users join an organization with these roles; who is in it already stays as it is. The group's version is moved by
    /// an update beside it.
    Enrol {
        id: GroupId,
        members: Vec<(UserId, MemberRole)>,
    },
    /// Members of an organization get these roles. Written before everything else of the change set, and moves the
    /// version by one. Guard: the stored version is `expected`, and all of them are members.
    SetRoles {
        id: GroupId,
        expected: i64,
        members: Vec<(UserId, MemberRole)>,
        at: Timestamp,
    },
    /// Memberships go with the group. Guard: the stored version is `expected`.
    Delete {
        id: GroupId,
        kind: GroupKind,
        expected: i64,
        at: Timestamp,
    },
}

/// A change to a group: its attributes, its members, or both.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupUpdate {
    pub id: GroupId,
    /// Guard: the stored version. `None` where members are only added, or only removed, because such changes do not
    /// depend on what the group holds and so never have to be decided again.
    pub expected: Option<i64>,
    /// New attributes; `None` leaves them.
    pub row: Option<GroupRow>,
    pub add: Vec<Member>,
    pub remove: Vec<Uuid>,
    pub external_id: Option<ExternalIdChange>,
    pub at: Timestamp,
}

/// The columns of a user, and its two documents.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRow {
    pub id: UserId,
    pub user_name: String,
    /// `user_name`, folded.
    pub user_name_key: String,
    pub email: Option<String>,
    /// `email`, folded.
    pub email_key: Option<String>,
    pub given_name: Option<String>,
    pub middle_name: Option<String>,
    pub family_name: Option<String>,
    /// See `PersonName::origins`.
    pub name_origins: String,
    pub display_name: Option<String>,
    pub phone: Option<String>,
    pub active: bool,
    pub account: Account,
    /// The values of the tenant's own attributes, a JSON object; `None` for none.
    pub custom: Option<String>,
    pub manager_id: Option<UserId>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The answer's text, without what is computed.
    pub document: String,
    /// The search document's text.
    pub search: String,
}

/// The columns of a group, and its two documents. Version and times are kept by the writer.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRow {
    pub id: GroupId,
    pub display_name: String,
    /// `display_name`, folded.
    pub display_name_key: String,
    pub kind: GroupKind,
    pub roles: Vec<RoleId>,
    pub created_at: Timestamp,
    /// The answer's text, without what is computed.
    pub document: String,
    /// The search document's text.
    pub search: String,
}

/// One row of the attribute index.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexRow {
    /// For example `emails.value`, or `custom.` and the name of one of the tenant's own attributes.
    pub path: Cow<'static, str>,
    /// Folded, and cut to [`IndexRow::MAX_CHARS`]; a digest where `unique`.
    pub value: String,
    /// Whether the row keeps others from having the value, rather than leading to those who have it. Such rows have a
    /// table of their own.
    pub unique: bool,
}

impl IndexRow {
    /// How many characters of a value the index holds; longer values are checked again in the search document.
    pub const MAX_CHARS: usize = 256;
}

/// What an update does to the attribute index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexDelta {
    pub add: Vec<IndexRow>,
    pub remove: Vec<IndexRow>,
}

/// A connection's own name for a resource; `None` takes it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdChange {
    pub connection_id: ConnectionId,
    pub value: Option<String>,
}

/// Changes to what is not a user or a group: few and rare.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingsChange {
    InsertTenant(Tenant),
    InsertConnection(Connection),
    /// Name, strictness and settings. Guard: the stored version is the one before `version`.
    UpdateConnection(Box<Connection>),
    InsertToken(Box<AccessToken>),
    RevokeToken {
        id: TokenId,
        at: Timestamp,
    },
    /// Written in the background, without an audit event.
    TokenUsed {
        id: TokenId,
        at: Timestamp,
    },
    /// Name, status and settings. Guard: the stored version is the one before `version`.
    UpdateTenant(Box<Tenant>),
    /// The names by which the tenant is found, instead of all that it had.
    SetSignInNames(SignInNames),
    /// Removes up to `most` rows of one of the tables that `Storage::tenant_tables` names. Guard: the tenant is being deleted,
    /// and there was a row.
    RemoveRows {
        table: &'static str,
        most: i64,
    },
    /// Removes the tenant itself. Guard: it is being deleted.
    DeleteTenant,
    /// Added to what was counted before, unless the tenant is gone. Written in the background, without an audit event.
    AddCounts(Vec<HourlyCount>),
    /// Removes what was counted before this hour.
    PurgeCounts {
        before: Hour,
    },
    /// What compiled snapshots hold has changed.
    NextGeneration,
    /// The same. Guard: nothing of it has changed since `expected` was read. For changes to roles and policies, which are
    /// checked together.
    NextGenerationAfter {
        expected: i64,
    },
    /// Guard: what compiled snapshots hold is what it was when `expected` was read. It fails in a way of its own, for
    /// deciding again by the same snapshot would be no help.
    SameGeneration {
        expected: i64,
    },
    InsertAttribute(Box<AttributeDefinition>),
    /// Guard: the stored version is `expected`.
    UpdateAttribute {
        definition: Box<AttributeDefinition>,
        expected: i64,
    },
    /// Guard: the stored version is `expected`.
    DeleteAttribute {
        name: String,
        expected: i64,
    },
    /// Empties the index under a path, or (`unique`) the list of values that are taken under it.
    DropIndex {
        path: String,
        unique: bool,
    },
    /// Who owns or administers the tenant is about to change. Guard: nobody else has changed it since `expected` was read.
    MoveGuard {
        expected: i64,
    },
    InsertRole(Box<Role>),
    /// Guard: the stored version is the one before `version`.
    UpdateRole(Box<Role>),
    /// Guard: the stored version is `expected`.
    DeleteRole {
        id: RoleId,
        expected: i64,
    },
    InsertPolicy(Box<Policy>),
    /// Guard: the stored version is the one before `version`.
    UpdatePolicy(Box<Policy>),
    /// Guard: the stored version is `expected`.
    DeletePolicy {
        id: PolicyId,
        expected: i64,
    },
    Delivery(DeliveryChange),
    InsertApiKey(Box<ApiKey>),
    /// SHA-256 of a key's text; those that the key had before end at `others_end`.
    InsertKeySecret {
        key_id: KeyId,
        hash: [u8; 32],
        at: Timestamp,
        others_end: Timestamp,
    },
    RevokeApiKey {
        id: KeyId,
        at: Timestamp,
    },
    /// Written in the background, without an audit event.
    ApiKeyUsed {
        id: KeyId,
        at: Timestamp,
    },
    /// Refused if another key signs already: [`SettingsChange::RetireSigningKey`] it first. Of the instance, not of a
    /// tenant ([`TenantId::INSTANCE`]); so is the next.
    InsertSigningKey(Box<SigningKey>),
    /// Nothing, if the key is retired already.
    RetireSigningKey {
        id: SigningKeyId,
        at: Timestamp,
    },
    /// The next seal of the tenant's audit log, which is its head from then on. Refused if another server made it already.
    /// Written in the background, without an audit event.
    SealAudit {
        seal: Box<AuditSeal>,
        head: Box<AuditHead>,
    },
}

/// Changes to how users sign in, and to their sessions.
#[derive(Clone, Debug, PartialEq)]
pub enum CredentialChange {
    /// Gives a user this password instead of the one it has, if it has one. With it end all links and challenges that the
    /// user had, but for those that verify an address.
    SetPassword {
        user_id: UserId,
        hash: PasswordHash,
        at: Timestamp,
        /// How many passwords before this one are kept.
        history: u32,
    },
    /// The same password, hashed anew. Guard: the stored hash is `expected`.
    RehashPassword {
        user_id: UserId,
        expected: PasswordHash,
        hash: PasswordHash,
    },
    /// Guard: the user's password is the one that was set at this time.
    SamePassword {
        user_id: UserId,
        changed_at: Timestamp,
    },
    /// Guard: the user is at this version, with what else this change set makes of it.
    SameUser {
        user_id: UserId,
        version: i64,
    },
    InsertSession {
        session: Box<Session>,
        /// Guard: the user's password is the one that was set at this time. With it no session outlives a password that
        /// is changed while its owner signs in; `None` for a session that hangs on no password.
        password_changed_at: Option<Timestamp>,
    },
    /// Nothing, if the session has ended or is not this user's.
    EndSession {
        user_id: UserId,
        id: SessionId,
        at: Timestamp,
    },
    /// Put it behind a [`CredentialChange::SetPassword`] of the same user, which sign-ins wait for.
    EndSessions {
        user_id: UserId,
        /// The session that goes on: the one that changed the password, say.
        except: Option<SessionId>,
        at: Timestamp,
    },
    /// Guard: the user has got no one-time token of this kind after this time, and gets none until this change set is
    /// written.
    NoOneTimeTokenSince {
        user_id: UserId,
        kind: OneTimeKind,
        at: Timestamp,
    },
    /// Those of its kind that the user had before, and that cannot be used any more, go with it.
    InsertOneTimeToken(Box<OneTimeToken>),
    /// Guard: the token has not been used, and has not expired at `at`.
    UseOneTimeToken {
        id: OneTimeTokenId,
        at: Timestamp,
    },
    /// No one-time token of this kind that the user has can be used from then on.
    EndOneTimeTokens {
        user_id: UserId,
        kind: OneTimeKind,
        at: Timestamp,
    },
    InsertRefreshToken(Box<RefreshToken>),
    /// Guard: the token has not been used, and neither it nor its session has ended at `at`.
    UseRefreshToken {
        id: RefreshTokenId,
        at: Timestamp,
    },
    /// One more failure in a row.
    LoginFailed {
        subject: LoginSubject,
        at: Timestamp,
    },
    /// The row of failures is over.
    LoginForgiven {
        subject: LoginSubject,
    },
    /// Forgets sessions and one-time tokens whose time was over before this, factors that nobody has confirmed since, and
    /// failures that no longer count at `now`, a bounded number of each.
    PurgeExpired {
        before: Timestamp,
        now: Timestamp,
    },
    Invitation(InvitationChange),
    Mfa(MfaChange),
    Client(ClientChange),
}

//! Rows become the model's words. Columns are read by position: each `SELECT` lists them in the order of the fields.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::model::account::{connection_roles_of_text, of_joined, roles_of_text};
use crate::model::clock::Timestamp;
use crate::model::group::{Member, MemberDetails, MemberRole, MemberRow};
use crate::model::ids::{
    AdoptionRequestId, AttemptId, ClientId, ConnectionId, EventId, FactorId, GroupId, InvitationId, KeyId,
    OneTimeTokenId, OutboxId, PolicyId, RefreshTokenId, RoleId, SessionId, SigningKeyId, TenantId, TokenId,
    UserId, WebhookId,
};
use crate::model::invitation::{Invitation, InvitationState};
use crate::model::outbox::{DueLane, Lane, OutboxRow, OutboxState, Sealed, StoredOutboxRow};
use crate::model::query::{GroupOfUser, StoredGroup, StoredUser};
use crate::model::statistics::{ConnectionTraffic, CountOfHour, Counter, Hour};
use crate::model::webhook::{PreviousSecret, Subscription, Webhook, WebhookAttempt};
use crate::model::{
    AccessToken, Account, Actor, AdoptionRequest, AdoptionState, ApiKey, AuditHead, AuditRow, AuditSeal,
    AuthProvider, Client, ClientOwner, ClientProof, Connection, DeletedBy, DeletedUser, GroupKind,
    OneTimeKind, OneTimeToken, PasswordCredential, PasswordHash, Permission, Permissions, Policy,
    RefreshToken, Role, Scopes, Session, SigningKey, Standing, StoredAvatar, Tenant, TenantStatus,
    TotpFactor, UsedKey,
};

macro_rules! from_row {
    ($($row:ident => $name:ty { $($field:ident: $read:expr),* $(,)? })*) => {$(
        impl<'r> FromRow<'r, SqliteRow> for $name {
            fn from_row($row: &'r SqliteRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: $read),* })
            }
        }
        impl<'r> FromRow<'r, PgRow> for $name {
            fn from_row($row: &'r PgRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: $read),* })
            }
        }
    )*};
}

from_row! {
    row => StoredUser {
        id: row.try_get(0)?,
        version: row.try_get(1)?,
        created_at: row.try_get(2)?,
        updated_at: row.try_get(3)?,
        document: row.try_get(4)?,
        name_origins: row.try_get(5)?,
        email: row.try_get(6)?,
        external_id: row.try_get(7)?,
        manager_id: row.try_get(8)?,
        manager_display_name: row.try_get(9)?,
        in_groups: row.try_get(10)?,
        account: Account {
            standing: word(Standing::of_word, row.try_get(11)?)?,
            auth_provider: word(AuthProvider::of_word, row.try_get(12)?)?,
            email_verified: row.try_get(13)?,
            service_account: row.try_get(14)?,
            must_reset_password: row.try_get(15)?,
            must_enrol_mfa: row.try_get(16)?,
            must_reset_mfa: row.try_get(17)?,
            entity_id: row.try_get(18)?,
            connection_id: row.try_get::<Option<Uuid>, _>(19)?.map(ConnectionId),
            roles: roles_of_text(row.try_get(20)?),
            connection_roles: connection_roles_of_text(row.try_get(22)?),
        },
        custom: row.try_get(21)?,
    }
    row => StoredGroup {
        id: row.try_get(0)?,
        version: row.try_get(1)?,
        created_at: row.try_get(2)?,
        updated_at: row.try_get(3)?,
        document: row.try_get(4)?,
        external_id: row.try_get(5)?,
        kind: word(GroupKind::of_word, row.try_get(6)?)?,
        roles: of_joined(row.try_get::<Option<&str>, _>(7)?.unwrap_or_default()),
    }
    row => GroupOfUser {
        user_id: row.try_get(0)?,
        group_id: row.try_get(1)?,
        display_name: row.try_get(2)?,
        direct: row.try_get::<i32, _>(3)? != 0,
        kind: word(GroupKind::of_word, row.try_get(4)?)?,
        roles: of_joined(row.try_get::<Option<&str>, _>(5)?.unwrap_or_default()),
        role: row.try_get::<Option<&str>, _>(6)?.and_then(MemberRole::of_word),
    }
    row => MemberRow {
        member: member(row.try_get(0)?, row.try_get(1)?),
        display: row.try_get(2)?,
    }
    row => MemberDetails {
        member: member(row.try_get(0)?, row.try_get(1)?),
        name: row.try_get(2)?,
        role: row.try_get::<Option<&str>, _>(3)?.and_then(MemberRole::of_word),
    }
    row => Tenant {
        id: TenantId(row.try_get(0)?),
        slug: row.try_get(1)?,
        name: row.try_get(2)?,
        status: word(TenantStatus::of_word, row.try_get(3)?)?,
        settings: json(row.try_get(4)?)?,
        generation: row.try_get(5)?,
        guard: row.try_get(6)?,
        version: row.try_get(7)?,
        created_at: Timestamp(row.try_get(8)?),
        updated_at: Timestamp(row.try_get(9)?),
    }
    row => CountOfHour {
        hour: Hour(row.try_get(0)?),
        counter: word(Counter::of_word, row.try_get(1)?)?,
        value: row.try_get(2)?,
    }
    row => ConnectionTraffic {
        tenant_id: TenantId(row.try_get(0)?),
        connection_id: ConnectionId(row.try_get(1)?),
        last: Hour(row.try_get(2)?),
        days: row.try_get(3)?,
    }
    row => Role {
        tenant_id: TenantId(row.try_get(0)?),
        id: RoleId(row.try_get(1)?),
        name: row.try_get(2)?,
        description: row.try_get(3)?,
        permissions: permissions(row.try_get(4)?),
        version: row.try_get(5)?,
        created_at: Timestamp(row.try_get(6)?),
        updated_at: Timestamp(row.try_get(7)?),
    }
    row => Policy {
        tenant_id: TenantId(row.try_get(0)?),
        id: PolicyId(row.try_get(1)?),
        name: row.try_get(2)?,
        text: row.try_get(3)?,
        enabled: row.try_get(4)?,
        version: row.try_get(5)?,
        created_at: Timestamp(row.try_get(6)?),
        updated_at: Timestamp(row.try_get(7)?),
    }
    row => ApiKey {
        tenant_id: TenantId(row.try_get(0)?),
        id: KeyId(row.try_get(1)?),
        user_id: row.try_get::<Option<Uuid>, _>(2)?.map(UserId),
        name: row.try_get(3)?,
        permissions: row.try_get::<Option<&str>, _>(4)?.map(permissions),
        created_at: Timestamp(row.try_get(5)?),
        expires_at: row.try_get::<Option<i64>, _>(6)?.map(Timestamp),
        revoked_at: row.try_get::<Option<i64>, _>(7)?.map(Timestamp),
        last_used_at: row.try_get::<Option<i64>, _>(8)?.map(Timestamp),
    }
    row => Client {
        tenant_id: TenantId(row.try_get(0)?),
        id: ClientId(row.try_get(1)?),
        owner: owner(row.try_get(2)?, row.try_get(3)?)?,
        name: row.try_get(4)?,
        proof: proof(row.try_get(5)?, row.try_get(6)?)?,
        scopes: row.try_get::<Option<String>, _>(7)?.map(scopes).transpose()?,
        created_at: Timestamp(row.try_get(8)?),
        expires_at: row.try_get::<Option<i64>, _>(9)?.map(Timestamp),
        last_used_at: row.try_get::<Option<i64>, _>(10)?.map(Timestamp),
    }
    row => Connection {
        tenant_id: TenantId(row.try_get(0)?),
        id: ConnectionId(row.try_get(1)?),
        name: row.try_get(2)?,
        strict: row.try_get(3)?,
        settings: json(row.try_get(4)?)?,
        created_at: Timestamp(row.try_get(5)?),
        updated_at: Timestamp(row.try_get(6)?),
        version: row.try_get(7)?,
    }
    row => AdoptionRequest {
        id: AdoptionRequestId(row.try_get(0)?),
        connection_id: ConnectionId(row.try_get(1)?),
        connection_name: row.try_get(2)?,
        user_id: UserId(row.try_get(3)?),
        user_name: row.try_get(4)?,
        state: word(AdoptionState::of_word, row.try_get(5)?)?,
        requested_at: Timestamp(row.try_get(6)?),
        decided_at: row.try_get::<Option<i64>, _>(7)?.map(Timestamp),
    }
    row => AccessToken {
        tenant_id: TenantId(row.try_get(0)?),
        id: TokenId(row.try_get(1)?),
        connection_id: ConnectionId(row.try_get(2)?),
        name: row.try_get(3)?,
        hash: digest(row.try_get(4)?)?,
        scopes: scopes(row.try_get(5)?)?,
        created_at: Timestamp(row.try_get(6)?),
        expires_at: row.try_get::<Option<i64>, _>(7)?.map(Timestamp),
        revoked_at: row.try_get::<Option<i64>, _>(8)?.map(Timestamp),
        last_used_at: row.try_get::<Option<i64>, _>(9)?.map(Timestamp),
    }
    row => PasswordCredential {
        user_id: UserId(row.try_get(0)?),
        hash: PasswordHash::new(row.try_get::<String, _>(1)?),
        changed_at: Timestamp(row.try_get(2)?),
    }
    row => DeletedUser {
        id: UserId(row.try_get(0)?),
        user_name: row.try_get(1)?,
        email: row.try_get(2)?,
        document: row.try_get(3)?,
        deleted_at: Timestamp(row.try_get(4)?),
        purge_at: Timestamp(row.try_get(5)?),
        by: DeletedBy { kind: row.try_get(6)?, id: row.try_get(7)?, name: row.try_get(8)? },
        has_avatar: row.try_get(9)?,
    }
    row => StoredAvatar {
        media_type: row.try_get(0)?,
        bytes: row.try_get(1)?,
    }
    row => UsedKey {
        request_hash: digest(row.try_get(0)?)?,
        user_id: UserId(row.try_get(1)?),
        status: u16::try_from(row.try_get::<i64, _>(2)?).map_err(|error| sqlx::Error::Decode(error.into()))?,
    }
    row => Session {
        tenant_id: TenantId(row.try_get(0)?),
        id: SessionId(row.try_get(1)?),
        user_id: UserId(row.try_get(2)?),
        created_at: Timestamp(row.try_get(3)?),
        expires_at: Timestamp(row.try_get(4)?),
        ended_at: row.try_get::<Option<i64>, _>(5)?.map(Timestamp),
        amr: row.try_get::<String, _>(6)?.split_whitespace().map(str::to_owned).collect(),
        ip: row.try_get(7)?,
        user_agent: row.try_get(8)?,
    }
    row => RefreshToken {
        tenant_id: TenantId(row.try_get(0)?),
        id: RefreshTokenId(row.try_get(1)?),
        session_id: SessionId(row.try_get(2)?),
        hash: digest(row.try_get(3)?)?,
        created_at: Timestamp(row.try_get(4)?),
        expires_at: Timestamp(row.try_get(5)?),
        used_at: row.try_get::<Option<i64>, _>(6)?.map(Timestamp),
    }
    row => OneTimeToken {
        tenant_id: TenantId(row.try_get(0)?),
        id: OneTimeTokenId(row.try_get(1)?),
        kind: word(OneTimeKind::of_word, row.try_get(2)?)?,
        user_id: UserId(row.try_get(3)?),
        hash: digest(row.try_get(4)?)?,
        email: row.try_get(5)?,
        created_at: Timestamp(row.try_get(6)?),
        expires_at: Timestamp(row.try_get(7)?),
        used_at: row.try_get::<Option<i64>, _>(8)?.map(Timestamp),
    }
    row => TotpFactor {
        id: FactorId(row.try_get(0)?),
        user_id: UserId(row.try_get(1)?),
        name: row.try_get(2)?,
        secret: Sealed(row.try_get(3)?),
        created_at: Timestamp(row.try_get(4)?),
        confirmed_at: row.try_get::<Option<i64>, _>(5)?.map(Timestamp),
        last_step: row.try_get(6)?,
        last_used_at: row.try_get::<Option<i64>, _>(7)?.map(Timestamp),
    }
    row => Invitation {
        tenant_id: TenantId(row.try_get(0)?),
        id: InvitationId(row.try_get(1)?),
        user_id: UserId(row.try_get(2)?),
        email: row.try_get(3)?,
        email_key: row.try_get(4)?,
        state: word(InvitationState::of_word, row.try_get(5)?)?,
        token_hash: digest(row.try_get(6)?)?,
        invited_by: actor(row.try_get(7)?, row.try_get(8)?, row.try_get(9)?)?,
        created_at: Timestamp(row.try_get(10)?),
        expires_at: Timestamp(row.try_get(11)?),
        sent_at: row.try_get::<Option<i64>, _>(12)?.map(Timestamp),
        shown_to: permissions(row.try_get::<Option<&str>, _>(13)?.unwrap_or_default()),
        accepted_at: row.try_get::<Option<i64>, _>(14)?.map(Timestamp),
        revoked_at: row.try_get::<Option<i64>, _>(15)?.map(Timestamp),
        version: row.try_get(16)?,
    }
    row => SigningKey {
        id: SigningKeyId(row.try_get(0)?),
        algorithm: row.try_get(1)?,
        public_key: row.try_get(2)?,
        private_key: row.try_get(3)?,
        created_at: Timestamp(row.try_get(4)?),
        retired_at: row.try_get::<Option<i64>, _>(5)?.map(Timestamp),
    }
    row => AuditRow {
        id: EventId(row.try_get(0)?),
        at: Timestamp(row.try_get(1)?),
        kind: row.try_get(2)?,
        actor_kind: row.try_get(3)?,
        actor_id: row.try_get(4)?,
        actor_name: row.try_get(5)?,
        target_kind: row.try_get(6)?,
        target_id: row.try_get(7)?,
        request_id: row.try_get(8)?,
        ip: row.try_get(9)?,
        user_agent: row.try_get(10)?,
        details: row.try_get(11)?,
    }
    row => AuditSeal {
        number: row.try_get(0)?,
        previous: code(row.try_get(1)?),
        sealed_at: Timestamp(row.try_get(2)?),
        horizon: Timestamp(row.try_get(3)?),
        oldest: EventId(row.try_get(4)?),
        newest: EventId(row.try_get(5)?),
        packed: row.try_get(6)?,
        mac: code(row.try_get(7)?),
    }
    row => AuditHead {
        number: row.try_get(0)?,
        mac: code(row.try_get(1)?),
        proof: code(row.try_get(2)?),
    }
    row => DueLane {
        tenant_id: TenantId(row.try_get(0)?),
        lane: Lane::of_key(row.try_get(1)?),
        since: Timestamp(row.try_get(2)?),
    }
    row => StoredOutboxRow {
        row: OutboxRow {
            id: OutboxId(row.try_get(0)?),
            lane: Lane::of_key(row.try_get(1)?),
            subject: row.try_get(2)?,
            target_id: row.try_get(3)?,
            payload: row.try_get(4)?,
            created_at: Timestamp(row.try_get(5)?),
            expires_at: Timestamp(row.try_get(6)?),
        },
        state: outbox_state(row.try_get(7)?)?,
        attempts: row.try_get(8)?,
        next_at: Timestamp(row.try_get(9)?),
        claim: row.try_get(10)?,
        last_error: row.try_get(11)?,
    }
    row => Webhook {
        id: WebhookId(row.try_get(0)?),
        url: row.try_get(1)?,
        event_types: string_list(row.try_get(2)?)?,
        description: row.try_get(3)?,
        enabled: row.try_get(4)?,
        secret: Sealed(row.try_get(5)?),
        previous: previous_secret(row.try_get(6)?, row.try_get(7)?),
        created_at: Timestamp(row.try_get(8)?),
        updated_at: Timestamp(row.try_get(9)?),
        version: row.try_get(10)?,
    }
    row => Subscription {
        id: WebhookId(row.try_get(0)?),
        event_types: string_list(row.try_get(1)?)?,
    }
    row => WebhookAttempt {
        id: AttemptId(row.try_get(0)?),
        webhook_id: WebhookId(row.try_get(1)?),
        outbox_id: OutboxId(row.try_get(2)?),
        event_type: row.try_get(3)?,
        at: Timestamp(row.try_get(4)?),
        status: row.try_get::<Option<i64>, _>(5)?.and_then(|status| u16::try_from(status).ok()),
        error: row.try_get(6)?,
        duration_ms: row.try_get(7)?,
    }
}

/// Takes back what `Actor::parts` gave.
fn actor(kind: &str, id: Option<Uuid>, name: Option<&str>) -> sqlx::Result<Actor> {
    let name = name.unwrap_or_default().into();
    match (kind, id) {
        ("connection", Some(id)) => Ok(Actor::Connection { id: ConnectionId(id), name }),
        ("user", Some(id)) => Ok(Actor::User { id: UserId(id), name }),
        ("key", Some(id)) => Ok(Actor::Key { id: KeyId(id), name }),
        ("system", None) => Ok(Actor::System),
        _ => Err(sqlx::Error::Decode(format!("'{kind}' is no kind of actor").into())),
    }
}

fn scopes(text: String) -> sqlx::Result<Scopes> {
    text.parse().map_err(|text: String| sqlx::Error::Decode(text.into()))
}

fn owner(connection: Option<Uuid>, user: Option<Uuid>) -> sqlx::Result<ClientOwner> {
    match (connection, user) {
        (Some(id), None) => Ok(ClientOwner::Connection(ConnectionId(id))),
        (None, Some(id)) => Ok(ClientOwner::User(UserId(id))),
        _ => Err(sqlx::Error::Decode("a client has exactly one owner".into())),
    }
}

fn proof(secret_hash: Option<Vec<u8>>, jwks: Option<String>) -> sqlx::Result<ClientProof> {
    match (secret_hash, jwks) {
        (Some(hash), None) => digest(hash).map(ClientProof::Secret),
        (None, Some(jwks)) => Ok(ClientProof::Keys(jwks)),
        _ => Err(sqlx::Error::Decode("a client has either a secret or keys".into())),
    }
}

fn member(id: Uuid, is_user: bool) -> Member {
    if is_user { Member::User(UserId(id)) } else { Member::Group(GroupId(id)) }
}

/// What a stored word means.
fn word<T>(of_word: impl Fn(&str) -> Option<T>, text: &str) -> sqlx::Result<T> {
    of_word(text).ok_or_else(|| sqlx::Error::Decode(format!("'{text}' is not a word of this column").into()))
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The permissions of these names, joined by spaces; those that a newer server knows are left out.
fn permissions(text: &str) -> Permissions {
    text.split(' ').filter_map(Permission::of_name).collect()
}

fn digest(bytes: Vec<u8>) -> sqlx::Result<[u8; 32]> {
    bytes.try_into().map_err(|_| sqlx::Error::Decode("a hash is not 32 bytes long".into()))
}

/// An authentication code. One of another length was tampered with: it reads as one that fits nothing, so that it is found
/// and told by its seal's number.
fn code(bytes: Vec<u8>) -> [u8; 32] {
    bytes.try_into().unwrap_or([0; 32])
}

fn outbox_state(word: String) -> sqlx::Result<OutboxState> {
    let state = OutboxState::ALL.into_iter().find(|state| state.as_str() == word);
    state.ok_or_else(|| sqlx::Error::Decode(format!("'{word}' is no state of the outbox").into()))
}

fn string_list(json: String) -> sqlx::Result<Vec<String>> {
    serde_json::from_str(&json).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn previous_secret(secret: Option<String>, until: Option<i64>) -> Option<PreviousSecret> {
    Some(PreviousSecret { secret: Sealed(secret?), until: Timestamp(until?) })
}

//! What is kept beside users: a few plain statements each, the same on both databases, in the transaction of the users
//! that they belong to.

use super::super::statement::Arg;
use super::adoptions;
use super::credentials::{Step, guard, plain};
use crate::model::TenantId;
use crate::model::avatar::StoredAvatar;
use crate::model::clock::Timestamp;
use crate::model::ids::{ConnectionId, GroupId, UserId};
use crate::model::record::{IdempotencyKey, RecordChange};

/// The statements of one change, in their order.
pub fn steps(tenant: TenantId, change: &RecordChange) -> Vec<Step<'_>> {
    match change {
        RecordChange::SetAvatar { user_id, avatar, at } => vec![set_avatar(tenant, *user_id, avatar, *at)],
        RecordChange::RemoveAvatar { user_id } => vec![plain(
            "DELETE FROM avatars WHERE tenant_id = $1 AND user_id = $2",
            [Arg::id(tenant.0), Arg::id(user_id.0)],
        )],
        RecordChange::Restore { id, deleted_at, external_ids, roles, at } => {
            restore(tenant, *id, *deleted_at, external_ids, roles, *at)
        }
        RecordChange::PurgeDeletedUser { id, deleted_at } => vec![purge(tenant, *id, *deleted_at)],
        RecordChange::UseIdempotencyKey { key, user_id, status, at, valid_from } => {
            use_key(tenant, key, *user_id, *status, *at, *valid_from)
        }
        RecordChange::PurgeIdempotencyKeys { before } => vec![plain(
            "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key_hash IN (\
             SELECT key_hash FROM idempotency_keys WHERE tenant_id = $1 AND created_at < $2 LIMIT 1000)",
            [Arg::id(tenant.0), Arg::integer(before.0)],
        )],
        RecordChange::Adoption(change) => vec![adoptions::step(tenant, change)],
    }
}

fn set_avatar(tenant: TenantId, user: UserId, avatar: &StoredAvatar, at: Timestamp) -> Step<'_> {
    plain(
        "INSERT INTO avatars (tenant_id, user_id, media_type, bytes, updated_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (tenant_id, user_id) DO UPDATE \
         SET media_type = excluded.media_type, bytes = excluded.bytes, updated_at = excluded.updated_at",
        [
            Arg::id(tenant.0),
            Arg::id(user.0),
            Arg::text(&*avatar.media_type),
            Arg::bytes(&avatar.bytes),
            Arg::integer(at.0),
        ],
    )
}

fn restore<'a>(
    tenant: TenantId,
    id: UserId,
    deleted_at: Timestamp,
    external_ids: &'a [(ConnectionId, String)],
    roles: &'a [(GroupId, String)],
    at: Timestamp,
) -> Vec<Step<'a>> {
    let (of_tenant, user) = (Arg::id(tenant.0), Arg::id(id.0));
    let named = external_ids.iter().map(|(connection, external_id)| {
        plain(
            "INSERT INTO external_ids (tenant_id, resource_kind, resource_id, connection_id, external_id) \
             VALUES ($1, 'user', $2, $3, $4)",
            [of_tenant.clone(), user.clone(), Arg::id(connection.0), Arg::text(&**external_id)],
        )
    });
    let ranked = roles.iter().map(|(group, role)| {
        plain(
            "UPDATE memberships SET role = $4 WHERE tenant_id = $1 AND group_id = $2 AND member_id = $3",
            [of_tenant.clone(), Arg::id(group.0), user.clone(), Arg::text(&**role)],
        )
    });
    let pictured = plain(
        "INSERT INTO avatars (tenant_id, user_id, media_type, bytes, updated_at) \
         SELECT tenant_id, id, avatar_media_type, avatar, $3 FROM deleted_users \
         WHERE tenant_id = $1 AND id = $2 AND avatar IS NOT NULL",
        [of_tenant.clone(), user.clone(), Arg::integer(at.0)],
    );
    named.chain(ranked).chain([pictured, purge(tenant, id, deleted_at)]).collect()
}

fn purge<'a>(tenant: TenantId, id: UserId, deleted_at: Timestamp) -> Step<'a> {
    guard(
        "DELETE FROM deleted_users WHERE tenant_id = $1 AND id = $2 AND deleted_at = $3",
        [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(deleted_at.0)],
    )
}

/// A key that is too old to count makes room first.
fn use_key(
    tenant: TenantId,
    key: &IdempotencyKey,
    user: UserId,
    status: u16,
    at: Timestamp,
    valid_from: Timestamp,
) -> Vec<Step<'_>> {
    let (tenant, hash) = (Arg::id(tenant.0), Arg::bytes(&key.key_hash));
    vec![
        plain(
            "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key_hash = $2 AND created_at < $3",
            [tenant.clone(), hash.clone(), Arg::integer(valid_from.0)],
        ),
        plain(
            "INSERT INTO idempotency_keys (tenant_id, key_hash, request_hash, user_id, status, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            [
                tenant,
                hash,
                Arg::bytes(&key.request_hash),
                Arg::id(user.0),
                Arg::integer(i64::from(status)),
                Arg::integer(at.0),
            ],
        ),
    ]
}

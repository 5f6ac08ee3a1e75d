//! Tenants, connections, tokens, roles, policies, API keys and signing keys: few writes, one plain statement each, the same on both databases.

use super::super::engine::Engine;
use super::super::statement::{Arg, Statement};
use super::super::{removal, statistics};
use super::{attributes, deliveries};
use crate::model::change::SettingsChange;
use crate::model::{
    AccessToken, ApiKey, AuditHead, AuditSeal, Connection, KeyId, Permission, Permissions, Policy, Role,
    SignInNames, SigningKey, Tenant, TenantId, Timestamp,
};
use crate::scim::fold::fold;
use crate::storage::StorageError;

/// Whether the change must meet a row, or nothing of its change set is written.
pub fn is_guarded(change: &SettingsChange) -> bool {
    match change {
        SettingsChange::Delivery(change) => deliveries::is_guarded(change),
        SettingsChange::UpdateTenant(_)
        | SettingsChange::MoveGuard { .. }
        | SettingsChange::UpdateConnection(_)
        | SettingsChange::NextGenerationAfter { .. }
        | SettingsChange::UpdatePolicy(_)
        | SettingsChange::DeletePolicy { .. }
        | SettingsChange::UpdateRole(_)
        | SettingsChange::SameGeneration { .. }
        | SettingsChange::UpdateAttribute { .. }
        | SettingsChange::DeleteAttribute { .. }
        | SettingsChange::DeleteRole { .. }
        | SettingsChange::RemoveRows { .. }
        | SettingsChange::DeleteTenant => true,
        _ => false,
    }
}

/// What it means that a guarded change met no row.
pub fn unmet(change: &SettingsChange) -> StorageError {
    match change {
        SettingsChange::SameGeneration { .. } => StorageError::Outdated,
        _ => StorageError::Stale,
    }
}

/// The statements of one such change, in their order.
pub fn statements(engine: Engine, tenant: TenantId, change: &SettingsChange) -> Vec<Statement<'_>> {
    let of_tenant = Arg::id(tenant.0);
    match change {
        SettingsChange::InsertTenant(row) => vec![insert_tenant(row)],
        SettingsChange::UpdateTenant(row) => vec![update_tenant(row)],
        SettingsChange::SetSignInNames(names) => set_sign_in_names(tenant, names),
        SettingsChange::RemoveRows { table, most } => vec![removal::rows(tenant, table, *most)],
        SettingsChange::DeleteTenant => vec![removal::tenant(tenant)],
        SettingsChange::AddCounts(counts) => {
            counts.iter().map(|count| statistics::add(tenant, count)).collect()
        }
        SettingsChange::PurgeCounts { before } => vec![statistics::purge(tenant, *before)],
        SettingsChange::NextGeneration => vec![Statement::fixed(
            "UPDATE tenants SET generation = generation + 1 WHERE id = $1",
            [of_tenant],
        )],
        SettingsChange::NextGenerationAfter { expected } => vec![Statement::fixed(
            "UPDATE tenants SET generation = generation + 1 WHERE id = $1 AND generation = $2",
            [of_tenant, Arg::integer(*expected)],
        )],
        SettingsChange::MoveGuard { expected } => vec![Statement::fixed(
            "UPDATE tenants SET guard = guard + 1 WHERE id = $1 AND guard = $2",
            [of_tenant, Arg::integer(*expected)],
        )],
        SettingsChange::SameGeneration { expected } => {
            vec![attributes::same_generation(engine, tenant, *expected)]
        }
        SettingsChange::InsertAttribute(row) => vec![attributes::insert(tenant, row)],
        SettingsChange::UpdateAttribute { definition, expected } => {
            vec![attributes::update(tenant, definition, *expected)]
        }
        SettingsChange::DeleteAttribute { name, expected } => vec![Statement::fixed(
            "DELETE FROM attribute_definitions WHERE tenant_id = $1 AND name = $2 AND version = $3",
            [of_tenant, Arg::text(&**name), Arg::integer(*expected)],
        )],
        SettingsChange::DropIndex { path, unique } => vec![attributes::drop_index(tenant, path, *unique)],
        SettingsChange::InsertConnection(row) => vec![insert_connection(row)],
        SettingsChange::UpdateConnection(row) => vec![update_connection(row)],
        SettingsChange::InsertToken(row) => vec![insert_token(row)],
        SettingsChange::RevokeToken { id, at } => vec![Statement::fixed(
            "UPDATE access_tokens SET revoked_at = coalesce(revoked_at, $3) WHERE tenant_id = $1 AND id = $2",
            [of_tenant, Arg::id(id.0), Arg::integer(at.0)],
        )],
        SettingsChange::TokenUsed { id, at } => vec![Statement::fixed(
            "UPDATE access_tokens SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2",
            [of_tenant, Arg::id(id.0), Arg::integer(at.0)],
        )],
        SettingsChange::InsertSigningKey(row) => vec![insert_signing_key(row)],
        SettingsChange::RetireSigningKey { id, at } => vec![Statement::fixed(
            "UPDATE signing_keys SET retired_at = coalesce(retired_at, $2) WHERE id = $1",
            [Arg::id(id.0), Arg::integer(at.0)],
        )],
        SettingsChange::SealAudit { seal, head } => seal_audit(tenant, seal, head),
        SettingsChange::InsertRole(row) => vec![insert_role(row)],
        SettingsChange::UpdateRole(row) => vec![update_role(row)],
        SettingsChange::DeleteRole { id, expected } => vec![Statement::fixed(
            "DELETE FROM roles WHERE tenant_id = $1 AND id = $2 AND version = $3",
            [of_tenant, Arg::id(id.0), Arg::integer(*expected)],
        )],
        SettingsChange::InsertPolicy(row) => vec![insert_policy(row)],
        SettingsChange::UpdatePolicy(row) => vec![update_policy(row)],
        SettingsChange::DeletePolicy { id, expected } => vec![Statement::fixed(
            "DELETE FROM policies WHERE tenant_id = $1 AND id = $2 AND version = $3",
            [of_tenant, Arg::id(id.0), Arg::integer(*expected)],
        )],
        SettingsChange::Delivery(change) => vec![deliveries::statement(engine, tenant, change)],
        SettingsChange::InsertApiKey(row) => vec![insert_api_key(row)],
        SettingsChange::InsertKeySecret { key_id, hash, at, others_end } => {
            insert_key_secret(tenant, *key_id, hash, *at, *others_end)
        }
        SettingsChange::RevokeApiKey { id, at } => vec![Statement::fixed(
            "UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3) WHERE tenant_id = $1 AND id = $2",
            [of_tenant, Arg::id(id.0), Arg::integer(at.0)],
        )],
        SettingsChange::ApiKeyUsed { id, at } => vec![Statement::fixed(
            "UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2",
            [of_tenant, Arg::id(id.0), Arg::integer(at.0)],
        )],
    }
}

/// The new text of a key, and the end of those that it had before.
fn insert_key_secret(
    tenant: TenantId,
    key: KeyId,
    hash: &[u8; 32],
    at: Timestamp,
    others_end: Timestamp,
) -> Vec<Statement<'_>> {
    vec![
        Statement::fixed(
            "UPDATE api_key_secrets SET expires_at = $3 \
             WHERE tenant_id = $1 AND key_id = $2 AND (expires_at IS NULL OR expires_at > $3)",
            [Arg::id(tenant.0), Arg::id(key.0), Arg::integer(others_end.0)],
        ),
        Statement::fixed(
            "INSERT INTO api_key_secrets (tenant_id, key_id, hash, created_at) VALUES ($1, $2, $3, $4)",
            [Arg::id(tenant.0), Arg::id(key.0), Arg::bytes(hash), Arg::integer(at.0)],
        ),
    ]
}

fn insert_tenant(row: &Tenant) -> Statement<'_> {
    Statement::fixed(
        "INSERT INTO tenants (id, slug, name, settings, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        [
            Arg::id(row.id.0),
            Arg::text(&*row.slug),
            Arg::text(&*row.name),
            Arg::text(settings_text(&row.settings)),
            Arg::integer(row.created_at.0),
        ],
    )
}

fn update_tenant(row: &Tenant) -> Statement<'_> {
    Statement::fixed(
        "UPDATE tenants SET name = $2, status = $3, settings = $4, updated_at = $5, version = $6 \
         WHERE id = $1 AND version = $6 - 1",
        [
            Arg::id(row.id.0),
            Arg::text(&*row.name),
            Arg::text(row.status.as_str()),
            Arg::text(settings_text(&row.settings)),
            Arg::integer(row.updated_at.0),
            Arg::integer(row.version),
        ],
    )
}

fn set_sign_in_names(tenant: TenantId, names: &SignInNames) -> Vec<Statement<'_>> {
    let none = Statement::fixed("DELETE FROM sign_in_names WHERE tenant_id = $1", [Arg::id(tenant.0)]);
    let each = names.iter().map(|(kind, name)| {
        Statement::fixed(
            "INSERT INTO sign_in_names (tenant_id, kind, name) VALUES ($1, $2, $3)",
            [Arg::id(tenant.0), Arg::text(kind.as_str()), Arg::text(name)],
        )
    });
    std::iter::once(none).chain(each).collect()
}

/// Settings are strings, numbers and lists of them, which always have a text.
fn settings_text(settings: &impl serde::Serialize) -> String {
    serde_json::to_string(settings).unwrap_or_default()
}

fn insert_connection(row: &Connection) -> Statement<'_> {
    Statement::fixed(
        "INSERT INTO connections (tenant_id, id, name, strict, settings, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, 1, $6, $6)",
        [
            Arg::id(row.tenant_id.0),
            Arg::id(row.id.0),
            Arg::text(&*row.name),
            Arg::Boolean(row.strict),
            Arg::text(settings_text(&row.settings)),
            Arg::integer(row.created_at.0),
        ],
    )
}

fn update_connection(row: &Connection) -> Statement<'_> {
    Statement::fixed(
        "UPDATE connections SET name = $3, strict = $4, settings = $5, version = $6, updated_at = $7 \
         WHERE tenant_id = $1 AND id = $2 AND version = $6 - 1",
        [
            Arg::id(row.tenant_id.0),
            Arg::id(row.id.0),
            Arg::text(&*row.name),
            Arg::Boolean(row.strict),
            Arg::text(settings_text(&row.settings)),
            Arg::integer(row.version),
            Arg::integer(row.updated_at.0),
        ],
    )
}

fn insert_token(row: &AccessToken) -> Statement<'_> {
    Statement::fixed(
        "INSERT INTO access_tokens (tenant_id, id, connection_id, name, hash, scopes, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            Arg::id(row.tenant_id.0),
            Arg::id(row.id.0),
            Arg::id(row.connection_id.0),
            Arg::text(&*row.name),
            Arg::bytes(&row.hash),
            Arg::text(row.scopes.to_string()),
            Arg::integer(row.created_at.0),
            Arg::Integer(row.expires_at.map(|end| end.0)),
        ],
    )
}

fn insert_signing_key(row: &SigningKey) -> Statement<'_> {
    Statement::fixed(
        "INSERT INTO signing_keys (id, algorithm, public_key, private_key, created_at) VALUES ($1, $2, $3, $4, $5)",
        [
            Arg::id(row.id.0),
            Arg::text(&*row.algorithm),
            Arg::bytes(&row.public_key),
            Arg::bytes(&row.private_key),
            Arg::integer(row.created_at.0),
        ],
    )
}

fn seal_audit<'a>(tenant: TenantId, seal: &'a AuditSeal, head: &'a AuditHead) -> Vec<Statement<'a>> {
    vec![
        Statement::fixed(
            "INSERT INTO audit_seals (tenant_id, number, previous, sealed_at, horizon, oldest_id, newest_id, entries, mac) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                Arg::id(tenant.0),
                Arg::integer(seal.number),
                Arg::bytes(&seal.previous),
                Arg::integer(seal.sealed_at.0),
                Arg::integer(seal.horizon.0),
                Arg::id(seal.oldest.0),
                Arg::id(seal.newest.0),
                Arg::bytes(&seal.packed),
                Arg::bytes(&seal.mac),
            ],
        ),
        Statement::fixed(
            "INSERT INTO audit_heads (tenant_id, number, mac, proof) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id) DO UPDATE SET number = excluded.number, mac = excluded.mac, proof = excluded.proof",
            [Arg::id(tenant.0), Arg::integer(head.number), Arg::bytes(&head.mac), Arg::bytes(&head.proof)],
        ),
    ]
}

fn insert_role(row: &Role) -> Statement<'_> {
    Statement::fixed(
        "INSERT INTO roles (tenant_id, id, name, name_key, description, permissions, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)",
        [
            Arg::id(row.tenant_id.0),
            Arg::id(row.id.0),
            Arg::text(&*row.name),
            Arg::text(fold(&row.name)),
            Arg::text(&*row.description),
            Arg::text(names(row.permissions)),
            Arg::integer(row.created_at.0),
        ],
    )
}

fn update_role(row: &Role) -> Statement<'_> {
    Statement::fixed(
        "UPDATE roles SET name = $3, name_key = $4, description = $5, permissions = $6, version = $7, updated_at = $8 \
         WHERE tenant_id = $1 AND id = $2 AND version = $7 - 1",
        [
            Arg::id(row.tenant_id.0),
            Arg::id(row.id.0),
            Arg::text(&*row.name),
            Arg::text(fold(&row.name)),
            Arg::text(&*row.description),
            Arg::text(names(row.permissions)),
            Arg::integer(row.version),
            Arg::integer(row.updated_at.0),
        ],
    )
}

fn insert_policy(row: &Policy) -> Statement<'_> {
    Statement::fixed(
        "INSERT INTO policies (tenant_id, id, name, name_key, text, enabled, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)",
        [
            Arg::id(row.tenant_id.0),
            Arg::id(row.id.0),
            Arg::text(&*row.name),
            Arg::text(fold(&row.name)),
            Arg::text(&*row.text),
            Arg::Boolean(row.enabled),
            Arg::integer(row.created_at.0),
        ],
    )
}

fn update_policy(row: &Policy) -> Statement<'_> {
    Statement::fixed(
        "UPDATE policies SET name = $3, name_key = $4, text = $5, enabled = $6, version = $7, updated_at = $8 \
         WHERE tenant_id = $1 AND id = $2 AND version = $7 - 1",
        [
            Arg::id(row.tenant_id.0),
            Arg::id(row.id.0),
            Arg::text(&*row.name),
            Arg::text(fold(&row.name)),
            Arg::text(&*row.text),
            Arg::Boolean(row.enabled),
            Arg::integer(row.version),
            Arg::integer(row.updated_at.0),
        ],
    )
}

fn insert_api_key(row: &ApiKey) -> Statement<'_> {
    Statement::fixed(
        "INSERT INTO api_keys (tenant_id, id, user_id, name, permissions, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            Arg::id(row.tenant_id.0),
            Arg::id(row.id.0),
            Arg::Uuid(row.user_id.map(|id| id.0)),
            Arg::text(&*row.name),
            Arg::Text(row.permissions.map(|permissions| names(permissions).into())),
            Arg::integer(row.created_at.0),
            Arg::Integer(row.expires_at.map(|end| end.0)),
        ],
    )
}

/// The permissions' names, joined by spaces.
pub(super) fn names(permissions: Permissions) -> String {
    permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ")
}

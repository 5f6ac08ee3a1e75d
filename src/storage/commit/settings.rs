//! Tenants, connections, tokens and signing keys: few writes, one plain statement each, the same on both databases.

use super::super::statement::{Arg, Statement};
use crate::model::change::SettingsChange;
use crate::model::{SigningKey, TenantId};

/// The statement of one such change.
pub fn statement(tenant: TenantId, change: &SettingsChange) -> Statement<'_> {
    match change {
        SettingsChange::InsertTenant(row) => Statement::fixed(
            "INSERT INTO tenants (id, slug, name, created_at) VALUES ($1, $2, $3, $4)",
            [Arg::id(row.id.0), Arg::text(&*row.slug), Arg::text(&*row.name), Arg::integer(row.created_at.0)],
        ),
        SettingsChange::InsertConnection(row) => Statement::fixed(
            "INSERT INTO connections (tenant_id, id, name, strict, created_at) VALUES ($1, $2, $3, $4, $5)",
            [
                Arg::id(tenant.0),
                Arg::id(row.id.0),
                Arg::text(&*row.name),
                Arg::Boolean(row.strict),
                Arg::integer(row.created_at.0),
            ],
        ),
        SettingsChange::InsertToken(row) => Statement::fixed(
            "INSERT INTO access_tokens (tenant_id, id, connection_id, name, hash, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                Arg::id(tenant.0),
                Arg::id(row.id.0),
                Arg::id(row.connection_id.0),
                Arg::text(&*row.name),
                Arg::bytes(&row.hash),
                Arg::text(row.scopes.to_string()),
                Arg::integer(row.created_at.0),
                Arg::Integer(row.expires_at.map(|end| end.0)),
            ],
        ),
        SettingsChange::RevokeToken { id, at } => Statement::fixed(
            "UPDATE access_tokens SET revoked_at = coalesce(revoked_at, $3) WHERE tenant_id = $1 AND id = $2",
            [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(at.0)],
        ),
        SettingsChange::TokenUsed { id, at } => Statement::fixed(
            "UPDATE access_tokens SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2",
            [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(at.0)],
        ),
        SettingsChange::InsertSigningKey(row) => insert_signing_key(row),
        SettingsChange::RetireSigningKey { id, at } => Statement::fixed(
            "UPDATE signing_keys SET retired_at = coalesce(retired_at, $2) WHERE id = $1",
            [Arg::id(id.0), Arg::integer(at.0)],
        ),
    }
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

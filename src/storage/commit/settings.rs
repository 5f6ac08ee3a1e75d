//! Tenants, connections, tokens and deliveries: one plain statement each.

use super::super::StorageError;
use super::super::engine::Engine;
use super::super::statement::{Arg, Statement};
use super::deliveries;
use crate::model::TenantId;
use crate::model::change::SettingsChange;

/// The statement of one such change.
pub fn statement(engine: Engine, tenant: TenantId, change: &SettingsChange) -> Statement<'_> {
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
        SettingsChange::Delivery(change) => deliveries::statement(engine, tenant, change),
    }
}

/// Whether the change stands, given how many rows its statement met.
///
/// # Errors
/// [`StorageError::Stale`]: it had to meet one, and did not.
pub fn check(change: &SettingsChange, met: u64) -> Result<(), StorageError> {
    match change {
        SettingsChange::Delivery(change) if deliveries::is_guarded(change) && met != 1 => {
            Err(StorageError::Stale)
        }
        _ => Ok(()),
    }
}

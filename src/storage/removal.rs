//! Removing a whole tenant, a bounded number of rows at a time.

use super::Storage;
use super::statement::{Arg, Recurs, Statement};
use crate::model::TenantId;

/// Every table of tenants' data with what its key has beside the tenant. A table stands before those that its rows refer
/// to, so that no row takes others with it.
const TABLES: &[(&str, &[&str])] = &[
    ("hourly_counts", &["hour", "name", "connection_id"]),
    ("webhook_attempts", &["webhook_id", "id"]),
    ("webhooks", &["id"]),
    ("outbox", &["id"]),
    ("refresh_tokens", &["id"]),
    ("sessions", &["id"]),
    ("login_failures", &["subject"]),
    ("one_time_tokens", &["id"]),
    ("invitations", &["id"]),
    ("avatars", &["user_id"]),
    ("adoption_requests", &["id"]),
    ("idempotency_keys", &["key_hash"]),
    ("deleted_users", &["id"]),
    ("client_assertions", &["client_id", "jti_hash"]),
    ("clients", &["id"]),
    ("policies", &["id"]),
    ("recovery_codes", &["user_id", "hash"]),
    ("mfa_factors", &["user_id", "id"]),
    ("password_history", &["user_id", "changed_at", "hash"]),
    ("password_credentials", &["user_id"]),
    ("api_key_secrets", &["hash"]),
    ("api_keys", &["id"]),
    ("access_tokens", &["id"]),
    ("external_ids", &["resource_kind", "resource_id", "connection_id"]),
    ("attribute_index", &["resource_kind", "path", "value", "resource_id"]),
    ("memberships", &["group_id", "member_id"]),
    ("groups", &["id"]),
    ("unique_values", &["resource_kind", "path", "value"]),
    ("attribute_definitions", &["name"]),
    ("users", &["id"]),
    ("resource_counts", &["resource_kind", "stripe"]),
    ("roles", &["id"]),
    ("connections", &["id"]),
    ("sign_in_names", &["kind", "name"]),
    ("audit_seals", &["number"]),
    ("audit_heads", &[]),
    ("audit_events", &["id"]),
];

impl Storage {
    /// The tables of tenants' data, in the order in which they are emptied.
    pub fn tenant_tables() -> impl Iterator<Item = &'static str> {
        TABLES.iter().map(|(name, _)| *name)
    }
}

/// Removes some rows of a tenant that is being deleted; nothing of any other.
pub(super) fn rows<'a>(tenant: TenantId, table: &'static str, most: i64) -> Statement<'a> {
    let key = TABLES.iter().find(|(name, _)| *name == table).map_or(&[] as &[&str], |(_, key)| key);
    let columns: String = key.iter().map(|column| format!(", {column}")).collect();
    let text = format!(
        "DELETE FROM {table} WHERE tenant_id = $1 AND (tenant_id{columns}) IN (\
         SELECT tenant_id{columns} FROM {table} WHERE tenant_id = $1 \
         AND EXISTS (SELECT 1 FROM tenants WHERE id = $1 AND status = 'deleting') LIMIT $2)"
    );
    Statement { text: text.into(), args: vec![Arg::id(tenant.0), Arg::integer(most)], recurs: Recurs::Often }
}

/// Removes a tenant that is being deleted.
pub(super) fn tenant<'a>(tenant: TenantId) -> Statement<'a> {
    Statement::fixed("DELETE FROM tenants WHERE id = $1 AND status = 'deleting'", [Arg::id(tenant.0)])
}

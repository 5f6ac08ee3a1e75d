//! Definitions of the tenant's own attributes, and what their changes mean for the index.

use super::super::engine::Engine;
use super::super::predicate::Kind;
use super::super::statement::{Arg, Statement};
use crate::model::{AttributeDefinition, TenantId};

pub fn insert(tenant: TenantId, row: &AttributeDefinition) -> Statement<'_> {
    Statement::fixed(
        "INSERT INTO attribute_definitions (tenant_id, name, definition, removed_at, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        columns(tenant, row),
    )
}

pub fn update(tenant: TenantId, row: &AttributeDefinition, expected: i64) -> Statement<'_> {
    let args = columns(tenant, row).into_iter().chain([Arg::integer(expected)]);
    Statement::fixed(
        "UPDATE attribute_definitions SET definition = $3, removed_at = $4, version = $5, created_at = $6, updated_at = $7 \
         WHERE tenant_id = $1 AND name = $2 AND version = $8",
        args,
    )
}

fn columns(tenant: TenantId, row: &AttributeDefinition) -> [Arg<'_>; 7] {
    [
        Arg::id(tenant.0),
        Arg::text(&*row.name),
        // Strings, numbers and lists of them, which always have a text.
        Arg::text(serde_json::to_string(row).unwrap_or_default()),
        Arg::Integer(row.removed_at.map(|at| at.0)),
        Arg::integer(row.version),
        Arg::integer(row.created_at.0),
        Arg::integer(row.updated_at.0),
    ]
}

/// On PostgreSQL those who ask together do not wait for each other, but who moves the generation waits for them.
pub fn same_generation<'a>(engine: Engine, tenant: TenantId, expected: i64) -> Statement<'a> {
    let text = match engine {
        Engine::Sqlite => "UPDATE tenants SET generation = generation WHERE id = $1 AND generation = $2",
        Engine::Postgres => "SELECT id FROM tenants WHERE id = $1 AND generation = $2 FOR SHARE",
    };
    Statement::fixed(text, [Arg::id(tenant.0), Arg::integer(expected)])
}

pub fn drop_index(tenant: TenantId, path: &str, unique: bool) -> Statement<'_> {
    let text = match unique {
        true => "DELETE FROM unique_values WHERE tenant_id = $1 AND resource_kind = $2 AND path = $3",
        false => "DELETE FROM attribute_index WHERE tenant_id = $1 AND resource_kind = $2 AND path = $3",
    };
    Statement::fixed(text, [Arg::id(tenant.0), Arg::text(Kind::Users.word()), Arg::text(path)])
}

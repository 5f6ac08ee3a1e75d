//! OAuth 2.0 clients and the assertions that they have shown.

use super::super::statement::Arg;
use super::credentials::{Step, guard, plain};
use crate::model::client::{Client, ClientChange, ClientOwner, ClientProof};
use crate::model::{ClientId, TenantId, Timestamp};

/// The statements of one change, in their order.
pub fn steps(tenant: TenantId, change: &ClientChange) -> Vec<Step<'_>> {
    match change {
        ClientChange::Insert(client) => vec![insert(tenant, client)],
        ClientChange::Delete { id } => vec![guard(
            "DELETE FROM clients WHERE tenant_id = $1 AND id = $2",
            [Arg::id(tenant.0), Arg::id(id.0)],
        )],
        ClientChange::Used { id, at } => vec![plain(
            "UPDATE clients SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2",
            [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(at.0)],
        )],
        ClientChange::UseAssertion { id, jti_hash, at, expires_at } => {
            use_assertion(tenant, *id, jti_hash, *at, *expires_at)
        }
    }
}

fn insert(tenant: TenantId, client: &Client) -> Step<'_> {
    let (connection, user) = match client.owner {
        ClientOwner::Connection(id) => (Some(id.0), None),
        ClientOwner::User(id) => (None, Some(id.0)),
    };
    let (secret_hash, jwks) = match &client.proof {
        ClientProof::Secret(hash) => (Some(hash), None),
        ClientProof::Keys(jwks) => (None, Some(&**jwks)),
    };
    // Of the two that exclude each other one is written as NULL by the text: there are no missing bytes among arguments.
    let text = match secret_hash {
        Some(_) => {
            "INSERT INTO clients (tenant_id, id, connection_id, user_id, name, secret_hash, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        }
        None => {
            "INSERT INTO clients (tenant_id, id, connection_id, user_id, name, jwks, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        }
    };
    plain(
        text,
        [
            Arg::id(tenant.0),
            Arg::id(client.id.0),
            Arg::Uuid(connection),
            Arg::Uuid(user),
            Arg::text(&*client.name),
            secret_hash.map_or_else(|| Arg::optional(jwks), |hash| Arg::bytes(hash)),
            Arg::Text(client.scopes.map(|scopes| scopes.to_string().into())),
            Arg::integer(client.created_at.0),
            Arg::Integer(client.expires_at.map(|end| end.0)),
        ],
    )
}

fn use_assertion(
    tenant: TenantId,
    client: ClientId,
    jti_hash: &[u8; 32],
    at: Timestamp,
    expires_at: Timestamp,
) -> Vec<Step<'_>> {
    let (tenant, client) = (Arg::id(tenant.0), Arg::id(client.0));
    vec![
        plain(
            "DELETE FROM client_assertions WHERE tenant_id = $1 AND client_id = $2 AND expires_at <= $3",
            [tenant.clone(), client.clone(), Arg::integer(at.0)],
        ),
        plain(
            "INSERT INTO client_assertions (tenant_id, client_id, jti_hash, expires_at) VALUES ($1, $2, $3, $4)",
            [tenant, client, Arg::bytes(jti_hash), Arg::integer(expires_at.0)],
        ),
    ]
}

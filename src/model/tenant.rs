//! The wall and the doors in it.

use serde::Serialize;

use super::clock::Timestamp;
use super::ids::{ConnectionId, TenantId};

/// The wall: every user, group, token and event belongs to exactly one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tenant {
    pub id: TenantId,
    /// Lower-case letters, digits and hyphens; unique in the instance.
    pub slug: String,
    pub name: String,
    pub created_at: Timestamp,
}

/// One identity provider's link into a tenant. Its tokens, and the `externalId`s that it gave, are its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    pub tenant_id: TenantId,
    pub id: ConnectionId,
    /// Unique in the tenant.
    pub name: String,
    /// Whether requests are read by the letter of the RFCs, or what clients really send is understood too.
    pub strict: bool,
    pub created_at: Timestamp,
}

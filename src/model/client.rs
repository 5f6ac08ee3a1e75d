//! OAuth 2.0 clients (RFC 6749 §2): what programs call a connection or a service account by. Never their secrets.

use super::access_token::Scopes;
use super::clock::Timestamp;
use super::ids::{ClientId, ConnectionId, TenantId, UserId};

/// A client's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub tenant_id: TenantId,
    pub id: ClientId,
    pub owner: ClientOwner,
    pub name: String,
    pub proof: ClientProof,
    /// What its tokens are bounded to; `None` bounds them to what the owner may do. A connection's client has some.
    pub scopes: Option<Scopes>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// When one of its tokens was used, to about a minute; written in the background.
    pub last_used_at: Option<Timestamp>,
}

/// Whose client it is, and as whom its tokens act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientOwner {
    Connection(ConnectionId),
    /// A service account.
    User(UserId),
}

/// How a client shows that it is the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientProof {
    /// SHA-256 of its secret, which holds 256 random bits, so a plain digest cannot be searched.
    Secret([u8; 32]),
    /// A JWK Set (RFC 7517 §5) of public keys, as text: it signs assertions with one of them.
    Keys(String),
}

impl Client {
    /// Whether the client is good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// Changes to clients.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientChange {
    Insert(Box<Client>),
    /// Its tokens end with it. Guard: it is there.
    Delete {
        id: ClientId,
    },
    /// Written in the background, without an audit event.
    Used {
        id: ClientId,
        at: Timestamp,
    },
    /// Notes that an assertion was shown; those of the client that have expired at `at` go. Taken, if it was shown before.
    UseAssertion {
        id: ClientId,
        /// SHA-256 of its `jti`.
        jti_hash: [u8; 32],
        at: Timestamp,
        expires_at: Timestamp,
    },
}

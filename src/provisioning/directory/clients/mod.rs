//! OAuth 2.0 clients (RFC 6749): made and revoked by administrators, given access tokens by the client credentials grant
//! (§4.4), and tokens looked into by those who are shown one (RFC 7662).

mod grant;
mod introspection;
mod manage;
mod of_connections;
mod of_users;
mod proof;

pub use introspection::Introspected;
pub use proof::ShownProof;

use serde_json::Value;

use crate::auth::TokenText;
use crate::model::{Client, Scopes, Timestamp};

/// What a client is to be.
#[derive(Clone, Debug)]
pub struct ClientDraft {
    pub name: String,
    /// What its tokens are bounded to. Where nothing is said a connection's may read and write, and a service account's
    /// may do what its user may.
    pub scopes: Option<Scopes>,
    /// Its public keys, a JWK or a JWK Set; it gets a secret where there are none.
    pub keys: Option<Value>,
    pub expires_at: Option<Timestamp>,
}

/// A client that was just made: its record, and its secret, which is nowhere else.
#[derive(Debug)]
pub struct NewClient {
    pub record: Client,
    pub secret: Option<TokenText>,
}

//! What an access token says.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::model::{SessionId, TenantId, Timestamp, UserId};

/// What `iat` and `exp` say, whosever token it is.
pub(super) trait Lifespan {
    /// In seconds, as the claims are.
    fn lifespan(&self) -> (i64, i64);
}

/// The names that no custom claim may have: those of [`Claims`], and others whose meaning is registered (RFC 7519 §4.1,
/// RFC 8693 §4, RFC 7800 §3.1, OpenID Connect Core §2).
const RESERVED: [&str; 24] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "sid",
    "tenant_id",
    "roles",
    "permissions",
    "amr",
    "auth_time",
    "acr",
    "azp",
    "nonce",
    "at_hash",
    "c_hash",
    "act",
    "may_act",
    "scope",
    "client_id",
    "cnf",
    "typ",
];

/// What is to be said of a user who has signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    pub tenant_id: TenantId,
    pub user_id: UserId,
    pub session_id: Option<SessionId>,
    pub roles: Vec<String>,
    pub permissions: Vec<String>,
    /// How the user signed in, in the words of RFC 8176.
    pub amr: Vec<String>,
    /// When that was.
    pub auth_time: Timestamp,
    /// The attributes that the tenant wants in its tokens.
    pub custom: Map<String, Value>,
}

impl Grant {
    /// The first custom claim whose name is taken.
    pub(super) fn reserved_claim(&self) -> Option<&str> {
        self.custom.keys().map(String::as_str).find(|name| RESERVED.contains(name))
    }
}

/// The claims of an access token (RFC 7519 §4). Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub sub: UserId,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub jti: Uuid,
    /// The session that the token belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    pub tenant_id: TenantId,
    pub roles: Vec<String>,
    pub permissions: Vec<String>,
    pub amr: Vec<String>,
    pub auth_time: i64,
    #[serde(flatten)]
    pub custom: Map<String, Value>,
}

/// What is to be said of a client of OAuth 2.0.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientGrant {
    pub tenant_id: TenantId,
    pub client_id: String,
    /// Scopes, separated by spaces; `None` where it is bounded to none.
    pub scope: Option<String>,
    pub permissions: Vec<String>,
}

/// The claims of a client's access token (RFC 9068 §2.2). Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientClaims {
    pub iss: String,
    /// The client's id: there is no user (RFC 9068 §2.2).
    pub sub: String,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub jti: Uuid,
    /// No user's token has this claim.
    pub client_id: String,
    pub tenant_id: TenantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    pub permissions: Vec<String>,
}

/// The claims of a token of either kind.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum AnyClaims {
    Client(ClientClaims),
    User(Box<Claims>),
}

impl Lifespan for Claims {
    fn lifespan(&self) -> (i64, i64) {
        (self.iat, self.exp)
    }
}

impl Lifespan for AnyClaims {
    fn lifespan(&self) -> (i64, i64) {
        match self {
            Self::Client(claims) => (claims.iat, claims.exp),
            Self::User(claims) => claims.lifespan(),
        }
    }
}

/// A client's access token that was just made. `Debug` does not show its text.
#[derive(Clone, PartialEq)]
pub struct IssuedClientToken {
    /// The JWT.
    pub text: String,
    pub claims: ClientClaims,
}

impl fmt::Debug for IssuedClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedClientToken").field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// An access token that was just made. `Debug` does not show its text.
#[derive(Clone, PartialEq)]
pub struct IssuedToken {
    /// The JWT.
    pub text: String,
    pub claims: Claims,
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken").field("claims", &self.claims).finish_non_exhaustive()
    }
}

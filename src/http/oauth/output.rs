//! What clients of OAuth 2.0 are answered.

use poem_openapi::Object;
use uuid::Uuid;

use crate::auth::signer::{Claims, ClientClaims, IssuedClientToken};
use crate::http::admin::values::names;
use crate::model::Permissions;
use crate::provisioning::directory::Introspected;

/// What a token is sent as (RFC 6750).
const BEARER: &str = "Bearer";

/// An access token for a client (RFC 6749 §5.1).
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct ClientToken {
    /// A JWT (RFC 9068); send it as `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`
    token_type: String,
    /// For how many seconds it works.
    expires_in: i64,
    /// Missing where nothing bounds it beside what the service account may do.
    scope: Option<String>,
}

/// What is known of a token (RFC 7662 §2.2).
#[derive(Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct Introspection {
    /// Whether it works.
    active: bool,
    /// Of a client's token that is bounded to some.
    scope: Option<String>,
    /// Of a client's token.
    client_id: Option<String>,
    /// Of a user's token.
    username: Option<String>,
    token_type: Option<String>,
    exp: Option<i64>,
    iat: Option<i64>,
    sub: Option<String>,
    aud: Option<String>,
    iss: Option<String>,
    jti: Option<Uuid>,
    tenant_id: Option<Uuid>,
    /// The session that a user's token belongs to.
    sid: Option<Uuid>,
    /// How the user signed in, in the words of RFC 8176.
    amr: Option<Vec<String>>,
    /// When that was.
    auth_time: Option<i64>,
    /// The names of the roles given directly, as they are now.
    roles: Option<Vec<String>>,
    /// What may be done with it, as it is now.
    permissions: Option<Vec<String>>,
}

impl From<IssuedClientToken> for ClientToken {
    fn from(issued: IssuedClientToken) -> Self {
        let IssuedClientToken { text, claims } = issued;
        Self {
            access_token: text,
            token_type: BEARER.to_owned(),
            expires_in: claims.exp - claims.iat,
            scope: claims.scope,
        }
    }
}

impl From<Option<Introspected>> for Introspection {
    fn from(known: Option<Introspected>) -> Self {
        match known {
            None => Self::default(),
            Some(Introspected::User { claims, user_name, roles, permissions }) => {
                Self::of_user(*claims, user_name, roles, permissions)
            }
            Some(Introspected::Client { claims, permissions }) => Self::of_client(claims, permissions),
        }
    }
}

impl Introspection {
    fn of_user(claims: Claims, user_name: String, roles: Vec<String>, permissions: Permissions) -> Self {
        Self {
            active: true,
            username: Some(user_name),
            token_type: Some(BEARER.to_owned()),
            exp: Some(claims.exp),
            iat: Some(claims.iat),
            sub: Some(claims.sub.to_string()),
            aud: Some(claims.aud),
            iss: Some(claims.iss),
            jti: Some(claims.jti),
            tenant_id: Some(claims.tenant_id.0),
            sid: claims.sid.map(|id| id.0),
            amr: Some(claims.amr),
            auth_time: Some(claims.auth_time),
            roles: Some(roles),
            permissions: Some(names(permissions)),
            ..Self::default()
        }
    }

    fn of_client(claims: ClientClaims, permissions: Permissions) -> Self {
        Self {
            active: true,
            scope: claims.scope,
            client_id: Some(claims.client_id),
            token_type: Some(BEARER.to_owned()),
            exp: Some(claims.exp),
            iat: Some(claims.iat),
            sub: Some(claims.sub),
            aud: Some(claims.aud),
            iss: Some(claims.iss),
            jti: Some(claims.jti),
            tenant_id: Some(claims.tenant_id.0),
            permissions: Some(names(permissions)),
            ..Self::default()
        }
    }
}

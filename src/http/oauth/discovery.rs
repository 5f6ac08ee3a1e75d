//! `/.well-known`: the keys that verify tokens (RFC 7517), and where the endpoints are (RFC 8414).

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::ParseFromJSON as _;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::CLIENT_CREDENTIALS;
use crate::auth::client::ALGORITHMS;
use crate::http::admin::failure::Answer;
use crate::http::admin::{Admin, Part};
use crate::http::error::Failure;
use crate::model::Scopes;

/// As long as a server may go on signing with the key before the newest.
const KEYS_KEPT: &str = "public, max-age=60";
const METADATA_KEPT: &str = "public, max-age=3600";
/// What a client may show.
const PROOFS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

pub(in crate::http) struct Discovery;

/// A public key (RFC 8037 §2).
#[derive(Object)]
struct PublicKey {
    kty: String,
    crv: String,
    x: String,
    kid: String,
    alg: String,
    #[oai(rename = "use")]
    used_for: String,
}

/// Public keys (RFC 7517 §5).
#[derive(Object)]
struct JwkSet {
    keys: Vec<PublicKey>,
}

/// What the server says of itself (RFC 8414 §2).
#[derive(Object)]
struct ServerMetadata {
    issuer: String,
    token_endpoint: String,
    introspection_endpoint: String,
    jwks_uri: String,
    grant_types_supported: Vec<String>,
    /// None: there is no authorization endpoint.
    response_types_supported: Vec<String>,
    scopes_supported: Vec<String>,
    token_endpoint_auth_methods_supported: Vec<String>,
    token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    introspection_endpoint_auth_methods_supported: Vec<String>,
    introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
}

#[derive(ApiResponse)]
enum KeysAnswer {
    /// The key that signs, and those before it whose tokens may still live.
    #[oai(status = 200)]
    Keys(Json<JwkSet>, #[oai(header = "Cache-Control")] String),
}

#[derive(ApiResponse)]
enum MetadataAnswer {
    /// Where the endpoints are, and what they take.
    #[oai(status = 200)]
    Metadata(Json<ServerMetadata>, #[oai(header = "Cache-Control")] String),
}

#[OpenApi(prefix_path = "/.well-known", tag = "Part::OAuth")]
impl Discovery {
    /// Read the keys that verify tokens
    #[oai(path = "/jwks.json", method = "get")]
    async fn jwks(&self, admin: Data<&Arc<Admin>>) -> Answer<KeysAnswer> {
        let keys = admin.sign_in.signer.jwks().await.map_err(Failure::internal)?;
        let keys = JwkSet::parse_from_json(Some(keys)).map_err(|error| Failure::internal(error.message()))?;
        Ok(KeysAnswer::Keys(Json(keys), KEYS_KEPT.to_owned()))
    }

    /// Read where the endpoints of OAuth 2.0 are
    #[oai(path = "/oauth-authorization-server", method = "get")]
    async fn metadata(&self, admin: Data<&Arc<Admin>>) -> Answer<MetadataAnswer> {
        let root = &admin.directory.outgoing.root_url;
        let list = |words: &[&str]| -> Vec<String> { words.iter().copied().map(str::to_owned).collect() };
        let metadata = ServerMetadata {
            issuer: root.to_string(),
            token_endpoint: format!("{root}/oauth/token"),
            introspection_endpoint: format!("{root}/auth/introspect"),
            jwks_uri: format!("{root}/.well-known/jwks.json"),
            grant_types_supported: list(&[CLIENT_CREDENTIALS]),
            response_types_supported: Vec::new(),
            scopes_supported: list(&Scopes::OAUTH),
            token_endpoint_auth_methods_supported: list(&PROOFS),
            token_endpoint_auth_signing_alg_values_supported: list(&ALGORITHMS),
            introspection_endpoint_auth_methods_supported: list(&PROOFS),
            introspection_endpoint_auth_signing_alg_values_supported: list(&ALGORITHMS),
        };
        Ok(MetadataAnswer::Metadata(Json(metadata), METADATA_KEPT.to_owned()))
    }
}

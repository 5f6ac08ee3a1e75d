//! What clients of OAuth 2.0 send.

use poem_openapi::Object;

/// How a client that does not use HTTP Basic shows who it is: by its id and its secret, or by an assertion.
#[derive(Object)]
pub(super) struct Proof {
    /// May be left out where HTTP Basic or an assertion names it.
    #[oai(validator(max_length = 200))]
    pub(super) client_id: Option<String>,
    #[oai(write_only, validator(max_length = 200))]
    pub(super) client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    #[oai(validator(max_length = 200))]
    pub(super) client_assertion_type: Option<String>,
    /// A JWT (RFC 7523 §3).
    #[oai(write_only, validator(max_length = 8192))]
    pub(super) client_assertion: Option<String>,
}

/// A request for an access token (RFC 6749 §4.4.2).
#[derive(Object)]
pub(super) struct TokenRequest {
    /// `client_credentials`
    #[oai(validator(max_length = 200))]
    pub(super) grant_type: String,
    /// `scim.read`, `scim.write`, or both with a space between them; all that the client may have where it is left out.
    #[oai(validator(max_length = 200))]
    pub(super) scope: Option<String>,
    #[oai(flatten)]
    pub(super) proof: Proof,
}

/// A token to be looked into (RFC 7662 §2.1).
#[derive(Object)]
pub(super) struct IntrospectionRequest {
    /// What of it is known is all told, and of what is no access token of the tenant's nothing.
    #[oai(write_only, validator(max_length = 16384))]
    pub(super) token: String,
    /// Passed over: it shows by itself what a token is.
    #[oai(validator(max_length = 200))]
    pub(super) token_type_hint: Option<String>,
    #[oai(flatten)]
    pub(super) proof: Proof,
}

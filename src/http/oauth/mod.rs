//! OAuth 2.0: `/oauth/token` and `/auth/introspect`, which take forms and answer errors in the way of RFC 6749, and what
//! the server says of itself under `/.well-known`. Part of the admin API's document, and served with it.

mod basic;
mod discovery;
mod form;
mod input;
mod output;
mod proof;
mod refused;

pub(super) use discovery::Discovery;

use std::sync::Arc;

use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use self::form::FormBody;
use self::input::{IntrospectionRequest, TokenRequest};
use self::output::{ClientToken, Introspection};
use self::proof::shown;
use self::refused::OAuthRefused;
use super::admin::session::Session;
use super::admin::{Admin, Part};
use super::caller::visit_of;
use super::error::Failure;

/// RFC 6749 §5.1: nobody keeps an answer that holds a token, or tells of one.
const NO_STORE: &str = "no-store";
/// The only grant that there is.
const CLIENT_CREDENTIALS: &str = "client_credentials";

pub(super) struct OAuth;

/// A client has an access token.
#[derive(ApiResponse)]
enum TokenAnswer {
    /// What was granted.
    #[oai(status = 200)]
    Granted(Json<ClientToken>, #[oai(header = "Cache-Control")] String),
}

/// What there is to know of a token.
#[derive(ApiResponse)]
enum IntrospectionAnswer {
    /// Whether it works; of one that does not nothing else is said.
    #[oai(status = 200)]
    Known(Json<Introspection>, #[oai(header = "Cache-Control")] String),
}

#[OpenApi(tag = "Part::OAuth")]
impl OAuth {
    /// Get an access token for a program
    ///
    /// The client credentials grant (RFC 6749 §4.4). The client shows its secret as HTTP Basic or in the form, or signs an
    /// assertion (`private_key_jwt`, RFC 7523) whose audience is the issuer or this endpoint, which lives an hour at the
    /// most and is good once. The token works on SCIM as the connection's own tokens do; a service account's works on SCIM
    /// and on the API, and may do what its user may. Parameters that are not known are passed over.
    #[oai(path = "/oauth/token", method = "post")]
    async fn token(
        &self,
        request: &Request,
        admin: Data<&Arc<Admin>>,
        body: FormBody<TokenRequest>,
    ) -> Result<TokenAnswer, OAuthRefused> {
        let form = body.read()?;
        if form.grant_type != CLIENT_CREDENTIALS {
            let detail = "The grant type that there is: client_credentials.";
            let failure = Failure::new(StatusCode::BAD_REQUEST, detail);
            return Err(failure.with_code("unsupported_grant_type").into());
        }
        let Some(shown) = shown(request.headers(), form.proof)? else {
            let detail = "The client has to show who it is: by HTTP Basic, its secret, or an assertion.";
            return Err(Failure::new(StatusCode::UNAUTHORIZED, detail).into());
        };
        let granted = admin.sign_in.grant_client(&visit_of(request), &shown, form.scope.as_deref()).await?;
        Ok(TokenAnswer::Granted(Json(granted.into()), NO_STORE.to_owned()))
    }

    /// Look into a token
    ///
    /// Whether an access token works at this moment (RFC 7662): a user's answers `false` as soon as its session has ended, a
    /// client's as soon as the client is revoked. Whoever asks shows an API key, the access token of somebody who has signed
    /// in or of a service account's client, or is a client itself, as at `/oauth/token`. Nobody learns anything of
    /// another tenant's tokens.
    #[oai(path = "/auth/introspect", method = "post")]
    async fn introspect(
        &self,
        request: &Request,
        admin: Data<&Arc<Admin>>,
        body: FormBody<IntrospectionRequest>,
    ) -> Result<IntrospectionAnswer, OAuthRefused> {
        let form = body.read()?;
        let tenant = match shown(request.headers(), form.proof)? {
            Some(shown) => admin.sign_in.client_of(&visit_of(request), &shown).await?.0.tenant_id,
            None => Session::of(&admin, request).await?.0.caller.tenant_id,
        };
        let known = admin.sign_in.introspect(tenant, &form.token).await?;
        Ok(IntrospectionAnswer::Known(Json(known.into()), NO_STORE.to_owned()))
    }
}

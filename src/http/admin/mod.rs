//! `/v1`: the admin API, and `/auth` with it. poem-openapi writes its document from the very types that are served.

mod allowed;
pub(super) mod answer;
pub(super) mod body;
mod check;
pub(super) mod failure;
mod keys;
mod mounted;
mod password_policy;
mod roles;
pub(super) mod session;
mod sessions;
pub(super) mod users;
pub(super) mod values;

use std::sync::Arc;

use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::{Method, StatusCode};
use poem::{Endpoint, EndpointExt, IntoEndpoint, IntoResponse, Request, Response, Route};
use poem_openapi::{OpenApi, OpenApiService, Tags};

use self::allowed::Allowed;
use self::mounted::UnderRoot;
use super::auth::Auth;
use super::edge::Methods;
use super::error::Failure;
use crate::auth::Authenticator;
use crate::provisioning::directory::{Directory, SignIn};

/// What the handlers need.
#[derive(Clone, Debug)]
pub struct Admin {
    pub directory: Directory,
    pub sign_in: SignIn,
    pub authenticator: Authenticator,
    /// What clients call the API's root, without a slash at the end: `https://example.com/v1`.
    pub base_url: Arc<str>,
}

/// The parts of the document.
#[derive(Tags)]
pub(super) enum Part {
    /// Signing in and out, registration, and mailed links.
    Authentication,
    /// People, and accounts that stand for programs.
    Users,
    /// Named sets of permissions.
    Roles,
    /// Credentials for scripts.
    #[oai(rename = "API keys")]
    ApiKeys,
    /// Where people are signed in.
    Sessions,
    /// What the tenant asks of passwords.
    #[oai(rename = "Password policy")]
    PasswordPolicy,
}

fn service(root_url: &str) -> OpenApiService<impl OpenApi + use<>, ()> {
    let resources =
        (users::Users, roles::Roles, keys::Keys, sessions::Sessions, password_policy::PasswordPolicies);
    OpenApiService::new((UnderRoot(resources), Auth), "Provost", env!("CARGO_PKG_VERSION"))
        .description("The admin API of Provost: tenants, users, groups, roles and what belongs to them.")
        .server(root_url)
}

/// The OpenAPI document, for a server that clients know by this URL.
pub fn document(root_url: &str) -> String {
    service(root_url).spec()
}

/// These routes with those under `/v1` and `/auth`.
pub fn mount(routes: Route, admin: Arc<Admin>) -> Route {
    let root_url = Arc::clone(&admin.sign_in.root_url);
    let service = service(&root_url);
    let document = document(&root_url);
    let page = service.swagger_ui_html();
    let allowed = Arc::new(Allowed::of_document(&document));
    let served = move |_: Request| {
        Response::builder().content_type("application/json; charset=utf-8").body(document.clone())
    };
    let shown =
        move |_: Request| Response::builder().content_type("text/html; charset=utf-8").body(page.clone());
    let operations = service.into_endpoint().data(admin).around(move |endpoint, request| {
        let (allowed, path) = (Arc::clone(&allowed), request.uri().path().to_owned());
        async move {
            let answer = endpoint.call(request).await.map(IntoResponse::into_response);
            answer.map_err(|error| refused(error, allowed.methods(&path)))
        }
    });
    let operations = Arc::new(operations);
    // Their paths begin with what they are mounted at, as the document's do.
    routes
        .at("/v1/openapi.json", Methods::new().get(poem::endpoint::make_sync(served)))
        .at("/v1/docs", Methods::new().get(poem::endpoint::make_sync(shown)))
        .nest_no_strip("/v1", Arc::clone(&operations))
        .nest_no_strip("/auth", operations)
}

/// poem-openapi's own refusals, in the words of the rest. They travel on as errors: the edge gives them their shape.
fn refused(error: poem::Error, allowed: &[Method]) -> poem::Error {
    if error.is::<MethodNotAllowedError>() {
        return Failure::method_not_allowed(allowed).into();
    }
    let is_ours = error.is::<Failure>() || error.is::<NotFoundError>();
    match error.status() {
        status @ StatusCode::BAD_REQUEST if !is_ours => Failure::new(status, format!("{error}.")).into(),
        _ => error,
    }
}

//! `/v1`: the admin API. poem-openapi writes its document from the very types that are served.

mod allowed;
mod answer;
mod attributes;
mod body;
mod check;
mod failure;
mod keys;
mod roles;
mod session;
mod users;
mod values;

use std::sync::Arc;

use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::{Method, StatusCode};
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response};
use poem_openapi::{OpenApi, OpenApiService, Tags};

use self::allowed::Allowed;
use super::edge::Methods;
use super::error::Failure;
use crate::auth::Authenticator;
use crate::provisioning::directory::Directory;

/// What the handlers need.
#[derive(Clone, Debug)]
pub struct Admin {
    pub directory: Directory,
    pub authenticator: Authenticator,
    /// What clients call the API's root, without a slash at the end: `https://example.com/v1`.
    pub base_url: Arc<str>,
}

/// The parts of the document.
#[derive(Tags)]
enum Part {
    /// People, and accounts that stand for programs.
    Users,
    /// Named sets of permissions.
    Roles,
    /// The tenant's own attributes of users.
    Attributes,
    /// Credentials for scripts.
    #[oai(rename = "API keys")]
    ApiKeys,
}

fn service(base_url: &str) -> OpenApiService<impl OpenApi + use<>, ()> {
    let parts = (users::Users, roles::Roles, attributes::Attributes, keys::Keys);
    OpenApiService::new(parts, "Provost", env!("CARGO_PKG_VERSION"))
        .description("The admin API of Provost: tenants, users, groups, roles and what belongs to them.")
        .server(base_url)
}

/// The OpenAPI document, for a server that clients know by this URL (with `/v1`).
pub fn document(base_url: &str) -> String {
    service(base_url).spec()
}

/// The endpoints under `/v1`.
pub fn routes(admin: Arc<Admin>) -> impl Endpoint<Output = Response> + use<> {
    let service = service(&admin.base_url);
    let document = document(&admin.base_url);
    let page = service.swagger_ui_html();
    let allowed = Arc::new(Allowed::of_document(&document));
    let served = move |_: Request| {
        Response::builder().content_type("application/json; charset=utf-8").body(document.clone())
    };
    let shown =
        move |_: Request| Response::builder().content_type("text/html; charset=utf-8").body(page.clone());
    poem::Route::new()
        .at("/openapi.json", Methods::new().get(poem::endpoint::make_sync(served)))
        .at("/docs", Methods::new().get(poem::endpoint::make_sync(shown)))
        .nest("/", service)
        .data(admin)
        .around(move |endpoint, request| {
            let (allowed, path) = (Arc::clone(&allowed), request.uri().path().to_owned());
            async move {
                let answer = endpoint.call(request).await.map(IntoResponse::into_response);
                answer.map_err(|error| refused(error, allowed.methods(path.trim_start_matches("/v1"))))
            }
        })
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

//! `/v1`: the admin API, and `/auth` with it. poem-openapi writes its document from the very types that are served.

mod allowed;
pub(super) mod answer;
mod attributes;
mod audit;
pub(super) mod body;
mod check;
mod clients;
mod connections;
mod deleted_users;
mod document;
mod event_type;
pub(super) mod failure;
mod groups;
mod idempotency;
mod invitations;
mod keys;
pub(super) mod mfa;
mod mounted;
mod nullable;
mod password_policy;
mod picture;
mod policies;
mod roles;
pub(super) mod session;
mod sessions;
mod sorting;
mod stats;
mod tenants;
pub(super) mod users;
pub(super) mod values;
mod webhooks;

use std::sync::Arc;

use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::{Method, StatusCode};
use poem::{Endpoint, EndpointExt, IntoEndpoint, IntoResponse, Request, Response, Route};
use poem_openapi::error::{ParseParamError, ParsePathError};
use poem_openapi::{OpenApi, OpenApiService, Tags};

use self::allowed::Allowed;
use self::mounted::UnderRoot;
use super::auth::challenge::Challenges;
use super::auth::invitations::Invitations as AcceptedInvitations;
use super::auth::mfa::OwnFactors;
use super::auth::recovery::Recovery;
use super::auth::{Auth, pages};
use super::edge::Methods;
use super::error::Failure;
use super::notice;
use super::oauth::{Discovery, OAuth};
use crate::auth::{Authenticator, SecretKey};
use crate::provisioning::directory::{Directory, SignIn};

/// What the handlers need.
#[derive(Clone, Debug)]
pub struct Admin {
    pub directory: Directory,
    pub sign_in: SignIn,
    pub authenticator: Authenticator,
    /// On it hangs what is stored of idempotency keys.
    pub secret_key: SecretKey,
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
    /// Groups, organizations and resource groups, and who is in them.
    Groups,
    /// People who were deleted and can still be restored.
    #[oai(rename = "Deleted users")]
    DeletedUsers,
    /// Those who were asked to join, and what became of it.
    Invitations,
    /// Named sets of permissions.
    Roles,
    /// The tenant's own attributes of users.
    Attributes,
    /// The instance's tenants, and their settings.
    Tenants,
    /// What was counted, and what stands out.
    Statistics,
    /// What the tenant forbids and permits beyond its roles.
    Policies,
    /// Credentials for scripts.
    #[oai(rename = "API keys")]
    ApiKeys,
    /// Where people are signed in.
    Sessions,
    /// What the tenant asks of passwords.
    #[oai(rename = "Password policy")]
    PasswordPolicy,
    /// Who did what to whom.
    #[oai(rename = "Audit log")]
    Audit,
    /// Identity providers that push users and groups.
    Connections,
    /// Who is told of what happens.
    Webhooks,
    /// Access tokens for programs, and what verifies tokens.
    #[oai(rename = "OAuth 2.0")]
    OAuth,
}

fn service(root_url: &str) -> OpenApiService<impl OpenApi + use<>, ()> {
    let people = (
        users::Users,
        users::Holdings,
        mfa::MfaFactors,
        attributes::Attributes,
        sessions::Sessions,
        invitations::Invitations,
        deleted_users::DeletedUsers,
    );
    let groups = (groups::Groups, groups::Members);
    let rights = (roles::Roles, policies::Policies, keys::Keys, password_policy::PasswordPolicies);
    let doors =
        (connections::Connections, connections::Tokens, connections::AdoptionRequests, clients::Clients);
    let records = (audit::Audit, webhooks::Webhooks, stats::Stats);
    let instance = tenants::Tenants;
    let doorstep = (Auth, Challenges, OwnFactors, Recovery, AcceptedInvitations);
    let machines = (OAuth, Discovery);
    OpenApiService::new(
        (UnderRoot((people, groups, rights, doors, records, instance)), doorstep, machines),
        "Provost",
        env!("CARGO_PKG_VERSION"),
    )
    .description("The admin API of Provost: tenants, users, groups, roles and what belongs to them.")
    .server(root_url)
}

/// The OpenAPI document, for a server that clients know by this URL.
pub fn document(root_url: &str) -> String {
    document::closed(&service(root_url).spec())
}

/// These routes with those under `/v1` and `/auth`.
pub fn mount(routes: Route, admin: Arc<Admin>) -> Route {
    let root_url = Arc::clone(&admin.directory.outgoing.root_url);
    let service = service(&root_url);
    let document = document(&root_url);
    let page = service.swagger_ui_html();
    let allowed = Arc::new(Allowed::of_document(&document));
    let served = move |_: Request| {
        Response::builder().content_type("application/json; charset=utf-8").body(document.clone())
    };
    let shown =
        move |_: Request| Response::builder().content_type("text/html; charset=utf-8").body(page.clone());
    let page_admin = Arc::clone(&admin);
    let operations = service.into_endpoint().data(admin).around(move |endpoint, mut request| {
        let notices = notice::collect(&mut request);
        let (allowed, path) = (Arc::clone(&allowed), request.uri().path().to_owned());
        async move {
            let mut answer = endpoint.call(request).await.map(IntoResponse::into_response);
            if let Ok(response) = &mut answer {
                notice::tell(&notices, response);
            }
            answer.map_err(|error| refused(error, allowed.methods(&path)))
        }
    });
    let operations = Arc::new(operations);
    let routes = pages::mount(routes, &page_admin);
    // Their paths begin with what they are mounted at, as the document's do.
    routes
        .at("/v1/openapi.json", Methods::new().get(poem::endpoint::make_sync(served)))
        .at("/v1/docs", Methods::new().get(poem::endpoint::make_sync(shown)))
        .nest_no_strip("/v1", Arc::clone(&operations))
        .nest_no_strip("/auth", Arc::clone(&operations))
        .nest_no_strip("/oauth", Arc::clone(&operations))
        .nest_no_strip("/.well-known", operations)
}

/// What poem-openapi says of a parameter that it cannot read, without its own names of types and parameters.
fn sentence(error: &poem::Error) -> String {
    if error.is::<ParsePathError>() {
        // Names in paths are taken as they come.
        return "The path names something by an id that is none: ids are UUIDs.".to_owned();
    }
    match error.downcast_ref::<ParseParamError>() {
        Some(ParseParamError { name, reason }) => {
            let reason = reason.split_once("\": ").map_or(reason.as_str(), |(_, reason)| reason);
            let reason = reason.split(" (occurred").next().unwrap_or(reason);
            format!("The parameter '{name}' is not valid: {}.", reason.trim_end_matches('.'))
        }
        None => format!("{error}."),
    }
}

/// poem-openapi's own refusals, in the words of the rest. They travel on as errors: the edge gives them their shape.
pub(super) fn refused(error: poem::Error, allowed: &[Method]) -> poem::Error {
    if error.is::<MethodNotAllowedError>() {
        return Failure::method_not_allowed(allowed).into();
    }
    let is_ours = error.is::<Failure>() || error.is::<NotFoundError>();
    match error.status() {
        status @ StatusCode::BAD_REQUEST if !is_ours => Failure::new(status, sentence(&error)).into(),
        _ => error,
    }
}

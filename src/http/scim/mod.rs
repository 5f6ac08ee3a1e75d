//! `/scim/v2`: one route a line.

mod answer;
mod discovery;
mod failure;
mod question;
mod resources;
mod search;

use std::future::Future;
use std::sync::Arc;

use poem::http::StatusCode;
use poem::{Endpoint, Request, Response, Route};

use super::edge::Methods;
use super::error::Failure;
use super::notice;
use crate::auth::Authenticator;
use crate::provisioning::Provisioning;
use discovery::Document;
use resources::Kind;

/// What the handlers need.
#[derive(Clone, Debug)]
pub struct Scim {
    pub provisioning: Provisioning,
    pub authenticator: Authenticator,
}

/// What a path serves.
#[derive(Clone, Copy, Debug)]
enum Served {
    Many(Kind),
    Search(Kind),
    SearchAll,
    One(Kind),
    Document(Document),
    /// Nothing, for this reason.
    Absent(&'static str),
}

/// The endpoints of RFC 7644 §3.2, Table 1.
const ROUTES: [(&str, Served); 14] = [
    ("/scim/v2/.search", Served::SearchAll),
    ("/scim/v2/Users", Served::Many(Kind::User)),
    ("/scim/v2/Users/.search", Served::Search(Kind::User)),
    ("/scim/v2/Users/:id", Served::One(Kind::User)),
    ("/scim/v2/Groups", Served::Many(Kind::Group)),
    ("/scim/v2/Groups/.search", Served::Search(Kind::Group)),
    ("/scim/v2/Groups/:id", Served::One(Kind::Group)),
    ("/scim/v2/ServiceProviderConfig", Served::Document(Document::ServiceProviderConfig)),
    ("/scim/v2/Schemas", Served::Document(Document::Schemas)),
    ("/scim/v2/Schemas/:id", Served::Document(Document::Schema)),
    ("/scim/v2/ResourceTypes", Served::Document(Document::ResourceTypes)),
    ("/scim/v2/ResourceTypes/:id", Served::Document(Document::ResourceType)),
    (
        "/scim/v2/Me",
        Served::Absent(
            "/Me stands for the user behind a token; the tokens of this server stand for connections.",
        ),
    ),
    ("/scim/v2/Bulk", Served::Absent("Bulk requests are not served; ServiceProviderConfig says so.")),
];

/// The paths that [`routes`] serves, `:id` standing for an id.
pub fn paths() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|(path, _)| *path)
}

/// The endpoints under `/scim/v2`.
pub fn routes(scim: &Arc<Scim>) -> Route {
    ROUTES.iter().fold(Route::new(), |route, (path, served)| route.at(*path, served.methods(scim)))
}

impl Served {
    fn methods(self, scim: &Arc<Scim>) -> Methods {
        match self {
            Self::Many(kind) => many(scim, kind),
            Self::One(kind) => one(scim, kind),
            Self::Search(kind) => Methods::new().post(on(scim, move |scim, request| async move {
                search::by_body(&scim, kind, request).await
            })),
            Self::SearchAll => Methods::new()
                .post(on(scim, move |scim, request| async move { search::of_all(&scim, request).await })),
            Self::Document(document) => Methods::new().get(on(scim, move |scim, request| async move {
                discovery::read(&scim, document, request).await
            })),
            Self::Absent(reason) => absent(scim, reason),
        }
    }
}

fn many(scim: &Arc<Scim>, kind: Kind) -> Methods {
    Methods::new()
        .get(on(scim, move |scim, request| async move { search::by_query(&scim, kind, request).await }))
        .post(on(scim, move |scim, request| async move { resources::create(&scim, kind, request).await }))
}

fn one(scim: &Arc<Scim>, kind: Kind) -> Methods {
    Methods::new()
        .get(on(scim, move |scim, request| async move { resources::read(&scim, kind, request).await }))
        .put(on(scim, move |scim, request| async move { resources::replace(&scim, kind, request).await }))
        .patch(on(scim, move |scim, request| async move { resources::patch(&scim, kind, request).await }))
        .delete(on(scim, move |scim, request| async move { resources::delete(&scim, kind, request).await }))
}

/// A handler with what it needs.
struct Handler<F> {
    scim: Arc<Scim>,
    handle: F,
}

impl<F, Fut> Endpoint for Handler<F>
where
    F: Fn(Arc<Scim>, Request) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Response, Failure>> + Send,
{
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let notices = notice::collect(&mut request);
        let mut response = (self.handle)(Arc::clone(&self.scim), request).await?;
        notice::tell(&notices, &mut response);
        Ok(response)
    }
}

fn on<F, Fut>(scim: &Arc<Scim>, handle: F) -> Handler<F>
where
    F: Fn(Arc<Scim>, Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    Handler { scim: Arc::clone(scim), handle }
}

/// A path of the protocol that this server has nothing behind: 501 (RFC 7644 §3.11 for `/Me`).
fn absent(scim: &Arc<Scim>, reason: &'static str) -> Methods {
    let refuse = || {
        on(scim, move |scim, request| async move {
            super::caller::identify(&scim.authenticator, &request).await?;
            Err(Failure::new(StatusCode::NOT_IMPLEMENTED, reason))
        })
    };
    Methods::new().get(refuse()).post(refuse()).put(refuse()).patch(refuse()).delete(refuse())
}

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
use poem::{Endpoint, EndpointExt, Request, Response, Route};

use super::edge::Methods;
use super::error::Failure;
use crate::auth::Authenticator;
use crate::provisioning::Provisioning;
use resources::Kind;

/// What the handlers need.
#[derive(Clone, Debug)]
pub struct Scim {
    pub provisioning: Provisioning,
    pub authenticator: Authenticator,
}

/// The endpoints of RFC 7644 §3.2, Table 1, under `/scim/v2`.
pub fn routes(scim: &Arc<Scim>) -> Route {
    let mut route = Route::new();
    for (path, kind) in [("/scim/v2/Users", Kind::User), ("/scim/v2/Groups", Kind::Group)] {
        let many = Methods::new()
            .get(on(scim, move |scim, request| async move { search::by_query(&scim, kind, request).await }))
            .post(on(
                scim,
                move |scim, request| async move { resources::create(&scim, kind, request).await },
            ));
        let one = Methods::new()
            .get(on(scim, move |scim, request| async move { resources::read(&scim, kind, request).await }))
            .put(on(scim, move |scim, request| async move { resources::replace(&scim, kind, request).await }))
            .patch(on(scim, move |scim, request| async move { resources::patch(&scim, kind, request).await }))
            .delete(on(
                scim,
                move |scim, request| async move { resources::delete(&scim, kind, request).await },
            ));
        let search = Methods::new()
            .post(on(scim, move |scim, request| async move { search::by_body(&scim, kind, request).await }));
        route = route.at(path, many).at(format!("{path}/.search"), search).at(format!("{path}/:id"), one);
    }
    let document = |which: discovery::Document| {
        Methods::new()
            .get(on(scim, move |scim, request| async move { discovery::read(&scim, which, request).await }))
    };
    let search_all = Methods::new()
        .post(on(scim, move |scim, request| async move { search::of_all(&scim, request).await }));
    route
        .at("/scim/v2/.search", search_all)
        .at("/scim/v2/ServiceProviderConfig", document(discovery::Document::ServiceProviderConfig))
        .at("/scim/v2/Schemas", document(discovery::Document::Schemas))
        .at("/scim/v2/Schemas/:id", document(discovery::Document::Schema))
        .at("/scim/v2/ResourceTypes", document(discovery::Document::ResourceTypes))
        .at("/scim/v2/ResourceTypes/:id", document(discovery::Document::ResourceType))
        .at(
            "/scim/v2/Me",
            absent(
                scim,
                "/Me stands for the user behind a token; the tokens of this server stand for connections.",
            ),
        )
        .at("/scim/v2/Bulk", absent(scim, "Bulk requests are not served; ServiceProviderConfig says so."))
}

fn on<F, Fut>(scim: &Arc<Scim>, handler: F) -> impl Endpoint<Output = Response> + 'static
where
    F: Fn(Arc<Scim>, Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    let scim = Arc::clone(scim);
    poem::endpoint::make(move |request| {
        let answer = handler(Arc::clone(&scim), request);
        async move { answer.await.map_err(poem::Error::from) }
    })
    .map_to_response()
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

//! `/auth`: signing in and joining, for people who have no credential of the APIs yet. Errors look as under `/v1`.

mod invitations;

use std::sync::Arc;

use poem::{Endpoint, EndpointExt, IntoResponse, Response};
use poem_openapi::{OpenApi, OpenApiService};

use super::admin::allowed::Allowed;
use super::admin::refused;
use crate::provisioning::directory::Directory;

/// What the handlers need.
#[derive(Clone, Debug)]
pub struct Auth {
    pub directory: Directory,
    /// What clients call this part's root, without a slash at the end: `https://example.com/auth`.
    pub base_url: Arc<str>,
}

fn service(base_url: &str) -> OpenApiService<impl OpenApi + use<>, ()> {
    OpenApiService::new(invitations::Invitations, "Provost", env!("CARGO_PKG_VERSION"))
        .description("Signing in and joining.")
        .server(base_url)
}

/// The endpoints under `/auth`.
pub fn routes(auth: Arc<Auth>) -> impl Endpoint<Output = Response> + use<> {
    let service = service(&auth.base_url);
    let allowed = Arc::new(Allowed::of_document(&service.spec()));
    poem::Route::new().nest("/", service).data(auth).around(move |endpoint, request| {
        let (allowed, path) = (Arc::clone(&allowed), request.uri().path().to_owned());
        async move {
            let answer = endpoint.call(request).await.map(IntoResponse::into_response);
            answer.map_err(|error| refused(error, allowed.methods(path.trim_start_matches("/auth"))))
        }
    })
}

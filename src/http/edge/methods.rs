//! The methods of one path, with what HTTP expects beside them and poem's `RouteMethod` leaves out: `Allow` on a 405,
//! `OPTIONS`, and `HEAD` with the length that `GET` would have.

use http_body_util::combinators::BoxBody;
use hyper::body::{Body as _, Bytes};
use poem::endpoint::BoxEndpoint;
use poem::http::header::{ALLOW, CONTENT_LENGTH, HeaderValue};
use poem::http::{Method, StatusCode};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, Result};

use crate::http::error::{Failure, method_list};

/// Dispatches by method.
///
/// ```
/// use provost::http::edge::Methods;
/// let users = Methods::new()
///     .get(poem::endpoint::make_sync(|_| "all users"))
///     .post(poem::endpoint::make_sync(|_| "a new user"));
/// let app = poem::Route::new().at("/Users", users);
/// ```
#[derive(Default)]
pub struct Methods {
    served: Vec<(Method, BoxEndpoint<'static>)>,
}

impl Methods {
    /// Serves nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves `GET`, and `HEAD` by it.
    #[must_use]
    pub fn get<E: IntoEndpoint<Endpoint: 'static>>(self, endpoint: E) -> Self {
        self.on(Method::GET, endpoint)
    }

    /// Serves `POST`.
    #[must_use]
    pub fn post<E: IntoEndpoint<Endpoint: 'static>>(self, endpoint: E) -> Self {
        self.on(Method::POST, endpoint)
    }

    /// Serves `PUT`.
    #[must_use]
    pub fn put<E: IntoEndpoint<Endpoint: 'static>>(self, endpoint: E) -> Self {
        self.on(Method::PUT, endpoint)
    }

    /// Serves `PATCH`.
    #[must_use]
    pub fn patch<E: IntoEndpoint<Endpoint: 'static>>(self, endpoint: E) -> Self {
        self.on(Method::PATCH, endpoint)
    }

    /// Serves `DELETE`.
    #[must_use]
    pub fn delete<E: IntoEndpoint<Endpoint: 'static>>(self, endpoint: E) -> Self {
        self.on(Method::DELETE, endpoint)
    }

    fn on<E: IntoEndpoint<Endpoint: 'static>>(mut self, method: Method, endpoint: E) -> Self {
        self.served.push((method, endpoint.into_endpoint().map_to_response().boxed()));
        self
    }

    fn find(&self, method: &Method) -> Option<&BoxEndpoint<'static>> {
        self.served.iter().find(|(served, _)| served == method).map(|(_, endpoint)| endpoint)
    }

    /// What `Allow` says: the methods served, and those that follow from them.
    fn allowed(&self) -> Vec<Method> {
        let mut allowed: Vec<Method> = self.served.iter().map(|(method, _)| method.clone()).collect();
        if allowed.contains(&Method::GET) {
            allowed.push(Method::HEAD);
        }
        allowed.push(Method::OPTIONS);
        allowed
    }
}

impl Endpoint for Methods {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if let Some(endpoint) = self.find(request.method()) {
            return endpoint.call(request).await;
        }
        if request.method() == Method::HEAD
            && let Some(endpoint) = self.find(&Method::GET)
        {
            request.set_method(Method::GET);
            return endpoint.call(request).await.map(without_body);
        }
        let allowed = self.allowed();
        if request.method() != Method::OPTIONS {
            return Err(Failure::method_not_allowed(&allowed).into());
        }
        let mut response = Response::from(StatusCode::NO_CONTENT);
        if let Ok(list) = HeaderValue::from_str(&method_list(&allowed)) {
            response.headers_mut().insert(ALLOW, list);
        }
        Ok(response)
    }
}

/// The answer to `HEAD`: `GET`'s header, the length included where it is known (RFC 9110 §9.3.2).
fn without_body(mut response: Response) -> Response {
    let body: BoxBody<Bytes, std::io::Error> = response.take_body().into();
    if let Some(length) = body.size_hint().exact() {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response
}

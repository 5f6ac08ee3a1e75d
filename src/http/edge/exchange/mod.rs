//! What happens around every request: its id, who sent it, its time limit, panics, and its record.

mod client;
mod forwarded;
mod path;
pub(super) mod record;
mod request_id;

use std::any::Any;
use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use poem::PathPattern;
use poem::http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use poem::http::{StatusCode, Version};
use poem::{Endpoint, Request, Response, Result};
use tokio::time::{Instant, timeout_at};

use self::record::{Cause, Record};
use super::metrics::HttpMetrics;
use super::settings::EdgeSettings;
use crate::http::error::{Failure, Shape};
use crate::http::limits::BodyLimits;

/// A body up to here has mostly arrived with its header, and hyper passes over it by itself.
const DRAINED_BYTES: u64 = 8 * 1024;

pub use client::ClientAddr;
pub use request_id::{NewRequestId, RequestId};

/// What the edge knows about a request; one extension of it, so that one look-up and one allocation serve all.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// Names the request in its answer's `X-Request-Id`, in the log and in audit events.
    pub id: RequestId,
    /// Who sent it.
    pub client: ClientAddr,
    /// What its body may cost.
    pub body: BodyLimits,
}

impl RequestContext {
    /// The context of a request that came through [`wrap`].
    pub fn of(request: &Request) -> Option<&Self> {
        request.data::<Self>()
    }
}

/// The route that answered, as metrics and logs name it. An answer without it goes by poem's own [`PathPattern`], and
/// without that by `other`, so that the number of names stays bounded whatever paths are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route(pub &'static str);

/// An application with the edge around it; made by [`wrap`].
pub struct Exchange<E> {
    inner: E,
    settings: Arc<EdgeSettings>,
    new_id: NewRequestId,
    metrics: HttpMetrics,
}

/// Puts the edge around an application. The result answers every request, whatever the application does.
///
/// Install the metrics recorder before the first request: counters bind to it once.
pub fn wrap<E: Endpoint>(inner: E, settings: Arc<EdgeSettings>, new_id: NewRequestId) -> Exchange<E> {
    Exchange { inner, settings, new_id, metrics: HttpMetrics::default() }
}

impl<E: Endpoint<Output = Response>> Endpoint for Exchange<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let deadline = started + self.settings.request_timeout;
        let context = self.context(&request, deadline);
        let id = context.id.clone();
        let version = request.version();
        let large_body = has_large_body(&request);
        let mut record = Record::open(&request, id.clone(), started, self.settings.access_log, &self.metrics);
        let shape = Shape::of_path(request.uri().path());
        request.set_data(context);

        let answer = timeout_at(deadline, AssertUnwindSafe(self.inner.call(request)).catch_unwind()).await;
        let mut response = match answer {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(error))) => refusal(error, shape),
            Ok(Err(panic)) => panicked(panic.as_ref(), &id, shape),
            Err(_elapsed) => {
                answered(Failure::unavailable("The request took longer than the server allows.", 1), shape)
            }
        };

        // hyper closes by itself where it cannot find the next request, but a late body may still arrive in full, and a
        // client that is not told of the end sends its next request into it.
        let unread = match response.status() {
            StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => true,
            status => status.is_client_error() && large_body,
        };
        if unread && version <= Version::HTTP_11 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.headers_mut().insert(request_id::HEADER, id.into_header());
        record.close(&response);
        Ok(response)
    }
}

impl<E> Exchange<E> {
    fn context(&self, request: &Request, deadline: Instant) -> RequestContext {
        let settings = &*self.settings;
        let peer = peer(request);
        let trusted = !settings.trusted_proxies.is_empty() && settings.trusts(peer);
        let direct = ClientAddr { ip: peer, https: request.scheme().as_str() == "https" };
        RequestContext {
            id: request_id::of(request.headers(), trusted, &self.new_id),
            client: if trusted { client::resolve(direct, request.headers(), settings) } else { direct },
            body: BodyLimits {
                max_bytes: settings.max_body_bytes,
                idle: settings.body_idle_timeout,
                deadline,
            },
        }
    }
}

/// Whether more of the body may still be on its way than hyper reads by itself when a refusal has left it unread.
fn has_large_body(request: &Request) -> bool {
    let length =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    match length {
        Some(length) => length > DRAINED_BYTES,
        None => request.headers().contains_key(TRANSFER_ENCODING),
    }
}

/// The other end of the socket; an IPv4 address that a dual-stack listener shows as IPv6 is IPv4 again.
fn peer(request: &Request) -> IpAddr {
    match request.remote_addr().as_socket_addr() {
        Some(address) => address.ip().to_canonical(),
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    }
}

/// An error in its form; the route it came from stays known.
fn refusal(mut error: poem::Error, shape: Shape) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    let route = error.data::<Route>().copied();
    let pattern = error.data::<PathPattern>().cloned();
    error = match error.downcast::<Failure>() {
        Ok(failure) => return located(answered(failure, shape), route, pattern),
        Err(error) => error,
    };
    located(answered(Failure::from_poem(error, &[]), shape), route, pattern)
}

fn located(mut response: Response, route: Option<Route>, pattern: Option<PathPattern>) -> Response {
    if let Some(route) = route {
        response.set_data(route);
    }
    if let Some(pattern) = pattern {
        response.set_data(pattern);
    }
    response
}

fn answered(mut failure: Failure, shape: Shape) -> Response {
    let cause = failure.cause.take();
    let mut response = failure.respond(shape);
    if let Some(cause) = cause {
        response.set_data(Cause(cause.into()));
    }
    response
}

fn panicked(panic: &(dyn Any + Send), id: &RequestId, shape: Shape) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message");
    tracing::error!(request_id = id.as_str(), panic = message, "a handler panicked");
    answered(Failure::internal(message), shape)
}

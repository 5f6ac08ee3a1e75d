//! What remains of a request: one line in the log, one count and one duration in the metrics. Never a query string, a
//! credential or a body.

use std::sync::Arc;

use poem::PathPattern;
use poem::http::{Method, StatusCode, Uri};
use poem::{Request, Response};
use tokio::time::Instant;

use super::path::ShownPath;
use super::{RequestId, Route};
use crate::http::edge::metrics::HttpMetrics;

/// What the log is told about a failure, on its way from the failure to the log.
#[derive(Clone)]
pub(super) struct Cause(pub Arc<str>);

/// nginx's word for a request whose client left before the answer; no client ever sees it.
const CLIENT_LEFT: u16 = 499;

/// A request under way. Dropped before it is closed, it records that the client left.
pub(super) struct Record<'a> {
    method: Method,
    uri: Uri,
    id: RequestId,
    started: Instant,
    access_log: bool,
    metrics: &'a HttpMetrics,
    closed: bool,
}

impl<'a> Record<'a> {
    pub(super) fn open(
        request: &Request,
        id: RequestId,
        started: Instant,
        access_log: bool,
        metrics: &'a HttpMetrics,
    ) -> Self {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        Self { method, uri, id, started, access_log, metrics, closed: false }
    }

    pub(super) fn close(&mut self, response: &Response) {
        let route = match (response.data::<Route>(), response.data::<PathPattern>()) {
            (Some(route), _) => route.0,
            (None, Some(pattern)) => &*pattern.0,
            (None, None) => "other",
        };
        self.write(route, response.status().as_u16(), response.data::<Cause>().map(|cause| &*cause.0));
    }

    fn write(&mut self, route: &str, status: u16, cause: Option<&str>) {
        self.closed = true;
        let duration = self.started.elapsed();
        self.metrics.record(&self.method, route, status, duration);
        let is_failure = status >= StatusCode::INTERNAL_SERVER_ERROR.as_u16();
        if !is_failure && !self.access_log {
            return;
        }
        let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let method = known(&self.method);
        let request_id = self.id.as_str();
        let path = ShownPath(self.uri.path());
        if is_failure {
            tracing::warn!(method, route, %path, status, duration_us, request_id, cause, "request");
        } else {
            tracing::info!(method, route, %path, status, duration_us, request_id, cause, "request");
        }
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        if !self.closed {
            self.write("other", CLIENT_LEFT, None);
        }
    }
}

/// The method's name, or `OTHER`: a client may invent any number of them.
pub(in crate::http::edge) fn known(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::PATCH,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    const NAMES: [&str; 7] = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"];
    let names = KNOWN.iter().zip(NAMES);
    names.into_iter().find(|(known, _)| *known == method).map_or("OTHER", |(_, name)| name)
}

//! Is the process alive (`/healthz`), and can it serve (`/readyz`)?

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use poem::{Endpoint, Request, Response, Result};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// Whether the server can serve; the error says why not and goes to the log.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, std::result::Result<(), String>> + Send + Sync>;

/// A database that does not answer in this time does not serve requests either.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// Nobody needs a credential to ask, so an answer is kept this long and the database is asked by one at a time.
const KEPT: Duration = Duration::from_millis(500);

/// Answers 200 as long as the process answers at all.
pub fn liveness() -> impl Endpoint<Output = Response> {
    poem::endpoint::make_sync(|_| answer(StatusCode::OK, "The server is alive.\n"))
}

/// Answers 200 when the check passes, else 503 with a sentence.
pub fn readiness(check: Check) -> impl Endpoint<Output = Response> {
    Readiness { check, last: Mutex::new(None) }
}

struct Readiness {
    check: Check,
    last: Mutex<Option<(Instant, bool)>>,
}

impl Endpoint for Readiness {
    type Output = Response;

    async fn call(&self, _request: Request) -> Result<Response> {
        let mut last = self.last.lock().await;
        let ready = match *last {
            Some((when, ready)) if when.elapsed() < KEPT => ready,
            _ => {
                let ready = self.check().await;
                *last = Some((Instant::now(), ready));
                ready
            }
        };
        Ok(if ready {
            answer(StatusCode::OK, "The server is ready.\n")
        } else {
            answer(
                StatusCode::SERVICE_UNAVAILABLE,
                "The server is not ready: its database does not answer.\n",
            )
        })
    }
}

impl Readiness {
    async fn check(&self) -> bool {
        let cause = match timeout(CHECK_TIMEOUT, (self.check)()).await {
            Ok(Ok(())) => return true,
            Ok(Err(cause)) => cause,
            Err(_elapsed) => format!("no answer within {CHECK_TIMEOUT:?}"),
        };
        tracing::warn!(cause, "the database does not answer");
        false
    }
}

fn answer(status: StatusCode, sentence: &'static str) -> Response {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/plain; charset=utf-8")
        .header(CACHE_CONTROL, "no-store")
        .body(sentence)
}

//! Posting an event to a receiver, of whom nothing is believed: neither where its name leads, nor how much it answers,
//! nor where it would send us next.

use std::error::Error as StdError;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Response, redirect};
use thiserror::Error;
use tokio::sync::Semaphore;

use super::address::is_public;
use super::endpoint::{Endpoint, EndpointError};
use super::secret::Secret;
use super::signature::{Signed, sign};

/// From the look-up of the name to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of an answer is read, so that its connection can be used again.
const MOST_READ: usize = 16 * 1024;
/// Look-ups of names at once. The system's take a thread each, and names whose servers are silent keep them for long:
/// there have to be threads left for everything else.
const LOOKUPS: usize = 64;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Why an event counts as not delivered. Says nothing of what the receiver answered but its status.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WebhookError {
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    #[error("The webhook is switched off.")]
    Disabled,
    #[error(
        "The webhook's secret cannot be read: it was encrypted with another secret key, or changed since."
    )]
    Secret,
    #[error("The receiver's name leads to a private or otherwise special address.")]
    NotPublic,
    #[error("The receiver's name was not found.")]
    Unknown,
    #[error("The receiver cannot be reached, or its certificate is not valid.")]
    Unreachable,
    #[error("The receiver took longer than 10 seconds.")]
    TimedOut,
    #[error("The receiver broke the connection off.")]
    Broken,
    #[error("The receiver answered {0}; redirects are not followed.")]
    Redirected(u16),
    #[error("The receiver answered {0}; 200 to 299 count as delivered.")]
    Refused(u16),
    #[error("The server cannot post anything: {0}.")]
    NoClient(String),
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    /// The answer's, if one came.
    pub status: Option<u16>,
    pub duration: Duration,
    pub result: Result<(), WebhookError>,
}

/// What posts.
#[derive(Debug)]
pub struct Sender {
    /// Or why there is none: a machine without any certificates still has mails to send.
    client: Result<Client, String>,
    allow_private: bool,
}

impl Sender {
    /// With `allow_private` receivers may be anywhere, and need no TLS.
    pub fn new(allow_private: bool) -> Self {
        // Whoever was first may have chosen another.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("Provost/", env!("CARGO_PKG_VERSION")))
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            // A proxy would connect where we must not.
            .no_proxy()
            .pool_max_idle_per_host(4)
            .dns_resolver(Arc::new(Resolver { allow_private, lookups: Arc::new(Semaphore::new(LOOKUPS)) }))
            .build();
        Self { client: client.map_err(|error| with_causes(&error)), allow_private }
    }

    /// Makes one attempt.
    pub async fn post(&self, url: &str, secrets: &[Secret], signed: Signed<'_>) -> Posted {
        let began = Instant::now();
        let answer = self.answer(url, secrets, signed).await;
        let status = answer.as_ref().ok().copied();
        let result = answer.and_then(|status| match status {
            200..=299 => Ok(()),
            300..=399 => Err(WebhookError::Redirected(status)),
            _ => Err(WebhookError::Refused(status)),
        });
        Posted { status, duration: began.elapsed(), result }
    }

    /// The answer's status.
    async fn answer(&self, url: &str, secrets: &[Secret], signed: Signed<'_>) -> Result<u16, WebhookError> {
        let client = self.client.as_ref().map_err(|error| WebhookError::NoClient(error.clone()))?;
        // Looked at again: the operator may have changed their mind since it was saved.
        let endpoint = Endpoint::parse(url, self.allow_private)?;
        let request = client
            .post(endpoint.url())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(ID, signed.id)
            .header(TIMESTAMP, signed.seconds())
            .header(SIGNATURE, sign(secrets, signed))
            .body(signed.body.to_owned());
        let response = request.send().await.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        read_some(response).await;
        Ok(status)
    }
}

/// The status is what counts: an answer that breaks off or is too long changes nothing.
async fn read_some(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > MOST_READ {
            return;
        }
    }
}

fn failure(error: &reqwest::Error) -> WebhookError {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<ResolveError>() {
            return match refused {
                ResolveError::NotPublic => WebhookError::NotPublic,
                ResolveError::Unknown => WebhookError::Unknown,
            };
        }
        cause = error.source();
    }
    if error.is_timeout() {
        WebhookError::TimedOut
    } else if error.is_connect() {
        WebhookError::Unreachable
    } else {
        WebhookError::Broken
    }
}

fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[derive(Clone, Copy, Debug, Error)]
enum ResolveError {
    #[error("the name leads to no public address")]
    NotPublic,
    #[error("the name was not found")]
    Unknown,
}

/// Gives of a name's addresses those that may be connected to. What is given here is what is connected to, so that a
/// name cannot lead elsewhere between the look and the step.
#[derive(Clone, Debug)]
struct Resolver {
    allow_private: bool,
    lookups: Arc<Semaphore>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow_private, lookups) = (self.allow_private, Arc::clone(&self.lookups));
        Box::pin(async move {
            let permit = lookups.acquire_owned().await.map_err(|_closed| ResolveError::Unknown)?;
            let found = tokio::task::spawn_blocking(move || {
                // Held until the system has answered, even if nobody waits for that any more.
                let _permit = permit;
                (name.as_str(), 0).to_socket_addrs()
            });
            let found = found.await.ok().and_then(Result::ok).ok_or(ResolveError::Unknown)?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| allow_private || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(ResolveError::NotPublic.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

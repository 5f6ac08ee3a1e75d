//! A webhook's URL.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use thiserror::Error;

use super::address::is_public;

/// Characters that a URL may have.
const MOST_CHARS: usize = 2048;

/// A URL that events may be posted to. Where its host is an address, the address was looked at; where it is a name,
/// those that it stands for are looked at with each connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Why a URL will not do.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum EndpointError {
    #[error(
        "A webhook's URL has to be a whole URL of at most 2048 characters, such as https://example.com/hooks."
    )]
    Malformed,
    #[error("A webhook's URL has to begin with https://.")]
    NotHttps,
    #[error("A webhook's URL has to begin with https:// or http://.")]
    NotHttp,
    #[error("A webhook's URL may not hold a user name or password; what is posted is signed instead.")]
    Credentials,
    #[error("A webhook's URL may not lead to a private or otherwise special address.")]
    NotPublic,
}

impl Endpoint {
    /// Reads a URL. With `allow_private` it may be `http` and lead anywhere.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn parse(text: &str, allow_private: bool) -> Result<Self, EndpointError> {
        if text.chars().count() > MOST_CHARS {
            return Err(EndpointError::Malformed);
        }
        // The WHATWG's reading: `0x7f.1` and `2130706433` become 127.0.0.1 here, and not later in some library.
        let mut url = Url::parse(text).map_err(|_| EndpointError::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if allow_private => {}
            _ if allow_private => return Err(EndpointError::NotHttp),
            _ => return Err(EndpointError::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        let host = url.host_str().ok_or(EndpointError::Malformed)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if !allow_private && literal.is_ok_and(|address| !is_public(address)) {
            return Err(EndpointError::NotPublic);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

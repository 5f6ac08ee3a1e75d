//! The id by which a request is known in its answer and in the log.

use std::fmt;
use std::sync::Arc;

use poem::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids are not taken over from a proxy.
const MAX_LENGTH: usize = 128;

/// Makes an id for a request that brings none; a UUIDv7, so that ids sort by time.
pub type NewRequestId = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// A request's id: 1 to 128 visible ASCII characters. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        // Visible ASCII by construction.
        self.0.to_str().unwrap_or_default()
    }

    pub(super) fn into_header(self) -> HeaderValue {
        self.0
    }
}

impl From<Uuid> for RequestId {
    fn from(id: Uuid) -> Self {
        let mut text = Uuid::encode_buffer();
        let text = id.hyphenated().encode_lower(&mut text);
        // Hexadecimal digits and hyphens are always a header value.
        Self(HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("unknown")))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id a trusted proxy gave, if it is one; else a new one.
pub(super) fn of(headers: &HeaderMap, trusted: bool, new: &NewRequestId) -> RequestId {
    let given = if trusted { headers.get(HEADER) } else { None };
    match given {
        Some(id) if is_id(id.as_bytes()) => RequestId(id.clone()),
        _ => new().into(),
    }
}

fn is_id(bytes: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

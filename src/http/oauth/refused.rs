//! Errors of OAuth 2.0 (RFC 6749 §5.2), and what the OpenAPI document says of them.

use poem::http::StatusCode;
use poem::http::header::{HeaderValue, WWW_AUTHENTICATE};
use poem_openapi::registry::{MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};

use crate::http::admin::failure::{Refused, error_answers};
use crate::http::error::Failure;
use crate::provisioning::directory::DirectoryError;

/// What the body of an error holds.
#[derive(Object)]
#[oai(rename = "OAuthError")]
pub(super) struct ErrorBody {
    /// A word of RFC 6749 §5.2, such as `invalid_client`.
    error: String,
    /// A sentence for people.
    error_description: String,
}

/// A request that was not fulfilled.
#[derive(Debug)]
pub(super) struct OAuthRefused(Failure);

const STATUSES: [(u16, &str); 9] = [
    (400, "The request is malformed, or asks for what the client may not have."),
    (401, "The credential is missing or not right."),
    (403, "The credential is not for this."),
    (404, "The tenant is not there."),
    (405, "The method is not served at this path."),
    (408, "The request did not arrive in time."),
    (413, "The body is too large."),
    (415, "The body's media type is not read here."),
    (503, "The server cannot do this at the moment; Retry-After says when to try again."),
];

impl ApiResponse for OAuthRefused {
    fn meta() -> MetaResponses {
        error_answers::<ErrorBody>(&STATUSES)
    }

    fn register(registry: &mut Registry) {
        ErrorBody::register(registry);
    }
}

impl From<Failure> for OAuthRefused {
    /// A client that is not believed is told how else it could show who it is (RFC 6749 §5.2).
    fn from(failure: Failure) -> Self {
        if failure.status != StatusCode::UNAUTHORIZED {
            return Self(failure);
        }
        let basic = HeaderValue::from_static(r#"Basic realm="provost", charset="UTF-8""#);
        Self(failure.with_header(WWW_AUTHENTICATE, basic))
    }
}

impl From<DirectoryError> for OAuthRefused {
    fn from(error: DirectoryError) -> Self {
        Refused::from(error).0.into()
    }
}

impl From<OAuthRefused> for poem::Error {
    fn from(refused: OAuthRefused) -> Self {
        refused.0.into()
    }
}

//! A use case's failure as an error of the admin API, and what the OpenAPI document says of errors.

use poem::http::StatusCode;
use poem::http::header::RETRY_AFTER;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde_json::Value;

use crate::http::error::{Failure, More};
use crate::provisioning::directory::{DirectoryError, RefusalKind};

/// What every error's body holds.
#[derive(Debug, Object)]
#[oai(rename = "Error")]
pub struct ErrorBody {
    /// A word for programs.
    code: String,
    /// A sentence for people.
    message: String,
    /// What else is to be known, depending on the code: `problems` lists every problem of a body with its JSON pointer.
    details: Value,
    /// What policies that took part in the decision have to say.
    notices: Vec<String>,
}

/// What a handler gives.
pub type Answer<T> = Result<T, Refused>;

/// A request that was not fulfilled.
#[derive(Debug)]
pub struct Refused(pub Failure);

const STATUSES: [(u16, &str); 13] = [
    (400, "The request is malformed."),
    (401, "The credential is missing or not valid."),
    (403, "The caller may not do this."),
    (404, "There is no such thing in this tenant."),
    (405, "The method is not served at this path."),
    (409, "It conflicts with what is there."),
    (410, "What the token or link was for is over."),
    (412, "The version that If-Match names is not the current one."),
    (413, "The body is too large."),
    (415, "The body's media type is not read here."),
    (422, "The request is well-formed, but what it asks for is not possible."),
    (429, "Too many requests; Retry-After says when to try again."),
    (503, "The server cannot do this at the moment; Retry-After says when to try again."),
];

impl ApiResponse for Refused {
    fn meta() -> MetaResponses {
        error_answers::<ErrorBody>(&STATUSES)
    }

    fn register(registry: &mut Registry) {
        ErrorBody::register(registry);
    }
}

/// What the document says of errors with these statuses, all with this body.
pub(in crate::http) fn error_answers<B: Type>(statuses: &[(u16, &'static str)]) -> MetaResponses {
    let response = |(status, description): &(u16, &'static str)| MetaResponse {
        description,
        status: Some(*status),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: "application/json; charset=utf-8",
            schema: B::schema_ref(),
        }],
        headers: Vec::new(),
    };
    MetaResponses { responses: statuses.iter().map(response).collect() }
}

impl From<Refused> for poem::Error {
    fn from(refused: Refused) -> Self {
        refused.0.into()
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<DirectoryError> for Refused {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Failed(error) => Self(error.into()),
            DirectoryError::Refused(refusal) => {
                let wait = refusal.details.get("retry_after").and_then(Value::as_u64);
                let more =
                    More { code: Some(refusal.code), details: refusal.details, notices: refusal.notices };
                let failure = match refusal.kind {
                    RefusalKind::Unauthorized => Failure::unauthorized(refusal.message),
                    kind => Failure::new(status(kind), refusal.message),
                };
                let failure = match wait.filter(|_| refusal.kind == RefusalKind::TooMany) {
                    Some(seconds) => failure.with_header(RETRY_AFTER, seconds.into()),
                    None => failure,
                };
                Self(failure.with_more(more))
            }
        }
    }
}

fn status(kind: RefusalKind) -> StatusCode {
    match kind {
        RefusalKind::Malformed => StatusCode::BAD_REQUEST,
        RefusalKind::Unauthorized => StatusCode::UNAUTHORIZED,
        RefusalKind::Forbidden => StatusCode::FORBIDDEN,
        RefusalKind::Missing => StatusCode::NOT_FOUND,
        RefusalKind::Conflict => StatusCode::CONFLICT,
        RefusalKind::Gone => StatusCode::GONE,
        RefusalKind::Precondition => StatusCode::PRECONDITION_FAILED,
        RefusalKind::Impossible => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
    }
}

//! The one place where a failure becomes an answer: in SCIM's error form (RFC 7644 §3.12), or in the admin API's.
//!
//! A [`Failure`] carries two messages: `detail` is what the client is told, [`Failure::cause`] what the log is told.

use std::borrow::Cow;
use std::fmt;

use poem::error::{MethodNotAllowedError, NotFoundError, ResponseError};
use poem::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use poem::http::{Method, StatusCode};
use poem::{IntoResponse, Response};

use serde_json::{Map, Value, json};

use crate::scim::error::{ScimError, ScimType};
use crate::scim::message::ErrorMessage;

/// The media type of SCIM messages (RFC 7644 §8.1).
pub const SCIM_JSON: &str = "application/scim+json";
/// The media type of everything else.
pub const ADMIN_JSON: &str = "application/json; charset=utf-8";

/// A request that was not fulfilled: what the client is told, and what only the log is told.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// SCIM's finer reason for a 400 or 409 (RFC 7644 §3.12, Table 9).
    pub scim_type: Option<ScimType>,
    /// One sentence for the client.
    pub detail: Cow<'static, str>,
    /// What the log is told besides; never sent to the client.
    pub cause: Option<String>,
    /// What the admin API says besides; SCIM has no place for it.
    pub more: Option<Box<More>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    /// A failure without `scimType` and without headers.
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), cause: None, more: None, headers: Vec::new() }
    }

    /// The same failure with one more header in its answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same failure with what the log shall say about it.
    #[must_use]
    pub fn with_cause(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// 400 with SCIM's own reason; 409 when the reason is `uniqueness` (RFC 7644 §3.3, §3.5.1).
    pub fn bad_request(error: ScimError) -> Self {
        error.into()
    }

    /// 401 for a request that carried no credential: RFC 6750 §3.1 wants a challenge without an error code.
    pub fn unauthorized(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
            .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="provost""#))
    }

    /// 401 for a credential that is malformed, unknown, expired or revoked (RFC 6750 §3.1 `invalid_token`).
    pub fn invalid_token(detail: impl Into<Cow<'static, str>>) -> Self {
        let challenge = HeaderValue::from_static(r#"Bearer realm="provost", error="invalid_token""#);
        Self::new(StatusCode::UNAUTHORIZED, detail).with_header(WWW_AUTHENTICATE, challenge)
    }

    /// 403: the caller is known and may not do this.
    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 403 for a token whose scopes do not cover the request (RFC 6750 §3.1 `insufficient_scope`).
    pub fn insufficient_scope(detail: impl Into<Cow<'static, str>>) -> Self {
        let challenge = HeaderValue::from_static(r#"Bearer realm="provost", error="insufficient_scope""#);
        Self::forbidden(detail).with_header(WWW_AUTHENTICATE, challenge)
    }

    /// 404.
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 405, naming the methods that are served here (RFC 9110 §15.5.6 demands `Allow`).
    pub fn method_not_allowed(allowed: &[Method]) -> Self {
        let list = method_list(allowed);
        let detail = if list.is_empty() {
            "This method is not served at this path.".to_owned()
        } else {
            format!("This method is not served at this path; {list} may be used.")
        };
        // A list of methods is made of tokens and separators, so the empty value is never taken.
        let allow = HeaderValue::from_str(&list).unwrap_or(HeaderValue::from_static(""));
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail).with_header(ALLOW, allow)
    }

    /// 408: the request's body did not arrive in time. The connection is closed after the answer.
    pub fn request_timeout(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, detail)
    }

    /// 409 without `scimType`; a taken `userName` is `ScimType::Uniqueness` through [`Failure::bad_request`].
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 412: `If-Match` or `If-None-Match` did not hold (RFC 7644 §3.14).
    pub fn precondition_failed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }

    /// 413, naming the limit in bytes.
    pub fn payload_too_large(limit: usize) -> Self {
        let detail = format!("The request body is larger than the {limit} bytes that are accepted.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// 415: the body's media type, charset or coding is not one that is read.
    pub fn unsupported_media_type(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// 500: the client learns nothing of the cause, the log all of it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let detail =
            "The server failed to handle this request; its log has the details under the request's id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail).with_cause(cause)
    }

    /// 503 with `Retry-After` in seconds.
    pub fn unavailable(detail: impl Into<Cow<'static, str>>, retry_after: u32) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).with_header(RETRY_AFTER, retry_after.into())
    }

    /// Puts poem's own errors into this house's form: its router's 404 and 405, its extractors' 400s.
    ///
    /// `allowed` is for a 405 of poem's `RouteMethod`, which does not say what it serves.
    pub fn from_poem(error: poem::Error, allowed: &[Method]) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(failure) => return failure,
            Err(error) => error,
        };
        if error.is::<NotFoundError>() {
            return Self::not_found("Nothing is served at this path.");
        }
        if error.is::<MethodNotAllowedError>() {
            return Self::method_not_allowed(allowed);
        }
        let status = error.status();
        if status.is_client_error() {
            let reason = status.canonical_reason().unwrap_or("refused");
            return Self::new(status, format!("The request was not understood: {reason}.")).with_cause(error);
        }
        Self::internal(error)
    }

    /// The failure as an answer of this shape.
    pub fn respond(&self, shape: Shape) -> Response {
        let (body, media_type) = match shape {
            Shape::Scim => (self.scim_body(), SCIM_JSON),
            Shape::Admin => (self.admin_body(), ADMIN_JSON),
            Shape::OAuth => (self.oauth_body(), ADMIN_JSON),
        };
        let mut response = Response::builder().status(self.status).body(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        if shape == Shape::OAuth {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }
}

/// What the admin API tells of a failure beside its sentence.
#[derive(Clone, Debug, Default)]
pub struct More {
    /// A word for programs, where the status does not say enough.
    pub code: Option<&'static str>,
    pub details: Map<String, Value>,
    /// What policies that took part in the decision have to say.
    pub notices: Vec<String>,
}

/// How an answer to a failed request looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// RFC 7644 §3.12.
    Scim,
    /// `{"code", "message", "details", "notices"}`.
    Admin,
    /// `{"error", "error_description"}` (RFC 6749 §5.2).
    OAuth,
}

impl Shape {
    /// The shape that is understood by whoever asks for this path.
    pub fn of_path(path: &str) -> Self {
        let is_under =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if is_under("/oauth") || path == "/auth/introspect" {
            return Self::OAuth;
        }
        if ["/v1", "/auth", "/.well-known"].into_iter().any(is_under) { Self::Admin } else { Self::Scim }
    }
}

impl Failure {
    fn scim_body(&self) -> Vec<u8> {
        let message = ErrorMessage {
            scim_type: self.scim_type,
            ..ErrorMessage::new(self.status.as_u16(), self.detail.as_ref())
        };
        // Strings and a unit variant always serialize.
        serde_json::to_vec(&message).unwrap_or_default()
    }

    fn admin_body(&self) -> Vec<u8> {
        let empty = More::default();
        let more = self.more.as_deref().unwrap_or(&empty);
        let code = more.code.unwrap_or_else(|| code_of(self.status));
        json!({ "code": code, "message": self.detail, "details": more.details, "notices": more.notices })
            .to_string()
            .into_bytes()
    }

    fn oauth_body(&self) -> Vec<u8> {
        let said = self.more.as_deref().and_then(|more| more.code);
        let error = said.unwrap_or_else(|| oauth_error(self.status));
        // RFC 6749 §5.2 leaves out quotation marks, backslashes and what is not ASCII.
        let plain = |c: char| match c {
            '"' => '\'',
            ' '..='~' if c != '\\' => c,
            _ => '?',
        };
        let description: String = self.detail.chars().map(plain).collect();
        json!({ "error": error, "error_description": description }).to_string().into_bytes()
    }

    /// The same failure with what the admin API says besides.
    #[must_use]
    pub fn with_more(mut self, more: More) -> Self {
        self.more = Some(Box::new(more));
        self
    }

    /// The same failure under this code of the admin API.
    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.more.get_or_insert_default().code = Some(code);
        self
    }
}

/// What a status alone says to a client of OAuth 2.0 (RFC 6749 §4.1.2.1, §5.2).
fn oauth_error(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "invalid_client",
        StatusCode::FORBIDDEN => "access_denied",
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    }
}

/// What a status alone says to programs.
fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::REQUEST_TIMEOUT => "request_timeout",
        StatusCode::CONFLICT => "conflict",
        StatusCode::GONE => "gone",
        StatusCode::PRECONDITION_FAILED => "precondition_failed",
        StatusCode::PAYLOAD_TOO_LARGE => "payload_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::UNPROCESSABLE_ENTITY => "unprocessable",
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        status if status.is_server_error() => "internal_error",
        _ => "invalid_request",
    }
}

/// `GET, HEAD, POST`: the methods as `Allow` lists them.
pub(crate) fn method_list(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    names.join(", ")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status.as_u16(), self.detail)
    }
}

impl std::error::Error for Failure {}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        let status = match error.scim_type {
            ScimType::Uniqueness => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { scim_type: Some(error.scim_type), ..Self::new(status, error.detail) }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.respond(Shape::Scim)
    }
}

impl ResponseError for Failure {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn as_response(&self) -> Response {
        self.respond(Shape::Scim)
    }
}

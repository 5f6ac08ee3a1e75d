//! Reads a request's JSON body: media type, size and time limits, then one strict pass over the text.
//!
//! What RFC 8259 leaves open is decided here: a key may appear once (§4), the text is UTF-8 (§8.1), nesting ends at
//! [`MAX_DEPTH`] and numbers fit an IEEE 754 double (§9).

mod body;
mod form;
mod json;
mod media_type;

use poem::Request;
use serde_json::{Map, Value};

use super::edge::RequestContext;
use super::error::Failure;
use super::limits::BodyLimits;

pub use form::{read_fields, read_form};
pub use json::{MAX_DEPTH, parse_object};

/// Takes the request's body and reads it as one JSON object.
///
/// # Errors
/// - 415 for a media type other than `application/scim+json` or `application/json`, a charset other than UTF-8, or a
///   compressed body; a missing `Content-Type` is taken as SCIM's (RFC 7644 §3.1 lets a server assume it).
/// - 413 for a body above [`BodyLimits::max_bytes`], before it is read where its length is announced.
/// - 408 when it does not arrive in time.
/// - 400 `invalidSyntax` for anything but one well-formed JSON object (see [`parse_object`]).
pub async fn read_json(request: &mut Request) -> Result<Map<String, Value>, Failure> {
    let body = request.take_body();
    read_object(request, body).await
}

/// The same of a body that was taken out of its request.
///
/// # Errors
/// As [`read_json`].
pub async fn read_object(request: &Request, body: poem::Body) -> Result<Map<String, Value>, Failure> {
    media_type::check(request.headers())?;
    let bytes = body::collect(body, &limits_of(request)).await?;
    Ok(parse_object(&bytes)?)
}

fn limits_of(request: &Request) -> BodyLimits {
    RequestContext::of(request).map_or_else(BodyLimits::default, |context| context.body)
}

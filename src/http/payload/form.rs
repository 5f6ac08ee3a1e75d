//! Reads what a form in a page posts, and what clients of OAuth 2.0 send in the same form (`application/x-www-form-urlencoded`).

use poem::http::StatusCode;
use poem::web::Form;
use poem::{Body, FromRequest as _, Request, RequestBody};
use serde_json::{Map, Value};

use super::{body, limits_of};
use crate::http::error::Failure;
use crate::http::limits::BodyLimits;

/// More than the fields of every form together, percent-encoded.
const MAX_BYTES: usize = 64 * 1024;

/// Takes the request's body and reads it as the fields of a form; those that were left empty are left out.
///
/// # Errors
/// 415 for another media type, 413 for a body that is too large, 408 when it does not arrive in time, 400 for a field that
/// appears twice.
pub async fn read_form(request: &mut Request) -> Result<Map<String, Value>, Failure> {
    let body = request.take_body();
    read_fields(request, body).await
}

/// The same of a body that was taken out of its request.
///
/// # Errors
/// As [`read_form`].
pub async fn read_fields(request: &Request, body: Body) -> Result<Map<String, Value>, Failure> {
    let limits = limits_of(request);
    let limits = BodyLimits { max_bytes: limits.max_bytes.min(MAX_BYTES), ..limits };
    let bytes = body::collect(body, &limits).await?;
    let mut body = RequestBody::new(bytes.into());
    let form = Form::<Vec<(String, String)>>::from_request(request, &mut body).await;
    let Form(posted) = form.map_err(|error| {
        let detail = "The request's body is not what a form posts: application/x-www-form-urlencoded.";
        let status = match request.content_type().is_none() {
            true => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            false => error.status(),
        };
        Failure::new(status, detail).with_cause(error)
    })?;
    let mut fields = Map::new();
    for (name, value) in posted.into_iter().filter(|(_, value)| !value.is_empty()) {
        if fields.insert(name, Value::String(value)).is_some() {
            return Err(Failure::new(StatusCode::BAD_REQUEST, "A field of the form appears twice."));
        }
    }
    Ok(fields)
}

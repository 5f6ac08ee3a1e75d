//! Which bodies are read at all (RFC 7644 §3.1, §8.1; RFC 9110 §8.3, §8.4).

use poem::http::HeaderMap;
use poem::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};

use crate::http::error::Failure;

const ACCEPTED: &str = "application/scim+json, application/json";

/// Refuses what is not JSON in UTF-8, uncompressed.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Failure> {
    for coding in headers.get_all(CONTENT_ENCODING) {
        if !coding.as_bytes().eq_ignore_ascii_case(b"identity") {
            let detail =
                "The request body has a Content-Encoding; only identity (no compression) is accepted.";
            return Err(Failure::unsupported_media_type(detail)
                .with_header(ACCEPT_ENCODING, HeaderValue::from_static("identity")));
        }
    }
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let text = value.to_str().unwrap_or_default();
    let mut parts = text.split(';');
    let essence = parts.next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/scim+json")
        && !essence.eq_ignore_ascii_case("application/json")
    {
        return Err(refused(format!(
            "The request body's media type is not read here; {ACCEPTED} are accepted."
        )));
    }
    if parts.any(is_foreign_charset) {
        return Err(refused(format!(
            "The request body's charset is not read here; {ACCEPTED} in UTF-8 are accepted."
        )));
    }
    Ok(())
}

fn is_foreign_charset(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return false;
    };
    let value = value.trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("charset")
        && !value.eq_ignore_ascii_case("utf-8")
        && !value.eq_ignore_ascii_case("utf8")
}

/// `Accept` in the answer tells the client what to send instead (RFC 9110 §15.5.16).
fn refused(detail: String) -> Failure {
    Failure::unsupported_media_type(detail).with_header(ACCEPT, HeaderValue::from_static(ACCEPTED))
}

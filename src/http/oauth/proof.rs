//! In which of its ways a client shows who it is: exactly one (RFC 6749 §2.3).

use poem::http::header::AUTHORIZATION;
use poem::http::{HeaderMap, StatusCode};

use super::basic;
use super::input::Proof;
use crate::http::error::Failure;
use crate::provisioning::directory::ShownProof;

/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a client shows of itself; nothing where it shows nothing.
///
/// # Errors
/// 400 for several ways at once, or half of one; 401 for a header that is not what Basic says.
pub(super) fn shown(headers: &HeaderMap, form: Proof) -> Result<Option<ShownProof>, Failure> {
    let Proof { client_id, client_secret, client_assertion_type, client_assertion } = form;
    let basic = basic_of(headers)?;
    let is_typed = match client_assertion_type.as_deref() {
        None => client_assertion.is_none(),
        Some(kind) => kind == JWT_BEARER && client_assertion.is_some(),
    };
    if !is_typed {
        return Err(malformed(format!("An assertion goes with a client_assertion_type of {JWT_BEARER}.")));
    }
    match (basic, client_secret, client_assertion) {
        (Some((id, secret)), None, None) => {
            if client_id.is_some_and(|said| said != id) {
                return Err(malformed("The client_id is another than the one in the Authorization header."));
            }
            Ok(Some(ShownProof::Secret { client_id: id, secret }))
        }
        (None, Some(secret), None) => match client_id {
            Some(client_id) => Ok(Some(ShownProof::Secret { client_id, secret })),
            None => Err(malformed("A client_secret goes with a client_id.")),
        },
        (None, None, Some(assertion)) => Ok(Some(ShownProof::Assertion { client_id, assertion })),
        (None, None, None) => Ok(None),
        _ => Err(malformed("The client shows who it is in several ways; RFC 6749 section 2.3 allows one.")),
    }
}

/// What HTTP Basic says; nothing where the header is of another scheme, or there is none.
fn basic_of(headers: &HeaderMap) -> Result<Option<(String, String)>, Failure> {
    let header = headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let Some((scheme, text)) = header.and_then(|text| text.split_once(' ')) else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let read = basic::read(text).ok_or_else(|| {
        let detail =
            "The Authorization header is not what HTTP Basic says (RFC 7617, RFC 6749 section 2.3.1).";
        Failure::new(StatusCode::UNAUTHORIZED, detail)
    })?;
    Ok(Some(read))
}

fn malformed(detail: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, detail)
}

//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): what a client calls one request.

use hmac::{Hmac, Mac as _};
use poem::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::auth::{SecretKey, Subject};
use crate::http::error::Failure;
use crate::model::IdempotencyKey;
use crate::provisioning::Request;

/// The request's header.
pub const HEADER: &str = "Idempotency-Key";
const MOST_CHARACTERS: usize = 255;

/// The key that the headers give this request, if they give one: another one for each caller, with the body by which it
/// is known again. What is stored of them hangs on the secret key, because bodies hold passwords.
///
/// # Errors
/// 400 for a key that is none, and for several.
pub fn key(
    headers: &HeaderMap,
    secret: &SecretKey,
    request: &Request,
    body: &Map<String, Value>,
) -> Result<Option<IdempotencyKey>, Failure> {
    let mut given = headers.get_all(HEADER).iter();
    let Some(header) = given.next() else { return Ok(None) };
    let key = header.as_bytes();
    let fits = (1..=MOST_CHARACTERS).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if !fits || given.next().is_some() {
        let message = format!(
            "'{HEADER}' has to be one header with 1 to {MOST_CHARACTERS} visible ASCII characters, such as a random UUID."
        );
        return Err(Failure::new(StatusCode::BAD_REQUEST, message).with_code("invalid_idempotency_key"));
    }
    let (kind, id) = match &request.caller.subject {
        Subject::User { id, .. } => ("user", id.0),
        Subject::Key { id, .. } => ("key", id.0),
        Subject::Connection { connection, .. } => ("connection", connection.id.0),
    };
    let tenant = request.caller.tenant_id.0;
    let key_hash =
        digest(secret, "idempotency keys", &[tenant.as_bytes(), kind.as_bytes(), id.as_bytes(), key]);
    let request_hash = digest(secret, "idempotent requests", &[canonical(body).as_bytes()]);
    Ok(Some(IdempotencyKey { key_hash, request_hash }))
}

fn digest(secret: &SecretKey, label: &str, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a short key up with zeros to its block of 64 bytes; done here, there is no length to fail.
    let mut block = [0; 64];
    block[..32].copy_from_slice(&secret.derive(label));
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The body with its names in order: two bodies that say the same are the same.
fn canonical(body: &Map<String, Value>) -> String {
    Value::Object(sorted(body)).to_string()
}

/// Bodies are not deep: those that are were refused when they were read.
fn sorted(object: &Map<String, Value>) -> Map<String, Value> {
    let mut names: Vec<(&String, &Value)> = object.iter().collect();
    names.sort_unstable_by_key(|(name, _)| *name);
    names.into_iter().map(|(name, value)| (name.clone(), sorted_value(value))).collect()
}

fn sorted_value(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(sorted(object)),
        Value::Array(elements) => elements.iter().map(sorted_value).collect(),
        other => other.clone(),
    }
}

//! The signature: HMAC-SHA-256 over the id, the time and the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::secret::Secret;
use crate::model::clock::Timestamp;

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The `webhook-id`: the same in every attempt.
    pub id: &'a str,
    /// When this attempt is made; in the header and here in whole seconds.
    pub at: Timestamp,
    pub body: &'a str,
}

impl Signed<'_> {
    /// The `webhook-timestamp`.
    pub fn seconds(&self) -> i64 {
        self.at.0.div_euclid(1000)
    }
}

/// The `webhook-signature`: one for each secret, so that receivers may change theirs at any time of a rotation.
pub fn sign(secrets: &[Secret], signed: Signed<'_>) -> String {
    let signatures: Vec<String> = secrets.iter().filter_map(|secret| one(secret, signed)).collect();
    signatures.join(" ")
}

fn one(secret: &Secret, signed: Signed<'_>) -> Option<String> {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).ok()?;
    mac.update(format!("{}.{}.", signed.id, signed.seconds()).as_bytes());
    mac.update(signed.body.as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

//! `private_key_jwt`: a JWT by which a client shows that it has the key (RFC 7523 §2.2, §3; OpenID Connect Core §9).

use std::collections::HashSet;

use jsonwebtoken::{Algorithm, Validation, decode_header};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::{ClientIdText, ClientKeys, stand_in};
use crate::model::Timestamp;

/// The longest assertion that is looked at, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// The clocks of those who sign and those who verify may differ by so much, in milliseconds.
const LEEWAY: i64 = 60_000;
/// How long an assertion may live, in milliseconds: for so long it is remembered.
const MOST: i64 = 3_600_000;
const MOST_JTI: usize = 256;

/// Why an assertion is not believed. The client is told no more than that it is not.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AssertionError {
    #[error("the assertion is no JWT that a client would send")]
    Malformed,
    #[error("the assertion is not signed with a key of the client's")]
    Signature,
    #[error("the assertion is for another audience")]
    Audience,
    #[error("the assertion's issuer is another than its subject")]
    Subject,
    #[error("the assertion has expired")]
    Expired,
    #[error("the assertion is from the future")]
    NotYetValid,
    #[error("the assertion lives longer than an hour")]
    TooLong,
}

impl AssertionError {
    /// The reason in a word, for the audit log.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "assertion_malformed",
            Self::Signature => "assertion_signature",
            Self::Audience => "assertion_audience",
            Self::Subject => "assertion_subject",
            Self::Expired => "assertion_expired",
            Self::NotYetValid => "assertion_not_yet_valid",
            Self::TooLong => "assertion_lives_too_long",
        }
    }
}

/// What an assertion has to say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who is meant: one of them has to be the audience.
    pub audiences: &'a [String],
    pub now: Timestamp,
}

/// An assertion that was read and not yet believed: who signs says so in it.
#[derive(Clone, Debug)]
pub struct Assertion<'a> {
    text: &'a str,
    algorithm: Algorithm,
    kid: Option<String>,
    /// The client that it names.
    pub client: ClientIdText,
    claims: Claims,
}

/// One showing of an assertion, to be noted so that there is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Showing {
    /// SHA-256 of its `jti`.
    pub jti_hash: [u8; 32],
    /// When it needs not be remembered any more.
    pub forget_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    iat: Option<f64>,
    jti: String,
}

/// One, or several (RFC 7519 §4.1.3).
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn names_any(&self, wanted: &[String]) -> bool {
        match self {
            Self::One(is) => wanted.contains(is),
            Self::Several(all) => all.iter().any(|is| wanted.contains(is)),
        }
    }
}

impl<'a> Assertion<'a> {
    /// Reads an assertion, without believing it.
    ///
    /// # Errors
    /// [`AssertionError::Malformed`]: it is no JWT that a client would send.
    pub fn read(text: &'a str) -> Result<Self, AssertionError> {
        let malformed = |_| AssertionError::Malformed;
        if text.len() > MAX_BYTES {
            return Err(AssertionError::Malformed);
        }
        let header = decode_header(text).map_err(malformed)?;
        let claims: Claims = jsonwebtoken::dangerous::insecure_decode(text).map_err(malformed)?.claims;
        let client = ClientIdText::parse(&claims.sub).ok_or(AssertionError::Malformed)?;
        if claims.jti.is_empty() || claims.jti.len() > MOST_JTI {
            return Err(AssertionError::Malformed);
        }
        Ok(Self { text, algorithm: header.alg, kid: header.kid, client, claims })
    }

    /// Whether the client has signed it, for this server, and it holds. Without keys, because there is no such client or
    /// it has another proof, the answer is no after the same work.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn verify(
        &self,
        keys: Option<&ClientKeys>,
        expected: Expected<'_>,
    ) -> Result<Showing, AssertionError> {
        let own = keys.and_then(|keys| keys.find(self.algorithm, self.kid.as_deref()));
        let key = own.or_else(|| stand_in::key(self.algorithm)).ok_or(AssertionError::Signature)?;
        let mut validation = Validation::new(self.algorithm);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims = HashSet::new();
        let signed = jsonwebtoken::decode::<Claims>(self.text, key, &validation).is_ok();
        if !signed || own.is_none() {
            return Err(AssertionError::Signature);
        }
        self.claims.check(expected)
    }
}

impl Claims {
    fn check(&self, expected: Expected<'_>) -> Result<Showing, AssertionError> {
        if self.iss != self.sub {
            return Err(AssertionError::Subject);
        }
        if !self.aud.names_any(expected.audiences) {
            return Err(AssertionError::Audience);
        }
        let (now, end) = (expected.now.0, milliseconds(self.exp)?);
        if now >= end.saturating_add(LEEWAY) {
            return Err(AssertionError::Expired);
        }
        if end > now + MOST + LEEWAY {
            return Err(AssertionError::TooLong);
        }
        for from in [self.nbf, self.iat].into_iter().flatten() {
            if milliseconds(from)? > now + LEEWAY {
                return Err(AssertionError::NotYetValid);
            }
        }
        let jti_hash = Sha256::digest(self.jti.as_bytes()).into();
        Ok(Showing { jti_hash, forget_at: Timestamp(end + LEEWAY) })
    }
}

/// A time in seconds, which may have a fraction (RFC 7519 §2).
fn milliseconds(seconds: f64) -> Result<i64, AssertionError> {
    // The year 10000, and everything that a double holds exactly.
    if !(0.0..=253_402_300_800.0).contains(&seconds) {
        return Err(AssertionError::Malformed);
    }
    Ok((seconds * 1000.0) as i64)
}

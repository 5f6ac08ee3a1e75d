//! The public keys of a client (RFC 7517), as an administrator hands them in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value, json};
use thiserror::Error;

/// How many keys a client may have: one that is used, and others while it is being replaced.
const MOST_KEYS: usize = 10;
/// How much of a key may be kept, in bytes of JSON: an RSA key of 4096 bits has about 800.
const MOST_BYTES: usize = 2048;
/// The least modulus of an RSA key (RFC 7518 §3.3), and the greatest that is verified with, in bytes.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// A coordinate of P-256 (RFC 7518 §6.2.1.2), and a public key of Ed25519 (RFC 8032 §5.1.5). What verifies takes that
/// many for granted.
const POINT_BYTES: usize = 32;
/// What of a key is kept.
const KEPT: [&str; 8] = ["kty", "kid", "alg", "crv", "x", "y", "n", "e"];
/// What only private and symmetric keys have (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why keys cannot be a client's. Nothing of a key is said.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeysError {
    #[error("has to be a JWK (RFC 7517), or a JWK Set of 1 to {MOST_KEYS} of them")]
    Form,
    #[error("holds a private or symmetric key: make another pair, and hand in its public key alone")]
    Private,
    #[error("has to hold keys of RSA with 2048 to 4096 bits, of P-256, or of Ed25519; key {0} is none")]
    Key(usize),
    #[error("has to hold keys for signatures; 'use' or 'alg' of key {0} says otherwise")]
    Use(usize),
    #[error("names two keys alike: each 'kid' has to be its own, and of several keys each has to have one")]
    KeyIds,
}

/// What clients may sign assertions with.
pub const ALGORITHMS: [&str; 8] = ["EdDSA", "ES256", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/// Public keys that verify a client's assertions.
#[derive(Clone, Debug)]
pub struct ClientKeys(Vec<ClientKey>);

#[derive(Clone, Debug)]
struct ClientKey {
    jwk: Jwk,
    verifying: DecodingKey,
    /// What the key may sign with; `alg` names one of them, or leaves them all.
    algorithms: Vec<Algorithm>,
}

impl ClientKeys {
    /// Reads a JWK or a JWK Set.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(value: &Value) -> Result<Self, KeysError> {
        let keys = match value.get("keys") {
            Some(Value::Array(keys)) => keys.as_slice(),
            Some(_) => return Err(KeysError::Form),
            None => std::slice::from_ref(value),
        };
        if keys.is_empty() || keys.len() > MOST_KEYS {
            return Err(KeysError::Form);
        }
        let read = |(position, key)| ClientKey::read(position + 1, key);
        let read = keys.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        for (position, key) in read.iter().enumerate() {
            let before = read.get(..position).unwrap_or_default();
            let alike = before.iter().any(|other| other.jwk.common.key_id == key.jwk.common.key_id);
            if alike || read.len() > 1 && key.jwk.common.key_id.is_none() {
                return Err(KeysError::KeyIds);
            }
        }
        Ok(Self(read))
    }

    /// Takes back what [`ClientKeys::to_json`] gave; nothing where somebody changed it.
    pub fn of_text(text: &str) -> Option<Self> {
        Self::read(&serde_json::from_str(text).ok()?).ok()
    }

    /// The keys as a JWK Set, without what is of no use here.
    pub fn to_json(&self) -> Value {
        let shown = |key: &ClientKey| {
            let members = json!(key.jwk);
            let kept = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), members.get(name)?.clone())));
            Value::Object(kept.collect::<Map<_, _>>())
        };
        json!({ "keys": self.0.iter().map(shown).collect::<Vec<_>>() })
    }

    /// The key that a signature of this algorithm is to be verified with: the one that is named, or the only one.
    pub(super) fn find(&self, algorithm: Algorithm, kid: Option<&str>) -> Option<&DecodingKey> {
        let named = |key: &&ClientKey| match (kid, key.jwk.common.key_id.as_deref()) {
            (Some(wanted), Some(is)) => wanted == is,
            _ => self.0.len() == 1,
        };
        let key = self.0.iter().find(named)?;
        key.algorithms.contains(&algorithm).then_some(&key.verifying)
    }
}

impl ClientKey {
    fn read(position: usize, value: &Value) -> Result<Self, KeysError> {
        let Value::Object(members) = value else { return Err(KeysError::Form) };
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(KeysError::Private);
        }
        if value.to_string().len() > MOST_BYTES && members.keys().any(|name| !KEPT.contains(&&**name)) {
            // Certificates make keys long, and are not looked at.
            let kept = members.iter().filter(|(name, _)| KEPT.contains(&&***name) || *name == "use");
            let kept: Map<_, _> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
            return Self::read(position, &Value::Object(kept));
        }
        if value.to_string().len() > MOST_BYTES {
            return Err(KeysError::Key(position));
        }
        let jwk: Jwk = serde_json::from_value(value.clone()).map_err(|_| KeysError::Key(position))?;
        if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
            return Err(KeysError::Use(position));
        }
        let possible = possible(&jwk.algorithm).ok_or(KeysError::Key(position))?;
        let algorithms = match jwk.common.key_algorithm {
            None => possible.to_vec(),
            Some(said) => possible.iter().copied().filter(|one| KeyAlgorithm::from(*one) == said).collect(),
        };
        let Some(first) = algorithms.first().copied() else { return Err(KeysError::Use(position)) };
        let verifying = DecodingKey::from_jwk(&jwk).map_err(|_| KeysError::Key(position))?;
        // Whether there is such a point on the curve shows where it is used.
        crypto::verify("AA", b"", &verifying, first).map_err(|_| KeysError::Key(position))?;
        Ok(Self { jwk, verifying, algorithms })
    }
}

/// What a key of this kind may sign with (RFC 7518 §3.1, RFC 8037 §3.1); nothing for a kind that is not verified with.
fn possible(parameters: &AlgorithmParameters) -> Option<&'static [Algorithm]> {
    match parameters {
        AlgorithmParameters::EllipticCurve(key) => {
            let fits = bytes(&key.x) == Some(POINT_BYTES) && bytes(&key.y) == Some(POINT_BYTES);
            (key.curve == EllipticCurve::P256 && fits).then_some(&[Algorithm::ES256])
        }
        AlgorithmParameters::OctetKeyPair(key) => {
            let fits = bytes(&key.x) == Some(POINT_BYTES);
            (key.curve == EllipticCurve::Ed25519 && fits).then_some(&[Algorithm::EdDSA])
        }
        AlgorithmParameters::RSA(key) => {
            let fits = RSA_BYTES.contains(&bytes(&key.n)?) && key.e == "AQAB";
            fits.then_some(&[
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
            ])
        }
        _ => None,
    }
}

/// How many bytes this is base64 of.
fn bytes(text: &str) -> Option<usize> {
    URL_SAFE_NO_PAD.decode(text).ok().map(|bytes| bytes.len())
}

//! One signing key: Ed25519 (RFC 8032), as EdDSA in JWTs (RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::SignerError;
use crate::auth::SecretKey;
use crate::model::random;
use crate::model::{SigningKey, SigningKeyId, Timestamp};

/// What keys are encrypted for.
const LABEL: &str = "signing-key";
/// The algorithm's name in a JWT's header.
pub const ALGORITHM: &str = "EdDSA";
const SEED_BYTES: usize = 32;
/// What comes before the seed in PKCS #8 (RFC 8410 §7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A key, ready for use.
pub struct Key {
    pub id: SigningKeyId,
    pub signing: EncodingKey,
    pub verifying: DecodingKey,
    /// As a JWK (RFC 7517, RFC 8037 §2).
    pub public: Value,
    pub public_bytes: Vec<u8>,
    pub retired_at: Option<Timestamp>,
}

impl Key {
    /// Draws a new key and encrypts it.
    ///
    /// # Errors
    /// No randomness.
    pub fn generate(secret: &SecretKey, now: Timestamp) -> Result<SigningKey, SignerError> {
        let id = SigningKeyId::generate();
        let seed = Zeroizing::new(random::secret_bytes::<SEED_BYTES>()?);
        let key = Self::of_seed(id, &seed, None)?;
        Ok(SigningKey {
            id,
            algorithm: ALGORITHM.to_owned(),
            public_key: key.public_bytes,
            private_key: secret.encrypt(LABEL, id.0.as_bytes(), seed.as_slice())?,
            created_at: now,
            retired_at: None,
        })
    }

    /// Decrypts a stored key. Nobody can put one into the database who has not got the secret key.
    ///
    /// # Errors
    /// Another secret key, or a row that was changed.
    pub fn open(secret: &SecretKey, stored: &SigningKey) -> Result<Self, SignerError> {
        if stored.algorithm != ALGORITHM {
            return Err(SignerError::Key(stored.id));
        }
        let seed = Zeroizing::new(secret.decrypt(LABEL, stored.id.0.as_bytes(), &stored.private_key)?);
        let seed: &[u8; SEED_BYTES] = seed.as_slice().try_into().map_err(|_| SignerError::Key(stored.id))?;
        let key = Self::of_seed(stored.id, seed, stored.retired_at)?;
        if key.public_bytes == stored.public_key { Ok(key) } else { Err(SignerError::Key(stored.id)) }
    }

    fn of_seed(
        id: SigningKeyId,
        seed: &[u8; SEED_BYTES],
        retired_at: Option<Timestamp>,
    ) -> Result<Self, SignerError> {
        let der = Zeroizing::new([PKCS8_PREFIX.as_slice(), seed].concat());
        let signing = EncodingKey::from_ed_der(&der);
        let jwk = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).map_err(|_| SignerError::Key(id))?;
        let AlgorithmParameters::OctetKeyPair(parameters) = jwk.algorithm else {
            return Err(SignerError::Key(id));
        };
        let x = parameters.x;
        let public_bytes = URL_SAFE_NO_PAD.decode(&x).map_err(|_| SignerError::Key(id))?;
        let verifying = DecodingKey::from_ed_der(&public_bytes);
        let public = json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": x,
            "kid": id.to_string(),
            "alg": ALGORITHM,
            "use": "sig",
        });
        Ok(Self { id, signing, verifying, public, public_bytes, retired_at })
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::crypto;

    use super::*;

    /// RFC 8037, appendix A.1, A.2, A.4 and A.5.
    #[test]
    fn signs_and_verifies_the_example_of_rfc_8037() {
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let key = Key::of_seed(SigningKeyId::generate(), &seed.try_into().unwrap(), None).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(&key.public_bytes), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature =
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        assert_eq!(crypto::sign(message, &key.signing, Algorithm::EdDSA).unwrap(), signature);
        assert!(crypto::verify(signature, message, &key.verifying, Algorithm::EdDSA).unwrap());
        assert!(!crypto::verify(signature, b"another", &key.verifying, Algorithm::EdDSA).unwrap());
    }
}

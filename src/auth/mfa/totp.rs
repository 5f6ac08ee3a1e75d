//! The codes that an authenticator app shows (TOTP, RFC 6238): SHA-1, six digits, a new one every 30 seconds. Every app
//! knows these; some ignore what a URI says of others.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::qr;
use crate::auth::{SecretKey, SecretKeyError};
use crate::model::ids::{FactorId, TenantId, UserId};
use crate::model::outbox::Sealed;
use crate::model::random::{self, NoRandomness};
use crate::model::{Timestamp, TotpFactor};

/// The secret key's use for these.
const LABEL: &str = "mfa factor";
/// As long as SHA-1's digest (RFC 4226 §4).
const SECRET_BYTES: usize = 20;
const DIGITS: u8 = 6;
/// In seconds.
const STEP: u16 = 30;
/// How many steps a clock may be wrong by, either way (RFC 6238 §5.2).
const SKEW: u16 = 1;
/// How much of the tenant's and the user's name an app shows. With more a URI would not go into a QR code.
const ISSUER_CHARS: usize = 40;
const ACCOUNT_CHARS: usize = 100;

/// Why a factor cannot be made.
#[derive(Debug, Error)]
pub enum MfaError {
    #[error("no otpauth URI can be made: {0}")]
    Uri(String),
    #[error("the otpauth URI is too long for a QR code")]
    TooLong,
}

/// What an app has to be told so that it shows the right codes. Nothing of it is shown again.
#[derive(Clone)]
pub struct Enrolling {
    /// The secret in base32, to be typed in.
    pub secret: String,
    pub uri: String,
    /// The URI as a QR code: an SVG document.
    pub qr_svg: String,
}

impl fmt::Debug for Enrolling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolling(…)")
    }
}

/// What an app and the server share. `Debug` does not show it.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; SECRET_BYTES]>);

impl TotpSecret {
    /// A secret of these bytes.
    pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        random::secret_bytes().map(Self::new)
    }

    /// The secret as the database holds it. It cannot be given to another factor, or another user.
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(
        &self,
        key: &SecretKey,
        tenant: TenantId,
        user: UserId,
        factor: FactorId,
    ) -> Result<Sealed, SecretKeyError> {
        let sealed = key.encrypt(LABEL, &context(tenant, user, factor), self.0.as_slice())?;
        Ok(Sealed(STANDARD.encode(sealed)))
    }

    /// Reads the secret of a stored factor.
    ///
    /// # Errors
    /// [`SecretKeyError::Undecryptable`].
    pub fn open(key: &SecretKey, tenant: TenantId, factor: &TotpFactor) -> Result<Self, SecretKeyError> {
        let sealed = STANDARD.decode(&factor.secret.0).map_err(|_| SecretKeyError::Undecryptable)?;
        let bytes =
            Zeroizing::new(key.decrypt(LABEL, &context(tenant, factor.user_id, factor.id), &sealed)?);
        let bytes = <[u8; SECRET_BYTES]>::try_from(bytes.as_slice());
        bytes.map(Self::new).map_err(|_| SecretKeyError::Undecryptable)
    }

    /// The step of time whose code this is: the present one, or one beside it. Nothing for a wrong code.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        if code.len() != usize::from(DIGITS) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let seconds = u64::try_from(now.0 / 1000).ok()?;
        let step = self.builder().build_noncompliant().check(code, seconds)?;
        i64::try_from(step).ok()
    }

    /// What the app of this user of this tenant is told.
    ///
    /// # Errors
    /// None for names that users and tenants can have.
    pub fn enrolling(&self, tenant: &str, user: &str) -> Result<Enrolling, MfaError> {
        let failed = |error: totp_rs::TotpError| MfaError::Uri(error.to_string());
        let totp: Totp = self
            .builder()
            .with_issuer(Some(shown(tenant, ISSUER_CHARS)))
            .with_account_name(shown(user, ACCOUNT_CHARS))
            .build()
            .map_err(failed)?;
        let uri = totp.to_url().map_err(failed)?;
        Ok(Enrolling { secret: totp.secret().to_base32(), qr_svg: qr::svg(&uri)?, uri })
    }

    fn builder(&self) -> Builder {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_skew(SKEW)
            .with_step_duration(u64::from(STEP))
            .with_secret(Secret::from(self.0.as_slice()))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

fn context(tenant: TenantId, user: UserId, factor: FactorId) -> Vec<u8> {
    [tenant.0, user.0, factor.0].iter().flat_map(|id| id.as_bytes()).copied().collect()
}

/// The beginning of a name, without what separates two names in a URI.
fn shown(name: &str, most: usize) -> String {
    let shown: String = name.trim().chars().take(most).map(|c| if c == ':' { '-' } else { c }).collect();
    // A name is missing in no URI.
    if shown.is_empty() { "Provost".to_owned() } else { shown }
}

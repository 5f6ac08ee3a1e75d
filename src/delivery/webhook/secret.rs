//! A webhook's secret: `whsec_` and 24 to 64 bytes in base64.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::auth::{SecretKey, SecretKeyError};
use crate::model::ids::{TenantId, WebhookId};
use crate::model::outbox::Sealed;
use crate::model::random::{self, NoRandomness};

/// The secret key's use for these.
const LABEL: &str = "webhook secret";
const PREFIX: &str = "whsec_";

/// A text that is no secret.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("A webhook's secret is 'whsec_' and 24 to 64 bytes in base64.")]
pub struct SecretError;

/// The bytes that sign. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self(random::secret_bytes::<32>()?.to_vec()))
    }

    /// Reads the text that [`Secret::text`] makes.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let bytes = text.strip_prefix(PREFIX).and_then(|base64| STANDARD.decode(base64).ok());
        bytes.filter(|bytes| (24..=64).contains(&bytes.len())).map(Self).ok_or(SecretError)
    }

    /// The text to show to its owner, once.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The secret as the database holds it.
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(
        &self,
        key: &SecretKey,
        tenant: TenantId,
        webhook: WebhookId,
    ) -> Result<Sealed, SecretKeyError> {
        Ok(Sealed(STANDARD.encode(key.encrypt(LABEL, &context(tenant, webhook), &self.0)?)))
    }

    /// Reads what [`Secret::seal`] made.
    ///
    /// # Errors
    /// [`SecretKeyError::Undecryptable`].
    pub fn open(
        key: &SecretKey,
        tenant: TenantId,
        webhook: WebhookId,
        sealed: &Sealed,
    ) -> Result<Self, SecretKeyError> {
        let bytes = STANDARD.decode(&sealed.0).map_err(|_| SecretKeyError::Undecryptable)?;
        key.decrypt(LABEL, &context(tenant, webhook), &bytes).map(Self)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A sealed secret cannot be given to another webhook.
fn context(tenant: TenantId, webhook: WebhookId) -> Vec<u8> {
    [tenant.0.as_bytes().as_slice(), webhook.0.as_bytes()].concat()
}

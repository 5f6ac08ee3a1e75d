//! `pvs_<tenant id>_<256 random bits>`: a token's text carries its tenant, so that looking it up names the tenant too.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::model::TenantId;
use crate::model::random::{self, NoRandomness};

const PREFIX: &str = "pvs_";
/// 32 bytes in unpadded base64.
const SECRET_CHARS: usize = 43;

/// A SCIM token as its bearer holds it. It is shown once and never stored; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText {
    tenant_id: TenantId,
    text: String,
}

impl TokenText {
    /// A new token for this tenant.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn generate(tenant_id: TenantId) -> Result<Self, NoRandomness> {
        let secret = URL_SAFE_NO_PAD.encode(random::secret_bytes::<32>()?);
        Ok(Self { tenant_id, text: format!("{PREFIX}{}_{secret}", tenant_id.0.simple()) })
    }

    /// Reads a token; nothing for a text that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let tenant_id = TenantId(Uuid::try_parse(tenant).ok()?);
        (secret.len() == SECRET_CHARS).then(|| Self { tenant_id, text: text.to_owned() })
    }

    /// The tenant that the token names.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    /// SHA-256 of the whole text: what is stored.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// The token itself, to be shown to whom it was made for.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenText({PREFIX}{}_…)", self.tenant_id)
    }
}

//! `pvs_<tenant id>_<256 random bits>`: a credential's text carries its tenant, so that looking it up names the tenant too.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::model::TenantId;
use crate::model::random::{self, NoRandomness};

/// 32 bytes in unpadded base64.
const SECRET_CHARS: usize = 43;

/// What a text opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SCIM, for one connection.
    Scim,
    /// The REST API, and SCIM too.
    ApiKey,
    /// One thing, once: what a link in a mail carries.
    OneTime,
    /// The acceptance of an invitation, once.
    Invitation,
    /// A session's next access token, once.
    Refresh,
    /// Access tokens of an OAuth 2.0 client.
    ClientSecret,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Scim, Self::ApiKey, Self::OneTime, Self::Invitation, Self::Refresh, Self::ClientSecret];

    fn prefix(self) -> &'static str {
        match self {
            Self::Scim => "pvs_",
            Self::ApiKey => "pvk_",
            Self::OneTime => "pvo_",
            Self::Invitation => "pvi_",
            Self::Refresh => "pvr_",
            Self::ClientSecret => "pvx_",
        }
    }
}

/// A token or secret of one of these kinds as its bearer holds it. It is shown once and never stored; `Debug`
/// does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText {
    kind: Kind,
    tenant_id: TenantId,
    text: String,
}

impl TokenText {
    /// A new one for this tenant.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn generate(kind: Kind, tenant_id: TenantId) -> Result<Self, NoRandomness> {
        let secret = URL_SAFE_NO_PAD.encode(random::secret_bytes::<32>()?);
        let text = format!("{}{}_{secret}", kind.prefix(), tenant_id.0.simple());
        Ok(Self { kind, tenant_id, text })
    }

    /// Reads one; nothing for a text that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = Kind::ALL
            .into_iter()
            .find_map(|kind| text.strip_prefix(kind.prefix()).map(|rest| (kind, rest)))?;
        let (tenant, secret) = rest.split_once('_')?;
        let tenant_id = TenantId(Uuid::try_parse(tenant).ok()?);
        (secret.len() == SECRET_CHARS).then(|| Self { kind, tenant_id, text: text.to_owned() })
    }

    /// What it opens.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The tenant that it names.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    /// SHA-256 of the whole text: what is stored.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// The text itself, to be shown to whom it was made for.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenText({}{}_…)", self.kind.prefix(), self.tenant_id)
    }
}

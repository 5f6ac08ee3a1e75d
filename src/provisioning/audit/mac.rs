//! What seals are made of: a digest for each event, a code for each seal, a proof for each head.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::auth::SecretKey;
use crate::model::audit::AuditRow;
use crate::model::audit_seal::{AuditHead, AuditSeal};
use crate::model::{TenantId, Timestamp};

/// The key's name among the uses of the secret key.
const LABEL: &str = "audit seal";

/// The key, ready to be used. `Debug` does not show it.
#[derive(Clone)]
pub(super) struct SealKey(Hmac<Sha256>);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

/// A text that is being authenticated. Each part is told with its length, so that no two texts run together the same.
struct Text(Hmac<Sha256>);

impl Text {
    fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn optional(mut self, bytes: Option<&[u8]>) -> Self {
        self.0.update(&[u8::from(bytes.is_some())]);
        self.part(bytes.unwrap_or_default())
    }

    fn time(self, at: Timestamp) -> Self {
        self.part(&at.0.to_be_bytes())
    }

    fn code(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }
}

impl SealKey {
    pub fn new(key: &SecretKey) -> Self {
        // HMAC fills a short key up with zeros to its block of 64 bytes; done here, there is no length to fail.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&key.derive(LABEL));
        Self(Hmac::new(&block.into()))
    }

    fn text(&self, what: &str, tenant: TenantId) -> Text {
        Text(self.0.clone()).part(what.as_bytes()).part(tenant.0.as_bytes())
    }

    /// Of an event's row: every column, word for word.
    pub fn digest(&self, tenant: TenantId, row: &AuditRow) -> [u8; 16] {
        let code = self
            .text("event", tenant)
            .part(row.id.0.as_bytes())
            .time(row.at)
            .part(row.kind.as_bytes())
            .part(row.actor_kind.as_bytes())
            .optional(row.actor_id.as_ref().map(|id| id.as_bytes().as_slice()))
            .optional(row.actor_name.as_deref().map(str::as_bytes))
            .part(row.target_kind.as_bytes())
            .part(row.target_id.as_bytes())
            .optional(row.request_id.as_deref().map(str::as_bytes))
            .optional(row.ip.as_deref().map(str::as_bytes))
            .optional(row.user_agent.as_deref().map(str::as_bytes))
            .part(row.details.as_bytes())
            .code();
        let mut digest = [0; 16];
        digest.copy_from_slice(&code[..16]);
        digest
    }

    /// Of a seal: everything but its own code.
    pub fn seal(&self, tenant: TenantId, seal: &AuditSeal) -> [u8; 32] {
        self.text("seal", tenant)
            .part(&seal.number.to_be_bytes())
            .part(&seal.previous)
            .time(seal.sealed_at)
            .time(seal.horizon)
            .part(seal.oldest.0.as_bytes())
            .part(seal.newest.0.as_bytes())
            .part(&seal.packed)
            .code()
    }

    /// The head that a seal is while it is the last one.
    pub fn head(&self, tenant: TenantId, seal: &AuditSeal) -> AuditHead {
        let proof = self.proof(tenant, seal.number, &seal.mac);
        AuditHead { number: seal.number, mac: seal.mac, proof }
    }

    /// Whether a seal is as it was made.
    pub fn fits(&self, tenant: TenantId, seal: &AuditSeal) -> bool {
        self.seal(tenant, seal).ct_eq(&seal.mac).into()
    }

    /// Whether a head is as it was made.
    pub fn proves(&self, tenant: TenantId, head: &AuditHead) -> bool {
        self.proof(tenant, head.number, &head.mac).ct_eq(&head.proof).into()
    }

    fn proof(&self, tenant: TenantId, number: i64, mac: &[u8; 32]) -> [u8; 32] {
        self.text("head", tenant).part(&number.to_be_bytes()).part(mac).code()
    }
}

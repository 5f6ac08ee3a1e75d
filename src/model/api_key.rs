//! API keys, as they are kept: never the key itself.

use super::clock::Timestamp;
use super::ids::{KeyId, TenantId, UserId};
use super::permission::Permissions;

/// An API key's record. A key of [`TenantId::INSTANCE`] belongs to the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub tenant_id: TenantId,
    pub id: KeyId,
    /// Whose key it is; the tenant's own (or the instance's) where nobody is named. It ends with its user.
    pub user_id: Option<UserId>,
    pub name: String,
    /// What the key is bounded to, beside what its owner may do; `None` bounds it to nothing else.
    pub permissions: Option<Permissions>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To about a minute; written in the background.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether the key is good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

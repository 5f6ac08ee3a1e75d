//! Reading API keys.

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{ApiKey, KeyId, TenantId, Timestamp};

/// `SELECT … FROM api_keys k`, in the order of [`ApiKey`]'s fields.
macro_rules! api_keys {
    ($rest:literal) => {
        concat!(
            "SELECT k.tenant_id, k.id, k.user_id, k.name, k.permissions, k.created_at, k.expires_at, k.revoked_at, \
             k.last_used_at FROM api_keys k ",
            $rest
        )
    };
}

impl Storage {
    /// The key one of whose live texts has this SHA-256.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_api_key(
        &self,
        tenant: TenantId,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<ApiKey>, StorageError> {
        let statement = Statement::fixed(
            api_keys!(
                "JOIN api_key_secrets s ON s.tenant_id = $1 AND s.key_id = k.id \
                 WHERE k.tenant_id = $1 AND s.hash = $2 AND (s.expires_at IS NULL OR s.expires_at > $3)"
            ),
            [Arg::id(tenant.0), Arg::bytes(hash), Arg::integer(now.0)],
        );
        self.database.fetch_optional(statement).await
    }

    /// The key with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_api_key(&self, tenant: TenantId, id: KeyId) -> Result<Option<ApiKey>, StorageError> {
        let statement = Statement::fixed(
            api_keys!("WHERE k.tenant_id = $1 AND k.id = $2"),
            [Arg::id(tenant.0), Arg::id(id.0)],
        );
        self.database.fetch_optional(statement).await
    }

    /// A tenant's keys, oldest first, from behind `after` on.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_api_keys(
        &self,
        tenant: TenantId,
        after: Option<KeyId>,
        limit: i64,
    ) -> Result<Vec<ApiKey>, StorageError> {
        let after = after.map_or(uuid::Uuid::nil(), |id| id.0);
        let statement = Statement::fixed(
            api_keys!("WHERE k.tenant_id = $1 AND k.id > $2 ORDER BY k.id LIMIT $3"),
            [Arg::id(tenant.0), Arg::id(after), Arg::integer(limit)],
        );
        self.database.fetch_all(statement).await
    }
}

//! Reading what idempotency keys were used for.

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{TenantId, Timestamp, UsedKey};

impl Storage {
    /// What the key with this hash was used for, at `valid_from` or later.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_idempotency_key(
        &self,
        tenant: TenantId,
        key_hash: &[u8; 32],
        valid_from: Timestamp,
    ) -> Result<Option<UsedKey>, StorageError> {
        let statement = Statement::fixed(
            "SELECT request_hash, user_id, status FROM idempotency_keys \
             WHERE tenant_id = $1 AND key_hash = $2 AND created_at >= $3",
            [Arg::id(tenant.0), Arg::bytes(key_hash), Arg::integer(valid_from.0)],
        );
        self.database.fetch_optional(statement).await
    }
}

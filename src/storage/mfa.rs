//! Reading second factors.

use uuid::Uuid;

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{TenantId, TotpFactor, UserId};

impl Storage {
    /// A user's factors, the oldest first; those too that were not confirmed, whether they still can be or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_factors(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<TotpFactor>, StorageError> {
        let statement = Statement::lookup(
            "SELECT id, user_id, name, secret, created_at, confirmed_at, last_step, last_used_at \
             FROM mfa_factors WHERE tenant_id = $1 AND user_id = $2 ORDER BY id",
            [Arg::id(tenant.0), Arg::id(user.0)],
        );
        self.database.fetch_all(statement).await
    }

    /// Those of these users who have a factor that was confirmed.
    ///
    /// # Errors
    /// The database's.
    pub async fn users_with_factor(
        &self,
        tenant: TenantId,
        users: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, StorageError> {
        let confirmed = "(SELECT tenant_id, user_id FROM mfa_factors WHERE confirmed_at IS NOT NULL)";
        self.existing(confirmed, "user_id", tenant, users).await
    }

    /// How many recovery codes a user has left.
    ///
    /// # Errors
    /// The database's.
    pub async fn recovery_codes_left(&self, tenant: TenantId, user: UserId) -> Result<i64, StorageError> {
        let statement = Statement::fixed(
            "SELECT count(*) FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL",
            [Arg::id(tenant.0), Arg::id(user.0)],
        );
        let found: Option<(i64,)> = self.database.fetch_optional(statement).await?;
        Ok(found.map_or(0, |(left,)| left))
    }

    /// Whether a user has a recovery code with this SHA-256 that was not used.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_recovery_code(
        &self,
        tenant: TenantId,
        user: UserId,
        hash: &[u8; 32],
    ) -> Result<bool, StorageError> {
        let statement = Statement::fixed(
            "SELECT count(*) FROM recovery_codes \
             WHERE tenant_id = $1 AND user_id = $2 AND hash = $3 AND used_at IS NULL",
            [Arg::id(tenant.0), Arg::id(user.0), Arg::bytes(hash)],
        );
        let found: Option<(i64,)> = self.database.fetch_optional(statement).await?;
        Ok(found.is_some_and(|(number,)| number > 0))
    }
}

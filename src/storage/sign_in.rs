//! Reading refresh tokens and failures in a row.

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{LoginFailures, LoginSubject, RefreshToken, TenantId, Timestamp};

const REFRESH_TOKEN: &str = "SELECT tenant_id, id, session_id, token_hash, created_at, expires_at, used_at \
     FROM refresh_tokens WHERE tenant_id = $1 AND token_hash = $2";
const FAILURES: &str =
    "SELECT subject, failures, failed_at FROM login_failures WHERE tenant_id = $1 AND subject IN ($2, $3)";

impl Storage {
    /// The refresh token whose text has this SHA-256, used or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_refresh_token(
        &self,
        tenant: TenantId,
        hash: &[u8; 32],
    ) -> Result<Option<RefreshToken>, StorageError> {
        let statement = Statement::fixed(REFRESH_TOKEN, [Arg::id(tenant.0), Arg::bytes(hash)]);
        self.database.fetch_optional(statement).await
    }

    /// How often in a row each of these two has failed to sign in.
    ///
    /// # Errors
    /// The database's.
    pub async fn login_failures(
        &self,
        tenant: TenantId,
        (one, other): (&LoginSubject, &LoginSubject),
    ) -> Result<(LoginFailures, LoginFailures), StorageError> {
        let args = [Arg::id(tenant.0), Arg::text(one.as_str()), Arg::text(other.as_str())];
        let found: Vec<(String, i64, i64)> =
            self.database.fetch_all(Statement::fixed(FAILURES, args)).await?;
        let of = |subject: &LoginSubject| {
            let row = found.iter().find(|(found, ..)| found == subject.as_str());
            row.map_or(LoginFailures::default(), |(_, failures, failed_at)| LoginFailures {
                failures: *failures,
                failed_at: Timestamp(*failed_at),
            })
        };
        Ok((of(one), of(other)))
    }
}

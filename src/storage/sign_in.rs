//! Reading refresh tokens and failures in a row.

use std::collections::BTreeMap;

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{LoginFailures, LoginSubject, RefreshToken, TenantId, Timestamp};

const REFRESH_TOKEN: &str = "SELECT tenant_id, id, session_id, token_hash, created_at, expires_at, used_at \
     FROM refresh_tokens WHERE tenant_id = $1 AND token_hash = $2";
const FAILURES: &str = "SELECT subject, failures, failed_at FROM login_failures WHERE tenant_id = $1 AND subject IN ($2, $3, $4)";

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

    /// How often in a row those of these have failed to sign in that have at all.
    ///
    /// # Errors
    /// The database's.
    pub async fn login_failures(
        &self,
        tenant: TenantId,
        subjects: [Option<&LoginSubject>; 3],
    ) -> Result<BTreeMap<LoginSubject, LoginFailures>, StorageError> {
        let [one, other, third] = subjects.map(|subject| Arg::text(subject.map_or("", LoginSubject::as_str)));
        let args = [Arg::id(tenant.0), one, other, third];
        let found: Vec<(String, i64, i64)> =
            self.database.fetch_all(Statement::fixed(FAILURES, args)).await?;
        let row = |subject: &LoginSubject| {
            let (_, failures, failed_at) = found.iter().find(|(found, ..)| found == subject.as_str())?;
            Some((subject.clone(), LoginFailures { failures: *failures, failed_at: Timestamp(*failed_at) }))
        };
        Ok(subjects.into_iter().flatten().filter_map(row).collect())
    }
}

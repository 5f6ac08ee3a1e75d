//! Reading passwords, sessions and one-time tokens; and who it is that signs in.

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{
    OneTimeKind, OneTimeToken, PasswordCredential, Session, SessionId, TenantId, Timestamp, UserId,
};

const PASSWORD: &str =
    "SELECT user_id, hash, changed_at FROM password_credentials WHERE tenant_id = $1 AND user_id = $2";
const PASSWORDS_BEFORE: &str = "SELECT user_id, hash, changed_at FROM password_history WHERE tenant_id = $1 AND user_id = $2 \
     ORDER BY changed_at DESC, hash";
const SESSION: &str = "SELECT tenant_id, id, user_id, created_at, expires_at, ended_at, amr, ip, user_agent FROM sessions \
     WHERE tenant_id = $1 AND id = $2";
const LIVE_SESSIONS: &str = "SELECT tenant_id, id, user_id, created_at, expires_at, ended_at, amr, ip, user_agent FROM sessions \
     WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 ORDER BY created_at DESC, id DESC \
     LIMIT 1000";
const ONE_TIME_TOKEN: &str = "SELECT tenant_id, id, kind, user_id, token_hash, email, created_at, expires_at, used_at \
     FROM one_time_tokens WHERE tenant_id = $1 AND token_hash = $2";
const LIVE_ONE_TIME_TOKENS: &str = "SELECT count(*) FROM one_time_tokens \
     WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND used_at IS NULL AND expires_at > $4";
const LAST_ONE_TIME_TOKEN: &str = "SELECT tenant_id, id, kind, user_id, token_hash, email, created_at, expires_at, used_at \
     FROM one_time_tokens WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 ORDER BY created_at DESC LIMIT 1";
const USER_CALLED: &str = "SELECT id, 1 AS place FROM users WHERE tenant_id = $1 AND user_name_key = $2 \
     UNION ALL SELECT id, 2 AS place FROM users WHERE tenant_id = $1 AND email_key = $3 ORDER BY place LIMIT 1";

impl Storage {
    /// The user with this user name, folded.
    ///
    /// # Errors
    /// The database's.
    pub async fn holder_of_user_name(
        &self,
        tenant: TenantId,
        user_name_key: &str,
    ) -> Result<Option<UserId>, StorageError> {
        let text = "SELECT id FROM users WHERE tenant_id = $1 AND user_name_key = $2";
        let statement = Statement::lookup(text, [Arg::id(tenant.0), Arg::text(user_name_key)]);
        let found: Option<(uuid::Uuid,)> = self.database.fetch_optional(statement).await?;
        Ok(found.map(|(id,)| UserId(id)))
    }

    /// The user with this user name, or else with this e-mail address; both folded.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_user_called(
        &self,
        tenant: TenantId,
        user_name_key: &str,
        email_key: &str,
    ) -> Result<Option<UserId>, StorageError> {
        let args = [Arg::id(tenant.0), Arg::text(user_name_key), Arg::text(email_key)];
        let found: Option<(uuid::Uuid,)> =
            self.database.fetch_optional(Statement::fixed(USER_CALLED, args)).await?;
        Ok(found.map(|(id,)| UserId(id)))
    }

    /// The one-time token whose text has this SHA-256.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_one_time_token(
        &self,
        tenant: TenantId,
        hash: &[u8; 32],
    ) -> Result<Option<OneTimeToken>, StorageError> {
        let statement = Statement::fixed(ONE_TIME_TOKEN, [Arg::id(tenant.0), Arg::bytes(hash)]);
        self.database.fetch_optional(statement).await
    }

    /// The one-time token of this kind that a user got last, whether it can still be used or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn last_one_time_token(
        &self,
        tenant: TenantId,
        user: UserId,
        kind: OneTimeKind,
    ) -> Result<Option<OneTimeToken>, StorageError> {
        let args = [Arg::id(tenant.0), Arg::id(user.0), Arg::text(kind.as_str())];
        self.database.fetch_optional(Statement::fixed(LAST_ONE_TIME_TOKEN, args)).await
    }

    /// How many tokens of a kind a user has that can be used at `now`.
    ///
    /// # Errors
    /// The database's.
    pub async fn live_one_time_tokens(
        &self,
        tenant: TenantId,
        user: UserId,
        kind: OneTimeKind,
        now: Timestamp,
    ) -> Result<i64, StorageError> {
        let args = [Arg::id(tenant.0), Arg::id(user.0), Arg::text(kind.as_str()), Arg::integer(now.0)];
        let found: Option<(i64,)> =
            self.database.fetch_optional(Statement::fixed(LIVE_ONE_TIME_TOKENS, args)).await?;
        Ok(found.map_or(0, |(number,)| number))
    }

    /// A user's password, if the user has one.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_password(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<PasswordCredential>, StorageError> {
        let statement = Statement::lookup(PASSWORD, [Arg::id(tenant.0), Arg::id(user.0)]);
        self.database.fetch_optional(statement).await
    }

    /// The passwords that a user had before, as many as were to be kept, the last one first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_former_passwords(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<PasswordCredential>, StorageError> {
        let statement = Statement::fixed(PASSWORDS_BEFORE, [Arg::id(tenant.0), Arg::id(user.0)]);
        self.database.fetch_all(statement).await
    }

    /// A session, whether it holds or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_session(
        &self,
        tenant: TenantId,
        id: SessionId,
    ) -> Result<Option<Session>, StorageError> {
        let statement = Statement::lookup(SESSION, [Arg::id(tenant.0), Arg::id(id.0)]);
        self.database.fetch_optional(statement).await
    }

    /// A user's sessions that hold at `now`, the newest first; the newest thousand, if a script signs in again and again.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_sessions(
        &self,
        tenant: TenantId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StorageError> {
        let args = [Arg::id(tenant.0), Arg::id(user.0), Arg::integer(now.0)];
        self.database.fetch_all(Statement::fixed(LIVE_SESSIONS, args)).await
    }
}

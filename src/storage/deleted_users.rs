//! Reading users that were deleted and can still be restored.

use super::statement::{Arg, Recurs, Statement};
use super::{Storage, StorageError};
use crate::model::{DeletedUser, TenantId, Timestamp, UserId};

/// `SELECT … FROM deleted_users d`, in the order of [`DeletedUser`]'s fields.
macro_rules! deleted_users {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.user_name, d.email, d.document, d.deleted_at, d.purge_at, d.deleted_by_kind, \
             d.deleted_by_id, d.deleted_by_name, d.avatar IS NOT NULL FROM deleted_users d WHERE d.tenant_id = $1 ",
            $rest
        )
    };
}

impl Storage {
    /// The deleted user with this id, if it can still be restored.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_deleted_user(
        &self,
        tenant: TenantId,
        id: UserId,
        now: Timestamp,
    ) -> Result<Option<DeletedUser>, StorageError> {
        let statement = Statement::fixed(
            deleted_users!("AND d.id = $2 AND d.purge_at > $3"),
            [Arg::id(tenant.0), Arg::id(id.0), Arg::integer(now.0)],
        );
        self.database.fetch_optional(statement).await
    }

    /// The deleted users that can still be restored, in the order of their ids, from behind `after` on; those whose
    /// user name or address holds `search` (folded), or all.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_deleted_users(
        &self,
        tenant: TenantId,
        search: Option<&str>,
        after: Option<UserId>,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<DeletedUser>, StorageError> {
        let engine = self.database.engine();
        let mut text = deleted_users!("AND d.id > $2 AND d.purge_at > $3").to_owned();
        let after = after.map_or(uuid::Uuid::nil(), |id| id.0);
        let mut args = vec![Arg::id(tenant.0), Arg::id(after), Arg::integer(now.0), Arg::integer(limit)];
        if let Some(search) = search.filter(|search| !search.is_empty()) {
            args.push(Arg::text(search));
            let (name, email) =
                (engine.contains("d.user_name_key", "$5"), engine.contains("d.email_key", "$5"));
            text.push_str(&format!(" AND ({name} OR (d.email_key IS NOT NULL AND {email}))"));
        }
        text.push_str(" ORDER BY d.id LIMIT $4");
        self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await
    }

    /// Deleted users that nobody can restore any more, those first that are so the longest.
    ///
    /// # Errors
    /// The database's.
    pub async fn deleted_users_due(
        &self,
        tenant: TenantId,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<DeletedUser>, StorageError> {
        let statement = Statement::fixed(
            deleted_users!("AND d.purge_at <= $2 ORDER BY d.purge_at, d.id LIMIT $3"),
            [Arg::id(tenant.0), Arg::integer(now.0), Arg::integer(limit)],
        );
        self.database.fetch_all(statement).await
    }
}

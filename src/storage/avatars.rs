//! Reading pictures of people.

use uuid::Uuid;

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{StoredAvatar, TenantId, UserId};

impl Storage {
    /// A user's picture, if it has one.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_avatar(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<StoredAvatar>, StorageError> {
        let statement = Statement::fixed(
            "SELECT media_type, bytes FROM avatars WHERE tenant_id = $1 AND user_id = $2",
            [Arg::id(tenant.0), Arg::id(user.0)],
        );
        self.database.fetch_optional(statement).await
    }

    /// Those of these users who have a picture.
    ///
    /// # Errors
    /// The database's.
    pub async fn users_with_avatar(
        &self,
        tenant: TenantId,
        users: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, StorageError> {
        self.existing("avatars", "user_id", tenant, users).await
    }
}

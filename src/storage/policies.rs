//! Reading policies, and what they ask of groups.

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{GroupId, GroupKind, Policy, TenantId};

impl Storage {
    /// A tenant's own policies, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_policies(&self, tenant: TenantId) -> Result<Vec<Policy>, StorageError> {
        let statement = Statement::fixed(
            "SELECT tenant_id, id, name, text, enabled, version, created_at, updated_at \
             FROM policies WHERE tenant_id = $1 ORDER BY id",
            [Arg::id(tenant.0)],
        );
        self.database.fetch_all(statement).await
    }

    /// A group of whatever kind: its name and kind.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_group_name(
        &self,
        tenant: TenantId,
        id: GroupId,
    ) -> Result<Option<(String, GroupKind)>, StorageError> {
        let statement = Statement::lookup(
            "SELECT display_name, kind FROM groups WHERE tenant_id = $1 AND id = $2",
            [Arg::id(tenant.0), Arg::id(id.0)],
        );
        let row: Option<(String, String)> = self.database.fetch_optional(statement).await?;
        Ok(row.and_then(|(name, kind)| Some((name, GroupKind::of_word(&kind)?))))
    }
}

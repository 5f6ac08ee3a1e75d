//! Reading groups and their members.

use futures_util::stream::BoxStream;
use uuid::Uuid;

use super::statement::{Arg, Recurs, Statement};
use super::users::recurs;
use super::{Storage, StorageError};
use crate::model::account::of_joined;
use crate::model::group::MemberRow;
use crate::model::query::StoredGroup;
use crate::model::{ConnectionId, GroupId, GroupKind, RoleId, TenantId};

/// `SELECT … FROM groups r`, in the order of [`StoredGroup`]'s fields. `$1` is the tenant, `$2` the connection whose
/// `externalId` is shown. SCIM shows groups of the kind `group` alone.
macro_rules! select_groups {
    () => {
        concat!(select_groups!(@columns), select_groups!(@table), select_groups!(@external), select_groups!(@rest))
    };
    (@columns) => {
        "SELECT r.id, r.version, r.created_at, r.updated_at, r.document, x.external_id, r.kind, r.roles \
         FROM "
    };
    (@table) => {
        "groups r "
    };
    (@external) => {
        "LEFT JOIN external_ids x ON x.tenant_id = $1 AND x.resource_kind = 'group' AND x.resource_id = r.id AND x.connection_id = $2 "
    };
    (@rest) => {
        "WHERE r.tenant_id = $1 AND r.kind = 'group'"
    };
    (@every_kind) => {
        concat!(
            select_groups!(@columns), select_groups!(@table), select_groups!(@external),
            "WHERE r.tenant_id = $1"
        )
    };
}
pub(super) use select_groups;

/// A group's members in the order in which members were made, each with what it is called.
const SELECT_MEMBERS: &str = "SELECT m.member_id, m.user_id IS NOT NULL, \
     coalesce(u.display_name, g.display_name) \
     FROM memberships m \
     LEFT JOIN users u ON u.tenant_id = $1 AND u.id = m.user_id \
     LEFT JOIN groups g ON g.tenant_id = $1 AND g.id = m.subgroup_id \
     WHERE m.tenant_id = $1 AND m.group_id = $2 ORDER BY m.member_id";

impl Storage {
    /// Those of these ids that groups of this kind have.
    ///
    /// # Errors
    /// The database's.
    pub async fn groups_of_kind(
        &self,
        tenant: TenantId,
        kind: GroupKind,
        ids: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, StorageError> {
        let (given, ids) = self.database.engine().given("$2", ids);
        let text = format!(
            "SELECT g.id FROM {given} CROSS JOIN groups g WHERE g.tenant_id = $1 AND g.id = given.id AND g.kind = $3"
        );
        let args = vec![Arg::id(tenant.0), ids, Arg::text(kind.as_str())];
        let rows: Vec<(Uuid,)> =
            self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The group with this id, as `connection` sees it, without its members.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_group(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        id: GroupId,
    ) -> Result<Option<StoredGroup>, StorageError> {
        let args = [Arg::id(tenant.0), Arg::id(connection.0), Arg::id(id.0)];
        let statement = Statement::lookup(concat!(select_groups!(), " AND r.id = $3"), args);
        self.database.fetch_optional(statement).await
    }

    /// A group's members, however many, as they are at one moment.
    ///
    /// # Errors
    /// The database's, at once or in the middle.
    pub fn members(
        &self,
        tenant: TenantId,
        group: GroupId,
    ) -> Result<BoxStream<'_, Result<MemberRow, StorageError>>, StorageError> {
        self.database.fetch(Statement::fixed(SELECT_MEMBERS, [Arg::id(tenant.0), Arg::id(group.0)]))
    }

    /// The ids of a group's members.
    ///
    /// # Errors
    /// The database's.
    pub async fn member_ids(&self, tenant: TenantId, group: GroupId) -> Result<Vec<Uuid>, StorageError> {
        let statement = Statement::fixed(
            "SELECT member_id FROM memberships WHERE tenant_id = $1 AND group_id = $2",
            [Arg::id(tenant.0), Arg::id(group.0)],
        );
        let rows: Vec<(Uuid,)> = self.database.fetch_all(statement).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Those of `ids` that are members of the group, each with the roles that were given to it beyond the role `user`
    /// alone: costs what `ids` are, not what the group holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn existing_members(
        &self,
        tenant: TenantId,
        group: GroupId,
        ids: Vec<Uuid>,
    ) -> Result<Vec<(Uuid, Vec<RoleId>)>, StorageError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let recurs = recurs(&ids);
        let (given, ids) = self.database.engine().given("$2", ids);
        let text = format!(
            "SELECT given.id, (SELECT u.roles FROM users u WHERE u.tenant_id = $1 AND u.id = given.id LIMIT 1) \
             FROM {given} WHERE (SELECT true FROM memberships t \
             WHERE t.tenant_id = $1 AND t.member_id = given.id AND t.group_id = $3 LIMIT 1)"
        );
        let args = vec![Arg::id(tenant.0), ids, Arg::id(group.0)];
        let rows: Vec<(Uuid, Option<String>)> =
            self.database.fetch_all(Statement { text: text.into(), args, recurs }).await?;
        Ok(rows.into_iter().map(|(id, roles)| (id, of_joined(&roles.unwrap_or_default()))).collect())
    }

    /// Those of `ids` that groups of the kind `group` have.
    ///
    /// # Errors
    /// The database's.
    pub async fn existing_groups(&self, tenant: TenantId, ids: Vec<Uuid>) -> Result<Vec<Uuid>, StorageError> {
        let groups = "(SELECT tenant_id, id FROM groups WHERE kind = 'group')";
        self.existing(groups, "id", tenant, ids).await
    }

    /// Those of `ids` that groups of whichever kind have.
    ///
    /// # Errors
    /// The database's.
    pub async fn existing_groups_of_any_kind(
        &self,
        tenant: TenantId,
        ids: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, StorageError> {
        self.existing("groups", "id", tenant, ids).await
    }

    /// Whether any group of the tenant carries roles.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_group_roles(&self, tenant: TenantId) -> Result<bool, StorageError> {
        let statement = Statement::lookup(
            "SELECT 1 FROM groups WHERE tenant_id = $1 AND roles <> '' LIMIT 1",
            [Arg::id(tenant.0)],
        );
        let found: Option<(i32,)> = self.database.fetch_optional(statement).await?;
        Ok(found.is_some())
    }
}

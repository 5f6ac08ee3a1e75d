//! Reading roles, and who has which.

use uuid::Uuid;

use super::statement::{Arg, Recurs, Statement};
use super::{Storage, StorageError};
use crate::model::account::of_joined;
use crate::model::{BuiltInRole, Role, RoleId, TenantId, UserId};

impl Storage {
    /// A tenant's own roles, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_roles(&self, tenant: TenantId) -> Result<Vec<Role>, StorageError> {
        let statement = Statement::fixed(
            "SELECT tenant_id, id, name, description, permissions, version, created_at, updated_at \
             FROM roles WHERE tenant_id = $1 ORDER BY name_key",
            [Arg::id(tenant.0)],
        );
        self.database.fetch_all(statement).await
    }

    /// The roles that a user has through its groups, direct and indirect.
    ///
    /// # Errors
    /// The database's.
    pub async fn roles_through_groups(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<RoleId>, StorageError> {
        self.roles_up_from("user_id", tenant, user.0).await
    }

    /// The roles that a member of this group has through it and through the groups that it is in.
    ///
    /// # Errors
    /// The database's.
    pub async fn roles_of_group(&self, tenant: TenantId, group: Uuid) -> Result<Vec<RoleId>, StorageError> {
        let own = Statement::lookup(
            "SELECT roles FROM groups WHERE tenant_id = $1 AND id = $2 AND roles <> ''",
            [Arg::id(tenant.0), Arg::id(group)],
        );
        let own: Option<(String,)> = self.database.fetch_optional(own).await?;
        let mut roles = self.roles_up_from("subgroup_id", tenant, group).await?;
        roles.extend(own.iter().flat_map(|(text,)| of_joined(text)));
        roles.sort_unstable();
        roles.dedup();
        Ok(roles)
    }

    /// The roles of the groups that these groups are in, directly or through others: group, roles.
    ///
    /// # Errors
    /// The database's.
    pub async fn roles_above(
        &self,
        tenant: TenantId,
        groups: Vec<Uuid>,
    ) -> Result<Vec<(Uuid, Vec<RoleId>)>, StorageError> {
        let (given, ids) = self.database.engine().given("$2", groups);
        let text = format!(
            "WITH RECURSIVE up(root, group_id) AS (\
             SELECT m.subgroup_id, m.group_id FROM {given} CROSS JOIN memberships m \
             WHERE m.tenant_id = $1 AND m.subgroup_id = given.id \
             UNION SELECT up.root, m.group_id FROM up JOIN memberships m \
             ON m.tenant_id = $1 AND m.subgroup_id = up.group_id) \
             SELECT up.root, g.roles FROM up JOIN groups g ON g.tenant_id = $1 AND g.id = up.group_id WHERE g.roles <> ''"
        );
        let args = vec![Arg::id(tenant.0), ids];
        let rows: Vec<(Uuid, String)> =
            self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await?;
        Ok(rows.into_iter().map(|(id, roles)| (id, of_joined(&roles))).collect())
    }

    async fn roles_up_from(
        &self,
        column: &str,
        tenant: TenantId,
        member: Uuid,
    ) -> Result<Vec<RoleId>, StorageError> {
        let text = format!(
            "WITH RECURSIVE up(group_id) AS (\
             SELECT m.group_id FROM memberships m WHERE m.tenant_id = $1 AND m.{column} = $2 \
             UNION SELECT m.group_id FROM up JOIN memberships m \
             ON m.tenant_id = $1 AND m.subgroup_id = up.group_id) \
             SELECT g.roles FROM up JOIN groups g ON g.tenant_id = $1 AND g.id = up.group_id WHERE g.roles <> ''"
        );
        let args = vec![Arg::id(tenant.0), Arg::id(member)];
        let rows: Vec<(String,)> =
            self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::AsLookup }).await?;
        let mut roles: Vec<RoleId> = rows.iter().flat_map(|(text,)| of_joined(text)).collect();
        roles.sort_unstable();
        roles.dedup();
        Ok(roles)
    }

    /// How many users and groups were given this role directly. For a role of the tenant's own, or a mightier built-in
    /// one: everybody has the role `user`.
    ///
    /// # Errors
    /// The database's.
    pub async fn role_holders(&self, tenant: TenantId, role: RoleId) -> Result<(i64, i64), StorageError> {
        let key = role.0.simple().to_string();
        let users = Statement::lookup(
            "SELECT count(*) FROM attribute_index \
             WHERE tenant_id = $1 AND resource_kind = 'user' AND path = 'roles' AND value = $2",
            [Arg::id(tenant.0), Arg::text(&*key)],
        );
        let groups = Statement::fixed(
            "SELECT count(*) FROM groups WHERE tenant_id = $1 AND roles LIKE '%' || $2 || '%'",
            [Arg::id(tenant.0), Arg::text(&*key)],
        );
        let users: Option<(i64,)> = self.database.fetch_optional(users).await?;
        let groups: Option<(i64,)> = self.database.fetch_optional(groups).await?;
        Ok((users.map_or(0, |(count,)| count), groups.map_or(0, |(count,)| count)))
    }

    /// How many users that may sign in were given this role directly, besides one.
    ///
    /// # Errors
    /// The database's.
    pub async fn other_active_holders(
        &self,
        tenant: TenantId,
        role: BuiltInRole,
        besides: UserId,
    ) -> Result<i64, StorageError> {
        let key = role.id().0.simple().to_string();
        let statement = Statement::fixed(
            "SELECT count(*) FROM attribute_index i \
             JOIN users u ON u.tenant_id = $1 AND u.id = i.resource_id \
             WHERE i.tenant_id = $1 AND i.resource_kind = 'user' AND i.path = 'roles' AND i.value = $2 \
             AND i.resource_id <> $3 AND u.active AND u.standing = 'normal'",
            [Arg::id(tenant.0), Arg::text(&*key), Arg::id(besides.0)],
        );
        let row: Option<(i64,)> = self.database.fetch_optional(statement).await?;
        Ok(row.map_or(0, |(count,)| count))
    }
}

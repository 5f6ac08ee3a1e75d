//! Reading users.

use uuid::Uuid;

use super::statement::{Arg, Recurs, Statement};
use super::{Storage, StorageError};
use crate::model::account::of_joined;
use crate::model::query::{GroupOfUser, StoredUser};
use crate::model::{ConnectionId, RoleId, TenantId, UserId};

/// `SELECT … FROM users r`, in the order of [`StoredUser`]'s fields. `$1` is the tenant, `$2` the connection whose
/// `externalId` is shown. Whether a user is in groups is no EXISTS, which PostgreSQL would answer for a page of users by
/// reading the tenant's whole membership.
macro_rules! select_users {
    () => {
        concat!(select_users!(@columns), select_users!(@table), select_users!(@external), select_users!(@rest))
    };
    (@columns) => {
        "SELECT r.id, r.version, r.created_at, r.updated_at, r.document, r.name_origins, r.email, x.external_id, \
         m.id, m.display_name, \
         coalesce((SELECT true FROM memberships g WHERE g.tenant_id = $1 AND g.user_id = r.id LIMIT 1), false), \
         r.standing, r.auth_provider, r.email_verified, r.service_account, r.must_reset_password, \
         r.must_enrol_mfa, r.must_reset_mfa, r.entity_id, r.connection_id, r.roles, r.custom, \
         r.connection_roles \
         FROM "
    };
    (@table) => {
        "users r "
    };
    (@external) => {
        "LEFT JOIN external_ids x ON x.tenant_id = $1 AND x.resource_kind = 'user' AND x.resource_id = r.id AND x.connection_id = $2 "
    };
    (@rest) => {
        "LEFT JOIN users m ON m.tenant_id = $1 AND m.id = r.manager_id \
         WHERE r.tenant_id = $1"
    };
}
pub(super) use select_users;

/// One user by id (`$3`).
pub const SELECT_USER: &str = concat!(select_users!(), " AND r.id = $3");

impl Storage {
    /// The user with this id, as `connection` sees it.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_user(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        id: UserId,
    ) -> Result<Option<StoredUser>, StorageError> {
        let args = [Arg::id(tenant.0), Arg::id(connection.0), Arg::id(id.0)];
        self.database.fetch_optional(Statement::lookup(SELECT_USER, args)).await
    }

    /// The groups of these users, direct and indirect, ordered by user and group. A group that a user is in both
    /// ways is direct.
    ///
    /// # Errors
    /// The database's.
    pub async fn groups_of_users(
        &self,
        tenant: TenantId,
        users: Vec<Uuid>,
    ) -> Result<Vec<GroupOfUser>, StorageError> {
        let recurs = recurs(&users);
        let (given, users) = self.database.engine().given("$2", users);
        let text = format!(
            "WITH RECURSIVE up(user_id, group_id, direct, role) AS (\
             SELECT m.user_id, m.group_id, 1, m.role FROM {given} CROSS JOIN memberships m \
             WHERE m.tenant_id = $1 AND m.user_id = given.id \
             UNION SELECT up.user_id, m.group_id, 0, CAST(NULL AS TEXT) FROM up JOIN memberships m \
             ON m.tenant_id = $1 AND m.subgroup_id = up.group_id) \
             SELECT up.user_id, up.group_id, g.display_name, max(up.direct), g.kind, g.roles, max(up.role) \
             FROM up JOIN groups g ON g.tenant_id = $1 AND g.id = up.group_id \
             GROUP BY up.user_id, up.group_id, g.display_name, g.kind, g.roles ORDER BY up.user_id, up.group_id"
        );
        let args = vec![Arg::id(tenant.0), users];
        self.database.fetch_all(Statement { text: text.into(), args, recurs }).await
    }

    /// What connections call these users: user, connection, external id.
    ///
    /// # Errors
    /// The database's.
    pub async fn external_ids_of_users(
        &self,
        tenant: TenantId,
        users: Vec<Uuid>,
    ) -> Result<Vec<(Uuid, Uuid, String)>, StorageError> {
        let recurs = recurs(&users);
        let (given, users) = self.database.engine().given("$2", users);
        let text = format!(
            "SELECT x.resource_id, x.connection_id, x.external_id FROM {given} CROSS JOIN external_ids x \
             WHERE x.tenant_id = $1 AND x.resource_kind = 'user' AND x.resource_id = given.id \
             ORDER BY x.resource_id, x.connection_id"
        );
        let args = vec![Arg::id(tenant.0), users];
        self.database.fetch_all(Statement { text: text.into(), args, recurs }).await
    }

    /// Those of these users who have a password here.
    ///
    /// # Errors
    /// The database's.
    pub async fn users_with_password(
        &self,
        tenant: TenantId,
        users: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, StorageError> {
        self.existing("password_credentials", "user_id", tenant, users).await
    }

    /// Those of `ids` that users of the tenant have, in no order, each with the roles that were given to it beyond the
    /// role `user` alone.
    ///
    /// # Errors
    /// The database's.
    pub async fn existing_users(
        &self,
        tenant: TenantId,
        ids: Vec<Uuid>,
    ) -> Result<Vec<(Uuid, Vec<RoleId>)>, StorageError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let recurs = recurs(&ids);
        let (given, ids) = self.database.engine().given("$2", ids);
        let text = format!(
            "SELECT given.id, (SELECT coalesce(t.roles, '') FROM users t \
             WHERE t.tenant_id = $1 AND t.id = given.id LIMIT 1) FROM {given}"
        );
        let args = vec![Arg::id(tenant.0), ids];
        let rows: Vec<(Uuid, Option<String>)> =
            self.database.fetch_all(Statement { text: text.into(), args, recurs }).await?;
        Ok(rows.into_iter().filter_map(|(id, roles)| Some((id, of_joined(&roles?)))).collect())
    }

    /// Those of `ids` that stand in `column` of `table`.
    pub(super) async fn existing(
        &self,
        table: &str,
        column: &str,
        tenant: TenantId,
        ids: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, StorageError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let recurs = recurs(&ids);
        let (given, ids) = self.database.engine().given("$2", ids);
        // Its LIMIT keeps PostgreSQL to one look-up for each id: told by old statistics that a tenant or group is small,
        // it would rather read all of it.
        let text = format!(
            "SELECT given.id FROM {given} WHERE (SELECT true FROM {table} t \
             WHERE t.tenant_id = $1 AND t.{column} = given.id LIMIT 1)"
        );
        let args = vec![Arg::id(tenant.0), ids];
        let rows: Vec<(Uuid,)> =
            self.database.fetch_all(Statement { text: text.into(), args, recurs }).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

/// A few keys are looked up together with others'; many take their own time.
pub(super) fn recurs(ids: &[Uuid]) -> Recurs {
    const FEW: usize = 16;
    if ids.len() <= FEW { Recurs::AsLookup } else { Recurs::Often }
}

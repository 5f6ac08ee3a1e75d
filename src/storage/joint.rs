//! Users and groups as one list (RFC 7644 §3.4.2.1), merged and paged in SQL.

use uuid::Uuid;

use super::groups::select_groups;
use super::predicate::{Compiler, Kind};
use super::statement::{Arg, Recurs, Statement};
use super::users::select_users;
use super::{Storage, StorageError};
use crate::model::query::{JointQuery, Part, StoredGroup, StoredUser};
use crate::model::{ConnectionId, GroupId, TenantId, UserId};

/// A resource of either type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceId {
    User(UserId),
    Group(GroupId),
}

impl Storage {
    /// Which resources are on a page of users and groups in one order.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_jointly(&self, query: &JointQuery) -> Result<Vec<ResourceId>, StorageError> {
        let args = vec![Arg::id(query.tenant_id.0)];
        let (users, args) = self.side(Kind::Users, 0, "", &query.users, args);
        let (groups, mut args) = self.side(Kind::Groups, 1, " AND r.kind = 'group'", &query.groups, args);
        args.push(Arg::integer(query.limit));
        args.push(Arg::integer(query.offset));
        let (limit, offset) = (args.len() - 1, args.len());
        let order = if query.descending { "DESC NULLS FIRST" } else { "ASC NULLS LAST" };
        let text = format!(
            "SELECT j.side, j.id FROM ({users} UNION ALL {groups}) AS j \
             ORDER BY j.sort_key {order}, j.side, j.id LIMIT ${limit} OFFSET ${offset}"
        );
        let rows: Vec<(i32, Uuid)> =
            self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Seldom }).await?;
        let resource = |(side, id)| match side {
            0 => ResourceId::User(UserId(id)),
            _ => ResourceId::Group(GroupId(id)),
        };
        Ok(rows.into_iter().map(resource).collect())
    }

    /// One type's rows of a joint list, and all arguments up to there.
    fn side(
        &self,
        kind: Kind,
        number: i32,
        more: &str,
        part: &Part,
        args: Vec<Arg<'static>>,
    ) -> (String, Vec<Arg<'static>>) {
        let mut compiler = Compiler::new(self.database.engine(), kind, args);
        // Of a UNION's columns an untyped NULL takes the type that the other side has.
        let key = part.sort.as_ref().map_or_else(|| "NULL".to_owned(), |key| compiler.sort_key(key));
        let mut text = format!(
            "SELECT {number} AS side, r.id AS id, {key} AS sort_key FROM {} r WHERE r.tenant_id = $1{more}",
            kind.table()
        );
        if let Some(predicate) = &part.predicate {
            text.push_str(" AND ");
            text.push_str(&compiler.predicate(predicate));
        }
        (text, compiler.args)
    }

    /// Those of these users that there are, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_users(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        ids: Vec<Uuid>,
    ) -> Result<Vec<StoredUser>, StorageError> {
        let (given, ids) = self.database.engine().given("$3", ids);
        let text = format!("{} AND r.id IN (SELECT given.id FROM {given})", select_users!());
        let args = vec![Arg::id(tenant.0), Arg::id(connection.0), ids];
        self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await
    }

    /// Those of these groups that there are, without their members, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_groups(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        ids: Vec<Uuid>,
    ) -> Result<Vec<StoredGroup>, StorageError> {
        let (given, ids) = self.database.engine().given("$3", ids);
        let text = format!("{} AND r.id IN (SELECT given.id FROM {given})", select_groups!());
        let args = vec![Arg::id(tenant.0), Arg::id(connection.0), ids];
        self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await
    }
}

//! Reading groups of every kind with their members' roles: what the admin API shows, and SCIM does not.

use std::fmt::Write as _;

use uuid::Uuid;

use super::groups::select_groups;
use super::order::keyset;
use super::predicate::Kind;
use super::statement::{Arg, Recurs, Statement};
use super::users::recurs;
use super::{Storage, StorageError};
use crate::model::query::{GroupQuery, OrderKey, StoredGroup};
use crate::model::{ConnectionId, GroupId, MemberDetails, MemberRole, TenantId, UserId};

/// The order in which an organization is handed over: owner, admin, manager, evaluator.
const BY_MIGHT: &str = "CASE role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 WHEN 'manager' THEN 2 ELSE 3 END";

/// `SELECT … FROM memberships m`, in the order of [`MemberDetails`]'s fields.
macro_rules! members {
    ($rest:literal) => {
        concat!(
            "SELECT m.member_id, m.user_id IS NOT NULL, \
             coalesce(u.display_name, u.user_name, g.display_name, ''), m.role FROM memberships m \
             LEFT JOIN users u ON u.tenant_id = $1 AND u.id = m.user_id \
             LEFT JOIN groups g ON g.tenant_id = $1 AND g.id = m.subgroup_id \
             WHERE m.tenant_id = $1 AND m.group_id = $2 ",
            $rest
        )
    };
}

impl Storage {
    /// The group with this id, of whichever kind, without its members.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_group_of_any_kind(
        &self,
        tenant: TenantId,
        id: GroupId,
    ) -> Result<Option<StoredGroup>, StorageError> {
        let args = [Arg::id(tenant.0), Arg::id(ConnectionId::NONE.0), Arg::id(id.0)];
        let text = concat!(select_groups!(@every_kind), " AND r.id = $3");
        self.database.fetch_optional(Statement::lookup(text, args)).await
    }

    /// A page of groups, without their members.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_groups_of_any_kind(
        &self,
        query: &GroupQuery,
    ) -> Result<Vec<StoredGroup>, StorageError> {
        let mut args = vec![Arg::id(query.tenant_id.0), Arg::id(ConnectionId::NONE.0)];
        let (beyond, order) = keyset(Kind::Groups, &query.order, "r.id", &mut args);
        let mut text = format!("{}{beyond}", select_groups!(@every_kind));
        if let Some(kind) = query.kind {
            args.push(Arg::text(kind.as_str()));
            let _ = write!(text, " AND r.kind = ${}", args.len());
        }
        if let Some(part) = query.name_part.as_deref().filter(|part| !part.is_empty()) {
            args.push(Arg::text(part));
            let placeholder = format!("${}", args.len());
            let contains = self.database.engine().contains("r.display_name_key", &placeholder);
            let _ = write!(text, " AND {contains}");
        }
        if let Some(parent) = query.parent {
            args.push(Arg::id(parent.0));
            let _ = write!(
                text,
                " AND r.id IN (SELECT m.subgroup_id FROM memberships m \
                 WHERE m.tenant_id = $1 AND m.group_id = ${} AND m.subgroup_id IS NOT NULL)",
                args.len()
            );
        }
        let _ = write!(text, " ORDER BY {order} LIMIT {}", query.limit);
        let recurs = if query.order.by == OrderKey::Id { Recurs::Often } else { Recurs::Seldom };
        self.database.fetch_all(Statement { text: text.into(), args, recurs }).await
    }

    /// How many direct members each of these groups has; those without any are left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn member_counts(
        &self,
        tenant: TenantId,
        groups: Vec<Uuid>,
    ) -> Result<Vec<(Uuid, i64)>, StorageError> {
        let (given, ids) = self.database.engine().given("$2", groups);
        let text = format!(
            "SELECT m.group_id, count(*) FROM {given} CROSS JOIN memberships m \
             WHERE m.tenant_id = $1 AND m.group_id = given.id GROUP BY m.group_id"
        );
        let args = vec![Arg::id(tenant.0), ids];
        self.database.fetch_all(Statement { text: text.into(), args, recurs: Recurs::Often }).await
    }

    /// The resource groups that these resource groups lie in: child, parent.
    ///
    /// # Errors
    /// The database's.
    pub async fn parents(
        &self,
        tenant: TenantId,
        groups: Vec<Uuid>,
    ) -> Result<Vec<(Uuid, Uuid)>, StorageError> {
        let recurs = recurs(&groups);
        let (given, ids) = self.database.engine().given("$2", groups);
        let text = format!(
            "SELECT m.subgroup_id, m.group_id FROM {given} CROSS JOIN memberships m \
             JOIN groups g ON g.tenant_id = $1 AND g.id = m.group_id AND g.kind = 'resource_group' \
             JOIN groups c ON c.tenant_id = $1 AND c.id = m.subgroup_id AND c.kind = 'resource_group' \
             WHERE m.tenant_id = $1 AND m.subgroup_id = given.id"
        );
        let args = vec![Arg::id(tenant.0), ids];
        self.database.fetch_all(Statement { text: text.into(), args, recurs }).await
    }

    /// Whether `group` lies in `ancestor`, at whatever depth.
    ///
    /// # Errors
    /// The database's.
    pub async fn lies_in(
        &self,
        tenant: TenantId,
        group: GroupId,
        ancestor: GroupId,
    ) -> Result<bool, StorageError> {
        let statement = Statement::fixed(
            "WITH RECURSIVE up(group_id) AS (\
             SELECT m.group_id FROM memberships m WHERE m.tenant_id = $1 AND m.subgroup_id = $2 \
             UNION SELECT m.group_id FROM up JOIN memberships m ON m.tenant_id = $1 AND m.subgroup_id = up.group_id) \
             SELECT group_id FROM up WHERE group_id = $3",
            [Arg::id(tenant.0), Arg::id(group.0), Arg::id(ancestor.0)],
        );
        let found: Option<(Uuid,)> = self.database.fetch_optional(statement).await?;
        Ok(found.is_some())
    }

    /// Whether a resource group has others in it.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_children(&self, tenant: TenantId, group: GroupId) -> Result<bool, StorageError> {
        let statement = Statement::lookup(
            "SELECT c.id FROM memberships m JOIN groups c ON c.tenant_id = $1 AND c.id = m.subgroup_id \
             WHERE m.tenant_id = $1 AND m.group_id = $2 AND c.kind = 'resource_group' LIMIT 1",
            [Arg::id(tenant.0), Arg::id(group.0)],
        );
        let found: Option<(Uuid,)> = self.database.fetch_optional(statement).await?;
        Ok(found.is_some())
    }

    /// A page of a group's members in the order of their ids.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_members(
        &self,
        tenant: TenantId,
        group: GroupId,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<MemberDetails>, StorageError> {
        let after = after.unwrap_or_else(Uuid::nil);
        let args = [Arg::id(tenant.0), Arg::id(group.0), Arg::id(after), Arg::integer(limit)];
        let text = members!("AND m.member_id > $3 ORDER BY m.member_id LIMIT $4");
        self.database.fetch_all(Statement::fixed(text, args)).await
    }

    /// Those of these ids that are members of the group.
    ///
    /// # Errors
    /// The database's.
    pub async fn members_among(
        &self,
        tenant: TenantId,
        group: GroupId,
        ids: Vec<Uuid>,
    ) -> Result<Vec<MemberDetails>, StorageError> {
        let recurs = recurs(&ids);
        let (given, ids) = self.database.engine().given("$3", ids);
        let text = format!("{}(SELECT given.id FROM {given})", members!("AND m.member_id IN "));
        let args = vec![Arg::id(tenant.0), Arg::id(group.0), ids];
        self.database.fetch_all(Statement { text: text.into(), args, recurs }).await
    }

    /// The members of an organization that have this role.
    ///
    /// # Errors
    /// The database's.
    pub async fn members_with_role(
        &self,
        tenant: TenantId,
        group: GroupId,
        role: MemberRole,
    ) -> Result<Vec<Uuid>, StorageError> {
        let statement = Statement::fixed(
            "SELECT member_id FROM memberships WHERE tenant_id = $1 AND group_id = $2 AND role = $3",
            [Arg::id(tenant.0), Arg::id(group.0), Arg::text(role.as_str())],
        );
        let rows: Vec<(Uuid,)> = self.database.fetch_all(statement).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The organizations that a user is in, each with the user's role there.
    ///
    /// # Errors
    /// The database's.
    pub async fn organization_roles(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<(GroupId, MemberRole)>, StorageError> {
        let statement = Statement::lookup(
            "SELECT group_id, role FROM memberships WHERE tenant_id = $1 AND user_id = $2 AND role IS NOT NULL \
             ORDER BY group_id",
            [Arg::id(tenant.0), Arg::id(user.0)],
        );
        let rows: Vec<(Uuid, String)> = self.database.fetch_all(statement).await?;
        let read = |(id, role): (Uuid, String)| Some((GroupId(id), MemberRole::of_word(&role)?));
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// The member of an organization who is mightiest after this user; of equals the one that was made first.
    ///
    /// # Errors
    /// The database's.
    pub async fn heir(
        &self,
        tenant: TenantId,
        organization: GroupId,
        besides: UserId,
    ) -> Result<Option<(UserId, MemberRole)>, StorageError> {
        let text = format!(
            "SELECT user_id, coalesce(role, 'evaluator') FROM memberships WHERE tenant_id = $1 AND group_id = $2 \
             AND user_id IS NOT NULL AND member_id <> $3 ORDER BY {BY_MIGHT}, member_id LIMIT 1"
        );
        let args = vec![Arg::id(tenant.0), Arg::id(organization.0), Arg::id(besides.0)];
        let row: Option<(Uuid, String)> = self
            .database
            .fetch_optional(Statement { text: text.into(), args, recurs: Recurs::Often })
            .await?;
        let role = |word: &str| MemberRole::of_word(word).unwrap_or(MemberRole::Evaluator);
        Ok(row.map(|(id, word)| (UserId(id), role(&word))))
    }
}

//! Change sets, sorted into rows by table: what either database is then told in its own way.

use uuid::Uuid;

use super::super::predicate::Kind;
use super::super::statement::{Arg, Statement};
use crate::model::TenantId;
use crate::model::account::{connection_roles_text, joined, roles_text};
use crate::model::audit::AuditEvent;
use crate::model::change::{
    ChangeSet, CredentialChange, ExternalIdChange, GroupChange, GroupUpdate, IndexRow, SettingsChange,
    UserChange, UserRow,
};
use crate::model::clock::Timestamp;
use crate::model::deleted_user::KeptUser;
use crate::model::group::{GroupKind, Member, MemberRole};
use crate::model::ids::{GroupId, UserId};
use crate::model::outbox::OutboxRow;
use crate::model::record::RecordChange;

/// One row: its tenant, and the values of its table's columns.
pub struct Row<'a> {
    pub tenant: TenantId,
    pub values: Vec<Arg<'a>>,
}

impl Row<'_> {
    /// The id that the row begins with.
    pub fn id(&self) -> Option<Uuid> {
        match self.values.first() {
            Some(Arg::Uuid(id)) => *id,
            _ => None,
        }
    }
}

/// Roles that members of an organization get.
pub struct RolesSet<'a> {
    pub tenant: TenantId,
    pub group: GroupId,
    pub expected: i64,
    pub members: &'a [(UserId, MemberRole)],
    pub at: Timestamp,
}

/// Everything that some change sets write.
#[derive(Default)]
pub struct Plan<'a> {
    pub settings: Vec<(TenantId, &'a SettingsChange)>,
    pub roles_set: Vec<RolesSet<'a>>,
    pub users_inserted: Vec<Row<'a>>,
    pub users_updated: Vec<Row<'a>>,
    pub users_deleted: Vec<Row<'a>>,
    /// Those of the deleted users that are kept for a while.
    pub users_kept: Vec<Row<'a>>,
    pub groups_inserted: Vec<Row<'a>>,
    pub groups_updated: Vec<Row<'a>>,
    pub groups_deleted: Vec<Row<'a>>,
    /// Users and groups that go, with the time, so that the groups that they were in get a new version.
    pub departures: Vec<Row<'a>>,
    pub members_removed: Vec<Row<'a>>,
    pub members_added: Vec<Row<'a>>,
    pub index_removed: Vec<Row<'a>>,
    pub index_added: Vec<Row<'a>>,
    /// Before those that are added: what one user gives up another may take.
    pub unique_removed: Vec<Row<'a>>,
    pub unique_added: Vec<Row<'a>>,
    pub external_ids_removed: Vec<Row<'a>>,
    pub external_ids_dropped: Vec<Row<'a>>,
    pub external_ids_set: Vec<Row<'a>>,
    /// After the rows: they may be of users that are among them.
    pub credentials: Vec<(TenantId, &'a CredentialChange)>,
    /// The same; they come last.
    pub records: Vec<(TenantId, &'a RecordChange)>,
    pub audit: Vec<Row<'a>>,
    pub outbox: Vec<Row<'a>>,
    /// The net change of each tenant's counts.
    pub counts: Vec<(TenantId, Kind, i64)>,
}

impl<'a> Plan<'a> {
    /// Sorts change sets, in their order.
    pub fn new(sets: impl IntoIterator<Item = &'a ChangeSet>) -> Self {
        let mut plan = Self::default();
        for set in sets {
            let tenant = set.tenant_id;
            plan.settings.extend(set.settings.iter().map(|change| (tenant, change)));
            for change in &set.users {
                plan.user(tenant, change);
            }
            for change in &set.groups {
                plan.group(tenant, change);
            }
            plan.credentials.extend(set.credentials.iter().map(|change| (tenant, change)));
            plan.records.extend(set.records.iter().map(|change| (tenant, change)));
            plan.audit.extend(set.audit.iter().map(|event| audit_row(tenant, event)));
            plan.outbox.extend(set.outbox.iter().map(|row| outbox_row(tenant, row)));
        }
        plan
    }

    /// Whether something is written whose outcome decides about the rest: a guard, or a setting.
    pub fn has_outcomes(&self) -> bool {
        let guarded = [&self.users_updated, &self.users_deleted, &self.groups_updated, &self.groups_deleted];
        !self.settings.is_empty() || !self.roles_set.is_empty() || guarded.iter().any(|rows| !rows.is_empty())
    }

    fn user(&mut self, tenant: TenantId, change: &'a UserChange) {
        match change {
            UserChange::Insert { row, index, external_id } => {
                self.users_inserted.push(user_row(tenant, row));
                self.index(tenant, row.id.0, &[], index);
                self.external_id(tenant, Kind::Users, row.id.0, external_id.as_ref());
                self.count(tenant, Kind::Users, 1);
            }
            UserChange::Update { row, index, external_id } => {
                self.users_updated.push(user_row(tenant, row));
                self.index(tenant, row.id.0, &index.remove, &index.add);
                self.external_id(tenant, Kind::Users, row.id.0, external_id.as_ref());
            }
            UserChange::Delete { id, expected, index, at, kept } => {
                self.users_kept.extend(kept.iter().map(|kept| kept_row(tenant, id.0, *expected, *at, kept)));
                self.users_deleted.push(guarded(tenant, id.0, *expected));
                self.index(tenant, id.0, index, &[]);
                self.departure(tenant, Kind::Users, id.0, *at);
                self.count(tenant, Kind::Users, -1);
            }
        }
    }

    fn index(&mut self, tenant: TenantId, user: Uuid, removed: &'a [IndexRow], added: &'a [IndexRow]) {
        for entry in removed {
            let rows = if entry.unique { &mut self.unique_removed } else { &mut self.index_removed };
            rows.push(index_row(tenant, user, entry));
        }
        for entry in added {
            let rows = if entry.unique { &mut self.unique_added } else { &mut self.index_added };
            rows.push(index_row(tenant, user, entry));
        }
    }

    fn group(&mut self, tenant: TenantId, change: &'a GroupChange) {
        match change {
            GroupChange::Insert { row, members, external_id } => {
                let values = vec![
                    Arg::id(row.id.0),
                    Arg::text(row.kind.as_str()),
                    Arg::text(&*row.display_name),
                    Arg::text(&*row.display_name_key),
                    Arg::text(joined(&row.roles)),
                    Arg::integer(1),
                    Arg::integer(row.created_at.0),
                    Arg::integer(row.created_at.0),
                    Arg::text(&*row.document),
                    Arg::text(&*row.search),
                ];
                self.groups_inserted.push(Row { tenant, values });
                self.members_added
                    .extend(members.iter().map(|member| member_row(tenant, row.id.0, *member, None)));
                self.external_id(tenant, Kind::Groups, row.id.0, external_id.as_ref());
                self.count_group(tenant, row.kind, 1);
            }
            GroupChange::Update(update) => self.group_update(tenant, update),
            GroupChange::Enrol { id, members } => {
                self.members_added.extend(
                    members
                        .iter()
                        .map(|(user, role)| member_row(tenant, id.0, Member::User(*user), Some(*role))),
                );
            }
            GroupChange::SetRoles { id, expected, members, at } => {
                let change = RolesSet { tenant, group: *id, expected: *expected, members, at: *at };
                self.roles_set.push(change);
            }
            GroupChange::Delete { id, kind, expected, at } => {
                self.groups_deleted.push(guarded(tenant, id.0, *expected));
                self.departure(tenant, Kind::Groups, id.0, *at);
                self.count_group(tenant, *kind, -1);
            }
        }
    }

    fn group_update(&mut self, tenant: TenantId, update: &'a GroupUpdate) {
        let row = update.row.as_ref();
        let values = vec![
            Arg::id(update.id.0),
            Arg::Integer(update.expected),
            Arg::integer(update.at.0),
            Arg::optional(row.map(|row| &*row.display_name)),
            Arg::optional(row.map(|row| &*row.display_name_key)),
            Arg::Text(row.map(|row| joined(&row.roles).into())),
            Arg::optional(row.map(|row| &*row.document)),
            Arg::optional(row.map(|row| &*row.search)),
        ];
        self.groups_updated.push(Row { tenant, values });
        self.members_removed.extend(
            update
                .remove
                .iter()
                .map(|member| Row { tenant, values: vec![Arg::id(update.id.0), Arg::id(*member)] }),
        );
        self.members_added
            .extend(update.add.iter().map(|member| member_row(tenant, update.id.0, *member, None)));
        self.external_id(tenant, Kind::Groups, update.id.0, update.external_id.as_ref());
    }

    fn departure(&mut self, tenant: TenantId, kind: Kind, id: Uuid, at: Timestamp) {
        self.departures.push(Row { tenant, values: vec![Arg::id(id), Arg::integer(at.0)] });
        self.external_ids_dropped.push(Row { tenant, values: vec![Arg::text(kind.word()), Arg::id(id)] });
    }

    fn external_id(
        &mut self,
        tenant: TenantId,
        kind: Kind,
        resource: Uuid,
        change: Option<&'a ExternalIdChange>,
    ) {
        let Some(change) = change else { return };
        let mut values = vec![Arg::text(kind.word()), Arg::id(resource), Arg::id(change.connection_id.0)];
        match &change.value {
            Some(value) => {
                values.push(Arg::text(&**value));
                self.external_ids_set.push(Row { tenant, values });
            }
            None => self.external_ids_removed.push(Row { tenant, values }),
        }
    }

    /// SCIM lists groups of the kind `group` alone, so those are counted.
    fn count_group(&mut self, tenant: TenantId, kind: GroupKind, change: i64) {
        if kind == GroupKind::Group {
            self.count(tenant, Kind::Groups, change);
        }
    }

    fn count(&mut self, tenant: TenantId, kind: Kind, change: i64) {
        match self.counts.iter_mut().find(|(of, which, _)| *of == tenant && *which == kind) {
            Some((_, _, net)) => *net += change,
            None => self.counts.push((tenant, kind, change)),
        }
    }
}

impl RolesSet<'_> {
    /// The statements that write it; each must meet its row, or nothing is written.
    pub fn statements(&self) -> impl Iterator<Item = Statement<'static>> {
        let (tenant, group) = (self.tenant.0, self.group.0);
        let touch = Statement::fixed(
            "UPDATE groups SET version = version + 1, updated_at = $4 WHERE tenant_id = $1 AND id = $2 AND version = $3",
            [Arg::id(tenant), Arg::id(group), Arg::integer(self.expected), Arg::integer(self.at.0)],
        );
        let set = move |(user, role): &(UserId, MemberRole)| {
            Statement::fixed(
                "UPDATE memberships SET role = $4 WHERE tenant_id = $1 AND group_id = $2 AND member_id = $3",
                [Arg::id(tenant), Arg::id(group), Arg::id(user.0), Arg::text(role.as_str())],
            )
        };
        std::iter::once(touch).chain(self.members.iter().map(set))
    }
}

fn guarded<'a>(tenant: TenantId, id: Uuid, version: i64) -> Row<'a> {
    Row { tenant, values: vec![Arg::id(id), Arg::integer(version)] }
}

fn kept_row(tenant: TenantId, id: Uuid, version: i64, at: Timestamp, kept: &KeptUser) -> Row<'_> {
    let (by_kind, by_id, by_name) = kept.by.parts();
    let values = vec![
        Arg::id(id),
        Arg::integer(version),
        Arg::text(&*kept.user_name),
        Arg::text(&*kept.user_name_key),
        Arg::optional(kept.email.as_deref()),
        Arg::optional(kept.email_key.as_deref()),
        Arg::text(&*kept.document),
        Arg::integer(at.0),
        Arg::integer(kept.purge_at.0),
        Arg::text(by_kind),
        Arg::Uuid(by_id),
        Arg::optional(by_name),
    ];
    Row { tenant, values }
}

fn user_row(tenant: TenantId, row: &UserRow) -> Row<'_> {
    let values = vec![
        Arg::id(row.id.0),
        Arg::text(&*row.user_name),
        Arg::text(&*row.user_name_key),
        Arg::optional(row.email.as_deref()),
        Arg::optional(row.email_key.as_deref()),
        Arg::optional(row.given_name.as_deref()),
        Arg::optional(row.middle_name.as_deref()),
        Arg::optional(row.family_name.as_deref()),
        Arg::text(&*row.name_origins),
        Arg::optional(row.display_name.as_deref()),
        Arg::optional(row.phone.as_deref()),
        Arg::Boolean(row.active),
        Arg::Uuid(row.manager_id.map(|id| id.0)),
        Arg::text(row.account.standing.as_str()),
        Arg::text(row.account.auth_provider.as_str()),
        Arg::Boolean(row.account.email_verified),
        Arg::Boolean(row.account.service_account),
        Arg::Boolean(row.account.must_reset_password),
        Arg::Boolean(row.account.must_enrol_mfa),
        Arg::Boolean(row.account.must_reset_mfa),
        Arg::Uuid(row.account.entity_id),
        Arg::Uuid(row.account.connection_id.map(|id| id.0)),
        Arg::Text(roles_text(&row.account.roles).map(Into::into)),
        Arg::Text(connection_roles_text(&row.account.connection_roles).map(Into::into)),
        Arg::optional(row.custom.as_deref()),
        Arg::integer(row.version),
        Arg::integer(row.created_at.0),
        Arg::integer(row.updated_at.0),
        Arg::text(&*row.document),
        Arg::text(&*row.search),
    ];
    Row { tenant, values }
}

fn index_row(tenant: TenantId, resource: Uuid, entry: &IndexRow) -> Row<'_> {
    let values = vec![
        Arg::text(Kind::Users.word()),
        Arg::text(&*entry.path),
        Arg::text(&*entry.value),
        Arg::id(resource),
    ];
    Row { tenant, values }
}

fn member_row<'a>(tenant: TenantId, group: Uuid, member: Member, role: Option<MemberRole>) -> Row<'a> {
    let (user, subgroup) = match member {
        Member::User(id) => (Some(id.0), None),
        Member::Group(id) => (None, Some(id.0)),
    };
    let values = vec![
        Arg::id(group),
        Arg::id(member.id()),
        Arg::Uuid(user),
        Arg::Uuid(subgroup),
        Arg::optional(role.map(MemberRole::as_str)),
    ];
    Row { tenant, values }
}

fn audit_row(tenant: TenantId, event: &AuditEvent) -> Row<'_> {
    let origin = &event.origin;
    let (actor_kind, actor_id, actor_name) = origin.actor.parts();
    let values = vec![
        Arg::id(event.id.0),
        Arg::integer(event.at.0),
        Arg::text(event.kind.as_str()),
        Arg::text(actor_kind),
        Arg::Uuid(actor_id),
        Arg::optional(actor_name),
        Arg::text(event.target.kind()),
        Arg::id(event.target.id()),
        Arg::optional(origin.request_id.as_deref()),
        Arg::Text(origin.ip.map(|ip| ip.to_string().into())),
        Arg::optional(origin.user_agent.as_deref()),
        Arg::text(event.details.to_string()),
    ];
    Row { tenant, values }
}

fn outbox_row(tenant: TenantId, row: &OutboxRow) -> Row<'_> {
    let values = vec![
        Arg::id(row.id.0),
        Arg::text(row.lane.kind()),
        Arg::id(row.lane.key()),
        Arg::text(&*row.subject),
        Arg::id(row.target_id),
        Arg::text(&*row.payload),
        Arg::integer(row.created_at.0),
        Arg::integer(row.created_at.0),
        Arg::integer(row.expires_at.0),
    ];
    Row { tenant, values }
}

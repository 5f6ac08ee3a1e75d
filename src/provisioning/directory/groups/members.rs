//! `/v1/groups/{id}/members`: who is in a group, who comes, who goes, and who is what in an organization.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::error::{DirectoryError, Kind, Problem};
use super::super::{Directory, Page};
use super::MemberDraft;
use super::access::Say;
use crate::access::Changes;
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, GroupChange, GroupUpdate};
use crate::model::query::StoredGroup;
use crate::model::{GroupId, GroupKind, Member, MemberDetails, MemberRole, Permission, UserId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;
use crate::storage::Resource;

/// What a request did to a group's members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MembersChanged {
    pub added: usize,
    pub removed: usize,
    /// Members of an organization that have another role now.
    pub changed: usize,
}

/// Members that were found, and, for an organization, what each is to be in it.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub members: Vec<Member>,
    pub roles: Vec<(UserId, MemberRole)>,
}

/// What is asked of a group's members.
enum Asked<'a> {
    Come(&'a [MemberDraft]),
    Go(&'a [Uuid]),
    Become(Uuid, MemberRole),
}

/// What is decided.
#[derive(Default)]
pub(super) struct Decided {
    pub add: Vec<Member>,
    /// What those who come to an organization are in it.
    pub enrol: Vec<(UserId, MemberRole)>,
    pub remove: Vec<Uuid>,
    /// Members with the role that they had and the one that they get.
    pub turned: Vec<(UserId, MemberRole, MemberRole)>,
}

impl Directory {
    /// A page of a group's members in the order of their ids.
    ///
    /// # Errors
    /// No such group (404), a missing permission (403).
    pub async fn list_members(
        &self,
        request: &Request,
        id: GroupId,
        page: Page<Uuid>,
    ) -> Result<(Vec<MemberDetails>, Option<Uuid>), DirectoryError> {
        let stored = self.group_for(request, id, Permission::GroupsRead).await?;
        self.say(request, &stored, Permission::GroupsRead, Changes::default()).await?;
        let (storage, tenant) = (&self.provisioning.storage, request.caller.tenant_id);
        let mut members =
            storage.list_members(tenant, GroupId(stored.id), page.after, page.limit + 1).await?;
        let next = page.cut(&mut members, |member| member.member.id());
        Ok((members, next))
    }

    /// Puts users and groups into a group. Those who are in it already stay; in an organization they get the role that
    /// is named.
    ///
    /// # Errors
    /// Members that are not there or cannot be in such a group (422, listing them); a group that gives more than the
    /// caller holds (403); the last owner of an organization (409).
    pub async fn add_members(
        &self,
        request: &Request,
        id: GroupId,
        members: &[MemberDraft],
        preconditions: &Preconditions,
    ) -> Result<MembersChanged, DirectoryError> {
        self.change_members(request, id, &Asked::Come(members), preconditions).await
    }

    /// Takes members out of a group. Who is not in it is passed over.
    ///
    /// # Errors
    /// As for adding.
    pub async fn remove_members(
        &self,
        request: &Request,
        id: GroupId,
        members: &[Uuid],
        preconditions: &Preconditions,
    ) -> Result<MembersChanged, DirectoryError> {
        self.change_members(request, id, &Asked::Go(members), preconditions).await
    }

    /// Gives a member of an organization another role, and the member as it is then.
    ///
    /// # Errors
    /// No such member (404); as for adding.
    pub async fn turn_member(
        &self,
        request: &Request,
        id: GroupId,
        (member, role): (Uuid, MemberRole),
        preconditions: &Preconditions,
    ) -> Result<MemberDetails, DirectoryError> {
        self.change_members(request, id, &Asked::Become(member, role), preconditions).await?;
        let storage = &self.provisioning.storage;
        let found = storage.members_among(request.caller.tenant_id, id, vec![member]).await?;
        found.into_iter().next().ok_or_else(|| DirectoryError::missing("Member", member))
    }

    async fn change_members(
        &self,
        request: &Request,
        id: GroupId,
        asked: &Asked<'_>,
        preconditions: &Preconditions,
    ) -> Result<MembersChanged, DirectoryError> {
        let view = Self::tenant(request)?;
        let stored = self.group_for(request, id, Permission::GroupsWrite).await?;
        let resource = Some(Resource::Group(id));
        // Who comes to a plain group or leaves it does not depend on who else is in it.
        let (_alone, _together);
        if stored.kind == GroupKind::Organization || preconditions.if_match.is_some() {
            _alone = self.provisioning.storage.turn(resource).await;
        } else {
            _together = self.provisioning.storage.shared_turn(resource).await;
        }
        self.attempt(view.tenant.id, resource, |this| async move {
            this.try_change_members(request, view, id, asked, preconditions).await
        })
        .await
    }

    async fn try_change_members(
        &self,
        request: &Request,
        view: &TenantView,
        id: GroupId,
        asked: &Asked<'_>,
        preconditions: &Preconditions,
    ) -> Result<MembersChanged, DirectoryError> {
        let stored = self.group_for(request, id, Permission::GroupsWrite).await?;
        let say = self.say(request, &stored, Permission::GroupsWrite, Changes::of(["members"])).await?;
        preconditions.check_write(stored.version)?;
        say.at_least(MemberRole::Manager)?;
        let decided = match asked {
            Asked::Come(wanted) => self.coming(view, &stored, say, wanted).await?,
            Asked::Go(ids) => self.going(view, &stored, say, ids).await?,
            Asked::Become(member, role) => self.turning(view, &stored, say, *member, *role).await?,
        };
        let come_and_go = !decided.add.is_empty() || !decided.enrol.is_empty() || !decided.remove.is_empty();
        if !come_and_go && decided.turned.is_empty() {
            return Ok(MembersChanged::default());
        }
        if come_and_go {
            self.check_gives(request, view, stored.id).await?;
        }
        if stored.kind == GroupKind::Organization {
            self.keep_an_owner(view, id, &decided).await?;
        }
        let done = MembersChanged {
            added: decided.add.len() + decided.enrol.len(),
            removed: decided.remove.len(),
            changed: decided.turned.len(),
        };
        let guarded = preconditions.if_match.is_some() || stored.kind == GroupKind::Organization;
        let changes = self.members_change(request, &stored, decided, guarded);
        self.provisioning.storage.commit(changes).await?;
        Ok(done)
    }

    async fn coming(
        &self,
        view: &TenantView,
        group: &StoredGroup,
        say: Say,
        wanted: &[MemberDraft],
    ) -> Result<Decided, DirectoryError> {
        let Wanted { members, roles } = self.resolve_wanted(view, group.kind, wanted).await?;
        let ids: Vec<Uuid> = members.iter().map(|member| member.id()).collect();
        let present = self.present(view, group, ids).await?;
        let mut decided = Decided::default();
        if group.kind != GroupKind::Organization {
            decided.add = members.into_iter().filter(|member| !present.contains_key(&member.id())).collect();
            return Ok(decided);
        }
        let said: HashSet<Uuid> =
            wanted.iter().filter(|member| member.role.is_some()).map(|member| member.id).collect();
        for (user, role) in roles {
            match present.get(&user.0) {
                None => {
                    say.may_turn(None, Some(role))?;
                    decided.enrol.push((user, role));
                }
                Some(had) if *had != role && said.contains(&user.0) => {
                    say.may_turn(Some(*had), Some(role))?;
                    decided.turned.push((user, *had, role));
                }
                Some(_) => {}
            }
        }
        Ok(decided)
    }

    async fn going(
        &self,
        view: &TenantView,
        group: &StoredGroup,
        say: Say,
        ids: &[Uuid],
    ) -> Result<Decided, DirectoryError> {
        let present = self.present(view, group, ids.to_vec()).await?;
        if group.kind == GroupKind::Organization {
            for role in present.values() {
                say.may_turn(Some(*role), None)?;
            }
        }
        let mut remove: Vec<Uuid> = present.into_keys().collect();
        remove.sort_unstable();
        if group.kind == GroupKind::ResourceGroup {
            let kind = GroupKind::ResourceGroup;
            let below =
                self.provisioning.storage.groups_of_kind(view.tenant.id, kind, remove.clone()).await?;
            if !below.is_empty() {
                let message = "Resource groups that lie in this one are moved by their 'parent_id'.";
                return Err(invalid_members(message, &below));
            }
        }
        Ok(Decided { remove, ..Decided::default() })
    }

    async fn turning(
        &self,
        view: &TenantView,
        group: &StoredGroup,
        say: Say,
        member: Uuid,
        role: MemberRole,
    ) -> Result<Decided, DirectoryError> {
        if group.kind != GroupKind::Organization {
            return Err(DirectoryError::impossible(vec![roleless("/role")]));
        }
        let present = self.present(view, group, vec![member]).await?;
        let had = *present.get(&member).ok_or_else(|| DirectoryError::missing("Member", member))?;
        say.may_turn(Some(had), Some(role))?;
        let turned = if had == role { Vec::new() } else { vec![(UserId(member), had, role)] };
        Ok(Decided { turned, ..Decided::default() })
    }

    /// Those of these ids that are in the group, each with its role in it.
    async fn present(
        &self,
        view: &TenantView,
        group: &StoredGroup,
        ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, MemberRole>, DirectoryError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.provisioning.storage.members_among(view.tenant.id, GroupId(group.id), ids).await?;
        let role = |member: MemberDetails| (member.member.id(), member.role.unwrap_or(MemberRole::Evaluator));
        Ok(found.into_iter().map(role).collect())
    }

    /// Finds the users and groups that drafts name; who is named twice is what is said last.
    ///
    /// # Errors
    /// 422, listing those that are not there or cannot be in a group of this kind.
    pub(super) async fn resolve_wanted(
        &self,
        view: &TenantView,
        kind: GroupKind,
        wanted: &[MemberDraft],
    ) -> Result<Wanted, DirectoryError> {
        let is_organization = kind == GroupKind::Organization;
        let problems: Vec<Problem> = wanted
            .iter()
            .enumerate()
            .filter(|(_, member)| member.role.is_some() && !is_organization)
            .map(|(position, _)| roleless(&format!("/members/{position}/role")))
            .collect();
        if !problems.is_empty() {
            return Err(DirectoryError::impossible(problems));
        }
        let roles: BTreeMap<Uuid, Option<MemberRole>> =
            wanted.iter().map(|member| (member.id, member.role)).collect();
        let (storage, tenant) = (&self.provisioning.storage, view.tenant.id);
        let found = storage.existing_users(tenant, roles.keys().copied().collect()).await?;
        let users: HashSet<Uuid> = found.into_iter().map(|(id, _)| id).collect();
        let others: Vec<Uuid> = roles.keys().filter(|id| !users.contains(id)).copied().collect();
        let groups: HashSet<Uuid> = match is_organization {
            true => HashSet::new(),
            false => storage.existing_groups(tenant, others.clone()).await?.into_iter().collect(),
        };
        let missing: Vec<Uuid> = others.into_iter().filter(|id| !groups.contains(id)).collect();
        if !missing.is_empty() {
            let who = if is_organization { "users" } else { "users or groups of the kind 'group'" };
            return Err(invalid_members(&format!("'members' has to name {who} of this tenant."), &missing));
        }
        let member = |id: &Uuid| {
            if users.contains(id) { Member::User(UserId(*id)) } else { Member::Group(GroupId(*id)) }
        };
        let members = roles.keys().map(member).collect();
        let role =
            |(id, role): (Uuid, Option<MemberRole>)| (UserId(id), role.unwrap_or(MemberRole::Evaluator));
        let roles = if is_organization { roles.into_iter().map(role).collect() } else { Vec::new() };
        Ok(Wanted { members, roles })
    }

    /// Refuses what leaves an organization without an owner that has one.
    pub(super) async fn keep_an_owner(
        &self,
        view: &TenantView,
        id: GroupId,
        decided: &Decided,
    ) -> Result<(), DirectoryError> {
        let owner = MemberRole::Owner;
        let owners = self.provisioning.storage.members_with_role(view.tenant.id, id, owner).await?;
        let turned_away =
            |user: &Uuid| decided.turned.iter().any(|(turned, _, to)| turned.0 == *user && *to != owner);
        let stays = owners.iter().any(|user| !decided.remove.contains(user) && !turned_away(user));
        let comes = decided.turned.iter().any(|(_, _, to)| *to == owner)
            || decided.enrol.iter().any(|(_, role)| *role == owner);
        if owners.is_empty() || stays || comes {
            return Ok(());
        }
        let message = "This is the organization's last owner. Make somebody else one first.";
        Err(DirectoryError::refused(Kind::Conflict, "last_organization_owner", message))
    }

    /// The change set that does what was decided, and tells of it.
    pub(super) fn members_change(
        &self,
        request: &Request,
        group: &StoredGroup,
        decided: Decided,
        guarded: bool,
    ) -> ChangeSet {
        let Decided { add, enrol, remove, turned } = decided;
        let (id, at) = (GroupId(group.id), self.now());
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        let mut expected = group.version;
        if !turned.is_empty() {
            let members: Vec<Value> = turned
                .iter()
                .map(|(user, from, to)| json!({ "id": user, "from": from.as_str(), "to": to.as_str() }))
                .collect();
            let details = json!({ "members": members });
            changes.audit.push(self.event(request, AuditType::MemberRoleChanged, Target::Group(id), details));
            let members = turned.into_iter().map(|(user, _, to)| (user, to)).collect();
            changes.groups.push(GroupChange::SetRoles { id, expected, members, at });
            expected += 1;
        }
        if add.is_empty() && enrol.is_empty() && remove.is_empty() {
            return changes;
        }
        let added: Vec<Uuid> =
            add.iter().map(|member| member.id()).chain(enrol.iter().map(|(user, _)| user.0)).collect();
        let mut details = Map::new();
        for (name, ids) in [("added", &added), ("removed", &remove)] {
            if !ids.is_empty() {
                details.insert(name.to_owned(), json!(ids));
            }
        }
        let details = Value::Object(details);
        changes.audit.push(self.event(request, AuditType::GroupUpdated, Target::Group(id), details));
        let expected = guarded.then_some(expected);
        let update = GroupUpdate { id, expected, row: None, add, remove, external_id: None, at };
        changes.groups.push(GroupChange::Update(Box::new(update)));
        if !enrol.is_empty() {
            changes.groups.push(GroupChange::Enrol { id, members: enrol });
        }
        changes
    }
}

fn roleless(pointer: &str) -> Problem {
    Problem::new(pointer, "not_accepted", "is only accepted in an organization")
}

fn invalid_members(message: &str, ids: &[Uuid]) -> DirectoryError {
    DirectoryError::refused(Kind::Impossible, "invalid_members", message).with("invalid_members", json!(ids))
}

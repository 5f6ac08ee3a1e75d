//! The groups that a draft puts a user into, and takes it out of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use uuid::Uuid;

use super::super::error::{DirectoryError, Kind, Problem};
use super::super::groups::Place;
use super::super::{Directory, UserDraft};
use super::faults::Faults;
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, GroupChange, GroupUpdate};
use crate::model::query::GroupOfUser;
use crate::model::{GroupId, GroupKind, Member, MemberRole, Timestamp, UserId};
use crate::provisioning::Request;

/// What a draft changes of the groups that a user is in.
#[derive(Debug, Default)]
pub(super) struct Moves {
    of_kind: Vec<Move>,
    places: Vec<Place>,
}

/// The groups of one kind that a user comes to, and those that it leaves.
#[derive(Debug)]
struct Move {
    kind: GroupKind,
    joined: Vec<Uuid>,
    left: Vec<Uuid>,
}

impl Moves {
    /// Whether a group or a resource group has the user as a member that had not, or the other way round.
    pub fn has_groups(&self) -> bool {
        !self.of_kind.is_empty()
    }

    /// Whether the user is something else in an organization than it was.
    pub fn has_organizations(&self) -> bool {
        !self.places.is_empty()
    }
}

impl Directory {
    /// What the draft changes for a user that is in these groups.
    ///
    /// # Errors
    /// The database's. Groups that are not there, or of another kind, are among the faults.
    pub(super) async fn moves(
        &self,
        view: &TenantView,
        draft: &UserDraft,
        present: &[GroupOfUser],
        faults: &mut Faults,
    ) -> Result<Moves, DirectoryError> {
        let mut moves = Moves::default();
        let direct = |kind: GroupKind| present.iter().filter(move |one| one.direct && one.kind == kind);
        for (kind, ids) in
            [(GroupKind::Group, &draft.groups), (GroupKind::ResourceGroup, &draft.resource_groups)]
        {
            let Some(ids) = ids else { continue };
            let before: BTreeSet<Uuid> = direct(kind).map(|group| group.group_id).collect();
            let after: BTreeSet<Uuid> = ids.iter().copied().collect();
            let joined: Vec<Uuid> = after.difference(&before).copied().collect();
            let left: Vec<Uuid> = before.difference(&after).copied().collect();
            self.check_there(view, kind, ids, &joined, faults).await?;
            if !joined.is_empty() || !left.is_empty() {
                moves.of_kind.push(Move { kind, joined, left });
            }
        }
        if let Some(wanted) = &draft.organizations {
            let before: BTreeMap<Uuid, MemberRole> = direct(GroupKind::Organization)
                .map(|group| (group.group_id, group.role.unwrap_or(MemberRole::Evaluator)))
                .collect();
            // Who is named twice is what is said last.
            let said: BTreeMap<Uuid, Option<MemberRole>> =
                wanted.iter().map(|one| (one.id, one.role)).collect();
            let ids: Vec<Uuid> = wanted.iter().map(|one| one.id).collect();
            let joined: Vec<Uuid> = said.keys().filter(|id| !before.contains_key(id)).copied().collect();
            self.check_there(view, GroupKind::Organization, &ids, &joined, faults).await?;
            let all: BTreeSet<Uuid> = before.keys().chain(said.keys()).copied().collect();
            let places = all.into_iter().map(|id| {
                let from = before.get(&id).copied();
                let to = said.get(&id).map(|role| role.or(from).unwrap_or(MemberRole::Evaluator));
                Place { organization: GroupId(id), from, to }
            });
            moves.places.extend(places.filter(|place| place.from != place.to));
        }
        Ok(moves)
    }

    /// Adds to the changes what moves the user, and what tells of it.
    ///
    /// # Errors
    /// 403 where a group gives permissions that the caller lacks, and as for changing a group's members.
    pub(super) async fn move_user(
        &self,
        request: &Request,
        view: &TenantView,
        user: UserId,
        moves: &Moves,
        changes: &mut ChangeSet,
        at: Timestamp,
    ) -> Result<(), DirectoryError> {
        for Move { kind, joined, left } in &moves.of_kind {
            for group in joined.iter().chain(left) {
                self.check_gives(request, view, *group).await?;
            }
            self.authorize_members(request, *kind, [&**joined, &**left].concat()).await?;
            let add = joined.iter().map(|group| (group, vec![Member::User(user)], Vec::new()));
            let remove = left.iter().map(|group| (group, Vec::new(), vec![user.0]));
            for (group, add, remove) in add.chain(remove) {
                let details = json!({ (if remove.is_empty() { "added" } else { "removed" }): [user] });
                let id = GroupId(*group);
                changes.audit.push(self.event(request, AuditType::GroupUpdated, Target::Group(id), details));
                changes.groups.push(GroupChange::Update(Box::new(GroupUpdate {
                    id,
                    expected: None,
                    row: None,
                    add,
                    remove,
                    external_id: None,
                    at,
                })));
            }
        }
        self.place_in_organizations(request, view, user, &moves.places, changes).await
    }

    /// Finds those of the groups to be joined that this tenant does not have among those of this kind.
    async fn check_there(
        &self,
        view: &TenantView,
        kind: GroupKind,
        said: &[Uuid],
        joined: &[Uuid],
        faults: &mut Faults,
    ) -> Result<(), DirectoryError> {
        if joined.is_empty() {
            return Ok(());
        }
        let known = self.provisioning.storage.groups_of_kind(view.tenant.id, kind, joined.to_vec()).await?;
        let missing: Vec<&Uuid> = joined.iter().filter(|id| !known.contains(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (field, code, below, what) = match kind {
            GroupKind::Group => ("groups", "invalid_groups", "", "groups"),
            GroupKind::ResourceGroup => ("resource_groups", "invalid_resource_groups", "", "groups"),
            GroupKind::Organization => ("organizations", "invalid_organizations", "/id", "organizations"),
        };
        let at_fault = said.iter().enumerate().filter(|(_, id)| missing.contains(id));
        let problem = |(position, _): (usize, &Uuid)| {
            let what = format!("is not the id of one of this tenant's {}", field.replace('_', " "));
            Problem::new(&format!("/{field}/{position}{below}"), "unknown_group", what)
        };
        let problems = at_fault.map(problem).collect();
        let message = format!("'{field}' names {what} that this tenant does not have.");
        let refused = DirectoryError::refused(Kind::Impossible, code, message).with(code, json!(missing));
        faults.add(refused, problems)
    }
}

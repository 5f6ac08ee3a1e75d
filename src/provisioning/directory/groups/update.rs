//! `PATCH /v1/groups/{id}`.

use serde_json::json;

use super::super::Directory;
use super::super::error::{DirectoryError, Problem};
use super::tree::misplaced;
use super::{GroupDraft, GroupView};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::mapping::rows::group_row;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, ExternalIdChange, GroupChange, GroupUpdate, SettingsChange};
use crate::model::{ConnectionId, Group, GroupId, GroupKind, MemberRole, Permission};
use crate::provisioning::Request;
use crate::provisioning::authorize::facts_of_group;
use crate::provisioning::preconditions::Preconditions;
use crate::storage::Resource;

impl Directory {
    /// Changes what the draft says of a group: its name, its roles, what it is called elsewhere, where it lies in the
    /// tree. Its kind stays.
    ///
    /// # Errors
    /// As for creating; no such group (404), another version than `If-Match` names (412), a place below itself (422).
    pub async fn update_group(
        &self,
        request: &Request,
        id: GroupId,
        draft: GroupDraft,
        preconditions: &Preconditions,
    ) -> Result<GroupView, DirectoryError> {
        let view = Self::tenant(request)?;
        let resource = Some(Resource::Group(id));
        let _turn = self.provisioning.storage.turn(resource).await;
        let draft = &draft;
        let roles_changed = self
            .attempt(view.tenant.id, resource, |this| async move {
                this.try_update_group(request, view, id, draft, preconditions).await
            })
            .await?;
        if roles_changed {
            self.authenticator.forget(view.tenant.id).await;
        }
        self.group_view(view, id).await
    }

    /// Gives whether the group's roles changed.
    async fn try_update_group(
        &self,
        request: &Request,
        view: &TenantView,
        id: GroupId,
        draft: &GroupDraft,
        preconditions: &Preconditions,
    ) -> Result<bool, DirectoryError> {
        let moves = draft.parent_id.is_some();
        let guard = if moves { Some(self.guard_tree(view).await?) } else { None };
        let stored = self.group_for(request, id, Permission::GroupsWrite).await?;
        let mut views = self.group_views(view, std::slice::from_ref(&stored)).await?;
        let current = views.pop().ok_or_else(|| DirectoryError::missing("Group", id))?;
        let before = current.group;
        let mut after = before.clone();
        settle(view, draft, &mut after)?;
        let parent = draft.parent_id.map_or(current.parent_id, |said| said.map(GroupId));
        let changed = changed(&before, &after, parent != current.parent_id);
        let told = Changes::of(changed.iter().map(|(_, attribute)| *attribute));
        let say = self.say(request, &stored, Permission::GroupsWrite, told).await?;
        say.at_least(MemberRole::Admin)?;
        preconditions.check_write(stored.version)?;
        let facts = facts_of_group(Some(id), &before);
        self.check_group_roles(request, view, facts, &before.roles, &after.roles).await?;
        let mut changes = ChangeSet::new(view.tenant.id);
        if parent != current.parent_id {
            changes.settings.extend(guard);
            self.move_in_tree(request, view, id, (current.parent_id, parent), &mut changes).await?;
        }
        if after == before && parent == current.parent_id {
            return Ok(false);
        }
        let names: Vec<&str> = changed.iter().map(|(name, _)| *name).collect();
        let (target, details) = (Target::Group(id), json!({ "changed": names }));
        changes.audit.push(self.event(request, AuditType::GroupUpdated, target, details));
        self.note_roles(request, view, &before, &after, &mut changes);
        changes.groups.push(GroupChange::Update(Box::new(GroupUpdate {
            id,
            expected: Some(before.version),
            row: (after != before).then(|| group_row(self.provisioning.schemas.group(), &after)),
            add: Vec::new(),
            remove: Vec::new(),
            external_id: (before.external_id != after.external_id).then(|| ExternalIdChange {
                connection_id: ConnectionId::NONE,
                value: after.external_id.clone(),
            }),
            at: self.now(),
        })));
        self.provisioning.storage.commit(changes).await?;
        Ok(before.roles != after.roles)
    }

    fn note_roles(
        &self,
        request: &Request,
        view: &TenantView,
        before: &Group,
        after: &Group,
        changes: &mut ChangeSet,
    ) {
        for (kind, from, to) in [
            (AuditType::RoleAssigned, &before.roles, &after.roles),
            (AuditType::RoleUnassigned, &after.roles, &before.roles),
        ] {
            let roles: Vec<_> = to.iter().filter(|role| !from.contains(role)).copied().collect();
            if !roles.is_empty() {
                let details = json!({ "roles": super::role_names(view, &roles) });
                changes.audit.push(self.event(request, kind, Target::Group(after.id), details));
            }
        }
        if before.roles != after.roles {
            changes.settings.push(SettingsChange::NextGeneration);
        }
    }
}

/// The fields that change, each with what policies call it: SCIM's name where SCIM has one.
fn changed(before: &Group, after: &Group, moves: bool) -> Vec<(&'static str, &'static str)> {
    let fields = [
        (("name", "displayName"), before.display_name != after.display_name),
        (("external_id", "externalId"), before.external_id != after.external_id),
        (("roles", "roles"), before.roles != after.roles),
        (("parent_id", "parent_id"), moves),
    ];
    fields.into_iter().filter_map(|(names, changes)| changes.then_some(names)).collect()
}

/// Puts a draft on a group.
fn settle(view: &TenantView, draft: &GroupDraft, group: &mut Group) -> Result<(), DirectoryError> {
    let mut problems = Vec::new();
    if let Some(name) = &draft.name {
        name.trim().clone_into(&mut group.display_name);
        if group.display_name.is_empty() {
            problems.push(Problem::new("/name", "required", "is required"));
        }
    }
    if draft.parent_id.flatten().is_some() && group.kind != GroupKind::ResourceGroup {
        problems.push(misplaced());
    }
    if !problems.is_empty() {
        return Err(DirectoryError::impossible(problems));
    }
    if let Some(external_id) = &draft.external_id {
        group.external_id.clone_from(external_id);
    }
    if let Some(names) = &draft.roles {
        group.roles = Directory::group_roles_named(view, names)?;
    }
    Ok(())
}

//! `POST /v1/groups`.

use serde_json::{Map, json};

use super::super::Directory;
use super::super::error::{DirectoryError, Problem};
use super::members::Wanted;
use super::tree::{misplaced, turnover};
use super::{GroupDraft, GroupView, MemberDraft};
use crate::access::Thing;
use crate::auth::TenantView;
use crate::mapping::rows::group_row;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, ExternalIdChange, GroupChange, SettingsChange};
use crate::model::{ConnectionId, Group, GroupId, GroupKind, Member, MemberRole, Permission};
use crate::provisioning::Request;
use crate::provisioning::authorize::facts_of_group;

impl Directory {
    /// Makes a group. A user who makes an organization and names no owner owns it.
    ///
    /// # Errors
    /// Every problem of the draft at once; members, roles or a parent that are not there (422); roles that hold more than
    /// the caller (403).
    pub async fn create_group(
        &self,
        request: &Request,
        draft: GroupDraft,
    ) -> Result<GroupView, DirectoryError> {
        self.admit(request, &[Permission::GroupsWrite]).await?;
        let view = Self::tenant(request)?;
        let now = self.now();
        let group = Group {
            id: GroupId::generate(),
            kind: draft.kind.unwrap_or(GroupKind::Group),
            display_name: draft.name.as_deref().unwrap_or_default().trim().to_owned(),
            external_id: draft.external_id.clone().flatten(),
            roles: Self::group_roles_named(view, draft.roles.as_deref().unwrap_or_default())?,
            profile: Map::new(),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let mut problems = Vec::new();
        if group.display_name.is_empty() {
            problems.push(Problem::new("/name", "required", "is required"));
        }
        if draft.parent_id.flatten().is_some() && group.kind != GroupKind::ResourceGroup {
            problems.push(misplaced());
        }
        if !problems.is_empty() {
            return Err(DirectoryError::impossible(problems));
        }
        let facts = facts_of_group(None, &group);
        self.authorize(request, Permission::GroupsWrite, Thing::Group(facts.clone())).await?;
        self.check_group_roles(request, view, facts, &[], &group.roles).await?;
        let (draft, made) = (&draft, &group);
        self.attempt(view.tenant.id, None, |this| async move {
            this.try_create_group(request, view, made, draft).await
        })
        .await?;
        if !group.roles.is_empty() {
            self.authenticator.forget(view.tenant.id).await;
        }
        self.group_view(view, group.id).await
    }

    async fn try_create_group(
        &self,
        request: &Request,
        view: &TenantView,
        group: &Group,
        draft: &GroupDraft,
    ) -> Result<(), DirectoryError> {
        let mut wanted = draft.members.clone();
        let has_owner = wanted.iter().any(|member| member.role == Some(MemberRole::Owner));
        if group.kind == GroupKind::Organization
            && !has_owner
            && let Some(user) = request.caller.user_id()
        {
            wanted.retain(|member| member.id != user.0);
            wanted.push(MemberDraft { id: user.0, role: Some(MemberRole::Owner) });
        }
        let Wanted { members, roles } = self.resolve_wanted(view, group.kind, &wanted).await?;
        let mut changes = ChangeSet::new(view.tenant.id);
        let ids: Vec<_> = members.iter().map(|member| member.id()).collect();
        let details = json!({
            "displayName": group.display_name,
            "kind": group.kind.as_str(),
            "members": ids,
            "roles": super::role_names(view, &group.roles),
        });
        changes.audit.push(self.event(request, AuditType::GroupCreated, Target::Group(group.id), details));
        let external_id = group.external_id.clone();
        let direct = if group.kind == GroupKind::Organization { Vec::new() } else { members };
        changes.groups.push(GroupChange::Insert {
            row: Box::new(group_row(self.provisioning.schemas.group(), group)),
            members: direct,
            external_id: external_id
                .map(|value| ExternalIdChange { connection_id: ConnectionId::NONE, value: Some(value) }),
        });
        if group.kind == GroupKind::Organization {
            changes.groups.push(GroupChange::Enrol { id: group.id, members: roles });
        }
        if let Some(parent) = draft.parent_id.flatten() {
            self.check_parent(request, view, parent).await?;
            let child = vec![Member::Group(group.id)];
            changes.groups.push(turnover(GroupId(parent), child, Vec::new(), group.created_at));
        }
        if !group.roles.is_empty() {
            changes.settings.push(SettingsChange::NextGeneration);
        }
        Ok(self.provisioning.storage.commit(changes).await?)
    }
}

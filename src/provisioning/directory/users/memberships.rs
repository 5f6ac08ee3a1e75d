//! The groups that a draft puts a user into, and takes it out of.

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;

use super::super::error::{DirectoryError, Kind};
use super::super::{Directory, UserDraft};
use crate::auth::TenantView;
use crate::model::change::{ChangeSet, GroupChange, GroupUpdate};
use crate::model::{GroupId, GroupKind, Member, Timestamp, UserId};
use crate::provisioning::Request;

impl Directory {
    /// Adds to the changes what puts the user into the groups that the draft names, and out of the others of their kind.
    ///
    /// # Errors
    /// 422 for groups that are not there or of another kind, listing them; 403 where a group's roles hold permissions that
    /// the caller lacks.
    pub(super) async fn join(
        &self,
        request: &Request,
        view: &TenantView,
        draft: &UserDraft,
        user: UserId,
        changes: &mut ChangeSet,
        at: Timestamp,
    ) -> Result<(), DirectoryError> {
        let wanted = [
            (GroupKind::Group, "groups", &draft.groups),
            (GroupKind::ResourceGroup, "resource_groups", &draft.resource_groups),
        ];
        if wanted.iter().all(|(_, _, ids)| ids.is_none()) {
            return Ok(());
        }
        let present = self.provisioning.storage.groups_of_users(view.tenant.id, vec![user.0]).await?;
        for (kind, field, ids) in wanted {
            let Some(ids) = ids else { continue };
            let before: BTreeSet<Uuid> = present
                .iter()
                .filter(|group| group.direct && group.kind == kind)
                .map(|group| group.group_id)
                .collect();
            let after: BTreeSet<Uuid> = ids.iter().copied().collect();
            let joined: Vec<Uuid> = after.difference(&before).copied().collect();
            let left: Vec<Uuid> = before.difference(&after).copied().collect();
            if joined.is_empty() && left.is_empty() {
                continue;
            }
            self.check_groups(request, view, (kind, field), &joined, &left).await?;
            self.authorize_members(request, kind, [&*joined, &*left].concat()).await?;
            let add = joined.into_iter().map(|group| (group, vec![Member::User(user)], Vec::new()));
            let remove = left.into_iter().map(|group| (group, Vec::new(), vec![user.0]));
            changes.groups.extend(add.chain(remove).map(|(group, add, remove)| {
                GroupChange::Update(Box::new(GroupUpdate {
                    id: GroupId(group),
                    expected: None,
                    row: None,
                    add,
                    remove,
                    external_id: None,
                    at,
                }))
            }));
        }
        Ok(())
    }

    async fn check_groups(
        &self,
        request: &Request,
        view: &TenantView,
        (kind, field): (GroupKind, &str),
        joined: &[Uuid],
        left: &[Uuid],
    ) -> Result<(), DirectoryError> {
        let storage = &self.provisioning.storage;
        let known = storage.groups_of_kind(view.tenant.id, kind, joined.to_vec()).await?;
        let missing: Vec<&Uuid> = joined.iter().filter(|id| !known.contains(id)).collect();
        if !missing.is_empty() {
            let code = if kind == GroupKind::Group { "invalid_groups" } else { "invalid_resource_groups" };
            let message = format!("'{field}' names groups that this tenant does not have.");
            return Err(DirectoryError::refused(Kind::Impossible, code, message).with(code, json!(missing)));
        }
        for group in joined.iter().chain(left) {
            self.check_gives(request, view, *group).await?;
        }
        Ok(())
    }
}

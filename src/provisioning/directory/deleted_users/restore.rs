//! `POST /v1/deleted-users/{id}/restore`.

use serde_json::json;
use uuid::Uuid;

use super::super::{Directory, DirectoryError, UserView};
use crate::access::question::UserFacts;
use crate::access::{Asking, Changes, Thing};
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, GroupChange, GroupUpdate, UserChange};
use crate::model::{
    ConnectionId, DeletedUser, GroupId, Member, Permission, RecordChange, Timestamp, User, UserId,
};
use crate::provisioning::Request;
use crate::storage::{Resource, StorageError};

/// The groups that a user was in, those that it is put back into and those that it is not.
struct Memberships {
    back: Vec<(GroupId, Option<String>)>,
    left_out: Vec<Uuid>,
}

impl Directory {
    /// Puts a deleted user back: the same id, its version one on, its external ids, its roles as far as the tenant still
    /// has them, and its memberships where the groups are still there and the caller may give what they give. It signs
    /// in with a new password: passwords, keys and sessions ended with the deletion.
    ///
    /// # Errors
    /// No such user, or none that can still be restored (404); roles beyond the caller (403); a name or address that
    /// somebody took meanwhile, or a value that has to differ (409).
    pub async fn restore_user(&self, request: &Request, id: UserId) -> Result<UserView, DirectoryError> {
        self.admit(request, &[Permission::UsersDelete]).await?;
        let view = Self::tenant(request)?;
        let resource = Resource::User(id);
        let _turn = self.provisioning.storage.turn(Some(resource)).await;
        self.attempt(
            view.tenant.id,
            None,
            |this| async move { this.try_restore_user(request, view, id).await },
        )
        .await?;
        self.shown(view, id).await
    }

    async fn try_restore_user(
        &self,
        request: &Request,
        view: &TenantView,
        id: UserId,
    ) -> Result<(), DirectoryError> {
        let found = self.deleted_user(view, id).await?;
        self.authorize(request, Permission::UsersDelete, found.thing(view)).await?;
        let (deleted, departed) = (found.deleted, found.departed);
        let mut user = departed.user;
        // A role that was deleted meanwhile gave nothing any more.
        user.account.roles.retain(|role| view.role(*role).is_some());
        if user.account.roles.is_empty() {
            user.account.roles.clone_from(&view.tenant.settings.default_roles);
        }
        // So did an attribute whose values are no longer kept; another one may have its name by now.
        let kept = self.provisioning.storage.list_attributes(view.tenant.id).await?;
        user.custom.retain(|name, _| {
            kept.iter().any(|known| known.name == *name && known.created_at <= deleted.deleted_at)
        });
        let facts = UserFacts::of(view, &user, &[]);
        self.check_roles(request, view, &facts, &[], &user.account.roles).await?;
        let at = self.now();
        user.version += 1;
        user.updated_at = at;
        let memberships = self.memberships_back(request, view, departed.memberships).await?;
        let changes = self.restoration(request, &deleted, &user, &memberships, departed.external_ids, at);
        match self.provisioning.storage.commit(changes).await {
            // Another server may have restored the very same user.
            Err(StorageError::Taken(what)) => {
                self.deleted_user(view, id).await?;
                let error = DirectoryError::from(StorageError::Taken(what));
                Err(self.explained(request, &user, error).await)
            }
            done => Ok(done?),
        }
    }

    fn restoration(
        &self,
        request: &Request,
        deleted: &DeletedUser,
        user: &User,
        memberships: &Memberships,
        external_ids: Vec<(ConnectionId, String)>,
        at: Timestamp,
    ) -> ChangeSet {
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        let details = json!({
            "userName": user.user_name,
            "deletedAt": deleted.deleted_at.0,
            "groups": memberships.back.iter().map(|(group, _)| group.0).collect::<Vec<_>>(),
            "groupsLeftOut": memberships.left_out,
        });
        changes.audit.push(self.event(request, AuditType::UserRestored, Target::User(user.id), details));
        changes.settings.extend(request.guard(&[user]));
        changes.users.push(UserChange::Insert {
            row: Box::new(request.user_schema().row(user)),
            index: request.user_schema().index_rows(user),
            external_id: None,
        });
        changes.groups.extend(memberships.back.iter().map(|(group, _)| {
            GroupChange::Update(Box::new(GroupUpdate {
                id: *group,
                expected: None,
                row: None,
                add: vec![Member::User(user.id)],
                remove: Vec::new(),
                external_id: None,
                at,
            }))
        }));
        let roles =
            memberships.back.iter().filter_map(|(group, role)| Some((*group, role.clone()?))).collect();
        changes.records.push(RecordChange::Restore {
            id: user.id,
            deleted_at: deleted.deleted_at,
            external_ids,
            roles,
            at,
        });
        changes
    }

    /// Whether no policy forbids that somebody comes to this group.
    async fn may_return_to(
        &self,
        request: &Request,
        asking: &mut Asking,
        group: GroupId,
    ) -> Result<bool, DirectoryError> {
        if !asking.wants_facts() {
            return Ok(true);
        }
        let thing = Thing::Group(self.group_facts(request, group).await?);
        Ok(match asking.about(thing, Changes::of(["members"])) {
            Ok(notices) => {
                request.notices.add(notices);
                true
            }
            Err(_) => false,
        })
    }

    async fn memberships_back(
        &self,
        request: &Request,
        view: &TenantView,
        memberships: Vec<(GroupId, Option<String>)>,
    ) -> Result<Memberships, DirectoryError> {
        let storage = &self.provisioning.storage;
        let ids = memberships.iter().map(|(group, _)| group.0).collect();
        let there = storage.existing_groups_of_any_kind(view.tenant.id, ids).await?;
        // To restore a user is to put it back; a policy may keep a group from getting it.
        let mut asking = self.provisioning.asking_of_right(request, Permission::GroupsWrite).await?;
        let mut sorted = Memberships { back: Vec::new(), left_out: Vec::new() };
        for (group, role) in memberships {
            let may_give = there.contains(&group.0) && {
                let given = storage.roles_of_group(view.tenant.id, group.0).await?;
                request.caller.permissions.covers(view.permissions_of(&given))
                    && self.may_return_to(request, &mut asking, group).await?
            };
            if may_give {
                sorted.back.push((group, role));
            } else {
                sorted.left_out.push(group.0);
            }
        }
        Ok(sorted)
    }
}

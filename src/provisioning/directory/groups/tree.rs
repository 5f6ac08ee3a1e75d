//! The tree of resource groups: each lies in one other or in none, and in none of those below it.

use uuid::Uuid;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind, Problem};
use crate::auth::TenantView;
use crate::model::change::{ChangeSet, GroupChange, GroupUpdate, SettingsChange};
use crate::model::{GroupId, GroupKind, Member, Timestamp};
use crate::provisioning::Request;

impl Directory {
    /// Checks that a group may lie in this one.
    ///
    /// # Errors
    /// 422 where there is no such resource group; 403 where it gives more than the caller holds, or a policy forbids it.
    pub(super) async fn check_parent(
        &self,
        request: &Request,
        view: &TenantView,
        parent: Uuid,
    ) -> Result<(), DirectoryError> {
        let kind = GroupKind::ResourceGroup;
        let known = self.provisioning.storage.groups_of_kind(view.tenant.id, kind, vec![parent]).await?;
        if known.is_empty() {
            let message = "'parent_id' is not the id of a resource group of this tenant.";
            return Err(DirectoryError::refused(Kind::Impossible, "invalid_parent", message));
        }
        self.authorize_members(request, kind, vec![parent]).await?;
        self.check_gives(request, view, parent).await
    }

    /// Adds to the changes what moves a resource group from one place in the tree to another. Moves are decided one after
    /// another in the tenant: two that each look harmless could close a cycle together.
    ///
    /// # Errors
    /// 422 `cycle` for a place below the group itself, and as [`Directory::check_parent`].
    pub(super) async fn move_in_tree(
        &self,
        request: &Request,
        view: &TenantView,
        id: GroupId,
        (from, to): (Option<GroupId>, Option<GroupId>),
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let (storage, tenant) = (&self.provisioning.storage, view.tenant.id);
        if let Some(to) = to {
            self.check_parent(request, view, to.0).await?;
            if to == id || storage.lies_in(tenant, to, id).await? {
                let message = "'parent_id' is the group itself or lies in it; resource groups form a tree.";
                return Err(DirectoryError::refused(Kind::Impossible, "cycle", message));
            }
        }
        if let Some(from) = from {
            self.authorize_members(request, GroupKind::ResourceGroup, vec![from.0]).await?;
            self.check_gives(request, view, from.0).await?;
        }
        let at = self.now();
        let member = Member::Group(id);
        changes.groups.extend(from.map(|from| turnover(from, Vec::new(), vec![id.0], at)));
        changes.groups.extend(to.map(|to| turnover(to, vec![member], Vec::new(), at)));
        Ok(())
    }

    /// What keeps the tree as it is while a move is decided. It has to be taken before the tree is looked at.
    pub(super) async fn guard_tree(&self, view: &TenantView) -> Result<SettingsChange, DirectoryError> {
        let tenant = self.provisioning.storage.find_tenant(view.tenant.id).await?;
        let tenant = tenant.ok_or_else(|| DirectoryError::missing("Tenant", view.tenant.id))?;
        Ok(SettingsChange::MoveGuard { expected: tenant.guard })
    }
}

/// Members that come and go without regard to who else is in the group.
pub(super) fn turnover(id: GroupId, add: Vec<Member>, remove: Vec<Uuid>, at: Timestamp) -> GroupChange {
    let update = GroupUpdate { id, expected: None, row: None, add, remove, external_id: None, at };
    GroupChange::Update(Box::new(update))
}

/// That only resource groups lie in another group.
pub(super) fn misplaced() -> Problem {
    Problem::new("/parent_id", "not_accepted", "is only accepted for a resource group")
}

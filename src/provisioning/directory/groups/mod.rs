//! Groups, organizations and resource groups: a file a use case.
//!
//! A group of the kind `group` holds users and groups of its kind. An organization holds users, each with a role in it. A
//! resource group holds users and groups, and lies in another resource group or in none: the tree is kept in the same
//! rows as every other membership, so that whoever is in a group is in those above it too.

mod access;
mod create;
mod delete;
mod list;
mod members;
mod places;
mod tree;
mod update;

use std::collections::HashMap;

use uuid::Uuid;

use super::draft::Said;
use super::view::role_names;
use super::{Directory, DirectoryError};
use crate::auth::TenantView;
use crate::mapping::group::restore;
use crate::model::query::StoredGroup;
use crate::model::{Group, GroupId, GroupKind, MemberRole, Permissions, TenantId};
use crate::provisioning::ProvisioningError;

pub use list::GroupFilter;
pub use members::MembersChanged;
pub(super) use places::Place;

/// What is said of a group; `None` says nothing.
#[derive(Clone, Debug, Default)]
pub struct GroupDraft {
    pub name: Option<String>,
    /// Settled when the group is made.
    pub kind: Option<GroupKind>,
    /// The resource group that a resource group lies in.
    pub parent_id: Said<Uuid>,
    /// Names of roles.
    pub roles: Option<Vec<String>>,
    pub external_id: Said<String>,
    /// Who is in it from the beginning.
    pub members: Vec<MemberDraft>,
}

/// Who is to be a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberDraft {
    pub id: Uuid,
    /// The role in an organization; `evaluator` where nothing is said.
    pub role: Option<MemberRole>,
}

/// A group with everything that an answer tells.
#[derive(Clone, Debug)]
pub struct GroupView {
    pub tenant_id: TenantId,
    pub group: Group,
    /// The resource group that it lies in.
    pub parent_id: Option<GroupId>,
    /// How many direct members it has.
    pub member_count: i64,
    /// The names of its own roles.
    pub roles: Vec<String>,
    /// What membership allows, through it and the groups that it is in.
    pub permissions: Permissions,
}

impl Directory {
    /// These groups as answers show them, in their order.
    async fn group_views(
        &self,
        view: &TenantView,
        stored: &[StoredGroup],
    ) -> Result<Vec<GroupView>, DirectoryError> {
        if stored.is_empty() {
            return Ok(Vec::new());
        }
        let (storage, tenant) = (&self.provisioning.storage, view.tenant.id);
        let ids: Vec<Uuid> = stored.iter().map(|group| group.id).collect();
        let counts: HashMap<Uuid, i64> =
            storage.member_counts(tenant, ids.clone()).await?.into_iter().collect();
        let parents: HashMap<Uuid, Uuid> = storage.parents(tenant, ids.clone()).await?.into_iter().collect();
        let inherited = storage.roles_above(tenant, ids).await?;
        stored
            .iter()
            .map(|stored| {
                let group = restore(stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
                let above = inherited.iter().filter(|(id, _)| *id == stored.id);
                let permissions = above.fold(view.permissions_of(&group.roles), |sum, (_, roles)| {
                    sum.union(view.permissions_of(roles))
                });
                Ok(GroupView {
                    tenant_id: tenant,
                    parent_id: parents.get(&stored.id).copied().map(GroupId),
                    member_count: counts.get(&stored.id).copied().unwrap_or_default(),
                    roles: role_names(view, &group.roles),
                    permissions,
                    group,
                })
            })
            .collect()
    }

    /// One group of the request's tenant as an answer shows it.
    async fn group_view(&self, view: &TenantView, id: GroupId) -> Result<GroupView, DirectoryError> {
        let missing = || DirectoryError::missing("Group", id);
        let stored = self.provisioning.storage.lookup_group_of_any_kind(view.tenant.id, id).await?;
        let stored = stored.ok_or_else(missing)?;
        let mut views = self.group_views(view, std::slice::from_ref(&stored)).await?;
        views.pop().ok_or_else(missing)
    }
}

//! `GET /v1/groups` and `GET /v1/groups/{id}`.

use super::super::{Directory, DirectoryError, Page};
use super::GroupView;
use crate::access::{Changes, Thing};
use crate::mapping::group::restore;
use crate::model::query::{GroupQuery, ListOrder, Operand, OrderKey, Position, StoredGroup};
use crate::model::{GroupId, GroupKind, Permission};
use crate::provisioning::{ProvisioningError, Request};
use crate::scim::fold::fold;

/// Which groups are meant; what is not said does not matter.
#[derive(Clone, Debug)]
pub struct GroupFilter {
    pub kind: Option<GroupKind>,
    /// Part of the name, without regard to case.
    pub search: Option<String>,
    /// The group that they lie in directly.
    pub parent: Option<GroupId>,
    pub order: ListOrder,
    /// How many at the most.
    pub limit: i64,
}

impl Directory {
    /// A page of groups. Where policies have a say in reading groups, each is decided; a page may then hold fewer than are
    /// asked for, or none, and still not be the last.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_groups(
        &self,
        request: &Request,
        filter: &GroupFilter,
    ) -> Result<(Vec<GroupView>, Option<Position>), DirectoryError> {
        self.authorize(request, Permission::GroupsRead, Thing::Tenant).await?;
        let view = Self::tenant(request)?;
        let query = GroupQuery {
            tenant_id: view.tenant.id,
            kind: filter.kind,
            name_part: filter.search.as_deref().map(|part| fold(part).into_owned()),
            parent: filter.parent,
            order: filter.order.clone(),
            limit: filter.limit + 1,
        };
        let mut stored = self.provisioning.storage.list_groups_of_any_kind(&query).await?;
        let page = Page::<()> { after: None, limit: filter.limit };
        let more = page.cut(&mut stored, |_| ()).is_some();
        let last = stored.last().filter(|_| more);
        let next = last.map(|last| position(last, filter.order.by)).transpose()?;
        let stored = self.provisioning.readable_groups(request, stored).await?;
        Ok((self.group_views(view, &stored).await?, next))
    }

    /// Reads a group. Members of an organization read it without any permission but to read themselves.
    ///
    /// # Errors
    /// A missing permission (403), no such group (404).
    pub async fn read_group(&self, request: &Request, id: GroupId) -> Result<GroupView, DirectoryError> {
        let view = Self::tenant(request)?;
        let stored = self.group_for(request, id, Permission::GroupsRead).await?;
        self.say(request, &stored, Permission::GroupsRead, Changes::default()).await?;
        let mut views = self.group_views(view, std::slice::from_ref(&stored)).await?;
        views.pop().ok_or_else(|| DirectoryError::missing("Group", id))
    }
}

/// Where this group stands in such an order.
fn position(group: &StoredGroup, by: OrderKey) -> Result<Position, DirectoryError> {
    let key = match by {
        OrderKey::Id => None,
        OrderKey::Name => {
            let group = restore(group).map_err(|error| ProvisioningError::broken(group.id, &error))?;
            Some(Operand::Text(fold(&group.display_name).into_owned()))
        }
        OrderKey::CreatedAt => Some(Operand::Integer(group.created_at)),
        OrderKey::UpdatedAt => Some(Operand::Integer(group.updated_at)),
    };
    Ok(Position { key, id: group.id })
}

//! `POST /.search`: users and groups together (RFC 7644 §3.4.2.1, §3.4.3).
//!
//! Without `sortBy` users come first and groups after them, each by id. With it all are in one order, and those of a type
//! that lacks the attribute count as having no value.

use std::collections::HashMap;

use uuid::Uuid;

use super::answer::streamed;
use super::list::{filter, push_head, sort_by, window};
use super::{Answer, Provisioning, ProvisioningError, Request};
use crate::access::{Changes, Thing};
use crate::model::Permission;
use crate::model::query::{JointQuery, ListOrder, Part, Query, SortKey, StoredGroup, StoredUser};
use crate::scim::filter::resolve_sort_among;
use crate::scim::message::{SearchRequest, SortOrder};
use crate::scim::projection::Projection;
use crate::storage::ResourceId;

/// A resource on its way into the answer.
enum Found {
    User(StoredUser),
    Group(StoredGroup),
}

impl Found {
    fn id(&self) -> Uuid {
        match self {
            Self::User(user) => user.id,
            Self::Group(group) => group.id,
        }
    }

    fn user(&self) -> Option<&StoredUser> {
        match self {
            Self::User(user) => Some(user),
            Self::Group(_) => None,
        }
    }
}

/// How each of the two types is asked.
struct Sides {
    users: Query,
    groups: Query,
    order: Option<Order>,
}

/// The one order over both types.
struct Order {
    user_key: Option<SortKey>,
    group_key: Option<SortKey>,
    descending: bool,
}

impl Provisioning {
    /// A page of users and groups.
    ///
    /// # Errors
    /// A filter or sort that no type can be asked (400), a missing scope (403).
    pub async fn search_all(
        &self,
        request: &Request,
        search: &SearchRequest,
        users: &Projection,
        groups: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.authorize(request, Permission::UsersRead, Thing::Tenant, Changes::default()).await?;
        self.authorize(request, Permission::GroupsRead, Thing::Tenant, Changes::default()).await?;
        let sides = self.sides(request, search)?;
        let user_total = self.storage.count_users(&sides.users).await?;
        let total = user_total + self.storage.count_groups(&sides.groups).await?;
        let start_index = sides.users.offset + 1;
        let found = match sides {
            Sides { users, .. } if users.limit == 0 => Vec::new(),
            Sides { users, groups, order: None } => {
                self.one_after_the_other(&users, groups, user_total).await?
            }
            Sides { users, groups, order: Some(order) } => {
                self.in_one_order(request, users, groups, order).await?
            }
        };
        let found = self.readable(request, found).await?;
        self.found(request, (total, start_index), found, (users, groups)).await
    }

    fn sides(&self, request: &Request, search: &SearchRequest) -> Result<Sides, ProvisioningError> {
        let (user_schema, group_schema) = (request.user_schema().scim(), &**self.schemas.group());
        let all = [user_schema, group_schema];
        let user = self.perspective(request, super::users::RESOURCE_TYPE);
        let group = self.perspective(request, super::groups::RESOURCE_TYPE);
        let (mut user_predicate, mut group_predicate, mut order) = (None, None, None);
        if let Some(filter) = filter(request, search)? {
            user_predicate = Some(user.predicate(&filter.resolve_among(user_schema, &all)?));
            group_predicate = Some(group.predicate(&filter.resolve_among(group_schema, &all)?));
        }
        if let Some(path) = sort_by(search) {
            order = Some(Order {
                user_key: resolve_sort_among(user_schema, &all, path)?.map(|path| user.sort_key(&path)),
                group_key: resolve_sort_among(group_schema, &all, path)?.map(|path| group.sort_key(&path)),
                descending: search.sort_order == SortOrder::Descending,
            });
        }
        let (start_index, limit) = window(search);
        let side = |predicate| Query {
            tenant_id: request.caller.tenant_id,
            connection_id: request.caller.connection_id(),
            predicate,
            sort: None,
            order: ListOrder::default(),
            offset: start_index - 1,
            limit,
        };
        Ok(Sides { users: side(user_predicate), groups: side(group_predicate), order })
    }

    /// The page that lies on the users, on the groups behind them, or on both.
    async fn one_after_the_other(
        &self,
        users: &Query,
        mut groups: Query,
        user_total: i64,
    ) -> Result<Vec<Found>, ProvisioningError> {
        let mut found = Vec::new();
        if users.offset < user_total {
            found.extend(self.storage.list_users(users).await?.into_iter().map(Found::User));
        }
        groups.offset = (groups.offset - user_total).max(0);
        groups.limit -= i64::try_from(found.len()).unwrap_or(groups.limit);
        if groups.limit > 0 {
            found.extend(self.storage.list_groups(&groups).await?.into_iter().map(Found::Group));
        }
        Ok(found)
    }

    async fn in_one_order(
        &self,
        request: &Request,
        users: Query,
        groups: Query,
        order: Order,
    ) -> Result<Vec<Found>, ProvisioningError> {
        let (tenant_id, offset, limit) = (users.tenant_id, users.offset, users.limit);
        let users = Part { predicate: users.predicate, sort: order.user_key };
        let groups = Part { predicate: groups.predicate, sort: order.group_key };
        let query = JointQuery { tenant_id, users, groups, descending: order.descending, offset, limit };
        self.looked_up(request, &self.storage.list_jointly(&query).await?).await
    }

    /// The resources with these ids in their order; without those that were deleted meanwhile.
    async fn looked_up(
        &self,
        request: &Request,
        page: &[ResourceId],
    ) -> Result<Vec<Found>, ProvisioningError> {
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for resource in page {
            match resource {
                ResourceId::User(id) => users.push(id.0),
                ResourceId::Group(id) => groups.push(id.0),
            }
        }
        let (tenant, connection) = (request.caller.tenant_id, request.caller.connection_id());
        let users = self.storage.lookup_users(tenant, connection, users).await?;
        let groups = self.storage.lookup_groups(tenant, connection, groups).await?;
        let mut users: HashMap<Uuid, StoredUser> = users.into_iter().map(|user| (user.id, user)).collect();
        let mut groups: HashMap<Uuid, StoredGroup> =
            groups.into_iter().map(|group| (group.id, group)).collect();
        let take = |resource: &ResourceId| match resource {
            ResourceId::User(id) => users.remove(&id.0).map(Found::User),
            ResourceId::Group(id) => groups.remove(&id.0).map(Found::Group),
        };
        Ok(page.iter().filter_map(take).collect())
    }

    /// What of a page the caller may see, in its order.
    async fn readable(&self, request: &Request, page: Vec<Found>) -> Result<Vec<Found>, ProvisioningError> {
        let deciding = self.asking(request, Permission::UsersRead).await?.wants_facts()
            || self.asking(request, Permission::GroupsRead).await?.wants_facts();
        if !deciding {
            return Ok(page);
        }
        let order: Vec<Uuid> = page.iter().map(Found::id).collect();
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for found in page {
            match found {
                Found::User(user) => users.push(user),
                Found::Group(group) => groups.push(group),
            }
        }
        let users = self.readable_users(request, users).await?.into_iter().map(Found::User);
        let groups = self.readable_groups(request, groups).await?.into_iter().map(Found::Group);
        let mut readable: HashMap<Uuid, Found> =
            users.chain(groups).map(|found| (found.id(), found)).collect();
        Ok(order.iter().filter_map(|id| readable.remove(id)).collect())
    }

    /// Writes the answer; each type is shown by its own projection.
    async fn found(
        &self,
        request: &Request,
        (total, start_index): (i64, i64),
        found: Vec<Found>,
        (users, groups): (&Projection, &Projection),
    ) -> Result<Answer, ProvisioningError> {
        let memberships = self.groups_for(request, found.iter().filter_map(Found::user), users).await?;
        let (this, request) = (self.clone(), request.clone());
        let (users, groups) = (users.clone(), groups.clone());
        let body = streamed(&self.slow_readers, move |mut writer| async move {
            push_head(writer.text(), total, start_index, found.len());
            for (position, found) in found.iter().enumerate() {
                if position > 0 {
                    writer.text().push(',');
                }
                match found {
                    Found::User(user) => {
                        this.push_user(writer.text(), request.user_schema(), user, &memberships, &users)?;
                    }
                    Found::Group(group) => {
                        this.push_group(&mut writer, request.caller.tenant_id, group, &groups).await?;
                    }
                }
                writer.flush_if_full().await?;
            }
            writer.text().push_str("]}");
            Ok(writer)
        })
        .await?;
        Ok(Answer { location: None, etag: None, body })
    }
}

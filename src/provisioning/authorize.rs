//! Asking whether a request may do what it is about to do. Whoever can do it to nothing is refused before anything is
//! read; the rest is decided once it is known what it is about, and what changes.

use std::sync::Arc;

use super::{Provisioning, ProvisioningError, Request};
use crate::access::question::{GroupFacts, UserFacts};
use crate::access::{Asking, Changes, Context, Thing};
use crate::auth::TenantView;
use crate::mapping::{group, user};
use crate::model::query::{GroupOfUser, StoredGroup, StoredUser};
use crate::model::{BuiltInRole, Group, GroupId, Permission, User, UserId};
use crate::scim::schema::AttributeMap;

impl Provisioning {
    /// Begins a question; see [`crate::access::Decider::asking`].
    pub(super) async fn asking(
        &self,
        request: &Request,
        permission: Permission,
    ) -> Result<Asking, ProvisioningError> {
        let context = Context::new(request.channel, request.ip);
        Ok(self.decider.asking(&request.caller, permission, context).await?)
    }

    /// Begins a question of a caller who has the right to this from elsewhere; see
    /// [`crate::access::Decider::asking_of_right`].
    pub(super) async fn asking_of_right(
        &self,
        request: &Request,
        permission: Permission,
    ) -> Result<Asking, ProvisioningError> {
        let context = Context::new(request.channel, request.ip);
        Ok(self.decider.asking_of_right(&request.caller, permission, context).await?)
    }

    /// Refuses whoever may do this to nothing.
    ///
    /// # Errors
    /// A missing scope or permission (403), before it is looked whether a resource exists.
    pub(super) async fn admit(
        &self,
        request: &Request,
        permission: Permission,
    ) -> Result<(), ProvisioningError> {
        self.asking(request, permission).await.map(drop)
    }

    /// Decides about one thing, of which everything is told.
    pub(super) async fn authorize(
        &self,
        request: &Request,
        permission: Permission,
        thing: Thing,
        changes: Changes,
    ) -> Result<(), ProvisioningError> {
        let mut asking = self.asking(request, permission).await?;
        request.notices.add(asking.about(thing, changes)?);
        Ok(())
    }

    /// Decides about a stored user.
    pub(super) async fn authorize_user(
        &self,
        request: &Request,
        permission: Permission,
        stored: &StoredUser,
        changes: impl FnOnce() -> Changes,
    ) -> Result<(), ProvisioningError> {
        let mut asking = self.asking(request, permission).await?;
        let (facts, changes) = match asking.wants_facts() {
            true => {
                let groups = self.all_groups_of(request, std::slice::from_ref(stored)).await?;
                (facts_of(tenant(request)?, stored, &groups)?, changes())
            }
            false => {
                let is_owner = stored.account.has(BuiltInRole::Owner);
                (UserFacts::plain(UserId(stored.id), is_owner), Changes::default())
            }
        };
        request.notices.add(asking.about(Thing::User(facts), changes)?);
        Ok(())
    }

    /// Decides about a user who is yet to be created.
    pub(super) async fn authorize_new_user(
        &self,
        request: &Request,
        user: &User,
    ) -> Result<(), ProvisioningError> {
        let facts = UserFacts { id: None, ..UserFacts::of(tenant(request)?, user, &[]) };
        let changes = Changes { roles: facts.roles.clone(), ..Changes::default() };
        self.authorize(request, Permission::UsersCreate, Thing::User(facts), changes).await
    }

    /// Those of these users whom the caller may see: where policies have a say, each is decided.
    pub(super) async fn readable_users(
        &self,
        request: &Request,
        users: Vec<StoredUser>,
    ) -> Result<Vec<StoredUser>, ProvisioningError> {
        let mut asking = self.asking(request, Permission::UsersRead).await?;
        if !asking.wants_facts() {
            return Ok(users);
        }
        let groups = self.all_groups_of(request, &users).await?;
        let mut readable = Vec::with_capacity(users.len());
        for user in users {
            let start = groups.partition_point(|group| group.user_id < user.id);
            let end = groups.partition_point(|group| group.user_id <= user.id);
            let own = groups.get(start..end).unwrap_or_default();
            let facts = facts_of(tenant(request)?, &user, own)?;
            if let Ok(notices) = asking.about(Thing::User(facts), Changes::default()) {
                request.notices.add(notices);
                readable.push(user);
            }
        }
        Ok(readable)
    }

    /// Decides about a group as it was before the change.
    pub(super) async fn authorize_group(
        &self,
        request: &Request,
        permission: Permission,
        group: &Group,
        changes: Changes,
    ) -> Result<(), ProvisioningError> {
        let facts = facts_of_group(Some(group.id), group);
        self.authorize(request, permission, Thing::Group(facts), changes).await
    }

    /// Decides about a group that is yet to be created.
    pub(super) async fn authorize_new_group(
        &self,
        request: &Request,
        group: &Group,
    ) -> Result<(), ProvisioningError> {
        let facts = facts_of_group(None, group);
        self.authorize(request, Permission::GroupsWrite, Thing::Group(facts), Changes::default()).await
    }

    /// Decides about reading a group.
    pub(super) async fn authorize_reading_group(
        &self,
        request: &Request,
        stored: &StoredGroup,
    ) -> Result<(), ProvisioningError> {
        let asking = self.asking(request, Permission::GroupsRead).await?;
        self.decide_stored_group(request, asking, stored, Changes::default())
    }

    /// Puts the question that was begun about a stored group, of whatever kind.
    pub(super) fn decide_stored_group(
        &self,
        request: &Request,
        mut asking: Asking,
        stored: &StoredGroup,
        changes: Changes,
    ) -> Result<(), ProvisioningError> {
        let facts = match asking.wants_facts() {
            true => facts_of_stored_group(stored)?,
            false => {
                GroupFacts { id: Some(GroupId(stored.id)), display_name: Arc::from(""), kind: stored.kind }
            }
        };
        request.notices.add(asking.about(Thing::Group(facts), changes)?);
        Ok(())
    }

    /// Those of these groups that the caller may see: where policies have a say, each is decided.
    pub(super) async fn readable_groups(
        &self,
        request: &Request,
        groups: Vec<StoredGroup>,
    ) -> Result<Vec<StoredGroup>, ProvisioningError> {
        let mut asking = self.asking(request, Permission::GroupsRead).await?;
        if !asking.wants_facts() {
            return Ok(groups);
        }
        let mut readable = Vec::with_capacity(groups.len());
        for group in groups {
            let thing = Thing::Group(facts_of_stored_group(&group)?);
            if let Ok(notices) = asking.about(thing, Changes::default()) {
                request.notices.add(notices);
                readable.push(group);
            }
        }
        Ok(readable)
    }

    /// The groups of whatever kind that these users are in, directly or through others, in the order of users.
    async fn all_groups_of(
        &self,
        request: &Request,
        users: &[StoredUser],
    ) -> Result<Vec<GroupOfUser>, ProvisioningError> {
        let members: Vec<_> = users.iter().filter(|user| user.in_groups).map(|user| user.id).collect();
        if members.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.storage.groups_of_users(request.caller.tenant_id, members).await?)
    }
}

/// The names of the attributes in which these two differ.
pub(super) fn differences(before: &AttributeMap, after: &AttributeMap) -> Changes {
    Changes::of(before.differing(after))
}

pub(super) fn tenant(request: &Request) -> Result<&TenantView, ProvisioningError> {
    let tenant = request.caller.tenant.as_deref();
    tenant.ok_or_else(|| ProvisioningError::not_found("Tenant", request.caller.tenant_id))
}

fn facts_of(
    view: &TenantView,
    stored: &StoredUser,
    groups: &[GroupOfUser],
) -> Result<UserFacts, ProvisioningError> {
    let user = user::restore(stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
    Ok(UserFacts::of(view, &user, groups))
}

fn facts_of_stored_group(stored: &StoredGroup) -> Result<GroupFacts, ProvisioningError> {
    let group = group::restore(stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
    Ok(facts_of_group(Some(group.id), &group))
}

pub(super) fn facts_of_group(id: Option<GroupId>, group: &Group) -> GroupFacts {
    GroupFacts { id, display_name: Arc::from(&*group.display_name), kind: group.kind }
}

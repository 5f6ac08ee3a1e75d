//! Asking whether the caller may do what it is about to do, and, in matters of one's own, whether everybody may.

use std::sync::Arc;

use uuid::Uuid;

use super::{Directory, DirectoryError, UserView};
use crate::access::question::{GroupFacts, UserFacts};
use crate::access::{Asking, Changes, Denied, Thing};
use crate::auth::TenantView;
use crate::model::query::GroupOfUser;
use crate::model::{GroupId, GroupKind, Permission, UserId};
use crate::provisioning::{ProvisioningError, Request};

/// What has to be allowed: one of these, asked for in this order.
pub(super) type OneOf<'a> = &'a [Permission];

impl Directory {
    /// Begins a question; see [`crate::access::Decider::asking`].
    pub(super) async fn asking(
        &self,
        request: &Request,
        permission: Permission,
    ) -> Result<Asking, DirectoryError> {
        Ok(self.provisioning.asking(request, permission).await?)
    }

    /// Refuses whoever may do none of this to anything.
    ///
    /// # Errors
    /// A missing permission (403), before it is looked whether something exists.
    pub(super) async fn admit(&self, request: &Request, rights: OneOf<'_>) -> Result<(), DirectoryError> {
        let mut refusal = None;
        for permission in rights {
            match self.provisioning.admit(request, *permission).await {
                Err(ProvisioningError::Denied(denied)) => refusal = Some(denied),
                done => return Ok(done?),
            }
        }
        refusal.map_or(Ok(()), |denied| Err(denied.into()))
    }

    /// Decides about one thing, of which everything is told.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403).
    pub(super) async fn authorize(
        &self,
        request: &Request,
        permission: Permission,
        thing: Thing,
    ) -> Result<(), DirectoryError> {
        self.authorize_change(request, permission, thing, Changes::default()).await
    }

    /// The same of a change.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403).
    pub(super) async fn authorize_change(
        &self,
        request: &Request,
        permission: Permission,
        thing: Thing,
        changes: Changes,
    ) -> Result<(), DirectoryError> {
        Ok(self.provisioning.authorize(request, permission, thing, changes).await?)
    }

    /// Decides about one thing for a caller who has the right to this from elsewhere: nothing but a policy that forbids
    /// it is in the way.
    ///
    /// # Errors
    /// A policy that forbids it (403).
    pub(super) async fn authorize_of_right(
        &self,
        request: &Request,
        permission: Permission,
        thing: Thing,
        changes: Changes,
    ) -> Result<(), DirectoryError> {
        let mut asking = self.provisioning.asking_of_right(request, permission).await?;
        request.notices.add(asking.about(thing, changes)?);
        Ok(())
    }

    /// Decides about a user. One of the rights is enough; where all are refused, a policy's refusal says more than a
    /// missing permission.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403).
    pub(super) async fn authorize_user(
        &self,
        request: &Request,
        rights: OneOf<'_>,
        user: &UserView,
        changes: Changes,
    ) -> Result<(), DirectoryError> {
        self.authorize_facts(request, rights, user.facts(Self::tenant(request)?), changes).await
    }

    /// Decides about reading what belongs to a user, of whom only the id is known: the rest is read where policies want
    /// to know it.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403); no such user (404), which is found out only there.
    pub(super) async fn authorize_reading_of(
        &self,
        request: &Request,
        rights: OneOf<'_>,
        id: UserId,
    ) -> Result<(), DirectoryError> {
        let view = Self::tenant(request)?;
        let facts = match self.any_wants_facts(request, rights).await? {
            true => self.view_of(view, id).await?.facts(view),
            false => UserFacts::plain(id, false),
        };
        self.authorize_facts(request, rights, facts, Changes::default()).await
    }

    /// Whether a policy of the tenant's own has a say in any of this.
    async fn any_wants_facts(&self, request: &Request, rights: OneOf<'_>) -> Result<bool, DirectoryError> {
        for permission in rights {
            match self.provisioning.asking(request, *permission).await {
                Ok(asking) if asking.wants_facts() => return Ok(true),
                Ok(_) | Err(ProvisioningError::Denied(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }

    async fn authorize_facts(
        &self,
        request: &Request,
        rights: OneOf<'_>,
        facts: UserFacts,
        changes: Changes,
    ) -> Result<(), DirectoryError> {
        let mut refusal: Option<Denied> = None;
        for permission in rights {
            let thing = Thing::User(facts.clone());
            match self.provisioning.authorize(request, *permission, thing, changes.clone()).await {
                Err(ProvisioningError::Denied(denied)) => {
                    refusal = match refusal {
                        Some(told @ Denied::Policy { .. }) => Some(told),
                        _ => Some(denied),
                    };
                }
                done => return Ok(done?),
            }
        }
        refusal.map_or(Ok(()), |denied| Err(denied.into()))
    }

    /// Decides about the caller's own user.
    ///
    /// # Errors
    /// A missing permission, a policy that forbids it, or a caller that is no user's (403).
    pub(super) async fn authorize_self(
        &self,
        request: &Request,
        permission: Permission,
        changes: Changes,
    ) -> Result<(), DirectoryError> {
        let Some(id) = request.caller.user_id() else {
            return Err(Denied::Permission { missing: permission }.into());
        };
        let facts = match self.asking(request, permission).await?.wants_facts() {
            true => {
                let view = Self::tenant(request)?;
                self.view_of(view, id).await?.facts(view)
            }
            false => UserFacts::plain(id, false),
        };
        self.authorize_change(request, permission, Thing::User(facts), changes).await
    }

    /// Decides about saying who is in these groups.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403).
    pub(super) async fn authorize_members(
        &self,
        request: &Request,
        kind: GroupKind,
        groups: Vec<Uuid>,
    ) -> Result<(), DirectoryError> {
        let mut asking = self.asking(request, Permission::GroupsWrite).await?;
        for id in groups {
            let facts = match asking.wants_facts() {
                true => self.group_facts(request, GroupId(id)).await?,
                false => GroupFacts { id: Some(GroupId(id)), display_name: Arc::from(""), kind },
            };
            request.notices.add(asking.about(Thing::Group(facts), Changes::of(["members"]))?);
        }
        Ok(())
    }

    /// What policies may want to know of a group of whatever kind.
    ///
    /// # Errors
    /// No such group (404).
    pub(super) async fn group_facts(
        &self,
        request: &Request,
        id: GroupId,
    ) -> Result<GroupFacts, DirectoryError> {
        let found = self.provisioning.storage.lookup_group_name(request.caller.tenant_id, id).await?;
        let (name, kind) = found.ok_or_else(|| DirectoryError::missing("Group", id))?;
        Ok(GroupFacts { id: Some(id), display_name: Arc::from(name), kind })
    }
}

impl UserView {
    /// What policies may want to know of this user.
    pub(super) fn facts(&self, view: &TenantView) -> UserFacts {
        let groups: Vec<GroupOfUser> = self.groups.iter().map(|(group, _)| group.clone()).collect();
        UserFacts::of(view, &self.user, &groups)
    }
}

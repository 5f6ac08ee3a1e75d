//! `/v1/users/{id}/groups` and `/v1/users/{id}/roles`: what a user is in and holds, and where it comes from.

use std::collections::BTreeMap;

use super::super::{Directory, DirectoryError, UserDraft, UserView};
use crate::auth::TenantView;
use crate::model::query::GroupOfUser;
use crate::model::{Permissions, Role, RoleId, UserId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;

/// A group that a user is in.
#[derive(Clone, Debug)]
pub struct Membership {
    pub group: GroupOfUser,
    /// What the group's own roles allow.
    pub permissions: Permissions,
}

/// A role that a user has.
#[derive(Clone, Debug)]
pub struct HeldRole {
    pub role: Role,
    /// Whether it was given to the user itself.
    pub direct: bool,
    /// The groups through which it comes.
    pub through: Vec<GroupOfUser>,
}

impl Directory {
    /// The groups, of every kind, that a user is in, directly or through others.
    ///
    /// # Errors
    /// No such user (404), a missing permission (403).
    pub async fn user_groups(
        &self,
        request: &Request,
        id: UserId,
    ) -> Result<Vec<Membership>, DirectoryError> {
        let view = self.read_user(request, id).await?;
        Ok(view.groups.into_iter().map(|(group, permissions)| Membership { group, permissions }).collect())
    }

    /// The roles that a user has, each with where it comes from, and what they allow together.
    ///
    /// # Errors
    /// No such user (404), a missing permission (403).
    pub async fn user_roles(
        &self,
        request: &Request,
        id: UserId,
    ) -> Result<(UserView, Vec<HeldRole>), DirectoryError> {
        let user = self.read_user(request, id).await?;
        let held = held(Self::tenant(request)?, &user);
        Ok((user, held))
    }

    /// Gives a user these roles instead of those that it was given before.
    ///
    /// # Errors
    /// Unknown roles (422), those beyond the caller (403), the last owner (409), unmet preconditions (412).
    pub async fn set_user_roles(
        &self,
        request: &Request,
        id: UserId,
        roles: Vec<String>,
        preconditions: &Preconditions,
    ) -> Result<(UserView, Vec<HeldRole>), DirectoryError> {
        let draft = UserDraft { roles: Some(roles), ..UserDraft::default() };
        let user = self.update_user(request, id, draft, preconditions).await?;
        let held = held(Self::tenant(request)?, &user);
        Ok((user, held))
    }
}

fn held(view: &TenantView, user: &UserView) -> Vec<HeldRole> {
    let mut found: BTreeMap<RoleId, (bool, Vec<GroupOfUser>)> = BTreeMap::new();
    for role in &user.user.account.roles {
        found.entry(*role).or_default().0 = true;
    }
    for (group, _) in &user.groups {
        for role in &group.roles {
            found.entry(*role).or_default().1.push(group.clone());
        }
    }
    let known = |(id, (direct, through))| Some(HeldRole { role: view.role(id)?.clone(), direct, through });
    found.into_iter().filter_map(known).collect()
}

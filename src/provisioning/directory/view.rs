//! A user as the admin API shows it.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Directory, DirectoryError};
use crate::auth::TenantView;
use crate::mapping::user::restore;
use crate::model::query::{GroupOfUser, StoredUser};
use crate::model::{
    Audience, BuiltInRole, ConnectionId, Permissions, RoleId, StoredAvatar, TenantId, User, UserId,
};
use crate::provisioning::ProvisioningError;

/// A user with everything that an answer tells.
#[derive(Clone, Debug)]
pub struct UserView {
    pub tenant_id: TenantId,
    pub user: User,
    /// The values of the tenant's own attributes that the reader sees.
    pub custom: Map<String, Value>,
    /// The names of the roles given directly.
    pub roles: Vec<String>,
    /// The groups, direct and indirect, of every kind.
    pub groups: Vec<(GroupOfUser, Permissions)>,
    /// What all roles together allow, those through groups included.
    pub permissions: Permissions,
    pub is_owner: bool,
    pub identities: Vec<IdentityView>,
    /// Whether the user has a second factor that counts.
    pub mfa_enrolled: bool,
    pub has_avatar: bool,
    /// The picture, in an answer about one user.
    pub avatar: Option<StoredAvatar>,
}

/// A way in which a user can sign in or is known to an identity provider. Never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityView {
    /// `password` or `scim`.
    pub kind: &'static str,
    /// The connection, for an identity provider's.
    pub provider: Option<ConnectionId>,
    /// What the user is called there.
    pub subject: String,
}

impl Directory {
    /// These users as answers show them, in their order.
    pub(super) async fn views(
        &self,
        view: &TenantView,
        stored: &[StoredUser],
    ) -> Result<Vec<UserView>, DirectoryError> {
        let tenant = view.tenant.id;
        let storage = &self.provisioning.storage;
        let ids = |members: bool| -> Vec<Uuid> {
            stored.iter().filter(|user| !members || user.in_groups).map(|user| user.id).collect()
        };
        let in_groups = ids(true);
        let groups = match in_groups.is_empty() {
            true => Vec::new(),
            false => storage.groups_of_users(tenant, in_groups).await?,
        };
        let with_password = storage.users_with_password(tenant, ids(false)).await?;
        let with_factor = storage.users_with_factor(tenant, ids(false)).await?;
        let with_avatar = storage.users_with_avatar(tenant, ids(false)).await?;
        let known_as = storage.external_ids_of_users(tenant, ids(false)).await?;
        stored
            .iter()
            .map(|stored| {
                let user = restore(stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
                let own = groups.iter().filter(|group| group.user_id == stored.id).cloned();
                let password = with_password.contains(&stored.id).then(|| IdentityView {
                    kind: "password",
                    provider: None,
                    subject: user.user_name.clone(),
                });
                let scim =
                    known_as.iter().filter(|(id, _, _)| *id == stored.id).map(|(_, connection, subject)| {
                        IdentityView {
                            kind: "scim",
                            provider: Some(ConnectionId(*connection)),
                            subject: subject.clone(),
                        }
                    });
                let identities = password.into_iter().chain(scim).collect();
                let has_avatar = with_avatar.contains(&stored.id);
                let mfa_enrolled = with_factor.contains(&stored.id);
                let parts = of_parts(view, user, own.collect(), identities);
                Ok(UserView { has_avatar, mfa_enrolled, ..parts })
            })
            .collect()
    }

    /// One user of the request's tenant as an answer shows it.
    pub(super) async fn view_of(&self, view: &TenantView, id: UserId) -> Result<UserView, DirectoryError> {
        let stored = self.provisioning.storage.lookup_user(view.tenant.id, ConnectionId::NONE, id).await?;
        let stored = stored.ok_or_else(|| DirectoryError::missing("User", id))?;
        let mut views = self.views(view, std::slice::from_ref(&stored)).await?;
        views.pop().ok_or_else(|| DirectoryError::missing("User", id))
    }
}

fn of_parts(
    view: &TenantView,
    user: User,
    groups: Vec<GroupOfUser>,
    identities: Vec<IdentityView>,
) -> UserView {
    let direct = view.permissions_of(&user.account.roles);
    let groups: Vec<(GroupOfUser, Permissions)> = groups
        .into_iter()
        .map(|group| {
            let permissions = view.permissions_of(&group.roles);
            (group, permissions)
        })
        .collect();
    let permissions = groups.iter().fold(direct, |sum, (_, permissions)| sum.union(*permissions));
    UserView {
        tenant_id: view.tenant.id,
        custom: view.custom.visible(&user.custom, Audience::Admin),
        roles: role_names(view, &user.account.roles),
        permissions,
        is_owner: user.account.has(BuiltInRole::Owner),
        groups,
        identities,
        mfa_enrolled: false,
        has_avatar: false,
        avatar: None,
        user,
    }
}

/// The names of these roles; one that is no more has none.
pub(super) fn role_names(view: &TenantView, roles: &[RoleId]) -> Vec<String> {
    roles.iter().filter_map(|id| view.role(*id)).map(|role| role.name.clone()).collect()
}

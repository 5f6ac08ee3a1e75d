//! Who asks, in the words of a question.

use std::sync::{Arc, LazyLock};

use super::decider::Decider;
use super::question::{Person, Principal, PrincipalKind, UserFacts, UserStatus};
use crate::auth::{Caller, Subject, TenantView, permissions_of_scopes};
use crate::mapping::user::restore;
use crate::model::query::GroupOfUser;
use crate::model::{
    ApiKey, BuiltInRole, Connection, ConnectionId, GroupId, Permissions, RoleId, Scopes, Standing, Status,
    TenantId, User, UserId,
};
use crate::storage::StorageError;

/// A user with everything that policies may want to know of somebody who asks.
#[derive(Debug)]
pub struct Holder {
    person: Person,
    roles: Vec<Arc<str>>,
    groups: Vec<GroupId>,
    is_owner: bool,
    permissions: Permissions,
    /// Whether the user is active, and neither suspended nor invited.
    may_act: bool,
}

static NAMELESS: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(""));

/// A caller whom no policy of the tenant's own asks about: its id and permissions are enough.
pub(super) fn plain(caller: &Caller) -> Principal {
    let person = |id: UserId, user_name: &Arc<str>| Person {
        id,
        user_name: Arc::clone(user_name),
        email: None,
        service_account: false,
    };
    let kind = match &caller.subject {
        Subject::User { id, name, .. } => PrincipalKind::User(person(*id, name)),
        Subject::Key { id, name, user_id, .. } => PrincipalKind::ApiKey {
            id: *id,
            name: Arc::clone(name),
            user: user_id.map(|user| person(user, &NAMELESS)),
        },
        Subject::Connection { connection, name, .. } => {
            PrincipalKind::Connection { id: connection.id, name: Arc::clone(name) }
        }
    };
    Principal {
        tenant_id: caller.tenant_id,
        kind,
        roles: Vec::new(),
        groups: Vec::new(),
        permissions: caller.permissions,
        is_owner: false,
    }
}

impl Decider {
    /// A caller with everything that policies may want to know; nothing where its user is gone.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn principal(&self, caller: &Caller) -> Result<Option<Principal>, StorageError> {
        let principal = plain(caller);
        let (Some(user), Some(view)) = (caller.user_id(), &caller.tenant) else { return Ok(Some(principal)) };
        let Some(holder) = self.holder(view, user).await? else { return Ok(None) };
        let kind = match principal.kind {
            PrincipalKind::ApiKey { id, name, .. } => {
                PrincipalKind::ApiKey { id, name, user: Some(holder.person.clone()) }
            }
            _ => PrincipalKind::User(holder.person.clone()),
        };
        Ok(Some(holder.as_principal(caller.tenant_id, kind, caller.permissions)))
    }

    /// A user as one who asks; nothing for one who is not there or may not sign in.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn user_as_principal(
        &self,
        view: &TenantView,
        user: UserId,
    ) -> Result<Option<Principal>, StorageError> {
        let holder = self.holder(view, user).await?.filter(|holder| holder.may_act);
        Ok(holder.map(|holder| {
            let kind = PrincipalKind::User(holder.person.clone());
            holder.as_principal(view.tenant.id, kind, holder.permissions)
        }))
    }

    /// A key as one who asks; nothing for a user's whose user may not sign in.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn key_as_principal(
        &self,
        view: &TenantView,
        key: &ApiKey,
    ) -> Result<Option<Principal>, StorageError> {
        let bounded =
            |owners: Permissions| key.permissions.map_or(owners, |bound| bound.intersection(owners));
        let kind = |user| PrincipalKind::ApiKey { id: key.id, name: Arc::from(&*key.name), user };
        let Some(user) = key.user_id else {
            return Ok(Some(Principal {
                tenant_id: view.tenant.id,
                kind: kind(None),
                roles: Vec::new(),
                groups: Vec::new(),
                permissions: bounded(Permissions::all()),
                is_owner: false,
            }));
        };
        let holder = self.holder(view, user).await?.filter(|holder| holder.may_act);
        Ok(holder.map(|holder| {
            let kind = kind(Some(holder.person.clone()));
            holder.as_principal(view.tenant.id, kind, bounded(holder.permissions))
        }))
    }

    async fn holder(&self, view: &TenantView, user: UserId) -> Result<Option<Arc<Holder>>, StorageError> {
        let tenant = view.tenant.id;
        let look_up = async {
            let Some(stored) = self.storage.lookup_user(tenant, ConnectionId::NONE, user).await? else {
                return Ok(None);
            };
            let person = restore(&stored).map_err(|error| StorageError::Internal(error.to_string()))?;
            let groups = match stored.in_groups {
                true => self.storage.groups_of_users(tenant, vec![stored.id]).await?,
                false => Vec::new(),
            };
            Ok(Some(Arc::new(Holder::new(view, &person, &groups))))
        };
        self.people
            .try_get_with((tenant, user), look_up)
            .await
            .map_err(|error: Arc<StorageError>| (*error).clone())
    }
}

/// An identity provider as one who asks, with a token of every scope.
pub fn connection_as_principal(tenant_id: TenantId, connection: &Connection) -> Principal {
    Principal {
        tenant_id,
        kind: PrincipalKind::Connection { id: connection.id, name: Arc::from(&*connection.name) },
        roles: Vec::new(),
        groups: Vec::new(),
        permissions: permissions_of_scopes(Scopes::ALL),
        is_owner: false,
    }
}

impl Holder {
    fn new(view: &TenantView, user: &User, groups: &[GroupOfUser]) -> Self {
        let facts = UserFacts::of(view, user, groups);
        let roles = all_roles(user, groups);
        Self {
            person: Person {
                id: user.id,
                user_name: facts.user_name,
                email: facts.email,
                service_account: facts.service_account,
            },
            roles: facts.roles,
            groups: facts.groups,
            is_owner: facts.is_owner,
            permissions: view.permissions_of(&roles),
            may_act: user.active != Some(false) && user.account.standing == Standing::Normal,
        }
    }

    fn as_principal(&self, tenant_id: TenantId, kind: PrincipalKind, permissions: Permissions) -> Principal {
        Principal {
            tenant_id,
            kind,
            roles: self.roles.clone(),
            groups: self.groups.clone(),
            permissions,
            is_owner: self.is_owner,
        }
    }
}

impl UserFacts {
    /// Everything about a user. `groups` are all of the user's, direct and indirect.
    pub fn of(view: &TenantView, user: &User, groups: &[GroupOfUser]) -> Self {
        let roles = all_roles(user, groups);
        let named = roles.iter().filter_map(|id| view.role(*id));
        Self {
            id: Some(user.id),
            user_name: Arc::from(&*user.user_name),
            email: user.email.as_deref().map(Arc::from),
            status: user.account.status(user.active != Some(false)).into(),
            is_owner: roles.contains(&BuiltInRole::Owner.id()),
            service_account: user.account.service_account,
            roles: named.map(|role| Arc::from(&*role.name)).collect(),
            groups: groups.iter().map(|group| GroupId(group.group_id)).collect(),
        }
    }

    /// What matters where no policy of the tenant's own has a say.
    pub fn plain(id: UserId, is_owner: bool) -> Self {
        Self {
            id: Some(id),
            user_name: Arc::clone(&NAMELESS),
            email: None,
            status: UserStatus::Active,
            is_owner,
            service_account: false,
            roles: Vec::new(),
            groups: Vec::new(),
        }
    }
}

/// A user's roles, given directly and through groups.
fn all_roles(user: &User, groups: &[GroupOfUser]) -> Vec<RoleId> {
    let through_groups = groups.iter().flat_map(|group| &group.roles);
    let mut roles: Vec<RoleId> = user.account.roles.iter().chain(through_groups).copied().collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

impl From<Status> for UserStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Invited => Self::Invited,
            Status::Active => Self::Active,
            Status::Suspended => Self::Suspended,
            Status::Deactivated => Self::Deactivated,
        }
    }
}

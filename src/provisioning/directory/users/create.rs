//! `POST /v1/users`: register, or create without a password. Invitations have a room of their own.

use serde_json::{Map, json};

use super::super::custom::{refused, told};
use super::super::error::{DirectoryError, Kind, Problem};
use super::super::{Action, Directory, UserDraft, UserView, profile};
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, ExternalIdChange, UserChange};
use crate::model::{
    Account, Audience, AuthProvider, ConnectionId, Permission, PersonName, Timestamp, User, UserId,
};
use crate::provisioning::{ProvisioningError, Request};
use crate::storage::{StorageError, Taken};

impl Directory {
    /// Makes a user.
    ///
    /// # Errors
    /// Every problem of the draft at once (422), a taken name or address (409), roles and groups that are not there
    /// (422) or beyond the caller (403).
    pub async fn create_user(&self, request: &Request, draft: UserDraft) -> Result<UserView, DirectoryError> {
        Self::require(request, Permission::UsersCreate)?;
        let view = Self::tenant(request)?;
        let now = self.now();
        let mut user = new_user(now);
        let mut problems = profile::apply(&draft, &mut user, &view.tenant.settings);
        let action = draft.action();
        let given = draft.custom.clone().flatten().unwrap_or_default();
        match view.custom.create(given, Audience::Admin) {
            Ok(values) => user.custom = values,
            Err(found) => problems.extend(told(found)),
        }
        problems.extend(check_action(&draft, action, view, &user));
        if user.user_name.is_empty() {
            match &user.email {
                Some(email) => user.user_name.clone_from(email),
                None if draft.email.is_some() => {}
                None => {
                    let what = "is required, or 'email', which it defaults to";
                    problems.push(Problem::new("/user_name", "required", what));
                }
            }
        }
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        user.account.roles = match &draft.roles {
            Some(names) => Self::roles_named(view, names)?,
            None => view.tenant.settings.default_roles.clone(),
        };
        Self::check_roles(request, view, &[], &user.account.roles)?;
        let password = match &draft.password {
            Some(password) => {
                Some(self.set_password(&view.tenant.settings.password_policy, &user, password, now).await?)
            }
            None => None,
        };
        let (draft, user, password) = (&draft, &user, &password);
        let written = self
            .attempt(request.caller.tenant_id, None, |this| async move {
                let mut changes = this.insertion(request, action, user);
                changes.credentials.extend(password.clone());
                this.join(request, view, draft, user.id, &mut changes, now).await?;
                Ok(this.provisioning.storage.commit(changes).await?)
            })
            .await;
        self.explained(request, user, written).await?;
        self.view_of(view, user.id).await
    }

    /// The change set that makes a user.
    pub(in crate::provisioning::directory) fn insertion(
        &self,
        request: &Request,
        action: Action,
        user: &User,
    ) -> ChangeSet {
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        let roles = request
            .caller
            .tenant
            .as_ref()
            .map(|view| super::super::view::role_names(view, &user.account.roles));
        let details = json!({ "userName": user.user_name, "action": action.as_str(), "roles": roles });
        changes.audit.push(self.event(request, AuditType::UserCreated, Target::User(user.id), details));
        changes.settings.extend(request.guard(&[user]));
        changes.users.push(UserChange::Insert {
            row: Box::new(request.user_schema().row(user)),
            index: request.user_schema().index_rows(user),
            external_id: user
                .external_id
                .clone()
                .map(|value| ExternalIdChange { connection_id: ConnectionId::NONE, value: Some(value) }),
        });
        changes
    }
}

/// A user of whom nothing is known yet.
pub(in crate::provisioning::directory) fn new_user(now: Timestamp) -> User {
    User {
        id: UserId::generate(),
        user_name: String::new(),
        email: None,
        name: PersonName::default(),
        display_name: None,
        phone: None,
        active: Some(true),
        manager: None,
        external_id: None,
        account: Account::new(AuthProvider::Local),
        custom: Map::new(),
        profile: Map::new(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// What a way of making a user asks for and rules out.
fn check_action(draft: &UserDraft, action: Action, view: &TenantView, user: &User) -> Vec<Problem> {
    let mut problems = Vec::new();
    let local = user.account.auth_provider == AuthProvider::Local;
    let has_password = draft.password.is_some();
    match action {
        Action::Register if local && !has_password => {
            problems.push(Problem::new("/password", "required", "is required to register a local user"));
        }
        Action::Create if local && !user.account.service_account && !has_password => {
            let what = "has to be 'oidc', 'saml' or 'scim', or 'service_account' true, to create a user without a password";
            problems.push(Problem::new("/auth_provider", "required", what));
        }
        _ => {}
    }
    if has_password && (!local || action != Action::Register) {
        let what = "is only accepted for a local user that is registered; federated, service and invited users have none";
        problems.push(Problem::new("/password", "not_accepted", what));
    }
    let nameless = user.name.given.is_none() && user.name.family.is_none();
    if action == Action::Register && view.tenant.settings.names_required && nameless {
        problems.push(Problem::new("/name", "required", "is required by this tenant"));
    }
    problems
}

/// A name or address that somebody else has, told with who that is.
pub(in crate::provisioning::directory) fn taken(error: DirectoryError, _user: &User) -> DirectoryError {
    let DirectoryError::Failed(ProvisioningError::Storage(StorageError::Taken(taken))) = &error else {
        return error;
    };
    let message = match taken {
        Taken::Email => "a user with this email already exists.",
        Taken::UserName => "a user with this username already exists.",
        _ => return error,
    };
    DirectoryError::refused(Kind::Conflict, "user_exists", message)
}

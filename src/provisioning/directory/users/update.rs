//! `PATCH` and `PUT /v1/users/{id}`.

use serde_json::{Map, Value, json};

use super::super::custom::{audience, narrowed, refused, settle, told};
use super::super::error::{DirectoryError, Problem};
use super::super::{Directory, UserDraft, UserView, profile};
use super::avatar;
use crate::access::Changes;
use crate::auth::TenantView;
use crate::mapping::custom;
use crate::mapping::user::to_scim;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, ExternalIdChange, UserChange};
use crate::model::{AuthProvider, ConnectionId, Permission, User, UserId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;
use crate::storage::Resource;

impl Directory {
    /// Changes what the draft says of a user; a draft made whole (see [`UserDraft::whole`]) replaces it.
    ///
    /// # Errors
    /// As for creating; no such user (404), another version than `If-Match` names (412), somebody mightier (403), the
    /// last owner (409).
    pub async fn update_user(
        &self,
        request: &Request,
        id: UserId,
        draft: UserDraft,
        preconditions: &Preconditions,
    ) -> Result<UserView, DirectoryError> {
        let own = request.caller.user_id() == Some(id);
        self.admit(request, rights(own)).await?;
        let view = Self::tenant(request)?;
        let resource = Resource::User(id);
        let _turn = self.provisioning.storage.turn(Some(resource)).await;
        let draft = &draft;
        self.attempt(view.tenant.id, Some(resource), |this| async move {
            this.try_update_user(request, view, id, draft, preconditions).await
        })
        .await?;
        Ok(narrowed(request, view, self.shown(view, id).await?))
    }

    async fn try_update_user(
        &self,
        request: &Request,
        view: &TenantView,
        id: UserId,
        draft: &UserDraft,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        let current = self.view_of(view, id).await?;
        preconditions.check_write(current.user.version)?;
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        let before = current.user.clone();
        let now = self.now();
        let mut after = before.clone();
        let mut problems = profile::apply(draft, &mut after, &view.tenant.settings);
        match settle(view, draft, &before, audience(&request.caller, id, Permission::UsersUpdate)) {
            Ok(values) => after.custom = values,
            Err(found) => problems.extend(told(found)),
        }
        if draft.password.is_some() && after.account.auth_provider != AuthProvider::Local {
            let what = "is only accepted for a local user; a federated one has none";
            problems.push(Problem::new("/password", "not_accepted", what));
        }
        let picture = avatar::wanted(draft, &mut problems);
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        if let Some(names) = &draft.roles {
            after.account.assign(Self::roles_named(view, names)?);
        }
        let mut changes = ChangeSet::new(view.tenant.id);
        let own = request.caller.user_id() == Some(id) && !decided_by_others(&before, &after, draft);
        let moves = draft.groups.is_some() || draft.resource_groups.is_some();
        let asked = [draft.password.is_some(), moves, draft.avatar.is_some()];
        let names = changed_names(&before, &after, asked);
        let told = Changes::of(names.iter().map(String::as_str));
        self.authorize_user(request, rights(own), &current, told).await?;
        let facts = current.facts(view);
        self.check_roles(request, view, &facts, &before.account.roles, &after.account.roles).await?;
        if let Some(password) = &draft.password {
            let policy = &view.tenant.settings.password_policy;
            let change = self.set_password(policy, &after, password, now).await?;
            self.check_history(policy, view.tenant.id, id, password).await?;
            // The session that changes its own user's password goes on; whoever else has one is out.
            let own = request.caller.user_id() == Some(id);
            let except = request.caller.session_id().filter(|_| own);
            changes.credentials.push(change);
            changes.credentials.push(CredentialChange::EndSessions { user_id: id, except, at: now });
            if own && draft.must_reset_password.is_none() {
                after.account.must_reset_password = false;
            }
        }
        self.join(request, view, draft, id, &mut changes, now).await?;
        self.set_avatar(view, id, picture, &mut changes, now).await?;
        let is_same = after == before
            && changes.credentials.is_empty()
            && changes.groups.is_empty()
            && changes.records.is_empty();
        if is_same {
            return Ok(());
        }
        after.version = before.version + 1;
        after.updated_at = now;
        self.keep_last(&before, Some(&after), &mut changes).await?;
        self.update(request, view, &before, &after, &mut changes);
        self.verify_new_address(view, Some(&before), &after, &mut changes)?;
        match self.provisioning.storage.commit(changes).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explained(request, &after, error.into()).await),
        }
    }

    /// Adds the change that makes one user of another, and what tells of it.
    pub(super) fn update(
        &self,
        request: &Request,
        view: &TenantView,
        before: &User,
        after: &User,
        changes: &mut ChangeSet,
    ) {
        let target = Target::User(after.id);
        let details = changed(before, after, changes);
        changes.audit.push(self.event(request, AuditType::UserUpdated, target, Value::Object(details)));
        for (kind, from, to) in [
            (AuditType::RoleAssigned, &before.account.roles, &after.account.roles),
            (AuditType::RoleUnassigned, &after.account.roles, &before.account.roles),
        ] {
            let roles: Vec<_> = to.iter().filter(|role| !from.contains(role)).copied().collect();
            if !roles.is_empty() {
                let details = json!({ "roles": super::super::view::role_names(view, &roles) });
                changes.audit.push(self.event(request, kind, target, details));
            }
        }
        changes.settings.extend(request.guard(&[before, after]));
        changes.users.push(UserChange::Update {
            row: Box::new(view.user_schema().row(after)),
            index: view.user_schema().index_delta(before, after),
            external_id: (before.external_id != after.external_id).then(|| ExternalIdChange {
                connection_id: ConnectionId::NONE,
                value: after.external_id.clone(),
            }),
        });
    }
}

/// What has to be allowed to change a user: of oneself one of two.
fn rights(own: bool) -> &'static [Permission] {
    if own { &[Permission::UsersUpdate, Permission::SelfUpdate] } else { &[Permission::UsersUpdate] }
}

/// People who change themselves by their own session change their profile and password, and what the tenant's own
/// attributes let them, nothing that others decide.
fn decided_by_others(before: &User, after: &User, draft: &UserDraft) -> bool {
    let decided =
        |user: &User| (user.user_name.clone(), user.email.clone(), user.active, user.account.clone());
    decided(before) != decided(after)
        || draft.roles.is_some()
        || draft.groups.is_some()
        || draft.resource_groups.is_some()
}

/// Which fields changed, not their values.
fn changed(before: &User, after: &User, changes: &ChangeSet) -> Map<String, Value> {
    let written = [!changes.credentials.is_empty(), !changes.groups.is_empty(), !changes.records.is_empty()];
    let names = changed_names(before, after, written);
    let mut details = Map::new();
    details.insert("changed".to_owned(), json!(names));
    details
}

/// Which fields changed; of password, groups and picture the caller says so.
fn changed_names(before: &User, after: &User, [password, groups, avatar]: [bool; 3]) -> Vec<String> {
    let (old, new) = (to_scim(before), to_scim(after));
    let (old, new) = (old.as_map(), new.as_map());
    let mut names: Vec<&str> =
        new.iter().filter(|(name, value)| old.get(*name) != Some(value)).map(|(name, _)| &**name).collect();
    names.extend(old.keys().filter(|name| !new.contains_key(*name)).map(|name| &**name));
    let (was, is) = (&before.account, &after.account);
    let fields = [
        ("email_verified", was.email_verified != is.email_verified),
        ("auth_provider", was.auth_provider != is.auth_provider),
        ("service_account", was.service_account != is.service_account),
        ("must_reset_password", was.must_reset_password != is.must_reset_password),
        ("must_enrol_mfa", was.must_enrol_mfa != is.must_enrol_mfa),
        ("must_reset_mfa", was.must_reset_mfa != is.must_reset_mfa),
        ("entity_id", was.entity_id != is.entity_id),
        ("roles", was.roles != is.roles),
        ("password", password),
        ("groups", groups),
        ("avatar", avatar),
    ];
    let own = custom::changed_names(&before.custom, &after.custom);
    names.extend(own.iter().map(String::as_str));
    names.extend(fields.iter().filter(|(_, changed)| *changed).map(|(name, _)| *name));
    names.into_iter().map(str::to_owned).collect()
}

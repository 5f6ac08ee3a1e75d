//! `PATCH` and `PUT /v1/users/{id}`.

use serde_json::{Map, Value, json};

use super::super::custom::{audience, narrowed, refused, settle, told};
use super::super::error::DirectoryError;
use super::super::{Directory, UserDraft, UserView, profile};
use crate::auth::TenantView;
use crate::mapping::custom::changed_names;
use crate::mapping::user::to_scim;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, ExternalIdChange, UserChange};
use crate::model::{ConnectionId, Permission, User, UserId};
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
        Self::require(request, if own { Permission::SelfUpdate } else { Permission::UsersUpdate })?;
        let view = Self::tenant(request)?;
        let resource = Resource::User(id);
        let _turn = self.provisioning.storage.turn(Some(resource)).await;
        let draft = &draft;
        self.attempt(view.tenant.id, Some(resource), |this| async move {
            this.try_update_user(request, view, id, draft, preconditions).await
        })
        .await?;
        let user = self.view_of(view, id).await?;
        Ok(narrowed(request, view, user))
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
        let before = current.user;
        let now = self.now();
        let mut after = before.clone();
        let mut problems = profile::apply(draft, &mut after, &view.tenant.settings);
        match settle(view, draft, &before, audience(&request.caller, id, Permission::UsersUpdate)) {
            Ok(values) => after.custom = values,
            Err(found) => problems.extend(told(found)),
        }
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        Self::check_own(request, &before, &after, draft)?;
        if let Some(names) = &draft.roles {
            after.account.roles = Self::roles_named(view, names)?;
        }
        Self::check_roles(request, view, &before.account.roles, &after.account.roles)?;
        let mut changes = ChangeSet::new(view.tenant.id);
        if let Some(password) = &draft.password {
            changes
                .credentials
                .push(self.set_password(&view.tenant.settings.password_policy, &after, password, now).await?);
            changes.credentials.push(CredentialChange::EndSessions { user_id: id, except: None, at: now });
        }
        self.join(request, view, draft, id, &mut changes, now).await?;
        if after == before && changes.credentials.is_empty() && changes.groups.is_empty() {
            return Ok(());
        }
        after.version = before.version + 1;
        after.updated_at = now;
        self.keep_last(&before, Some(&after), &mut changes).await?;
        self.update(request, view, &before, &after, &mut changes);
        let written = self.provisioning.storage.commit(changes).await.map_err(DirectoryError::from);
        self.explained(request, &after, written).await
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

    /// People who change themselves by their own session change their profile and password, nothing that others decide.
    fn check_own(
        request: &Request,
        before: &User,
        after: &User,
        draft: &UserDraft,
    ) -> Result<(), DirectoryError> {
        let decided =
            |user: &User| (user.user_name.clone(), user.email.clone(), user.active, user.account.clone());
        let is_own = request.caller.user_id() == Some(before.id);
        let beyond = decided(before) != decided(after)
            || draft.roles.is_some()
            || draft.groups.is_some()
            || draft.resource_groups.is_some();
        if is_own && beyond { Self::require(request, Permission::UsersUpdate) } else { Ok(()) }
    }
}

/// Which fields changed, not their values.
fn changed(before: &User, after: &User, changes: &ChangeSet) -> Map<String, Value> {
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
        ("password", !changes.credentials.is_empty()),
        ("groups", !changes.groups.is_empty()),
    ];
    let own = changed_names(&before.custom, &after.custom);
    names.extend(own.iter().map(String::as_str));
    names.extend(fields.iter().filter(|(_, changed)| *changed).map(|(name, _)| *name));
    let mut details = Map::new();
    details.insert("changed".to_owned(), json!(names));
    details
}

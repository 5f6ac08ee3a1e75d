//! `PATCH` and `PUT /v1/users/{id}`.

use serde_json::{Map, json};

use super::super::custom::{audience, narrowed, settle, told};
use super::super::error::{DirectoryError, Kind, Problem};
use super::super::mfa::Holder;
use super::super::{Directory, Said, UserDraft, UserView, profile};
use super::avatar;
use super::faults::Faults;
use super::memberships::Moves;
use super::password::check_imported;
use crate::access::Changes;
use crate::auth::TenantView;
use crate::mapping::custom;
use crate::mapping::user::to_scim;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, ExternalIdChange, UserChange};
use crate::model::{AuthProvider, ConnectionId, Permission, StoredAvatar, User, UserId};
use crate::provisioning::Request;
use crate::provisioning::activation::note_update;
use crate::provisioning::preconditions::Preconditions;

/// What a draft makes of a user.
struct Settled {
    after: User,
    picture: Said<StoredAvatar>,
    moves: Moves,
}

/// What changes of a user beside its own row.
#[derive(Default, PartialEq, Eq)]
struct Written {
    password: bool,
    groups: bool,
    organizations: bool,
    avatar: bool,
}

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
        let draft = &draft;
        self.in_turn(view.tenant.id, id, |this| async move {
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
        Self::check_rank_of_others(&request.caller, &current.user, current.permissions)?;
        let before = current.user.clone();
        let now = self.now();
        let Settled { mut after, picture, moves } = self.drafted(request, view, &current, draft).await?;
        let mut changes = ChangeSet::new(view.tenant.id);
        self.set_avatar(view, id, picture, &mut changes, now).await?;
        let written = Written {
            password: draft.has_password(),
            groups: moves.has_groups(),
            organizations: moves.has_organizations(),
            avatar: !changes.records.is_empty(),
        };
        // Nobody brings the hash of their own password: it would be held against no policy.
        let decided = decided_by_others(&before, &after, &written) || draft.password_hash.is_some();
        if decided || written.password {
            Self::check_rank(&request.caller, &before, current.permissions)?;
        }
        let own = request.caller.user_id() == Some(id) && !decided;
        let names = changed_names(&before, &after, &written);
        let told = Changes::of(names.iter().map(String::as_str));
        self.authorize_user(request, rights(own), &current, told).await?;
        let facts = current.facts(view);
        self.check_roles(request, view, &facts, &before.account.roles, &after.account.roles).await?;
        let holder = Holder::of_request(request, view, &before);
        self.check_taking_over(request, &holder, &after, draft, &mut changes).await?;
        let policy = &view.tenant.settings.password_policy;
        if let Some(change) = self.credential(policy, id, draft, now).await? {
            if let Some(password) = &draft.password {
                self.check_history(policy, view.tenant.id, id, password).await?;
            }
            // The session that changes its own user's password goes on; whoever else has one is out.
            let own = request.caller.user_id() == Some(id);
            let except = request.caller.session_id().filter(|_| own);
            changes.credentials.push(change);
            changes.credentials.push(CredentialChange::EndSessions { user_id: id, except, at: now });
            if own && draft.password.is_some() && draft.must_reset_password.is_none() {
                after.account.must_reset_password = false;
            }
        }
        self.move_user(request, view, id, &moves, &mut changes, now).await?;
        let is_same = after == before && written == Written::default();
        if is_same {
            return Ok(());
        }
        after.version = before.version + 1;
        after.updated_at = now;
        self.keep_last(&before, Some(&after), &mut changes).await?;
        self.update(request, view, (&before, &after), &written, &mut changes);
        self.verify_new_address(view, Some(&before), &after, &mut changes)?;
        match self.provisioning.storage.commit(changes).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.explained(request, &after, error.into()).await),
        }
    }

    /// Of what leads to an account, its holder changes nothing by a session or key alone, which somebody else may have got
    /// hold of.
    ///
    /// # Errors
    /// 422 without the present password, or with a wrong one; 403 for what is done at `/auth/mfa`.
    async fn check_taking_over(
        &self,
        request: &Request,
        holder: &Holder<'_>,
        after: &User,
        draft: &UserDraft,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let before = holder.user;
        if request.caller.user_id() != Some(before.id) {
            return Ok(());
        }
        if after.account.must_reset_mfa && !before.account.must_reset_mfa {
            let message = "Your own second factors are changed at /auth/mfa.";
            return Err(DirectoryError::refused(Kind::Forbidden, "own_factors", message));
        }
        let changes_email = request.caller.session_id().is_some() && before.email != after.email;
        if !draft.has_password() && !changes_email {
            return Ok(());
        }
        let Some(password) = &draft.current_password else {
            let what = "is required to change your own password or e-mail address";
            let problem = Problem::new("/current_password", "required", what);
            return Err(DirectoryError::impossible(vec![problem]));
        };
        self.confirm_password(holder, password, changes).await
    }

    /// What the draft makes of a user, every problem of it found.
    async fn drafted(
        &self,
        request: &Request,
        view: &TenantView,
        current: &UserView,
        draft: &UserDraft,
    ) -> Result<Settled, DirectoryError> {
        let (before, settings) = (&current.user, &view.tenant.settings);
        let mut after = before.clone();
        let mut problems = profile::apply(draft, &mut after, settings);
        match settle(view, draft, before, audience(&request.caller, before.id, Permission::UsersUpdate)) {
            Ok(values) => after.custom = values,
            Err(found) => problems.extend(told(found)),
        }
        let account = &after.account;
        if draft.has_password() && (account.auth_provider != AuthProvider::Local || account.service_account) {
            let what = "is only accepted for a local user; federated and service users have none";
            problems.push(Problem::new(draft.password_pointer(), "not_accepted", what));
        } else {
            problems.extend(check_imported(draft));
        }
        let picture = avatar::wanted(draft, &mut problems);
        let mut faults = Faults::default();
        faults.extend(problems);
        if let Some(roles) = Self::roles_said(view, draft, &mut faults)? {
            after.account.assign(roles);
        }
        let present: Vec<_> = current.groups.iter().map(|(group, _)| group.clone()).collect();
        let moves = self.moves(view, draft, &present, &mut faults).await?;
        let (policy, password) = (&settings.password_policy, draft.password.as_ref());
        self.check_new_password(policy, &after, password, &mut faults).await?;
        faults.settle()?;
        Ok(Settled { after, picture, moves })
    }

    /// Adds the change that makes one user of another, and what tells of it.
    fn update(
        &self,
        request: &Request,
        view: &TenantView,
        (before, after): (&User, &User),
        written: &Written,
        changes: &mut ChangeSet,
    ) {
        let target = Target::User(after.id);
        let changed = json!(changed_names(before, after, written));
        let details = Map::from_iter([("changed".to_owned(), changed)]);
        note_update(request, before, after, details, changes);
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
fn decided_by_others(before: &User, after: &User, written: &Written) -> bool {
    let decided =
        |user: &User| (user.user_name.clone(), user.email.clone(), user.active, user.account.clone());
    decided(before) != decided(after) || written.groups || written.organizations
}

/// Which fields changed, not their values.
fn changed_names(before: &User, after: &User, written: &Written) -> Vec<String> {
    let (old, new) = (to_scim(before), to_scim(after));
    let mut names: Vec<&str> = old.differing(&new).collect();
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
        ("password", written.password),
        ("groups", written.groups),
        ("organizations", written.organizations),
        ("avatar", written.avatar),
    ];
    let own = custom::changed_names(&before.custom, &after.custom);
    names.extend(own.iter().map(String::as_str));
    names.extend(fields.iter().filter(|(_, changed)| *changed).map(|(name, _)| *name));
    names.into_iter().map(str::to_owned).collect()
}

//! `POST /v1/users`: register, create without a password, or invite.

use serde_json::{Map, json};

use super::super::custom::told;
use super::super::error::{DirectoryError, Problem};
use super::super::{Action, Directory, Issued, NewUser, UserDraft, profile};
use super::faults::Faults;
use super::password::check_imported;
use super::taken::what_is_taken;
use super::{avatar, once};
use crate::access::question::UserFacts;
use crate::access::{Changes, Thing};
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, ExternalIdChange, UserChange};
use crate::model::{
    Account, Audience, AuthProvider, ConnectionId, IdempotencyKey, Permission, PersonName, RecordChange,
    Standing, StoredAvatar, Timestamp, User, UserId,
};
use crate::provisioning::Request;

/// A user that is about to be made.
struct Candidate {
    action: Action,
    user: User,
    picture: Option<StoredAvatar>,
}

impl Directory {
    /// Makes a user, or invites one.
    ///
    /// # Errors
    /// Every problem of the draft at once, roles and groups that are not there among them (422); a taken name or address
    /// (409); roles and groups beyond the caller (403).
    pub async fn create_user(&self, request: &Request, draft: UserDraft) -> Result<NewUser, DirectoryError> {
        self.create_user_noting(request, draft, None).await
    }

    /// The same; what is made is noted under the key, if there is one.
    pub(super) async fn create_user_noting(
        &self,
        request: &Request,
        draft: UserDraft,
        key: Option<&IdempotencyKey>,
    ) -> Result<NewUser, DirectoryError> {
        let invites = draft.action() == Action::Invite;
        let right = if invites { Permission::UsersInvite } else { Permission::UsersCreate };
        self.admit(request, &[right]).await?;
        let view = Self::tenant(request)?;
        let candidate = self.candidate(request, view, &draft).await?;
        let again = candidate.user.email.as_deref().filter(|_| invites);
        if let Some(known) = self.known_invitee(request, view, again, &draft).await? {
            return Ok(known);
        }
        let error = match self.insert_user(request, view, &draft, &candidate, key).await {
            Ok(invitation) => {
                let view = self.shown(view, candidate.user.id).await?;
                return Ok(NewUser { view, invitation, known: false });
            }
            Err(error) if once::is_key_taken(&error) => return Err(once::in_progress()),
            Err(error) => error,
        };
        // Somebody else may have invited the same person a moment ago.
        let again = again.filter(|_| what_is_taken(&error).is_some());
        let known = self.known_invitee(request, view, again, &draft).await?;
        match known {
            Some(known) => Ok(known),
            None => Err(self.explained(request, &candidate.user, error).await),
        }
    }

    /// Reads the draft into a user.
    async fn candidate(
        &self,
        request: &Request,
        view: &TenantView,
        draft: &UserDraft,
    ) -> Result<Candidate, DirectoryError> {
        let (action, settings) = (draft.action(), &view.tenant.settings);
        let mut user = new_user(self.now());
        let mut problems = profile::apply(draft, &mut user, settings);
        if action == Action::Invite {
            user.account.standing = Standing::Invited;
        }
        let values = draft.custom.clone().flatten().unwrap_or_default();
        match view.custom.create(values, Audience::Admin) {
            Ok(values) => user.custom = values,
            Err(found) => problems.extend(told(found)),
        }
        problems.extend(check_action(draft, action, view, &user));
        let picture = avatar::wanted(draft, &mut problems).flatten();
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
        let mut faults = Faults::default();
        faults.extend(problems);
        let roles = Self::roles_said(view, draft, &mut faults)?;
        user.account.roles = roles.unwrap_or_else(|| settings.default_roles.clone());
        self.moves(view, draft, &[], &mut faults).await?;
        let policy = &settings.password_policy;
        self.check_new_password(policy, &user, draft.password.as_ref(), &mut faults).await?;
        faults.settle()?;
        let right = if action == Action::Invite { Permission::UsersInvite } else { Permission::UsersCreate };
        let facts = UserFacts { id: None, ..UserFacts::of(view, &user, &[]) };
        let given = Changes { roles: facts.roles.clone(), ..Changes::default() };
        self.authorize_change(request, right, Thing::User(facts.clone()), given).await?;
        self.check_roles(request, view, &facts, &[], &user.account.roles).await?;
        Ok(Candidate { action, user, picture })
    }

    /// Writes the user with all that comes with it; gives the invitation, if it is one.
    async fn insert_user(
        &self,
        request: &Request,
        view: &TenantView,
        draft: &UserDraft,
        candidate: &Candidate,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Issued>, DirectoryError> {
        let Candidate { action, user, picture } = candidate;
        let at = user.created_at;
        let policy = &view.tenant.settings.password_policy;
        let password = &self.credential(policy, user.id, draft, at).await?;
        self.attempt(request.caller.tenant_id, None, |this| async move {
            let mut changes = this.insertion(request, *action, user);
            changes.credentials.extend(password.clone());
            changes.records.extend(picture.clone().map(|avatar| RecordChange::SetAvatar {
                user_id: user.id,
                avatar,
                at,
            }));
            changes.records.extend(key.map(|key| once::note(key, user.id, at)));
            // A group may have gone since.
            let mut faults = Faults::default();
            let moves = this.moves(view, draft, &[], &mut faults).await?;
            faults.settle()?;
            this.move_user(request, view, user.id, &moves, &mut changes, at).await?;
            let issued = match action {
                Action::Invite => Some(this.issue(request, view, user, None, &mut changes)?),
                Action::Register | Action::Create => {
                    this.verify_new_address(view, None, user, &mut changes)?;
                    None
                }
            };
            this.provisioning.storage.commit(changes).await?;
            Ok(issued)
        })
        .await
    }

    /// What became of inviting this address again; nothing where nobody has it, or nobody is invited.
    async fn known_invitee(
        &self,
        request: &Request,
        view: &TenantView,
        email: Option<&str>,
        draft: &UserDraft,
    ) -> Result<Option<NewUser>, DirectoryError> {
        match email {
            Some(email) => self.invite_again(request, view, email, draft.resend == Some(true)).await,
            None => Ok(None),
        }
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
        // An invited user is created when the invitation is accepted.
        if action != Action::Invite {
            changes.audit.push(request.event(
                user.created_at,
                AuditType::UserCreated,
                Target::User(user.id),
                details,
            ));
        }
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
    let program = user.account.service_account;
    let has_password = draft.has_password();
    match action {
        Action::Register if program && !has_password => {
            let what = "cannot be true for a user who is registered; use the action 'create', which asks for no password";
            problems.push(Problem::new("/service_account", "not_accepted", what));
        }
        Action::Register if local && !has_password => {
            problems.push(Problem::new("/password", "required", "is required to register a local user"));
        }
        Action::Create if local && !program && !has_password => {
            let what = "has to be 'oidc', 'saml' or 'scim', or 'service_account' true, to create a user without a password";
            problems.push(Problem::new("/auth_provider", "required", what));
        }
        Action::Invite => problems.extend(check_invitation(draft, user)),
        _ => {}
    }
    if draft.resend == Some(true) && action != Action::Invite {
        problems.push(Problem::new("/resend", "not_accepted", "is only accepted for a user who is invited"));
    }
    if has_password && (!local || program || action != Action::Register) {
        let what = "is only accepted for a local user that is registered; federated, service and invited users have none";
        problems.push(Problem::new(draft.password_pointer(), "not_accepted", what));
    } else {
        problems.extend(check_imported(draft));
    }
    let nameless = user.name.given.is_none() && user.name.family.is_none();
    if action == Action::Register && view.tenant.settings.names_required && nameless {
        problems.push(Problem::new("/name", "required", "is required by this tenant"));
    }
    problems
}

/// What an invitation asks for and rules out: its holder signs in here, and is reached by mail.
fn check_invitation(draft: &UserDraft, user: &User) -> Vec<Problem> {
    let mut problems = Vec::new();
    if user.email.is_none() && !matches!(draft.email, Some(Some(_))) {
        problems.push(Problem::new("/email", "required", "is required to invite a user"));
    }
    if user.account.service_account {
        let what = "cannot be true for a user who is invited: nobody reads a program's mail";
        problems.push(Problem::new("/service_account", "not_accepted", what));
    }
    if user.account.auth_provider != AuthProvider::Local {
        let what =
            "has to be 'local' for a user who is invited, who sets a password; use the action 'create'";
        problems.push(Problem::new("/auth_provider", "not_accepted", what));
    }
    if user.active == Some(false) {
        let what = "cannot be false for a user who is invited";
        problems.push(Problem::new("/is_active", "not_accepted", what));
    }
    problems
}

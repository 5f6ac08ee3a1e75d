//! `POST /auth/invitations/accept`: the token in the link is the credential, and is spent. Who accepts is signed in,
//! unless something else comes first.

use serde_json::json;

use super::super::error::{DirectoryError, Kind, Problem};
use super::super::invitations::{accepted, outgrown, revoked};
use super::super::users::{Faults, PASSWORD};
use super::super::{Granted, UserDraft, UserView, profile, view};
use super::due::{Factors, Step, due};
use super::session::Tokens;
use super::verify_email::has_to_verify;
use super::{SignIn, Visit};
use crate::auth::TenantView;
use crate::auth::password::Password;
use crate::mapping::values::EmailAddress;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, UserChange};
use crate::model::invitation::{Invitation, InvitationChange};
use crate::model::{Actor, AuthProvider, Permissions, Standing, Timestamp, User};
use crate::scim::fold::fold;

/// What the invited say.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The address that they hold for theirs; it has to be the one that was invited.
    pub email: Option<String>,
    pub password: Password,
    /// Their name, language and time zone; nothing else is theirs to say yet.
    pub profile: UserDraft,
    /// Whether a session is begun. A page in a browser has nobody to hand its token to.
    pub session: bool,
}

/// What became of who has accepted an invitation.
#[derive(Debug)]
pub enum Joined {
    /// Nothing is due: they are signed in.
    SignedIn(Box<Granted>),
    /// This has to be done first; the user signs in to do it. Where it is the address that has to
    /// be verified a link was mailed to it.
    Due(Step, Box<UserView>),
    /// Nothing is due, and no session was asked for.
    Ready(Box<UserView>),
}

/// What comes after an acceptance, before the user is read again.
enum Next {
    Tokens(Box<Tokens>),
    Due(Step),
    Nothing,
}

impl SignIn {
    /// Makes a live user of an invited one, and signs them in. Of two who accept at once one does.
    ///
    /// # Errors
    /// As [`super::super::Directory::open_invitation`]; a link that was shown to somebody who may do less than the user may
    /// by now (410); an address that is somebody else's (403), a password that the tenant's policy refuses or a name that it
    /// misses (422).
    pub async fn accept_invitation(
        &self,
        visit: &Visit,
        token: &str,
        acceptance: &Acceptance,
    ) -> Result<Joined, DirectoryError> {
        let (invitation, view) = self.directory.open_invitation(token).await?;
        let next = self
            .in_turn(view.tenant.id, invitation.user_id, |this| async move {
                this.try_accept_invitation(visit, token, acceptance).await
            })
            .await?;
        let user = self.directory.view_of(&view, invitation.user_id).await?;
        Ok(match next {
            Next::Tokens(tokens) => Joined::SignedIn(Box::new(Granted { tokens: *tokens, user })),
            Next::Due(step) => Joined::Due(step, Box::new(user)),
            Next::Nothing => Joined::Ready(Box::new(user)),
        })
    }

    async fn try_accept_invitation(
        &self,
        visit: &Visit,
        token: &str,
        acceptance: &Acceptance,
    ) -> Result<Next, DirectoryError> {
        let directory = &self.directory;
        let (invitation, view) = directory.open_invitation(token).await?;
        let storage = &directory.provisioning.storage;
        if storage.existing_users(view.tenant.id, vec![invitation.user_id.0]).await?.is_empty() {
            return Err(revoked());
        }
        let current = directory.view_of(&view, invitation.user_id).await?;
        check(&invitation, &current.user, acceptance)?;
        let at = directory.now();
        let beyond = invitation.beyond_viewer(current.permissions);
        if !beyond.is_empty() {
            self.end_outgrown(visit, &invitation, &current.user, beyond, at).await?;
            return Err(outgrown());
        }
        let (after, faults) = accepted_user(&invitation, &view, &current.user, acceptance, at);
        let policy = &view.tenant.settings.password_policy;
        let chosen = (&acceptance.password, at);
        let password = directory.set_password_beside(faults, PASSWORD, policy, &after, chosen).await?;
        let mut changes = ChangeSet::new(view.tenant.id);
        let accepted = InvitationChange::Accept { id: invitation.id, expected: invitation.version, at };
        changes.credentials.push(CredentialChange::Invitation(accepted));
        changes.credentials.push(password);
        changes.settings.extend(view.guard(&[&current.user, &after]));
        changes.users.push(UserChange::Update {
            row: Box::new(view.user_schema().row(&after)),
            index: view.user_schema().index_delta(&current.user, &after),
            external_id: None,
        });
        // The user is created now, by who invited; from where, and by which request, is the holder's.
        let details = json!({
            "userName": after.user_name,
            "action": "invite",
            "invitation": invitation.id,
            "roles": view::role_names(&view, &after.account.roles),
        });
        let (inviter, target) = (invitation.invited_by.clone(), Target::User(after.id));
        changes.audit.push(visit.event(at, AuditType::UserCreated, inviter, target, details));
        if has_to_verify(&view.tenant.settings, &after) {
            directory.ask_to_verify(&view, &after, at, &mut changes)?;
        }
        let factors = Factors { enrolled: current.mfa_enrolled, shown: false };
        let next = if let Some(step) = due(&view.tenant.settings, &after, factors, at, at) {
            Next::Due(step)
        } else if acceptance.session {
            let holder = (&after, current.permissions);
            let begun = self.new_session(visit, &view, holder, &["pwd"], at).await?;
            Next::Tokens(Box::new(begun.write(visit, &after, at, &mut changes)))
        } else {
            Next::Nothing
        };
        storage.commit(changes).await?;
        Ok(next)
    }
}

impl SignIn {
    /// Ends a link by which whoever was shown it would get these permissions besides. The invitation has expired then, so it
    /// can be sent again by somebody who holds as much, and this is told once.
    async fn end_outgrown(
        &self,
        visit: &Visit,
        invitation: &Invitation,
        user: &User,
        beyond: Permissions,
        at: Timestamp,
    ) -> Result<(), DirectoryError> {
        let mut changes = ChangeSet::new(invitation.tenant_id);
        let lapse = InvitationChange::Lapse { id: invitation.id, expected: invitation.version, at };
        changes.credentials.push(CredentialChange::Invitation(lapse));
        let details =
            json!({ "userName": user.user_name, "invitation": invitation.id, "permissions": beyond });
        let (kind, target) = (AuditType::InvitationRefused, Target::User(user.id));
        changes.audit.push(visit.event(at, kind, Actor::System, target, details));
        Ok(self.directory.provisioning.storage.commit(changes).await?)
    }
}

/// That the user can accept this invitation, and is who was invited.
fn check(invitation: &Invitation, user: &User, acceptance: &Acceptance) -> Result<(), DirectoryError> {
    if user.account.standing != Standing::Invited {
        return Err(accepted());
    }
    // The link went to an address that an administrator has since put another one in the place of.
    if user.email.as_deref().map(fold).as_deref() != Some(&*invitation.email_key) {
        return Err(revoked());
    }
    if user.active == Some(false) {
        let message = "This account was deactivated; ask who invited you.";
        return Err(DirectoryError::refused(Kind::Forbidden, "user_deactivated", message));
    }
    if user.account.auth_provider != AuthProvider::Local {
        let message = "This account signs in through an identity provider, and has no password here.";
        return Err(DirectoryError::refused(Kind::Forbidden, "user_federated", message));
    }
    let Some(said) = &acceptance.email else { return Ok(()) };
    let is_invited =
        EmailAddress::parse(said).is_ok_and(|address| *fold(address.as_str()) == *invitation.email_key);
    if is_invited {
        return Ok(());
    }
    let message = "'email' is not the address that this invitation is for.";
    Err(DirectoryError::refused(Kind::Forbidden, "email_mismatch", message))
}

/// The user as it is from now on, and what is wrong with what the holder says of it. A link that was mailed shows that its holder reads that address's mail; one that was
/// shown to an administrator shows nothing.
fn accepted_user(
    invitation: &Invitation,
    view: &TenantView,
    before: &User,
    acceptance: &Acceptance,
    at: Timestamp,
) -> (User, Faults) {
    let settings = &view.tenant.settings;
    let (mut after, mut faults) = (before.clone(), Faults::default());
    faults.extend(profile::apply(&acceptance.profile, &mut after, settings));
    let nameless = after.name.given.is_none() && after.name.family.is_none();
    if settings.names_required && nameless {
        faults.extend([Problem::new("/name", "required", "is required by this tenant")]);
    }
    after.account.standing = Standing::Normal;
    after.account.email_verified |= invitation.was_mailed();
    // The password is the holder's own from the beginning.
    after.account.must_reset_password = false;
    after.version += 1;
    after.updated_at = at;
    (after, faults)
}

//! `POST /auth/invitations/accept`: the token in the link is the credential, and is spent.

use std::sync::Arc;

use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::super::error::{DirectoryError, Kind, Problem};
use super::super::{Directory, UserDraft, UserView, profile};
use crate::auth::password::Password;
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::mapping::values::EmailAddress;
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, CredentialChange, UserChange};
use crate::model::invitation::{Invitation, InvitationChange, InvitationState};
use crate::model::{EventId, Standing, TenantStatus, Timestamp, User};
use crate::scim::fold::fold;
use crate::storage::Resource;

/// What the invited say.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The address that they hold for theirs; it has to be the one that was invited.
    pub email: Option<String>,
    pub password: Password,
    /// Their name, language and time zone; nothing else is theirs to say yet.
    pub profile: UserDraft,
}

impl Directory {
    /// The invitation whose link has this token, as long as it can be accepted, and the tenant that it invites to.
    ///
    /// # Errors
    /// No such token (404), an invitation that was accepted, has expired or was revoked (410), a suspended tenant (403).
    pub async fn open_invitation(
        &self,
        token: &str,
    ) -> Result<(Invitation, Arc<TenantView>), DirectoryError> {
        let text = TokenText::parse(token).filter(|text| text.kind() == CredentialKind::Invitation);
        let text = text.ok_or_else(unknown)?;
        let hash = text.hash();
        let found = self.provisioning.storage.find_invitation(text.tenant_id(), &hash).await?;
        let same = |invitation: &Invitation| bool::from(invitation.token_hash.ct_eq(&hash));
        let invitation = found.filter(same).ok_or_else(unknown)?;
        let view = self.authenticator.tenant(text.tenant_id()).await?.ok_or_else(unknown)?;
        if view.tenant.status == TenantStatus::Suspended {
            let message = "The tenant is suspended; nobody can join it.";
            return Err(DirectoryError::refused(Kind::Forbidden, "tenant_suspended", message));
        }
        match invitation.state_at(self.now()) {
            InvitationState::Pending => Ok((invitation, view)),
            InvitationState::Accepted => Err(accepted()),
            InvitationState::Revoked => Err(revoked()),
            InvitationState::Expired => {
                let message = "This invitation has expired; ask for another one.";
                Err(DirectoryError::refused(Kind::Gone, "invitation_expired", message))
            }
        }
    }

    /// Makes a live user of an invited one. Of two who accept at once one does.
    ///
    /// # Errors
    /// As [`Directory::open_invitation`]; an address that is somebody else's (403), a password that the tenant's policy
    /// refuses or a name that it misses (422).
    pub async fn accept_invitation(
        &self,
        origin: &Origin,
        token: &str,
        acceptance: &Acceptance,
    ) -> Result<UserView, DirectoryError> {
        let (invitation, view) = self.open_invitation(token).await?;
        let resource = Resource::User(invitation.user_id);
        let _turn = self.provisioning.storage.turn(Some(resource)).await;
        self.attempt(view.tenant.id, Some(resource), |this| async move {
            this.try_accept_invitation(origin, token, acceptance).await
        })
        .await?;
        self.view_of(&view, invitation.user_id).await
    }

    async fn try_accept_invitation(
        &self,
        origin: &Origin,
        token: &str,
        acceptance: &Acceptance,
    ) -> Result<(), DirectoryError> {
        let (invitation, view) = self.open_invitation(token).await?;
        let storage = &self.provisioning.storage;
        if storage.existing_users(view.tenant.id, vec![invitation.user_id.0]).await?.is_empty() {
            return Err(revoked());
        }
        let before = self.view_of(&view, invitation.user_id).await?.user;
        check(&invitation, &before, acceptance)?;
        let at = self.now();
        let after = accepted_user(&invitation, &view, &before, acceptance, at)?;
        let policy = &view.tenant.settings.password_policy;
        let password = self.set_password(policy, &after, &acceptance.password, at).await?;
        let mut changes = ChangeSet::new(view.tenant.id);
        let accepted = InvitationChange::Accept { id: invitation.id, expected: invitation.version, at };
        changes.credentials.push(CredentialChange::Invitation(accepted));
        changes.credentials.push(password);
        changes.settings.extend(view.guard(&[&before, &after]));
        changes.users.push(UserChange::Update {
            row: Box::new(view.user_schema().row(&after)),
            index: view.user_schema().index_delta(&before, &after),
            external_id: None,
        });
        changes.audit.push(created(&invitation, &view, &after, origin, at));
        Ok(storage.commit(changes).await?)
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
    let Some(said) = &acceptance.email else { return Ok(()) };
    let is_invited =
        EmailAddress::parse(said).is_ok_and(|address| *fold(address.as_str()) == *invitation.email_key);
    if is_invited {
        return Ok(());
    }
    let message = "'email' is not the address that this invitation is for.";
    Err(DirectoryError::refused(Kind::Forbidden, "email_mismatch", message))
}

/// The user as it is from now on. A link that was mailed shows that its holder reads that address's mail; one that was
/// shown to an administrator shows nothing.
fn accepted_user(
    invitation: &Invitation,
    view: &TenantView,
    before: &User,
    acceptance: &Acceptance,
    at: Timestamp,
) -> Result<User, DirectoryError> {
    let settings = &view.tenant.settings;
    let mut after = before.clone();
    let mut problems = profile::apply(&acceptance.profile, &mut after, settings);
    let nameless = after.name.given.is_none() && after.name.family.is_none();
    if settings.names_required && nameless {
        problems.push(Problem::new("/name", "required", "is required by this tenant"));
    }
    if !problems.is_empty() {
        return Err(DirectoryError::impossible(problems));
    }
    after.account.standing = Standing::Normal;
    after.account.email_verified |= invitation.was_mailed();
    // The password is the holder's own from the beginning.
    after.account.must_reset_password = false;
    after.version += 1;
    after.updated_at = at;
    Ok(after)
}

/// The user is created now, by who invited; from where, and by which request, is the holder's.
fn created(
    invitation: &Invitation,
    view: &TenantView,
    user: &User,
    origin: &Origin,
    at: Timestamp,
) -> AuditEvent {
    let details = json!({
        "userName": user.user_name,
        "action": "invite",
        "invitation": invitation.id,
        "roles": super::super::view::role_names(view, &user.account.roles),
    });
    AuditEvent {
        id: EventId::generate(),
        at,
        kind: AuditType::UserCreated,
        origin: Origin { actor: invitation.invited_by.clone(), ..origin.clone() },
        target: Target::User(user.id),
        details,
    }
}

fn unknown() -> DirectoryError {
    let message = "This link is not one of an invitation, or another one was sent since.";
    DirectoryError::refused(Kind::Missing, "not_found", message)
}

fn accepted() -> DirectoryError {
    let message = "This invitation was accepted already; sign in instead.";
    DirectoryError::refused(Kind::Gone, "invitation_accepted", message)
}

fn revoked() -> DirectoryError {
    DirectoryError::refused(Kind::Gone, "invitation_revoked", "This invitation was revoked.")
}

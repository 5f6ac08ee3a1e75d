//! `POST /v1/invitations/{id}/resend` and `/revoke`.

use serde_json::json;

use super::super::error::DirectoryError;
use super::super::{Directory, UserView};
use super::{Issued, conflict, of_invitation};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::ChangeSet;
use crate::model::invitation::{Invitation, InvitationState};
use crate::model::{InvitationId, Permission, Standing};
use crate::provisioning::Request;

impl Directory {
    /// Gives an invitation that nobody has accepted another link, and all of its time again; the old link is dead.
    ///
    /// # Errors
    /// No such invitation (404), one that was accepted, revoked or followed by another (409), a user who is to hold
    /// more than the caller does (403).
    pub async fn resend_invitation(
        &self,
        request: &Request,
        id: InvitationId,
    ) -> Result<Issued, DirectoryError> {
        self.admit(request, &[Permission::UsersInvite]).await?;
        let view = Self::tenant(request)?;
        self.attempt(view.tenant.id, None, |this| async move {
            let (invitation, current) = this.open_to_change(request, view, id).await?;
            // Who is invited again is decided like who is invited.
            this.authorize_user(request, &[Permission::UsersInvite], &current, Changes::default()).await?;
            if current.user.active == Some(false) {
                let message =
                    "This user is deactivated; reactivate them before the invitation is sent again.";
                return Err(conflict("user_deactivated", message));
            }
            let mut changes = ChangeSet::new(view.tenant.id);
            let issued = this.renew(request, view, &current.user, invitation, &mut changes)?;
            this.provisioning.storage.commit(changes).await?;
            Ok(issued)
        })
        .await
    }

    /// Revokes an invitation that nobody has accepted; the user record that waited for its holder goes with it.
    ///
    /// # Errors
    /// As [`Directory::resend_invitation`].
    pub async fn revoke_invitation(
        &self,
        request: &Request,
        id: InvitationId,
    ) -> Result<Invitation, DirectoryError> {
        self.admit(request, &[Permission::UsersInvite]).await?;
        let view = Self::tenant(request)?;
        self.attempt(view.tenant.id, None, |this| async move {
            let (invitation, current) = this.open_to_change(request, view, id).await?;
            let mut changes = this.deletion(request, view, &current).await?;
            let details = json!({ "userName": current.user.user_name, "invitation": invitation.id });
            let target = Target::User(current.user.id);
            changes.audit.push(this.event(request, AuditType::InvitationRevoked, target, details));
            Ok(this.provisioning.storage.commit(changes).await?)
        })
        .await?;
        let revoked = self.provisioning.storage.lookup_invitation(view.tenant.id, id).await?;
        revoked.ok_or_else(|| DirectoryError::missing("Invitation", id))
    }

    /// An invitation that is the last of a user who has not accepted it.
    async fn open_to_change(
        &self,
        request: &Request,
        view: &TenantView,
        id: InvitationId,
    ) -> Result<(Invitation, UserView), DirectoryError> {
        let storage = &self.provisioning.storage;
        let found = storage.lookup_invitation(view.tenant.id, id).await?;
        let invitation = found.ok_or_else(|| DirectoryError::missing("Invitation", id))?;
        self.authorize(request, Permission::UsersInvite, of_invitation(&invitation)).await?;
        match invitation.state {
            InvitationState::Accepted => {
                return Err(conflict("invitation_accepted", "This invitation was accepted."));
            }
            InvitationState::Revoked => {
                return Err(conflict("invitation_revoked", "This invitation was revoked."));
            }
            InvitationState::Pending | InvitationState::Expired => {}
        }
        let last = storage.last_invitation_of(view.tenant.id, invitation.user_id).await?;
        if last.is_some_and(|last| last.id != id) {
            let message = "Another invitation of the same user has followed this one.";
            return Err(conflict("invitation_replaced", message));
        }
        let current = self.view_of(view, invitation.user_id).await?;
        if current.user.account.standing != Standing::Invited {
            return Err(conflict("invitation_accepted", "This user is no longer waiting for an invitation."));
        }
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        Ok((invitation, current))
    }
}

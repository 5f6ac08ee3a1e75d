//! `GET /auth/invitations/{token}`: what a link leads to. The token in it is the credential.

use std::sync::Arc;

use subtle::ConstantTimeEq as _;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::model::TenantStatus;
use crate::model::invitation::{Invitation, InvitationState};

impl Directory {
    /// The invitation whose link has this token, as long as it can be accepted, and the tenant that it invites to.
    ///
    /// # Errors
    /// No such token, or a tenant that is being deleted (404); an invitation that was accepted, has expired or was revoked
    /// (410); a suspended tenant (403).
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
        match view.tenant.status {
            TenantStatus::Active => {}
            TenantStatus::Deleting => return Err(unknown()),
            TenantStatus::Suspended => {
                let message = "The tenant is suspended; nobody can join it.";
                return Err(DirectoryError::refused(Kind::Forbidden, "tenant_suspended", message));
            }
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
}

fn unknown() -> DirectoryError {
    let message = "This link is not one of an invitation, or another one was sent since.";
    DirectoryError::refused(Kind::Missing, "not_found", message)
}

/// 410: somebody was here before.
pub(in crate::provisioning::directory) fn accepted() -> DirectoryError {
    let message = "This invitation was accepted already; sign in instead.";
    DirectoryError::refused(Kind::Gone, "invitation_accepted", message)
}

/// 410: whoever was shown the link would become somebody mightier by it.
pub(in crate::provisioning::directory) fn outgrown() -> DirectoryError {
    let message = "This account has been given more than they may do who were shown the link, so the link has ended; ask \
                   for another one.";
    DirectoryError::refused(Kind::Gone, "invitation_outgrown", message)
}

/// 410: who invited thought better of it.
pub(in crate::provisioning::directory) fn revoked() -> DirectoryError {
    DirectoryError::refused(Kind::Gone, "invitation_revoked", "This invitation was revoked.")
}

//! An address that is invited again.

use super::super::error::DirectoryError;
use super::super::users::taken;
use super::super::{Directory, UserView};
use super::{Issued, NewUser, of_invitation};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::model::change::ChangeSet;
use crate::model::invitation::InvitationState;
use crate::model::{Invitation, Permission, Status, UserId};
use crate::provisioning::Request;
use crate::scim::fold::fold;
use crate::storage::{StorageError, Taken};

impl Directory {
    /// What inviting this address means where somebody has it already: the invitation that is pending, another link for
    /// it if it is to be sent again, or after an expired one another invitation of the same user. Nothing where nobody
    /// has the address.
    ///
    /// # Errors
    /// 409 for somebody who is not waiting to accept; 403 for one who is to hold more than the caller does.
    pub(in crate::provisioning::directory) async fn invite_again(
        &self,
        request: &Request,
        view: &TenantView,
        email: &str,
        resend: bool,
    ) -> Result<Option<NewUser>, DirectoryError> {
        let email_key = &*fold(email);
        self.attempt(view.tenant.id, None, |this| async move {
            this.try_invite_again(request, view, email_key, resend).await
        })
        .await
    }

    async fn try_invite_again(
        &self,
        request: &Request,
        view: &TenantView,
        email_key: &str,
        resend: bool,
    ) -> Result<Option<NewUser>, DirectoryError> {
        let storage = &self.provisioning.storage;
        let Some(stored) = storage.holder_of_email(view.tenant.id, email_key).await? else { return Ok(None) };
        let current = self.view_of(view, UserId(stored.id)).await?;
        let user = &current.user;
        if user.account.status(user.active.unwrap_or(true)) != Status::Invited {
            return Err(self.email_exists(request, &current).await);
        }
        self.authorize_user(request, &[Permission::UsersInvite], &current, Changes::default()).await?;
        let last = storage.last_invitation_of(view.tenant.id, user.id).await?;
        if let Some(last) = &last {
            self.authorize(request, Permission::UsersInvite, of_invitation(last)).await?;
        }
        let pending = last.as_ref().filter(|last| last.state_at(self.now()) == InvitationState::Pending);
        let made = |view: UserView, issued: Issued| NewUser { view, invitation: Some(issued), known: true };
        match pending.filter(|pending| !resend && pending.email_key == email_key) {
            Some(pending) => {
                let issued = Issued { invitation: pending.clone(), link: None };
                Ok(Some(made(current, issued)))
            }
            None => {
                let issued = self.write_again(request, view, &current, pending, last.as_ref()).await?;
                Ok(Some(made(current, issued)))
            }
        }
    }

    async fn write_again(
        &self,
        request: &Request,
        view: &TenantView,
        current: &UserView,
        pending: Option<&Invitation>,
        last: Option<&Invitation>,
    ) -> Result<Issued, DirectoryError> {
        // The link may be shown to the caller, who could then become this user.
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        let mut changes = ChangeSet::new(view.tenant.id);
        let issued = match pending {
            Some(pending) => self.renew(request, view, &current.user, pending.clone(), &mut changes)?,
            None => self.issue(request, view, &current.user, last, &mut changes)?,
        };
        self.provisioning.storage.commit(changes).await?;
        Ok(issued)
    }

    /// 409, with who has the address for callers who may read that.
    async fn email_exists(&self, request: &Request, holder: &UserView) -> DirectoryError {
        let refused = taken(StorageError::Taken(Taken::Email).into());
        self.exists(request, refused, holder).await
    }
}

//! `GET /v1/invitations`.

use super::super::error::DirectoryError;
use super::super::{Directory, Page};
use crate::model::invitation::{Invitation, InvitationState};
use crate::model::{InvitationId, Permission};
use crate::provisioning::Request;
use crate::scim::fold::fold;
use crate::storage::InvitationQuery;

/// Which invitations are meant; what is not said does not matter.
#[derive(Clone, Debug)]
pub struct InvitationFilter {
    pub state: Option<InvitationState>,
    /// The exact address, compared without case.
    pub email: Option<String>,
    pub page: Page<InvitationId>,
}

impl Directory {
    /// A page of the tenant's invitations, oldest first, and where the next one begins.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_invitations(
        &self,
        request: &Request,
        filter: &InvitationFilter,
    ) -> Result<(Vec<Invitation>, Option<InvitationId>), DirectoryError> {
        self.admit(request, &[Permission::UsersRead]).await?;
        let query = InvitationQuery {
            state: filter.state,
            email_key: filter.email.as_deref().map(|email| fold(email).into_owned()),
            after: filter.page.after,
            limit: filter.page.limit + 1,
        };
        let storage = &self.provisioning.storage;
        let mut found = storage.list_invitations(request.caller.tenant_id, &query, self.now()).await?;
        let next = filter.page.cut(&mut found, |invitation| invitation.id);
        Ok((found, next))
    }

    /// One invitation.
    ///
    /// # Errors
    /// No such invitation in the tenant (404), a missing permission (403).
    pub async fn read_invitation(
        &self,
        request: &Request,
        id: InvitationId,
    ) -> Result<Invitation, DirectoryError> {
        self.admit(request, &[Permission::UsersRead]).await?;
        let found = self.provisioning.storage.lookup_invitation(request.caller.tenant_id, id).await?;
        found.ok_or_else(|| DirectoryError::missing("Invitation", id))
    }
}

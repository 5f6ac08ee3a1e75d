//! `GET /v1/invitations`.

use std::collections::HashMap;

use super::super::error::DirectoryError;
use super::super::{Directory, Page};
use super::of_invitation;
use crate::access::question::UserFacts;
use crate::access::{Changes, Thing};
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
    /// A page of the tenant's invitations, oldest first, and where the next one begins. Where policies have a say in
    /// reading users, each is decided, and who is invited by it too; a page may then hold fewer than are asked for.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_invitations(
        &self,
        request: &Request,
        filter: &InvitationFilter,
    ) -> Result<(Vec<Invitation>, Option<InvitationId>), DirectoryError> {
        self.authorize(request, Permission::UsersRead, Thing::Tenant).await?;
        let query = InvitationQuery {
            state: filter.state,
            email_key: filter.email.as_deref().map(|email| fold(email).into_owned()),
            after: filter.page.after,
            limit: filter.page.limit + 1,
        };
        let storage = &self.provisioning.storage;
        let mut found = storage.list_invitations(request.caller.tenant_id, &query, self.now()).await?;
        let next = filter.page.cut(&mut found, |invitation| invitation.id);
        let facts = match self.asking(request, Permission::UsersRead).await?.wants_facts() {
            true => {
                let invited = found.iter().map(|invitation| invitation.user_id).collect();
                self.facts_of_users(Self::tenant(request)?, invited).await?
            }
            false => HashMap::new(),
        };
        let read = Permission::UsersRead;
        self.keep_readable(request, read, &mut found, of_invitation).await?;
        self.keep_readable(request, read, &mut found, |invitation| {
            let known = facts.get(&invitation.user_id).cloned();
            Thing::User(known.unwrap_or_else(|| UserFacts::plain(invitation.user_id, false)))
        })
        .await?;
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
        let found = found.ok_or_else(|| DirectoryError::missing("Invitation", id))?;
        let mut asking = self.asking(request, Permission::UsersRead).await?;
        if asking.wants_facts() {
            let facts = self.facts_of_users(Self::tenant(request)?, [found.user_id].into()).await?;
            for user in facts.into_values() {
                request.notices.add(asking.about(Thing::User(user), Changes::default())?);
            }
        }
        request.notices.add(asking.about(of_invitation(&found), Changes::default())?);
        Ok(found)
    }
}

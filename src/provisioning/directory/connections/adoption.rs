//! Deciding whether a connection may have a user whom it did not bring and asked for.

use serde_json::json;

use super::super::error::DirectoryError;
use super::super::{Directory, Page};
use super::check_ceiling;
use crate::model::audit::{AuditType, Target};
use crate::model::change::ChangeSet;
use crate::model::{
    AdoptionChange, AdoptionRequest, AdoptionRequestId, AdoptionState, ConnectionId, Permission, RecordChange,
};
use crate::provisioning::Request;

impl Directory {
    /// A page of the requests in this state, oldest first; not those of connections that a policy hides.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_adoption_requests(
        &self,
        request: &Request,
        state: AdoptionState,
        page: Page<AdoptionRequestId>,
    ) -> Result<(Vec<AdoptionRequest>, Option<AdoptionRequestId>), DirectoryError> {
        let connections = self.readable_connections(request).await?;
        let visible: Vec<ConnectionId> = connections.iter().map(|connection| connection.id).collect();
        let storage = &self.provisioning.storage;
        let tenant = request.caller.tenant_id;
        let mut found = storage.list_adoption_requests(tenant, state, page.after, page.limit + 1).await?;
        let next = page.cut(&mut found, |asked| asked.id);
        found.retain(|asked| visible.contains(&asked.connection_id));
        Ok((found, next))
    }

    /// Lets a connection have the user that it asked for, as soon as it writes to it again; or refuses it. Either can be
    /// said again as long as the connection does not have the user.
    ///
    /// # Errors
    /// No such request (404), a missing permission, or a connection that reaches further than the caller (403).
    pub async fn decide_adoption(
        &self,
        request: &Request,
        id: AdoptionRequestId,
        approve: bool,
    ) -> Result<AdoptionRequest, DirectoryError> {
        self.admit(request, &[Permission::ConnectionsWrite]).await?;
        let state = if approve { AdoptionState::Approved } else { AdoptionState::Denied };
        self.attempt(request.caller.tenant_id, None, |this| async move {
            this.try_decide_adoption(request, id, state).await
        })
        .await
    }

    async fn try_decide_adoption(
        &self,
        request: &Request,
        id: AdoptionRequestId,
        state: AdoptionState,
    ) -> Result<AdoptionRequest, DirectoryError> {
        let tenant = request.caller.tenant_id;
        let found = self.provisioning.storage.lookup_adoption_request(tenant, id).await?;
        let asked = found.ok_or_else(|| DirectoryError::missing("Adoption request", id))?;
        let connection =
            self.allowed_connection(request, asked.connection_id, Permission::ConnectionsWrite).await?;
        check_ceiling(request, Self::tenant(request)?, &connection)?;
        if asked.state == state {
            return Ok(asked);
        }
        let at = self.now();
        let mut changes = ChangeSet::new(tenant);
        let decided = AdoptionChange::Decide { id, expected: asked.state, state, at };
        changes.records.push(RecordChange::Adoption(decided));
        let kind = match state {
            AdoptionState::Approved => AuditType::AdoptionApproved,
            AdoptionState::Denied | AdoptionState::Pending => AuditType::AdoptionDenied,
        };
        let details = json!({ "userName": asked.user_name, "connection": connection.id, "request": id });
        changes.audit.push(self.event(request, kind, Target::User(asked.user_id), details));
        self.provisioning.storage.commit(changes).await?;
        Ok(AdoptionRequest { state, decided_at: Some(at), ..asked })
    }
}

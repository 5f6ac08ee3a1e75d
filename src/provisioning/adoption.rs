//! Whether a connection may have a user whom it did not bring.

use serde_json::json;

use super::{Provisioning, ProvisioningError, Request};
use crate::auth::Subject;
use crate::model::audit::{AuditType, Target};
use crate::model::change::ChangeSet;
use crate::model::{
    AdoptionChange, AdoptionRequestId, AdoptionState, Connection, ConnectionId, OnExistingUser, RecordChange,
    User,
};

/// A user is about to become a connection's.
pub(super) struct Adoption {
    pub connection: ConnectionId,
    /// The approval that this uses up, where there is one.
    pub approval: Option<AdoptionRequestId>,
}

impl Provisioning {
    /// The connection whose a user becomes by being written to; nothing for one that is its own already.
    ///
    /// # Errors
    /// 403 where the connection's settings, or an administrator, say so; a lost race.
    pub(super) async fn adopting(
        &self,
        request: &Request,
        user: &User,
    ) -> Result<Option<Adoption>, ProvisioningError> {
        let Subject::Connection { connection, .. } = &request.caller.subject else { return Ok(None) };
        if user.account.connection_id == Some(connection.id) {
            return Ok(None);
        }
        let tenant = request.caller.tenant_id;
        let asked = self.storage.find_adoption_request(tenant, connection.id, user.id).await?;
        let asked = asked.map(|asked| (asked.id, asked.state));
        let approval = asked.filter(|(_, state)| *state == AdoptionState::Approved).map(|(id, _)| id);
        let what = match connection.settings.on_existing_user {
            // An approval from when it had to ask is used up all the same: it was for having the user once.
            OnExistingUser::Adopt => return Ok(Some(Adoption { connection: connection.id, approval })),
            OnExistingUser::Refuse => "its settings let it change only users of its own",
            OnExistingUser::Ask => match asked {
                Some((_, AdoptionState::Approved)) => {
                    return Ok(Some(Adoption { connection: connection.id, approval }));
                }
                Some((_, AdoptionState::Denied)) => "an administrator refused to let it have the user",
                Some((_, AdoptionState::Pending)) => ASKED,
                None => {
                    self.ask(request, connection, user).await?;
                    ASKED
                }
            },
        };
        Err(ProvisioningError::Forbidden(format!(
            "The user '{}' was not created by the connection '{}'; {what}.",
            user.id, connection.name
        )))
    }

    /// Puts the question to the administrators, once: of requests that meet, one asks, and the others find it asked.
    async fn ask(
        &self,
        request: &Request,
        connection: &Connection,
        user: &User,
    ) -> Result<(), ProvisioningError> {
        let at = self.clock.now();
        let (id, connection_id, user_id) = (AdoptionRequestId::generate(), connection.id, user.id);
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        changes.records.push(RecordChange::Adoption(AdoptionChange::Ask { id, connection_id, user_id, at }));
        let details = json!({ "userName": user.user_name, "connection": connection.id, "request": id });
        changes.audit.push(request.event(at, AuditType::AdoptionRequested, Target::User(user.id), details));
        Ok(self.storage.commit(changes).await?)
    }
}

const ASKED: &str = "an administrator was asked to let it have the user";

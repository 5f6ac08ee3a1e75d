//! `DELETE /Users/{id}` (RFC 7644 §3.6).

use serde_json::json;

use super::super::{Preconditions, Provisioning, ProvisioningError, Request};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::mapping::rows::kept_user;
use crate::mapping::user::restore;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, UserChange};
use crate::model::{InvitationChange, KeptUser, Permission, Standing, Timestamp, User};
use crate::storage::Resource;

impl Provisioning {
    /// Deletes a user; its memberships go with it, and the organizations that it owned to the next in line.
    ///
    /// # Errors
    /// No such user (404), the last owner (409), unmet preconditions (412), a missing scope or a user beyond the
    /// caller's reach (403).
    pub async fn delete_user(
        &self,
        request: &Request,
        id: &str,
        preconditions: &Preconditions,
    ) -> Result<(), ProvisioningError> {
        self.admit(request, Permission::UsersDelete).await?;
        let resource = id.parse().ok().map(Resource::User);
        let _turn = self.storage.turn(resource).await;
        self.attempt(request.caller.tenant_id, resource, |this| async move {
            this.try_delete_user(request, id, preconditions).await
        })
        .await
    }

    async fn try_delete_user(
        &self,
        request: &Request,
        id: &str,
        preconditions: &Preconditions,
    ) -> Result<(), ProvisioningError> {
        let stored = self.stored_user(request, id).await?;
        self.authorize_user(request, Permission::UsersDelete, &stored, Changes::default).await?;
        preconditions.check_write(stored.version)?;
        let user = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let at = self.clock.now();
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        self.settle_departure(request, &stored, &user, &mut changes).await?;
        let details = json!({ "userName": user.user_name });
        changes.audit.push(request.event(at, AuditType::UserDeleted, Target::User(user.id), details));
        changes.settings.extend(request.guard(&[&user]));
        changes.users.push(UserChange::Delete {
            id: user.id,
            expected: stored.version,
            index: request.user_schema().index_rows(&user),
            at,
            kept: kept(request, &user, at)?,
        });
        if user.account.standing == Standing::Invited {
            let end = InvitationChange::End { user_id: user.id, at };
            changes.credentials.push(CredentialChange::Invitation(end));
        }
        Ok(self.storage.commit(changes).await?)
    }
}

const DAY: i64 = 24 * 3_600_000;

/// What a deletion keeps of a user, for as long as the tenant says.
pub(in crate::provisioning) fn kept(
    request: &Request,
    user: &User,
    at: Timestamp,
) -> Result<Option<Box<KeptUser>>, ProvisioningError> {
    let days = request.caller.tenant.as_deref().map_or(0, retention_days);
    if days == 0 {
        return Ok(None);
    }
    let purge_at = Timestamp(at.0.saturating_add(days * DAY));
    let kept = kept_user(user, purge_at, request.caller.actor());
    Ok(Some(Box::new(kept.map_err(|error| ProvisioningError::broken(user.id.0, &error))?)))
}

fn retention_days(view: &TenantView) -> i64 {
    i64::from(view.tenant.settings.retention_days)
}

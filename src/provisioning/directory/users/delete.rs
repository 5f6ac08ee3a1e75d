//! `DELETE /v1/users/{id}`.

use serde_json::json;

use super::super::{Directory, DirectoryError, UserView};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, UserChange};
use crate::model::{GroupKind, InvitationChange, Permission, Standing, UserId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;
use crate::provisioning::users::delete::kept;

impl Directory {
    /// Deletes a user: keys and sessions end, the name becomes free. For as long as the tenant says it can be restored.
    ///
    /// # Errors
    /// No such user (404), somebody mightier (403), the last owner (409), unmet preconditions (412).
    pub async fn delete_user(
        &self,
        request: &Request,
        id: UserId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        self.admit(request, &[Permission::UsersDelete]).await?;
        let view = Self::tenant(request)?;
        self.in_turn(view.tenant.id, id, |this| async move {
            this.try_delete_user(request, view, id, preconditions).await
        })
        .await
    }

    async fn try_delete_user(
        &self,
        request: &Request,
        view: &TenantView,
        id: UserId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        let current = self.view_of(view, id).await?;
        preconditions.check_write(current.user.version)?;
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        self.authorize_user(request, &[Permission::UsersDelete], &current, Changes::default()).await?;
        let changes = self.deletion(request, view, &current).await?;
        Ok(self.provisioning.storage.commit(changes).await?)
    }

    /// The change set that deletes a user. An invitation that it has not accepted ends with it; organizations that it owns
    /// go to the next.
    pub(in crate::provisioning::directory) async fn deletion(
        &self,
        request: &Request,
        view: &TenantView,
        current: &UserView,
    ) -> Result<ChangeSet, DirectoryError> {
        let user = &current.user;
        let (id, at) = (user.id, self.now());
        let mut changes = ChangeSet::new(view.tenant.id);
        self.keep_last(user, None, &mut changes).await?;
        let details = json!({ "userName": user.user_name });
        changes.audit.push(self.event(request, AuditType::UserDeleted, Target::User(id), details));
        changes.settings.extend(request.guard(&[user]));
        changes.users.push(UserChange::Delete {
            id,
            expected: user.version,
            index: view.user_schema().index_rows(user),
            at,
            kept: kept(request, user, at)?,
        });
        if user.account.standing == Standing::Invited {
            let end = InvitationChange::End { user_id: id, at };
            changes.credentials.push(CredentialChange::Invitation(end));
        }
        if current.groups.iter().any(|(group, _)| group.kind == GroupKind::Organization) {
            self.provisioning.hand_over(request, id, &mut changes).await?;
        }
        Ok(changes)
    }
}

//! `POST /v1/users/{id}/deactivate|reactivate|suspend|unsuspend`.

use serde_json::json;

use super::super::error::{DirectoryError, Kind};
use super::super::{Directory, UserView};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, UserChange};
use crate::model::{Permission, Standing, User, UserId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;

/// What is to become of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Deactivate,
    Reactivate,
    Suspend,
    Unsuspend,
}

impl Turn {
    fn apply(self, user: &mut User) -> Result<(), DirectoryError> {
        match (self, user.account.standing) {
            (Self::Deactivate, _) => user.active = Some(false),
            (Self::Reactivate, _) => user.active = Some(true),
            (Self::Suspend, Standing::Invited) => {
                let message = "This user has not accepted the invitation yet; revoke it instead of suspending the user.";
                return Err(DirectoryError::refused(Kind::Conflict, "user_invited", message));
            }
            (Self::Suspend, _) => user.account.standing = Standing::Suspended,
            (Self::Unsuspend, Standing::Suspended) => user.account.standing = Standing::Normal,
            (Self::Unsuspend, _) => {}
        }
        Ok(())
    }

    /// What policies call the attribute that changes.
    fn attribute(self) -> &'static str {
        match self {
            Self::Deactivate | Self::Reactivate => "active",
            Self::Suspend | Self::Unsuspend => "suspended",
        }
    }

    fn event(self) -> AuditType {
        match self {
            Self::Deactivate => AuditType::UserDeactivated,
            Self::Reactivate => AuditType::UserReactivated,
            Self::Suspend => AuditType::UserSuspended,
            Self::Unsuspend => AuditType::UserUnsuspended,
        }
    }
}

impl Directory {
    /// Turns an account off or on. What is so already stays as it is. Turning it off ends its sessions.
    ///
    /// # Errors
    /// No such user (404), another version than `If-Match` names (412), somebody mightier (403), the last owner (409).
    pub async fn turn_user(
        &self,
        request: &Request,
        id: UserId,
        turn: Turn,
        preconditions: &Preconditions,
    ) -> Result<UserView, DirectoryError> {
        self.admit(request, &[Permission::UsersUpdate]).await?;
        let view = Self::tenant(request)?;
        self.in_turn(view.tenant.id, id, |this| async move {
            this.try_turn_user(request, view, id, turn, preconditions).await
        })
        .await?;
        self.shown(view, id).await
    }

    async fn try_turn_user(
        &self,
        request: &Request,
        view: &TenantView,
        id: UserId,
        turn: Turn,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        let current = self.view_of(view, id).await?;
        preconditions.check_write(current.user.version)?;
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        let changes = Changes::of([turn.attribute()]);
        self.authorize_user(request, &[Permission::UsersUpdate], &current, changes).await?;
        let before = current.user;
        let mut after = before.clone();
        turn.apply(&mut after)?;
        if after == before {
            return Ok(());
        }
        let at = self.now();
        after.version = before.version + 1;
        after.updated_at = at;
        let mut changes = ChangeSet::new(view.tenant.id);
        self.keep_last(&before, Some(&after), &mut changes).await?;
        if matches!(turn, Turn::Deactivate | Turn::Suspend) {
            changes.credentials.push(CredentialChange::EndSessions { user_id: id, except: None, at });
        }
        let details = json!({ "userName": after.user_name });
        changes.audit.push(self.event(request, turn.event(), Target::User(id), details));
        changes.settings.extend(request.guard(&[&after]));
        changes.users.push(UserChange::Update {
            row: Box::new(view.user_schema().row(&after)),
            index: view.user_schema().index_delta(&before, &after),
            external_id: None,
        });
        Ok(self.provisioning.storage.commit(changes).await?)
    }
}

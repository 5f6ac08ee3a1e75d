//! `/v1/users/{id}/sessions`: where somebody is signed in, and the end of it.

use serde_json::{Value, json};

use super::sign_in::attempts::forgive;
use super::{Directory, DirectoryError};
use crate::access::Changes;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{Permission, Session, SessionId, UserId};
use crate::provisioning::Request;

impl Directory {
    /// A user's sessions that hold, the newest first.
    ///
    /// # Errors
    /// No such user (404), a missing permission (403).
    pub async fn list_sessions(
        &self,
        request: &Request,
        user: UserId,
    ) -> Result<Vec<Session>, DirectoryError> {
        let own = request.caller.user_id() == Some(user);
        let rights: &[Permission] =
            if own { &[Permission::UsersRead, Permission::SelfRead] } else { &[Permission::UsersRead] };
        self.admit(request, rights).await?;
        let view = Self::tenant(request)?;
        self.authorize_reading_of(request, rights, user).await?;
        let storage = &self.provisioning.storage;
        if storage.existing_users(view.tenant.id, vec![user.0]).await?.is_empty() {
            return Err(DirectoryError::missing("User", user));
        }
        Ok(storage.list_sessions(view.tenant.id, user, self.now()).await?)
    }

    /// Ends one session of a user; one that has ended already stays as it is. Its tokens stop working everywhere within a
    /// second.
    ///
    /// # Errors
    /// No such user or session (404), somebody mightier or a missing permission (403).
    pub async fn end_session(
        &self,
        request: &Request,
        user: UserId,
        id: SessionId,
    ) -> Result<(), DirectoryError> {
        self.check_ending(request, user).await?;
        let tenant = request.caller.tenant_id;
        let session = self.provisioning.storage.find_session(tenant, id).await?;
        let Some(session) = session.filter(|session| session.user_id == user) else {
            return Err(DirectoryError::missing("Session", id));
        };
        let at = self.now();
        if !session.is_live(at) {
            return Ok(());
        }
        let end = CredentialChange::EndSession { user_id: user, id, at };
        self.write_end(request, user, end, json!({ "session": id })).await
    }

    /// Ends all sessions of a user, the caller's own among them.
    ///
    /// # Errors
    /// No such user (404), somebody mightier or a missing permission (403).
    pub async fn end_sessions(&self, request: &Request, user: UserId) -> Result<(), DirectoryError> {
        self.check_ending(request, user).await?;
        let at = self.now();
        let live = self.provisioning.storage.list_sessions(request.caller.tenant_id, user, at).await?;
        if live.is_empty() {
            return Ok(());
        }
        let end = CredentialChange::EndSessions { user_id: user, except: None, at };
        self.write_end(request, user, end, json!({ "sessions": live.len() })).await
    }

    /// Ends the session that asks. Everybody may sign out, whatever their roles allow and policies say.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn log_out(
        &self,
        request: &Request,
        user: UserId,
        id: SessionId,
    ) -> Result<(), DirectoryError> {
        let end = CredentialChange::EndSession { user_id: user, id, at: self.now() };
        self.write_end(request, user, end, json!({ "session": id, "reason": "logout" })).await
    }

    /// Ends the time that a user's sign-ins have to wait for who has failed too often.
    ///
    /// # Errors
    /// No such user (404), somebody mightier or a missing permission (403).
    pub async fn unlock_user(&self, request: &Request, user: UserId) -> Result<(), DirectoryError> {
        self.admit(request, &[Permission::UsersUpdate]).await?;
        let current = self.view_of(Self::tenant(request)?, user).await?;
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        self.authorize_user(request, &[Permission::UsersUpdate], &current, Changes::of(["locked"])).await?;
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        forgive(&current.user, &mut changes);
        let target = Target::User(user);
        changes.audit.push(self.event(request, AuditType::LoginUnlocked, target, json!({})));
        Ok(self.provisioning.storage.commit(changes).await?)
    }

    async fn check_ending(&self, request: &Request, user: UserId) -> Result<(), DirectoryError> {
        let own = request.caller.user_id() == Some(user);
        let rights: &[Permission] =
            if own { &[Permission::UsersUpdate, Permission::SelfUpdate] } else { &[Permission::UsersUpdate] };
        self.admit(request, rights).await?;
        let current = self.view_of(Self::tenant(request)?, user).await?;
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        self.authorize_user(request, rights, &current, Changes::of(["sessions"])).await
    }

    async fn write_end(
        &self,
        request: &Request,
        user: UserId,
        end: CredentialChange,
        details: Value,
    ) -> Result<(), DirectoryError> {
        let tenant = request.caller.tenant_id;
        let mut changes = ChangeSet::new(tenant);
        changes.credentials.push(end);
        changes.audit.push(self.event(request, AuditType::SessionEnded, Target::User(user), details));
        self.provisioning.storage.commit(changes).await?;
        self.authenticator.forget(tenant).await;
        Ok(())
    }
}

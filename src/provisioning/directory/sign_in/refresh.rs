//! `POST /auth/refresh`: the next access token of a session (RFC 6749 §6). Each refresh token works once, and another one
//! comes in its place (RFC 9700 §4.14.2). One that comes a second time is in two people's hands, so the session ends.

use serde_json::json;

use super::super::{DirectoryError, RefusalKind};
use super::due::{Factors, Step, due};
use super::{Granted, SignIn, Visit};
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::model::audit::{Actor, AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{RefreshToken, Session, TenantId, TenantStatus, Timestamp, User};
use crate::storage::StorageError;

impl SignIn {
    /// Gives a session another access token, with what its user may do now, and another refresh token.
    ///
    /// # Errors
    /// 401, the same for a token that is unknown, expired or used, for a session that has ended, and for a user who may
    /// not act any more, or has to do something else first.
    pub async fn refresh(&self, visit: &Visit, token: &str) -> Result<Granted, DirectoryError> {
        let text = TokenText::parse(token).filter(|text| text.kind() == CredentialKind::Refresh);
        let text = text.ok_or_else(ended)?;
        let (tenant, hash) = (text.tenant_id(), text.hash());
        let storage = &self.directory.provisioning.storage;
        let (token, session) = self.family(tenant, &hash).await?.ok_or_else(ended)?;
        let now = self.directory.now();
        if token.used_at.is_some() {
            self.end_family(visit, &session, now).await?;
            return Err(ended());
        }
        if token.expires_at <= now || !session.is_live(now) {
            return Err(ended());
        }
        let authenticator = &self.directory.authenticator;
        let view = authenticator.tenant(tenant).await?;
        let view = view.filter(|view| view.tenant.status == TenantStatus::Active).ok_or_else(ended)?;
        let (user, permissions) = authenticator.holder(&view, session.user_id).await?.ok_or_else(ended)?;
        if self.is_due(&view, &user, &session, now).await? {
            return Err(ended());
        }
        let (next, tokens) = self.next_tokens(&view, (&user, permissions), &session, now).await?;
        let mut changes = ChangeSet::new(tenant);
        changes.credentials.push(CredentialChange::UseRefreshToken { id: token.id, at: now });
        changes.credentials.push(CredentialChange::InsertRefreshToken(Box::new(next)));
        match storage.commit(changes).await {
            Ok(()) => {}
            // It was used at the same time, or the session has just ended.
            Err(StorageError::Stale) => {
                self.end_family(visit, &session, now).await?;
                return Err(ended());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(Granted { tokens, user: self.directory.view_of(&view, user.id).await? })
    }

    /// Whether the user of a session would have to do something else first who signed in now: then that is what they do.
    async fn is_due(
        &self,
        view: &TenantView,
        user: &User,
        session: &Session,
        now: Timestamp,
    ) -> Result<bool, DirectoryError> {
        let storage = &self.directory.provisioning.storage;
        let Some(password) = storage.find_password(view.tenant.id, user.id).await? else { return Ok(true) };
        let enrolled = self.directory.has_factor(view.tenant.id, user.id).await?;
        let shown = session.amr.iter().any(|way| way == "mfa");
        let factors = Factors { enrolled, shown };
        // Who has got a factor since goes on: it is the user's, and the session too.
        let step = due(&view.tenant.settings, user, factors, password.changed_at, now);
        Ok(step.is_some_and(|step| step != Step::Factor))
    }

    /// The refresh token with this digest, and its session.
    async fn family(
        &self,
        tenant: TenantId,
        hash: &[u8; 32],
    ) -> Result<Option<(RefreshToken, Session)>, DirectoryError> {
        let storage = &self.directory.provisioning.storage;
        let Some(token) = storage.find_refresh_token(tenant, hash).await? else { return Ok(None) };
        let session = storage.find_session(tenant, token.session_id).await?;
        Ok(session.map(|session| (token, session)))
    }

    /// Ends the session of a token that came a second time, if it has not ended.
    async fn end_family(
        &self,
        visit: &Visit,
        session: &Session,
        now: Timestamp,
    ) -> Result<(), DirectoryError> {
        let (tenant, user_id) = (session.tenant_id, session.user_id);
        let storage = &self.directory.provisioning.storage;
        let current = storage.find_session(tenant, session.id).await?;
        if current.is_none_or(|current| !current.is_live(now)) {
            return Ok(());
        }
        let mut changes = ChangeSet::new(tenant);
        changes.credentials.push(CredentialChange::EndSession { user_id, id: session.id, at: now });
        let (kind, details) = (AuditType::RefreshTokenReused, json!({ "session": session.id }));
        // Whether it was the user or a thief nobody knows.
        changes.audit.push(visit.event(now, kind, Actor::System, Target::User(user_id), details));
        storage.commit(changes).await?;
        self.directory.authenticator.forget(tenant).await;
        Ok(())
    }
}

fn ended() -> DirectoryError {
    let message =
        "The refresh token does not work: it is unknown, was used, or its session is over; sign in again.";
    DirectoryError::refused(RefusalKind::Unauthorized, "invalid_refresh_token", message)
}

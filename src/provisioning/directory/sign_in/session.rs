//! A session, its access token, and the refresh token that the next one is had for.

use serde_json::json;

use super::super::{DirectoryError, RefusalKind};
use super::{SignIn, Visit, actor};
use crate::auth::signer::{Grant, IssuedToken, SignerError};
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{
    Permission, Permissions, RefreshToken, RefreshTokenId, Session, SessionId, Timestamp, User,
};
use crate::provisioning::ProvisioningError;
use crate::provisioning::directory::view::role_names;

/// What somebody holds who is signed in.
#[derive(Debug)]
pub struct Tokens {
    pub access: IssuedToken,
    pub refresh: TokenText,
    /// Until when the refresh token works.
    pub refresh_expires_at: Timestamp,
}

/// A session that is to be written, and its tokens.
pub(super) struct Begun {
    session: Session,
    refresh: RefreshToken,
    pub tokens: Tokens,
}

impl SignIn {
    /// A session of a user who has signed in these ways (RFC 8176), to be written, and its tokens.
    ///
    /// # Errors
    /// More roles and attributes than a token has room for (422); keys that cannot be read.
    pub(super) async fn new_session(
        &self,
        visit: &Visit,
        view: &TenantView,
        (user, permissions): (&User, Permissions),
        amr: &[&str],
        now: Timestamp,
    ) -> Result<Begun, DirectoryError> {
        let session = Session {
            tenant_id: view.tenant.id,
            id: SessionId::generate(),
            user_id: user.id,
            created_at: now,
            expires_at: now.after(self.lifetimes.session),
            ended_at: None,
            amr: amr.iter().map(|way| (*way).to_owned()).collect(),
            ip: visit.ip.map(|ip| ip.to_string()),
            user_agent: visit.user_agent.as_deref().map(str::to_owned),
        };
        let (refresh, tokens) = self.next_tokens(view, (user, permissions), &session, now).await?;
        Ok(Begun { session, refresh, tokens })
    }

    /// Another access token of a session, with what its user may do now, and another refresh token, to be written.
    ///
    /// # Errors
    /// As [`SignIn::new_session`].
    pub(super) async fn next_tokens(
        &self,
        view: &TenantView,
        (user, permissions): (&User, Permissions),
        session: &Session,
        now: Timestamp,
    ) -> Result<(RefreshToken, Tokens), DirectoryError> {
        let grant = Grant {
            tenant_id: view.tenant.id,
            user_id: user.id,
            session_id: Some(session.id),
            roles: role_names(view, &user.account.roles),
            permissions: permissions.iter().map(Permission::as_str).map(str::to_owned).collect(),
            amr: session.amr.clone(),
            auth_time: session.created_at,
            custom: view.custom.claims(&user.custom),
        };
        let access = self.signer.issue(grant).await.map_err(unsigned)?;
        let text = TokenText::generate(CredentialKind::Refresh, view.tenant.id)
            .map_err(|error| ProvisioningError::Internal(error.to_string()))?;
        let expires_at = now.after(self.lifetimes.refresh_token).min(session.expires_at);
        let refresh = RefreshToken {
            tenant_id: view.tenant.id,
            id: RefreshTokenId::generate(),
            session_id: session.id,
            hash: text.hash(),
            created_at: now,
            expires_at,
            used_at: None,
        };
        Ok((refresh, Tokens { access, refresh: text, refresh_expires_at: expires_at }))
    }
}

impl Begun {
    /// Adds to the changes the session that begins, and what tells of it. It begins only if the password is still the one
    /// that was set then.
    pub fn write(
        self,
        visit: &Visit,
        user: &User,
        password_changed_at: Timestamp,
        changes: &mut ChangeSet,
    ) -> Tokens {
        let (at, target) = (self.session.created_at, Target::User(user.id));
        let details = json!({ "session": self.session.id, "amr": self.session.amr });
        changes.audit.push(visit.event(at, AuditType::LoginSucceeded, actor(user), target, details));
        self.write_silently(password_changed_at, changes)
    }

    /// The same where another event tells of it.
    pub fn write_silently(self, password_changed_at: Timestamp, changes: &mut ChangeSet) -> Tokens {
        changes.credentials.push(CredentialChange::InsertSession {
            session: Box::new(self.session),
            password_changed_at: Some(password_changed_at),
        });
        changes.credentials.push(CredentialChange::InsertRefreshToken(Box::new(self.refresh)));
        self.tokens
    }
}

fn unsigned(error: SignerError) -> DirectoryError {
    match error {
        SignerError::TooLarge(_) => {
            DirectoryError::refused(RefusalKind::Impossible, "token_too_large", error.to_string())
        }
        SignerError::Storage(error) => error.into(),
        error => ProvisioningError::Internal(error.to_string()).into(),
    }
}

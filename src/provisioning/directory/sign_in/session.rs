//! A session and its access token. There is no way yet to get another token for a session, so it lives as long as its
//! token.

use serde_json::json;

use super::super::{DirectoryError, RefusalKind};
use super::{SignIn, Visit, actor};
use crate::auth::TenantView;
use crate::auth::signer::{Grant, IssuedToken, SignerError};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{Permission, Permissions, Session, SessionId, Timestamp, User};
use crate::provisioning::ProvisioningError;
use crate::provisioning::directory::view::role_names;

impl SignIn {
    /// A session of a user who has given the password, to be written, and a token for it.
    ///
    /// # Errors
    /// More roles and attributes than a token has room for (422); keys that cannot be read.
    pub(super) async fn new_session(
        &self,
        visit: &Visit,
        view: &TenantView,
        user: &User,
        permissions: Permissions,
        now: Timestamp,
    ) -> Result<(Session, IssuedToken), DirectoryError> {
        let id = SessionId::generate();
        let amr = vec!["pwd".to_owned()];
        let grant = Grant {
            tenant_id: view.tenant.id,
            user_id: user.id,
            session_id: Some(id),
            roles: role_names(view, &user.account.roles),
            permissions: permissions.iter().map(Permission::as_str).map(str::to_owned).collect(),
            amr: amr.clone(),
            auth_time: now,
            custom: view.custom.claims(&user.custom),
        };
        let token = self.signer.issue(grant).await.map_err(unsigned)?;
        let session = Session {
            tenant_id: view.tenant.id,
            id,
            user_id: user.id,
            created_at: now,
            expires_at: Timestamp(token.claims.exp.saturating_mul(1000)),
            ended_at: None,
            amr,
            ip: visit.ip.map(|ip| ip.to_string()),
            user_agent: visit.user_agent.as_deref().map(str::to_owned),
        };
        Ok((session, token))
    }
}

/// Adds to the changes a session that begins, and what tells of it. It begins only if the password is still the one that
/// was set then.
pub(super) fn begin(
    visit: &Visit,
    user: &User,
    session: Session,
    password_changed_at: Timestamp,
    changes: &mut ChangeSet,
) {
    let (at, details) = (session.created_at, json!({ "session": session.id, "amr": session.amr }));
    let target = Target::User(user.id);
    changes.audit.push(visit.event(at, AuditType::LoginSucceeded, actor(user), target, details));
    changes.credentials.push(CredentialChange::InsertSession {
        session: Box::new(session),
        password_changed_at: Some(password_changed_at),
    });
}

fn unsigned(error: SignerError) -> DirectoryError {
    match error {
        SignerError::TooLarge(_) => {
            DirectoryError::refused(RefusalKind::Impossible, "token_too_large", error.to_string())
        }
        SignerError::Storage(error) => error.into(),
        error => DirectoryError::Failed(ProvisioningError::Internal(error.to_string())),
    }
}

//! Signing in goes on: what is due is told with a challenge, a token that stands for what was shown so far. It works once,
//! for ten minutes, and no longer than the password that was given.

use std::sync::Arc;

use serde_json::json;

use super::super::{DirectoryError, RefusalKind};
use super::attempts::Attempt;
use super::due::{Factors, Step, due};
use super::{Granted, SignIn, Visit};
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::mapping::user::restore;
use crate::model::audit::{Actor, AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{
    ConnectionId, OneTimeKind, OneTimeToken, OneTimeTokenId, PasswordCredential, TenantStatus, Timestamp,
    User,
};
use crate::provisioning::ProvisioningError;

/// How long a challenge works: ten minutes, in milliseconds.
const LIFETIME: i64 = 10 * 60 * 1000;

/// What somebody who signs in has shown so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// When the password was set that was given.
    pub password_changed_at: Timestamp,
    /// Whether a second factor was given.
    pub factor: bool,
    /// The challenge that this stands on; it is used up by what comes next.
    pub challenge: Option<OneTimeTokenId>,
}

/// Somebody who has a challenge.
pub(super) struct Challenged {
    pub view: Arc<TenantView>,
    pub user: User,
    pub password: PasswordCredential,
    pub shown: Shown,
    token: OneTimeToken,
}

impl SignIn {
    /// Goes on with signing somebody in who has shown this, and writes these changes with it.
    ///
    /// # Errors
    /// 403 with a challenge for what comes first; a lost race where the password was changed, or the challenge used,
    /// meanwhile.
    pub(super) async fn go_on(
        &self,
        visit: &Visit,
        view: &TenantView,
        user: &User,
        shown: Shown,
        (attempt, mut changes): (&Attempt, ChangeSet),
    ) -> Result<Granted, DirectoryError> {
        let now = self.directory.now();
        let used = shown.challenge.map(|id| CredentialChange::UseOneTimeToken { id, at: now });
        // First of all: what ends challenges would end it too.
        changes.credentials.splice(0..0, used);
        let storage = &self.directory.provisioning.storage;
        let mut seen = self.directory.view_of(view, user.id).await?;
        let factors = Factors { enrolled: seen.mfa_enrolled, shown: shown.factor };
        if let Some(step) = due(&view.tenant.settings, user, factors, shown.password_changed_at, now) {
            let challenge = challenge(visit, view, user, (shown, step), now, &mut changes)?;
            storage.commit(changes).await?;
            return Err(told(step, challenge.expose(), LIFETIME));
        }
        let ways: &[&str] = if shown.factor { &["pwd", "otp", "mfa"] } else { &["pwd"] };
        let begun = self.new_session(visit, view, (user, seen.permissions), ways, now).await?;
        // Whoever is turned off meanwhile, or is to do something first, is looked at again.
        changes.credentials.push(CredentialChange::SameUser { user_id: user.id, version: user.version });
        let tokens = begun.write(visit, user, shown.password_changed_at, &mut changes);
        attempt.succeeded(user, &mut changes);
        storage.commit(changes).await?;
        // What the changes have made of it: nothing else is read again.
        seen.user = user.clone();
        seen.mfa_enrolled |= shown.factor;
        Ok(Granted { tokens, user: seen })
    }

    /// Goes on where a challenge left off, once what it asked for was done elsewhere.
    ///
    /// # Errors
    /// As [`SignIn::login`]; 401 for a challenge that does not work.
    pub async fn resume(&self, visit: &Visit, challenge: &str) -> Result<Granted, DirectoryError> {
        self.challenging(challenge, |this, challenged| async move {
            let Challenged { view, user, shown, .. } = &challenged;
            if let Some(step) = this.due_of(&challenged).await? {
                return Err(challenged.still(step, challenge, this.directory.now()));
            }
            let attempt = Attempt::of_user(visit.ip, view.tenant.id, user);
            let changes = ChangeSet::new(view.tenant.id);
            this.go_on(visit, view, user, *shown, (&attempt, changes)).await
        })
        .await
    }

    /// What is due of somebody who has a challenge.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn due_of(&self, challenged: &Challenged) -> Result<Option<Step>, DirectoryError> {
        let Challenged { view, user, shown, .. } = challenged;
        let enrolled = self.directory.has_factor(view.tenant.id, user.id).await?;
        let factors = Factors { enrolled, shown: shown.factor };
        let now = self.directory.now();
        Ok(due(&view.tenant.settings, user, factors, shown.password_changed_at, now))
    }

    /// Who has this challenge.
    ///
    /// # Errors
    /// 401, the same for one that is unknown, used or too old, and for one of somebody who cannot sign in any more.
    pub(super) async fn challenged(&self, challenge: &str) -> Result<Challenged, DirectoryError> {
        let text = TokenText::parse(challenge).filter(|text| text.kind() == CredentialKind::OneTime);
        let text = text.ok_or_else(over)?;
        let tenant = text.tenant_id();
        let storage = &self.directory.provisioning.storage;
        let token = storage.find_one_time_token(tenant, &text.hash()).await?;
        let kinds = [OneTimeKind::SignIn, OneTimeKind::SignInWithFactor];
        let now = self.directory.now();
        let token =
            token.filter(|token| kinds.contains(&token.kind) && token.is_live(now)).ok_or_else(over)?;
        let view = self.directory.authenticator.tenant(tenant).await?;
        let view = view.filter(|view| view.tenant.status == TenantStatus::Active).ok_or_else(over)?;
        let stored =
            storage.lookup_user(tenant, ConnectionId::NONE, token.user_id).await?.ok_or_else(over)?;
        let user = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        if super::login::obstacle(&view, &user).is_some() {
            return Err(over());
        }
        let password = storage.find_password(tenant, user.id).await?;
        // It stands for the password that was given, not for one that was set since.
        let password =
            password.filter(|password| password.changed_at <= token.created_at).ok_or_else(over)?;
        let shown = Shown {
            password_changed_at: password.changed_at,
            factor: token.kind == OneTimeKind::SignInWithFactor,
            challenge: Some(token.id),
        };
        Ok(Challenged { view, user, password, shown, token })
    }
}

impl Challenged {
    /// That the challenge goes on asking for this.
    pub fn still(&self, step: Step, challenge: &str, now: Timestamp) -> DirectoryError {
        told(step, challenge, self.token.expires_at.0 - now.0)
    }
}

/// Adds to the changes a challenge of somebody who has shown this, and what tells of it.
fn challenge(
    visit: &Visit,
    view: &TenantView,
    user: &User,
    (shown, step): (Shown, Step),
    now: Timestamp,
    changes: &mut ChangeSet,
) -> Result<TokenText, DirectoryError> {
    let text = TokenText::generate(CredentialKind::OneTime, view.tenant.id)
        .map_err(|error| ProvisioningError::Internal(error.to_string()))?;
    let kind = if shown.factor { OneTimeKind::SignInWithFactor } else { OneTimeKind::SignIn };
    let changed_at = shown.password_changed_at;
    changes.credentials.push(CredentialChange::SamePassword { user_id: user.id, changed_at });
    changes.credentials.push(CredentialChange::InsertOneTimeToken(Box::new(OneTimeToken {
        tenant_id: view.tenant.id,
        id: OneTimeTokenId::generate(),
        kind,
        user_id: user.id,
        hash: text.hash(),
        email: user.email.clone().unwrap_or_default(),
        created_at: now,
        expires_at: Timestamp(now.0 + LIFETIME),
        used_at: None,
    })));
    let details = json!({ "required": step.code() });
    // The password alone does not make anybody the user yet.
    let event = visit.event(now, AuditType::LoginChallenged, Actor::System, Target::User(user.id), details);
    changes.audit.push(event);
    Ok(text)
}

/// 403: what comes first, and the challenge to be handed in with it.
fn told(step: Step, challenge: &str, lives: i64) -> DirectoryError {
    DirectoryError::refused(RefusalKind::Forbidden, step.code(), step.message())
        .with("challenge", challenge)
        .with("expires_in", lives.div_euclid(1000))
}

fn over() -> DirectoryError {
    let message =
        "This sign-in is over: it took too long, was completed, or the password was changed; begin again.";
    DirectoryError::refused(RefusalKind::Unauthorized, "invalid_challenge", message)
}

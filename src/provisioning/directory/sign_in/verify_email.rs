//! `POST /auth/verify-email`: the bearer of a mailed link shows that the address is theirs. And who is mailed one.

use serde_json::json;

use super::super::{Directory, DirectoryError};
use super::links::{Follower, ended};
use super::{SignIn, Visit, actor};
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, UserChange};
use crate::model::{AuthProvider, OneTimeKind, Standing, TenantSettings, Timestamp, User};
use crate::scim::fold::fold;

/// Whether the user's address has to be verified before the user can sign in. A user without one has none to verify.
pub(in crate::provisioning::directory) fn has_to_verify(settings: &TenantSettings, user: &User) -> bool {
    settings.email_verification_required && user.email.is_some() && !user.account.email_verified
}

impl Directory {
    /// Adds to the changes a mail with a link that verifies an address which the user has not had before, where the tenant
    /// wants it verified before somebody signs in. Who is still invited gets another link to that address; who is
    /// known to an identity provider signs in there.
    ///
    /// # Errors
    /// No randomness.
    pub(in crate::provisioning::directory) fn verify_new_address(
        &self,
        view: &TenantView,
        before: Option<&User>,
        user: &User,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let is_new = before.is_none_or(|before| before.email != user.email);
        let account = &user.account;
        let signs_in = account.auth_provider == AuthProvider::Local
            && !account.service_account
            && account.standing != Standing::Invited;
        if is_new && signs_in && has_to_verify(&view.tenant.settings, user) {
            self.ask_to_verify(view, user, self.now(), changes)?;
        }
        Ok(())
    }

    /// Adds to the changes a mail with a link that verifies the user's address; nothing where there is none to verify.
    ///
    /// # Errors
    /// No randomness.
    pub(super) fn ask_to_verify(
        &self,
        view: &TenantView,
        user: &User,
        now: Timestamp,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let Some(email) = user.email.clone().filter(|_| !user.account.email_verified) else { return Ok(()) };
        self.write_link(view, user, email, (OneTimeKind::VerifyEmail, now), changes)
    }
}

impl SignIn {
    /// Uses a link's token: the address that it was mailed to is verified, if it is still its user's.
    ///
    /// # Errors
    /// 410, the same for a token that is unknown, expired, used, of an address that is no longer the user's, or of a tenant
    /// that is suspended.
    pub async fn verify_email(&self, visit: &Visit, token: &str) -> Result<(), DirectoryError> {
        self.following(token, OneTimeKind::VerifyEmail, |this, follower| async move {
            this.verify_of(visit, follower).await
        })
        .await
    }

    /// Does what a link is for, one at a time for its user, and again where somebody else was in the way.
    ///
    /// # Errors
    /// As [`SignIn::follow`], and what is done.
    pub(super) async fn following<F, Fut>(
        &self,
        token: &str,
        kind: OneTimeKind,
        done: F,
    ) -> Result<(), DirectoryError>
    where
        F: Fn(Self, Follower) -> Fut,
        Fut: Future<Output = Result<(), DirectoryError>>,
    {
        let Follower { user, view, .. } = self.follow(token, kind).await?;
        let done = &done;
        self.in_turn(view.tenant.id, user.id, |this| async move {
            let follower = this.follow(token, kind).await?;
            done(this, follower).await
        })
        .await
    }

    async fn verify_of(&self, visit: &Visit, follower: Follower) -> Result<(), DirectoryError> {
        let Follower { view, user: before, token } = follower;
        if before.email.as_deref().map(fold) != Some(fold(&token.email)) {
            return Err(ended());
        }
        let now = self.directory.now();
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.credentials.push(CredentialChange::UseOneTimeToken { id: token.id, at: now });
        if !before.account.email_verified {
            let mut after = before.clone();
            after.account.email_verified = true;
            write_self(visit, &view, (&before, after), &["email_verified"], now, &mut changes);
        }
        Ok(self.directory.provisioning.storage.commit(changes).await?)
    }
}

/// Adds to the changes what somebody without a session changed of themselves, and what tells of it. Gives the user as it
/// is then.
pub(super) fn write_self(
    visit: &Visit,
    view: &TenantView,
    (before, mut after): (&User, User),
    changed: &[&str],
    now: Timestamp,
    changes: &mut ChangeSet,
) -> User {
    after.version = before.version + 1;
    after.updated_at = now;
    let (details, target) = (json!({ "changed": changed }), Target::User(after.id));
    changes.audit.push(visit.event(now, AuditType::UserUpdated, actor(&after), target, details));
    changes.settings.extend(view.guard(&[before, &after]));
    changes.users.push(UserChange::Update {
        row: Box::new(view.user_schema().row(&after)),
        index: view.user_schema().index_delta(before, &after),
        external_id: None,
    });
    after
}

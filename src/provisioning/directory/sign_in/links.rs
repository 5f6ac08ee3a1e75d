//! Links in mails: `POST /auth/verify-email/resend` and `/auth/password/forgot`, which anybody may ask for who knows an
//! address; and who it is that follows one.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::super::{DirectoryError, RefusalKind};
use super::{SignIn, Visit};
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::mapping::user::restore;
use crate::mapping::values::EmailAddress;
use crate::model::audit::{Actor, AuditType, Target};
use crate::model::change::ChangeSet;
use crate::model::{
    AuthProvider, ConnectionId, OneTimeKind, OneTimeToken, Standing, TenantStatus, Timestamp, User,
};
use crate::provisioning::ProvisioningError;
use crate::scim::fold::fold;
use crate::storage::StorageError;

/// How long an answer takes at the least, so that its time does not tell whether a mail was written.
pub(super) const PACE: Duration = Duration::from_millis(200);

/// What somebody asks to be mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A link that verifies the address.
    Verification,
    /// A link by which another password is chosen.
    Reset,
}

impl Wanted {
    fn kind(self) -> OneTimeKind {
        match self {
            Self::Verification => OneTimeKind::VerifyEmail,
            Self::Reset => OneTimeKind::ResetPassword,
        }
    }

    fn event(self) -> AuditType {
        match self {
            Self::Verification => AuditType::VerificationRequested,
            Self::Reset => AuditType::PasswordResetRequested,
        }
    }

    fn concerns(self, user: &User) -> bool {
        self == Self::Reset || !user.account.email_verified
    }
}

/// Somebody who follows a link.
pub(super) struct Follower {
    pub view: Arc<TenantView>,
    pub user: User,
    pub token: OneTimeToken,
}

impl SignIn {
    /// Mails a link to an address, if somebody who can sign in here holds it, has a use for it, and has not been mailed one
    /// within the last minute, or several that still work. Nobody learns which: an event is written either way, and the
    /// answer takes the same time.
    ///
    /// # Errors
    /// 422 where a tenant has to be named.
    pub async fn ask_for_link(
        &self,
        visit: &Visit,
        tenant: Option<&str>,
        email: &str,
        wanted: Wanted,
    ) -> Result<(), DirectoryError> {
        let answered = Instant::now() + PACE;
        let view = self
            .tenant(visit, tenant, email)
            .await?
            .filter(|view| view.tenant.status == TenantStatus::Active);
        let outcome = match view {
            Some(view) => self.mail_link(visit, &view, email, wanted).await,
            None => Ok(()),
        };
        sleep_until(answered).await;
        outcome
    }

    async fn mail_link(
        &self,
        visit: &Visit,
        view: &TenantView,
        email: &str,
        wanted: Wanted,
    ) -> Result<(), DirectoryError> {
        let holder = self.holder_of(view, email).await?.filter(|user| wanted.concerns(user));
        let storage = &self.directory.provisioning.storage;
        let now = self.directory.now();
        if let Some(user) = &holder
            && self.directory.may_be_mailed(view, user, wanted.kind(), now).await?
        {
            let mut changes = noted(visit, view, holder.as_ref(), (wanted, true), now);
            let to = user.email.clone().unwrap_or_default();
            self.directory.mail_one(view, user, to, wanted.kind(), &mut changes)?;
            match storage.commit(changes).await {
                // Somebody else has just asked, or the user is no more.
                Err(StorageError::Stale | StorageError::Raced) => {}
                written => return Ok(written?),
            }
        }
        let changes = noted(visit, view, holder.as_ref(), (wanted, false), now);
        Ok(storage.commit(changes).await?)
    }

    /// Who holds this address and signs in with a password here.
    async fn holder_of(&self, view: &TenantView, email: &str) -> Result<Option<User>, DirectoryError> {
        // An address is stored in the form that it is parsed into.
        let Ok(address) = EmailAddress::parse(email.trim()) else { return Ok(None) };
        let storage = &self.directory.provisioning.storage;
        let stored = storage.holder_of_email(view.tenant.id, &fold(address.as_str())).await?;
        let Some(stored) = stored else { return Ok(None) };
        let user = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let account = &user.account;
        let signs_in = account.auth_provider == AuthProvider::Local
            && account.standing == Standing::Normal
            && !account.service_account
            && user.active != Some(false);
        Ok(signs_in.then_some(user))
    }

    /// Who follows a link of this kind.
    ///
    /// # Errors
    /// 410, the same for a token that is unknown, expired or used, and for a tenant that is suspended.
    pub(super) async fn follow(&self, token: &str, kind: OneTimeKind) -> Result<Follower, DirectoryError> {
        let text = TokenText::parse(token).filter(|text| text.kind() == CredentialKind::OneTime);
        let text = text.ok_or_else(ended)?;
        let tenant = text.tenant_id();
        let storage = &self.directory.provisioning.storage;
        let token = storage.find_one_time_token(tenant, &text.hash()).await?;
        let now = self.directory.now();
        let token = token.filter(|token| token.kind == kind && token.is_live(now)).ok_or_else(ended)?;
        let stored =
            storage.lookup_user(tenant, ConnectionId::NONE, token.user_id).await?.ok_or_else(ended)?;
        let user = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let view = self.directory.authenticator.tenant(tenant).await?;
        let view = view.filter(|view| view.tenant.status == TenantStatus::Active).ok_or_else(ended)?;
        Ok(Follower { view, user, token })
    }
}

/// What tells that somebody asked. The address is not kept: people mistype theirs.
fn noted(
    visit: &Visit,
    view: &TenantView,
    holder: Option<&User>,
    (wanted, mailed): (Wanted, bool),
    at: Timestamp,
) -> ChangeSet {
    let mut changes = ChangeSet::new(view.tenant.id);
    let target = holder.map_or(Target::Tenant(view.tenant.id), |user| Target::User(user.id));
    let details = json!({ "mailed": mailed });
    // Nobody has shown who they are.
    changes.audit.push(visit.event(at, wanted.event(), Actor::System, target, details));
    changes
}

/// 410: the link has had its use, or never had one.
pub(super) fn ended() -> DirectoryError {
    let message =
        "This link does not work: it was used already, is too old, or its address is no longer yours.";
    DirectoryError::refused(RefusalKind::Gone, "link_ended", message)
}

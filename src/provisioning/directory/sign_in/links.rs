//! `POST /auth/verify-email/resend`: another link for an address that nobody has verified yet.

use serde_json::json;

use super::super::DirectoryError;
use super::{SignIn, Visit};
use crate::auth::TenantView;
use crate::mapping::user::restore;
use crate::mapping::values::EmailAddress;
use crate::model::audit::{Actor, AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{AuthProvider, OneTimeKind, Standing, TenantStatus, Timestamp, User};
use crate::provisioning::ProvisioningError;
use crate::scim::fold::fold;
use crate::storage::StorageError;

/// How long after a mail a user gets no other one, in milliseconds: whoever knows an address can ask.
const PAUSE: i64 = 60 * 1000;
/// How many links of a user work at the most: with these there is nothing to be had by another mail.
const MOST_LINKS: i64 = 5;

impl SignIn {
    /// Mails another link to an address, if somebody who can sign in here holds it, has not verified it and has not been
    /// mailed one within the last minute, or several that still work. Nobody learns which; an event is written either way, so the work is alike.
    ///
    /// # Errors
    /// 422 where a tenant has to be named.
    pub async fn resend_verification(
        &self,
        visit: &Visit,
        tenant: Option<&str>,
        email: &str,
    ) -> Result<(), DirectoryError> {
        let view = self.tenant(tenant).await?.filter(|view| view.tenant.status == TenantStatus::Active);
        let Some(view) = view else { return Ok(()) };
        let holder = self.unverified_holder(&view, email).await?;
        let storage = &self.directory.provisioning.storage;
        let (now, kind) = (self.directory.now(), OneTimeKind::VerifyEmail);
        let (at, mut is_due) = (Timestamp(now.0 - PAUSE), false);
        if let Some(user) = &holder {
            let last = storage.last_one_time_token(view.tenant.id, user.id, kind).await?;
            is_due = last.is_none_or(|last| last.created_at <= at)
                && storage.live_one_time_tokens(view.tenant.id, user.id, kind, now).await? < MOST_LINKS;
        }
        if let Some(user) = holder.as_ref().filter(|_| is_due) {
            let mut changes = noted(visit, &view, holder.as_ref(), true, now);
            let user_id = user.id;
            changes.credentials.push(CredentialChange::NoOneTimeTokenSince { user_id, kind, at });
            self.directory.ask_to_verify(&view, user, now, &mut changes)?;
            match storage.commit(changes).await {
                // Somebody else has just asked, or the user is no more.
                Err(StorageError::Stale | StorageError::Raced) => {}
                written => return Ok(written?),
            }
        }
        let changes = noted(visit, &view, holder.as_ref(), false, now);
        Ok(storage.commit(changes).await?)
    }

    /// Who holds this address without having verified it, and could sign in otherwise.
    async fn unverified_holder(
        &self,
        view: &TenantView,
        email: &str,
    ) -> Result<Option<User>, DirectoryError> {
        // An address is stored in the form that it is parsed into.
        let Ok(address) = EmailAddress::parse(email.trim()) else { return Ok(None) };
        let storage = &self.directory.provisioning.storage;
        let stored = storage.holder_of_email(view.tenant.id, &fold(address.as_str())).await?;
        let Some(stored) = stored else { return Ok(None) };
        let user = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let account = &user.account;
        let waits = !account.email_verified
            && account.auth_provider == AuthProvider::Local
            && account.standing == Standing::Normal
            && !account.service_account
            && user.active != Some(false);
        Ok(waits.then_some(user))
    }
}

/// What tells that somebody asked. The address is not kept: people mistype theirs.
fn noted(visit: &Visit, view: &TenantView, holder: Option<&User>, mailed: bool, at: Timestamp) -> ChangeSet {
    let mut changes = ChangeSet::new(view.tenant.id);
    let target = holder.map_or(Target::Tenant(view.tenant.id), |user| Target::User(user.id));
    let (kind, details) = (AuditType::VerificationRequested, json!({ "mailed": mailed }));
    // Nobody has shown who they are.
    changes.audit.push(visit.event(at, kind, Actor::System, target, details));
    changes
}

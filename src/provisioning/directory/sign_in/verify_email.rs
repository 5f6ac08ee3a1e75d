//! `POST /auth/verify-email`: the bearer of a mailed link shows that the address is theirs. And who is mailed one.

use serde_json::json;

use super::super::{Directory, DirectoryError, RefusalKind};
use super::{SignIn, Visit, actor};
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::delivery::mail::{Content, Link, Mail};
use crate::mapping::user::restore;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange, UserChange};
use crate::model::{
    AuthProvider, ConnectionId, OneTimeKind, OneTimeToken, OneTimeTokenId, Standing, TenantId,
    TenantSettings, TenantStatus, Timestamp, User,
};
use crate::provisioning::ProvisioningError;
use crate::scim::fold::fold;
use crate::storage::Resource;

/// How long a link works: a day, in milliseconds.
const LIFETIME: i64 = 24 * 60 * 60 * 1000;

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
        // At the command line there is no server for a link to lead to.
        let Some(key) = &self.outgoing.webhook_key else { return Ok(()) };
        let tenant = view.tenant.id;
        let text = TokenText::generate(CredentialKind::OneTime, tenant)
            .map_err(|error| ProvisioningError::Internal(error.to_string()))?;
        let expires_at = Timestamp(now.0 + LIFETIME);
        let link = format!("{}/auth/pages/verify-email?token={}", self.outgoing.root_url, text.expose());
        let mail = Mail {
            to: email.clone(),
            to_name: user.name.formatted.clone().or_else(|| user.display_name.clone()),
            tenant_name: view.tenant.name.clone(),
            content: Content::VerifyEmail { link: Link(link), expires_at },
        };
        let row = mail
            .seal(key, tenant, user.id.0, now)
            .map_err(|error| ProvisioningError::Internal(error.to_string()))?;
        changes.outbox.push(row);
        changes.credentials.push(CredentialChange::InsertOneTimeToken(Box::new(OneTimeToken {
            tenant_id: tenant,
            id: OneTimeTokenId::generate(),
            kind: OneTimeKind::VerifyEmail,
            user_id: user.id,
            hash: text.hash(),
            email,
            created_at: now,
            expires_at,
            used_at: None,
        })));
        Ok(())
    }
}

impl SignIn {
    /// Uses a link's token: the address that it was mailed to is verified, if it is still its user's.
    ///
    /// # Errors
    /// 410, the same for a token that is unknown, expired, used, of an address that is no longer the user's, or of a tenant
    /// that is suspended.
    pub async fn verify_email(&self, visit: &Visit, token: &str) -> Result<(), DirectoryError> {
        let text = TokenText::parse(token).filter(|text| text.kind() == CredentialKind::OneTime);
        let Some(text) = text else { return Err(ended()) };
        let (tenant, hash) = (text.tenant_id(), text.hash());
        let storage = &self.directory.provisioning.storage;
        let Some(token) = storage.find_one_time_token(tenant, &hash).await? else { return Err(ended()) };
        let resource = Resource::User(token.user_id);
        let _turn = storage.turn(Some(resource)).await;
        let hash = &hash;
        self.directory
            .attempt(tenant, Some(resource), |directory| async move {
                let this = Self { directory, ..self.clone() };
                this.try_verify_email(visit, tenant, hash).await
            })
            .await
    }

    async fn try_verify_email(
        &self,
        visit: &Visit,
        tenant: TenantId,
        hash: &[u8; 32],
    ) -> Result<(), DirectoryError> {
        let storage = &self.directory.provisioning.storage;
        let now = self.directory.now();
        let token = storage.find_one_time_token(tenant, hash).await?;
        let live = |token: &OneTimeToken| token.kind == OneTimeKind::VerifyEmail && token.is_live(now);
        let Some(token) = token.filter(live) else { return Err(ended()) };
        let Some(stored) = storage.lookup_user(tenant, ConnectionId::NONE, token.user_id).await? else {
            return Err(ended());
        };
        let before = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        if before.email.as_deref().map(fold) != Some(fold(&token.email)) {
            return Err(ended());
        }
        let view = self.directory.authenticator.tenant(tenant).await?;
        let view = view.filter(|view| view.tenant.status == TenantStatus::Active).ok_or_else(ended)?;
        let mut changes = ChangeSet::new(tenant);
        changes.credentials.push(CredentialChange::UseOneTimeToken { id: token.id, at: now });
        if !before.account.email_verified {
            let mut after = before.clone();
            after.account.email_verified = true;
            after.version += 1;
            after.updated_at = now;
            let (details, target) = (json!({ "changed": ["email_verified"] }), Target::User(after.id));
            changes.audit.push(visit.event(now, AuditType::UserUpdated, actor(&after), target, details));
            changes.settings.extend(view.guard(&[&before, &after]));
            changes.users.push(UserChange::Update {
                row: Box::new(view.user_schema().row(&after)),
                index: view.user_schema().index_delta(&before, &after),
                external_id: None,
            });
        }
        Ok(storage.commit(changes).await?)
    }
}

fn ended() -> DirectoryError {
    let message =
        "This link does not work: it was used already, is too old, or its address is no longer yours.";
    DirectoryError::refused(RefusalKind::Gone, "link_ended", message)
}

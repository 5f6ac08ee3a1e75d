//! Mails to people who sign in here: a link with a one-time token, or a word of what has changed.

use super::super::{Directory, DirectoryError};
use crate::auth::{CredentialKind, TenantView, TokenText};
use crate::delivery::mail::{Content, Link, Mail};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{OneTimeKind, OneTimeToken, OneTimeTokenId, Timestamp, User};
use crate::provisioning::ProvisioningError;

const MINUTE: i64 = 60 * 1000;
/// How long after a mail a user gets no other one, in milliseconds: whoever knows an address can ask.
const PAUSE: i64 = MINUTE;
/// How many links of a user work at the most: with these there is nothing to be had by another mail.
const MOST_LINKS: i64 = 5;

impl Directory {
    /// Whether a user has had no mail of this kind within the last minute, and has few links of it that work.
    pub(super) async fn may_be_mailed(
        &self,
        view: &TenantView,
        user: &User,
        kind: OneTimeKind,
        now: Timestamp,
    ) -> Result<bool, DirectoryError> {
        let (storage, tenant) = (&self.provisioning.storage, view.tenant.id);
        let last = storage.last_one_time_token(tenant, user.id, kind).await?;
        Ok(last.is_none_or(|last| last.created_at.0 <= now.0 - PAUSE)
            && storage.live_one_time_tokens(tenant, user.id, kind, now).await? < MOST_LINKS)
    }

    /// Adds to the changes a mail with a link of this kind to somebody who asked, unless another one has just gone out.
    ///
    /// # Errors
    /// No randomness.
    pub(super) fn mail_one(
        &self,
        view: &TenantView,
        user: &User,
        to: String,
        kind: OneTimeKind,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let (now, user_id) = (self.now(), user.id);
        let at = Timestamp(now.0 - PAUSE);
        changes.credentials.push(CredentialChange::NoOneTimeTokenSince { user_id, kind, at });
        self.write_link(view, user, to, (kind, now), changes)
    }

    /// Adds to the changes a mail with a link of this kind to an address.
    ///
    /// # Errors
    /// No randomness.
    pub(super) fn write_link(
        &self,
        view: &TenantView,
        user: &User,
        to: String,
        (kind, now): (OneTimeKind, Timestamp),
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let tenant = view.tenant.id;
        let text = TokenText::generate(CredentialKind::OneTime, tenant)
            .map_err(|error| ProvisioningError::Internal(error.to_string()))?;
        let (page, lifetime) = match kind {
            OneTimeKind::ResetPassword => ("reset-password", 30 * MINUTE),
            OneTimeKind::ChangeEmail => ("change-email", 24 * 60 * MINUTE),
            _ => ("verify-email", 24 * 60 * MINUTE),
        };
        let expires_at = Timestamp(now.0 + lifetime);
        let link = format!("{}/auth/pages/{page}?token={}", self.outgoing.root_url, text.expose());
        let link = Link(link);
        let content = match kind {
            OneTimeKind::ResetPassword => Content::ResetPassword { link, expires_at },
            OneTimeKind::ChangeEmail => Content::ChangeEmail { link, expires_at },
            _ => Content::VerifyEmail { link, expires_at },
        };
        self.write_mail(view, user, to.clone(), content, changes)?;
        changes.credentials.push(CredentialChange::InsertOneTimeToken(Box::new(OneTimeToken {
            tenant_id: tenant,
            id: OneTimeTokenId::generate(),
            kind,
            user_id: user.id,
            hash: text.hash(),
            email: to,
            created_at: now,
            expires_at,
            used_at: None,
        })));
        Ok(())
    }

    /// Adds to the changes a mail to an address of a user.
    ///
    /// # Errors
    /// No randomness.
    pub(in crate::provisioning::directory) fn write_mail(
        &self,
        view: &TenantView,
        user: &User,
        to: String,
        content: Content,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        // At the command line there is no server for a link to lead to.
        let Some(key) = &self.outgoing.secret_key else { return Ok(()) };
        let mail = Mail {
            to,
            to_name: user.name.formatted.clone().or_else(|| user.display_name.clone()),
            tenant_name: view.tenant.name.clone(),
            content,
        };
        let row = mail.seal(key, view.tenant.id, user.id.0, self.now());
        changes.outbox.push(row.map_err(|error| ProvisioningError::Internal(error.to_string()))?);
        Ok(())
    }
}

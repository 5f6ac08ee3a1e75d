//! Mails: what they say, how they are kept until they are sent, and how they are sent.

mod mailer;
mod message;
mod template;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use super::backoff;
use crate::auth::{SecretKey, SecretKeyError};
use crate::model::clock::Timestamp;
use crate::model::ids::{OutboxId, TenantId};
use crate::model::outbox::{Lane, OutboxRow};

pub use mailer::{MailSettingsError, Mailer};

/// The secret key's use for mails.
const LABEL: &str = "mail in the outbox";

/// A mail to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// The person's name, if it is known.
    pub to_name: Option<String>,
    pub tenant_name: String,
    pub content: Content,
}

/// What a mail is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Content {
    Invitation {
        link: Link,
        /// Who invites, by name.
        inviter: Option<String>,
        expires_at: Timestamp,
    },
    VerifyEmail {
        link: Link,
        expires_at: Timestamp,
    },
    ResetPassword {
        link: Link,
        expires_at: Timestamp,
    },
    PasswordChanged {
        at: Timestamp,
    },
    ChangeEmail {
        link: Link,
        expires_at: Timestamp,
    },
    EmailChanged {
        /// The address that is the user's now.
        email: String,
        at: Timestamp,
    },
    FactorsChanged {
        what: FactorsChanged,
        at: Timestamp,
    },
}

/// What became of a user's second factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorsChanged {
    Added,
    Removed,
    /// All of them are gone.
    Reset,
}

impl Content {
    /// The template's name.
    pub fn template(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::VerifyEmail { .. } => "verify_email",
            Self::ResetPassword { .. } => "reset_password",
            Self::PasswordChanged { .. } => "password_changed",
            Self::ChangeEmail { .. } => "change_email",
            Self::EmailChanged { .. } => "email_changed",
            Self::FactorsChanged { .. } => "factors_changed",
        }
    }
}

/// A URL with a one-time token, which is a credential: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Link(pub String);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}

/// Why a mail was not sent. Says nothing that the mail server said: it may quote the mail, and so its link.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MailError {
    #[error("No mail server is configured; set smtp_url and mail_from.")]
    NotConfigured,
    #[error("The mail cannot be read: it was encrypted with another secret key, or changed since.")]
    Unreadable,
    #[error("The mail cannot be written: {0}.")]
    Unwritable(&'static str),
    #[error("The mail server answered {0}.")]
    Refused(String),
    #[error("TLS with the mail server failed: its certificate is not valid, or no version fits.")]
    Tls,
    #[error("The mail server lacks what smtp_url asks for: STARTTLS or a way to sign in.")]
    Lacking,
    #[error("The mail server took too long.")]
    TimedOut,
    #[error("The mail server cannot be reached, or broke the connection off.")]
    Unreachable,
}

impl Mail {
    /// The row that makes the worker send this mail, for a change set. `target` is the user or invitation that it is
    /// about. The whole mail is encrypted until it is sent, and forgotten then.
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(
        &self,
        key: &SecretKey,
        tenant: TenantId,
        target: Uuid,
        now: Timestamp,
    ) -> Result<OutboxRow, SecretKeyError> {
        let id = OutboxId::generate();
        let plain = serde_json::json!(self).to_string();
        let sealed = key.encrypt(LABEL, &context(tenant, id), plain.as_bytes())?;
        Ok(OutboxRow {
            id,
            lane: Lane::Mail,
            subject: self.content.template().to_owned(),
            target_id: target,
            payload: STANDARD.encode(sealed),
            created_at: now,
            expires_at: Timestamp(now.0 + backoff::MAIL_LIFETIME),
        })
    }

    /// Reads what [`Mail::seal`] made.
    ///
    /// # Errors
    /// [`MailError::Unreadable`].
    pub fn open(key: &SecretKey, tenant: TenantId, row: &OutboxRow) -> Result<Self, MailError> {
        let sealed = STANDARD.decode(&row.payload).map_err(|_| MailError::Unreadable)?;
        let plain =
            key.decrypt(LABEL, &context(tenant, row.id), &sealed).map_err(|_| MailError::Unreadable)?;
        serde_json::from_slice(&plain).map_err(|_| MailError::Unreadable)
    }
}

/// A sealed mail cannot be moved to another row.
fn context(tenant: TenantId, id: OutboxId) -> Vec<u8> {
    [tenant.0.as_bytes().as_slice(), id.0.as_bytes()].concat()
}

//! The way to the mail server.

use std::error::Error as StdError;
use std::time::Duration;

use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::{Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use thiserror::Error;

use super::{Mail, MailError};
use crate::model::clock::Timestamp;
use crate::model::ids::OutboxId;

/// How long the server may take for one command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);
/// How long one mail may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Connections at once.
const CONNECTIONS: u32 = 8;

/// A setting for mail that cannot be.
#[derive(Debug, Error)]
pub enum MailSettingsError {
    #[error(
        "The setting 'smtp_url' is not valid: {0}. It is smtps://USER:PASSWORD@HOST, smtp://USER:PASSWORD@HOST?tls=required (STARTTLS), or smtp://HOST (plain)."
    )]
    Url(Error),
    #[error("The setting 'mail_from' is not an address such as 'Provost <no-reply@example.com>': {0}.")]
    From(lettre::address::AddressError),
}

/// A mail server, and whom mails come from.
#[derive(Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// Nothing is connected before a mail is sent. It is made, and dropped, within a tokio runtime.
    ///
    /// # Errors
    /// A URL or an address that cannot be read.
    pub fn new(url: &str, from: &str) -> Result<Self, MailSettingsError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(MailSettingsError::Url)?
            .timeout(Some(COMMAND_TIMEOUT))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS))
            .build();
        Ok(Self { transport, from: from.parse().map_err(MailSettingsError::From)? })
    }

    /// Whether the server answers and lets this one in, without a mail.
    pub async fn answers(&self) -> bool {
        let test = tokio::time::timeout(COMMAND_TIMEOUT, self.transport.test_connection()).await;
        matches!(test, Ok(Ok(true)))
    }

    /// Hands a mail to the server.
    ///
    /// # Errors
    /// That it was not accepted, and why, as far as can be said without quoting the server.
    pub async fn send(&self, mail: &Mail, id: OutboxId, now: Timestamp) -> Result<(), MailError> {
        let message: Message = mail.message(&self.from, id, now)?;
        match tokio::time::timeout(TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_elapsed) => Err(MailError::TimedOut),
        }
    }
}

/// Whether the handshake failed: that comes wrapped into an error of the connection.
fn is_tls(error: &Error) -> bool {
    let mut cause = StdError::source(error);
    while let Some(error) = cause {
        let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if inside.is_some_and(|inside| inside.is::<rustls::Error>()) {
            return true;
        }
        cause = error.source();
    }
    error.is_tls()
}

fn failure(error: &Error) -> MailError {
    match error.status() {
        Some(code) => MailError::Refused(code.to_string()),
        None if error.is_timeout() => MailError::TimedOut,
        None if is_tls(error) => MailError::Tls,
        None if error.is_client() => MailError::Lacking,
        None => MailError::Unreachable,
    }
}

//! A mail as it goes over the wire (RFC 5322), in plain text and HTML (RFC 2046 §5.1.4).

use std::time::{Duration, SystemTime};

use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};

use super::template::{self, Texts, line};
use super::{Mail, MailError};
use crate::model::clock::Timestamp;
use crate::model::ids::OutboxId;

impl Mail {
    /// The message. Its id is the outbox row's, so that one that is delivered twice can be told to be the same.
    ///
    /// # Errors
    /// [`MailError::Unwritable`]: the address is none.
    pub fn message(&self, from: &Mailbox, id: OutboxId, now: Timestamp) -> Result<Message, MailError> {
        let to: Address = self.to.parse().map_err(|_| MailError::Unwritable("its address is not valid"))?;
        let name = self.to_name.as_deref().map(line).filter(|name| !name.is_empty());
        let Texts { subject, plain, html } = template::texts(self)?;
        let since_epoch = Duration::from_millis(u64::try_from(now.0).unwrap_or_default());
        Message::builder()
            .message_id(Some(format!("<{id}@{}>", from.email.domain())))
            .date(SystemTime::UNIX_EPOCH + since_epoch)
            .from(from.clone())
            .to(Mailbox::new(name, to))
            .subject(subject)
            // RFC 3834 §5: nobody's vacation shall answer to a machine.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(MultiPart::alternative_plain_html(plain, html))
            .map_err(|_| MailError::Unwritable("it lacks a sender or a recipient"))
    }
}

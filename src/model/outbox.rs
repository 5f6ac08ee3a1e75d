//! What has to leave: mails and webhook events, written in the transaction of the change that they tell of, and
//! delivered at least once.

use std::fmt;

use uuid::Uuid;

use super::clock::Timestamp;
use super::ids::{OutboxId, TenantId, WebhookId};
use super::webhook::{Webhook, WebhookAttempt};

/// How things leave. What waits in one lane never waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// A tenant's mails.
    Mail,
    /// The events for one webhook.
    Webhook(WebhookId),
}

impl Lane {
    /// The kind's word, as the database holds it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook(_) => "webhook",
        }
    }

    /// The lane's key in the database: the webhook's id, or the nil UUID for mail.
    pub fn key(self) -> Uuid {
        match self {
            Self::Mail => Uuid::nil(),
            Self::Webhook(id) => id.0,
        }
    }

    /// The lane of a key.
    pub fn of_key(key: Uuid) -> Self {
        if key.is_nil() { Self::Mail } else { Self::Webhook(WebhookId(key)) }
    }
}

/// A text that only the holder of the secret key can read: base64 of what `auth::SecretKey` encrypted. `Debug` does
/// not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub String);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// Something that has to leave, as a change set brings it.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxRow {
    pub id: OutboxId,
    pub lane: Lane,
    /// What it is: a mail's template (`invitation`), an event's type (`user.created`).
    pub subject: String,
    /// Whom it is about: a user or an invitation for a mail, the webhook for an event.
    pub target_id: Uuid,
    /// A mail is sealed, for its link is a credential; a webhook's event is the JSON that will be posted.
    pub payload: String,
    pub created_at: Timestamp,
    /// When to give up.
    pub expires_at: Timestamp,
}

/// How far a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    Pending,
    Delivered,
    /// Given up.
    Dead,
}

impl OutboxState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    /// The state's word, as the database holds it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// A row as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredOutboxRow {
    pub row: OutboxRow,
    pub state: OutboxState,
    /// How often its delivery was begun.
    pub attempts: i64,
    /// When the next attempt is due; while one is under way, when its claim runs out.
    pub next_at: Timestamp,
    /// Who is delivering it, if somebody is.
    pub claim: Option<Uuid>,
    /// Why the last attempt failed, without secrets.
    pub last_error: Option<String>,
}

/// A lane in which something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DueLane {
    pub tenant_id: TenantId,
    pub lane: Lane,
    /// Since when the oldest has been due.
    pub since: Timestamp,
}

/// Changes to webhooks, and to what waits in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub enum DeliveryChange {
    InsertWebhook(Box<Webhook>),
    /// Guard: the stored version is the one before `version`.
    UpdateWebhook(Box<Webhook>),
    /// What is known of its attempts goes with it; what waits for it is removed when its turn comes. Guard: the stored
    /// version is `expected`.
    DeleteWebhook {
        id: WebhookId,
        expected: i64,
    },
    /// Takes up to `most` due rows of a lane, the oldest first, until `until`.
    Claim {
        lane: Lane,
        claim: Uuid,
        now: Timestamp,
        until: Timestamp,
        most: i64,
    },
    /// Removes what nobody waits for any more. Guard: it is still claimed by `claim`.
    Forget {
        id: OutboxId,
        claim: Uuid,
    },
    /// An attempt succeeded. A mail's text goes: its link was a credential. Guard: still claimed by `claim`.
    Delivered {
        id: OutboxId,
        claim: Uuid,
        at: Timestamp,
    },
    /// An attempt failed, and there is to be another. Guard: still claimed by `claim`.
    Failed {
        id: OutboxId,
        claim: Uuid,
        next_at: Timestamp,
        error: String,
    },
    /// An attempt failed, and was the last. Guard: still claimed by `claim`.
    GivenUp {
        id: OutboxId,
        claim: Uuid,
        at: Timestamp,
        error: String,
    },
    /// Posts an event once more, whatever became of it. Guard: it is there and of this webhook.
    Resend {
        id: OutboxId,
        webhook_id: WebhookId,
        at: Timestamp,
        expires_at: Timestamp,
    },
    InsertAttempt(Box<WebhookAttempt>),
    /// Removes what ended before.
    Purge {
        delivered_before: Timestamp,
        dead_before: Timestamp,
    },
    /// Removes what is known of attempts before.
    PurgeAttempts {
        before: Timestamp,
    },
}

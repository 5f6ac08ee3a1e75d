//! One visit to a lane: its oldest rows are claimed, tried, and what became of each is written down.

use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::backoff;
use super::mail::{Mail, MailError, Mailer};
use super::webhook::{Posted, Secret, Sender, Signed, WebhookError};
use crate::auth::SecretKey;
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::clock::Timestamp;
use crate::model::ids::{AttemptId, EventId, TenantId, WebhookId};
use crate::model::outbox::{DeliveryChange, Lane, StoredOutboxRow};
use crate::model::random;
use crate::model::webhook::{Webhook, WebhookAttempt};
use crate::storage::{Storage, StorageError};

/// How long a claim holds, in milliseconds: twice what an attempt and writing it down may take. A worker that died
/// delays its rows by as much.
pub const CLAIM_LASTS: i64 = 120_000;
/// Statements of all lanes at once: what leaves shall not take the database from those who ask for something.
const STATEMENTS: usize = 4;

/// What delivers.
#[derive(Debug)]
pub struct Courier {
    pub storage: Storage,
    pub key: SecretKey,
    /// None if no mail server is configured.
    pub mailer: Option<Mailer>,
    pub sender: Sender,
    statements: Semaphore,
}

/// What a visit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// How many rows were tried.
    pub tried: usize,
    /// Whether one of them failed.
    pub failed: bool,
}

/// What became of a row, and what is to be told of it.
struct Outcome {
    error: Option<String>,
    attempt: Option<Box<WebhookAttempt>>,
    /// To whom a mail went, if that could be read.
    to: Option<String>,
}

impl Courier {
    pub fn new(storage: Storage, key: SecretKey, mailer: Option<Mailer>, sender: Sender) -> Self {
        Self { storage, key, mailer, sender, statements: Semaphore::new(STATEMENTS) }
    }

    /// Claims up to `most` rows of a lane and tries each, all at once.
    ///
    /// # Errors
    /// The database's; what was claimed comes back when the claim runs out.
    pub async fn visit(
        &self,
        tenant: TenantId,
        lane: Lane,
        now: Timestamp,
        most: usize,
    ) -> Result<Visit, StorageError> {
        let claim = random::uuid_v7();
        let (rows, webhook) = {
            let _statement = self.statements.acquire().await;
            let until = Timestamp(now.0 + CLAIM_LASTS);
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            self.write(tenant, DeliveryChange::Claim { lane, claim, now, until, most }).await?;
            let rows = self.storage.list_claimed(tenant, claim).await?;
            let webhook = match lane {
                Lane::Webhook(id) => self.storage.lookup_webhook(tenant, id).await?,
                Lane::Mail => None,
            };
            (rows, webhook)
        };
        let tries = rows.iter().map(|row| self.deliver(tenant, webhook.as_ref(), row, claim, now));
        let failed = join_all(tries).await.into_iter().any(|delivered| !delivered);
        Ok(Visit { tried: rows.len(), failed })
    }

    /// Tries one row and writes down what became of it. Gives whether it is done with.
    async fn deliver(
        &self,
        tenant: TenantId,
        webhook: Option<&Webhook>,
        row: &StoredOutboxRow,
        claim: Uuid,
        now: Timestamp,
    ) -> bool {
        let id = row.row.id;
        let (changes, failed) = match (row.row.lane, webhook) {
            // The webhook was removed, and nobody waits any more.
            (Lane::Webhook(_), None) => (forgetting(tenant, row, claim), false),
            (lane, webhook) => {
                let outcome = match webhook {
                    Some(webhook) => self.post(tenant, webhook, row, now).await,
                    None => self.mail(tenant, row, now).await,
                };
                if let Some(error) = &outcome.error {
                    tracing::warn!(
                        %tenant, %id, kind = lane.kind(), subject = row.row.subject, attempts = row.attempts, error,
                        "something could not be delivered"
                    );
                }
                let failed = outcome.error.is_some();
                (ending(tenant, row, claim, now, outcome), failed)
            }
        };
        let written = {
            let _statement = self.statements.acquire().await;
            self.storage.commit(changes).await
        };
        match written {
            Ok(()) => !failed,
            Err(StorageError::Stale | StorageError::Raced) => {
                tracing::info!(%tenant, %id, "a delivery was taken over or removed while it was under way");
                false
            }
            Err(error) => {
                tracing::warn!(%tenant, %id, %error, "what became of a delivery could not be written down");
                false
            }
        }
    }

    async fn mail(&self, tenant: TenantId, row: &StoredOutboxRow, now: Timestamp) -> Outcome {
        let mail = Mail::open(&self.key, tenant, &row.row);
        let to = mail.as_ref().ok().map(|mail| mail.to.clone());
        let sent = match (mail, &self.mailer) {
            (Err(error), _) => Err(error),
            (Ok(_), None) => Err(MailError::NotConfigured),
            (Ok(mail), Some(mailer)) => mailer.send(&mail, row.row.id, now).await,
        };
        Outcome { error: sent.err().map(|error| error.to_string()), attempt: None, to }
    }

    async fn post(
        &self,
        tenant: TenantId,
        webhook: &Webhook,
        row: &StoredOutboxRow,
        now: Timestamp,
    ) -> Outcome {
        if !webhook.enabled {
            // Nothing was tried. If it is switched on again in time, the event goes on its way.
            return Outcome { error: Some(WebhookError::Disabled.to_string()), attempt: None, to: None };
        }
        let posted = match self.secrets(tenant, webhook, now) {
            Ok(secrets) => {
                let id = row.row.id.to_string();
                let signed = Signed { id: &id, at: now, body: &row.row.payload };
                self.sender.post(&webhook.url, &secrets, signed).await
            }
            Err(error) => Posted { status: None, duration: std::time::Duration::ZERO, result: Err(error) },
        };
        let error = posted.result.err().map(|error| error.to_string());
        let attempt = WebhookAttempt {
            id: AttemptId::generate(),
            webhook_id: webhook.id,
            outbox_id: row.row.id,
            event_type: row.row.subject.clone(),
            at: now,
            status: posted.status,
            error: error.clone(),
            duration_ms: i64::try_from(posted.duration.as_millis()).unwrap_or(i64::MAX),
        };
        Outcome { error, attempt: Some(Box::new(attempt)), to: None }
    }

    /// The secret, and the one before while it still signs.
    fn secrets(
        &self,
        tenant: TenantId,
        webhook: &Webhook,
        now: Timestamp,
    ) -> Result<Vec<Secret>, WebhookError> {
        let previous = webhook.previous.iter().filter(|previous| now < previous.until);
        let sealed = [&webhook.secret].into_iter().chain(previous.map(|previous| &previous.secret));
        sealed
            .map(|sealed| {
                Secret::open(&self.key, tenant, webhook.id, sealed).map_err(|_| WebhookError::Secret)
            })
            .collect()
    }

    async fn write(&self, tenant: TenantId, change: DeliveryChange) -> Result<(), StorageError> {
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::Delivery(change));
        self.storage.commit(changes).await
    }
}

fn forgetting(tenant: TenantId, row: &StoredOutboxRow, claim: Uuid) -> ChangeSet {
    let mut changes = ChangeSet::new(tenant);
    changes.settings.push(SettingsChange::Delivery(DeliveryChange::Forget { id: row.row.id, claim }));
    changes
}

/// What is written after an attempt: the row's state, the attempt, and, where it was the last, the event of that.
fn ending(
    tenant: TenantId,
    row: &StoredOutboxRow,
    claim: Uuid,
    now: Timestamp,
    outcome: Outcome,
) -> ChangeSet {
    let (id, mut changes) = (row.row.id, ChangeSet::new(tenant));
    let pauses = match row.row.lane {
        Lane::Mail => backoff::MAIL,
        Lane::Webhook(_) => backoff::WEBHOOK,
    };
    let change = match &outcome.error {
        None => DeliveryChange::Delivered { id, claim, at: now },
        Some(error) => match pauses.next(row.attempts, now, row.row.expires_at) {
            Some(next_at) => DeliveryChange::Failed { id, claim, next_at, error: error.clone() },
            None => {
                changes.audit.push(given_up(row, now, error, outcome.to.as_deref()));
                DeliveryChange::GivenUp { id, claim, at: now, error: error.clone() }
            }
        },
    };
    changes.settings.push(SettingsChange::Delivery(change));
    changes.settings.extend(
        outcome.attempt.map(|attempt| SettingsChange::Delivery(DeliveryChange::InsertAttempt(attempt))),
    );
    changes
}

fn given_up(row: &StoredOutboxRow, now: Timestamp, error: &str, to: Option<&str>) -> AuditEvent {
    let attempts = row.attempts;
    let (kind, target, details) = match row.row.lane {
        Lane::Mail => (
            AuditType::MailFailed,
            Target::Mail(row.row.id),
            json!({ "mail": row.row.subject, "about": row.row.target_id, "to": to, "attempts": attempts, "error": error }),
        ),
        Lane::Webhook(WebhookId(webhook)) => (
            AuditType::WebhookFailed,
            Target::Webhook(WebhookId(webhook)),
            json!({ "event_type": row.row.subject, "delivery": row.row.id, "attempts": attempts, "error": error }),
        ),
    };
    AuditEvent { id: EventId::generate(), at: now, kind, origin: Origin::system(), target, details }
}

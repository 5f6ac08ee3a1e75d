//! `/v1/webhooks`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::types::ToJSON as _;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::answer::{Created, Done, Found};
use super::body::Body;
use super::failure::Answer;
use super::nullable::Nullable;
use super::session::Session;
use super::values::{cursor, if_matches, page, time};
use super::{Admin, Part};
use crate::model::WebhookId;
use crate::model::ids::{AttemptId, OutboxId};
use crate::model::webhook::{self, WebhookAttempt};
use crate::provisioning::directory::{ShownWebhook, WebhookDraft};

/// How long the secret before still signs when nobody says, in seconds: a day.
const OVERLAP: u32 = 24 * 60 * 60;

/// What a client reads and may send back unchanged.
const COMPUTED: [&str; 5] = ["id", "previous_secret_until", "created_at", "updated_at", "version"];

pub(super) struct Webhooks;

/// Where events are posted to. Each is signed as Standard Webhooks says.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Webhook {
    id: Uuid,
    url: String,
    /// Which events it is told of. None listed means all but those that strangers cause (`login.failed`,
    /// `registration.refused`, `verification.requested`), which have to be named.
    event_types: Vec<String>,
    description: Option<String>,
    enabled: bool,
    /// Until when the secret before the last one signs as well.
    previous_secret_until: Option<String>,
    created_at: String,
    updated_at: String,
    version: i64,
}

/// A webhook with its secret, which is shown only now.
#[derive(Debug, Object)]
struct WebhookWithSecret {
    /// What events are signed with: `whsec_` and base64.
    secret: String,
    #[oai(flatten)]
    record: Webhook,
}

/// A page of webhooks.
#[derive(Debug, Object)]
struct WebhookList {
    webhooks: Vec<Webhook>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

/// A webhook to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewWebhook {
    /// A whole `https` URL that leads to a public address.
    #[oai(validator(min_length = 1, max_length = 2048))]
    url: String,
    /// Where it is left out or empty: all but those that strangers cause, which have to be named.
    #[oai(validator(max_items = 100))]
    event_types: Option<Vec<String>>,
    #[oai(validator(max_length = 500))]
    description: Option<String>,
    /// True where it is left out.
    enabled: Option<bool>,
}

/// What changes of a webhook.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct WebhookPatch {
    /// A whole `https` URL that leads to a public address.
    #[oai(validator(min_length = 1, max_length = 2048))]
    url: Option<String>,
    /// None listed means all but those that strangers cause, which have to be named.
    #[oai(validator(max_items = 100))]
    event_types: Option<Vec<String>>,
    #[oai(validator(max_length = 500))]
    description: Nullable<String>,
    /// While it is off, events wait for three days and none is added.
    enabled: Option<bool>,
}

/// How a secret is rotated.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct SecretRotation {
    /// How long the secret before signs as well; a day where it is left out, a week at the most.
    #[oai(validator(minimum(value = "0"), maximum(value = "604800")))]
    overlap_seconds: Option<u32>,
}

/// One attempt at posting an event.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct Attempt {
    id: Uuid,
    /// The event's delivery, which is the `webhook-id` that the receiver sees, the same for each attempt.
    delivery_id: Uuid,
    event_type: String,
    time: String,
    /// The receiver's answer; missing where none came.
    status: Option<u16>,
    /// Why it counts as failed; missing where it does not.
    error: Option<String>,
    duration_ms: i64,
}

/// A page of attempts, newest first.
#[derive(Debug, Object)]
struct AttemptList {
    attempts: Vec<Attempt>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

/// What webhooks can be told of.
#[derive(Debug, Object)]
struct EventTypes {
    event_types: Vec<String>,
}

#[OpenApi(tag = "Part::Webhooks")]
impl Webhooks {
    /// Create a webhook
    ///
    /// It tells what the audit log tells, so this needs the permission to read that as well, and no policy that may keep
    /// some users' events from the caller: `events_withheld`.
    #[oai(path = "/webhooks", method = "post")]
    async fn create_webhook(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewWebhook>,
    ) -> Answer<Created<WebhookWithSecret>> {
        let NewWebhook { url, event_types, description, enabled } = body.check()?;
        let draft = WebhookDraft { url: Some(url), event_types, description: Some(description), enabled };
        let made = admin.directory.create_webhook(&session.0, draft).await?;
        let location = format!("{}/webhooks/{}", admin.base_url, made.webhook.id);
        Ok(Created { version: Some(made.webhook.version), value: made.into(), location })
    }

    /// List webhooks
    #[oai(path = "/webhooks", method = "get")]
    async fn list_webhooks(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<WebhookList>> {
        let page = page(limit.0, after.0.as_deref(), WebhookId)?;
        let (found, next) = admin.directory.list_webhooks(&session.0, page).await?;
        let webhooks = found.into_iter().map(Webhook::from).collect();
        Ok(Found::plain(WebhookList { webhooks, next_cursor: cursor(next.map(|id| id.0)) }))
    }

    /// List what webhooks can be told of
    #[oai(path = "/webhook-event-types", method = "get")]
    async fn list_webhook_event_types(&self, session: Session) -> Answer<Found<EventTypes>> {
        // The list is no secret, and nobody's; but only those who are somebody's are answered.
        let _ = session;
        let event_types = webhook::told().map(|kind| kind.as_str().to_owned()).collect();
        Ok(Found::plain(EventTypes { event_types }))
    }

    /// Read a webhook
    #[oai(path = "/webhooks/:id", method = "get")]
    async fn read_webhook(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<Webhook>> {
        Ok(found(admin.directory.read_webhook(&session.0, WebhookId(id.0)).await?))
    }

    /// Change a webhook
    ///
    /// By whoever may create one. It works within a second.
    #[oai(path = "/webhooks/:id", method = "patch")]
    async fn patch_webhook(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        mut body: Body<WebhookPatch>,
    ) -> Answer<Found<Webhook>> {
        if body.says_any(&COMPUTED) {
            let current = Webhook::from(admin.directory.read_webhook(&session.0, WebhookId(id.0)).await?);
            body.take_unchanged(&current.to_json().unwrap_or_default(), &COMPUTED)?;
        }
        let WebhookPatch { url, event_types, description, enabled } = body.check()?;
        let draft = WebhookDraft { url, event_types, description: description.0, enabled };
        let (id, preconditions) = (WebhookId(id.0), if_matches(if_match.0));
        Ok(found(admin.directory.update_webhook(&session.0, id, draft, &preconditions).await?))
    }

    /// Delete a webhook
    ///
    /// What waits for it is not posted any more.
    #[oai(path = "/webhooks/:id", method = "delete")]
    async fn delete_webhook(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Answer<Done> {
        let preconditions = if_matches(if_match.0);
        admin.directory.delete_webhook(&session.0, WebhookId(id.0), &preconditions).await?;
        Ok(Done)
    }

    /// Rotate a webhook's secret
    ///
    /// The one before signs as well for a while, so that the receiver can change over.
    #[oai(path = "/webhooks/:id/rotate", method = "post")]
    async fn rotate_webhook(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<SecretRotation>,
    ) -> Answer<Found<WebhookWithSecret>> {
        let overlap = body.check()?.overlap_seconds.unwrap_or(OVERLAP);
        let (id, preconditions) = (WebhookId(id.0), if_matches(if_match.0));
        let shown = admin.directory.rotate_webhook(&session.0, id, overlap, &preconditions).await?;
        Ok(Found { version: Some(shown.webhook.version), value: shown.into() })
    }

    /// List a webhook's attempts
    ///
    /// Those of the last thirty days, newest first.
    #[oai(path = "/webhooks/:id/attempts", method = "get")]
    async fn list_webhook_attempts(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))] limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<AttemptList>> {
        let page = page(limit.0, after.0.as_deref(), AttemptId)?;
        let (found, next) = admin.directory.list_webhook_attempts(&session.0, WebhookId(id.0), page).await?;
        let attempts = found.into_iter().map(Attempt::from).collect();
        Ok(Found::plain(AttemptList { attempts, next_cursor: cursor(next.map(|id| id.0)) }))
    }

    /// Post an event once more
    ///
    /// Under the id that it had, so that a receiver that knows it already can tell. Events are kept for a week after they
    /// arrived, and for thirty days after they were given up.
    #[oai(path = "/webhooks/:id/deliveries/:delivery/resend", method = "post")]
    async fn resend_webhook_event(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        delivery: Path<Uuid>,
    ) -> Answer<Done> {
        let (id, delivery) = (WebhookId(id.0), OutboxId(delivery.0));
        admin.directory.resend_webhook_event(&session.0, id, delivery).await?;
        Ok(Done)
    }
}

fn found(webhook: webhook::Webhook) -> Found<Webhook> {
    Found { version: Some(webhook.version), value: webhook.into() }
}

impl From<webhook::Webhook> for Webhook {
    fn from(webhook: webhook::Webhook) -> Self {
        Self {
            id: webhook.id.0,
            url: webhook.url,
            event_types: webhook.event_types,
            description: webhook.description,
            enabled: webhook.enabled,
            previous_secret_until: webhook.previous.map(|previous| time(previous.until)),
            created_at: time(webhook.created_at),
            updated_at: time(webhook.updated_at),
            version: webhook.version,
        }
    }
}

impl From<ShownWebhook> for WebhookWithSecret {
    fn from(shown: ShownWebhook) -> Self {
        Self { secret: shown.secret.text(), record: shown.webhook.into() }
    }
}

impl From<WebhookAttempt> for Attempt {
    fn from(attempt: WebhookAttempt) -> Self {
        Self {
            id: attempt.id.0,
            delivery_id: attempt.outbox_id.0,
            event_type: attempt.event_type,
            time: time(attempt.at),
            status: attempt.status,
            error: attempt.error,
            duration_ms: attempt.duration_ms,
        }
    }
}

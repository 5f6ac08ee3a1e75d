//! Webhooks: where a tenant's events are posted to, what is posted, and what became of it.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use super::audit::{AuditEvent, AuditType};
use super::clock::Timestamp;
use super::ids::{AttemptId, OutboxId, TenantId, WebhookId};
use super::outbox::{Lane, OutboxRow, Sealed};

/// How long an event is tried to be posted, in milliseconds: three days.
pub const WEBHOOK_LIFETIME: i64 = 3 * 24 * 3_600_000;

/// Where a tenant's events are posted to.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    pub id: WebhookId,
    pub url: String,
    /// Which events it wants; none listed means all but those that strangers cause.
    pub event_types: Vec<String>,
    pub description: Option<String>,
    pub enabled: bool,
    pub secret: Sealed,
    /// The secret before, which signs as well until its time is over.
    pub previous: Option<PreviousSecret>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

/// A webhook's secret that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousSecret {
    pub secret: Sealed,
    pub until: Timestamp,
}

impl Webhook {
    /// What it wants to be told; nothing while it is switched off.
    pub fn subscription(&self) -> Option<Subscription> {
        self.enabled.then(|| Subscription { id: self.id, event_types: self.event_types.clone() })
    }
}

/// A webhook that is switched on, as far as events are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub id: WebhookId,
    /// None listed means all but those that strangers cause.
    pub event_types: Vec<String>,
}

/// What anybody on the Internet can make happen as often as they like: it goes to those who name it. Otherwise everybody's
/// webhooks could be kept busy from outside, while the tenant's own events wait behind.
const OF_STRANGERS: [AuditType; 5] = [
    AuditType::LoginFailed,
    AuditType::LoginLocked,
    AuditType::PasswordResetRequested,
    AuditType::RegistrationRefused,
    AuditType::VerificationRequested,
];

impl Subscription {
    fn wants(&self, event_type: &str) -> bool {
        match self.event_types.is_empty() {
            true => !OF_STRANGERS.iter().any(|kind| kind.as_str() == event_type),
            false => self.event_types.iter().any(|wanted| wanted == event_type),
        }
    }
}

/// The types of events that webhooks can be told of.
pub fn told() -> impl Iterator<Item = AuditType> {
    AuditType::ALL.iter().copied().filter(|kind| is_told(*kind))
}

/// Whether webhooks can be told of events of this type. That a webhook failed is told to none: two that fail would keep
/// each other busy for ever. That a tenant goes stands in the instance's log, and its webhooks go with it.
pub fn is_told(kind: AuditType) -> bool {
    !matches!(kind, AuditType::WebhookFailed | AuditType::TenantDeleted)
}

/// What webhooks are told.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookEvent {
    /// For example `user.created`.
    pub event_type: String,
    pub at: Timestamp,
    /// Without secrets.
    pub data: Value,
}

impl WebhookEvent {
    /// What is told of an event of the audit log: the event as the admin API shows it.
    pub fn of(tenant: TenantId, event: &AuditEvent) -> Self {
        let (kind, id, name) = event.origin.actor.parts();
        let actor =
            [("kind", Some(json!(kind))), ("id", id.map(|id| json!(id))), ("name", name.map(Value::from))];
        let origin = &event.origin;
        let members = [
            ("id", Some(json!(event.id.0))),
            ("time", Some(json!(rfc3339(event.at)))),
            ("type", Some(json!(event.kind.as_str()))),
            ("actor", Some(object(actor))),
            ("target", Some(json!({ "kind": event.target.kind(), "id": event.target.id() }))),
            ("tenant", Some(json!(tenant.0))),
            ("request_id", origin.request_id.as_deref().map(Value::from)),
            ("ip", origin.ip.map(|ip| json!(ip))),
            ("user_agent", origin.user_agent.as_deref().map(Value::from)),
            ("details", Some(event.details.clone())),
        ];
        Self { event_type: event.kind.as_str().to_owned(), at: event.at, data: object(members) }
    }

    /// What makes the worker post the event to each of these that wants it, for the change set of what happened.
    pub fn outbox_rows(&self, subscriptions: &[Subscription]) -> Vec<OutboxRow> {
        let wanting = subscriptions.iter().filter(|subscription| subscription.wants(&self.event_type));
        let mut payload = None;
        let row = |subscription: &Subscription| OutboxRow {
            id: OutboxId::generate(),
            lane: Lane::Webhook(subscription.id),
            subject: self.event_type.clone(),
            target_id: subscription.id.0,
            payload: payload.get_or_insert_with(|| self.payload()).clone(),
            created_at: self.at,
            expires_at: Timestamp(self.at.0 + WEBHOOK_LIFETIME),
        };
        wanting.map(row).collect()
    }

    /// The body that is posted, as Standard Webhooks has it.
    fn payload(&self) -> String {
        json!({ "type": self.event_type, "timestamp": rfc3339(self.at), "data": self.data }).to_string()
    }
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn rfc3339(at: Timestamp) -> String {
    let time = DateTime::from_timestamp_millis(at.0).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// One attempt at posting an event.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookAttempt {
    pub id: AttemptId,
    pub webhook_id: WebhookId,
    pub outbox_id: OutboxId,
    pub event_type: String,
    pub at: Timestamp,
    /// The answer's status, if one came.
    pub status: Option<u16>,
    /// Why it counts as failed; nothing if it does not.
    pub error: Option<String>,
    pub duration_ms: i64,
}

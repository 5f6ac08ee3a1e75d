//! Webhooks as Standard Webhooks describes them (<https://www.standardwebhooks.com>): events are posted as JSON, signed
//! with a secret that only the tenant and the receiver know.

mod address;
mod endpoint;
mod secret;
mod sender;
mod signature;

use crate::auth::{SecretKey, SecretKeyError};
use crate::model::clock::Timestamp;
use crate::model::ids::{OutboxId, TenantId, WebhookId};
use crate::model::outbox::DeliveryChange;
use crate::model::webhook::{PreviousSecret, WEBHOOK_LIFETIME, Webhook};

pub use address::is_public;
pub use endpoint::{Endpoint, EndpointError};
pub use secret::{Secret, SecretError};
pub use sender::{Posted, Sender, WebhookError};
pub use signature::{Signed, sign};

/// What a new webhook is made of.
#[derive(Clone, Debug)]
pub struct Registration {
    pub endpoint: Endpoint,
    /// None listed means all.
    pub event_types: Vec<String>,
    pub description: Option<String>,
}

/// A new webhook, and its secret, which is shown once.
///
/// # Errors
/// No randomness.
pub fn register(
    key: &SecretKey,
    tenant: TenantId,
    registration: Registration,
    now: Timestamp,
) -> Result<(Webhook, Secret), SecretKeyError> {
    let id = WebhookId::generate();
    let secret = Secret::generate()?;
    let webhook = Webhook {
        id,
        url: registration.endpoint.to_string(),
        event_types: registration.event_types,
        description: registration.description,
        enabled: true,
        secret: secret.seal(key, tenant, id)?,
        previous: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    Ok((webhook, secret))
}

/// Gives a webhook a new secret, which is shown once. The one before signs as well for `overlap` milliseconds.
///
/// # Errors
/// No randomness.
pub fn rotate(
    webhook: &mut Webhook,
    key: &SecretKey,
    tenant: TenantId,
    now: Timestamp,
    overlap: i64,
) -> Result<Secret, SecretKeyError> {
    let secret = Secret::generate()?;
    let sealed = secret.seal(key, tenant, webhook.id)?;
    let previous = std::mem::replace(&mut webhook.secret, sealed);
    webhook.previous = (overlap > 0)
        .then(|| PreviousSecret { secret: previous, until: Timestamp(now.0.saturating_add(overlap)) });
    webhook.updated_at = now;
    webhook.version += 1;
    Ok(secret)
}

/// What makes the worker post an event once more, for three days, under the id that it had: a receiver that knows it
/// already can tell.
pub fn resend(webhook: WebhookId, id: OutboxId, now: Timestamp) -> DeliveryChange {
    let expires_at = Timestamp(now.0 + WEBHOOK_LIFETIME);
    DeliveryChange::Resend { id, webhook_id: webhook, at: now, expires_at }
}

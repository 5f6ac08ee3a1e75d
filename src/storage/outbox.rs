//! Reading what waits to leave, webhooks, and what became of their events.

use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::clock::Timestamp;
use crate::model::ids::{AttemptId, OutboxId, TenantId, WebhookId};
use crate::model::outbox::{DueLane, StoredOutboxRow};
use crate::model::webhook::{Webhook, WebhookAttempt};

/// The one statement on tenants' data that names no tenant: asking each of them every second would cost as much as
/// there are tenants, while this reads an index that holds only what is due. It locks nothing, which is what a
/// distributed database needs to run it.
const DUE: &str = "SELECT tenant_id, lane, min(next_at) FROM outbox WHERE state = 'pending' AND next_at <= $1 \
     GROUP BY tenant_id, lane ORDER BY min(next_at)";

const CLAIMED: &str = "SELECT id, lane, subject, target_id, payload, created_at, expires_at, state, attempts, next_at, \
     claim, last_error FROM outbox WHERE tenant_id = $1 AND claim = $2 ORDER BY id";
const ROW: &str = "SELECT id, lane, subject, target_id, payload, created_at, expires_at, state, attempts, next_at, \
     claim, last_error FROM outbox WHERE tenant_id = $1 AND id = $2";
const WEBHOOK: &str = "SELECT id, url, event_types, description, enabled, secret_sealed, previous_secret_sealed, \
     previous_secret_until, created_at, updated_at, version FROM webhooks WHERE tenant_id = $1 AND id = $2";
const WEBHOOKS: &str = "SELECT id, url, event_types, description, enabled, secret_sealed, previous_secret_sealed, \
     previous_secret_until, created_at, updated_at, version FROM webhooks WHERE tenant_id = $1 ORDER BY id";
const ATTEMPTS: &str = "SELECT id, webhook_id, outbox_id, event_type, at, status, error, duration_ms \
     FROM webhook_attempts WHERE tenant_id = $1 AND webhook_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4";

impl Storage {
    /// Told whenever a commit of this process wrote to the outbox.
    pub fn outbox_written(&self) -> Arc<Notify> {
        Arc::clone(&self.outbox_written)
    }

    /// The lanes in which something is due, of every tenant, the one that has waited longest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn due_lanes(&self, now: Timestamp) -> Result<Vec<DueLane>, StorageError> {
        self.database.fetch_all(Statement::fixed(DUE, [Arg::integer(now.0)])).await
    }

    /// What a claim took.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_claimed(
        &self,
        tenant: TenantId,
        claim: Uuid,
    ) -> Result<Vec<StoredOutboxRow>, StorageError> {
        self.database.fetch_all(Statement::fixed(CLAIMED, [Arg::id(tenant.0), Arg::id(claim)])).await
    }

    /// A row of the outbox, as long as it is kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_outbox_row(
        &self,
        tenant: TenantId,
        id: OutboxId,
    ) -> Result<Option<StoredOutboxRow>, StorageError> {
        self.database.fetch_optional(Statement::fixed(ROW, [Arg::id(tenant.0), Arg::id(id.0)])).await
    }

    /// The webhook with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
    ) -> Result<Option<Webhook>, StorageError> {
        self.database.fetch_optional(Statement::fixed(WEBHOOK, [Arg::id(tenant.0), Arg::id(id.0)])).await
    }

    /// A tenant's webhooks, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_webhooks(&self, tenant: TenantId) -> Result<Vec<Webhook>, StorageError> {
        self.database.fetch_all(Statement::fixed(WEBHOOKS, [Arg::id(tenant.0)])).await
    }

    /// A webhook's attempts, newest first: `limit` of those before the given one, or the newest.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_webhook_attempts(
        &self,
        tenant: TenantId,
        webhook: WebhookId,
        before: Option<AttemptId>,
        limit: u32,
    ) -> Result<Vec<WebhookAttempt>, StorageError> {
        let before = before.map_or(Uuid::max(), |id| id.0);
        let args = [Arg::id(tenant.0), Arg::id(webhook.0), Arg::id(before), Arg::integer(i64::from(limit))];
        self.database.fetch_all(Statement::fixed(ATTEMPTS, args)).await
    }
}

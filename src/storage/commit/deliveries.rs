//! Webhooks, and the outbox after its rows were written: one plain statement each.

use super::super::engine::Engine;
use super::super::statement::{Arg, Statement};
use crate::model::TenantId;
use crate::model::outbox::DeliveryChange;
use crate::model::webhook::{Webhook, WebhookAttempt};

/// The oldest due rows of a lane, one server's each: PostgreSQL passes over those that another is just taking, and
/// `ARRAY` makes it choose once, whatever the plan. SQLite has one writer at a time anyway.
const CLAIM_POSTGRES: &str = "UPDATE outbox SET claim = $3, next_at = $5, attempts = attempts + 1 \
     WHERE tenant_id = $1 AND id = ANY(ARRAY(\
     SELECT id FROM outbox WHERE tenant_id = $1 AND lane = $2 AND state = 'pending' AND next_at <= $4 \
     ORDER BY next_at, id LIMIT $6 FOR UPDATE SKIP LOCKED))";
const CLAIM_SQLITE: &str = "UPDATE outbox SET claim = $3, next_at = $5, attempts = attempts + 1 \
     WHERE tenant_id = $1 AND id IN (\
     SELECT id FROM outbox WHERE tenant_id = $1 AND lane = $2 AND state = 'pending' AND next_at <= $4 \
     ORDER BY next_at, id LIMIT $6)";

const FORGET: &str = "DELETE FROM outbox WHERE tenant_id = $1 AND id = $2 AND claim = $3";
const DELIVERED: &str = "UPDATE outbox SET state = 'delivered', ended_at = $4, claim = NULL, last_error = NULL, \
     payload = CASE kind WHEN 'mail' THEN '' ELSE payload END WHERE tenant_id = $1 AND id = $2 AND claim = $3";
const FAILED: &str = "UPDATE outbox SET next_at = $4, claim = NULL, last_error = $5 \
     WHERE tenant_id = $1 AND id = $2 AND claim = $3";
const GIVEN_UP: &str = "UPDATE outbox SET state = 'dead', ended_at = $4, claim = NULL, last_error = $5, \
     payload = CASE kind WHEN 'mail' THEN '' ELSE payload END WHERE tenant_id = $1 AND id = $2 AND claim = $3";
const RESEND: &str = "UPDATE outbox SET state = 'pending', ended_at = NULL, claim = NULL, attempts = 0, next_at = $4, \
     expires_at = $5 WHERE tenant_id = $1 AND id = $2 AND lane = $3 AND kind = 'webhook'";
const INSERT_WEBHOOK: &str = "INSERT INTO webhooks (tenant_id, id, url, event_types, description, enabled, \
     secret_sealed, previous_secret_sealed, previous_secret_until, created_at, updated_at, version) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const UPDATE_WEBHOOK: &str = "UPDATE webhooks SET url = $3, event_types = $4, description = $5, enabled = $6, \
     secret_sealed = $7, previous_secret_sealed = $8, previous_secret_until = $9, updated_at = $11, version = $12 \
     WHERE tenant_id = $1 AND id = $2 AND version = $12 - 1 AND created_at = $10";
const DELETE_WEBHOOK: &str = "DELETE FROM webhooks WHERE tenant_id = $1 AND id = $2 AND version = $3";
const INSERT_ATTEMPT: &str = "INSERT INTO webhook_attempts (tenant_id, webhook_id, id, outbox_id, event_type, at, \
     status, error, duration_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const PURGE: &str = "DELETE FROM outbox WHERE tenant_id = $1 AND ended_at IS NOT NULL \
     AND ((state = 'delivered' AND ended_at < $2) OR (state = 'dead' AND ended_at < $3))";
const PURGE_ATTEMPTS: &str = "DELETE FROM webhook_attempts WHERE tenant_id = $1 AND at < $2";

/// The statement of one such change.
pub fn statement(engine: Engine, tenant: TenantId, change: &DeliveryChange) -> Statement<'_> {
    let of = Arg::id(tenant.0);
    match change {
        DeliveryChange::InsertWebhook(row) => Statement::fixed(INSERT_WEBHOOK, webhook(tenant, row)),
        DeliveryChange::UpdateWebhook(row) => Statement::fixed(UPDATE_WEBHOOK, webhook(tenant, row)),
        DeliveryChange::DeleteWebhook { id, expected } => {
            Statement::fixed(DELETE_WEBHOOK, [of, Arg::id(id.0), Arg::integer(*expected)])
        }
        DeliveryChange::Claim { lane, claim, now, until, most } => {
            let text = if engine == Engine::Postgres { CLAIM_POSTGRES } else { CLAIM_SQLITE };
            let times = [now.0, until.0, *most].map(Arg::integer);
            Statement::fixed(text, [of, Arg::id(lane.key()), Arg::id(*claim)].into_iter().chain(times))
        }
        DeliveryChange::Forget { id, claim } => {
            Statement::fixed(FORGET, [of, Arg::id(id.0), Arg::id(*claim)])
        }
        DeliveryChange::Delivered { id, claim, at } => {
            Statement::fixed(DELIVERED, [of, Arg::id(id.0), Arg::id(*claim), Arg::integer(at.0)])
        }
        DeliveryChange::Failed { id, claim, next_at: at, error } => {
            let values = [of, Arg::id(id.0), Arg::id(*claim), Arg::integer(at.0), Arg::text(&**error)];
            Statement::fixed(FAILED, values)
        }
        DeliveryChange::GivenUp { id, claim, at, error } => {
            let values = [of, Arg::id(id.0), Arg::id(*claim), Arg::integer(at.0), Arg::text(&**error)];
            Statement::fixed(GIVEN_UP, values)
        }
        DeliveryChange::Resend { id, webhook_id, at, expires_at } => {
            let times = [at.0, expires_at.0].map(Arg::integer);
            Statement::fixed(RESEND, [of, Arg::id(id.0), Arg::id(webhook_id.0)].into_iter().chain(times))
        }
        DeliveryChange::InsertAttempt(row) => Statement::fixed(INSERT_ATTEMPT, attempt(tenant, row)),
        DeliveryChange::Purge { delivered_before, dead_before } => {
            let values = [of, Arg::integer(delivered_before.0), Arg::integer(dead_before.0)];
            Statement::fixed(PURGE, values)
        }
        DeliveryChange::PurgeAttempts { before } => {
            Statement::fixed(PURGE_ATTEMPTS, [of, Arg::integer(before.0)])
        }
    }
}

/// Whether the change must meet exactly one row, or nothing of its change set is written.
pub fn is_guarded(change: &DeliveryChange) -> bool {
    match change {
        DeliveryChange::InsertWebhook(_)
        | DeliveryChange::Claim { .. }
        | DeliveryChange::InsertAttempt(_)
        | DeliveryChange::Purge { .. }
        | DeliveryChange::PurgeAttempts { .. } => false,
        DeliveryChange::UpdateWebhook(_)
        | DeliveryChange::DeleteWebhook { .. }
        | DeliveryChange::Forget { .. }
        | DeliveryChange::Delivered { .. }
        | DeliveryChange::Failed { .. }
        | DeliveryChange::GivenUp { .. }
        | DeliveryChange::Resend { .. } => true,
    }
}

fn webhook(tenant: TenantId, row: &Webhook) -> [Arg<'_>; 12] {
    [
        Arg::id(tenant.0),
        Arg::id(row.id.0),
        Arg::text(&*row.url),
        Arg::text(serde_json::json!(row.event_types).to_string()),
        Arg::optional(row.description.as_deref()),
        Arg::Boolean(row.enabled),
        Arg::text(&*row.secret.0),
        Arg::optional(row.previous.as_ref().map(|previous| &*previous.secret.0)),
        Arg::Integer(row.previous.as_ref().map(|previous| previous.until.0)),
        Arg::integer(row.created_at.0),
        Arg::integer(row.updated_at.0),
        Arg::integer(row.version),
    ]
}

fn attempt(tenant: TenantId, row: &WebhookAttempt) -> [Arg<'_>; 9] {
    [
        Arg::id(tenant.0),
        Arg::id(row.webhook_id.0),
        Arg::id(row.id.0),
        Arg::id(row.outbox_id.0),
        Arg::text(&*row.event_type),
        Arg::integer(row.at.0),
        Arg::Integer(row.status.map(i64::from)),
        Arg::optional(row.error.as_deref()),
        Arg::integer(row.duration_ms),
    ]
}

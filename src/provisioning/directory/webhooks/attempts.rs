//! What became of the events that were posted to a webhook, and sending one again.

use serde_json::json;

use crate::access::Changes;
use crate::delivery::webhook::resend;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::ids::{AttemptId, OutboxId};
use crate::model::webhook::WebhookAttempt;
use crate::model::{Lane, Permission, WebhookId};
use crate::provisioning::Request;
use crate::provisioning::directory::{Directory, DirectoryError, Page};
use crate::storage::StorageError;

impl Directory {
    /// A page of a webhook's attempts of the last thirty days, newest first.
    ///
    /// # Errors
    /// No such webhook (404), a missing permission (403).
    pub async fn list_webhook_attempts(
        &self,
        request: &Request,
        id: WebhookId,
        page: Page<AttemptId>,
    ) -> Result<(Vec<WebhookAttempt>, Option<AttemptId>), DirectoryError> {
        self.webhook(request, Permission::WebhooksRead, id, Changes::default()).await?;
        let (tenant, limit) = (request.caller.tenant_id, page.limit.saturating_add(1));
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let storage = &self.provisioning.storage;
        let mut attempts = storage.list_webhook_attempts(tenant, id, page.after, limit).await?;
        let next = page.cut(&mut attempts, |attempt| attempt.id);
        Ok((attempts, next))
    }

    /// Posts an event once more, under the id that it had, whatever became of it before.
    ///
    /// # Errors
    /// No such webhook or delivery, or one that is no longer kept (404); a missing permission (403).
    pub async fn resend_webhook_event(
        &self,
        request: &Request,
        id: WebhookId,
        delivery: OutboxId,
    ) -> Result<(), DirectoryError> {
        self.webhook(request, Permission::WebhooksWrite, id, Changes::default()).await?;
        let missing = || DirectoryError::missing("Delivery", delivery);
        let tenant = request.caller.tenant_id;
        let row = self.provisioning.storage.lookup_outbox_row(tenant, delivery).await?;
        row.filter(|row| row.row.lane == Lane::Webhook(id)).ok_or_else(missing)?;
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::Delivery(resend(id, delivery, self.now())));
        let details = json!({ "delivery": delivery });
        changes.audit.push(self.event(request, AuditType::WebhookResent, Target::Webhook(id), details));
        match self.provisioning.storage.commit(changes).await {
            // It was removed in the meantime.
            Err(StorageError::Stale) => Err(missing()),
            done => Ok(done?),
        }
    }
}

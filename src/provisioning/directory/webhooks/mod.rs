//! Webhooks: who is told of what happens in the tenant. A secret's text is shown once.

mod attempts;
mod draft;

use serde_json::{Map, Value, json};

use super::error::{DirectoryError, Kind};
use super::{Directory, Page};
use crate::access::{Changes, Thing};
use crate::delivery::webhook::{self, Registration, Secret};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::outbox::DeliveryChange;
use crate::model::{Permission, Webhook, WebhookId};
use crate::provisioning::preconditions::Preconditions;
use crate::provisioning::{ProvisioningError, Request};

pub use draft::WebhookDraft;

/// How many webhooks a tenant may have: an event is written once for each that wants it.
const MOST_WEBHOOKS: usize = 50;

/// A webhook with its secret, which is nowhere else.
#[derive(Debug)]
pub struct ShownWebhook {
    pub webhook: Webhook,
    pub secret: Secret,
}

impl Directory {
    /// A page of the tenant's webhooks, oldest first.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_webhooks(
        &self,
        request: &Request,
        page: Page<WebhookId>,
    ) -> Result<(Vec<Webhook>, Option<WebhookId>), DirectoryError> {
        self.authorize(request, Permission::WebhooksRead, Thing::Tenant).await?;
        let mut webhooks = self.provisioning.storage.list_webhooks(request.caller.tenant_id).await?;
        webhooks.retain(|webhook| page.after.is_none_or(|after| webhook.id > after));
        let next = page.cut(&mut webhooks, |webhook| webhook.id);
        self.keep_readable(request, Permission::WebhooksRead, &mut webhooks, of_webhook).await?;
        Ok((webhooks, next))
    }

    /// One webhook.
    ///
    /// # Errors
    /// No such webhook (404), a missing permission (403).
    pub async fn read_webhook(&self, request: &Request, id: WebhookId) -> Result<Webhook, DirectoryError> {
        self.webhook(request, Permission::WebhooksRead, id, Changes::default()).await
    }

    /// Makes a webhook. It tells what the audit log tells, so whoever makes one has to be allowed to read all of that.
    ///
    /// # Errors
    /// A URL that will not do or an unknown event type (422); a missing permission, or a policy that may keep some users'
    /// events from the caller (403).
    pub async fn create_webhook(
        &self,
        request: &Request,
        draft: WebhookDraft,
    ) -> Result<ShownWebhook, DirectoryError> {
        self.admit(request, &[Permission::WebhooksWrite]).await?;
        self.admit_to_all_events(request).await?;
        let tenant = request.caller.tenant_id;
        let registration = Registration {
            endpoint: self.endpoint(draft.url.as_deref().unwrap_or_default())?,
            event_types: draft::event_types(draft.event_types.unwrap_or_default())?,
            description: draft.description.flatten(),
        };
        let (mut webhook, secret) =
            webhook::register(self.secret_key()?, tenant, registration, self.now()).map_err(internal)?;
        webhook.enabled = draft.enabled.unwrap_or(true);
        self.authorize(request, Permission::WebhooksWrite, of_webhook(&webhook)).await?;
        if self.provisioning.storage.list_webhooks(tenant).await?.len() >= MOST_WEBHOOKS {
            let message = format!("A tenant has at most {MOST_WEBHOOKS} webhooks.");
            return Err(DirectoryError::refused(Kind::Impossible, "too_many_webhooks", message));
        }
        let details = json!({ "url": webhook.url, "event_types": webhook.event_types });
        let change = DeliveryChange::InsertWebhook(Box::new(webhook.clone()));
        self.write_webhook(request, change, AuditType::WebhookCreated, webhook.id, details).await?;
        Ok(ShownWebhook { webhook, secret })
    }

    /// Changes what is said of a webhook. What waits for it goes to the new URL.
    ///
    /// # Errors
    /// As for creating; no such webhook (404), another version than `If-Match` names (412).
    pub async fn update_webhook(
        &self,
        request: &Request,
        id: WebhookId,
        draft: WebhookDraft,
        preconditions: &Preconditions,
    ) -> Result<Webhook, DirectoryError> {
        let draft = &draft;
        self.attempt(request.caller.tenant_id, None, |this| async move {
            let before = this.webhook(request, Permission::WebhooksWrite, id, draft.changes()).await?;
            preconditions.check_write(before.version)?;
            this.admit_to_all_events(request).await?;
            let mut after = this.applied(draft, before.clone())?;
            if after == before {
                return Ok(after);
            }
            let details = changed(&before, &after);
            after.version += 1;
            after.updated_at = this.now();
            let change = DeliveryChange::UpdateWebhook(Box::new(after.clone()));
            this.write_webhook(request, change, AuditType::WebhookUpdated, id, details).await?;
            Ok(after)
        })
        .await
    }

    /// Removes a webhook. What waits for it is not posted any more.
    ///
    /// # Errors
    /// No such webhook (404), another version than `If-Match` names (412), a missing permission (403).
    pub async fn delete_webhook(
        &self,
        request: &Request,
        id: WebhookId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        self.attempt(request.caller.tenant_id, None, |this| async move {
            let webhook = this.webhook(request, Permission::WebhooksWrite, id, Changes::default()).await?;
            preconditions.check_write(webhook.version)?;
            let change = DeliveryChange::DeleteWebhook { id, expected: webhook.version };
            let details = json!({ "url": webhook.url });
            this.write_webhook(request, change, AuditType::WebhookDeleted, id, details).await
        })
        .await
    }

    /// Gives a webhook another secret; the one before signs as well for `overlap_seconds` more.
    ///
    /// # Errors
    /// No such webhook (404), another version than `If-Match` names (412), a missing permission (403).
    pub async fn rotate_webhook(
        &self,
        request: &Request,
        id: WebhookId,
        overlap_seconds: u32,
        preconditions: &Preconditions,
    ) -> Result<ShownWebhook, DirectoryError> {
        let (tenant, overlap) = (request.caller.tenant_id, i64::from(overlap_seconds) * 1000);
        self.attempt(tenant, None, |this| async move {
            let secret = Changes::of(["secret"]);
            let mut webhook = this.webhook(request, Permission::WebhooksWrite, id, secret).await?;
            preconditions.check_write(webhook.version)?;
            let secret = webhook::rotate(&mut webhook, this.secret_key()?, tenant, this.now(), overlap)
                .map_err(internal)?;
            let change = DeliveryChange::UpdateWebhook(Box::new(webhook.clone()));
            let details = json!({ "overlap_seconds": overlap_seconds });
            this.write_webhook(request, change, AuditType::WebhookSecretRotated, id, details).await?;
            Ok(ShownWebhook { webhook, secret })
        })
        .await
    }

    /// Lets the caller pass who may read the audit log, and from whom no policy could keep any user's events: by a webhook
    /// they would get them all the same.
    async fn admit_to_all_events(&self, request: &Request) -> Result<(), DirectoryError> {
        self.authorize(request, Permission::AuditRead, Thing::Tenant).await?;
        if self.asking(request, Permission::AuditRead).await?.may_withhold_users() {
            let message = "A webhook is told of everybody, and a policy of this tenant may keep some users' audit events from \
                           you; somebody who may read all of them has to do this.";
            return Err(DirectoryError::refused(Kind::Forbidden, "events_withheld", message));
        }
        Ok(())
    }

    /// The webhook, if the caller may do this to it.
    async fn webhook(
        &self,
        request: &Request,
        permission: Permission,
        id: WebhookId,
        changes: Changes,
    ) -> Result<Webhook, DirectoryError> {
        self.admit(request, &[permission]).await?;
        let found = self.provisioning.storage.lookup_webhook(request.caller.tenant_id, id).await?;
        let webhook = found.ok_or_else(|| DirectoryError::missing("Webhook", id))?;
        self.authorize_change(request, permission, of_webhook(&webhook), changes).await?;
        Ok(webhook)
    }

    async fn write_webhook(
        &self,
        request: &Request,
        change: DeliveryChange,
        kind: AuditType,
        id: WebhookId,
        details: Value,
    ) -> Result<(), DirectoryError> {
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        changes.settings.push(SettingsChange::Delivery(change));
        changes.audit.push(self.event(request, kind, Target::Webhook(id), details));
        Ok(self.provisioning.storage.commit(changes).await?)
    }
}

fn of_webhook(webhook: &Webhook) -> Thing {
    Thing::Webhook { id: webhook.id, url: webhook.url.as_str().into() }
}

fn changed(before: &Webhook, after: &Webhook) -> Value {
    let mut details = Map::new();
    let mut names = Vec::new();
    if before.url != after.url {
        names.push("url");
        details.insert("url".to_owned(), json!(after.url));
    }
    if before.event_types != after.event_types {
        names.push("event_types");
        details.insert("event_types".to_owned(), json!(after.event_types));
    }
    if before.description != after.description {
        names.push("description");
    }
    if before.enabled != after.enabled {
        names.push("enabled");
        details.insert("enabled".to_owned(), json!(after.enabled));
    }
    details.insert("changed".to_owned(), json!(names));
    Value::Object(details)
}

fn internal(error: impl ToString) -> DirectoryError {
    DirectoryError::Failed(ProvisioningError::Internal(error.to_string()))
}

//! Which of a tenant's webhooks want to be told what: known to each commit, so that what leaves because of an event is
//! written in the transaction of that event.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use super::database::Database;
use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::TenantId;
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::outbox::DeliveryChange;
use crate::model::webhook::{Subscription, WebhookEvent, is_told};

/// How long what was read is believed: a webhook of another server's begins and ends within a second.
const BELIEVED: Duration = Duration::from_secs(1);
const TENANTS: u64 = 10_000;

const SUBSCRIPTIONS: &str =
    "SELECT id, event_types FROM webhooks WHERE tenant_id = $1 AND enabled ORDER BY id";

/// What is known of tenants' webhooks. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Subscriptions(Cache<TenantId, Arc<[Subscription]>>);

impl Default for Subscriptions {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(TENANTS).time_to_live(BELIEVED).build())
    }
}

impl Storage {
    /// Adds what has to be posted because of the events in these change sets, which are one tenant's.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn add_deliveries(&self, changes: &mut [ChangeSet]) -> Result<(), StorageError> {
        let told = |set: &ChangeSet| set.audit.iter().any(|event| is_told(event.kind));
        let Some(tenant) = changes.iter().find(|set| told(set)).map(|set| set.tenant_id) else {
            return Ok(());
        };
        let subscriptions = self.subscriptions(tenant).await?;
        if subscriptions.is_empty() {
            return Ok(());
        }
        for set in changes {
            let events = set.audit.iter().filter(|event| is_told(event.kind));
            let rows = events.flat_map(|event| WebhookEvent::of(tenant, event).outbox_rows(&subscriptions));
            set.outbox.extend(rows);
        }
        Ok(())
    }

    async fn subscriptions(&self, tenant: TenantId) -> Result<Arc<[Subscription]>, StorageError> {
        let read = async {
            let statement = Statement::fixed(SUBSCRIPTIONS, [Arg::id(tenant.0)]);
            Ok(self.database.fetch_all(statement).await?.into())
        };
        if let Database::Held(_) = &self.database {
            // A transaction that holds a row must not wait for what somebody else reads over the pool.
            return match self.subscriptions.0.get(&tenant).await {
                Some(known) => Ok(known),
                None => read.await,
            };
        }
        let read = self.subscriptions.0.try_get_with(tenant, read).await;
        read.map_err(|error: Arc<StorageError>| (*error).clone())
    }

    /// Forgets what is known of a tenant's webhooks where they were just changed.
    pub(super) async fn forget_subscriptions(&self, tenant: TenantId) {
        self.subscriptions.0.invalidate(&tenant).await;
    }
}

/// Whether the change set changes a webhook.
pub(super) fn changes_webhooks(changes: &ChangeSet) -> bool {
    let webhook = |change: &SettingsChange| {
        matches!(
            change,
            SettingsChange::Delivery(
                DeliveryChange::InsertWebhook(_)
                    | DeliveryChange::UpdateWebhook(_)
                    | DeliveryChange::DeleteWebhook { .. }
            )
        )
    };
    changes.settings.iter().any(webhook)
}

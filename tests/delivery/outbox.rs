//! Webhooks as they are kept, and how long it is kept what became of their events.

use provost::delivery::webhook;
use provost::model::outbox::DeliveryChange;
use provost::model::webhook::Webhook;
use provost::storage::StorageError;
use serde_json::json;

use super::receiver::{Answer, Receiver};
use super::{DAY, HOUR, at, on_both_outboxes};

on_both_outboxes! {
    /// A webhook is read back as it was written; one who changes an old version of it is told.
    async fn webhooks_are_kept(outbox: Outbox) {
        let (mut webhook, _) = outbox.webhook("https://example.com/a").await;
        let (other, _) = outbox.webhook("https://example.com/b").await;
        assert_eq!(outbox.storage.lookup_webhook(outbox.tenant, webhook.id).await.unwrap(), Some(webhook.clone()));
        webhook::rotate(&mut webhook, &outbox.key, outbox.tenant, at(HOUR), DAY).unwrap();
        let changed = Webhook {
            url: "https://example.com/c".to_owned(),
            event_types: vec!["user.created".to_owned(), "user.deleted".to_owned()],
            description: Some("of the warehouse".to_owned()),
            enabled: false,
            ..webhook
        };
        outbox.change(DeliveryChange::UpdateWebhook(Box::new(changed.clone()))).await;
        assert_eq!(outbox.storage.list_webhooks(outbox.tenant).await.unwrap(), [changed.clone(), other.clone()]);

        let again = DeliveryChange::UpdateWebhook(Box::new(changed.clone()));
        assert_eq!(outbox.try_change(again).await, Err(StorageError::Stale));
        let old = DeliveryChange::DeleteWebhook { id: changed.id, expected: 1 };
        assert_eq!(outbox.try_change(old).await, Err(StorageError::Stale));
        outbox.change(DeliveryChange::DeleteWebhook { id: changed.id, expected: 2 }).await;
        assert_eq!(outbox.storage.list_webhooks(outbox.tenant).await.unwrap(), [other]);
    }

    /// What waits for a webhook that was removed goes without a word; its attempts went with it.
    async fn a_removed_webhook_is_forgotten(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(500)]).await;
        let (webhook, _) = outbox.webhook(&receiver.url()).await;
        let id = outbox.event(&webhook, json!({})).await;
        let worker = outbox.worker();
        worker.run_once(at(0)).await.unwrap();
        outbox.change(DeliveryChange::DeleteWebhook { id: webhook.id, expected: 1 }).await;
        worker.run_once(at(DAY)).await.unwrap();
        assert_eq!(outbox.storage.lookup_outbox_row(outbox.tenant, id).await.unwrap(), None);
        let attempts = outbox.storage.list_webhook_attempts(outbox.tenant, webhook.id, None, 10).await.unwrap();
        assert_eq!((attempts, receiver.received().len()), (Vec::new(), 1));
        assert_eq!(outbox.audit().await, Vec::<String>::new());
    }

    /// A delivered event is kept for a week, its attempts for a month.
    async fn what_ended_is_kept_for_a_while(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(200)]).await;
        let (webhook, _) = outbox.webhook(&receiver.url()).await;
        let id = outbox.event(&webhook, json!({})).await;
        let worker = outbox.worker();
        worker.run_once(at(0)).await.unwrap();
        let kept = async || {
            let row = outbox.storage.lookup_outbox_row(outbox.tenant, id).await.unwrap();
            let attempts = outbox.storage.list_webhook_attempts(outbox.tenant, webhook.id, None, 10).await;
            (row.is_some(), attempts.unwrap().len())
        };
        worker.purge(at(7 * DAY)).await.unwrap();
        assert_eq!(kept().await, (true, 1));
        worker.purge(at(7 * DAY + 1)).await.unwrap();
        assert_eq!(kept().await, (false, 1));
        worker.purge(at(30 * DAY + 1)).await.unwrap();
        assert_eq!(kept().await, (false, 0));
    }
}

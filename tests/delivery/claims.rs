//! Who delivers what: one worker at a time, and another one when that one died.

use std::collections::BTreeSet;

use provost::model::audit::{AuditEvent, AuditType, Origin, Target};
use provost::model::change::{ChangeSet, UserChange};
use provost::model::outbox::{DeliveryChange, DueLane, Lane};
use provost::model::{EventId, UserId, random};
use provost::storage::StorageError;
use serde_json::json;

use super::receiver::{Answer, Receiver};
use super::{DAY, SECOND, at, on_both_outboxes};

on_both_outboxes! {
    /// What leaves is written with its change, or not at all.
    async fn rows_come_with_their_change_or_not_at_all(outbox: Outbox) {
        let (webhook, _) = outbox.webhook("http://127.0.0.1:1/").await;
        let mut changes = ChangeSet::new(outbox.tenant);
        let nobody = UserId::generate();
        changes.users.push(UserChange::Delete { id: nobody, expected: 1, index: Vec::new(), at: at(0), kept: None });
        changes.audit.push(AuditEvent {
            id: EventId::generate(), at: at(0), kind: AuditType::UserDeleted, origin: Origin::system(),
            target: Target::User(nobody), details: json!({}),
        });
        assert_eq!(outbox.storage.commit(changes.clone()).await, Err(StorageError::Stale));
        assert_eq!(outbox.storage.due_lanes(at(DAY)).await.unwrap(), []);
        assert_eq!(outbox.audit().await, Vec::<String>::new());

        changes.users.clear();
        outbox.storage.commit(changes).await.unwrap();
        let due = outbox.storage.due_lanes(at(DAY)).await.unwrap();
        let lane = Lane::Webhook(webhook.id);
        assert_eq!(due, [DueLane { tenant_id: outbox.tenant, lane, since: at(0) }]);
        assert_eq!(outbox.audit().await, ["user.deleted user {}"]);
    }

    /// A worker that claimed something and died delays it by two minutes, and no longer.
    async fn a_claim_runs_out(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(204)]).await;
        let (webhook, _) = outbox.webhook(&receiver.url()).await;
        let id = outbox.event(&webhook, json!({})).await;
        let (dead, lane) = (random::uuid_v7(), Lane::Webhook(webhook.id));
        let until = at(120 * SECOND);
        outbox.change(DeliveryChange::Claim { lane, claim: dead, now: at(0), until, most: 10 }).await;
        assert_eq!(outbox.storage.list_claimed(outbox.tenant, dead).await.unwrap()[0].row.id, id);

        let worker = outbox.worker();
        assert_eq!(worker.run_once(at(0)).await.unwrap(), 0);
        assert_eq!(worker.run_once(at(120 * SECOND - 1)).await.unwrap(), 0);
        assert_eq!(worker.run_once(at(120 * SECOND)).await.unwrap(), 1);
        assert_eq!(outbox.state(id).await, json!(["delivered", 2, null]));
        assert_eq!(receiver.received().len(), 1);

        // The first one was not dead after all, and comes too late.
        let late = DeliveryChange::Failed { id, claim: dead, next_at: at(0), error: "late".to_owned() };
        assert_eq!(outbox.try_change(late).await, Err(StorageError::Stale));
        assert_eq!(outbox.state(id).await, json!(["delivered", 2, null]));
    }

    /// Servers that work at the same time share the work.
    async fn workers_deliver_each_row_once(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(200)]).await;
        let (webhook, _) = outbox.webhook(&receiver.url()).await;
        let mut ids = BTreeSet::new();
        for number in 0..60 {
            ids.insert(outbox.event(&webhook, json!({ "number": number })).await.to_string());
        }
        let workers = [outbox.worker(), outbox.worker(), outbox.worker()];
        let [first, second, third] = workers.each_ref().map(|worker| worker.run_once(at(0)));
        let (first, second, third) = tokio::join!(first, second, third);
        assert_eq!(first.unwrap() + second.unwrap() + third.unwrap(), 60);
        let received = receiver.received();
        assert_eq!(received.len(), 60);
        let seen: BTreeSet<String> = received.iter().map(|one| one.header("webhook-id").to_owned()).collect();
        assert_eq!(seen, ids);
    }

    /// What is due is seen by tenant and lane, the one that waited longest first, with one look.
    async fn due_lanes_are_seen_at_once(outbox: Outbox) {
        let (first, _) = outbox.webhook("http://127.0.0.1:1/").await;
        let (second, _) = outbox.webhook("http://127.0.0.1:2/").await;
        outbox.event(&second, json!({})).await;
        outbox.event(&second, json!({})).await;
        let id = outbox.event(&first, json!({})).await;
        let due = |webhook: &provost::model::Webhook, since| DueLane {
            tenant_id: outbox.tenant, lane: Lane::Webhook(webhook.id), since,
        };
        let claim = random::uuid_v7();
        let lane = Lane::Webhook(first.id);
        outbox.change(DeliveryChange::Claim { lane, claim, now: at(0), until: at(5), most: 1 }).await;
        outbox.change(DeliveryChange::Failed { id, claim, next_at: at(9), error: "no".to_owned() }).await;
        assert_eq!(outbox.storage.due_lanes(at(-1)).await.unwrap(), []);
        assert_eq!(outbox.storage.due_lanes(at(8)).await.unwrap(), [due(&second, at(0))]);
        assert_eq!(outbox.storage.due_lanes(at(9)).await.unwrap(), [due(&second, at(0)), due(&first, at(9))]);
    }
}

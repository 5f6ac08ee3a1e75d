//! Events on their way to a receiver.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost::delivery::webhook::{self, Secret};
use provost::model::outbox::DeliveryChange;
use provost::model::webhook::{Webhook, WebhookAttempt, WebhookEvent};
use serde_json::{Value, json};

use super::receiver::{Answer, Received, Receiver};
use super::signatures::hmac;
use super::{DAY, HOUR, SECOND, at, on_both_outboxes};

/// The signature that a receiver with this secret expects.
fn expected(secret: &Secret, received: &Received) -> String {
    let key = STANDARD.decode(secret.text().trim_start_matches("whsec_")).unwrap();
    let message = format!(
        "{}.{}.{}",
        received.header("webhook-id"),
        received.header("webhook-timestamp"),
        received.body
    );
    format!("v1,{}", STANDARD.encode(hmac(&key, message.as_bytes())))
}

/// What is the same in every run of an attempt.
fn outline(attempt: &WebhookAttempt) -> Value {
    json!([attempt.event_type, attempt.at.0 - super::START, attempt.status, attempt.error])
}

on_both_outboxes! {
    /// The whole request, as the receiver gets it.
    async fn an_event_arrives_signed(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(200)]).await;
        let (webhook, secret) = outbox.webhook(&receiver.url()).await;
        let id = outbox.event(&webhook, json!({ "id": "1", "user_name": "Ödön" })).await;
        assert_eq!(outbox.worker().run_once(at(1999)).await.unwrap(), 1);

        let received = receiver.received();
        assert_eq!(received.len(), 1);
        let one = &received[0];
        assert_eq!(one.path, "/hook");
        assert_eq!(
            serde_json::from_str::<Value>(&one.body).unwrap(),
            json!({
                "type": "user.created", "timestamp": "2026-01-01T00:00:00.000Z",
                "data": { "id": "1", "user_name": "Ödön" },
            })
        );
        assert_eq!(one.header("content-type"), "application/json");
        assert_eq!(one.header("webhook-id"), id.to_string());
        assert_eq!(one.header("webhook-timestamp"), "1767225601");
        assert_eq!(one.header("webhook-signature"), expected(&secret, one));
        assert!(one.header("user-agent").starts_with("Provost/"));

        assert_eq!(outbox.state(id).await, json!(["delivered", 1, null]));
        let attempts = outbox.storage.list_webhook_attempts(outbox.tenant, webhook.id, None, 10).await.unwrap();
        assert_eq!(attempts.iter().map(outline).collect::<Vec<_>>(), [json!(["user.created", 1999, 200, null])]);
        assert_eq!(attempts[0].outbox_id, id);
        assert_eq!(outbox.worker().run_once(at(DAY)).await.unwrap(), 0);
    }

    /// What is refused is tried again, later each time, under the same id; each attempt is listed, newest first.
    async fn what_is_refused_is_tried_again(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(500), Answer::Status(404), Answer::Status(204)]).await;
        let (webhook, _) = outbox.webhook(&receiver.url()).await;
        let id = outbox.event(&webhook, json!({})).await;
        let worker = outbox.worker();
        worker.run_once(at(0)).await.unwrap();
        let refused = |status| format!("The receiver answered {status}; 200 to 299 count as delivered.");
        assert_eq!(outbox.state(id).await, json!(["pending", 1, refused(500)]));
        assert_eq!(worker.run_once(at(3 * SECOND)).await.unwrap(), 0);
        assert_eq!(worker.run_once(at(6 * SECOND)).await.unwrap(), 1);
        assert_eq!(worker.run_once(at(20 * SECOND)).await.unwrap(), 0);
        assert_eq!(worker.run_once(at(60 * SECOND)).await.unwrap(), 1);
        assert_eq!(outbox.state(id).await, json!(["delivered", 3, null]));

        let ids: Vec<String> =
            receiver.received().iter().map(|one| one.header("webhook-id").to_owned()).collect();
        assert_eq!(ids, vec![id.to_string(); 3]);
        let list = async |before, limit| {
            outbox.storage.list_webhook_attempts(outbox.tenant, webhook.id, before, limit).await.unwrap()
        };
        let attempts = list(None, 10).await;
        assert_eq!(
            attempts.iter().map(outline).collect::<Vec<_>>(),
            [
                json!(["user.created", 60_000, 204, null]),
                json!(["user.created", 6000, 404, refused(404)]),
                json!(["user.created", 0, 500, refused(500)]),
            ]
        );
        assert_eq!(list(None, 1).await, attempts[..1]);
        assert_eq!(list(Some(attempts[0].id), 1).await, attempts[1..2]);
    }

    /// After three days an event is given up, which the audit log says; it can be sent again nevertheless.
    async fn an_event_is_given_up_after_three_days_and_can_be_sent_again(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(503)]).await;
        let (webhook, _) = outbox.webhook(&receiver.url()).await;
        let id = outbox.event(&webhook, json!({})).await;
        let worker = outbox.worker();
        let mut attempts = 0;
        for hour in 0..72 {
            attempts += worker.run_once(at(hour * HOUR)).await.unwrap();
        }
        assert_eq!(outbox.row(id).await.state.as_str(), "pending");
        assert_eq!(outbox.audit().await, Vec::<String>::new());
        attempts += worker.run_once(at(3 * DAY)).await.unwrap();
        assert!((12..30).contains(&attempts), "{attempts} attempts");
        let error = "The receiver answered 503; 200 to 299 count as delivered.";
        assert_eq!(outbox.state(id).await, json!(["dead", attempts, error]));
        let details = json!({ "event_type": "user.created", "delivery": id, "attempts": attempts, "error": error });
        assert_eq!(outbox.audit().await, [format!("webhook.failed webhook {details}")]);
        assert_eq!(worker.run_once(at(4 * DAY)).await.unwrap(), 0);

        outbox.change(webhook::resend(webhook.id, id, at(5 * DAY))).await;
        assert_eq!(worker.run_once(at(5 * DAY)).await.unwrap(), 1);
        assert_eq!(outbox.state(id).await, json!(["pending", 1, error]));
        worker.run_once(at(8 * DAY - 1)).await.unwrap();
        assert_eq!(outbox.row(id).await.state.as_str(), "pending");
    }

    /// A delivered event is sent again as it was, under its id.
    async fn a_delivered_event_is_sent_again(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(200)]).await;
        let (webhook, _) = outbox.webhook(&receiver.url()).await;
        let (other, _) = outbox.webhook("http://127.0.0.1:1/").await;
        let id = outbox.event(&webhook, json!({ "n": 1 })).await;
        let worker = outbox.worker();
        worker.run_once(at(0)).await.unwrap();
        assert!(outbox.try_change(webhook::resend(other.id, id, at(HOUR))).await.is_err());
        outbox.change(webhook::resend(webhook.id, id, at(HOUR))).await;
        assert_eq!(worker.run_once(at(HOUR)).await.unwrap(), 1);
        let received = receiver.received();
        assert_eq!(received[0].body, received[1].body);
        assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
        assert_eq!(received[1].header("webhook-timestamp"), "1767229200");
    }

    /// While a rotation lasts both secrets sign, the new one first; then the new one alone.
    async fn both_secrets_sign_while_a_rotation_lasts(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(200)]).await;
        let (mut webhook, old) = outbox.webhook(&receiver.url()).await;
        let new = webhook::rotate(&mut webhook, &outbox.key, outbox.tenant, at(0), DAY).unwrap();
        outbox.change(DeliveryChange::UpdateWebhook(Box::new(webhook.clone()))).await;
        let worker = outbox.worker();
        for time in [DAY - 1, DAY] {
            outbox.event(&webhook, json!({})).await;
            worker.run_once(at(time)).await.unwrap();
        }
        let received = receiver.received();
        let both = format!("{} {}", expected(&new, &received[0]), expected(&old, &received[0]));
        assert_eq!(received[0].header("webhook-signature"), both);
        assert_eq!(received[1].header("webhook-signature"), expected(&new, &received[1]));
    }

    /// Events go to the webhooks that want them, and nothing is written where nobody does.
    async fn events_go_to_who_wants_them(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(200)]).await;
        let (all, _) = outbox.webhook(&receiver.url()).await;
        let (some, _) = outbox.webhook(&receiver.url()).await;
        let (off, _) = outbox.webhook(&receiver.url()).await;
        let some = Webhook { event_types: vec!["user.deleted".to_owned()], ..some };
        let off = Webhook { enabled: false, ..off };
        let event = |event_type: &str| WebhookEvent { event_type: event_type.to_owned(), at: at(0), data: json!({}) };
        let targets = |webhooks: &[Webhook], event_type| {
            let wanting: Vec<_> = webhooks.iter().filter_map(Webhook::subscription).collect();
            let rows = event(event_type).outbox_rows(&wanting);
            rows.into_iter().map(|row| row.target_id).collect::<Vec<_>>()
        };
        let webhooks = [all.clone(), some.clone(), off.clone()];
        assert_eq!(targets(&webhooks, "user.deleted"), [all.id.0, some.id.0]);
        assert_eq!(targets(&webhooks, "user.created"), [all.id.0]);
        assert!(targets(&[some, off], "user.created").is_empty());
    }

    /// One who is switched off gets nothing, and what waited for it once it is switched on again.
    async fn a_webhook_that_is_switched_off_gets_nothing(outbox: Outbox) {
        let receiver = Receiver::start(&[Answer::Status(200)]).await;
        let (webhook, _) = outbox.webhook(&receiver.url()).await;
        let id = outbox.event(&webhook, json!({})).await;
        let off = Webhook { enabled: false, version: 2, ..webhook.clone() };
        outbox.change(DeliveryChange::UpdateWebhook(Box::new(off))).await;
        let worker = outbox.worker();
        worker.run_once(at(0)).await.unwrap();
        assert_eq!(outbox.state(id).await, json!(["pending", 1, "The webhook is switched off."]));
        assert_eq!(receiver.received().len(), 0);
        let on = Webhook { version: 3, ..webhook };
        outbox.change(DeliveryChange::UpdateWebhook(Box::new(on))).await;
        worker.run_once(at(HOUR)).await.unwrap();
        assert_eq!(receiver.received().len(), 1);
    }
}

//! The worker of a running server.

use std::time::{Duration, Instant};

use provost::auth::SecretKey;
use provost::delivery::webhook::{self, Endpoint, Registration};
use provost::model::change::{ChangeSet, SettingsChange};
use provost::model::outbox::DeliveryChange;
use provost::model::webhook::{Webhook, WebhookEvent};
use provost::model::{Clock, OutboxRow};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::mail::{invitation, settings};
use super::receiver::{Answer, Receiver};
use super::smtp::SmtpServer;
use super::{Outbox, at};
use crate::support::{Backend, TestApp, texts};

const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

async fn webhook(app: &TestApp, key: &SecretKey, receiver: &Receiver) -> Webhook {
    let endpoint = Endpoint::parse(&receiver.url(), true).unwrap();
    let registration = Registration { endpoint, event_types: Vec::new(), description: None };
    let now = app.provisioning.clock.now();
    let (webhook, _) = webhook::register(key, app.tenant.id, registration, now).unwrap();
    let mut changes = ChangeSet::new(app.tenant.id);
    let insertion = DeliveryChange::InsertWebhook(Box::new(webhook.clone()));
    changes.settings.push(SettingsChange::Delivery(insertion));
    app.provisioning.storage.commit(changes).await.unwrap();
    webhook
}

/// What is committed leaves at once; a receiver that hangs delays neither the others nor the requests.
async fn what_is_committed_leaves_at_once(backend: Backend) {
    let mut server = SmtpServer::start().await;
    let delivery = settings(&server);
    let app = TestApp::start_with(backend, Clock::system(), |settings| {
        settings.secret_key = Some(KEY.to_owned());
        settings.secret_key_file = None;
        settings.smtp_url = delivery.smtp_url;
        settings.mail_from = delivery.mail_from;
        settings.webhook_allow_private = true;
    })
    .await;
    let key = SecretKey::parse(KEY).unwrap();
    let (slow, quick) =
        (Receiver::start(&[Answer::Nothing]).await, Receiver::start(&[Answer::Status(200)]).await);
    let mut webhooks = Vec::new();
    for _ in 0..10 {
        webhooks.push(webhook(&app, &key, &slow).await);
    }
    webhooks.push(webhook(&app, &key, &quick).await);
    let now = app.provisioning.clock.now();
    let event = WebhookEvent { event_type: "user.created".to_owned(), at: now, data: json!({}) };
    let mut changes = ChangeSet::new(app.tenant.id);
    for _ in 0..20 {
        let subscriptions: Vec<_> = webhooks.iter().filter_map(Webhook::subscription).collect();
        changes.outbox.extend(event.outbox_rows(&subscriptions));
    }
    let mail = invitation("ada@example.com", "Acme");
    changes.outbox.push(mail.seal(&key, app.tenant.id, app.tenant.id.0, now).unwrap());

    let began = Instant::now();
    app.provisioning.storage.commit(changes).await.unwrap();
    assert_eq!(server.mail().await["to"], json!(["ada@example.com"]));
    app.client.user("ada").await;
    while quick.received().len() < 20 {
        assert!(began.elapsed() < Duration::from_secs(8), "{} of 20 events came", quick.received().len());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The hanging ones are given ten seconds each; nothing of the above waited for them.
    assert!(began.elapsed() < Duration::from_secs(8));
    assert!(!slow.received().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_leaves_at_once_on_sqlite() {
    what_is_committed_leaves_at_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_leaves_at_once_on_postgres() {
    what_is_committed_leaves_at_once(Backend::Postgres).await;
}

/// A mail server that takes every connection and never says a word; it tells of each.
async fn silent_server() -> (String, mpsc::UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (connected, connections) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            held.push(socket);
            let _ = connected.send(());
        }
    });
    (url, connections)
}

/// Whoever has what leaves hang, a mail server or a webhook, keeps no request waiting that caused it, nor those after it.
async fn nobody_waits_for_what_hangs(backend: Backend) {
    let (smtp_url, mut connections) = silent_server().await;
    let app = TestApp::start_with(backend, Clock::system(), |settings| {
        settings.secret_key = Some(KEY.to_owned());
        settings.secret_key_file = None;
        settings.smtp_url = Some(smtp_url);
        settings.mail_from = Some("Provost <no-reply@id.example.com>".to_owned());
        settings.webhook_allow_private = true;
    })
    .await;
    let hanging = Receiver::start(&[Answer::Nothing]).await;
    let hook = webhook(&app, &SecretKey::parse(KEY).unwrap(), &hanging).await;
    for round in 0..3 {
        for body in [
            json!({ "action": "invite", "email": format!("ada{round}@example.com") }),
            json!({ "user_name": format!("program {round}"), "service_account": true }),
        ] {
            let began = Instant::now();
            app.admin.post("/users", &body).await.expect(201);
            // Each attempt is given ten seconds.
            assert!(began.elapsed() < Duration::from_secs(3), "{body} took {:?}", began.elapsed());
        }
        // From here on both hang on what the first round wrote.
        if round == 0 {
            let patience = Duration::from_secs(30);
            tokio::time::timeout(patience, connections.recv()).await.expect("the mail server was called");
            let began = Instant::now();
            while hanging.received().is_empty() {
                assert!(began.elapsed() < patience, "the webhook was not called");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    let waiting = app.texts("SELECT subject FROM outbox WHERE state <> 'delivered' ORDER BY subject").await;
    let expected = [["invitation"; 3], ["user.created"; 3], ["user.invited"; 3]].concat();
    assert_eq!(waiting, expected, "{}", hook.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_what_hangs_on_sqlite() {
    nobody_waits_for_what_hangs(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_what_hangs_on_postgres() {
    nobody_waits_for_what_hangs(Backend::Postgres).await;
}

/// A recipient whom the mail server puts off delays no other mail of the tenant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_who_is_put_off_delays_nobody() {
    let mut server = SmtpServer::start().await;
    let outbox = Outbox::open(Backend::Sqlite).await;
    let sealed = |to: &str| {
        let mail = invitation(to, "Acme");
        mail.seal(&outbox.key, outbox.tenant, outbox.tenant.0, at(0)).unwrap()
    };
    let mut rows: Vec<OutboxRow> = (0..20).map(|_| sealed("busy@example.com")).collect();
    rows.push(sealed("ada@example.com"));
    outbox.write(rows).await;
    let running = outbox.worker_with(&settings(&server)).start();
    assert_eq!(server.mail().await["to"], json!(["ada@example.com"]));
    running.stop(Duration::from_secs(10)).await;
    let put_off = "SELECT last_error FROM outbox WHERE state = 'pending'";
    assert_eq!(texts(outbox.database_url(), put_off).await, vec!["The mail server answered 451."; 20]);
}

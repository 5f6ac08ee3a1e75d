//! Receivers that misbehave.

use provost::auth::SecretKey;
use provost::delivery::{DeliverySettings, Worker};
use provost::model::Clock;
use serde_json::json;
use tokio::net::TcpListener;

use super::receiver::{Answer, Receiver};
use super::{Outbox, at};
use crate::support::Backend;

/// What the first attempt at this URL comes to.
async fn error_of(outbox: &Outbox, url: &str) -> String {
    let (webhook, _) = outbox.webhook(url).await;
    let id = outbox.event(&webhook, json!({})).await;
    outbox.worker().run_once(at(0)).await.unwrap();
    outbox.row(id).await.last_error.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirects_are_not_followed() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let elsewhere = Receiver::start(&[Answer::Status(200)]).await;
    let receiver = Receiver::start(&[Answer::Redirect(elsewhere.url())]).await;
    assert_eq!(
        error_of(&outbox, &receiver.url()).await,
        "The receiver answered 302; redirects are not followed."
    );
    assert_eq!((receiver.received().len(), elsewhere.received().len()), (1, 0));
}

/// An answer's status counts, however much follows; little of it is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_answer_is_not_read() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let receiver = Receiver::start(&[Answer::Endless]).await;
    assert_eq!(error_of(&outbox, &receiver.url()).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receivers_that_are_not_there_are_told_apart() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let unreachable = "The receiver cannot be reached, or its certificate is not valid.";
    assert_eq!(error_of(&outbox, &format!("http://{gone}/")).await, unreachable);

    // Speaks no TLS.
    let receiver = Receiver::start(&[Answer::Status(200)]).await;
    assert_eq!(error_of(&outbox, &format!("https://{}/", receiver.address)).await, unreachable);

    let broken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = broken.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = broken.accept().await {
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 1024]).await;
        }
    });
    assert_eq!(
        error_of(&outbox, &format!("http://{address}/")).await,
        "The receiver broke the connection off."
    );
}

/// A URL that may be saved by one operator's word may not be used after it was taken back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_receivers_get_nothing_unless_they_may() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let receiver = Receiver::start(&[Answer::Status(200)]).await;
    let (webhook, _) = outbox.webhook(&receiver.url()).await;
    let id = outbox.event(&webhook, json!({})).await;
    let worker = outbox.worker_with(&DeliverySettings::default());
    worker.run_once(at(0)).await.unwrap();
    let error = "A webhook's URL has to begin with https://.";
    assert_eq!(outbox.state(id).await, json!(["pending", 1, error]));
    assert_eq!(receiver.received().len(), 0);
}

/// With another secret key nothing is signed, and nothing is posted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_posted_unsigned() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let receiver = Receiver::start(&[Answer::Status(200)]).await;
    let (webhook, _) = outbox.webhook(&receiver.url()).await;
    let id = outbox.event(&webhook, json!({})).await;
    let settings = DeliverySettings { webhook_allow_private: true, ..DeliverySettings::default() };
    let clock = Clock::manual(at(0));
    let worker = Worker::new(outbox.storage.clone(), clock, SecretKey::new([8; 32]), &settings).unwrap();
    worker.run_once(at(0)).await.unwrap();
    let error =
        "The webhook's secret cannot be read: it was encrypted with another secret key, or changed since.";
    assert_eq!(outbox.state(id).await, json!(["pending", 1, error]));
    assert_eq!(receiver.received().len(), 0);
}

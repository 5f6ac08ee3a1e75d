//! A worker that is told to stop.

use std::time::{Duration, Instant};

use serde_json::json;

use super::receiver::{Answer, Receiver};
use super::{Outbox, SECOND, at};
use crate::support::Backend;

const PATIENCE: Duration = Duration::from_secs(20);

async fn arrived(receiver: &Receiver) {
    let began = Instant::now();
    while receiver.received().is_empty() {
        assert!(began.elapsed() < PATIENCE, "nothing arrived");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What is under way is finished and written down; nothing new is begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_is_finished() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let receiver = Receiver::start(&[Answer::Late(Duration::from_millis(200))]).await;
    let (webhook, _) = outbox.webhook(&receiver.url()).await;
    let id = outbox.event(&webhook, json!({})).await;
    let running = outbox.worker().start();
    arrived(&receiver).await;
    running.stop(PATIENCE).await;
    assert_eq!(outbox.state(id).await, json!(["delivered", 1, null]));
    let late = outbox.event(&webhook, json!({})).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(outbox.state(late).await, json!(["pending", 0, null]));
}

/// What takes longer than the grace is broken off, and made again once its claim has run out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_too_long_is_made_again() {
    let outbox = Outbox::open(Backend::Sqlite).await;
    let receiver = Receiver::start(&[Answer::Nothing, Answer::Status(200)]).await;
    let (webhook, _) = outbox.webhook(&receiver.url()).await;
    let id = outbox.event(&webhook, json!({})).await;
    let running = outbox.worker().start();
    arrived(&receiver).await;
    let began = Instant::now();
    running.stop(Duration::from_millis(50)).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(outbox.worker().run_once(at(119 * SECOND)).await.unwrap(), 0);
    assert_eq!(outbox.worker().run_once(at(120 * SECOND)).await.unwrap(), 1);
    assert_eq!(outbox.state(id).await, json!(["delivered", 2, null]));
}

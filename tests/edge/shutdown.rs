//! A server that is told to stop finishes what is under way, and nothing else.

use std::time::Duration;

use provost::http::edge::EdgeSettings;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::support::{PATIENCE, Server};

const HELD: &str = "GET /held HTTP/1.1\r\nHost: test\r\n\r\n";

async fn refuses_connections(server: &Server) {
    while TcpStream::connect(server.addr).await.is_ok() {
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_running_request_is_answered_and_then_the_server_ends() {
    let mut server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send(HELD).await;
    server.gate.entered.notified().await;
    server.stop();
    timeout(PATIENCE, refuses_connections(&server)).await.unwrap();
    assert!(!server.done.is_finished());
    server.gate.release.notify_one();
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "released"));
    wire.closed().await;
    timeout(PATIENCE, server.done).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn connections_at_rest_do_not_keep_the_server() {
    let mut server =
        Server::start(EdgeSettings { shutdown_grace: PATIENCE * 10, ..EdgeSettings::default() }).await;
    let mut silent = server.connect().await;
    let mut rested = server.connect().await;
    assert_eq!(rested.get("/hello").await.status, 200);
    let mut posted = server.connect().await;
    assert_eq!(posted.post("/echo", "application/json", b"{}").await.status, 200);
    server.stop();
    timeout(PATIENCE, server.done).await.unwrap().unwrap().unwrap();
    silent.closed().await;
    rested.closed().await;
    posted.closed().await;
}

#[tokio::test]
async fn the_grace_is_bounded() {
    let grace = Duration::from_millis(100);
    let mut server = Server::start(EdgeSettings { shutdown_grace: grace, ..EdgeSettings::default() }).await;
    let mut wire = server.connect().await;
    wire.send(HELD).await;
    server.gate.entered.notified().await;
    server.stop();
    timeout(PATIENCE, server.done).await.unwrap().unwrap().unwrap();
    wire.closed().await;
}

#[tokio::test]
async fn a_server_that_is_full_can_be_stopped() {
    let settings = EdgeSettings { max_connections: 1, ..EdgeSettings::default() };
    let mut server = Server::start(settings).await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/hello").await.status, 200);
    server.stop();
    timeout(PATIENCE, server.done).await.unwrap().unwrap().unwrap();
}

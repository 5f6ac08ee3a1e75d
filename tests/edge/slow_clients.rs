//! Clients that are slow by nature or on purpose are cut off, and only they.

use std::time::Duration;

use provost::http::edge::EdgeSettings;
use tokio::time::sleep;

use super::support::Server;

const SHORT: Duration = Duration::from_millis(400);

fn strict_about_headers() -> EdgeSettings {
    EdgeSettings { header_timeout: SHORT, ..EdgeSettings::default() }
}

#[tokio::test]
async fn a_connection_on_which_nothing_comes_is_closed() {
    let server = Server::start(strict_about_headers()).await;
    server.connect().await.closed().await;
}

#[tokio::test]
async fn half_a_header_is_closed() {
    let server = Server::start(strict_about_headers()).await;
    let mut wire = server.connect().await;
    wire.send("GET /hello HTTP/1.1\r\nHost: te").await;
    wire.closed().await;
}

#[tokio::test]
async fn half_of_a_later_header_is_closed() {
    let server = Server::start(strict_about_headers()).await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/hello").await.status, 200);
    wire.send("GET /hello HTTP/1.1\r\nHost: te").await;
    wire.closed().await;
}

#[tokio::test]
async fn half_of_the_http_2_preface_is_closed() {
    let server = Server::start(strict_about_headers()).await;
    let mut wire = server.connect().await;
    wire.send("PRI * HTTP/2.0\r\n").await;
    wire.closed().await;
}

#[tokio::test]
async fn a_connection_may_rest_between_requests_longer_than_a_header_may_take() {
    let server = Server::start(strict_about_headers()).await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/hello").await.status, 200);
    sleep(3 * SHORT).await;
    assert_eq!(wire.get("/hello").await.status, 200);
}

#[tokio::test]
async fn a_connection_at_rest_is_closed_in_the_end() {
    let settings = EdgeSettings { idle_timeout: SHORT, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/hello").await.status, 200);
    wire.closed().await;
}

#[tokio::test]
async fn a_body_that_stops_coming_is_408_and_closed() {
    let settings = EdgeSettings { body_idle_timeout: SHORT, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut wire = server.connect().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{\"a\":").await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
    assert_eq!(answer.json()["status"], "408");
    wire.closed().await;
}

#[tokio::test]
async fn a_body_that_is_not_whole_when_the_requests_time_is_over_is_408() {
    let settings = EdgeSettings { request_timeout: SHORT, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut wire = server.connect().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{").await;
    assert_eq!(wire.answer().await.status, 408);
}

#[tokio::test]
async fn a_client_that_never_reads_its_answer_is_cut_off() {
    let settings = EdgeSettings { max_connections: 1, request_timeout: SHORT, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut stuck = server.connect().await;
    stuck.send("GET /huge HTTP/1.1\r\nHost: test\r\n\r\n").await;
    // There is one place; the next client is served only when the stuck one has lost it.
    assert_eq!(server.connect().await.get("/hello").await.status, 200);
    drop(stuck);
}

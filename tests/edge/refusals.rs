//! Every failure is an answer in SCIM's form (RFC 7644 §3.12), and the connection goes on.

use std::time::Duration;

use provost::http::edge::EdgeSettings;
use serde_json::json;

use super::support::{FIXED_ID, Server};

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

#[tokio::test]
async fn an_unknown_path_is_404() {
    let server = Server::start(EdgeSettings::default()).await;
    let answer = server.connect().await.get("/nowhere").await;
    assert_eq!(answer.header("content-type"), Some("application/scim+json"));
    let body = json!({"schemas": [ERROR], "status": "404", "detail": "Nothing is served at this path."});
    assert_eq!((answer.status, answer.json()), (404, body));
}

#[tokio::test]
async fn a_method_that_is_not_served_is_405_with_allow() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send("DELETE /echo HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST, PUT, OPTIONS")));
    assert_eq!(answer.json()["status"], "405");
    wire.send("DELETE /hello HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert_eq!(wire.answer().await.header("allow"), Some("GET, HEAD, OPTIONS"));
}

#[tokio::test]
async fn poems_own_405_is_in_scims_form_too() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send("DELETE /poem-get HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("")));
    assert_eq!(answer.json()["schemas"], json!([ERROR]));
}

#[tokio::test]
async fn options_names_the_methods_and_head_has_the_length_of_get() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send("OPTIONS /hello HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.header("allow")), (204, Some("GET, HEAD, OPTIONS")));
    wire.send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let answer = wire.head_answer().await;
    assert_eq!((answer.status, answer.header("content-length")), (200, Some("5")));
    assert_eq!(wire.get("/hello").await.body, "hello");
}

#[tokio::test]
async fn a_panic_is_500_and_the_connection_survives() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    let answer = wire.get("/panic").await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (500, Some("500")));
    assert!(!answer.body.contains("capacitor"), "{}", answer.body);
    assert_eq!(answer.header("x-request-id"), Some(FIXED_ID.to_string().as_str()));
    assert_eq!(wire.get("/hello").await.status, 200);
}

#[tokio::test]
async fn an_internal_failure_tells_the_client_nothing_of_its_cause() {
    let server = Server::start(EdgeSettings::default()).await;
    let answer = server.connect().await.get("/broken").await;
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("disk 7"), "{}", answer.body);
}

#[tokio::test]
async fn a_request_beyond_its_time_limit_is_503_with_retry_after() {
    let settings = EdgeSettings { request_timeout: Duration::from_millis(50), ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut wire = server.connect().await;
    let answer = wire.get("/held").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.json()["schemas"], json!([ERROR]));
    assert_eq!(wire.get("/hello").await.status, 200);
}

#[tokio::test]
async fn the_connection_goes_on_after_a_refusal() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    assert_eq!(wire.post("/echo", "application/json", b"{").await.status, 400);
    assert_eq!(wire.post("/echo", "text/plain", b"{}").await.status, 415);
    assert_eq!(wire.get("/nowhere").await.status, 404);
    assert_eq!(wire.post("/echo", "application/json", b"{}").await.status, 200);
}

//! How many connections, which protocols, and how they behave.

use provost::http::edge::EdgeSettings;

use super::support::Server;

#[tokio::test]
async fn beyond_the_limit_connections_wait_until_one_ends() {
    let settings = EdgeSettings { max_connections: 1, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut first = server.connect().await;
    assert_eq!(first.get("/hello").await.status, 200);
    let mut second = server.connect().await;
    second.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert!(second.stays_silent().await);
    assert_eq!(first.get("/hello").await.status, 200);
    drop(first);
    assert_eq!(second.answer().await.status, 200);
}

#[tokio::test]
async fn http_2_is_served_with_prior_knowledge() {
    let server = Server::start(EdgeSettings::default()).await;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    for _ in 0..2 {
        let answer = client.get(server.url("/hello")).send().await.unwrap();
        assert_eq!((answer.version(), answer.status().as_u16()), (reqwest::Version::HTTP_2, 200));
        assert_eq!(answer.text().await.unwrap(), "hello");
    }
    let head = client.head(server.url("/hello")).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], "5");
    let echo = client.post(server.url("/echo")).header("content-type", "application/json").body(r#"{"a":1}"#);
    assert_eq!(echo.send().await.unwrap().text().await.unwrap(), r#"{"a":1}"#);
    let oversized = client.post(server.url("/echo")).body(vec![b' '; 2 << 20]).send().await.unwrap();
    assert_eq!(oversized.status().as_u16(), 413);
}

#[tokio::test]
async fn requests_sent_back_to_back_are_answered_in_order() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    let one = "GET /hello HTTP/1.1\r\nHost: test\r\n\r\n";
    let two = "GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n";
    wire.send([one, two, one].concat()).await;
    for status in [200, 404, 200] {
        assert_eq!(wire.answer().await.status, status);
    }
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send("this is no request line at all\r\n\r\n").await;
    assert_eq!(wire.answer().await.status, 400);
    let mut wire = server.connect().await;
    let huge = "x".repeat(100 * 1024);
    wire.send(format!("GET /hello HTTP/1.1\r\nHost: test\r\nX-Huge: {huge}\r\n\r\n")).await;
    assert_eq!(wire.answer().await.status, 431);
}

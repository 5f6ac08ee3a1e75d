//! Whose word about the client and the request's id is taken.

use provost::http::edge::EdgeSettings;

use super::support::{FIXED_ID, Server};

async fn whoami(settings: EdgeSettings, headers: &str) -> (String, String) {
    let server = Server::start(settings).await;
    let mut wire = server.connect().await;
    wire.send(format!("GET /whoami HTTP/1.1\r\nHost: test\r\n{headers}\r\n")).await;
    let answer = wire.answer().await;
    let id = answer.header("x-request-id").unwrap().to_owned();
    assert!(answer.body.ends_with(&id), "the handler and the answer agree on the id: {}", answer.body);
    (answer.body, id)
}

fn behind_proxy() -> EdgeSettings {
    EdgeSettings { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..EdgeSettings::default() }
}

const CLAIMS: &str =
    "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Request-Id: from-the-proxy\r\n";

#[tokio::test]
async fn a_named_proxy_is_believed() {
    let (body, id) = whoami(behind_proxy(), CLAIMS).await;
    assert_eq!((body.as_str(), id.as_str()), ("203.0.113.9 true from-the-proxy", "from-the-proxy"));
    let (body, _) = whoami(behind_proxy(), "Forwarded: for=\"[2001:db8::7]:99\";proto=https\r\n").await;
    assert!(body.starts_with("2001:db8::7 true "), "{body}");
}

#[tokio::test]
async fn anybody_else_is_not() {
    let (body, id) = whoami(EdgeSettings::default(), CLAIMS).await;
    assert_eq!(body, format!("127.0.0.1 false {FIXED_ID}"));
    assert_eq!(id, FIXED_ID.to_string());
    let elsewhere =
        EdgeSettings { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..EdgeSettings::default() };
    assert_eq!(whoami(elsewhere, CLAIMS).await.0, format!("127.0.0.1 false {FIXED_ID}"));
}

#[tokio::test]
async fn a_request_id_is_1_to_128_visible_characters() {
    let longest = "x".repeat(128);
    assert_eq!(whoami(behind_proxy(), &format!("X-Request-Id: {longest}\r\n")).await.1, longest);
    for refused in ["", "two words", &"x".repeat(129)] {
        let (_, id) = whoami(behind_proxy(), &format!("X-Request-Id: {refused}\r\n")).await;
        assert_eq!(id, FIXED_ID.to_string(), "{refused:?}");
    }
}

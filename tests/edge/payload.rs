//! What is read as a body, and what is refused (RFC 7644 §3.1, §3.12; RFC 8259).

use provost::http::edge::EdgeSettings;

use super::support::{Answer, Server};

async fn post(body: &[u8]) -> Answer {
    let server = Server::start(EdgeSettings::default()).await;
    server.connect().await.post("/echo", "application/scim+json", body).await
}

async fn post_as(media_type: &str) -> Answer {
    let server = Server::start(EdgeSettings::default()).await;
    server.connect().await.post("/echo", media_type, b"{}").await
}

async fn syntax_refusal(body: &[u8]) -> String {
    let answer = post(body).await;
    assert_eq!((answer.status, answer.json()["scimType"].as_str()), (400, Some("invalidSyntax")));
    assert_eq!(answer.header("content-type"), Some("application/scim+json"));
    answer.detail()
}

#[tokio::test]
async fn an_object_is_read_as_it_stands() {
    let answer = post(br#"{"b":1,"a":[true,null,"\u00e9"]}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"b":1,"a":[true,null,"é"]}"#));
}

#[tokio::test]
async fn both_json_media_types_are_read_with_any_parameters() {
    for accepted in [
        "application/scim+json",
        "application/json",
        "Application/SCIM+JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\";v=1",
    ] {
        assert_eq!(post_as(accepted).await.status, 200, "{accepted}");
    }
}

#[tokio::test]
async fn a_missing_media_type_is_taken_as_scims() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}").await;
    assert_eq!(wire.answer().await.status, 200);
}

#[tokio::test]
async fn other_media_types_and_charsets_are_415_and_told_what_is_accepted() {
    for refused in ["text/plain", "application/xml", "", "application/json; charset=iso-8859-1"] {
        let answer = post_as(refused).await;
        assert_eq!(answer.status, 415, "{refused}");
        assert_eq!(answer.header("accept"), Some("application/scim+json, application/json"));
        assert!(answer.detail().contains("application/scim+json"), "{}", answer.detail());
    }
}

#[tokio::test]
async fn a_compressed_body_is_415() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")
        .await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.header("accept-encoding")), (415, Some("identity")));
}

#[tokio::test]
async fn an_announced_length_above_the_limit_is_413_before_the_body_is_sent() {
    let settings = EdgeSettings { max_body_bytes: 1000, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut wire = server.connect().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1001\r\n\r\n").await;
    let answer = wire.answer().await;
    assert_eq!(answer.status, 413);
    assert!(answer.detail().contains("1000 bytes"), "{}", answer.detail());
}

#[tokio::test]
async fn a_client_that_sends_everything_first_still_reads_its_413() {
    let settings = EdgeSettings { max_body_bytes: 1000, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let body = vec![b' '; 8 << 20];
    assert_eq!(server.connect().await.post("/echo", "application/json", &body).await.status, 413);
}

#[tokio::test]
async fn a_chunked_body_above_the_limit_is_413() {
    let settings = EdgeSettings { max_body_bytes: 10, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut wire = server.connect().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    wire.send("6\r\n{\"a\":1\r\n").await;
    wire.send("6\r\n      \r\n").await;
    assert_eq!(wire.answer().await.status, 413);
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_in_many_pieces_is_read() {
    let settings = EdgeSettings { max_body_bytes: 9, ..EdgeSettings::default() };
    let server = Server::start(settings).await;
    let mut wire = server.connect().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    for piece in ["1\r\n{\r\n", "4\r\n\"a\":\r\n", "3\r\n12 \r\n", "1\r\n}\r\n", "0\r\nX-Trailer: 1\r\n\r\n"]
    {
        wire.send(piece).await;
    }
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"a":12}"#));
}

#[tokio::test]
async fn a_key_that_appears_twice_is_refused_by_name() {
    let detail = syntax_refusal(br#"{"userName":"a","userName":"b"}"#).await;
    assert!(detail.contains(r#"the key "userName" appears twice"#), "{detail}");
}

#[tokio::test]
async fn nesting_ends_at_32_levels() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert_eq!(post(nested(32).as_bytes()).await.status, 200);
    let detail = syntax_refusal(nested(33).as_bytes()).await;
    assert!(detail.contains("deeper than 32 levels"), "{detail}");
}

#[tokio::test]
async fn what_is_not_one_json_object_in_utf_8_is_refused_with_its_place() {
    for (body, place) in [
        (&b"{\"a\":\"\xC3\x28\"}"[..], "byte offset 6"),
        (b"{\"a\":}", "line 1 column 6"),
        (b"{\"a\":1}x", "trailing characters at line 1 column 8"),
        (b"{\"a\":\"\\ud800\"}", "line 1 column"),
        (b"{\"a\":1e400}", "out of range"),
        (b"", "empty"),
        (b"[1]", "not an object"),
    ] {
        let detail = syntax_refusal(body).await;
        assert!(detail.contains(place), "{detail}");
    }
}

#[tokio::test]
async fn a_broken_transfer_coding_is_400() {
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n").await;
    assert_eq!(wire.answer().await.status, 400);
}

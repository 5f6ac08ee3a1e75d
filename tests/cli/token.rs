//! `provost token create|list|revoke`.

use std::time::{Duration, Instant};

use serde_json::json;

use super::process::Terminal;
use crate::support::{Backend, Client};

/// A token made beside a running server works at once; once it is revoked it stops working within a second or so.
async fn a_token_is_made_used_and_revoked(backend: Backend) {
    let terminal = Terminal::on(backend).await;
    let server = terminal.serve(&[], "curl ");
    let made = terminal.run(&["token", "create", "--name", "ci", "--json"]).json();
    let client = Client::new(server.line("SCIM base URL:"), made["token"].as_str().unwrap());
    client.get("/Users").await.expect(200);

    let id = made["record"]["id"].as_str().unwrap();
    assert_eq!(terminal.run(&["token", "revoke", id]).ok(), format!("Token {id} is revoked.\n"));
    let deadline = Instant::now() + Duration::from_secs(3);
    while client.get("/Users").await.status == 200 {
        assert!(Instant::now() < deadline, "the token still works three seconds after it was revoked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_made_used_and_revoked_on_sqlite() {
    a_token_is_made_used_and_revoked(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_made_used_and_revoked_on_postgres() {
    a_token_is_made_used_and_revoked(Backend::Postgres).await;
}

#[test]
fn a_token_is_shown_once_and_then_only_listed() {
    let terminal = Terminal::new();
    terminal.run(&["tenant", "create", "default"]).ok();
    let made = terminal.run(&["token", "create", "--name", "for ci", "--scopes", "read"]).ok();
    let token = made.lines().next().unwrap().strip_prefix("SCIM token: ").unwrap();
    assert!(token.starts_with("pvs_"), "{made}");
    let id = made
        .lines()
        .nth(1)
        .unwrap()
        .strip_prefix("It is shown only now; its id is ")
        .unwrap()
        .trim_end_matches('.');
    let table = terminal.run(&["token", "list"]).ok();
    for text in ["ID", "LAST USED", id, "for ci", "read"] {
        assert!(table.contains(text), "{table}");
    }
    let listed = terminal.run(&["token", "list", "--json"]).ok();
    assert!(!listed.contains(token) && !table.contains(token) && !listed.contains("hash"), "{listed}");
}

#[test]
fn scopes_expiry_and_connection_are_as_asked() {
    let terminal = Terminal::new();
    terminal.run(&["tenant", "create", "acme"]).ok();
    let arguments = [
        "token",
        "create",
        "--tenant",
        "acme",
        "--connection",
        "okta",
        "--strict",
        "--scopes",
        "read",
        "--expires-in-days",
        "2",
    ];
    let made = terminal.run(&[&arguments[..], &["--json"]].concat()).json();
    let record = &made["record"];
    assert_eq!(record["scopes"], json!({ "read": true, "write": false }));
    let created = record["created_at"].as_i64().unwrap();
    // The end was reckoned a moment before the record was made.
    let early = created + 2 * 24 * 60 * 60 * 1000 - record["expires_at"].as_i64().unwrap();
    assert!((0..10_000).contains(&early), "{record}");
    assert_eq!((&made["connection"]["name"], &made["connection"]["strict"]), (&json!("okta"), &json!(true)));
    assert_eq!(record["connection_id"], made["connection"]["id"]);
    let again =
        terminal.run(&["token", "create", "--tenant", "acme", "--connection", "okta", "--json"]).json();
    assert_eq!(again["connection"], made["connection"]);
}

#[test]
fn revoking_is_listed() {
    let terminal = Terminal::new();
    terminal.run(&["tenant", "create", "default"]).ok();
    let made = terminal.run(&["token", "create", "--json"]).json();
    assert_eq!(made["record"]["revoked_at"], json!(null));
    let id = made["record"]["id"].as_str().unwrap();
    assert_eq!(terminal.run(&["token", "revoke", id, "--json"]).json(), json!({ "revoked": id }));
    let listed = terminal.run(&["token", "list", "--json"]).json();
    assert!(listed[0]["revoked_at"].is_i64(), "{listed}");
}

#[test]
fn what_is_not_there_is_named() {
    let terminal = Terminal::new();
    for command in [&["token", "create"][..], &["token", "list"], &["token", "revoke", "x"]] {
        assert_eq!(
            terminal.run(command).refused(),
            "provost: There is no tenant 'default'; `provost tenant list` shows them.\n",
        );
    }
    terminal.run(&["tenant", "create", "acme"]).ok();
    assert_eq!(
        terminal.run(&["token", "revoke", "x", "--tenant", "acme"]).refused(),
        "provost: The tenant 'acme' has no token 'x'; `provost token list` shows them.\n",
    );
}

#[test]
fn a_scope_that_is_none_is_named() {
    let said = Terminal::new().run(&["token", "create", "--scopes", "read,rule"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr.contains("'rule' is not a scope; 'read' and 'write' are, joined by a comma."),
        "{said:?}"
    );
}

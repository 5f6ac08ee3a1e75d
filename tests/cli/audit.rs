//! `provost audit verify`: a server writes and seals, somebody tampers with its database, and the command says so.

use serde_json::{Value, json};
use uuid::Uuid;

use super::process::{Said, Terminal};
use crate::support::{Backend, texts};

/// A database whose tenant's log was sealed three times, each by a server's end.
async fn sealed(backend: Backend) -> (Terminal, String) {
    let terminal = Terminal::on(backend).await;
    let url = terminal.environment[0].1.clone();
    for round in 0..3 {
        let server = terminal.serve(&[], if round == 0 { "curl" } else { "New keys" });
        assert_eq!(server.terminate(), Some(0));
        if round < 2 {
            terminal.run(&["token", "create", "--tenant", "default"]).ok();
        }
    }
    (terminal, url)
}

fn verify(terminal: &Terminal) -> Said {
    terminal.run(&["audit", "verify", "--json"])
}

/// What was found in the one tenant there is, without the sentences; the exit code has to fit.
fn findings(terminal: &Terminal) -> Vec<Value> {
    let said = verify(terminal);
    let report: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
    let mut findings = report["tenants"][0]["findings"].as_array().unwrap().clone();
    assert_eq!(
        (said.code, &report["sound"]),
        (Some(i32::from(!findings.is_empty())), &json!(findings.is_empty()))
    );
    for finding in &mut findings {
        assert!(finding.as_object_mut().unwrap().remove("message").unwrap().is_string());
    }
    findings
}

/// The id of an event, counted from the oldest.
async fn event(url: &str, number: usize) -> Uuid {
    let id = if url.starts_with("sqlite:") { "lower(hex(id))" } else { "CAST(id AS text)" };
    let ids = texts(url, &format!("SELECT {id} FROM audit_events ORDER BY id")).await;
    Uuid::parse_str(&ids[number]).unwrap()
}

fn literal(url: &str, id: Uuid) -> String {
    if url.starts_with("sqlite:") { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") }
}

async fn each_kind_of_tampering_is_found(backend: Backend) {
    let (terminal, url) = sealed(backend).await;
    assert_eq!(findings(&terminal), [] as [Value; 0]);

    // Changed.
    let changed = event(&url, 1).await;
    let place = format!("WHERE id = {}", literal(&url, changed));
    texts(&url, &format!("UPDATE audit_events SET actor_name = 'mallory' {place}")).await;
    assert_eq!(findings(&terminal), [json!({ "kind": "event_changed", "event": changed, "seal": 1 })]);
    let said = terminal.run(&["audit", "verify", "--tenant", "default"]);
    let sentence = format!("         Event {changed} was changed after it was sealed (seal 1).\n");
    assert!(
        said.code == Some(1)
            && said.stdout.starts_with("FAILURE  default: ")
            && said.stdout.contains(&sentence),
        "{said:?}"
    );
    texts(&url, &format!("UPDATE audit_events SET actor_name = NULL {place}")).await;

    // Inserted, with an old id.
    let inserted = Uuid::from_u128(changed.as_u128() - (1 << 110));
    texts(
        &url,
        &format!(
            "INSERT INTO audit_events (tenant_id, id, at, kind, actor_kind, target_kind, target_id, details) \
             SELECT tenant_id, {}, at, kind, actor_kind, target_kind, target_id, details FROM audit_events {place}",
            literal(&url, inserted)
        ),
    )
    .await;
    assert_eq!(findings(&terminal), [json!({ "kind": "event_inserted", "event": inserted })]);
    texts(&url, &format!("DELETE FROM audit_events WHERE id = {}", literal(&url, inserted))).await;

    // A seal that was changed.
    texts(&url, "UPDATE audit_seals SET sealed_at = sealed_at + 1 WHERE number = 2").await;
    assert_eq!(findings(&terminal), [json!({ "kind": "seal_changed", "seal": 2 })]);
    texts(&url, "UPDATE audit_seals SET sealed_at = sealed_at - 1 WHERE number = 2").await;
    assert_eq!(findings(&terminal), [] as [Value; 0]);

    // Removed, and then a seal that was removed too.
    let removed = event(&url, 0).await;
    texts(&url, &format!("DELETE FROM audit_events WHERE id = {}", literal(&url, removed))).await;
    let gone = json!({ "kind": "event_removed", "event": removed, "seal": 1 });
    assert_eq!(findings(&terminal), std::slice::from_ref(&gone));
    texts(&url, "DELETE FROM audit_seals WHERE number = 3").await;
    assert_eq!(findings(&terminal), [gone, json!({ "kind": "seals_removed", "first": 3, "last": 3 })]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_tampering_is_found_on_sqlite() {
    each_kind_of_tampering_is_found(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_tampering_is_found_on_postgres() {
    each_kind_of_tampering_is_found(Backend::Postgres).await;
}

/// The head of a chain is compared with one that was noted; the tail is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_was_noted_is_found_again() {
    let (terminal, _) = sealed(Backend::Sqlite).await;
    let report = verify(&terminal).json();
    let tenant = &report["tenants"][0];
    let head = tenant["head"].as_str().unwrap().to_owned();
    assert_eq!((&tenant["tail"], &tenant["seals"]), (&json!({ "events": 0, "since": null }), &json!(3)));
    terminal.run(&["token", "create", "--tenant", "default"]).ok();
    let report = terminal.run(&["audit", "verify", "--json", "--head", &head]).json();
    let tenant = &report["tenants"][0];
    assert_eq!(
        (&report["head_found"], &tenant["head_found_at"], &tenant["tail"]["events"]),
        (&json!(true), &json!(3), &json!(1))
    );
    assert!(tenant["tail"]["since"].is_string());

    let said = terminal.run(&["audit", "verify", "--head", &"0".repeat(64)]);
    assert!(
        said.code == Some(1) && said.stdout.contains("the head that was given is in no chain"),
        "{said:?}"
    );
    let said = terminal.run(&["audit", "verify", "--head", "+1"]);
    assert!(said.code == Some(2) && said.stderr.contains("a head is 64 hexadecimal digits"), "{said:?}");
}

/// Without the key nothing can be said, and no new one is made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_checked_without_the_key() {
    let (terminal, url) = sealed(Backend::Sqlite).await;
    let database = std::path::Path::new(url.trim_start_matches("sqlite:"));
    let key = database.with_file_name("provost.key");
    std::fs::remove_file(&key).unwrap();
    let refused = verify(&terminal).refused();
    assert!(refused.ends_with("is not there; seals are checked with the key that made them.\n"), "{refused}");
    assert!(!key.exists());
}

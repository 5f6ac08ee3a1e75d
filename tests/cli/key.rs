//! `provost key create|list|revoke`.

use std::time::{Duration, Instant};

use serde_json::json;

use super::process::Terminal;
use crate::support::{Backend, Client};

/// A key of the instance that is made beside a running server works at once; once it is revoked it stops working within
/// a second or so.
async fn a_key_of_the_instance_is_made_used_and_revoked(backend: Backend) {
    let terminal = Terminal::on(backend).await;
    let server = terminal.serve(&[], "curl ");
    let made = terminal.run(&["key", "create", "--instance", "--name", "ops", "--json"]).json();
    let root = server.line("SCIM base URL:").trim_end_matches("/scim/v2").to_owned();
    let client = Client::new(&format!("{root}/v1"), made["key"].as_str().unwrap());
    client.get("/tenants").await.expect(200);

    let id = made["id"].as_str().unwrap();
    let listed = terminal.run(&["key", "list", "--instance", "--json"]).json();
    let ours = listed.as_array().unwrap().iter().find(|key| key["id"] == id).unwrap();
    assert_eq!(
        (&ours["name"], &ours["permissions"], &ours["revoked_at"]),
        (&json!("ops"), &json!(null), &json!(null))
    );
    let revoked = terminal.run(&["key", "revoke", id, "--instance"]).ok();
    assert_eq!(revoked, format!("API key {id} is revoked.\n"));
    let deadline = Instant::now() + Duration::from_secs(3);
    while client.get("/tenants").await.status == 200 {
        assert!(Instant::now() < deadline, "the key still works three seconds after it was revoked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let listed = terminal.run(&["key", "list", "--instance", "--json"]).json();
    let ours = listed.as_array().unwrap().iter().find(|key| key["id"] == id).unwrap();
    assert!(ours["revoked_at"].is_i64(), "{listed}");
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_the_instance_is_made_used_and_revoked_on_sqlite() {
    a_key_of_the_instance_is_made_used_and_revoked(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_the_instance_is_made_used_and_revoked_on_postgres() {
    a_key_of_the_instance_is_made_used_and_revoked(Backend::Postgres).await;
}

/// A tenant's keys and the instance's are apart, and none is ever shown again.
#[test]
fn keys_are_listed_by_whose_they_are() {
    let terminal = Terminal::new();
    terminal.run(&["tenant", "create", "acme"]).ok();
    let arguments =
        ["key", "create", "--tenant", "acme", "--permissions", "users.read,groups.read", "--json"];
    let acmes = terminal.run(&arguments).json();
    let instances = terminal.run(&["key", "create", "--instance", "--expires-in-days", "2", "--json"]).json();
    let of_acme = terminal.run(&["key", "list", "--tenant", "acme", "--json"]);
    let of_instance = terminal.run(&["key", "list", "--instance", "--json"]);
    for (said, own) in [(of_acme, &acmes), (of_instance, &instances)] {
        assert!(!said.stdout.contains("pvk_"), "{said:?}");
        let list = said.json();
        let ids: Vec<_> = list.as_array().unwrap().iter().map(|key| &key["id"]).collect();
        assert_eq!(ids, [&own["id"]]);
    }
    let table = terminal.run(&["key", "list", "--tenant", "acme"]).ok();
    for text in [
        "ID",
        "LAST USED",
        acmes["id"].as_str().unwrap(),
        "users.read,groups.read",
        "created on the command line",
    ] {
        assert!(table.contains(text), "{table}");
    }
    let id = acmes["id"].as_str().unwrap();
    assert_eq!(
        terminal.run(&["key", "revoke", id, "--tenant", "acme", "--json"]).json(),
        json!({ "revoked": id })
    );
    let listed = terminal.run(&["key", "list", "--tenant", "acme", "--json"]).json();
    assert!(listed[0]["revoked_at"].is_i64(), "{listed}");
}

#[test]
fn what_is_not_there_is_named() {
    let terminal = Terminal::new();
    for command in [&["key", "create"][..], &["key", "list"], &["key", "revoke", "x"]] {
        assert_eq!(
            terminal.run(command).refused(),
            "provost: There is no tenant 'default'; `provost tenant list` shows them.\n",
        );
    }
    terminal.run(&["tenant", "create", "acme"]).ok();
    let acmes = terminal.run(&["key", "create", "--tenant", "acme", "--json"]).json();
    assert_eq!(
        terminal.run(&["key", "revoke", "x", "--tenant", "acme"]).refused(),
        "provost: The tenant 'acme' has no API key 'x'; `provost key list --tenant acme` shows them.\n",
    );
    // A tenant's key is none of the instance's.
    let id = acmes["id"].as_str().unwrap();
    assert_eq!(
        terminal.run(&["key", "revoke", id, "--instance"]).refused(),
        format!("provost: The instance has no API key '{id}'; `provost key list --instance` shows them.\n"),
    );
    let both = terminal.run(&["key", "list", "--instance", "--tenant", "acme"]);
    assert_eq!(both.code, Some(2), "{both:?}");
}

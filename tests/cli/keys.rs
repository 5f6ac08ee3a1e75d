//! `provost keys rotate|list`.

use serde_json::Value;

use super::process::Terminal;
use crate::support::Backend;

fn kids(listed: &Value) -> Vec<String> {
    let keys = listed["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Each rotation makes a key that signs from then on; those before it are still listed, and a server publishes them all.
async fn keys_are_rotated_and_listed(backend: Backend) {
    let terminal = Terminal::on(backend).await;
    let first = kids(&terminal.run(&["keys", "list", "--json"]).json());
    assert_eq!(first.len(), 1);
    let second = terminal.run(&["keys", "rotate", "--json"]).json()["kid"].as_str().unwrap().to_owned();
    let said = terminal.run(&["keys", "rotate"]).ok();
    let third =
        said.strip_prefix("Access tokens are signed with the key ").unwrap().split(' ').next().unwrap();
    let all = [third.to_owned(), second, first[0].clone()];
    assert_eq!(kids(&terminal.run(&["keys", "list", "--json"]).json()), all);
    assert_eq!(terminal.run(&["keys", "list"]).ok().lines().collect::<Vec<_>>(), all);

    provost::app::use_ring();
    let server = terminal.serve(&[], "curl ");
    let root = server.line("SCIM base URL:").trim_end_matches("/scim/v2").to_owned();
    let published =
        reqwest::get(format!("{root}/.well-known/jwks.json")).await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(kids(&published), all);
    assert!(!published.to_string().contains("\"d\""), "{published}");
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_and_listed_on_sqlite() {
    keys_are_rotated_and_listed(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_and_listed_on_postgres() {
    keys_are_rotated_and_listed(Backend::Postgres).await;
}

//! SQLite on a disk that is full: a limit on the size of files makes every write beyond it fail.

use std::process::Command;

use serde_json::{Value, json};

use super::ledger::Ledger;
use crate::support::{Answer, Backend, Client, ServerProcess, TestDatabase, crowd};

const AWAY: &str = "The database is not available at the moment; nothing was changed. Try again.";

/// Lets the process write files of this size at the most.
fn limit_files(server: &ServerProcess, size: &str) {
    let id = server.id().to_string();
    let done = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={size}:unlimited")]).status();
    assert!(done.expect("prlimit (package util-linux) runs").success());
}

fn body(user_name: &str) -> Value {
    let emails = json!([{ "value": format!("{user_name}@example.com"), "primary": true }]);
    // Several pages, so that a write can fail in its middle.
    let addresses: Vec<Value> = (0..5)
        .map(|number| json!({ "locality": format!("{number}"), "streetAddress": "x".repeat(4000) }))
        .collect();
    json!({ "userName": user_name, "externalId": user_name, "emails": emails, "addresses": addresses })
}

fn assert_away(answer: Answer) {
    assert_eq!(answer.header("retry-after"), Some("5"), "{}", answer.body);
    assert_eq!(answer.error(), (503, String::new(), AWAY.to_owned()));
}

/// Writes are refused with a sentence and leave nothing, reads go on, and once there is room everything does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_survived() {
    let database = TestDatabase::create(Backend::Sqlite).await;
    let server = ServerProcess::start(&database.url).await;
    let client = Client::new(&server.base_url, server.first_token.as_deref().expect("a token"));
    let first = client.post("/Users", &body("first")).await.created();
    let log = format!("{}-wal", database.url.trim_start_matches("sqlite:"));
    let mut ledger = Ledger::open(&database.url).await;

    for (round, room) in [0, 100, 4096, 9_000, 17_000].into_iter().enumerate() {
        let size = std::fs::metadata(&log).expect("the write-ahead log is there").len();
        limit_files(&server, &(size + room).to_string());
        let refused = crowd(8, |number| {
            let client = client.clone();
            async move { client.post("/Users", &body(&format!("refused{round}.{number}"))).await }
        });
        refused.await.into_iter().for_each(assert_away);
        assert_away(client.delete(&format!("/Users/{first}")).await);
        client.get(&format!("/Users/{first}")).await.expect(200);
        assert_eq!(client.get("/Users?attributes=userName").await.expect(200)["totalResults"], 2 + round);
        ledger.assert_sound().await;

        limit_files(&server, "unlimited");
        client.post("/Users", &body(&format!("accepted{round}"))).await.expect(201);
        ledger.assert_sound().await;
    }
}

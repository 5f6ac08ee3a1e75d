//! `provost doctor`.

use serde_json::{Value, json};

use super::process::Terminal;
use crate::delivery::mail::settings;
use crate::delivery::smtp::SmtpServer;
use crate::support::Backend;

/// 32 bytes in base64.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// `state about` of each finding.
fn findings(said: &Value) -> Vec<String> {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    said.as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {}", text(finding, "state"), text(finding, "about")))
        .collect()
}

/// A database that was served from is well; plain http is warned of, which is no failure.
async fn a_healthy_database(backend: Backend) {
    let terminal = Terminal::on(backend).await;
    terminal.run(&["tenant", "create", "default"]).ok();
    terminal.run(&["token", "create"]).ok();
    let said = terminal.run(&["doctor"]).ok();
    // The key lies beside the database, wherever that is.
    let mut lines: Vec<&str> = said.lines().collect();
    let key = lines.remove(3);
    let end = "provost.key' does not exist yet; the first start makes it. Back it up.";
    assert!(key.starts_with("warning  secret key: '") && key.ends_with(end), "{key}");
    assert_eq!(
        lines,
        [
            "ok       settings: they can be read.",
            "warning  public URL: clients are told http://127.0.0.1:8080/scim/v2; identity providers want https: set public_url, \
         and TLS files or a proxy.",
            "warning  mail: none is sent: smtp_url is not set; links are shown to who asks for them.",
            "ok       passwords: they are hashed by Argon2id with m=19456 KiB, t=2, p=1 and no pepper.",
            "ok       database: it answers and has every migration.",
            "ok       tokens: tenant 'default' has 1 that are live.",
        ]
    );
    let said =
        terminal.with("PROVOST_PUBLIC_URL", "https://id.example.com").run(&["doctor", "--json"]).json();
    assert_eq!(
        findings(&said),
        [
            "ok settings",
            "ok public URL",
            "warning mail",
            "warning secret key",
            "ok passwords",
            "ok database",
            "ok tokens"
        ]
    );
    assert_eq!(said[1]["says"], "clients are told https://id.example.com/scim/v2.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_database_on_sqlite() {
    a_healthy_database(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_database_on_postgres() {
    a_healthy_database(Backend::Postgres).await;
}

/// A database that is not there yet is a warning, and looking does not make it.
#[test]
fn a_database_that_is_not_there_yet() {
    let terminal = Terminal::new();
    let said = terminal.run(&["doctor", "--json"]).json();
    assert_eq!(
        findings(&said),
        [
            "ok settings",
            "warning public URL",
            "warning mail",
            "warning secret key",
            "ok passwords",
            "warning database"
        ]
    );
    assert_eq!(said[5]["says"], "'provost.db' does not exist yet; the first start makes it.");
    assert!(!terminal.directory.path().join("provost.db").exists());
}

/// A database that lacks migrations is a failure, and looking does not bring it up to date.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_behind() {
    let on_sqlite = Terminal::new();
    std::fs::write(on_sqlite.directory.path().join("provost.db"), "").unwrap();
    for terminal in [on_sqlite, Terminal::on_unmigrated_postgres().await] {
        for _ in 0..2 {
            let said = terminal.run(&["doctor"]);
            assert_eq!(said.code, Some(1));
            assert!(said.stdout.lines().last().unwrap().starts_with("FAILURE  database: "), "{said:?}");
            assert!(said.stdout.contains(&format!("0 of {} migrations", super::migrations())), "{said:?}");
        }
        terminal.run(&["tenant", "list"]).ok();
        terminal.run(&["doctor"]).ok();
    }
}

/// A server that does not answer is a failure in a sentence.
#[test]
fn a_database_that_does_not_answer() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let terminal = Terminal::new().with("DATABASE_URL", &format!("postgres://someone:hunter2@{free}/none"));
    let said = terminal.run(&["doctor"]);
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.lines().last().unwrap().starts_with("FAILURE  database: "), "{said:?}");
    assert!(!said.stdout.contains("hunter2") && !said.stderr.contains("hunter2"), "{said:?}");
}

/// Tenants that nobody can reach are warned of, with what to do.
#[test]
fn tenants_without_tokens() {
    let terminal = Terminal::new();
    terminal.run(&["tenant", "list"]).ok();
    let said = terminal.run(&["doctor", "--json"]).json();
    assert_eq!(
        said[6],
        json!({
            "state": "warning", "about": "tenants", "says": "there is none yet; the first start makes one.",
        })
    );
    terminal.run(&["tenant", "create", "acme"]).ok();
    let said = terminal.run(&["doctor", "--json"]).json();
    assert_eq!(
        said[6],
        json!({
            "state": "warning",
            "about": "tokens",
            "says": "tenant 'acme' has none that is live: provost token create --tenant acme",
        })
    );
}

/// A mail server that is there is well; one that is not, and a key that is none, are failures that quote neither.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_and_the_secret_key() {
    let server = SmtpServer::start().await;
    let terminal = Terminal::new()
        .with("PROVOST_SMTP_URL", &settings(&server).smtp_url.unwrap())
        .with("PROVOST_MAIL_FROM", "Provost <no-reply@example.com>");
    let said = terminal.with("PROVOST_SECRET_KEY", KEY).run(&["doctor", "--json"]).json();
    assert_eq!(
        findings(&said),
        ["ok settings", "warning public URL", "ok mail", "ok secret key", "ok passwords", "warning database"]
    );
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let terminal = Terminal::new()
        .with("PROVOST_SMTP_URL", &format!("smtp://ada:hunter2@{free}"))
        .with("PROVOST_MAIL_FROM", "Provost <no-reply@example.com>")
        .with("PROVOST_SECRET_KEY", "hunter2");
    let said = terminal.run(&["doctor"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.stdout.contains("FAILURE  mail: ") && said.stdout.contains("FAILURE  secret key: "),
        "{said:?}"
    );
    assert!(!said.stdout.contains("hunter2") && !said.stderr.contains("hunter2"), "{said:?}");
}

/// How passwords are hashed: well, weakly, or not at all. No secret is told.
#[test]
fn the_way_passwords_are_hashed() {
    let says = |terminal: &Terminal| {
        let said = terminal.run(&["doctor"]);
        assert!(!said.stdout.contains("AQEB") && !said.stderr.contains("AQEB"), "{said:?}");
        let line = said.stdout.lines().find(|line| line.contains("passwords: ")).unwrap().to_owned();
        (said.code, line)
    };
    let secret = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let terminal = Terminal::new()
        .with("PROVOST_ARGON2_MEMORY_KIB", "65536")
        .with("PROVOST_PASSWORD_PEPPERS", &format!("2026:{secret},2025:{KEY}"));
    let ok =
        "ok       passwords: they are hashed by Argon2id with m=65536 KiB, t=2, p=1 and the pepper '2026'.";
    assert_eq!(says(&terminal), (Some(0), ok.to_owned()));
    let terminal = Terminal::new().with("PROVOST_ARGON2_PASSES", "1");
    let weak = "warning  passwords: they are hashed by Argon2id with m=19456 KiB, t=1, p=1 and no pepper. OWASP's least are m=19456 KiB and t=2.";
    assert_eq!(says(&terminal), (Some(0), weak.to_owned()));
    for (name, value, said) in [
        ("PROVOST_ARGON2_MEMORY_KIB", "4", "FAILURE  passwords: Argon2 cannot run with m=4 KiB"),
        (
            "PROVOST_PASSWORD_PEPPERS",
            secret,
            "FAILURE  passwords: The pepper in place 1 is not of the form ID:SECRET",
        ),
    ] {
        let terminal = Terminal::new().with(name, value);
        let (code, line) = says(&terminal);
        assert!(code == Some(1) && line.starts_with(said), "{line}");
        // The server says the same and does not start.
        let started = terminal.run(&["serve", "--listen", "127.0.0.1:0"]).refused();
        assert!(started.contains(said.split_once(": ").unwrap().1), "{started}");
        assert!(!started.contains("AQEB"), "{started}");
    }
}

/// The lines that it prints are settings.
#[test]
fn argon2_is_tuned() {
    let terminal = Terminal::new();
    let said = terminal.run(&["doctor", "--tune-argon2"]).ok();
    assert!(said.starts_with("# A hash takes "), "{said}");
    std::fs::write(terminal.directory.path().join("provost.toml"), &said).unwrap();
    let checked = terminal.run(&["doctor"]).ok();
    let memory = said.lines().find_map(|line| line.strip_prefix("argon2_memory_kib = ")).unwrap();
    let hashed = format!("ok       passwords: they are hashed by Argon2id with m={memory} KiB, t=");
    assert!(checked.contains(&hashed), "{checked}");
    let found = terminal.run(&["doctor", "--tune-argon2", "--json"]).json();
    let names: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(names, ["argon2_memory_kib", "argon2_passes", "argon2_lanes", "milliseconds", "at_a_time"]);
    assert!(found["argon2_memory_kib"].as_u64() >= Some(19456) && found["argon2_passes"].as_u64() >= Some(2));
    assert!(!terminal.directory.path().join("provost.db").exists());
}

/// Settings that cannot be read are the first finding and the last one.
#[test]
fn settings_that_cannot_be_read() {
    let terminal = Terminal::new().with("PROVOST_LISTEN", "nowhere");
    let said = terminal.run(&["doctor", "--json"]);
    assert_eq!(said.code, Some(1));
    let said: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(findings(&said), ["failure settings"]);
    assert!(said[0]["says"].as_str().unwrap().to_lowercase().contains("listen"), "{said}");
}

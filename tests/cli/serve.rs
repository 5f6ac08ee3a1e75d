//! `provost serve`: the first start, the ones after it, and the end.

use std::process::Command;

use serde_json::{Value, json};

use super::process::Terminal;
use crate::support::{Backend, Client};

/// The first start prints base URL, token and a curl line that works; the second one prints no token any more, and the
/// first one's still works. SIGTERM ends each with exit code 0.
async fn the_first_start_prints_what_is_needed_once(backend: Backend) {
    let terminal = Terminal::on(backend).await;
    let server = terminal.serve(&[], "curl ");
    let base_url = server.line("SCIM base URL:").to_owned();
    let token = server.line("SCIM token:").to_owned();
    assert!(base_url.starts_with("http://127.0.0.1:") && base_url.ends_with("/scim/v2"), "{base_url}");
    assert!(token.starts_with("pvs_"), "{token}");

    let line = server.printed.lines().find(|line| line.starts_with("curl ")).unwrap();
    let output = Command::new("sh").args(["-c", line]).output().expect("sh runs");
    let created: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("curl got JSON: {output:?}"));
    assert_eq!(created["userName"], "ada@example.com");
    let client = Client::new(&base_url, &token);
    assert_eq!(client.get("/Users").await.expect(200)["totalResults"], 2);
    assert_eq!(server.terminate(), Some(0));

    let server = terminal.serve(&[], "New tokens:");
    assert!(!server.printed.contains("pvs_") && !server.printed.contains("curl"), "{}", server.printed);
    assert_eq!(server.line("New tokens:"), "provost token create --tenant default");
    let client = Client::new(server.line("SCIM base URL:"), &token);
    assert_eq!(client.get("/Users").await.expect(200)["Resources"][1]["displayName"], "Ada Lovelace");
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_prints_what_is_needed_once_on_sqlite() {
    the_first_start_prints_what_is_needed_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_prints_what_is_needed_once_on_postgres() {
    the_first_start_prints_what_is_needed_once(Backend::Postgres).await;
}

/// Without a word about a database it is `provost.db` in the working directory.
#[test]
fn the_default_database_is_a_file_in_the_working_directory() {
    let terminal = Terminal::new();
    let server = terminal.serve(&[], "curl ");
    assert!(terminal.directory.path().join("provost.db").is_file());
    assert_eq!(server.terminate(), Some(0));
}

/// `--json` prints one object for machines; later starts have no token in it.
#[test]
fn json_for_machines() {
    let terminal = Terminal::new();
    for token in [true, false] {
        let server = terminal.serve(&["--json"], "}");
        let said: Value = serde_json::from_str(&server.printed).expect("one JSON object");
        let names: Vec<&String> = said.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            ["listening", "scim_base_url", "admin_base_url", "scim_token", "owner", "admin_key"]
        );
        assert_eq!(said["scim_base_url"], format!("http://{}/scim/v2", said["listening"].as_str().unwrap()));
        assert_eq!(said["scim_token"].is_string(), token);
        assert_eq!(said["owner"]["password"].is_string(), token);
        assert_eq!(said["admin_key"].is_string(), token);
        assert_eq!(server.terminate(), Some(0));
    }
}

/// When a token was last used is known after the server has ended, at the latest.
async fn the_last_use_of_a_token_is_written_down(backend: Backend) {
    let terminal = Terminal::on(backend).await;
    let server = terminal.serve(&[], "curl ");
    assert_eq!(terminal.run(&["token", "list", "--json"]).json()[0]["last_used_at"], json!(null));
    let client = Client::new(server.line("SCIM base URL:"), server.line("SCIM token:"));
    client.get("/Users").await.expect(200);
    assert_eq!(server.terminate(), Some(0));
    let token = &terminal.run(&["token", "list", "--json"]).json()[0];
    assert!(token["last_used_at"].as_i64() >= token["created_at"].as_i64(), "{token}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_use_of_a_token_is_written_down_on_sqlite() {
    the_last_use_of_a_token_is_written_down(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_use_of_a_token_is_written_down_on_postgres() {
    the_last_use_of_a_token_is_written_down(Backend::Postgres).await;
}

/// `--no-migrate` refuses a database that lacks migrations, changes nothing, and serves one that has them.
async fn no_migrate_refuses_a_database_that_is_behind(backend: Backend) {
    let terminal = match backend {
        Backend::Sqlite => Terminal::new(),
        // A database of the test server that nobody migrated.
        Backend::Postgres => Terminal::on_unmigrated_postgres().await,
    };
    for arguments in [["serve", "--no-migrate"], ["--no-migrate", "serve"]] {
        let said = terminal.run(&arguments).refused();
        assert_eq!(
            said,
            format!(
                "provost: The database cannot be opened: it has 0 of {} migrations and --no-migrate was given; start \
                 once without it.\n",
                super::migrations()
            ),
        );
    }
    assert_eq!(terminal.serve(&[], "curl ").terminate(), Some(0));
    assert_eq!(terminal.serve(&["--no-migrate"], "New tokens:").terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_migrate_refuses_a_database_that_is_behind_on_sqlite() {
    no_migrate_refuses_a_database_that_is_behind(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_migrate_refuses_a_database_that_is_behind_on_postgres() {
    no_migrate_refuses_a_database_that_is_behind(Backend::Postgres).await;
}

/// A server that has no mail server to send by says so when it starts, and what it does instead; one that has says
/// nothing of it.
async fn a_start_without_a_mail_server_says_so(backend: Backend) {
    let terminal = Terminal::on(backend).await;
    let warning = "no mail is sent: smtp_url is not set; links are shown to who asks for them";
    let (code, said) = terminal.serve(&[], "curl ").end();
    assert_eq!((code, said.matches(warning).count()), (Some(0), 1), "{said}");
    let line = said.lines().find(|line| line.contains(warning)).unwrap();
    assert!(line.contains("WARN"), "{line}");
    let mailing = terminal.with("PROVOST_SMTP_URL", "smtp://127.0.0.1:1");
    let mailing = mailing.with("PROVOST_MAIL_FROM", "Provost <no-reply@example.com>");
    let (code, said) = mailing.serve(&[], "New tokens:").end();
    assert_eq!((code, said.contains("no mail is sent")), (Some(0), false), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_without_a_mail_server_says_so_on_sqlite() {
    a_start_without_a_mail_server_says_so(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_without_a_mail_server_says_so_on_postgres() {
    a_start_without_a_mail_server_says_so(Backend::Postgres).await;
}

/// An address that is taken is named.
#[test]
fn an_address_that_is_taken_is_named() {
    let terminal = Terminal::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = terminal.run(&["serve", "--listen", &address]).refused();
    assert!(said.starts_with(&format!("provost: Cannot listen on {address}: ")), "{said}");
}

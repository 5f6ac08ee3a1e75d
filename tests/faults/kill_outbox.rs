//! `kill -9` while users are made and invited: each is there with its audit event and with what has to leave, or nothing of
//! it is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::kill::{Chance, send};
use super::ledger::Ledger;
use crate::support::{Backend, Client, ServerProcess, TestDatabase, texts};

const KILLS: usize = 10;
const CLIENTS: usize = 12;

/// Nobody listens there: what has to leave stays, to be counted.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("PROVOST_SMTP_URL", "smtp://127.0.0.1:1"),
    ("PROVOST_MAIL_FROM", "Provost <no-reply@example.com>"),
    ("PROVOST_WEBHOOK_ALLOW_PRIVATE", "true"),
];

/// Who was made and who was invited, as far as a server said so before it was killed.
#[derive(Debug, Default)]
struct Acknowledged {
    made: BTreeSet<String>,
    invited: BTreeSet<String>,
}

/// Ends when as many writes were acknowledged as a server is to live for.
#[derive(Default)]
struct Life {
    acknowledged: AtomicUsize,
    enough: Notify,
}

/// Makes users and invites others until the server is gone.
async fn write(client: Client, name: String, life: Arc<Life>, lives: usize) -> Acknowledged {
    let mut acknowledged = Acknowledged::default();
    for number in 0.. {
        let name = format!("{name}-{number}");
        let is_invited = number % 2 == 0;
        let body = match is_invited {
            true => json!({ "action": "invite", "email": format!("{name}@example.com") }),
            false => json!({ "action": "create", "user_name": name, "service_account": true }),
        };
        let Some(made) = send(&client, Method::POST, "/users", &body).await else { break };
        let id = made["id"].as_str().expect("an id").replace('-', "");
        let kept = if is_invited { &mut acknowledged.invited } else { &mut acknowledged.made };
        kept.insert(id);
        if life.acknowledged.fetch_add(1, Ordering::Relaxed) + 1 == lives {
            life.enough.notify_one();
        }
    }
    acknowledged
}

/// What a query of one id finds, each id once, written as 32 digits.
async fn ids(url: &str, column: &str, rest: &str) -> BTreeSet<String> {
    let column = match url.starts_with("sqlite:") {
        true => format!("lower(hex({column}))"),
        false => format!("replace(CAST({column} AS text), '-', '')"),
    };
    let found = texts(url, &format!("SELECT {column} FROM {rest}")).await;
    let number = found.len();
    let set: BTreeSet<String> = found.into_iter().collect();
    assert_eq!(set.len(), number, "one of each in {rest}");
    set
}

/// Whom the events are about that wait to be posted.
async fn told(url: &str, kind: &str) -> BTreeSet<String> {
    let payloads = texts(url, &format!("SELECT payload FROM outbox WHERE subject = '{kind}'")).await;
    let number = payloads.len();
    let target = |payload: String| {
        let event: Value = serde_json::from_str(&payload).expect("an event is JSON");
        event["data"]["target"]["id"].as_str().expect("it has a target").replace('-', "")
    };
    let set: BTreeSet<String> = payloads.into_iter().map(target).collect();
    assert_eq!(set.len(), number, "one {kind} for each");
    set
}

/// Every book names the same users, and all who were acknowledged are among them.
async fn assert_whole(url: &str, acknowledged: &[Acknowledged]) {
    let made = ids(url, "id", "users WHERE service_account = TRUE").await;
    let created = "audit_events WHERE kind = 'user.created' AND actor_kind = 'key'";
    assert_eq!(ids(url, "target_id", created).await, made, "events of those who were made");
    assert_eq!(told(url, "user.created").await, made, "what webhooks are to be told of them");
    let invited = ids(url, "id", "users WHERE standing = 'invited'").await;
    let asked = "audit_events WHERE kind = 'user.invited'";
    assert_eq!(ids(url, "target_id", asked).await, invited, "events of those who were invited");
    assert_eq!(told(url, "user.invited").await, invited, "what webhooks are to be told of them");
    assert_eq!(ids(url, "user_id", "invitations").await, invited, "their invitations");
    let mails = ids(url, "target_id", "outbox WHERE subject = 'invitation'").await;
    assert_eq!(mails, ids(url, "id", "invitations").await, "their mails");
    for life in acknowledged {
        assert!(
            life.made.is_subset(&made) && life.invited.is_subset(&invited),
            "nothing acknowledged is lost"
        );
    }
}

async fn survive(backend: Backend) {
    let database = TestDatabase::create(backend).await;
    let url = &*database.url;
    let mut chance = Chance::seeded();
    let first = ServerProcess::start_in(url, &ENVIRONMENT).await;
    let key = first.first_key.clone().expect("the first start shows a key");
    let hook = json!({ "url": "http://127.0.0.1:1/", "event_types": ["user.created", "user.invited"] });
    Client::new(&first.admin_url, &key).post("/webhooks", &hook).await.expect(201);
    first.kill().await;

    let mut all = Vec::new();
    for number in 0..KILLS {
        let server = ServerProcess::start_in(url, &ENVIRONMENT).await;
        let client = Client::new(&server.admin_url, &key);
        let (life, lives) = (Arc::new(Life::default()), 1 + chance.below(80) as usize);
        let mut writers = JoinSet::new();
        for writer in 0..CLIENTS {
            let name = format!("user-{number}-{writer}");
            writers.spawn(write(client.clone(), name, Arc::clone(&life), lives));
        }
        life.enough.notified().await;
        server.kill().await;
        all.extend(writers.join_all().await);
        Ledger::open(url).await.settled().await;
        assert_whole(url, &all).await;
    }
    let (made, invited): (usize, usize) = all
        .iter()
        .fold((0, 0), |(made, invited), life| (made + life.made.len(), invited + life.invited.len()));
    assert!(made > 0 && invited > 0, "{made} were made and {invited} invited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_to_leave_is_there_with_its_cause_on_sqlite() {
    survive(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_to_leave_is_there_with_its_cause_on_postgres() {
    survive(Backend::Postgres).await;
}

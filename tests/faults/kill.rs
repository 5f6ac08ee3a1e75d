//! `kill -9` under write load: what was acknowledged is there, and nothing is there by half.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::ledger::Ledger;
use crate::support::{Backend, Client, ServerProcess, TestDatabase};

const KILLS: usize = 20;
const CLIENTS: usize = 16;
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What a server acknowledged before it was killed.
#[derive(Clone, Debug)]
enum Acknowledged {
    Created { id: String, user_name: String },
    Renamed { id: String, display_name: String },
    Joined { id: String },
}

/// Where the writers of one round say what was acknowledged to them.
struct Round {
    number: usize,
    /// After how many acknowledgements the server is killed.
    lives: usize,
    acknowledged: AtomicUsize,
    enough: Notify,
}

impl Round {
    fn count(&self) {
        if self.acknowledged.fetch_add(1, Ordering::Relaxed) + 1 == self.lives {
            self.enough.notify_one();
        }
    }
}

/// Chance that can be had again: SplitMix64.
pub struct Chance(u64);

impl Chance {
    /// `PROVOST_KILL_SEED`, or a new one; printed so that it can be given again.
    pub fn seeded() -> Self {
        let given = std::env::var("PROVOST_KILL_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| provost::model::random::uuid_v7().as_u64_pair().1);
        eprintln!("PROVOST_KILL_SEED={seed}");
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// The answer's body, or nothing once the server is gone. A server that answers must not fail.
pub async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Option<Value> {
    let request = client.request(method, path).header("content-type", "application/json");
    let response = request.body(body.to_string()).send().await.ok()?;
    let status = response.status().as_u16();
    let text = response.text().await.ok()?;
    assert!([200, 201, 204].contains(&status), "{status}: {text}");
    Some(serde_json::from_str(&text).unwrap_or_default())
}

fn patch(operation: &Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": [operation] })
}

/// Creates users, renames them and adds them to the group until the server is gone.
async fn write(client: Client, group: String, round: Arc<Round>, writer: usize) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let user_name = format!("user-{}-{writer}-{number}", round.number);
        let emails = json!([{ "value": format!("{user_name}@example.com"), "primary": true }]);
        let body = json!({ "userName": user_name, "externalId": user_name, "emails": emails });
        let Some(created) = send(&client, Method::POST, "/Users", &body).await else { break };
        round.count();
        let id = created["id"].as_str().expect("an id").to_owned();
        acknowledged.push(Acknowledged::Created { id: id.clone(), user_name: user_name.clone() });

        let display_name = format!("renamed {user_name}");
        let rename = patch(&json!({ "op": "add", "path": "displayName", "value": display_name }));
        if send(&client, Method::PATCH, &format!("/Users/{id}"), &rename).await.is_none() {
            break;
        }
        round.count();
        acknowledged.push(Acknowledged::Renamed { id: id.clone(), display_name });

        let join = patch(&json!({ "op": "add", "path": "members", "value": [{ "value": id }] }));
        if send(&client, Method::PATCH, &format!("/Groups/{group}"), &join).await.is_none() {
            break;
        }
        round.count();
        acknowledged.push(Acknowledged::Joined { id });
    }
    acknowledged
}

/// One life of a server: it starts, is written to by all, and is killed.
async fn live_and_die(url: &str, token: &str, group: &str, round: Round) -> Vec<Acknowledged> {
    let server = ServerProcess::start(url).await;
    let client = Client::new(&server.base_url, token);
    let round = Arc::new(round);
    let mut writers = JoinSet::new();
    for writer in 0..CLIENTS {
        writers.spawn(write(client.clone(), group.to_owned(), Arc::clone(&round), writer));
    }
    round.enough.notified().await;
    server.kill().await;
    writers.join_all().await.into_iter().flatten().collect()
}

/// Every acknowledged write is to be read, and has its event.
async fn assert_kept(ledger: &mut Ledger, group: &str, acknowledged: &[Acknowledged]) {
    for write in acknowledged {
        let (what, kind) = match write {
            Acknowledged::Created { id, user_name } => (
                format!("users WHERE id = {} AND user_name = '{user_name}'", hex(ledger, id)),
                Some(("user.created", id)),
            ),
            Acknowledged::Renamed { id, display_name } => (
                format!("users WHERE id = {} AND display_name = '{display_name}'", hex(ledger, id)),
                Some(("user.updated", id)),
            ),
            Acknowledged::Joined { id } => (
                format!(
                    "memberships WHERE group_id = {} AND user_id = {}",
                    hex(ledger, group),
                    hex(ledger, id)
                ),
                None,
            ),
        };
        assert_eq!(ledger.number(format!("SELECT count(*) FROM {what}")).await, 1, "{write:?}");
        let event = match kind {
            Some((kind, id)) => format!("kind = '{kind}' AND target_id = {}", hex(ledger, id)),
            None => joined_event(ledger, group, write),
        };
        let events = ledger.number(format!("SELECT count(*) FROM audit_events WHERE {event}")).await;
        assert_eq!(events, 1, "the event of {write:?}");
    }
}

fn joined_event(ledger: &Ledger, group: &str, write: &Acknowledged) -> String {
    let Acknowledged::Joined { id } = write else { return "false".to_owned() };
    format!("kind = 'group.updated' AND target_id = {} AND details LIKE '%{id}%'", hex(ledger, group))
}

/// An id as the database's SQL writes it.
fn hex(ledger: &Ledger, id: &str) -> String {
    match ledger {
        Ledger::Sqlite(_) => format!("X'{}'", id.replace('-', "")),
        Ledger::Postgres(_) => format!("'{id}'::uuid"),
    }
}

async fn survive(backend: Backend) {
    let database = TestDatabase::create(backend).await;
    let mut chance = Chance::seeded();
    let first = ServerProcess::start(&database.url).await;
    let token = first.first_token.clone().expect("the first start shows a token");
    let group = Client::new(&first.base_url, &token).group("all", &[]).await;
    first.kill().await;
    // For the test's own questions, which name no tenant.
    let indexes =
        "CREATE INDEX test_users ON users (id); CREATE INDEX test_events ON audit_events (target_id)";
    Ledger::open(&database.url).await.execute(indexes).await;

    let mut all = Vec::new();
    for number in 0..KILLS {
        let lives = 1 + chance.below(150) as usize;
        let round = Round { number, lives, acknowledged: AtomicUsize::new(0), enough: Notify::new() };
        let acknowledged = live_and_die(&database.url, &token, &group, round).await;
        assert!(acknowledged.len() >= lives);
        let mut ledger = Ledger::open(&database.url).await;
        ledger.settled().await;
        ledger.assert_sound().await;
        assert_kept(&mut ledger, &group, &acknowledged).await;
        all.extend(acknowledged);
    }

    // What earlier lives acknowledged outlived the later deaths too, and is served.
    let server = ServerProcess::start(&database.url).await;
    let client = Client::new(&server.base_url, &token);
    assert_kept(&mut Ledger::open(&database.url).await, &group, &all).await;
    for write in all.iter().rev().take(60) {
        let (Acknowledged::Created { id, .. }
        | Acknowledged::Renamed { id, .. }
        | Acknowledged::Joined { id }) = write;
        client.get(&format!("/Users/{id}")).await.expect(200);
    }
    eprintln!("{} writes were acknowledged", all.len());
}

/// A durable commit is what an acknowledgement means; SQLite recovers from its write-ahead log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_sqlite() {
    survive(Backend::Sqlite).await;
}

/// The same on PostgreSQL, which finishes or undoes what the server had under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_postgres() {
    survive(Backend::Postgres).await;
}

//! Many clients that read at once: look-ups go to the database together, and each gets its own answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use provost::model::{GroupId, UserId};
use provost::storage::{Migrate, PoolSizes, Resource, Storage};
use serde_json::{Value, json};

use super::CLIENTS;
use crate::support::{Answer, Client, crowd, on_both};

const ROUNDS: usize = 8;
/// How often clients ask before they give up waiting for the one among them who asks for something else.
const MOST: usize = 1_500;

/// A user who can be found in three ways besides its id, and a group of that user alone.
async fn make(client: &Client, number: usize) -> (Value, Value) {
    let user = client
        .post(
            "/Users",
            &json!({
                "userName": format!("user{number}@example.com"),
                "externalId": format!("ext-{number}"),
                "emails": [{ "value": format!("User{number}@home.example.org") }],
            }),
        )
        .await
        .expect(201);
    let members = json!([{ "value": user["id"] }]);
    let group =
        client.post("/Groups", &json!({ "displayName": format!("G{number}"), "members": members })).await;
    let user = client.get(&format!("/Users/{}", text(&user["id"]))).await.expect(200);
    (user, group.expect(201))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn list(resources: &[&Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

/// One of the ways in which identity providers look for people, and what has to come back.
async fn ask(client: &Client, way: usize, number: usize, user: &Value, group: &Value) -> (Answer, Value) {
    let id = text(&user["id"]);
    let filtered =
        |filter: String| format!("/Users?filter={}", filter.replace(' ', "%20").replace('"', "%22"));
    let (path, expected) = match way % 6 {
        0 => (format!("/Users/{id}"), user.clone()),
        1 => (filtered(format!("userName eq \"USER{number}@example.com\"")), list(&[user])),
        2 => (filtered(format!("externalId eq \"ext-{number}\"")), list(&[user])),
        3 => (filtered(format!("emails.value eq \"user{number}@HOME.example.org\"")), list(&[user])),
        4 => (format!("/Groups/{}", text(&group["id"])), group.clone()),
        _ => (filtered(format!("externalId eq \"nobody-{number}\"")), list(&[])),
    };
    (client.get(&path).await, expected)
}

on_both! {
    /// RFC 7644 §3.4: whoever asks for a resource gets that one, whatever others ask for at the same moment.
    async fn each_reader_gets_its_own_answer(app: TestApp) {
        let mut made = Vec::new();
        for number in 0..CLIENTS {
            made.push(make(&app.client, number).await);
        }
        let wrong = crowd(CLIENTS, |number| {
            let (client, (user, group)) = (app.client.clone(), made[number].clone());
            async move {
                let mut wrong = Vec::new();
                for round in 0..ROUNDS {
                    let (answer, expected) = ask(&client, number + round, number, &user, &group).await;
                    let found = answer.expect(200);
                    if found != expected {
                        wrong.push((found, expected));
                    }
                }
                wrong
            }
        }).await;

        assert_eq!(wrong.concat(), []);
    }

    /// Readiness is a look-up without arguments; many of them at once are answered like one.
    async fn many_ask_whether_the_server_is_ready(app: TestApp) {
        let storage = app.provisioning.storage.clone();
        let answers = crowd(CLIENTS, |_| {
            let storage = storage.clone();
            async move { storage.ping().await }
        }).await;
        assert_eq!(answers, vec![Ok(()); CLIENTS]);
    }

    /// Whoever asks for something else than everybody else gets an answer while they go on asking. Without HTTP between
    /// them, so that there is always somebody who waits.
    async fn the_rare_is_answered_among_the_common(app: TestApp) {
        let sizes = PoolSizes { postgres: 8, ..PoolSizes::default() };
        let storage = Storage::open(app.database_url(), sizes, Migrate::Apply).await.expect("storage opens");
        let (tenant, connection) = (app.tenant.id, app.connection.id);
        let answered = Arc::new(AtomicBool::new(false));
        let asked = crowd(CLIENTS, |number| {
            let (storage, answered) = (storage.clone(), Arc::clone(&answered));
            async move {
                let mut asked = 0;
                if number == 0 {
                    for _ in 0..ROUNDS {
                        storage.lookup_group(tenant, connection, GroupId::generate()).await.expect("an answer");
                    }
                    answered.store(true, Ordering::Relaxed);
                }
                while !answered.load(Ordering::Relaxed) && asked < MOST {
                    storage.lookup_user(tenant, connection, UserId::generate()).await.expect("an answer");
                    asked += 1;
                }
                asked
            }
        }).await;
        storage.close().await;

        assert!(asked.iter().all(|asked| *asked < MOST), "{asked:?}");
    }

    /// While commits wait for a row that somebody holds, reading goes on: whoever holds it may have to look something up.
    async fn reading_goes_on_while_commits_wait(app: TestApp) {
        let mut users = Vec::new();
        for number in 0..24 {
            users.push(app.client.user(&format!("user{number}")).await);
        }
        let members: Vec<&str> = users.iter().map(String::as_str).collect();
        let group = app.client.group("team", &members).await;
        let resource = Resource::Group(GroupId(group.parse().expect("an id")));
        let held = app.provisioning.storage.alone_with(app.tenant.id, resource).await.expect("it is held");
        let deletions: Vec<_> = users
            .into_iter()
            .map(|user| {
                let client = app.client.clone();
                tokio::spawn(async move { client.delete(&format!("/Users/{user}")).await.status })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let read = tokio::time::timeout(Duration::from_secs(5), app.client.get("/Users?count=1")).await;
        assert_eq!(read.expect("an answer while commits wait").status, 200);
        drop(held);
        for deletion in deletions {
            assert_eq!(deletion.await.unwrap(), 204);
        }
    }
}

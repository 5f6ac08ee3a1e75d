//! Several servers on one PostgreSQL database: they share nothing else, so what one decides must hold for all.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _};

use super::{add_phone, join, leave, member_ids, patch, patch_unchanged, phone, sorted, version};
use crate::support::{Backend, Client, TestApp, crowd};

const SERVERS: usize = 3;
const CLIENTS_EACH: usize = 32;

/// Runs clients spread evenly over the servers, and stops the servers afterwards.
async fn crowd_on<T, F, Fut>(app: &TestApp, servers: usize, client: F) -> Vec<T>
where
    T: Send + 'static,
    F: Fn(Client, usize) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
{
    let mut beside = Vec::new();
    for _ in 1..servers {
        beside.push(app.server_beside().await);
    }
    let mut clients = vec![app.client.clone()];
    clients.extend(beside.iter().map(|server| server.client.clone()));
    crowd(servers * CLIENTS_EACH, |number| client(clients[number % servers].clone(), number)).await
}

/// RFC 7644 §3.3: one userName is given once, whichever server is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_user_name_is_given_once() {
    let app = TestApp::start(Backend::Postgres).await;
    let statuses = crowd_on(&app, 2, |client, _| async move {
        client.post("/Users", &json!({ "userName": "ada" })).await.status
    })
    .await;

    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 1);
}

/// RFC 7644 §3.5.2: every PATCH of one user comes about. Nobody is told to come back because others were faster.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_user_is_changed_on_all_servers() {
    let app = TestApp::start(Backend::Postgres).await;
    let user = app.client.user("ada").await;
    let path = format!("/Users/{user}");
    crowd_on(&app, SERVERS, |client, number| {
        let path = path.clone();
        async move {
            for round in 0..2 {
                client.patch(&path, &add_phone(number * 10 + round)).await.expect(200);
            }
        }
    })
    .await;

    let user = app.client.get(&path).await.expect(200);
    let found = user["phoneNumbers"].as_array().unwrap().iter().map(Value::to_string).collect();
    let all = (0..SERVERS * CLIENTS_EACH).flat_map(|number| [number * 10, number * 10 + 1]);
    assert_eq!(sorted(found), sorted(all.map(|number| phone(number).to_string()).collect()));
    assert_eq!(version(&user), 1 + (SERVERS * CLIENTS_EACH * 2) as i64);
}

/// Members come and go on all servers while each server's first clients rename the group, replace its members by PUT of
/// what they read, and change it in ways that depend on what it holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_group_is_changed_on_all_servers() {
    let app = TestApp::start(Backend::Postgres).await;
    let count = SERVERS * CLIENTS_EACH;
    let mut users = Vec::new();
    for number in 0..count {
        users.push(app.client.user(&format!("member{number}")).await);
    }
    let group = app.client.group("all", &[]).await;
    crowd_on(&app, SERVERS, |client, number| {
        let (group, member) = (group.clone(), users[number].clone());
        async move {
            let path = format!("/Groups/{group}");
            match number / SERVERS {
                0 => {
                    for round in 0..4 {
                        let name = json!(format!("name {number}.{round}"));
                        client.patch(&path, &patch("replace", "displayName", &name)).await.expect(204);
                    }
                    join(&client, &group, &member).await.expect(204);
                }
                1 => {
                    patch_unchanged(&client, &path, |read| {
                        let mut members = read["members"].as_array().cloned().unwrap_or_default();
                        members.push(json!({ "value": member }));
                        patch("replace", "members", &Value::Array(members))
                    })
                    .await;
                }
                _ => {
                    for _ in 0..3 {
                        join(&client, &group, &member).await.expect(204);
                        leave(&client, &group, &member).await.expect(204);
                    }
                    join(&client, &group, &member).await.expect(204);
                }
            }
        }
    })
    .await;

    assert_eq!(member_ids(&app.client, &group).await, sorted(users));
}

/// RFC 7644 §3.4.2: the count is right when several servers keep it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_all_servers_make_is_counted() {
    let app = TestApp::start(Backend::Postgres).await;
    crowd_on(&app, 2, |client, number| async move {
        let id = client.user(&format!("first{number}")).await;
        client.user(&format!("second{number}")).await;
        client.delete(&format!("/Users/{id}")).await.expect(204);
    })
    .await;

    let list = app.client.query("/Users", &[("count", "1000")]).await.expect(200);
    assert_eq!(list["totalResults"], 2 * CLIENTS_EACH);
    assert_eq!(list["Resources"].as_array().unwrap().len(), 2 * CLIENTS_EACH);
}

/// RFC 7644 §3.14: a group that a user joins while the user is being deleted counts the departure too, although the
/// deletion began before the arrival was there: a version never stands for two memberships.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_arrival_during_a_deletion_departs_with_a_new_version() {
    let app = TestApp::start(Backend::Postgres).await;
    let user = app.client.user("ada").await;
    let group = app.client.group("late", &[]).await;
    let mut other = sqlx::PgConnection::connect(app.database_url()).await.expect("the database answers");
    // Another server adds the member and has not committed yet.
    let arrival = format!(
        "BEGIN; UPDATE groups SET version = version + 1 WHERE id = '{group}'; \
         INSERT INTO memberships (tenant_id, group_id, member_id, user_id) \
         SELECT tenant_id, id, '{user}', '{user}' FROM groups WHERE id = '{group}'"
    );
    sqlx::raw_sql(AssertSqlSafe(arrival)).execute(&mut other).await.expect("the member arrives");
    let (client, path) = (app.client.clone(), format!("/Users/{user}"));
    let deletion = tokio::spawn(async move { client.delete(&path).await });
    until_somebody_waits(&mut other).await;
    sqlx::raw_sql("COMMIT").execute(&mut other).await.expect("the arrival is committed");

    deletion.await.expect("the deletion ends").expect(204);
    let read = app.client.get(&format!("/Groups/{group}")).await.expect(200);
    assert_eq!((version(&read), read.get("members")), (3, None));
}

/// Returns once a statement of another connection waits for a lock in this database.
async fn until_somebody_waits(connection: &mut sqlx::PgConnection) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        let (count,): (i64,) =
            sqlx::query_as(waiting).fetch_one(&mut *connection).await.expect("the statistics answer");
        if count > 0 {
            return;
        }
    }
}

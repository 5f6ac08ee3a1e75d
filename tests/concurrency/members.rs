//! Many clients and one group.

use serde_json::{Value, json};

use super::{CLIENTS, join, leave, member_ids, patch, patch_unchanged, sorted, version};
use crate::support::{Client, crowd, on_both};

/// One user for each client.
async fn users(client: &Client, count: usize) -> Vec<String> {
    crowd(count, |number| {
        let client = client.clone();
        async move { client.user(&format!("member{number}")).await }
    })
    .await
}

/// Comes and goes a few times; who has an even number stays in the end.
async fn come_and_go(client: &Client, group: &str, member: &str, number: usize) {
    for _ in 0..3 {
        join(client, group, member).await.expect(204);
        leave(client, group, member).await.expect(204);
    }
    if number.is_multiple_of(2) {
        join(client, group, member).await.expect(204);
    }
}

fn who_stays(users: &[String]) -> Vec<String> {
    sorted(users.iter().step_by(2).cloned().collect())
}

/// The PATCH that makes a group's members what they were when it was read, and one more.
fn with_one_more(group: &Value, member: &str) -> Value {
    let mut members = group["members"].as_array().cloned().unwrap_or_default();
    members.push(json!({ "value": member }));
    patch("replace", "members", &Value::Array(members))
}

on_both! {
    /// RFC 7644 §3.5.2: clients that each add and remove one member lose nobody, neither their own nor another's.
    async fn nobody_is_lost(app: TestApp) {
        let users = users(&app.client, CLIENTS).await;
        let group = app.client.group("all", &[]).await;
        crowd(CLIENTS, |number| {
            let (client, group, member) = (app.client.clone(), group.clone(), users[number].clone());
            async move { come_and_go(&client, &group, &member, number).await }
        }).await;

        assert_eq!(member_ids(&app.client, &group).await, who_stays(&users));
        let group = app.client.get(&format!("/Groups/{group}?excludedAttributes=members")).await.expect(200);
        assert_eq!(version(&group), 1 + (CLIENTS * 6 + CLIENTS / 2) as i64);
    }

    /// The same while others rename the group, and while others replace its members on what they read (RFC 7644
    /// §3.14).
    async fn nobody_is_lost_beside_renaming_and_replacing(app: TestApp) {
        let users = users(&app.client, CLIENTS).await;
        let group = app.client.group("all", &[]).await;
        crowd(CLIENTS, |number| {
            let (client, group, member) = (app.client.clone(), group.clone(), users[number].clone());
            async move {
                let path = format!("/Groups/{group}");
                match number {
                    0 | 2 => {
                        patch_unchanged(&client, &path, |read| with_one_more(read, &member)).await;
                    }
                    1 | 3 => {
                        for round in 0..5 {
                            let name = json!(format!("name {number}.{round}"));
                            client.patch(&path, &patch("replace", "displayName", &name)).await.expect(204);
                        }
                    }
                    _ => come_and_go(&client, &group, &member, number).await,
                }
            }
        }).await;

        assert_eq!(member_ids(&app.client, &group).await, who_stays(&users));
        let group = app.client.get(&format!("/Groups/{group}?attributes=displayName")).await.expect(200);
        assert!(["name 1.4", "name 3.4"].contains(&group["displayName"].as_str().unwrap()), "{group}");
    }

    /// RFC 7644 §3.5.1: a PUT of exactly these members leaves exactly these, whatever went on beside it.
    async fn replacing_by_put_is_whole(app: TestApp) {
        let users = users(&app.client, CLIENTS).await;
        let group = app.client.group("halves", &[]).await;
        crowd(CLIENTS, |number| {
            let (client, path) = (app.client.clone(), format!("/Groups/{group}"));
            let half: Vec<Value> =
                users.iter().skip(number % 2).step_by(2).map(|id| json!({ "value": id })).collect();
            async move {
                let body = json!({ "displayName": format!("half {}", number % 2), "members": half });
                client.put(&path, &body).await.expect(200)
            }
        }).await;

        let read = app.client.get(&format!("/Groups/{group}")).await.expect(200);
        let half = usize::from(read["displayName"] == "half 1");
        let expected = sorted(users.iter().skip(half).step_by(2).cloned().collect());
        assert_eq!(member_ids(&app.client, &group).await, expected);
    }
}

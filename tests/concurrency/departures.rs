//! Members that are deleted while others add them.

use serde_json::json;

use super::{join, member_ids, patch, version};
use crate::support::{Answer, Client, TestApp, crowd, on_both};

const MEMBERS: usize = 32;
const GROUPS: usize = 3;

async fn groups(client: &Client, name: &str, count: usize) -> Vec<String> {
    let mut groups = Vec::new();
    for number in 0..count {
        groups.push(client.group(&format!("{name} {number}"), &[]).await);
    }
    groups
}

/// Whether a member was added. It may be gone already, which is said in the words for any unknown id.
fn joined(answer: Answer, member: &str) -> bool {
    if answer.status == 204 {
        return true;
    }
    let sentence =
        format!("'members' names '{member}', which is not the id of a user or group of this tenant.");
    assert_eq!(answer.error(), (400, "invalidValue".to_owned(), sentence));
    false
}

/// Half of the clients add one member each to every group, the other half deletes it. No group may be left with a
/// member that is gone, and its version counts every arrival and every departure.
async fn add_and_delete(app: &TestApp, resource: &'static str, members: &[String], groups: &[String]) {
    let arrivals = crowd(members.len() * 2, |number| {
        let (client, member, groups) = (app.client.clone(), members[number / 2].clone(), groups.to_vec());
        async move {
            if number % 2 == 0 {
                client.delete(&format!("/{resource}/{member}")).await.expect(204);
                return vec![false; groups.len()];
            }
            let mut arrived = Vec::new();
            for group in &groups {
                arrived.push(joined(join(&client, group, &member).await, &member));
            }
            arrived
        }
    })
    .await;

    for (place, group) in groups.iter().enumerate() {
        assert_eq!(member_ids(&app.client, group).await, Vec::<String>::new());
        let arrived = arrivals.iter().filter(|of_client| of_client[place]).count() as i64;
        let read = app.client.get(&format!("/Groups/{group}")).await.expect(200);
        assert_eq!(version(&read), 1 + 2 * arrived, "{arrived} came and went: {read}");
    }
    for member in members {
        app.client.get(&format!("/{resource}/{member}")).await.expect(404);
    }
}

on_both! {
    /// RFC 7644 §3.6: a deleted user is in no group, even one that it was being added to.
    async fn users_are_deleted_while_they_join(app: TestApp) {
        let groups = groups(&app.client, "team", GROUPS).await;
        for round in 0..3 {
            let mut users = Vec::new();
            for number in 0..MEMBERS {
                users.push(app.client.user(&format!("user{round}.{number}")).await);
            }
            let fresh = groups_again(&app.client, &groups, round).await;
            add_and_delete(&app, "Users", &users, &fresh).await;
        }
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 0);
    }

    /// The same of groups within groups.
    async fn groups_are_deleted_while_they_join(app: TestApp) {
        let parents = groups(&app.client, "parent", GROUPS).await;
        let children = groups(&app.client, "child", MEMBERS).await;
        add_and_delete(&app, "Groups", &children, &parents).await;
        assert_eq!(app.client.get("/Groups").await.expect(200)["totalResults"], GROUPS);
    }

    /// Groups that hold each other are deleted at once by many: each goes, once.
    async fn a_ring_of_groups_is_deleted(app: TestApp) {
        let ring = groups(&app.client, "ring", MEMBERS).await;
        for (place, group) in ring.iter().enumerate() {
            join(&app.client, group, &ring[(place + 1) % MEMBERS]).await.expect(204);
            join(&app.client, group, &ring[(place + 7) % MEMBERS]).await.expect(204);
        }
        let statuses = crowd(MEMBERS * 2, |number| {
            let (client, group) = (app.client.clone(), ring[number / 2].clone());
            async move { client.delete(&format!("/Groups/{group}")).await.status }
        }).await;

        for pair in statuses.chunks(2) {
            let mut pair = pair.to_vec();
            pair.sort_unstable();
            assert_eq!(pair, [204, 404]);
        }
        let list = app.client.get("/Groups").await.expect(200);
        assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
    }

    /// A group is renamed while all of its members are deleted, each of which changes its version: it still comes about.
    async fn a_group_is_renamed_while_its_members_go(app: TestApp) {
        const MANY: usize = 160;
        let mut users = Vec::new();
        for number in 0..MANY {
            users.push(app.client.user(&format!("user{number}")).await);
        }
        let members: Vec<&str> = users.iter().map(String::as_str).collect();
        let group = app.client.group("before", &members).await;
        let path = format!("/Groups/{group}");
        crowd(32, |number| {
            let (client, path) = (app.client.clone(), path.clone());
            let mine: Vec<String> = users.iter().skip(number).step_by(31).cloned().collect();
            async move {
                if number == 31 {
                    for round in 0..5 {
                        let name = json!(format!("after {round}"));
                        client.patch(&path, &patch("replace", "displayName", &name)).await.expect(204);
                    }
                    return;
                }
                for user in mine {
                    client.delete(&format!("/Users/{user}")).await.expect(204);
                }
            }
        }).await;

        let read = app.client.get(&path).await.expect(200);
        assert_eq!(read["displayName"], "after 4");
        assert_eq!(read.get("members"), None);
        assert_eq!(version(&read), 1 + MANY as i64 + 5);
    }
}

/// The same groups in the first round, new ones in those that follow.
async fn groups_again(client: &Client, first: &[String], round: usize) -> Vec<String> {
    match round {
        0 => first.to_vec(),
        _ => groups(client, &format!("team {round}."), GROUPS).await,
    }
}

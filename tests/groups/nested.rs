//! Groups in groups (RFC 7643 §4.2); circles are allowed (RFC 7644 §3.7.1) and harmless.

use serde_json::{Value, json};

use crate::support::on_both;

fn add(id: &str) -> Value {
    json!([{ "op": "add", "path": "members", "value": [{ "value": id, "type": "Group" }] }])
}

on_both! {
    /// RFC 7644 §3.7.1: two groups may be members of each other; users' groups are computed all the same.
    async fn groups_may_hold_each_other(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let a = app.client.group("a", &[&user]).await;
        let b = app.client.group("b", &[&a]).await;
        app.client.operations(&format!("/Groups/{a}"), add(&b)).await.expect(204);
        let read = app.client.get(&format!("/Users/{user}")).await.expect(200);
        let mut groups: Vec<String> =
            read["groups"].as_array().unwrap().iter().map(|group| format!("{} {}", group["display"], group["type"])).collect();
        groups.sort_unstable();
        assert_eq!(groups, [r#""a" "direct""#, r#""b" "indirect""#]);
        let found = app.client.query("/Users", &[("filter", &format!("groups.value eq \"{b}\""))]).await.expect(200);
        assert_eq!(found["totalResults"], 1);
    }

    /// RFC 7644 §3.7.1: a group may hold itself; it can be read, emptied and deleted.
    async fn a_group_may_hold_itself(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let group = app.client.group("self", &[&user]).await;
        let path = format!("/Groups/{group}");
        app.client.operations(&path, add(&group)).await.expect(204);
        let read = app.client.get(&path).await.expect(200);
        assert_eq!(read["members"].as_array().unwrap().len(), 2);
        let read = app.client.get(&format!("/Users/{user}")).await.expect(200);
        assert_eq!(read["groups"].as_array().unwrap().len(), 1);
        assert_eq!(read["groups"][0]["type"], "direct");
        app.client.delete(&path).await.expect(204);
        app.client.get(&path).await.expect(404);
    }

    /// RFC 7643 §4.2: a long chain reaches its end, and deleting a link cuts it.
    async fn a_chain_is_cut_by_deleting_a_link(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let mut chain = vec![app.client.group("level 0", &[&user]).await];
        for level in 1..12 {
            let below = chain.last().unwrap().clone();
            chain.push(app.client.group(&format!("level {level}"), &[&below]).await);
        }
        let count = async || app.client.get(&format!("/Users/{user}")).await.expect(200)["groups"].as_array().unwrap().len();
        assert_eq!(count().await, 12);
        app.client.delete(&format!("/Groups/{}", chain[6])).await.expect(204);
        assert_eq!(count().await, 6);
        let above = app.client.get(&format!("/Groups/{}", chain[7])).await.expect(200);
        assert_eq!((above.get("members"), &above["meta"]["version"]), (None, &json!("W/\"2\"")));
    }

    /// RFC 7643 §4.2: a group's members are its direct ones alone.
    async fn members_are_direct_ones(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let inner = app.client.group("inner", &[&user]).await;
        let outer = app.client.group("outer", &[&inner]).await;
        let read = app.client.get(&format!("/Groups/{outer}")).await.expect(200);
        assert_eq!(read["members"].as_array().unwrap().len(), 1);
        assert_eq!(read["members"][0]["type"], "Group");
    }
}

//! Resource groups: a tree.

use serde_json::{Value, json};

use super::groups::made;
use super::ranks::holder;
use crate::support::{Answer, TestApp, crowd, on_both};

fn code(answer: &Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

async fn node(app: &TestApp, name: &str, parent: Option<&str>) -> String {
    let mut body = json!({ "name": name, "kind": "resource_group" });
    if let Some(parent) = parent {
        body["parent_id"] = json!(parent);
    }
    made(&app.admin, body).await
}

async fn parent(app: &TestApp, id: &str) -> Value {
    app.admin.get(&format!("/groups/{id}")).await.expect(200)["parent_id"].clone()
}

on_both! {
    /// Each lies in one other or in none, can be moved, and is found by its parent; users are in those above too.
    async fn they_form_a_tree(app: TestApp) {
        let europe = node(&app, "Europe", None).await;
        let africa = node(&app, "Africa", None).await;
        let bern = node(&app, "Bern", Some(&europe)).await;
        assert_eq!((parent(&app, &europe).await, parent(&app, &bern).await), (Value::Null, json!(europe)));
        let listed = app.admin.get(&format!("/groups?parent={europe}")).await.expect(200);
        assert_eq!((listed["groups"].as_array().unwrap().len(), &listed["groups"][0]["id"]), (1, &json!(bern)));

        let ada = app.client.user("ada").await;
        app.admin.patch(&format!("/users/{ada}"), &json!({ "resource_groups": [bern] })).await.expect(200);
        let above = app.admin.get(&format!("/users?resource_group={europe}")).await.expect(200);
        assert_eq!(above["users"][0]["id"], *ada);

        let moved = app.admin.patch(&format!("/groups/{bern}"), &json!({ "parent_id": africa })).await.expect(200);
        assert_eq!((&moved["parent_id"], &moved["version"]), (&json!(africa), &json!(3)));
        let above = app.admin.get(&format!("/users?resource_group={europe}")).await.expect(200);
        assert_eq!(above["users"], json!([]));
        let refused = app.admin.post(&format!("/groups/{africa}/members/remove"), &json!({ "members": [bern] })).await;
        assert_eq!(code(&refused), (422, "invalid_members"));
        assert_eq!(code(&app.admin.delete(&format!("/groups/{africa}")).await), (409, "has_children"));
        app.admin.patch(&format!("/groups/{bern}"), &json!({ "parent_id": null })).await.expect(200);
        assert_eq!(parent(&app, &bern).await, Value::Null);
        assert_eq!(app.admin.delete(&format!("/groups/{africa}")).await.status, 204);
    }

    /// Cycles are refused at any depth, and so are parents that are no resource groups.
    async fn cycles_are_refused(app: TestApp) {
        let a = node(&app, "a", None).await;
        let b = node(&app, "b", Some(&a)).await;
        let c = node(&app, "c", Some(&b)).await;
        for below in [&a, &b, &c] {
            let moved = app.admin.patch(&format!("/groups/{a}"), &json!({ "parent_id": below })).await;
            assert_eq!(code(&moved), (422, "cycle"));
        }
        let group = app.client.group("plain", &[]).await;
        for id in [&*group, "0190d2a5-0000-7000-8000-000000000000"] {
            let moved = app.admin.patch(&format!("/groups/{a}"), &json!({ "parent_id": id })).await;
            assert_eq!(code(&moved), (422, "invalid_parent"));
        }
        let refused = app.admin.patch(&format!("/groups/{group}"), &json!({ "parent_id": a })).await;
        assert_eq!(refused.problems(), [("/parent_id", "not_accepted")]);
        let refused = app.admin.post("/groups", &json!({ "name": "x", "kind": "organization", "parent_id": a })).await;
        assert_eq!(refused.problems(), [("/parent_id", "not_accepted")]);
    }

    /// Moves that each look harmless close no cycle together: of a ring's moves one is refused.
    async fn moves_at_once_close_no_cycle(app: TestApp) {
        let mut nodes = Vec::new();
        for number in 0..6 {
            nodes.push(node(&app, &format!("node {number}"), None).await);
        }
        let mut answers = crowd(6, |number| {
            let (client, from, to) = (app.admin.clone(), nodes[number].clone(), nodes[(number + 1) % 6].clone());
            async move { client.patch(&format!("/groups/{from}"), &json!({ "parent_id": to })).await.status }
        }).await;
        answers.sort_unstable();
        assert_eq!(answers, [200, 200, 200, 200, 200, 422]);
        let mut roots = 0;
        for id in &nodes {
            roots += usize::from(parent(&app, id).await.is_null());
        }
        assert_eq!(roots, 1);
    }

    /// Lying in a group that gives roles gives them: that is for those who hold as much.
    async fn places_in_the_tree_give_roles(app: TestApp) {
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        let body = json!({ "name": "top", "kind": "resource_group", "roles": ["admin"] });
        let top = made(&app.admin, body).await;
        let low = node(&app, "low", None).await;
        let exceeds = (403, "exceeds_permissions");
        assert_eq!(code(&manager.patch(&format!("/groups/{low}"), &json!({ "parent_id": top })).await), exceeds);
        let body = json!({ "name": "new", "kind": "resource_group", "parent_id": top });
        assert_eq!(code(&manager.post("/groups", &body).await), exceeds);
        app.admin.patch(&format!("/groups/{low}"), &json!({ "parent_id": top })).await.expect(200);
        assert_eq!(code(&manager.patch(&format!("/groups/{low}"), &json!({ "parent_id": null })).await), exceeds);
        let ada = app.client.user("ada").await;
        let joined = manager.post(&format!("/groups/{low}/members"), &json!({ "members": [{ "id": ada }] })).await;
        assert_eq!(code(&joined), exceeds);
    }
}

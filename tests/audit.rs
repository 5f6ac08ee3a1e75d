//! Every change leaves an audit event: what, of whom, by whom; without values that may be personal or secret.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both};

/// `KIND DETAILS`, ids and all, of the events after the first `count`.
async fn events_after(app: &TestApp, count: usize) -> Vec<(String, Value)> {
    let events = app.audit().await;
    let read = |event: &String| {
        let (kind, details) = event.split_once(' ').unwrap();
        (kind.to_owned(), serde_json::from_str(details).unwrap())
    };
    events[count..].iter().map(read).collect()
}

fn event(kind: &str, details: Value) -> (String, Value) {
    (kind.to_owned(), details)
}

on_both! {
    /// A user's creation, change and removal; the names of what changed, not the values.
    async fn each_change_of_a_user_leaves_an_event(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        app.client.put(&path, &json!({ "userName": "bjensen", "title": "x", "shoeSize": 43 })).await.expect(200);
        app.client.operations(&path, json!([{ "op": "remove", "path": "title" }])).await.expect(200);
        app.client.delete(&path).await.expect(204);
        assert_eq!(events_after(&app, 0).await, [
            event("user.created", json!({ "userName": "bjensen" })),
            event("user.updated", json!({ "changed": ["title"], "ignored": ["shoeSize"] })),
            event("user.updated", json!({ "changed": ["title"] })),
            event("user.deleted", json!({ "userName": "bjensen" })),
        ]);
    }

    /// A group's, with who came and who went, and what no schema has.
    async fn each_change_of_a_group_leaves_an_event(app: TestApp) {
        let (a, b) = (app.client.user("a").await, app.client.user("b").await);
        let body = json!({ "displayName": "guides", "members": [{ "value": a }], "shoeSize": 43 });
        let path = format!("/Groups/{}", app.client.post("/Groups", &body).await.created());
        let body = json!({ "displayName": "Guides", "members": [{ "value": b }], "shoeSize": 43 });
        app.client.put(&path, &body).await.expect(200);
        app.client.operations(&path, json!([{ "op": "add", "path": "members", "value": [{ "value": a }] }])).await.expect(204);
        app.client.delete(&path).await.expect(204);
        assert_eq!(events_after(&app, 2).await, [
            event("group.created", json!({ "displayName": "guides", "members": [a], "ignored": ["shoeSize"] })),
            event("group.updated", json!({ "changed": ["displayName"], "added": [b], "removed": [a], "ignored": ["shoeSize"] })),
            event("group.updated", json!({ "added": [a] })),
            event("group.deleted", json!({ "displayName": "Guides" })),
        ]);
    }

    /// RFC 7643 §4.2: a member is known by its `value`; one of whom only readOnly parts are told is nobody, and is named.
    async fn a_member_without_a_value_is_told(app: TestApp) {
        let body = json!({ "displayName": "guides", "members": [{ "display": "Barbara Jensen" }] });
        let group = app.client.post("/Groups", &body).await.expect(201);
        assert_eq!(group.get("members"), None);
        assert_eq!(events_after(&app, 0).await, [
            event("group.created", json!({ "displayName": "guides", "members": [], "ignored": ["members"] })),
        ]);
    }

    /// Who did it, from where, and by which request: the one whose id the answer names.
    async fn an_event_tells_its_origin(app: TestApp) {
        let created = app.client.post("/Users", &json!({ "userName": "bjensen" })).await;
        let origin = app.texts(
            "SELECT actor_kind || ' ' || actor_name || ' ' || ip || ' ' || request_id FROM audit_events WHERE kind = 'user.created'",
        ).await;
        assert_eq!(origin, [format!("connection default 127.0.0.1 {}", created.header("x-request-id").unwrap())]);
    }

    /// What is refused leaves none.
    async fn what_is_refused_leaves_no_event(app: TestApp) {
        app.client.user("bjensen").await;
        app.client.post("/Users", &json!({ "userName": "bjensen" })).await.expect(409);
        app.client.post("/Users", &json!({})).await.expect(400);
        app.client.delete("/Users/nobody").await.expect(404);
        assert_eq!(events_after(&app, 1).await, []);
    }
}

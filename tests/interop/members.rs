//! PATCH requests for a group's members.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both};

/// The names of the members, once these operations were done to a group of users `a` and `b`; in the operations
/// `$a` … `$d` stand for the users' ids.
async fn members_after(app: &TestApp, operations: Value) -> Vec<String> {
    let mut text = operations.to_string();
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let id = app.client.named_user(name).await;
        text = text.replace(&format!("${name}"), &id);
        ids.push(id);
    }
    let path = format!("/Groups/{}", app.client.group("guides", &[&ids[0], &ids[1]]).await);
    let operations = serde_json::from_str(&text).unwrap();
    app.client.operations(&path, operations).await.expect(204);
    let group = app.client.get(&path).await.expect(200);
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> =
        members.iter().map(|member| member["display"].as_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    names
}

on_both! {
    /// remove-member-by-value: a `remove` that lists members in its value takes those, not all.
    async fn remove_member_by_value(app: TestApp) {
        let operations = json!([{ "op": "Remove", "path": "members", "value": [{ "value": "$a" }] }]);
        assert_eq!(members_after(&app, operations).await, ["b"]);
    }

    /// remove-all-members (RFC 7644 §3.5.2.2): without a value it takes all.
    async fn remove_all_members(app: TestApp) {
        let operations = json!([{ "op": "remove", "path": "members" }]);
        assert_eq!(members_after(&app, operations).await, [""; 0]);
    }

    /// remove-absent-member: who is no member can be removed, and nothing changes.
    async fn remove_absent_member(app: TestApp) {
        let operations = json!([
            { "op": "remove", "path": "members[value eq \"$c\"]" },
            { "op": "remove", "path": "members[value eq \"nobody\"]" },
        ]);
        assert_eq!(members_after(&app, operations).await, ["a", "b"]);
    }

    /// null-ref: a null beside a member's id is passed over; who is a member can be added.
    async fn null_ref(app: TestApp) {
        let operations = json!([{ "op": "Add", "path": "members", "value": [
            { "$ref": null, "value": "$c" }, { "$ref": null, "value": "$a", "display": null },
        ] }]);
        assert_eq!(members_after(&app, operations).await, ["a", "b", "c"]);
    }

    /// add-then-remove (RFC 7644 §3.5.2): one PATCH that adds and removes a member does so in its order.
    async fn add_then_remove(app: TestApp) {
        let operations = json!([
            { "op": "add", "path": "members", "value": [{ "value": "$c" }] },
            { "op": "remove", "path": "members[value eq \"$c\"]" },
            { "op": "remove", "path": "members[value eq \"$a\"]" },
            { "op": "add", "path": "members", "value": [{ "value": "$a" }] },
        ]);
        assert_eq!(members_after(&app, operations).await, ["a", "b"]);
    }

    /// replace-members (RFC 7644 §3.5.2.3): B, C, D take the place of A, B.
    async fn replace_members(app: TestApp) {
        let operations = json!([{ "op": "replace", "path": "members", "value": [
            { "value": "$b" }, { "value": "$c" }, { "value": "$d" },
        ] }]);
        assert_eq!(members_after(&app, operations).await, ["b", "c", "d"]);
    }
}

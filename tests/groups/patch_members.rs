//! `PATCH /Groups/{id}` of members (RFC 7644 §3.5.2.1–§3.5.2.3).

use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both, refusal};

/// Users a, b and c, and the path of a group that a and b are in.
async fn group_of_two(app: &TestApp) -> ([String; 3], String) {
    let users = [
        app.client.named_user("a").await,
        app.client.named_user("b").await,
        app.client.named_user("c").await,
    ];
    let path = format!("/Groups/{}", app.client.group("guides", &[&users[0], &users[1]]).await);
    (users, path)
}

/// The names of the members, sorted.
async fn members(client: &Client, path: &str) -> Vec<String> {
    let group = client.get(path).await.expect(200);
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> =
        members.iter().map(|member| member["display"].as_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    names
}

async fn change(app: &TestApp, path: &str, operations: Value) -> Vec<String> {
    app.client.operations(path, operations).await.expect(204);
    members(&app.client, path).await
}

on_both! {
    /// RFC 7644 §3.5.2.1: `add` joins, with and without a path; who is a member already stays one.
    async fn members_are_added(app: TestApp) {
        let ([a, _, c], path) = group_of_two(&app).await;
        let added = json!([{ "op": "add", "path": "members", "value": [{ "value": a }, { "value": c }] }]);
        assert_eq!(change(&app, &path, added).await, ["a", "b", "c"]);
        let d = app.client.named_user("d").await;
        let added = json!([{ "op": "add", "value": { "members": [{ "value": d, "display": "ignored" }] } }]);
        assert_eq!(change(&app, &path, added).await, ["a", "b", "c", "d"]);
    }

    /// RFC 7644 §3.5.2.2: `remove` with a filter takes those that match: by id, by several, by type.
    async fn members_are_removed_by_filter(app: TestApp) {
        let ([a, b, c], path) = group_of_two(&app).await;
        let one = json!([{ "op": "remove", "path": format!("members[value eq \"{a}\"]") }]);
        assert_eq!(change(&app, &path, one).await, ["b"]);
        let inner = app.client.group("inner", &[]).await;
        let more = json!([{ "op": "add", "path": "members", "value": [{ "value": inner }, { "value": c }] }]);
        assert_eq!(change(&app, &path, more).await, ["b", "c", "inner"]);
        let groups = json!([{ "op": "remove", "path": "members[type eq \"Group\"]" }]);
        assert_eq!(change(&app, &path, groups).await, ["b", "c"]);
        let both = json!([{ "op": "remove", "path": format!("members[value eq \"{b}\" or value eq \"{c}\"]") }]);
        assert_eq!(change(&app, &path, both).await, [""; 0]);
    }

    /// RFC 7644 §3.5.2.3: `replace` makes the membership exactly what is given.
    async fn members_are_replaced(app: TestApp) {
        let ([_, b, c], path) = group_of_two(&app).await;
        let replaced = json!([{ "op": "replace", "path": "members", "value": [{ "value": b }, { "value": c }] }]);
        assert_eq!(change(&app, &path, replaced).await, ["b", "c"]);
        let emptied = json!([{ "op": "replace", "path": "members", "value": [] }]);
        assert_eq!(change(&app, &path, emptied).await, [""; 0]);
    }

    /// RFC 7644 §3.5.2: one PATCH may change the name and the members; the version counts one.
    async fn name_and_members_change_together(app: TestApp) {
        let ([a, _, c], path) = group_of_two(&app).await;
        let both = json!([
            { "op": "replace", "path": "displayName", "value": "Guides" },
            { "op": "add", "path": "members", "value": [{ "value": c }] },
            { "op": "remove", "path": format!("members[value eq \"{a}\"]") },
        ]);
        assert_eq!(change(&app, &path, both).await, ["b", "c"]);
        let group = app.client.get(&path).await.expect(200);
        assert_eq!((&group["displayName"], &group["meta"]["version"]), (&json!("Guides"), &json!("W/\"2\"")));
    }

    /// RFC 7643 §8.7.1: the parts of a member are immutable; a member comes and goes as a whole.
    async fn a_part_of_a_member_cannot_be_changed(app: TestApp) {
        let ([a, _, c], path) = group_of_two(&app).await;
        let inside = format!("members[value eq \"{a}\"].value");
        let (status, scim_type, detail) =
            app.client.operations(&path, json!([{ "op": "replace", "path": inside, "value": c }])).await.error();
        assert_eq!((status, &*scim_type), (400, "mutability"));
        assert!(detail.ends_with("is immutable; a member can be added and removed, but not changed."), "{detail}");
        assert_eq!(members(&app.client, &path).await, ["a", "b"]);
    }

    /// RFC 7644 §3.12: what is no member is refused, and the sentence says what would be one.
    async fn what_is_no_member_is_refused(app: TestApp) {
        let (_, path) = group_of_two(&app).await;
        let refused = [
            (json!([7]), "Operation 1: element 1 of 'members': a member is an object with a 'value', or an id as a string."),
            (json!([{ "value": 7 }]), "Operation 1: element 1 of 'members': a member needs its id, a string, as 'value'."),
            (
                json!([{ "value": "0190d2a5-0000-7000-8000-000000000000" }]),
                "'members' names '0190d2a5-0000-7000-8000-000000000000', which is not the id of a user or group of this tenant.",
            ),
        ];
        for (value, detail) in refused {
            let operations = json!([{ "op": "add", "path": "members", "value": value }]);
            assert_eq!(app.client.operations(&path, operations).await.error(), refusal(400, "invalidValue", detail));
        }
        assert_eq!(app.client.get(&path).await.expect(200)["meta"]["version"], "W/\"1\"");
    }

    /// RFC 7643 §3.1: each change of direct members makes a new version.
    async fn each_change_of_members_makes_a_new_version(app: TestApp) {
        let ([a, _, c], path) = group_of_two(&app).await;
        for (operation, version) in [
            (json!({ "op": "add", "path": "members", "value": [{ "value": c }] }), "W/\"2\""),
            (json!({ "op": "remove", "path": format!("members[value eq \"{a}\"]") }), "W/\"3\""),
            (json!({ "op": "remove", "path": "members" }), "W/\"4\""),
        ] {
            app.client.operations(&path, json!([operation])).await.expect(204);
            assert_eq!(app.client.get(&path).await.expect(200)["meta"]["version"], version, "{operation}");
        }
    }
}

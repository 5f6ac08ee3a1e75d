//! `User.groups`, which the server computes (RFC 7643 §4.1.2).

use serde_json::{Value, json};

use crate::support::{Client, on_both};

/// `display type` of each of the user's groups, in the order of their names.
async fn groups(client: &Client, user: &str) -> Vec<String> {
    let user = client.get(&format!("/Users/{user}")).await.expect(200);
    names(&user["groups"])
}

fn names(groups: &Value) -> Vec<String> {
    let text = |group: &Value, name: &str| group[name].as_str().unwrap().to_owned();
    let groups = groups.as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> =
        groups.iter().map(|group| format!("{} {}", text(group, "display"), text(group, "type"))).collect();
    names.sort_unstable();
    names
}

on_both! {
    /// RFC 7643 §4.1.2: value, `$ref`, display and type of each group.
    async fn groups_tell_id_address_name_and_type(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let group = app.client.group("Tour Guides", &[&user]).await;
        assert_eq!(app.client.get(&format!("/Users/{user}")).await.expect(200)["groups"], json!([{
            "value": group,
            "$ref": format!("{}/Groups/{group}", app.client.base_url),
            "display": "Tour Guides",
            "type": "direct",
        }]));
    }

    /// RFC 7643 §4.1.2: direct membership, and indirect through nested groups; direct wins where both are.
    async fn nested_groups_make_indirect_ones(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let inner = app.client.group("inner", &[&user]).await;
        let middle = app.client.group("middle", &[&inner]).await;
        app.client.group("outer", &[&middle]).await;
        app.client.group("both", &[&user, &inner]).await;
        app.client.group("unrelated", &[]).await;
        assert_eq!(groups(&app.client, &user).await, ["both direct", "inner direct", "middle indirect", "outer indirect"]);
    }

    /// RFC 7643 §4.1.2: they follow every change of the groups at once.
    async fn groups_follow_the_groups(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let group = app.client.group("first", &[]).await;
        let path = format!("/Groups/{group}");
        assert_eq!(groups(&app.client, &user).await, [""; 0]);
        app.client.operations(&path, json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }])).await.expect(204);
        assert_eq!(groups(&app.client, &user).await, ["first direct"]);
        app.client.operations(&path, json!([{ "op": "replace", "path": "displayName", "value": "second" }])).await.expect(204);
        assert_eq!(groups(&app.client, &user).await, ["second direct"]);
        app.client.delete(&path).await.expect(204);
        assert_eq!(groups(&app.client, &user).await, [""; 0]);
    }

    /// RFC 7643 §4.1.2: lists and the answers of writes hold them as well.
    async fn groups_are_in_lists_and_in_answers_to_writes(app: TestApp) {
        let user = app.client.user("bjensen").await;
        app.client.group("guides", &[&user]).await;
        let path = format!("/Users/{user}");
        let listed = app.client.get("/Users").await.expect(200);
        assert_eq!(names(&listed["Resources"][0]["groups"]), ["guides direct"]);
        let put = app.client.put(&path, &json!({ "userName": "bjensen", "title": "x" })).await.expect(200);
        assert_eq!(names(&put["groups"]), ["guides direct"]);
        let patched = app.client.operations(&path, json!([{ "op": "remove", "path": "title" }])).await.expect(200);
        assert_eq!(names(&patched["groups"]), ["guides direct"]);
        let excluded = app.client.get(&format!("{path}?excludedAttributes=groups")).await.expect(200);
        assert_eq!(excluded.get("groups"), None);
    }

    /// RFC 7643 §4.1.2, RFC 7644 §3.4.2.2: users can be found by their groups, direct and indirect.
    async fn users_are_found_by_their_groups(app: TestApp) {
        let (direct, indirect) = (app.client.user("direct").await, app.client.user("indirect").await);
        app.client.user("outside").await;
        let inner = app.client.group("inner", &[&indirect]).await;
        let outer = app.client.group("Outer", &[&direct, &inner]).await;
        let found = async |filter: &str| {
            let list = app.client.query("/Users", &[("filter", filter), ("sortBy", "userName")]).await.expect(200);
            list["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found(&format!("groups.value eq \"{outer}\"")).await, ["direct", "indirect"]);
        assert_eq!(found(&format!("groups[value eq \"{outer}\" and type eq \"direct\"]")).await, ["direct"]);
        assert_eq!(found("groups.display eq \"OUTER\"").await, ["direct", "indirect"]);
        assert_eq!(found("groups.type eq \"indirect\"").await, ["indirect"]);
        assert_eq!(found("not (groups pr)").await, ["outside"]);
    }

    /// RFC 7643 §4.1.2: changes of membership are made at the Group; a user's version is not theirs.
    async fn groups_are_read_only_and_not_of_the_version(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let group = app.client.group("guides", &[&user]).await;
        let path = format!("/Users/{user}");
        let body = json!({ "userName": "bjensen", "groups": [] });
        let put = app.client.put(&path, &body).await.expect(200);
        assert_eq!((names(&put["groups"]), &put["meta"]["version"]), (vec!["guides direct".to_owned()], &json!("W/\"1\"")));
        let group = app.client.get(&format!("/Groups/{group}")).await.expect(200);
        assert_eq!(group["members"].as_array().unwrap().len(), 1);
    }
}

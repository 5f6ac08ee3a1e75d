//! What a group tells of its members (RFC 7643 §4.2).

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7643 §4.2: value, `$ref`, type and display of users and of groups; who has no displayName has no display.
    async fn members_tell_id_address_type_and_name(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let inner = app.client.group("inner", &[]).await;
        let group = app.client.group("outer", &[&user, &inner]).await;
        let base = &app.client.base_url;
        let read = app.client.get(&format!("/Groups/{group}")).await.expect(200);
        let mut members = read["members"].as_array().unwrap().clone();
        members.sort_by_key(|member| member["type"].to_string());
        assert_eq!(json!(members), json!([
            { "value": inner, "$ref": format!("{base}/Groups/{inner}"), "type": "Group", "display": "inner" },
            { "value": user, "$ref": format!("{base}/Users/{user}"), "type": "User" },
        ]));
    }

    /// RFC 7643 §4.2: `display` is what the member is called now; the group's version does not move for it.
    async fn display_follows_the_member(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let path = format!("/Groups/{}", app.client.group("guides", &[&user]).await);
        let rename = json!([{ "op": "add", "path": "displayName", "value": "Babs" }]);
        app.client.operations(&format!("/Users/{user}"), rename).await.expect(200);
        let group = app.client.get(&path).await.expect(200);
        assert_eq!((&group["members"][0]["display"], &group["meta"]["version"]), (&json!("Babs"), &json!("W/\"1\"")));
    }

    /// RFC 7643 §4.2: a member has to be a resource of the tenant. Another tenant's id is refused as one that is
    /// nobody's: the sentence is the same.
    async fn members_have_to_exist_in_the_tenant(app: TestApp) {
        let other = app.other_tenant("other").await;
        let foreign = [other.user("theirs").await, other.group("theirs", &[]).await];
        for id in foreign.iter().map(String::as_str).chain(["0190d2a5-0000-7000-8000-000000000000"]) {
            assert_eq!(
                app.client.post("/Groups", &json!({ "displayName": "g", "members": [{ "value": id }] })).await.error(),
                refusal(
                    400,
                    "invalidValue",
                    &format!("'members' names '{id}', which is not the id of a user or group of this tenant."),
                ),
            );
        }
        assert_eq!(app.client.get("/Groups").await.expect(200)["totalResults"], 0);
    }

    /// RFC 7643 §4.2: a member without an id is refused, in a new group's body and in a replacing one's.
    async fn a_member_needs_its_id(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let path = format!("/Groups/{}", app.client.group("guides", &[&user]).await);
        let body = json!({ "displayName": "g", "members": [{ "value": user }, { "type": "User" }] });
        let refused = refusal(
            400,
            "invalidValue",
            "element 2 of 'members': a member needs its id, a string, as 'value'.",
        );
        assert_eq!(app.client.post("/Groups", &body).await.error(), refused);
        assert_eq!(app.client.put(&path, &body).await.error(), refused);
        let group = app.client.get(&path).await.expect(200);
        assert_eq!((&group["members"][0]["value"], &group["meta"]["version"]), (&json!(user), &json!("W/\"1\"")));
    }

    /// RFC 7643 §4.2: a member's `$ref` alone names it as well.
    async fn a_member_may_be_named_by_its_address(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let address = format!("{}/Users/{user}", app.client.base_url);
        let body = json!({ "displayName": "guides", "members": [{ "$ref": address }] });
        let created = app.client.post("/Groups", &body).await.expect(201);
        assert_eq!(created["members"][0]["value"], *user);
        let path = format!("/Groups/{}", created["id"].as_str().unwrap());
        assert_eq!(app.client.put(&path, &body).await.expect(200)["members"], created["members"]);
    }

    /// RFC 7644 §3.4.2.5: members are left out, or their parts chosen.
    async fn parts_of_members_can_be_chosen(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let path = format!("/Groups/{}", app.client.group("guides", &[&user]).await);
        let read = app.client.get(&format!("{path}?attributes=members.value,members.type")).await;
        assert_eq!(read.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "id": "[id]",
            "members": [{ "value": "[id]", "type": "User" }],
        }));
        let read = app.client.get(&format!("{path}?excludedAttributes=members.%24ref,members.display,meta")).await;
        assert_eq!(read.redacted()["members"], json!([{ "value": "[id]", "type": "User" }]));
    }

    /// RFC 7644 §3.4.2.2: groups are found by a member's id.
    async fn groups_are_found_by_a_member(app: TestApp) {
        let (user, other) = (app.client.user("a").await, app.client.user("b").await);
        let group = app.client.group("guides", &[&user]).await;
        app.client.group("others", &[&other]).await;
        for filter in [
            format!("members eq \"{user}\""),
            format!("members.value eq \"{user}\""),
            format!("members[value eq \"{user}\" and type eq \"user\"]"),
            format!("id eq \"{group}\" and members eq \"{user}\""),
        ] {
            let found = app.client.query("/Groups", &[("filter", &filter)]).await.expect(200);
            assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(group)), "{filter}");
        }
    }

    /// RFC 7643 §4.2: many members come whole, each once.
    async fn many_members_come_whole(app: TestApp) {
        let mut users = Vec::new();
        for number in 0..50 {
            users.push(app.client.user(&format!("user{number:03}")).await);
        }
        let ids: Vec<&str> = users.iter().map(String::as_str).collect();
        let group = app.client.group("all", &ids).await;
        let read = app.client.get(&format!("/Groups/{group}")).await.expect(200);
        let mut found: Vec<&str> =
            read["members"].as_array().unwrap().iter().map(|member| member["value"].as_str().unwrap()).collect();
        found.sort_unstable();
        let mut ids = ids;
        ids.sort_unstable();
        assert_eq!(found, ids);
    }
}

//! `POST /Groups` (RFC 7644 §3.3).

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7644 §3.3: 201, the resource with its members, `Location` and `ETag`.
    async fn a_group_is_created_and_read_back(app: TestApp) {
        let user = app.client.post("/Users", &json!({ "userName": "bjensen", "displayName": "Babs" })).await.created();
        let created = app.client.post("/Groups", &json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Tour Guides",
            "externalId": "g-1",
            "members": [{ "value": user }],
        })).await;
        assert_eq!(created.status, 201);
        assert_eq!(created.header("location"), created.body["meta"]["location"].as_str());
        assert_eq!(created.header("etag"), Some("W/\"1\""));
        assert_eq!(created.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "id": "[id]",
            "externalId": "g-1",
            "displayName": "Tour Guides",
            "meta": {
                "resourceType": "Group",
                "created": "[time]",
                "lastModified": "[time]",
                "version": "W/\"1\"",
                "location": "[base]/Groups/[id]",
            },
            "members": [{ "value": "[id]", "$ref": "[base]/Users/[id]", "type": "User", "display": "Babs" }],
        }));
        let id = created.body["id"].as_str().unwrap();
        assert_eq!(app.client.get(&format!("/Groups/{id}")).await.expect(200), created.body);
    }

    /// RFC 7643 §8.7.1: `displayName` is required.
    async fn a_group_needs_a_display_name(app: TestApp) {
        for body in [json!({}), json!({ "displayName": "" }), json!({ "displayName": null, "members": [] })] {
            assert_eq!(
                app.client.post("/Groups", &body).await.error(),
                refusal(400, "invalidValue", "'displayName' is required and must not be empty."),
                "{body}",
            );
        }
    }

    /// RFC 7643 §4.2: nothing says that names of groups are unique; here they are not.
    async fn two_groups_may_have_one_name(app: TestApp) {
        assert_ne!(app.client.group("guides", &[]).await, app.client.group("guides", &[]).await);
    }

    /// RFC 7644 §3.3, §3.9: `excludedAttributes=members` and `attributes` shape the answer.
    async fn attributes_shape_the_answer_of_a_create(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let body = json!({ "displayName": "guides", "members": [{ "value": user }] });
        let without = app.client.post("/Groups?excludedAttributes=members", &body).await.expect(201);
        assert_eq!((without.get("members"), &without["displayName"]), (None, &json!("guides")));
        let only = app.client.post("/Groups?attributes=members.value", &body).await;
        assert_eq!(only.body["members"], json!([{ "value": user }]));
        assert_eq!(only.body.get("displayName"), None);
    }

    /// RFC 7643 §2.4: a member that is named twice is a member once.
    async fn a_member_named_twice_is_one_member(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let group = app.client.group("guides", &[&user, &user]).await;
        let read = app.client.get(&format!("/Groups/{group}")).await.expect(200);
        assert_eq!(read["members"].as_array().unwrap().len(), 1);
    }
}

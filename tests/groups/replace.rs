//! `PUT /Groups/{id}` (RFC 7644 §3.5.1).

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7644 §3.5.1: the body takes the group's place, members and all; 200 with the result.
    async fn a_put_replaces_name_and_members(app: TestApp) {
        let (a, b) = (app.client.user("a").await, app.client.named_user("b").await);
        let path = format!("/Groups/{}", app.client.group("guides", &[&a]).await);
        let replaced = app.client.put(&path, &json!({ "displayName": "Guides", "members": [{ "value": b }] })).await;
        assert_eq!(replaced.header("etag"), Some("W/\"2\""));
        assert_eq!(replaced.header("location"), Some(&*format!("{}{path}", app.client.base_url)));
        assert_eq!(replaced.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "id": "[id]",
            "displayName": "Guides",
            "meta": {
                "resourceType": "Group",
                "created": "[time]",
                "lastModified": "[time]",
                "version": "W/\"2\"",
                "location": "[base]/Groups/[id]",
            },
            "members": [{ "value": "[id]", "$ref": "[base]/Users/[id]", "type": "User", "display": "b" }],
        }));
        assert_eq!(replaced.body["members"][0]["value"], *b);
    }

    /// RFC 7644 §3.5.1: what the body leaves out is cleared: externalId and members.
    async fn what_the_body_leaves_out_is_cleared(app: TestApp) {
        let user = app.client.user("a").await;
        let body = json!({ "displayName": "guides", "externalId": "g-1", "members": [{ "value": user }] });
        let path = format!("/Groups/{}", app.client.post("/Groups", &body).await.created());
        let replaced = app.client.put(&path, &json!({ "displayName": "guides" })).await.expect(200);
        assert_eq!((replaced.get("externalId"), replaced.get("members")), (None, None));
    }

    /// RFC 7644 §3.5.1: a PUT of what was read changes neither version nor lastModified, and leaves no event.
    async fn a_put_of_what_was_read_changes_nothing(app: TestApp) {
        let (user, inner) = (app.client.user("a").await, app.client.group("inner", &[]).await);
        let path = format!("/Groups/{}", app.client.group("guides", &[&user, &inner]).await);
        let before = app.client.get(&path).await.expect(200);
        let events = app.audit().await.len();
        let replaced = app.client.put(&path, &before).await;
        assert_eq!(replaced.header("etag"), Some("W/\"1\""));
        assert_eq!(replaced.expect(200), before);
        assert_eq!(app.audit().await.len(), events);
    }

    /// RFC 7644 §3.5.1: a refused PUT changes nothing: without a name, or with a member that is not there.
    async fn a_refused_put_changes_nothing(app: TestApp) {
        let user = app.client.user("a").await;
        let path = format!("/Groups/{}", app.client.group("guides", &[&user]).await);
        let before = app.client.get(&path).await.expect(200);
        assert_eq!(
            app.client.put(&path, &json!({ "members": [] })).await.error(),
            refusal(400, "invalidValue", "'displayName' is required and must not be empty."),
        );
        assert_eq!(
            app.client.put(&path, &json!({ "displayName": "x", "members": [{ "value": "nobody" }] })).await.error(),
            refusal(400, "invalidValue", "'members' names 'nobody', which is not the id of a user or group of this tenant."),
        );
        assert_eq!(app.client.get(&path).await.expect(200), before);
    }

    /// RFC 7644 §3.5.1: PUT makes no new resource.
    async fn a_put_of_an_unknown_id_is_404(app: TestApp) {
        let refused = app.client.put("/Groups/nothing", &json!({ "displayName": "guides" })).await;
        assert_eq!(refused.error(), refusal(404, "", "Group 'nothing' was not found."));
    }
}

//! `DELETE /Users/{id}` (RFC 7644 §3.6).

use reqwest::Method;
use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7644 §3.6: 204 without a body; then 404 for GET, PUT, PATCH and DELETE.
    async fn a_deleted_user_is_404_for_every_method(app: TestApp) {
        let id = app.client.user("bjensen").await;
        let path = format!("/Users/{id}");
        assert_eq!(app.client.delete(&path).await.expect(204), json!(null));
        let gone = refusal(404, "", &format!("User '{id}' was not found."));
        assert_eq!(app.client.get(&path).await.error(), gone);
        assert_eq!(app.client.put(&path, &json!({ "userName": "bjensen" })).await.error(), gone);
        assert_eq!(app.client.operations(&path, json!([{ "op": "remove", "path": "title" }])).await.error(), gone);
        assert_eq!(app.client.delete(&path).await.error(), gone);
    }

    /// RFC 7644 §3.6: a deleted resource is in no answer to a query.
    async fn a_deleted_user_is_in_no_list(app: TestApp) {
        let id = app.client.post("/Users", &json!({
            "userName": "bjensen", "externalId": "bj-1", "emails": [{ "value": "b@example.com" }],
        })).await.created();
        let other = app.client.user("mandy").await;
        app.client.delete(&format!("/Users/{id}")).await.expect(204);
        let all = app.client.get("/Users").await.expect(200);
        assert_eq!((&all["totalResults"], &all["Resources"][0]["id"]), (&json!(1), &json!(other)));
        for filter in ["userName eq \"bjensen\"", "externalId eq \"bj-1\"", "emails.value eq \"b@example.com\""] {
            let found = app.client.query("/Users", &[("filter", filter)]).await.expect(200);
            assert_eq!((&found["totalResults"], &found["Resources"]), (&json!(0), &json!([])), "{filter}");
        }
    }

    /// RFC 7644 §3.6: the deleted user's values do not conflict with a new resource's; the new one is another.
    async fn the_name_of_a_deleted_user_is_free_again(app: TestApp) {
        let body = json!({ "userName": "bjensen", "externalId": "bj-1", "emails": [{ "value": "b@example.com", "primary": true }] });
        let first = app.client.post("/Users", &body).await.created();
        app.client.delete(&format!("/Users/{first}")).await.expect(204);
        let second = app.client.post("/Users", &body).await;
        assert_eq!(second.body["meta"]["version"], "W/\"1\"");
        assert_ne!(second.created(), first);
    }

    /// RFC 7644 §3.6: who is deleted is in no group any more; each group's version says that it changed.
    async fn the_memberships_of_a_deleted_user_are_gone(app: TestApp) {
        let (gone, stays) = (app.client.user("gone").await, app.client.user("stays").await);
        let first = app.client.group("first", &[&gone, &stays]).await;
        let second = app.client.group("second", &[&stays]).await;
        app.client.delete(&format!("/Users/{gone}")).await.expect(204);
        let first = app.client.get(&format!("/Groups/{first}")).await.expect(200);
        assert_eq!(first["members"].as_array().unwrap().len(), 1);
        assert_eq!(first["members"][0]["value"], *stays);
        assert_eq!(first["meta"]["version"], "W/\"2\"");
        let second = app.client.get(&format!("/Groups/{second}")).await.expect(200);
        assert_eq!(second["meta"]["version"], "W/\"1\"");
        let by_member = format!("members eq \"{gone}\"");
        let found = app.client.query("/Groups", &[("filter", &by_member)]).await.expect(200);
        assert_eq!(found["totalResults"], 0);
    }

    /// RFC 7644 §3.14: a DELETE with `If-Match` of another version is 412, and nobody is deleted.
    async fn a_delete_of_another_version_is_refused(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let refused = app.client.with_header(Method::DELETE, &path, "if-match", "W/\"7\"").await;
        assert_eq!(refused.error(), refusal(
            412,
            "",
            "The resource is at version W/\"1\"; If-Match does not name that version. Read it again, then decide.",
        ));
        app.client.get(&path).await.expect(200);
        app.client.with_header(Method::DELETE, &path, "if-match", "W/\"1\"").await.expect(204);
    }

    /// RFC 7644 §3.6: what never was cannot be deleted.
    async fn a_delete_of_an_unknown_id_is_404(app: TestApp) {
        assert_eq!(app.client.delete("/Users/nobody").await.error(), refusal(404, "", "User 'nobody' was not found."));
    }
}

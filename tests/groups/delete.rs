//! `DELETE /Groups/{id}` (RFC 7644 §3.6).

use reqwest::Method;
use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7644 §3.6: 204 without a body; then 404 for GET, PUT, PATCH and DELETE; absent from lists.
    async fn a_deleted_group_is_404_for_every_method(app: TestApp) {
        let id = app.client.group("guides", &[]).await;
        let path = format!("/Groups/{id}");
        assert_eq!(app.client.delete(&path).await.expect(204), json!(null));
        let gone = refusal(404, "", &format!("Group '{id}' was not found."));
        assert_eq!(app.client.get(&path).await.error(), gone);
        assert_eq!(app.client.put(&path, &json!({ "displayName": "guides" })).await.error(), gone);
        let operations = json!([{ "op": "replace", "path": "displayName", "value": "x" }]);
        assert_eq!(app.client.operations(&path, operations).await.error(), gone);
        assert_eq!(app.client.delete(&path).await.error(), gone);
        assert_eq!(app.client.get("/Groups").await.expect(200)["totalResults"], 0);
    }

    /// RFC 7644 §3.6: the members stay; they are only no members any more.
    async fn the_members_of_a_deleted_group_stay(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let inner = app.client.group("inner", &[&user]).await;
        let outer = app.client.group("outer", &[&user, &inner]).await;
        app.client.delete(&format!("/Groups/{outer}")).await.expect(204);
        let user = app.client.get(&format!("/Users/{user}")).await.expect(200);
        assert_eq!(user["groups"].as_array().unwrap().len(), 1);
        assert_eq!((&user["groups"][0]["value"], &user["meta"]["version"]), (&json!(inner), &json!("W/\"1\"")));
        app.client.get(&format!("/Groups/{inner}")).await.expect(200);
    }

    /// RFC 7644 §3.14: a DELETE with `If-Match` of another version is 412.
    async fn a_delete_of_another_version_is_refused(app: TestApp) {
        let path = format!("/Groups/{}", app.client.group("guides", &[]).await);
        app.client.with_header(Method::DELETE, &path, "if-match", "W/\"2\"").await.expect(412);
        app.client.get(&path).await.expect(200);
        app.client.with_header(Method::DELETE, &path, "if-match", "*").await.expect(204);
    }
}

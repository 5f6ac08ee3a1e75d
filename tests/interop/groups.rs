//! Groups as they are found and patched.

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// members-excluded: a group is looked up by its name without its members.
    async fn members_excluded(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let group = app.client.group("Tour Guides", &[&user]).await;
        let question = [("excludedAttributes", "members"), ("filter", "displayName eq \"tour guides\"")];
        let found = app.client.query("/Groups", &question).await.expect(200);
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(group)));
        assert_eq!(found["Resources"][0].get("members"), None);
    }

    /// same-id-in-patch, of a group, with the new name beside it as Okta sends it.
    async fn same_id_in_patch(app: TestApp) {
        let id = app.client.group("guides", &[]).await;
        let path = format!("/Groups/{id}");
        let own = json!([{ "op": "replace", "value": { "id": id, "displayName": "N" } }]);
        app.client.operations(&path, own).await.expect(204);
        assert_eq!(app.client.get(&path).await.expect(200)["displayName"], "N");
        let another = json!([{ "op": "replace", "value": { "id": "x", "displayName": "M" } }]);
        assert_eq!(
            app.client.operations(&path, another).await.error(),
            refusal(400, "mutability", "Operation 1: 'id' is readOnly; leave it out, or send the resource's own."),
        );
    }

    /// patch-answer (RFC 7644 §3.5.2), of a group: 204, or 200 where `attributes` asks for something.
    async fn patch_answer(app: TestApp) {
        let path = format!("/Groups/{}", app.client.group("guides", &[]).await);
        let operations = json!([{ "op": "replace", "path": "displayName", "value": "x" }]);
        app.client.operations(&path, operations.clone()).await.expect(204);
        app.client.operations(&format!("{path}?attributes="), operations.clone()).await.expect(204);
        let answer = app.client.operations(&format!("{path}?attributes=displayName"), operations).await.expect(200);
        assert_eq!(answer["displayName"], "x");
    }

    /// members-in-put (RFC 7644 §3.5.1): a PUT with members makes the membership exactly those.
    async fn members_in_put(app: TestApp) {
        let (a, b) = (app.client.user("a").await, app.client.user("b").await);
        let path = format!("/Groups/{}", app.client.group("guides", &[&a]).await);
        let body = json!({ "displayName": "guides", "members": [{ "value": b, "display": "b" }] });
        let replaced = app.client.put(&path, &body).await.expect(200);
        assert_eq!(replaced["members"].as_array().unwrap().len(), 1);
        assert_eq!(replaced["members"][0]["value"], *b);
    }
}

//! `externalId`, scoped to the connection (RFC 7643 §3.1).

use serde_json::json;

use crate::support::on_both;

on_both! {
    /// RFC 7643 §3.1: the client's own name for the resource; it is kept, changed and cleared like any attribute.
    async fn an_external_id_is_kept_changed_and_cleared(app: TestApp) {
        let id = app.client.post("/Users", &json!({ "userName": "bjensen", "externalId": "bj-1" })).await.created();
        let path = format!("/Users/{id}");
        assert_eq!(app.client.get(&path).await.expect(200)["externalId"], "bj-1");
        let changed = app.client.operations(&path, json!([{ "op": "replace", "path": "externalId", "value": "bj-2" }])).await;
        assert_eq!(changed.expect(200)["externalId"], "bj-2");
        let found = app.client.query("/Users", &[("filter", "externalId eq \"bj-2\"")]).await.expect(200);
        assert_eq!(found["Resources"][0]["id"], *id);
        let cleared = app.client.operations(&path, json!([{ "op": "remove", "path": "externalId" }])).await.expect(200);
        assert_eq!(cleared.get("externalId"), None);
        let found = app.client.query("/Users", &[("filter", "externalId pr")]).await.expect(200);
        assert_eq!(found["totalResults"], 0);
    }

    /// RFC 7643 §3.1: it is caseExact.
    async fn an_external_id_is_compared_exactly(app: TestApp) {
        app.client.post("/Users", &json!({ "userName": "bjensen", "externalId": "bj-1" })).await.created();
        let found = app.client.query("/Users", &[("filter", "externalId eq \"BJ-1\"")]).await.expect(200);
        assert_eq!(found["totalResults"], 0);
    }

    /// RFC 7643 §3.1: each connection sees, sets and clears its own alone.
    async fn each_connection_has_its_own_external_ids(app: TestApp) {
        let other = app.other_connection("okta", false).await;
        let id = app.client.post("/Users", &json!({ "userName": "bjensen", "externalId": "from-entra" })).await.created();
        let path = format!("/Users/{id}");
        assert_eq!(other.get(&path).await.expect(200).get("externalId"), None);

        let operations = json!([{ "op": "add", "path": "externalId", "value": "from-okta" }]);
        assert_eq!(other.operations(&path, operations).await.expect(200)["externalId"], "from-okta");
        assert_eq!(app.client.get(&path).await.expect(200)["externalId"], "from-entra");

        assert_eq!(other.put(&path, &json!({ "userName": "bjensen" })).await.expect(200).get("externalId"), None);
        assert_eq!(app.client.get(&path).await.expect(200)["externalId"], "from-entra");
    }

    /// RFC 7643 §3.1: lists and filters too know the connection's own alone, of groups as of users.
    async fn each_connection_filters_its_own_external_ids(app: TestApp) {
        let other = app.other_connection("okta", false).await;
        let mine = app.client.post("/Users", &json!({ "userName": "a", "externalId": "x-1" })).await.created();
        let theirs = other.post("/Users", &json!({ "userName": "b", "externalId": "x-1" })).await.created();
        app.client.post("/Groups", &json!({ "displayName": "g", "externalId": "g-1" })).await.created();
        for (client, id) in [(&app.client, mine), (&other, theirs)] {
            let found = client.query("/Users", &[("filter", "externalId eq \"x-1\"")]).await.expect(200);
            assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
        }
        for (client, count) in [(&app.client, 1), (&other, 0)] {
            let found = client.query("/Groups", &[("filter", "externalId eq \"g-1\"")]).await.expect(200);
            assert_eq!(found["totalResults"], count);
        }
    }
}

//! Creating, finding and deleting.

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// user-name-case (RFC 7643 §4.1.1): a userName is found, and taken, in any case.
    async fn user_name_case(app: TestApp) {
        let id = app.client.user("BJensen@Example.com").await;
        let found = app.client.query("/Users", &[("filter", "userName eq \"BJENSEN@EXAMPLE.COM\"")]).await.expect(200);
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
        assert_eq!(found["Resources"][0]["userName"], "BJensen@Example.com");
        let again = app.client.post("/Users", &json!({ "userName": "bjensen@example.com" })).await.error();
        assert_eq!((again.0, &*again.1), (409, "uniqueness"));
    }

    /// delete-then-404 (RFC 7644 §3.6): after a DELETE the user is not there.
    async fn delete_then_404(app: TestApp) {
        let id = app.client.user("bjensen").await;
        app.client.delete(&format!("/Users/{id}")).await.expect(204);
        assert_eq!(
            app.client.get(&format!("/Users/{id}")).await.error(),
            refusal(404, "", &format!("User '{id}' was not found.")),
        );
    }

    /// missing-schemas: bodies without `schemas`, blank `attributes` and null values are read; a strict connection
    /// wants `schemas`.
    async fn missing_schemas(app: TestApp) {
        let body = json!({ "userName": "bjensen", "title": null, "emails": null });
        let created = app.client.post("/Users?attributes=", &body).await.expect(201);
        assert_eq!(created["userName"], "bjensen");
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        let patch = json!({ "Operations": [{ "op": "add", "path": "title", "value": "x" }] });
        assert_eq!(app.client.patch(&path, &patch).await.expect(200)["title"], "x");

        let strict = app.other_connection("strict", true).await;
        assert_eq!(
            strict.post("/Users", &json!({ "userName": "other" })).await.error(),
            refusal(
                400,
                "invalidValue",
                "'schemas' is required and must contain 'urn:ietf:params:scim:schemas:core:2.0:User'.",
            ),
        );
        assert_eq!(
            strict.patch(&path, &patch).await.error(),
            refusal(
                400,
                "invalidValue",
                "'schemas' is required and must contain 'urn:ietf:params:scim:api:messages:2.0:PatchOp'.",
            ),
        );
    }

    /// blank-name-parts: a part of a name that is blank is not there.
    async fn blank_name_parts(app: TestApp) {
        for (number, blank) in ["", " "].into_iter().enumerate() {
            let body = json!({ "userName": format!("user{number}"), "name": { "givenName": "Cher", "familyName": blank } });
            let created = app.client.post("/Users", &body).await.expect(201);
            assert_eq!(created["name"], json!({ "givenName": "Cher" }));
        }
    }

    /// groups-on-user (RFC 7643 §4.1.2): a user's groups are filled after a PATCH of the group, direct and indirect.
    async fn groups_on_user(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let inner = app.client.group("inner", &[]).await;
        app.client.group("outer", &[&inner]).await;
        let add = json!([{ "op": "Add", "path": "members", "value": [{ "value": user }] }]);
        app.client.operations(&format!("/Groups/{inner}"), add).await.expect(204);
        let read = app.client.get(&format!("/Users/{user}")).await.expect(200);
        let mut groups: Vec<String> =
            read["groups"].as_array().unwrap().iter().map(|group| format!("{} {}", group["display"], group["type"])).collect();
        groups.sort_unstable();
        assert_eq!(groups, [r#""inner" "direct""#, r#""outer" "indirect""#]);
    }

    /// external-id-scope (RFC 7643 §3.1): two connections use one externalId for two users; each finds its own.
    async fn external_id_scope(app: TestApp) {
        let other = app.other_connection("okta", false).await;
        let mine = app.client.post("/Users", &json!({ "userName": "a", "externalId": "00u1" })).await.created();
        let theirs = other.post("/Users", &json!({ "userName": "b", "externalId": "00u1" })).await.created();
        for (client, own, foreign) in [(&app.client, &mine, &theirs), (&other, &theirs, &mine)] {
            let found = client.query("/Users", &[("filter", "externalId eq \"00u1\"")]).await.expect(200);
            assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(own)));
            assert_eq!(client.get(&format!("/Users/{foreign}")).await.expect(200).get("externalId"), None);
        }
    }

    /// foreign-schema: a schema that nobody here knows is accepted and not echoed; a strict connection refuses it.
    async fn foreign_schema(app: TestApp) {
        let foreign = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", foreign],
            "displayName": "guides",
            foreign: { "x": 1 },
        });
        let created = app.client.post("/Groups", &body).await.expect(201);
        assert_eq!(created["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]));
        assert!(!created.to_string().contains("microsoft"), "{created}");
        let strict = app.other_connection("strict", true).await;
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", foreign], "displayName": "guides" });
        assert_eq!(
            strict.post("/Groups", &body).await.error(),
            refusal(400, "invalidValue", "'schemas' (element 2) is not a schema of Group."),
        );
    }
}

//! `POST /Users` (RFC 7644 §3.3).

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7644 §3.3: 201, the resource, `Location` and `meta.location` the same.
    async fn a_user_is_created_and_read_back(app: TestApp) {
        let created = app.client.post("/Users", &json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "bjensen",
            "externalId": "bj-1",
            "name": { "formatted": "Ms. Barbara J Jensen III" },
            "emails": [{ "value": "bjensen@example.com", "type": "work", "primary": true }],
        })).await;

        assert_eq!(created.status, 201);
        assert_eq!(created.header("location"), created.body["meta"]["location"].as_str());
        assert_eq!(created.header("etag"), Some("W/\"1\""));
        assert_eq!(created.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "[id]",
            "externalId": "bj-1",
            "userName": "bjensen",
            "name": {
                "formatted": "Ms. Barbara J Jensen III",
                "familyName": "Jensen",
                "givenName": "Barbara",
                "middleName": "J",
                "honorificPrefix": "Ms.",
                "honorificSuffix": "III",
            },
            "active": true,
            "emails": [{ "value": "bjensen@example.com", "type": "work", "primary": true }],
            "meta": {
                "resourceType": "User",
                "created": "[time]",
                "lastModified": "[time]",
                "version": "W/\"1\"",
                "location": "[base]/Users/[id]",
            },
        }));
        let id = created.body["id"].as_str().unwrap();
        assert_eq!(app.client.get(&format!("/Users/{id}")).await.expect(200), created.body);
    }

    /// RFC 7644 §3.3, Table 9: 409 `uniqueness`, whatever the case.
    async fn a_taken_user_name_is_refused(app: TestApp) {
        app.client.user("bjensen").await;
        let refused = app.client.post("/Users", &json!({ "userName": "BJensen" })).await;
        assert_eq!(refused.error(), (
            409,
            "uniqueness".to_owned(),
            "A user with this userName already exists in the tenant; userName is unique, without regard to case.".to_owned(),
        ));
    }

    /// Shared mailboxes are common: both users keep their `emails`, only one has the address as the account's own.
    async fn an_address_that_somebody_holds_is_no_reason_to_refuse(app: TestApp) {
        let emails = json!([{ "value": "office@example.com", "type": "work", "primary": true }]);
        app.client.post("/Users", &json!({ "userName": "first", "emails": emails })).await.expect(201);
        let second = app.client.post("/Users", &json!({ "userName": "second", "emails": emails })).await.expect(201);

        assert_eq!(second["emails"], emails);
        let found = app.client.query("/Users", &[("filter", "emails.value eq \"OFFICE@example.com\"")]).await.expect(200);
        assert_eq!(found["totalResults"], 2);
    }

    /// RFC 7644 §3.3: an attribute that is readOnly is ignored, whatever the client sends for it.
    async fn what_is_read_only_is_ignored(app: TestApp) {
        let created = app.client.post("/Users", &json!({
            "userName": "bjensen",
            "id": "2819c223-7f76-453a-919d-413861904646",
            "meta": { "resourceType": "Robot", "version": "W/\"99\"", "location": "https://example.com/x" },
            "groups": [{ "value": "e9e30dba-f08f-4109-8486-d5c6a331660a" }],
        })).await;
        assert_eq!(created.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "[id]",
            "userName": "bjensen",
            "active": true,
            "meta": {
                "resourceType": "User",
                "created": "[time]",
                "lastModified": "[time]",
                "version": "W/\"1\"",
                "location": "[base]/Users/[id]",
            },
        }));
        assert_ne!(created.body["id"], "2819c223-7f76-453a-919d-413861904646");
    }

    /// RFC 7644 §3.3: a server may give a default value to what the client left out: `active` is true.
    async fn a_user_is_active_unless_the_client_says_otherwise(app: TestApp) {
        let told = app.client.post("/Users", &json!({ "userName": "a", "active": false })).await.expect(201);
        let untold = app.client.post("/Users", &json!({ "userName": "b", "active": null })).await.expect(201);
        assert_eq!((&told["active"], &untold["active"]), (&json!(false), &json!(true)));
    }

    /// RFC 7644 §3.3 with RFC 7643 §4.1.1: `userName` is required and must not be empty.
    async fn a_user_needs_a_user_name(app: TestApp) {
        for body in [json!({}), json!({ "userName": null }), json!({ "userName": "" }), json!({ "userName": "  " })] {
            assert_eq!(
                app.client.post("/Users", &body).await.error(),
                refusal(400, "invalidValue", "'userName' is required and must not be empty."),
                "{body}",
            );
        }
    }

    /// RFC 7644 §3.3, §3.9: `attributes` shapes the answer; `id`, which is always returned, is there, and `Location`
    /// and `ETag` are too.
    async fn attributes_shape_the_answer_of_a_create(app: TestApp) {
        let body = json!({ "userName": "bjensen", "displayName": "Babs", "title": "Guide" });
        let created = app.client.post("/Users?attributes=displayName", &body).await;
        assert_eq!(created.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "[id]",
            "displayName": "Babs",
        }));
        let id = created.body["id"].as_str().unwrap();
        assert_eq!(created.header("location"), Some(&*format!("{}/Users/{id}", app.client.base_url)));
        assert_eq!(created.header("etag"), Some("W/\"1\""));
    }

    /// RFC 7644 §3.3, §3.9: `excludedAttributes` takes from the answer; what is always returned stays.
    async fn excluded_attributes_are_left_out_of_the_answer_of_a_create(app: TestApp) {
        let body = json!({ "userName": "bjensen", "displayName": "Babs", "name": { "givenName": "Barbara", "familyName": "Jensen" } });
        let created = app.client.post("/Users?excludedAttributes=ID,meta,name.familyName,active", &body).await;
        assert_eq!(created.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "[id]",
            "userName": "bjensen",
            "name": { "givenName": "Barbara" },
            "displayName": "Babs",
        }));
    }

    /// RFC 7644 §3.9: the two exclude each other, and the refused request makes nobody.
    async fn attributes_and_excluded_attributes_together_are_refused(app: TestApp) {
        let both = "/Users?attributes=userName&excludedAttributes=name";
        assert_eq!(
            app.client.post(both, &json!({ "userName": "bjensen" })).await.error(),
            refusal(400, "invalidValue", "'attributes' and 'excludedAttributes' are mutually exclusive; give one of them."),
        );
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 0);
    }

    /// RFC 7644 §3.3, §3.12: what is refused leaves nothing behind.
    async fn a_refused_create_leaves_nothing(app: TestApp) {
        let refused = app.client.post("/Users", &json!({ "userName": "bjensen", "emails": [{ "value": 7 }] })).await;
        assert_eq!(
            refused.error(),
            refusal(400, "invalidValue", "'emails.value' (element 1) must be a string, not a number."),
        );
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 0);
        assert_eq!(app.audit().await, Vec::<String>::new());
    }
}

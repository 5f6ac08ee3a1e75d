//! `POST /Users` (RFC 7644 §3.3).

use serde_json::json;

use crate::support::on_both;

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
}

//! Multi-valued attributes (RFC 7643 §2.4).

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7643 §2.4: `primary` is true for one value at the most.
    async fn two_primary_values_are_refused(app: TestApp) {
        let body = json!({ "userName": "bjensen", "emails": [
            { "value": "a@example.com", "primary": true },
            { "value": "b@example.com", "primary": true },
        ] });
        assert_eq!(
            app.client.post("/Users", &body).await.error(),
            refusal(400, "invalidValue", "'emails' must not have more than one element whose 'primary' is true."),
        );
    }

    /// RFC 7643 §2.4: the same type and value are not returned twice; what only the later one says is kept.
    async fn the_same_type_and_value_are_one_value(app: TestApp) {
        let created = app.client.post("/Users", &json!({ "userName": "bjensen", "emails": [
            { "value": "b@example.com", "type": "work" },
            { "value": "B@Example.com", "type": "work", "primary": true },
            { "value": "b@example.com", "type": "home" },
        ] })).await.expect(201);
        assert_eq!(created["emails"], json!([
            { "value": "b@example.com", "type": "work", "primary": true },
            { "value": "b@example.com", "type": "home" },
        ]));
    }

    /// RFC 7644 §3.5.2: a PATCH that makes one value primary takes that from the other (RFC 7643 §2.4).
    async fn a_new_primary_value_takes_over(app: TestApp) {
        let created = app.client.post("/Users", &json!({ "userName": "bjensen", "emails": [
            { "value": "a@example.com", "type": "work", "primary": true },
        ] })).await.expect(201);
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        let patched = app.client.operations(&path, json!([
            { "op": "add", "path": "emails", "value": [{ "value": "b@example.com", "type": "home", "primary": true }] },
        ])).await.expect(200);
        assert_eq!(patched["emails"], json!([
            { "value": "a@example.com", "type": "work", "primary": false },
            { "value": "b@example.com", "type": "home", "primary": true },
        ]));
    }

    /// RFC 7643 §2.4: values without a type, and of unusual types, stand beside each other in the order they came in.
    async fn values_keep_their_order(app: TestApp) {
        let emails = json!([
            { "value": "c@example.com" }, { "value": "a@example.com", "type": "other" }, { "value": "b@example.com", "display": "B" },
        ]);
        let created = app.client.post("/Users", &json!({ "userName": "bjensen", "emails": emails })).await.expect(201);
        assert_eq!(created["emails"], emails);
    }
}

//! `readOnly` attributes in PATCH (RFC 7644 §3.5.2, RFC 7643 §7).

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7644 §3.5.2: a PATCH of a readOnly attribute is refused with `mutability`.
    async fn a_patch_of_a_read_only_attribute_is_refused(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let refused = [
            ("groups", json!([{ "value": "x" }]), "Operation 1: 'groups' is readOnly."),
            ("meta", json!({ "version": "1" }), "Operation 1: 'meta' is readOnly."),
            ("meta.created", json!("2020-01-01T00:00:00Z"), "Operation 1: 'meta.created' is readOnly."),
        ];
        for (attribute, value, detail) in refused {
            let operations = json!([{ "op": "replace", "path": attribute, "value": value }]);
            assert_eq!(
                app.client.operations(&path, operations).await.error(),
                refusal(400, "mutability", detail),
                "{attribute}",
            );
        }
        assert_eq!(app.client.get(&path).await.expect(200)["meta"]["version"], "W/\"1\"");
    }

    /// RFC 7643 §3.1: an id is immutable for clients; another one in a PATCH is refused.
    async fn another_id_in_a_patch_is_refused(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let value = json!({ "id": "2819c223-7f76-453a-919d-413861904646", "displayName": "Babs" });
        assert_eq!(
            app.client.operations(&path, json!([{ "op": "replace", "value": value }])).await.error(),
            refusal(400, "mutability", "Operation 1: 'id' is readOnly; leave it out, or send the resource's own."),
        );
        assert_eq!(app.client.get(&path).await.expect(200).get("displayName"), None);
    }

    /// RFC 7643 §4.3: `manager.displayName` is readOnly; a body that carries it is accepted, and its value ignored.
    async fn a_managers_display_name_is_not_the_clients_to_set(app: TestApp) {
        let boss = app.client.post("/Users", &json!({ "userName": "boss", "displayName": "The Boss" })).await.created();
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let created = app.client.post("/Users", &json!({
            "userName": "bjensen", enterprise: { "manager": { "value": boss, "displayName": "Nobody" } },
        })).await.expect(201);
        assert_eq!(created[enterprise]["manager"]["displayName"], "The Boss");
    }
}

//! PATCH requests for users.

use serde_json::{Value, json};

use crate::support::{Client, on_both, refusal};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What these operations make of a new user with this body.
async fn patched(client: &Client, body: Value, operations: Value) -> Value {
    let path = format!("/Users/{}", client.post("/Users", &body).await.created());
    let patched = client.operations(&path, operations).await.expect(200);
    assert_eq!(client.get(&path).await.expect(200), patched);
    patched
}

on_both! {
    /// op-case (RFC 7644 §3.5.2): `op` is read without regard to case, on a strict connection too.
    async fn op_case(app: TestApp) {
        let strict = app.other_connection("strict", true).await;
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        for client in [&app.client, &strict] {
            let user = client.operations(&path, json!([
                { "op": "Add", "path": "title", "value": "x" },
                { "op": "REPLACE", "path": "nickName", "value": "Babs" },
                { "op": "Remove", "path": "title" },
            ])).await.expect(200);
            assert_eq!((user.get("title"), &user["nickName"]), (None, &json!("Babs")));
        }
    }

    /// dotted-keys (RFC 7644 §3.5.2.3): without a path each key of the value is a path, with a schema's URN too.
    async fn dotted_keys(app: TestApp) {
        let user = patched(&app.client, json!({ "userName": "bjensen", "name": { "familyName": "Jensen" } }), json!([{
            "op": "replace",
            "value": {
                "displayName": "B",
                "name.givenName": "K",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "A",
            },
        }])).await;
        assert_eq!(user["displayName"], "B");
        assert_eq!(user["name"], json!({ "givenName": "K", "familyName": "Jensen" }));
        assert_eq!(user[ENTERPRISE], json!({ "employeeNumber": "A" }));
    }

    /// create-by-filter (RFC 7644 §3.5.2.3): a value that a filter of equalities describes is made where none matches.
    async fn create_by_filter(app: TestApp) {
        let operations = json!([{ "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "x@example.com" }]);
        let user = patched(&app.client, json!({ "userName": "bjensen" }), operations).await;
        assert_eq!(user["emails"], json!([{ "type": "work", "value": "x@example.com" }]));
    }

    /// one-element: three parts of one address that was not there make one address.
    async fn one_element(app: TestApp) {
        let user = patched(&app.client, json!({ "userName": "bjensen" }), json!([
            { "op": "add", "path": "addresses[type eq \"work\"].formatted", "value": "1 Main St" },
            { "op": "add", "path": "addresses[type eq \"work\"].locality", "value": "Hollywood" },
            { "op": "add", "path": "addresses[type eq \"work\"].region", "value": "CA" },
        ])).await;
        assert_eq!(user["addresses"], json!([
            { "type": "work", "formatted": "1 Main St", "locality": "Hollywood", "region": "CA" },
        ]));
    }

    /// manager-as-string: the manager's id alone is taken as its `value`; an empty text or null clears it.
    async fn manager_as_string(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let manager = format!("{ENTERPRISE}:manager");
        for cleared in [json!(""), json!(null)] {
            let set = json!([{ "op": "Add", "path": manager, "value": "271" }]);
            let user = app.client.operations(&path, set).await.expect(200);
            assert_eq!(user[ENTERPRISE], json!({ "manager": { "value": "271" } }));
            let clear = json!([{ "op": "Replace", "path": manager, "value": cleared }]);
            assert_eq!(app.client.operations(&path, clear).await.expect(200).get(ENTERPRISE), None);
        }
    }

    /// extension-path: a path into an extension sets the attribute and names the extension in `schemas`.
    async fn extension_path(app: TestApp) {
        let operations = json!([{ "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Tours" }]);
        let user = patched(&app.client, json!({ "userName": "bjensen" }), operations).await;
        assert_eq!(user["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]));
        assert_eq!(user[ENTERPRISE], json!({ "department": "Tours" }));
    }

    /// null-clears (RFC 7643 §2.5): null clears the part, and its siblings stay.
    async fn null_clears(app: TestApp) {
        let body = json!({ "userName": "bjensen", "name": { "givenName": "Barbara", "familyName": "Jensen" } });
        let operations = json!([{ "op": "replace", "path": "name", "value": { "familyName": null } }]);
        let user = patched(&app.client, body, operations).await;
        assert_eq!(user["name"], json!({ "givenName": "Barbara" }));
    }

    /// same-id-in-patch: the resource's own id is passed over; another one is refused.
    async fn same_id_in_patch(app: TestApp) {
        let id = app.client.user("bjensen").await;
        let path = format!("/Users/{id}");
        let own = json!([{ "op": "replace", "value": { "id": id, "displayName": "N" } }]);
        assert_eq!(app.client.operations(&path, own).await.expect(200)["displayName"], "N");
        let another = json!([{ "op": "replace", "value": { "id": "x", "displayName": "M" } }]);
        assert_eq!(
            app.client.operations(&path, another).await.error(),
            refusal(400, "mutability", "Operation 1: 'id' is readOnly; leave it out, or send the resource's own."),
        );
    }

    /// deactivate (RFC 7643 §4.1.1): by PATCH or by PUT the user is kept, and can be found and read.
    async fn deactivate(app: TestApp) {
        let id = app.client.user("bjensen").await;
        let path = format!("/Users/{id}");
        let off = json!([{ "op": "replace", "value": { "active": false } }]);
        assert_eq!(app.client.operations(&path, off).await.expect(200)["active"], false);
        let found = app.client.query("/Users", &[("filter", "active eq false")]).await.expect(200);
        assert_eq!(found["Resources"][0]["id"], *id);
        let on = json!([{ "op": "replace", "path": "active", "value": true }]);
        assert_eq!(app.client.operations(&path, on).await.expect(200)["active"], true);
        let put = app.client.put(&path, &json!({ "userName": "bjensen", "active": false })).await.expect(200);
        assert_eq!(put["active"], false);
        assert_eq!(app.client.get(&path).await.expect(200)["active"], false);
    }

    /// patch-answer (RFC 7644 §3.5.2), of a user: 200 with the resource.
    async fn patch_answer(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let operations = json!([{ "op": "replace", "path": "title", "value": "x" }]);
        assert_eq!(app.client.operations(&path, operations).await.expect(200)["userName"], "bjensen");
    }
}

//! The enterprise extension's `manager` (RFC 7643 §4.3).

use serde_json::{Value, json};

use crate::support::{Client, on_both};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn managed_by(client: &Client, manager: &str) -> String {
    let body = json!({ "userName": "bjensen", ENTERPRISE: { "manager": { "value": manager } } });
    format!("/Users/{}", client.post("/Users", &body).await.created())
}

async fn manager(client: &Client, path: &str) -> Value {
    client.get(path).await.expect(200)[ENTERPRISE]["manager"].clone()
}

on_both! {
    /// RFC 7643 §4.3: `$ref` and displayName follow from the manager's id, in every answer.
    async fn a_managers_name_and_address_are_computed(app: TestApp) {
        let boss = app.client.post("/Users", &json!({ "userName": "boss", "displayName": "The Boss" })).await.created();
        let expected = json!({
            "value": boss,
            "$ref": format!("{}/Users/{boss}", app.client.base_url),
            "displayName": "The Boss",
        });
        let body = json!({ "userName": "bjensen", ENTERPRISE: { "manager": { "value": boss } } });
        let created = app.client.post("/Users", &body).await.expect(201);
        assert_eq!(created[ENTERPRISE]["manager"], expected);
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        assert_eq!(manager(&app.client, &path).await, expected);
        let patched = app.client.operations(&path, json!([{ "op": "add", "path": "title", "value": "x" }])).await.expect(200);
        assert_eq!(patched[ENTERPRISE]["manager"], expected);
        let found = app.client.query("/Users", &[("filter", "userName eq \"bjensen\"")]).await.expect(200);
        assert_eq!(found["Resources"][0][ENTERPRISE]["manager"], expected);
    }

    /// RFC 7643 §4.3: the name is the manager's of now, and the user's version is not touched by it.
    async fn a_managers_name_follows_the_manager(app: TestApp) {
        let boss = app.client.post("/Users", &json!({ "userName": "boss", "displayName": "The Boss" })).await.created();
        let path = managed_by(&app.client, &boss).await;
        let rename = json!([{ "op": "replace", "path": "displayName", "value": "Big Boss" }]);
        app.client.operations(&format!("/Users/{boss}"), rename).await.expect(200);
        let user = app.client.get(&path).await.expect(200);
        assert_eq!(user[ENTERPRISE]["manager"]["displayName"], "Big Boss");
        assert_eq!(user["meta"]["version"], "W/\"1\"");
    }

    /// RFC 7643 §4.3: a manager that is deleted has no name and no address; the id that the client gave stays.
    async fn a_deleted_managers_name_and_address_vanish(app: TestApp) {
        let boss = app.client.post("/Users", &json!({ "userName": "boss", "displayName": "The Boss" })).await.created();
        let path = managed_by(&app.client, &boss).await;
        app.client.delete(&format!("/Users/{boss}")).await.expect(204);
        assert_eq!(manager(&app.client, &path).await, json!({ "value": boss }));
    }

    /// RFC 7643 §4.3: an id that the server does not know, or another tenant's, is kept and tells nothing more.
    async fn an_unknown_manager_is_kept(app: TestApp) {
        let path = managed_by(&app.client, "26118915-6090-4610-87e4-49d8ca9f808d").await;
        assert_eq!(manager(&app.client, &path).await, json!({ "value": "26118915-6090-4610-87e4-49d8ca9f808d" }));
        let other = app.other_tenant("other").await;
        let foreign = other.post("/Users", &json!({ "userName": "boss", "displayName": "Theirs" })).await.created();
        let operations = json!([{ "op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": { "value": foreign } }]);
        app.client.operations(&path, operations).await.expect(200);
        assert_eq!(manager(&app.client, &path).await, json!({ "value": foreign }));
    }

    /// RFC 7643 §4.3: users can be their own managers, in circles too.
    async fn managers_may_go_round_in_circles(app: TestApp) {
        let first = app.client.post("/Users", &json!({ "userName": "first", "displayName": "First" })).await.created();
        let path = managed_by(&app.client, &first).await;
        let second = path.trim_start_matches("/Users/").to_owned();
        let add = |id: &str| json!([{ "op": "add", "path": format!("{ENTERPRISE}:manager.value"), "value": id }]);
        app.client.operations(&format!("/Users/{first}"), add(&second)).await.expect(200);
        app.client.operations(&path, add(&second)).await.expect(200);
        assert_eq!(manager(&app.client, &path).await["value"], *second);
        app.client.delete(&path).await.expect(204);
    }
}

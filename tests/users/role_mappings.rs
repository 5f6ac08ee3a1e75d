//! What a connection's rules make of users' `roles` and `entitlements`.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both, refusal};

fn rule(attribute: &str, value: &str, role: &str) -> Value {
    json!({ "attribute": attribute, "value": value, "role": role })
}

/// Sets the connection's ceiling and rules.
async fn rules(app: &TestApp, ceiling: &str, rules: Value) {
    let body = json!({ "role_ceiling": ceiling, "role_mappings": rules });
    app.admin.patch(&format!("/connections/{}", app.connection.id), &body).await.expect(200);
}

/// A role of the tenant's own that permits nothing by itself.
async fn label(app: &TestApp, name: &str) -> String {
    app.admin.post("/roles", &json!({ "name": name, "permissions": [] })).await.created()
}

async fn pushed(client: &Client, name: &str, roles: &[&str]) -> String {
    client.post("/Users", &body(name, roles)).await.created()
}

fn body(name: &str, roles: &[&str]) -> Value {
    let roles: Vec<Value> = roles.iter().map(|value| json!({ "value": value })).collect();
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "roles": roles })
}

async fn put(client: &Client, id: &str, name: &str, roles: &[&str]) -> u16 {
    client.put(&format!("/Users/{id}"), &body(name, roles)).await.status
}

async fn patch(app: &TestApp, id: &str, operation: Value) {
    app.client.operations(&format!("/Users/{id}"), json!([operation])).await.expect(200);
}

/// The names of the roles that the user was given directly.
async fn roles(app: &TestApp, id: &str) -> Value {
    app.admin.get(&format!("/users/{id}")).await.expect(200)["roles"].clone()
}

async fn assign(app: &TestApp, id: &str, roles: &[&str]) {
    app.admin.patch(&format!("/users/{id}"), &json!({ "roles": roles })).await.expect(200);
}

async fn last_events(app: &TestApp, count: usize) -> Vec<String> {
    let events = app.audit().await;
    events[events.len() - count..].to_vec()
}

on_both! {
    /// Both attributes give roles, without regard to case; what is unknown is kept, told and gives nothing. Each way of
    /// changing the values gives and takes what they map onto.
    async fn values_give_roles_and_take_them(app: TestApp) {
        let set = json!([rule("roles", "Managers", "manager"), rule("entitlements", "Audit", "read_only")]);
        rules(&app, "admin", set).await;
        let mut body = body("ada", &["MANAGERS", "Guests"]);
        body["entitlements"] = json!([{ "value": "audit", "type": "app" }, { "display": "no value" }]);
        let id = app.client.post("/Users", &body).await.created();
        assert_eq!(roles(&app, &id).await, json!(["manager", "read_only", "user"]));
        assert_eq!(last_events(&app, 2).await, [
            r#"user.created {"userName":"ada","unmapped_roles":[{"attribute":"roles","value":"Guests"}]}"#,
            r#"role.assigned {"roles":["manager","read_only"]}"#,
        ]);
        let read = app.client.get(&format!("/Users/{id}")).await.expect(200);
        assert_eq!((&read["roles"], &read["entitlements"]), (&body["roles"], &body["entitlements"]));
        let found = app.admin.get("/users?role=manager").await.expect(200);
        assert_eq!(found["users"][0]["id"], *id);

        patch(&app, &id, json!({ "op": "remove", "path": "roles[value eq \"MANAGERS\"]" })).await;
        assert_eq!(roles(&app, &id).await, json!(["read_only", "user"]));
        assert_eq!(last_events(&app, 2).await, [
            r#"user.updated {"changed":["roles"]}"#,
            r#"role.unassigned {"roles":["manager"]}"#,
        ]);
        let two = json!([{ "value": "managers" }, { "value": "Visitors" }]);
        patch(&app, &id, json!({ "op": "replace", "path": "roles", "value": two })).await;
        assert_eq!(roles(&app, &id).await, json!(["manager", "read_only", "user"]));
        assert_eq!(last_events(&app, 2).await, [
            r#"user.updated {"changed":["roles"],"unmapped_roles":[{"attribute":"roles","value":"Visitors"}]}"#,
            r#"role.assigned {"roles":["manager"]}"#,
        ]);
        // What changes nothing of them tells nothing of them.
        patch(&app, &id, json!({ "op": "add", "path": "title", "value": "x" })).await;
        assert_eq!(last_events(&app, 1).await, [r#"user.updated {"changed":["title"]}"#]);
        patch(&app, &id, json!({ "op": "replace", "path": "entitlements[type eq \"app\"].value", "value": "none" })).await;
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
        patch(&app, &id, json!({ "op": "add", "value": { "entitlements": [{ "value": "AUDIT" }] } })).await;
        assert_eq!(roles(&app, &id).await, json!(["manager", "read_only", "user"]));
        patch(&app, &id, json!({ "op": "remove", "path": "entitlements" })).await;
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
        // A PUT that leaves an attribute out takes it away (RFC 7644 §3.5.1).
        app.client.put(&format!("/Users/{id}"), &json!({ "userName": "ada" })).await.expect(200);
        assert_eq!(roles(&app, &id).await, json!(["user"]));
    }

    /// Without rules nothing is given, and nothing told; by a key's hand neither.
    async fn without_rules_values_are_only_values(app: TestApp) {
        let id = pushed(&app.client, "ada", &["manager"]).await;
        assert_eq!(roles(&app, &id).await, json!(["user"]));
        assert_eq!(last_events(&app, 1).await, [r#"user.created {"userName":"ada"}"#]);
        rules(&app, "manager", json!([rule("roles", "manager", "manager")])).await;
        let draft = crate::support::unbounded("key");
        let key = app.directory.create_operator_key(app.tenant.id, draft).await.unwrap();
        let client = Client::new(&app.client.base_url, key.text.expose());
        let by_key = pushed(&client, "bob", &["manager"]).await;
        assert_eq!(put(&client, &id, "ada", &["manager", "x"]).await, 200);
        assert_eq!((roles(&app, &id).await, roles(&app, &by_key).await), (json!(["user"]), json!(["user"])));
        // The next push of the connection gives what its rules say, though the values are the same.
        assert_eq!(put(&app.client, &id, "ada", &["manager", "x"]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
        assert_eq!(last_events(&app, 2).await, [
            r#"user.updated {"changed":["roles"]}"#,
            r#"role.assigned {"roles":["manager"]}"#,
        ]);
    }

    /// What an administrator gave the connection does not take, and what one took it does not give back with the same
    /// value.
    async fn an_administrators_word_stands(app: TestApp) {
        rules(&app, "manager", json!([rule("roles", "Managers", "manager")])).await;
        let id = pushed(&app.client, "ada", &[]).await;
        assign(&app, &id, &["user", "manager"]).await;
        assert_eq!(put(&app.client, &id, "ada", &["Managers"]).await, 200);
        assert_eq!(put(&app.client, &id, "ada", &[]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));

        let id = pushed(&app.client, "bob", &["Managers"]).await;
        assign(&app, &id, &["user"]).await;
        patch(&app, &id, json!({ "op": "add", "path": "title", "value": "x" })).await;
        assert_eq!(put(&app.client, &id, "bobby", &["managers", "other"]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["user"]));
        // Given by hand, it is no longer the connection's to take.
        assign(&app, &id, &["user", "manager"]).await;
        assert_eq!(put(&app.client, &id, "bobby", &[]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
        assign(&app, &id, &["user"]).await;
        assert_eq!(put(&app.client, &id, "bobby", &["Managers"]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
    }

    /// A user is never left without a role: it gets the tenant's default ones, as far as the ceiling goes.
    async fn somebody_always_has_a_role(app: TestApp) {
        rules(&app, "manager", json!([rule("roles", "Managers", "manager")])).await;
        label(&app, "desk").await;
        let tenant = format!("/tenants/{}", app.tenant.id);
        let defaults = json!({ "settings": { "default_roles": ["desk", "admin"] } });
        app.admin.patch(&tenant, &defaults).await.expect(200);
        let id = pushed(&app.client, "ada", &["Managers"]).await;
        assign(&app, &id, &["manager"]).await;
        assert_eq!(put(&app.client, &id, "ada", &[]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["desk"]));
        app.admin.patch(&tenant, &json!({ "settings": { "default_roles": ["admin"] } })).await.expect(200);
        assert_eq!(put(&app.client, &id, "ada", &["Managers"]).await, 200);
        assign(&app, &id, &["manager"]).await;
        assert_eq!(put(&app.client, &id, "ada", &[]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["user"]));
    }

    /// The ceiling binds what a rule gives, also when the role came to hold more after it was mapped.
    async fn the_ceiling_binds_rules(app: TestApp) {
        let role = label(&app, "desk").await;
        rules(&app, "user", json!([rule("roles", "Desk", "desk")])).await;
        let early = pushed(&app.client, "early", &["Desk"]).await;
        assert_eq!(roles(&app, &early).await, json!(["user", "desk"]));
        app.admin.patch(&format!("/roles/{role}"), &json!({ "permissions": ["users.read"] })).await.expect(200);
        let late = pushed(&app.client, "late", &["Desk"]).await;
        assert_eq!(roles(&app, &late).await, json!(["user"]));
        assert_eq!(
            last_events(&app, 1).await,
            [r#"user.created {"userName":"late","roles_beyond_ceiling":["desk"]}"#]
        );
        let (status, _, detail) = app.client.put(&format!("/Users/{early}"), &body("early", &[])).await.error();
        assert_eq!((status, detail.contains("holds more than this connection's role ceiling ('user') allows")), (403, true));
        assert_eq!(roles(&app, &early).await, json!(["user", "desk"]));
    }

    /// The last owner stays one, whatever the values say.
    async fn the_last_owner_stays(app: TestApp) {
        rules(&app, "owner", json!([rule("roles", "Owners", "owner")])).await;
        let id = pushed(&app.client, "ada", &["Owners"]).await;
        assert_eq!(app.admin.get(&format!("/users/{id}")).await.expect(200)["is_owner"], true);
        let path = format!("/Users/{id}");
        assert_eq!(app.client.put(&path, &body("ada", &[])).await.error().0, 409);
        let remove = json!([{ "op": "remove", "path": "roles" }]);
        assert_eq!(app.client.operations(&path, remove.clone()).await.error().0, 409);
        assert_eq!(app.client.get(&path).await.expect(200)["roles"], json!([{ "value": "Owners" }]));
        pushed(&app.client, "second", &["Owners"]).await;
        app.client.operations(&path, remove).await.expect(200);
        assert_eq!(roles(&app, &id).await, json!(["user"]));
    }

    /// Microsoft Entra ID sends a JSON object in a string; what is in it counts, unless the connection reads by the letter.
    async fn values_in_json_in_strings_are_understood(app: TestApp) {
        rules(&app, "manager", json!([rule("roles", "Boss", "manager")])).await;
        let odd = r#"{"id":"1","value":"BOSS","displayName":"Boss"}"#;
        let id = pushed(&app.client, "ada", &[]).await;
        patch(&app, &id, json!({ "op": "Add", "path": "roles", "value": [{ "value": odd }] })).await;
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
        let path = format!("/connections/{}", app.connection.id);
        app.admin.patch(&path, &json!({ "strict": true })).await.expect(200);
        let strict = pushed(&app.client, "bob", &[odd, "{", "{}"]).await;
        assert_eq!(roles(&app, &strict).await, json!(["user"]));
        app.admin.patch(&path, &json!({ "strict": false })).await.expect(200);
        let lenient = pushed(&app.client, "cyd", &["{", "{}", odd]).await;
        assert_eq!(roles(&app, &lenient).await, json!(["manager", "user"]));
    }

    /// A rule that is changed or removed works with the next push: what it gave is taken.
    async fn rules_may_change(app: TestApp) {
        rules(&app, "manager", json!([rule("roles", "a", "manager")])).await;
        label(&app, "desk").await;
        let id = pushed(&app.client, "ada", &["a"]).await;
        rules(&app, "manager", json!([rule("roles", "a", "desk")])).await;
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
        let version = app.client.get(&format!("/Users/{id}")).await.expect(200)["meta"]["version"].clone();
        assert_eq!(put(&app.client, &id, "ada", &["a"]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["user", "desk"]));
        let after = app.client.get(&format!("/Users/{id}")).await.expect(200)["meta"]["version"].clone();
        assert_ne!(after, version);
        assert_eq!(put(&app.client, &id, "ada", &["a"]).await, 200);
        assert_eq!(app.client.get(&format!("/Users/{id}")).await.expect(200)["meta"]["version"], after);
        rules(&app, "manager", json!([])).await;
        patch(&app, &id, json!({ "op": "add", "path": "title", "value": "x" })).await;
        assert_eq!(roles(&app, &id).await, json!(["user"]));
    }

    /// What two connections give goes when neither gives it any more; neither takes what the other gave.
    async fn each_connection_takes_what_it_gave(app: TestApp) {
        label(&app, "desk").await;
        rules(&app, "manager", json!([rule("roles", "a", "manager"), rule("roles", "d", "desk")])).await;
        let okta = app.other_connection("Okta", false).await;
        let listed = app.admin.get("/connections").await.expect(200);
        let of_okta = listed["connections"].as_array().unwrap().iter().find(|one| one["name"] == "Okta").unwrap();
        let path = format!("/connections/{}", of_okta["id"].as_str().unwrap());
        let set = json!({ "role_ceiling": "manager", "role_mappings": [rule("roles", "b", "manager")] });
        app.admin.patch(&path, &set).await.expect(200);

        let id = pushed(&app.client, "ada", &["a", "d"]).await;
        assert_eq!(put(&okta, &id, "ada", &["b"]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["manager", "user", "desk"]));
        assert_eq!(put(&app.client, &id, "ada", &["b", "x"]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
        assert_eq!(put(&okta, &id, "ada", &["x"]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["user"]));
    }

    /// A policy can forbid what rules give: it is told the roles.
    async fn policies_are_told_the_roles(app: TestApp) {
        rules(&app, "manager", json!([rule("roles", "a", "manager")])).await;
        let text = "@notice(\"No roles by SCIM.\")\nforbid (principal is Provost::Connection, action in \
                    [Provost::Action::\"users.create\", Provost::Action::\"users.update\"], resource) \
                    when { context.roles.contains(Provost::Role::\"manager\") };";
        let id = pushed(&app.client, "ada", &[]).await;
        app.admin.post("/policies", &json!({ "name": "roles", "text": text })).await.expect(201);
        let forbidden = refusal(403, "", "No roles by SCIM.");
        assert_eq!(app.client.put(&format!("/Users/{id}"), &body("ada", &["a"])).await.error(), forbidden);
        let add = json!([{ "op": "add", "path": "roles", "value": [{ "value": "a" }] }]);
        assert_eq!(app.client.operations(&format!("/Users/{id}"), add).await.error(), forbidden);
        assert_eq!(app.client.post("/Users", &body("bob", &["a"])).await.error(), forbidden);
        assert_eq!(put(&app.client, &id, "ada", &["other"]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["user"]));
    }

    /// A user who was deleted and restored still owes its roles to the connection.
    async fn a_restored_users_roles_are_still_the_connections(app: TestApp) {
        rules(&app, "manager", json!([rule("roles", "a", "manager")])).await;
        let id = pushed(&app.client, "ada", &["a"]).await;
        assert_eq!(app.admin.delete(&format!("/users/{id}")).await.status, 204);
        let restored = app.admin.post(&format!("/deleted-users/{id}/restore"), &Value::Null).await;
        assert_eq!(restored.status, 200, "{}", restored.body);
        assert_eq!(roles(&app, &id).await, json!(["manager", "user"]));
        assert_eq!(put(&app.client, &id, "ada", &[]).await, 200);
        assert_eq!(roles(&app, &id).await, json!(["user"]));
    }
}

//! The rules by which a connection gives roles, as administrators set them; what they do is in `users::role_mappings`.

use serde_json::{Value, json};

use super::ranks::holder;
use crate::support::{Answer, TestApp, on_both};

fn rule(attribute: &str, value: &str, role: &str) -> Value {
    json!({ "attribute": attribute, "value": value, "role": role })
}

async fn patched(app: &TestApp, body: Value) -> Answer {
    app.admin.patch(&format!("/connections/{}", app.connection.id), &body).await
}

/// The one problem of a 422: the error's code, the problem's pointer, code and sentence.
#[track_caller]
fn problem(answer: &Answer) -> (&str, &str, &str, &str) {
    let (status, code, _) = answer.refusal();
    let problems = answer.body["details"]["problems"].as_array().unwrap();
    assert_eq!((status, problems.len()), (422, 1), "{}", answer.body);
    let text = |name: &str| problems[0][name].as_str().unwrap();
    (code, text("pointer"), text("code"), text("message"))
}

on_both! {
    /// Set with the connection or later, shown by the roles' own names, replaced as a whole, told to the audit log.
    async fn rules_are_set_and_replaced(app: TestApp) {
        let rules = json!([rule("roles", "Managers", "MANAGER"), rule("entitlements", "managers", "user")]);
        let body = json!({ "name": "Okta", "role_ceiling": "manager", "role_mappings": rules });
        let made = app.admin.post("/connections", &body).await.expect(201);
        let shown = json!([rule("roles", "Managers", "manager"), rule("entitlements", "managers", "user")]);
        assert_eq!(made["role_mappings"], shown);
        let path = format!("/connections/{}", made["id"].as_str().unwrap());
        assert_eq!(app.admin.patch(&path, &json!({ "name": "Okta 2" })).await.expect(200)["role_mappings"], shown);
        // One value may give two roles.
        let rules = json!([rule("roles", "Boss", "manager"), rule("roles", "boss", "user")]);
        assert_eq!(app.admin.patch(&path, &json!({ "role_mappings": rules })).await.expect(200)["role_mappings"], rules);
        assert_eq!(app.admin.get(&path).await.expect(200)["role_mappings"], rules);
        assert_eq!(app.admin.patch(&path, &json!({ "role_mappings": rules })).await.expect(200)["version"], 3);
        app.admin.patch(&path, &json!({ "role_mappings": [] })).await.expect(200);
        let events = app.texts("SELECT details FROM audit_events WHERE kind LIKE 'connection.%' ORDER BY id").await;
        let details: Vec<Value> = events.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        assert_eq!(details[details.len() - 4..], [
            json!({ "name": "Okta", "strict": false, "role_mappings": shown }),
            json!({ "changed": ["name"] }),
            json!({ "changed": ["role_mappings"], "role_mappings": rules }),
            json!({ "changed": ["role_mappings"], "role_mappings": [] }),
        ]);
    }

    /// What cannot be is refused, with its place.
    async fn impossible_rules_are_refused(app: TestApp) {
        let unknown = patched(&app, json!({ "role_mappings": [rule("roles", "a", "user"), rule("roles", "b", "boss")] })).await;
        assert_eq!(problem(&unknown), (
            "invalid_roles", "/role_mappings/1/role", "unknown_role",
            "'role_mappings.1.role' is not the name of a role of this tenant; GET /v1/roles lists them.",
        ));
        assert_eq!(unknown.body["details"]["invalid_roles"], json!(["boss"]));
        let beyond = patched(&app, json!({ "role_mappings": [rule("roles", "a", "manager")] })).await;
        assert_eq!(problem(&beyond), (
            "invalid_fields", "/role_mappings/0/role", "beyond_ceiling",
            "'role_mappings.0.role' is 'manager', which holds more than the connection's role ceiling ('user') allows; \
             raise 'role_ceiling', or map onto a role within it.",
        ));
        let twice = patched(&app, json!({ "role_mappings": [rule("roles", "a", "user"), rule("roles", "A", "USER")] })).await;
        assert_eq!(problem(&twice), (
            "invalid_fields", "/role_mappings/1", "duplicate",
            "'role_mappings.1' is there twice; values are compared without case.",
        ));
        let blank = patched(&app, json!({ "role_mappings": [rule("roles", " ", "user")] })).await;
        assert_eq!(problem(&blank).1, "/role_mappings/0/value");
        for (body, pointer) in [
            (json!([rule("groups", "a", "user")]), "/role_mappings/0/attribute"),
            (json!([rule("roles", "", "user")]), "/role_mappings/0/value"),
            (json!([rule("roles", &"x".repeat(501), "user")]), "/role_mappings/0/value"),
            (json!([{ "attribute": "roles", "value": "a" }]), "/role_mappings/0/role"),
            (json!([{ "attribute": "roles", "value": "a", "role": "user", "type": "x" }]), "/role_mappings/0/type"),
            ((0..201).map(|place| rule("roles", &place.to_string(), "user")).collect(), "/role_mappings"),
        ] {
            let answer = patched(&app, json!({ "role_mappings": body })).await;
            assert_eq!((answer.refusal().0, answer.problems()[0].0), (400, pointer));
        }
        let path = format!("/connections/{}", app.connection.id);
        assert_eq!(app.admin.get(&path).await.expect(200)["version"], 1);
    }

    /// A ceiling is not lowered below what the rules give, unless they are changed with it.
    async fn a_ceiling_stays_above_its_rules(app: TestApp) {
        patched(&app, json!({ "role_ceiling": "manager", "role_mappings": [rule("roles", "Boss", "manager")] })).await.expect(200);
        let lowered = patched(&app, json!({ "role_ceiling": "user" })).await;
        assert_eq!(problem(&lowered), (
            "invalid_fields", "/role_ceiling", "beyond_ceiling",
            "'role_ceiling' cannot be 'user' while the value 'Boss' of 'roles' maps onto 'manager', which holds more; \
             change 'role_mappings' with it.",
        ));
        patched(&app, json!({ "role_ceiling": "user", "role_mappings": [] })).await.expect(200);
    }

    /// Nobody makes a rule that gives what they lack.
    async fn nobody_maps_onto_what_they_lack(app: TestApp) {
        let (_, admin) = holder(&app, "admin", &["admin"]).await;
        let path = format!("/connections/{}", app.connection.id);
        let body = json!({ "role_mappings": [rule("roles", "Owners", "owner")] });
        let refused = admin.patch(&path, &body).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "exceeds_permissions"));
        assert_eq!(refused.refusal().2, "The roles of 'role_mappings' hold permissions that you lack: owners.write.");
        let body = json!({ "role_ceiling": "admin", "role_mappings": [rule("roles", "Admins", "admin")] });
        admin.patch(&path, &body).await.expect(200);
    }

    /// A rule whose role is removed gives nothing and is not shown any more.
    async fn a_rule_goes_with_its_role(app: TestApp) {
        let role = app.admin.post("/roles", &json!({ "name": "desk", "permissions": [] })).await.created();
        patched(&app, json!({ "role_mappings": [rule("roles", "Desk", "desk"), rule("roles", "All", "user")] })).await.expect(200);
        assert_eq!(app.admin.delete(&format!("/roles/{role}")).await.status, 204);
        let path = format!("/connections/{}", app.connection.id);
        assert_eq!(app.admin.get(&path).await.expect(200)["role_mappings"], json!([rule("roles", "All", "user")]));
        let body = json!({ "userName": "ada", "roles": [{ "value": "Desk" }] });
        let id = app.client.post("/Users", &body).await.created();
        assert_eq!(app.admin.get(&format!("/users/{id}")).await.expect(200)["roles"], json!(["user"]));
        assert_eq!(
            app.audit().await.last().unwrap(),
            r#"user.created {"userName":"ada","unmapped_roles":[{"attribute":"roles","value":"Desk"}]}"#
        );
    }
}

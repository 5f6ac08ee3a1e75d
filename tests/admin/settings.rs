//! A tenant's settings.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, on_both};

fn own(app: &TestApp) -> String {
    format!("/tenants/{}", app.tenant.id)
}

async fn patch(app: &TestApp, settings: Value) -> Answer {
    app.admin.patch(&own(app), &json!({ "settings": settings })).await
}

on_both! {
    /// The defaults, and every field changed; what is left out stays.
    async fn every_setting_can_be_changed(app: TestApp) {
        let nist = json!({
            "preset": "nist", "min_length": 15, "require_upper": false, "require_lower": false, "require_digit": false,
            "require_special": false, "forbid_whitespace": false, "forbid_own_data": false, "forbid_common": true,
            "denied_words": [], "history": 0,
        });
        let before = app.admin.get(&own(&app)).await.expect(200);
        assert_eq!(before["settings"], json!({
            "default_roles": ["user"], "names_required": false, "name_order": "given_first",
            "email_verification_required": false, "mfa_required": false, "invitation_hours": 168, "retention_days": 30,
            "self_registration": { "enabled": false, "domains": [] },
            "sign_in_names": { "hosts": [], "email_domains": [] }, "password_policy": nist,
        }));
        app.admin.post("/roles", &json!({ "name": "Desk", "permissions": ["users.read"] })).await.expect(201);
        let changed = patch(&app, json!({
            "default_roles": ["desk", "USER"], "names_required": true, "default_region": "de", "name_order": "family_first",
            "email_verification_required": true, "mfa_required": true, "invitation_hours": 720, "retention_days": 0,
            "self_registration": { "enabled": true, "domains": ["Example.com", "bücher.example.com", "EXAMPLE.com"] },
            "password_policy": { "preset": "classic", "max_length": null, "min_length": 8, "history": 3, "min_strength": 2 },
        })).await;
        assert_eq!(changed.header("etag"), Some("W/\"2\""));
        let changed = changed.expect(200);
        let settings = json!({
            "default_roles": ["user", "Desk"], "names_required": true, "default_region": "DE", "name_order": "family_first",
            "email_verification_required": true, "mfa_required": true, "invitation_hours": 720, "retention_days": 0,
            "self_registration": { "enabled": true, "domains": ["example.com", "xn--bcher-kva.example.com"] },
            "sign_in_names": { "hosts": [], "email_domains": [] },
            "password_policy": {
                "min_length": 8, "require_upper": true, "require_lower": true, "require_digit": true, "require_special": true,
                "forbid_whitespace": true, "forbid_own_data": false, "forbid_common": false, "denied_words": [],
                "min_strength": 2, "history": 3,
            },
        });
        assert_eq!(changed["settings"], settings);
        assert_eq!(app.admin.get(&own(&app)).await.expect(200), changed);
        // Written back as it was read nothing changes, not even the version.
        assert_eq!(patch(&app, settings).await.expect(200), changed);
        let cleared = patch(&app, json!({ "default_region": null })).await.expect(200);
        assert_eq!((cleared["settings"].get("default_region"), &cleared["version"]), (None, &json!(3)));
        let back = patch(&app, json!({ "password_policy": { "preset": "nist" } })).await.expect(200);
        assert_eq!(back["settings"]["password_policy"], nist);
        let events = app.texts("SELECT details FROM audit_events WHERE kind = 'tenant.updated' ORDER BY id").await;
        assert_eq!(events[1..], [r#"{"fields":["default_region"]}"#, r#"{"fields":["password_policy"]}"#]);
    }

    /// What cannot be is named with its place; nothing of the patch is written then.
    async fn limits_are_told_by_field(app: TestApp) {
        let malformed = patch(&app, json!({
            "invitation_hours": 0, "retention_days": 3651, "name_order": "upside_down", "default_roles": [],
            "password_policy": { "preset": "lax", "min_strength": 5 }, "colour": "red",
        })).await;
        assert_eq!(malformed.refusal().0, 400);
        let mut problems = malformed.problems();
        problems.sort_unstable();
        assert_eq!(problems, [
            ("/settings/colour", "unknown"),
            ("/settings/default_roles", "too_few"),
            ("/settings/invitation_hours", "too_small"),
            ("/settings/name_order", "enum"),
            ("/settings/password_policy/min_strength", "too_large"),
            ("/settings/password_policy/preset", "enum"),
            ("/settings/retention_days", "too_large"),
        ]);
        let impossible = patch(&app, json!({
            "names_required": true, "default_region": "XX",
            "self_registration": { "domains": ["example.com", "localhost"] },
            "password_policy": { "min_length": 20, "max_length": 10 },
        })).await;
        assert_eq!(impossible.refusal().0, 422);
        assert_eq!(impossible.problems(), [
            ("/settings/default_region", "invalid_region"),
            ("/settings/self_registration/domains/1", "invalid_domain"),
            ("/settings/password_policy/max_length", "invalid_policy"),
        ]);
        let unknown = patch(&app, json!({ "default_roles": ["user", "boss"] })).await;
        assert_eq!((unknown.refusal().0, unknown.refusal().1), (422, "invalid_roles"));
        assert_eq!(unknown.body["details"]["invalid_roles"], json!(["boss"]));
        assert_eq!(unknown.problems(), [("/settings/default_roles/1", "unknown_role")]);
        let both = patch(&app, json!({ "default_roles": ["boss"], "default_region": "XX" })).await;
        assert_eq!((both.refusal().1, &both.body["details"]["invalid_roles"]), ("invalid_fields", &json!(["boss"])));
        assert_eq!(both.problems(), [("/settings/default_region", "invalid_region"), ("/settings/default_roles/0", "unknown_role")]);
        assert_eq!(app.admin.get(&own(&app)).await.expect(200)["version"], json!(1));
    }

    /// Who sets default roles holds what they hold, and a role that is one is not removed.
    async fn default_roles_are_given_by_who_holds_them(app: TestApp) {
        let key = app.admin.post("/api-keys", &json!({ "name": "k", "permissions": ["tenant.update", "roles.assign", "users.read", "self.read", "self.update"] })).await.expect(201);
        let client = Client::new(&app.admin.base_url, key["key"].as_str().unwrap());
        let role = app.admin.post("/roles", &json!({ "name": "Desk", "permissions": ["users.read"] })).await.expect(201);
        let refused = client.patch(&own(&app), &json!({ "settings": { "default_roles": ["admin"] } })).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "exceeds_permissions"));
        client.patch(&own(&app), &json!({ "settings": { "default_roles": ["Desk"] } })).await.expect(200);
        let user = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc", "roles": ["user"] })).await.expect(201);
        assert_eq!(user["roles"], json!(["user"]));
        let user = app.admin.post("/users", &json!({ "user_name": "bob", "auth_provider": "oidc" })).await.expect(201);
        assert_eq!(user["roles"], json!(["Desk"]));
        let bob = format!("/users/{}", user["id"].as_str().unwrap());
        app.admin.patch(&bob, &json!({ "roles": ["user"] })).await.expect(200);
        let path = format!("/roles/{}", role["id"].as_str().unwrap());
        let kept = app.admin.delete(&path).await;
        assert_eq!(kept.refusal(), (409, "role_in_use", "The role 'Desk' is one of the tenant's default roles; take it out of 'default_roles' first."));
    }

    /// `If-Match` names the version that was read; of two who read the same one changes it.
    async fn settings_have_a_version(app: TestApp) {
        let change = async |hours: u32, tag: &str| {
            let body = json!({ "settings": { "invitation_hours": hours } });
            let request = app.admin.request(Method::PATCH, &own(&app)).header("If-Match", tag);
            Answer::of(request.header("content-type", "application/json").body(body.to_string())).await
        };
        let (one, other) = tokio::join!(change(1, "W/\"1\""), change(2, "W/\"1\""));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        assert_eq!(change(3, "W/\"2\"").await.expect(200)["version"], json!(3));
    }

    /// Settings take effect with the next request: a new policy refuses what the old one took.
    async fn a_new_policy_holds_at_once(app: TestApp) {
        let body = |name: &str| json!({ "user_name": name, "password": "foobarbaz" });
        assert_eq!(app.admin.post("/users", &body("ada")).await.refusal().1, "password_policy");
        patch(&app, json!({ "password_policy": { "preset": "minimal" } })).await.expect(200);
        let user = app.admin.post("/users", &body("ada")).await.expect(201);
        assert_eq!(user["user_name"], json!("ada"));
        let stored = app.provisioning.storage.find_tenant(app.tenant.id).await.unwrap().unwrap();
        assert!(stored.generation > app.tenant.generation);
    }

    /// Names and numbers that do not say it themselves are read as the tenant says, at each of its doors.
    async fn names_and_numbers_are_read_as_the_tenant_says(app: TestApp) {
        let parts = |user: &Value| [user["given_name"].clone(), user["family_name"].clone()];
        let create = async |name: &str, more: Value| {
            let mut body = json!({ "user_name": name, "auth_provider": "oidc", "name": "Nagy Anna" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            app.admin.post("/users", &body).await
        };
        let push = async |name: &str, more: Value| {
            let mut body = json!({ "userName": name, "name": { "formatted": "Nagy Anna" } });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let id = app.client.post("/Users", &body).await.created();
            app.admin.get(&format!("/users/{id}")).await.expect(200)
        };
        let given_first = [json!("Nagy"), json!("Anna")];
        let family_first = [json!("Anna"), json!("Nagy")];
        assert_eq!(parts(&create("a", json!({})).await.expect(201)), given_first);
        assert_eq!(parts(&push("b", json!({})).await), given_first);
        let nowhere = create("c", json!({ "phone": "044 668 18 00" })).await;
        assert_eq!((nowhere.refusal().0, nowhere.problems()), (422, vec![("/phone", "invalid")]));

        patch(&app, json!({ "name_order": "family_first", "default_region": "CH" })).await.expect(200);
        let made = create("c", json!({ "phone": "044 668 18 00" })).await.expect(201);
        assert_eq!((parts(&made), &made["phone"]), (family_first.clone(), &json!("+41446681800")));
        let pushed = push("d", json!({})).await;
        assert_eq!(parts(&pushed), family_first);
        // A language that tells the order goes before the tenant's.
        let vietnamese = push("e", json!({ "locale": "vi", "name": { "formatted": "Nguyen Thi Anna" } })).await;
        assert_eq!((parts(&vietnamese), &vietnamese["middle_name"]), ([json!("Anna"), json!("Nguyen")], &json!("Thi")));

        // What an identity provider says later is read in the same way.
        let id = pushed["id"].as_str().unwrap();
        let renamed = json!([{ "op": "replace", "path": "name.formatted", "value": "Kovacs Bela" }]);
        app.client.operations(&format!("/Users/{id}"), renamed).await.expect(200);
        let read = app.admin.get(&format!("/users/{id}")).await.expect(200);
        assert_eq!(parts(&read), [json!("Bela"), json!("Kovacs")]);
        let put = json!({ "userName": "d", "name": { "formatted": "Szabo Zita" } });
        app.client.put(&format!("/Users/{id}"), &put).await.expect(200);
        let read = app.admin.get(&format!("/users/{id}")).await.expect(200);
        assert_eq!(parts(&read), [json!("Zita"), json!("Szabo")]);
    }
}

//! What was read can be sent back: unchanged it changes nothing, whatever it is of.

use serde_json::{Value, json};

use crate::admin::groups::made;
use crate::admin::ranks::holder;
use crate::support::{Client, TestApp, on_both};

const AVATAR: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";

/// Sends back what a path answers, by each of these methods, and looks whether anything changed.
async fn send_back(client: &Client, app: &TestApp, path: &str, methods: &[&str]) {
    let before = client.get(path).await;
    let (tag, read) = (before.header("etag").map(str::to_owned), before.expect(200));
    let events = app.audit().await.len();
    for method in methods {
        let answer = match *method {
            "PUT" => client.put(path, &read).await,
            _ => client.patch(path, &read).await,
        };
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        assert_eq!(answer.header("etag").map(str::to_owned), tag, "{method} {path}");
        assert_eq!(answer.body, read, "{method} {path}");
    }
    assert_eq!(app.audit().await.len(), events, "{path}");
}

/// Changes one field after another of what a path answers; each is refused by its name.
async fn change_each(app: &TestApp, path: &str, methods: &[&str], computed: &[&str]) {
    let read = app.admin.get(path).await.expect(200);
    for name in computed {
        let mut body = read.clone();
        body[*name] = match &read[*name] {
            Value::String(text) => json!(format!("{text}x")),
            Value::Bool(is) => json!(!is),
            Value::Number(number) => json!(number.as_i64().unwrap() + 1),
            _ => json!("something else"),
        };
        for method in methods {
            let answer = match *method {
                "PUT" => app.admin.put(path, &body).await,
                _ => app.admin.patch(path, &body).await,
            };
            assert_eq!(answer.refusal().0, 400, "{method} {path} {name}");
            assert_eq!(answer.problems(), [(&*format!("/{name}"), "read_only")], "{method} {path}");
        }
    }
    assert_eq!(app.admin.get(path).await.expect(200), read);
}

on_both! {
    /// Users with everything that users have, from either door.
    async fn users_as_they_were_read_change_nothing(app: TestApp) {
        for attribute in [
            json!({ "name": "cost_center", "type": "string" }),
            json!({ "name": "badge", "type": "string", "editable_by": ["admin"], "visible_to": ["admin", "user"], "mutability": "immutable" }),
        ] {
            app.admin.post("/attributes", &attribute).await.expect(201);
        }
        let boss = app.client.user("boss").await;
        let acme = json!({ "name": "Acme", "kind": "organization", "members": [{ "id": boss, "role": "owner" }] });
        let acme = made(&app.admin, acme).await;
        let team = made(&app.admin, json!({ "name": "team", "roles": ["read_only"] })).await;
        app.client.group("outer", &[&team]).await;
        let europe = made(&app.admin, json!({ "name": "Europe", "kind": "resource_group" })).await;
        let bern = made(&app.admin, json!({ "name": "Bern", "kind": "resource_group", "parent_id": europe })).await;
        let full = json!({
            "user_name": "ada", "email": "Ada@example.com", "email_verified": true, "name": "Dr. Ada Augusta King", "phone": "+41446681800",
            "display_name": "Ada", "avatar": AVATAR, "locale": "de-CH", "timezone": "Europe/Zurich", "external_id": "a-1",
            "entity_id": "0190d2a5-0000-7000-8000-000000000000", "roles": ["user", "manager"], "groups": [team],
            "resource_groups": [bern], "organizations": [{ "id": acme, "role": "manager" }], "must_enrol_mfa": true,
            "custom": { "cost_center": "7", "badge": "A" }, "password": "seventeen purple llamas",
        });
        let invited = json!({ "action": "invite", "email": "eve@example.com", "groups": [team] });
        let robot = json!({ "user_name": "robot", "service_account": true, "name": "Build Robot" });
        let mut ids = Vec::new();
        for body in [full, invited, robot] {
            ids.push(app.admin.post("/users", &body).await.created());
        }
        // In forms that this API would not take: an identity provider's word stands as long as nobody says another.
        ids.push(app.client.post("/Users", &json!({
            "userName": "scim", "name": { "givenName": "Grace", "familyName": "Hopper" }, "phoneNumbers": [{ "value": "call me" }],
            "emails": [{ "value": "grace@localhost" }, { "value": "other@example.com", "type": "home" }], "externalId": "s-1",
        })).await.created());
        ids.push(app.client.post("/Users", &json!({ "userName": "formatted", "name": { "formatted": "Ms Ada King" } })).await.created());
        ids.push(app.client.post("/Users", &json!({ "userName": "off", "active": false })).await.created());
        for id in &ids {
            let path = format!("/users/{id}");
            send_back(&app.admin, &app, &path, &["PUT", "PATCH"]).await;
            send_back(&app.admin, &app, &format!("{path}/roles"), &["PUT"]).await;
        }
        let path = format!("/users/{}", ids[0]);
        let user = app.admin.get(&path).await.expect(200);
        assert_eq!((user["groups"].as_array().map(Vec::len), user["resource_groups"].as_array().map(Vec::len)), (Some(2), Some(2)));
        let computed = [
            "id", "tenant_id", "has_avatar", "is_owner", "status", "permissions", "mfa", "identities", "connection_id", "created_at",
            "updated_at", "version",
        ];
        change_each(&app, &path, &["PUT", "PATCH"], &computed).await;
        change_each(&app, &format!("{path}/roles"), &["PUT"], &["effective", "permissions"]).await;
    }

    /// People may send back what they read of themselves.
    async fn oneself_as_it_was_read_changes_nothing(app: TestApp) {
        let attribute = json!({ "name": "badge", "type": "string", "editable_by": ["admin"], "visible_to": ["admin", "user"] });
        app.admin.post("/attributes", &attribute).await.expect(201);
        app.admin.post("/attributes", &json!({ "name": "secret", "type": "string", "visible_to": ["admin"], "editable_by": ["admin"] })).await.expect(201);
        let (id, ada) = holder(&app, "ada", &["user"]).await;
        let path = format!("/users/{id}");
        app.client.group("team", &[&id]).await;
        made(&app.admin, json!({ "name": "Acme", "kind": "organization", "members": [{ "id": id, "role": "owner" }] })).await;
        app.admin.patch(&path, &json!({ "email": "ada@example.com", "name": "Ada King", "custom": { "badge": "A", "secret": "s" } })).await.expect(200);
        send_back(&ada, &app, &path, &["PATCH", "PUT"]).await;
        assert_eq!(app.admin.get(&path).await.expect(200)["custom"], json!({ "badge": "A", "secret": "s" }));
    }

    /// Of what was read, single groups can be left out, and roles in organizations be others; nothing else of them.
    async fn groups_as_they_were_read_can_be_fewer(app: TestApp) {
        let (team, crew) = (app.client.group("team", &[]).await, app.client.group("crew", &[]).await);
        app.client.group("outer", &[&team]).await;
        let boss = app.client.user("boss").await;
        let acme = json!({ "name": "Acme", "kind": "organization", "members": [{ "id": boss, "role": "owner" }] });
        let acme = made(&app.admin, acme).await;
        let body = json!({
            "user_name": "ada", "auth_provider": "oidc", "groups": [team, crew], "organizations": [{ "id": acme, "role": "manager" }],
        });
        let mut user = app.admin.post("/users", &body).await.expect(201);
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        assert_eq!(user["groups"].as_array().map(Vec::len), Some(3));
        user["groups"].as_array_mut().unwrap().retain(|group| group["id"] != json!(crew));
        user["organizations"][0]["role"] = json!("admin");
        let put = app.admin.put(&path, &user).await.expect(200);
        assert_eq!((&put["groups"], &put["organizations"]), (&user["groups"], &user["organizations"]));
        assert_eq!(put["version"], 2);
        for (field, pointer, code) in [("groups", "/groups/0", "type"), ("organizations", "/organizations/0/direct", "unknown")] {
            let mut changed = json!({ field: put[field] });
            changed[field][0]["name"] = json!("another");
            let refused = app.admin.patch(&path, &changed).await;
            assert_eq!(refused.refusal().0, 400);
            assert!(refused.problems().contains(&(pointer, code)), "{}", refused.body);
        }
    }

    /// Everything else that can be read and changed.
    async fn things_as_they_were_read_change_nothing(app: TestApp) {
        let admin = &app.admin;
        let user = app.client.user("ada").await;
        let made = async |path: &str, body: Value| {
            let id = admin.post(path, &body).await.expect(201)["id"].as_str().unwrap().to_owned();
            format!("{path}/{id}")
        };
        let common = ["id", "created_at", "updated_at", "version"];
        let and = |more: &[&'static str]| [&common[..], more].concat();
        let text = format!("forbid (principal, action == Provost::Action::\"users.delete\", resource == Provost::User::\"{user}\");");
        let mapping = json!([{ "attribute": "roles", "value": "boss", "role": "user" }]);
        let group = json!({ "name": "team", "roles": ["user"], "external_id": "t", "members": [{ "id": user }] });
        let top = admin.post("/groups", &json!({ "name": "top", "kind": "resource_group" })).await.created();
        let attribute = json!({ "name": "cost_center", "type": "string", "max": 6 });
        admin.post("/attributes", &attribute).await.expect(201);
        let things = [
            (made("/roles", json!({ "name": "auditor", "permissions": ["users.read"] })).await, and(&["built_in"])),
            (made("/policies", json!({ "name": "kept", "text": text })).await, and(&[])),
            (made("/connections", json!({ "name": "hr", "role_mappings": mapping })).await, and(&[])),
            (made("/webhooks", json!({ "url": "https://93.184.216.34/hook", "event_types": ["user.created"], "description": "d" })).await, and(&[])),
            (made("/groups", group).await, and(&["tenant_id", "kind", "member_count", "permissions"])),
            (made("/groups", json!({ "name": "low", "kind": "resource_group", "parent_id": top })).await, and(&["kind"])),
            ("/attributes/cost_center".to_owned(), vec!["version", "type"]),
            (format!("/tenants/{}", app.tenant.id), and(&["slug", "status"])),
        ];
        for (path, computed) in &things {
            send_back(admin, &app, path, &["PATCH"]).await;
            change_each(&app, path, &["PATCH"], computed).await;
        }
        // A rotated webhook tells until when the secret before signs.
        let webhook = &things[3].0;
        admin.post(&format!("{webhook}/rotate"), &json!({})).await.expect(200);
        send_back(admin, &app, webhook, &["PATCH"]).await;
        change_each(&app, webhook, &["PATCH"], &["previous_secret_until"]).await;
        for policy in [json!({ "preset": "classic" }), json!({ "min_length": 9, "history": 2 })] {
            admin.put("/password-policy", &policy).await.expect(200);
            send_back(admin, &app, "/password-policy", &["PUT"]).await;
            send_back(admin, &app, &things[7].0, &["PATCH"]).await;
        }
    }
}

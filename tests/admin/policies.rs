//! `/v1/policies`, and what a tenant's own policies do to the admin API.

use std::time::Duration;

use provost::model::UserId;
use provost::provisioning::directory::KeyDraft;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, on_both};

const FREEZE: &str = "@notice(\"Changes are frozen until Monday.\")\n\
    forbid (principal, action in [Provost::Action::\"users.update\", Provost::Action::\"users.delete\"], resource);";

/// Makes a policy and gives its path.
async fn policy(app: &TestApp, name: &str, text: &str) -> String {
    let made = app.admin.post("/policies", &json!({ "name": name, "text": text })).await.expect(201);
    format!("/policies/{}", made["id"].as_str().unwrap())
}

/// A user with these roles, and a client with a key of theirs.
async fn holder(app: &TestApp, name: &str, roles: &[&str]) -> (String, Client) {
    let body = json!({ "user_name": name, "auth_provider": "oidc", "roles": roles });
    let id = app.admin.post("/users", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let user_id = Some(UserId(id.parse().unwrap()));
    let draft = KeyDraft { name: name.to_owned(), user_id, permissions: None, expires_at: None };
    let key = app.directory.create_operator_key(app.tenant.id, draft).await.unwrap();
    (id, Client::new(&app.admin.base_url, key.text.expose()))
}

fn names(answer: &Value, list: &str, name: &str) -> Vec<String> {
    let elements = answer[list].as_array().unwrap().iter();
    elements.map(|element| element[name].as_str().unwrap().to_owned()).collect()
}

fn refused(answer: &Answer) -> (u16, &str, &Value) {
    let (status, code, _) = answer.refusal();
    (status, code, &answer.body["notices"])
}

on_both! {
    /// Made, read, listed, changed under its version, removed; each change is told to the audit log.
    async fn a_policy_comes_and_goes(app: TestApp) {
        let made = app.admin.post("/policies", &json!({ "name": " Freeze ", "text": FREEZE })).await;
        assert_eq!(made.header("etag"), Some("W/\"1\""));
        let location = made.header("location").unwrap().to_owned();
        let made = made.expect(201);
        let path = format!("/policies/{}", made["id"].as_str().unwrap());
        assert!(location.ends_with(&path), "{location}");
        assert_eq!((&made["name"], &made["text"], &made["enabled"]), (&json!("Freeze"), &json!(FREEZE), &json!(true)));
        assert_eq!(app.admin.get(&path).await.expect(200), made);
        assert_eq!(app.admin.get("/policies").await.expect(200), json!({ "policies": [made] }));

        let taken = app.admin.post("/policies", &json!({ "name": "FREEZE", "text": FREEZE })).await;
        assert_eq!((taken.refusal().0, taken.refusal().1), (409, "policy_exists"));
        let off = app.admin.patch(&path, &json!({ "enabled": false })).await.expect(200);
        assert_eq!((&off["enabled"], &off["version"], &off["text"]), (&json!(false), &json!(2), &json!(FREEZE)));
        let stale = app.admin.with_header(reqwest::Method::DELETE, &path, "if-match", "W/\"1\"").await;
        assert_eq!(stale.refusal().0, 412);
        assert_eq!(app.admin.with_header(reqwest::Method::DELETE, &path, "if-match", "W/\"2\"").await.status, 204);
        assert_eq!(app.admin.get(&path).await.refusal().0, 404);

        let events = app.texts("SELECT kind || ' ' || details FROM audit_events WHERE target_kind = 'policy' ORDER BY id").await;
        let expected = [
            json!({ "change": "created", "name": "Freeze", "enabled": true }),
            json!({ "change": "updated", "name": "Freeze", "enabled": false, "changed": ["enabled"] }),
            json!({ "change": "deleted", "name": "Freeze" }),
        ];
        assert_eq!(events, expected.map(|details| format!("policy.changed {details}")));
    }

    /// What it forbids is refused with what it says, at once on this server; disabled, it counts for nothing.
    async fn a_forbid_holds_at_once(app: TestApp) {
        let user = format!("/users/{}", app.client.user("bjensen").await);
        let path = policy(&app, "freeze", FREEZE).await;
        let notice = json!(["Changes are frozen until Monday."]);
        let body = json!({ "display_name": "Barbara" });
        for answer in [
            app.admin.patch(&user, &body).await,
            app.admin.post(&format!("{user}/suspend"), &json!({})).await,
            app.admin.delete(&user).await,
        ] {
            assert_eq!(refused(&answer), (403, "denied_by_policy", &notice));
        }
        assert!(app.admin.get(&user).await.expect(200).get("display_name").is_none_or(Value::is_null));
        app.admin.patch(&path, &json!({ "enabled": false })).await.expect(200);
        assert_eq!(app.admin.patch(&user, &body).await.expect(200)["display_name"], "Barbara");
    }

    /// Another server follows within a second.
    async fn other_servers_follow_within_a_second(app: TestApp) {
        let beside = app.server_beside().await;
        let user = format!("/Users/{}", app.client.user("bjensen").await);
        let replace = json!([{ "op": "replace", "path": "displayName", "value": "x" }]);
        beside.client.operations(&user, replace.clone()).await.expect(200);
        policy(&app, "freeze", FREEZE).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let refused = beside.client.operations(&user, replace).await;
        assert_eq!(refused.error(), (403, String::new(), "Changes are frozen until Monday.".to_owned()));
    }

    /// A permit says its notice in a header, as it is or encoded; where a permission allows it too, both do.
    async fn a_permit_tells_its_notice(app: TestApp) {
        policy(&app, "watch", "@notice(\"Reading is watched.\")\npermit (principal, action == Provost::Action::\"users.read\", resource);").await;
        let read = app.admin.get("/users").await;
        assert_eq!(read.header("provost-notice"), Some("Reading is watched."));
        read.expect(200);
        policy(&app, "greet", "@notice(\"Grüß dich\")\npermit (principal, action == Provost::Action::\"roles.read\", resource);").await;
        let read = app.admin.get("/roles").await;
        assert_eq!(read.header("provost-notice"), Some("UTF-8''Gr%C3%BC%C3%9F%20dich"));
        assert_eq!(app.admin.get("/policies").await.header("provost-notice"), None);
    }

    /// Mistakes come with policy, line and column, and nothing is stored.
    async fn mistakes_have_their_places(app: TestApp) {
        let text = "permit (principal, action, resource);\nforbid (\n    principal in Provost::Role::\"ghost\",\n    action,\n    resource\n);";
        let wrong = app.admin.post("/policies", &json!({ "name": "ghosts", "text": text })).await;
        assert_eq!((wrong.refusal().0, wrong.refusal().1), (422, "invalid_policies"));
        assert_eq!(wrong.body["details"]["mistakes"], json!([{
            "policy": "ghosts", "line": 3, "column": 33, "message": "There is no role \"ghost\" in this tenant.",
        }]));
        let wrong = app.admin.post("/policies", &json!({ "name": "typo", "text": "forbid (principal, action resource);" })).await;
        let mistake = &wrong.body["details"]["mistakes"][0];
        assert_eq!((wrong.refusal().0, &mistake["line"], &mistake["column"]), (422, &json!(1), &json!(27)));
        assert_eq!(app.admin.get("/policies").await.expect(200), json!({ "policies": [] }));
        let nameless = app.admin.post("/policies", &json!({ "name": "  ", "text": FREEZE })).await;
        assert_eq!((nameless.status, nameless.problems()), (422, vec![("/name", "required")]));
    }

    /// Nobody shuts themselves out, neither from policies altogether nor from the one at hand.
    async fn nobody_shuts_themselves_out(app: TestApp) {
        let text = "forbid (principal, action == Provost::Action::\"policies.write\", resource);";
        let out = app.admin.post("/policies", &json!({ "name": "out", "text": text })).await;
        assert_eq!((out.refusal().0, out.refusal().1), (409, "lock_out"));
        assert_eq!(out.body["details"]["policies"][0]["name"], "out");
        let path = policy(&app, "freeze", FREEZE).await;
        let out = app.admin.patch(&path, &json!({ "text": text })).await;
        assert_eq!((out.refusal().0, out.refusal().1), (409, "lock_out"));
        assert_eq!(app.admin.get(&path).await.expect(200)["version"], 1);
        // Others may be shut out.
        let others = "forbid (principal is Provost::User, action == Provost::Action::\"policies.write\", resource);";
        policy(&app, "others", others).await;
        let (_, owner) = holder(&app, "olga", &["owner"]).await;
        let refused = owner.post("/policies", &json!({ "name": "x", "text": FREEZE })).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "denied_by_policy"));
    }

    /// A policy is its tenant's: nobody else reads it, and nobody else is bound by it.
    async fn a_policy_stays_in_its_tenant(app: TestApp) {
        let path = policy(&app, "freeze", FREEZE).await;
        let other = app.other_admin("globex").await;
        for answer in [
            other.get(&path).await,
            other.patch(&path, &json!({ "enabled": false })).await,
            other.delete(&path).await,
        ] {
            assert_eq!(answer.refusal().0, 404);
        }
        assert_eq!(other.get("/policies").await.expect(200), json!({ "policies": [] }));
        let body = json!({ "user_name": "ada", "auth_provider": "oidc" });
        let user = other.post("/users", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
        other.patch(&format!("/users/{user}"), &json!({ "display_name": "Ada" })).await.expect(200);
        other.post("/policies", &json!({ "name": "freeze", "text": FREEZE })).await.expect(201);
    }

    /// Each element of a list is decided by itself.
    async fn each_element_of_a_list_is_decided(app: TestApp) {
        let (secret, _) = holder(&app, "secret", &["user"]).await;
        let (_, _) = holder(&app, "open", &["user"]).await;
        let text = format!("forbid (principal, action == Provost::Action::\"users.read\", resource == Provost::User::\"{secret}\");");
        policy(&app, "hide", &text).await;
        let list = app.admin.get("/users").await.expect(200);
        assert_eq!(names(&list, "users", "user_name"), ["open"]);
        assert_eq!(app.admin.get(&format!("/users/{secret}")).await.refusal().1, "denied_by_policy");
        policy(&app, "hide keys", "forbid (principal, action == Provost::Action::\"api_keys.read\", resource is Provost::ApiKey) when { resource.name == \"open\" };").await;
        let keys = app.admin.get("/api-keys").await.expect(200);
        assert_eq!(names(&keys, "api_keys", "name"), ["test", "secret"]);
        policy(&app, "hide roles", "forbid (principal, action == Provost::Action::\"roles.read\", resource == Provost::Role::\"owner\");").await;
        let roles = app.admin.get("/roles").await.expect(200);
        assert_eq!(names(&roles, "roles", "name"), ["admin", "manager", "read_only", "user"]);
    }

    /// A role that a policy names stays, under that name; without the policy it may go.
    async fn a_role_that_a_policy_names_stays(app: TestApp) {
        let role = app.admin.post("/roles", &json!({ "name": "Desk", "permissions": ["users.read"] })).await.expect(201);
        let role = format!("/roles/{}", role["id"].as_str().unwrap());
        let text = "forbid (\n    principal in Provost::Role::\"desk\",\n    action == Provost::Action::\"users.read\",\n    resource\n);";
        let path = policy(&app, "desk", text).await;
        let mistake = json!([{ "policy": "desk", "line": 2, "column": 33, "message": "There is no role \"desk\" in this tenant." }]);
        for answer in [app.admin.delete(&role).await, app.admin.patch(&role, &json!({ "name": "Front" })).await] {
            assert_eq!((answer.refusal().0, answer.refusal().1), (422, "invalid_policies"));
            assert_eq!(answer.body["details"]["mistakes"], mistake);
        }
        app.admin.patch(&role, &json!({ "permissions": ["groups.read"] })).await.expect(200);
        app.admin.delete(&path).await.expect(204);
        app.admin.delete(&role).await.expect(204);
    }

    /// What is in a user's way is in the way of the user's keys; a user's own routes ask for more than for oneself.
    async fn policies_meet_a_users_keys(app: TestApp) {
        let (id, key) = holder(&app, "mia", &["manager"]).await;
        let other = format!("/users/{}", app.client.user("bjensen").await);
        let text = "@notice(\"Managers rest.\")\nforbid (principal is Provost::User in Provost::Role::\"manager\", action == Provost::Action::\"users.update\", resource);";
        policy(&app, "rest", text).await;
        let body = json!({ "display_name": "x" });
        assert_eq!(refused(&key.patch(&other, &body).await), (403, "denied_by_policy", &json!(["Managers rest."])));
        key.patch(&format!("/users/{id}"), &body).await.expect(200);
        let more = key.patch(&format!("/users/{id}"), &json!({ "email": "mia@example.com" })).await;
        assert_eq!(refused(&more), (403, "denied_by_policy", &json!(["Managers rest."])));
        app.admin.patch(&other, &body).await.expect(200);
    }

    /// What changes, and which roles are given, is told to policies.
    async fn policies_know_what_changes(app: TestApp) {
        let user = format!("/users/{}", app.client.user("bjensen").await);
        policy(&app, "names stay", "forbid (principal, action == Provost::Action::\"users.update\", resource) when { context.changed.contains(\"displayName\") };").await;
        policy(&app, "no admins", "forbid (principal, action == Provost::Action::\"roles.assign\", resource) when { context.roles.contains(Provost::Role::\"admin\") };").await;
        assert_eq!(app.admin.patch(&user, &json!({ "display_name": "x" })).await.refusal().1, "denied_by_policy");
        app.admin.patch(&user, &json!({ "timezone": "Europe/Paris" })).await.expect(200);
        assert_eq!(app.admin.patch(&user, &json!({ "roles": ["admin"] })).await.refusal().1, "denied_by_policy");
        app.admin.patch(&user, &json!({ "roles": ["manager"] })).await.expect(200);
        let made = app.admin.post("/users", &json!({ "user_name": "x", "auth_provider": "oidc", "roles": ["admin"] })).await;
        assert_eq!(made.refusal().1, "denied_by_policy");
    }

    /// A decision is explained, and nothing is done.
    async fn a_decision_is_explained(app: TestApp) {
        let (manager, _) = holder(&app, "mia", &["manager"]).await;
        let target = app.client.user("bjensen").await;
        let path = policy(&app, "freeze", FREEZE).await;
        let question = |principal: Value, action: &str| json!({
            "principal": principal, "action": action, "resource": { "kind": "user", "id": target },
        });
        let mia = json!({ "kind": "user", "id": manager });
        let no = app.admin.post("/policies/evaluate", &question(mia.clone(), "users.update")).await.expect(200);
        assert_eq!(no["allowed"], false);
        assert_eq!(no["reason"], "The principal holds users.update, but 'freeze' forbids it.");
        assert_eq!((&no["roles"], &no["notices"]), (&json!(["manager"]), &json!(["Changes are frozen until Monday."])));
        assert_eq!(path, format!("/policies/{}", no["determining"][0]["id"].as_str().unwrap()));
        let yes = app.admin.post("/policies/evaluate", &question(mia, "users.read")).await.expect(200);
        assert_eq!((&yes["allowed"], &yes["reason"]), (&json!(true), &json!("The role manager holds users.read, and no policy forbids it.")));
        let connection = json!({ "kind": "connection", "id": app.connection.id });
        let no = app.admin.post("/policies/evaluate", &question(connection, "roles.assign")).await.expect(200);
        assert_eq!(no["allowed"], false);
        let own = json!({ "action": "policies.write", "resource": { "kind": "tenant" } });
        assert_eq!(app.admin.post("/policies/evaluate", &own).await.expect(200)["allowed"], true);

        let unknown = app.admin.post("/policies/evaluate", &json!({ "action": "users.fly", "resource": { "kind": "tenant" } })).await;
        assert_eq!((unknown.status, unknown.problems()), (422, vec![("/action", "unknown_permission")]));
        let nobody = json!({ "kind": "user", "id": "00000000-0000-7000-8000-000000000000" });
        let unknown = app.admin.post("/policies/evaluate", &question(nobody, "users.read")).await;
        assert_eq!((unknown.status, unknown.problems()), (422, vec![("/principal/id", "unknown")]));
        let missing = app.admin.post("/policies/evaluate", &json!({ "action": "roles.read", "resource": { "kind": "role" } })).await;
        assert_eq!((missing.status, missing.problems()), (422, vec![("/resource/id", "required")]));
        let (_, reader) = holder(&app, "uma", &["user"]).await;
        assert_eq!(reader.post("/policies/evaluate", &own).await.refusal().1, "forbidden");
        assert_eq!(app.admin.get(&format!("/users/{target}")).await.expect(200)["version"], 1);
    }

    /// Stored policies that cannot be read let nobody do anything, but owners mend them.
    async fn unreadable_policies_close_the_tenant(app: TestApp) {
        let (_, owner) = holder(&app, "olga", &["owner"]).await;
        let path = policy(&app, "freeze", FREEZE).await;
        app.texts("UPDATE policies SET text = 'forbid (((' RETURNING name").await;
        app.texts("UPDATE tenants SET generation = generation + 1 RETURNING slug").await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let closed = json!(["The policies of this tenant cannot be read. An owner has to correct them."]);
        for answer in [app.admin.get("/users").await, app.admin.get("/policies").await, owner.get("/users").await] {
            assert_eq!(refused(&answer), (403, "denied_by_policy", &closed));
        }
        assert_eq!(app.client.get("/Users").await.error().0, 403);
        assert_eq!(names(&owner.get("/policies").await.expect(200), "policies", "text"), ["forbid ((("]);
        owner.patch(&path, &json!({ "text": FREEZE })).await.expect(200);
        app.admin.get("/users").await.expect(200);
        app.client.get("/Users").await.expect(200);
    }

    /// Policies that are made at the same time are all there, and all were held against each other.
    async fn policies_made_at_once(app: TestApp) {
        let made = futures_util::future::join_all((0..4).map(|number| {
            let admin = app.admin.clone();
            async move { admin.post("/policies", &json!({ "name": format!("p{number}"), "text": FREEZE })).await.status }
        })).await;
        assert_eq!(made, [201; 4]);
        let generation = app.texts("SELECT CAST(generation AS text) FROM tenants WHERE slug = 'acme'").await;
        assert_eq!(generation, ["5"]);
    }
}

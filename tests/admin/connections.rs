//! `/v1/connections`: identity providers' links, their settings and tokens.

use serde_json::{Value, json};

use super::ranks::holder;
use crate::support::{Answer, Client, on_both};

fn code(answer: &Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

on_both! {
    /// Made with the defaults, read, listed, changed under its version.
    async fn a_connection_is_made_and_changed(app: TestApp) {
        let mut made = app.admin.post("/connections", &json!({ "name": "Okta" })).await.expect(201);
        let path = format!("/connections/{}", made["id"].as_str().unwrap());
        assert_eq!(app.admin.get(&path).await.expect(200), made);
        let listed = app.admin.get("/connections").await.expect(200)["connections"].clone();
        let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["default", "Okta"]);
        for name in ["id", "created_at", "updated_at"] {
            assert!(made.as_object_mut().unwrap().shift_remove(name).is_some());
        }
        assert_eq!(made, json!({
            "name": "Okta", "strict": false, "role_ceiling": "user", "on_existing_user": "adopt", "role_mappings": [], "accept_passwords": false, "version": 1,
        }));
        let patch = json!({ "name": "Okta 2", "strict": true, "role_ceiling": "MANAGER", "on_existing_user": "ask" });
        let changed = app.admin.patch(&path, &patch).await.expect(200);
        assert_eq!(
            (&changed["name"], &changed["strict"], &changed["role_ceiling"], &changed["on_existing_user"], &changed["version"]),
            (&json!("Okta 2"), &json!(true), &json!("manager"), &json!("ask"), &json!(2))
        );
        assert_eq!(app.admin.patch(&path, &patch).await.expect(200)["version"], 2);
        let events = app.texts("SELECT details FROM audit_events WHERE kind = 'connection.updated'").await;
        let details: Vec<Value> = events.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        assert_eq!(details, [json!({ "changed": ["name", "strict", "role_ceiling", "on_existing_user"], "role_ceiling": "manager" })]);
        assert_eq!(code(&app.admin.post("/connections", &json!({ "name": "Okta 2" })).await), (409, "connection_exists"));
        let unknown = app.admin.patch(&path, &json!({ "role_ceiling": "boss" })).await;
        assert_eq!((unknown.refusal().0, unknown.problems()), (422, vec![("/role_ceiling", "unknown_role")]));
        assert_eq!(app.other_admin("other").await.get(&path).await.refusal().0, 404);
    }

    /// Of two who change one version at once one is told that it moved; without a version both are heard.
    async fn a_version_is_changed_once(app: TestApp) {
        let path = format!("/connections/{}", app.connection.id);
        let patch = async |body: Value, version: Option<&str>| {
            let request = app.admin.request(reqwest::Method::PATCH, &path).header("content-type", "application/json");
            let request = version.into_iter().fold(request, |request, tag| request.header("if-match", tag));
            crate::support::Answer::of(request.body(body.to_string())).await.status
        };
        let one = Some("W/\"1\"");
        let (first, second) =
            tokio::join!(patch(json!({ "strict": true }), one), patch(json!({ "name": "Okta" }), one));
        assert_eq!((first.min(second), first.max(second)), (200, 412));
        let (first, second) =
            tokio::join!(patch(json!({ "strict": false, "name": "Entra" }), None), patch(json!({ "on_existing_user": "ask" }), None));
        assert_eq!((first, second), (200, 200));
        let read = app.admin.get(&path).await.expect(200);
        assert_eq!((&read["name"], &read["on_existing_user"], &read["version"]), (&json!("Entra"), &json!("ask"), &json!(4)));
    }

    /// A token's text is shown once, works, and ends when it is revoked.
    async fn tokens_are_made_and_revoked(app: TestApp) {
        let connection = app.admin.post("/connections", &json!({ "name": "Okta" })).await.expect(201);
        let path = format!("/connections/{}/tokens", connection["id"].as_str().unwrap());
        let made = app.admin.post(&path, &json!({ "name": "first", "scopes": ["read"] })).await.expect(201);
        let client = Client::new(&app.client.base_url, made["token"].as_str().unwrap());
        assert_eq!(client.get("/Users").await.status, 200);
        assert_eq!(client.post("/Users", &json!({ "userName": "x" })).await.status, 403);
        let listed = app.admin.get(&path).await.expect(200)["tokens"].clone();
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["scopes"], listed[0].get("token")), (1, &json!(["read"]), None));
        assert_eq!(app.admin.delete(&format!("{path}/{}", made["id"].as_str().unwrap())).await.status, 204);
        assert_eq!(client.get("/Users").await.status, 401);
        let elsewhere = format!("/connections/{}/tokens/{}", app.connection.id, made["id"].as_str().unwrap());
        assert_eq!(app.admin.delete(&elsewhere).await.refusal().0, 404);
    }

    /// A connection does nothing for those who deal with it that they may not do themselves.
    async fn nobody_reaches_further_through_a_connection(app: TestApp) {
        let (_, admin) = holder(&app, "admin", &["admin"]).await;
        let exceeds = (403, "exceeds_permissions");
        assert_eq!(code(&admin.post("/connections", &json!({ "name": "x", "role_ceiling": "owner" })).await), exceeds);
        let body = json!({ "name": "mighty", "role_ceiling": "owner" });
        let path = format!("/connections/{}", app.admin.post("/connections", &body).await.created());
        assert_eq!(code(&admin.patch(&path, &json!({ "name": "mine" })).await), exceeds);
        assert_eq!(code(&admin.post(&format!("{path}/tokens"), &json!({ "name": "t" })).await), exceeds);
        let made = admin.post("/connections", &json!({ "name": "x", "role_ceiling": "admin" })).await.created();
        assert_eq!(admin.post(&format!("/connections/{made}/tokens"), &json!({ "name": "t" })).await.status, 201);
        for (role, read, write) in [("manager", 403, 403), ("read_only", 200, 403), ("user", 403, 403)] {
            let (_, client) = holder(&app, role, &[role]).await;
            let did = [
                client.get("/connections").await.status,
                client.get(&path).await.status,
                client.get(&format!("{path}/tokens")).await.status,
                client.post("/connections", &json!({ "name": role })).await.status,
                client.patch(&path, &json!({ "name": role })).await.status,
                client.post(&format!("{path}/tokens"), &json!({ "name": "t" })).await.status,
            ];
            assert_eq!(did, [read, read, read, write, write, write], "{role}");
        }
    }

    /// A policy that forbids dealing with one connection stops that one, in each way, and no other; one that hides it leaves
    /// it out of lists.
    async fn policies_decide_about_each_connection(app: TestApp) {
        let own = format!("/connections/{}", app.connection.id);
        let other = app.admin.post("/connections", &json!({ "name": "Okta" })).await.created();
        let path = format!("/connections/{other}");
        let token = app.admin.post(&format!("{path}/tokens"), &json!({ "name": "t" })).await.created();
        let policy = |name: &str, action: &str, rest: &str| json!({
            "name": name,
            "text": format!("@notice(\"Leave it.\")\nforbid (principal, action == Provost::Action::\"{action}\", resource){rest};"),
        });
        let this = format!(" when {{ resource == Provost::Connection::\"{other}\" }}");
        app.admin.post("/policies", &policy("change", "connections.write", &this)).await.expect(201);
        let named = " when { resource is Provost::Connection && resource.name == \"forbidden\" }";
        app.admin.post("/policies", &policy("name", "connections.write", named)).await.expect(201);
        let stopped = |answer: Answer| {
            let (status, code, _) = answer.refusal();
            assert_eq!((status, code, &answer.body["notices"]), (403, "denied_by_policy", &json!(["Leave it."])));
        };
        stopped(app.admin.patch(&path, &json!({ "strict": true })).await);
        stopped(app.admin.post(&format!("{path}/tokens"), &json!({ "name": "t" })).await);
        stopped(app.admin.delete(&format!("{path}/tokens/{token}")).await);
        stopped(app.admin.patch(&own, &json!({ "name": "forbidden" })).await);
        stopped(app.admin.post("/connections", &json!({ "name": "forbidden" })).await);
        app.admin.patch(&own, &json!({ "strict": true })).await.expect(200);
        app.admin.post(&format!("{own}/tokens"), &json!({ "name": "t" })).await.expect(201);
        assert_eq!(app.admin.get(&path).await.expect(200)["version"], 1);

        app.admin.post("/policies", &policy("hide", "connections.read", &this)).await.expect(201);
        stopped(app.admin.get(&path).await);
        stopped(app.admin.get(&format!("{path}/tokens")).await);
        let listed = app.admin.get("/connections").await.expect(200)["connections"].clone();
        let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["default"]);
    }
}

//! `POST /auth/logout` and `/v1/users/{id}/sessions`: where somebody is signed in, and the end of it.

use provost::model::Timestamp;
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, PASSWORD, a_second, audit, login, root, signed_in, user};
use crate::support::{Answer, Client, TestApp, on_both};

async fn log_out(app: &TestApp, client: &Client) -> Answer {
    let root = client.at(root(app));
    Answer::of(root.request(reqwest::Method::POST, "/auth/logout")).await
}

/// The ids of the sessions in a list.
fn ids(list: &Value) -> Vec<String> {
    let sessions = list["sessions"].as_array().unwrap();
    sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    /// Signing out ends the session, and no other.
    async fn signing_out_ends_the_session(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let path = format!("/users/{id}");
        let (one, two) = (signed_in(&app, "ada", PASSWORD).await, signed_in(&app, "ada", PASSWORD).await);
        one.get(&path).await.expect(200);
        assert_eq!(log_out(&app, &one).await.status, 204);
        assert_eq!(one.get(&path).await.refusal().0, 401);
        assert_eq!(log_out(&app, &one).await.refusal().0, 401);
        two.get(&path).await.expect(200);
        let ended = audit(&app, "'session.ended'").await;
        assert_eq!(ended.len(), 1);
        assert!(ended[0].starts_with("session.ended user {\"session\":\"") && ended[0].ends_with("\"reason\":\"logout\"}"), "{ended:?}");
        assert_eq!((log_out(&app, &app.admin).await.refusal().0, log_out(&app, &app.admin).await.refusal().1), (403, "wrong_credential"));
    }

    /// People see their own sessions and end them, one or all.
    async fn ones_own_sessions(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let path = format!("/users/{id}/sessions");
        let (one, two) = (signed_in(&app, "ada", PASSWORD).await, signed_in(&app, "ada", PASSWORD).await);
        let list = two.get(&path).await.expect(200);
        let sessions = list["sessions"].as_array().unwrap();
        let current: Vec<bool> = sessions.iter().map(|session| session["current"].as_bool().unwrap()).collect();
        assert_eq!(current, [true, false]);
        let first = &sessions[1];
        let names: Vec<&String> = first.as_object().unwrap().keys().collect();
        assert_eq!(names, ["id", "user_id", "created_at", "expires_at", "amr", "ip", "current"]);
        assert_eq!((&first["user_id"], &first["amr"], &first["ip"]), (&json!(id), &json!(["pwd"]), &json!("127.0.0.1")));

        let (newer, older) = (&ids(&list)[0], &ids(&list)[1]);
        assert_eq!(two.delete(&format!("{path}/{older}")).await.status, 204);
        assert_eq!(one.get(&path).await.refusal().0, 401);
        // Ending what has ended is done already.
        assert_eq!(two.delete(&format!("{path}/{older}")).await.status, 204);
        assert_eq!(ids(&two.get(&path).await.expect(200)), std::slice::from_ref(newer));
        assert_eq!(two.delete(&path).await.status, 204);
        assert_eq!(two.get(&path).await.refusal().0, 401);
        assert_eq!(app.admin.delete(&path).await.status, 204);
        let ended = audit(&app, "'session.ended'").await;
        assert_eq!(ended, [format!(r#"session.ended user {{"session":"{older}"}}"#), r#"session.ended user {"sessions":1}"#.to_owned()]);
    }

    /// Others' are seen by whoever may read users, and ended by whoever may change this one.
    async fn others_sessions(app: TestApp) {
        let ada = user(&app, "ada", json!({})).await;
        let owner = user(&app, "boss", json!({ "roles": ["owner"] })).await;
        user(&app, "manager", json!({ "roles": ["manager"] })).await;
        user(&app, "reader", json!({ "roles": ["read_only"] })).await;
        let manager = signed_in(&app, "manager", PASSWORD).await;
        let reader = signed_in(&app, "reader", PASSWORD).await;
        let (plain, mighty) = (signed_in(&app, "ada", PASSWORD).await, signed_in(&app, "boss", PASSWORD).await);
        let (of_ada, of_owner) = (format!("/users/{ada}/sessions"), format!("/users/{owner}/sessions"));
        assert_eq!(plain.get(&of_owner).await.refusal().0, 403);
        assert_eq!(plain.delete(&of_owner).await.refusal().0, 403);
        let adas = ids(&reader.get(&of_ada).await.expect(200));
        assert_eq!(reader.delete(&of_ada).await.refusal().0, 403);
        let owners = ids(&manager.get(&of_owner).await.expect(200));
        for path in [of_owner.clone(), format!("{of_owner}/{}", owners[0])] {
            assert_eq!(manager.delete(&path).await.refusal().1, "exceeds_permissions");
        }
        // A session is its user's: under another user it is not there.
        let message = format!("Session '{}' was not found.", owners[0]);
        assert_eq!(manager.delete(&format!("{of_ada}/{}", owners[0])).await.refusal(), (404, "not_found", &*message));
        assert_eq!(manager.delete(&format!("{of_ada}/{}", adas[0])).await.status, 204);
        assert_eq!(plain.get(&of_ada).await.refusal().0, 401);
        mighty.get(&of_owner).await.expect(200);
    }

    /// Another tenant's sessions are not there.
    async fn another_tenants_sessions_are_not_there(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let ada = signed_in(&app, "ada", PASSWORD).await;
        let path = format!("/users/{id}/sessions");
        let session = ids(&ada.get(&path).await.expect(200)).remove(0);
        let other = app.other_admin("other").await;
        let message = format!("User '{id}' was not found.");
        for answer in [other.get(&path).await, other.delete(&path).await, other.delete(&format!("{path}/{session}")).await] {
            assert_eq!(answer.refusal(), (404, "not_found", &*message));
        }
        ada.get(&path).await.expect(200);
    }

    /// Whoever is turned off is out within a second, and does not come back in when turned on again.
    async fn turning_a_user_off_ends_its_sessions(app: TestApp) {
        for (off, on) in [("deactivate", "reactivate"), ("suspend", "unsuspend")] {
            let id = user(&app, off, json!({})).await;
            let path = format!("/users/{id}");
            let client = signed_in(&app, off, PASSWORD).await;
            client.get(&path).await.expect(200);
            app.admin.post(&format!("{path}/{off}"), &json!({})).await.expect(200);
            a_second().await;
            assert_eq!(client.get(&path).await.refusal().0, 401);
            app.admin.post(&format!("{path}/{on}"), &json!({})).await.expect(200);
            a_second().await;
            assert_eq!(client.get(&path).await.refusal().0, 401);
            login(&app, off, PASSWORD).await.expect(200);
        }
        let id = user(&app, "deleted", json!({})).await;
        let client = signed_in(&app, "deleted", PASSWORD).await;
        assert_eq!(app.admin.delete(&format!("/users/{id}")).await.status, 204);
        a_second().await;
        assert_eq!(client.get(&format!("/users/{id}")).await.refusal().0, 401);
        assert_eq!(login(&app, "deleted", PASSWORD).await.refusal().0, 401);
    }

    /// The same where it is done with other changes, or by an identity provider, and the audit log has it by its name.
    async fn whichever_way_a_user_is_turned_off_its_sessions_end(app: TestApp) {
        let events = async |id: &str| app.texts(&format!(
            "SELECT kind || ' ' || details FROM audit_events WHERE target_kind = 'user' AND details NOT LIKE '%action%' \
             AND kind LIKE 'user.%' AND {} ORDER BY id",
            match app.database_url().starts_with("sqlite:") {
                true => format!("target_id = x'{}'", id.replace('-', "")),
                false => format!("target_id = '{id}'::uuid"),
            }
        )).await;
        for way in ["patch", "put", "scim patch", "scim put"] {
            let name = way.replace(' ', "_");
            let id = user(&app, &name, json!({})).await;
            let (path, scim) = (format!("/users/{id}"), format!("/Users/{id}"));
            let turn = async |active: bool| match way {
                "patch" => app.admin.patch(&path, &json!({ "is_active": active })).await.expect(200),
                "put" => app.admin.put(&path, &json!({ "user_name": name, "is_active": active })).await.expect(200),
                "scim patch" => {
                    let operation = json!([{ "op": "replace", "path": "active", "value": active }]);
                    app.client.operations(&scim, operation).await.expect(200)
                }
                _ => app.client.put(&scim, &json!({ "userName": name, "active": active })).await.expect(200),
            };
            let client = signed_in(&app, &name, PASSWORD).await;
            client.get(&path).await.expect(200);
            turn(false).await;
            a_second().await;
            assert_eq!(client.get(&path).await.refusal().0, 401, "{way}");
            turn(true).await;
            a_second().await;
            assert_eq!(client.get(&path).await.refusal().0, 401, "{way}");
            login(&app, &name, PASSWORD).await.expect(200);
            let mut told = events(&id).await;
            // What else an identity provider's first write says is not the matter here.
            told.retain(|event| !event.starts_with("user.updated") || !event.contains("adopted"));
            assert_eq!(told, [
                format!(r#"user.deactivated {{"userName":"{name}"}}"#),
                format!(r#"user.reactivated {{"userName":"{name}"}}"#),
            ], "{way}");
        }
        let id = user(&app, "both", json!({})).await;
        let path = format!("/users/{id}");
        app.admin.patch(&path, &json!({ "is_active": false, "display_name": "Both" })).await.expect(200);
        let mut told = events(&id).await;
        assert_eq!(told.pop().unwrap(), r#"user.updated {"changed":["displayName","active"]}"#);
        assert_eq!(told, [r#"user.deactivated {"userName":"both"}"#]);
        // What is so already ends nothing.
        app.admin.patch(&path, &json!({ "is_active": false })).await.expect(200);
        assert_eq!(events(&id).await.len(), 2);
    }

    /// Who changes the own password stays signed in where that was done, and nowhere else.
    async fn a_changed_password_ends_other_sessions(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let path = format!("/users/{id}");
        let (here, there) = (signed_in(&app, "ada", PASSWORD).await, signed_in(&app, "ada", PASSWORD).await);
        here.patch(&path, &json!({ "password": OTHER_PASSWORD, "current_password": PASSWORD })).await.expect(200);
        a_second().await;
        here.get(&path).await.expect(200);
        assert_eq!(there.get(&path).await.refusal().0, 401);
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().0, 401);
        app.admin.patch(&path, &json!({ "password": PASSWORD })).await.expect(200);
        a_second().await;
        assert_eq!(here.get(&path).await.refusal().0, 401);
    }

    /// What ended long ago is forgotten.
    async fn old_sessions_are_forgotten(app: TestApp) {
        user(&app, "ada", json!({})).await;
        signed_in(&app, "ada", PASSWORD).await;
        let now = app.provisioning.clock.now().0;
        let kept = async |days: i64| {
            app.directory.purge_deleted_users(Timestamp(now + days * 24 * 3_600_000)).await.unwrap();
            app.texts("SELECT amr FROM sessions").await
        };
        // A session lasts thirty days, and is kept for as long.
        assert_eq!(kept(59).await, ["pwd"]);
        assert_eq!(kept(61).await, Vec::<String>::new());
    }
}

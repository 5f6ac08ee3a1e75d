//! `/v1/users/{id}/clients`: clients of service accounts, which do what their user may.

use serde_json::{Value, json};

use super::{ask, client, doors, program, refusal, token};
use crate::admin::ranks::holder;
use crate::auth_http::{a_second, user};
use crate::support::on_both;

on_both! {
    /// Without scopes the token does what the user may, on the API and on SCIM, as the roles are now.
    async fn a_token_does_what_the_user_may(app: TestApp) {
        let id = program(&app, "job", &["read_only"]).await;
        let made = client(&app, &format!("/users/{id}/clients"), json!({})).await;
        assert_eq!((made.body.get("scopes"), &made.body["authentication"]), (None, &json!("client_secret")));
        let body = ask(&app, &made, &[]).await.expect(200);
        assert_eq!(body.get("scope"), None);
        let (scim, api) = doors(&app, body["access_token"].as_str().unwrap());
        let new = json!({ "user_name": "x", "auth_provider": "oidc" });
        api.get("/users").await.expect(200);
        assert_eq!(scim.get("/Users").await.status, 200);
        assert_eq!(api.post("/users", &new).await.refusal().0, 403);
        assert_eq!(scim.post("/Users", &json!({ "userName": "x" })).await.status, 403);
        app.admin.put(&format!("/users/{id}/roles"), &json!({ "roles": ["manager"] })).await.expect(200);
        a_second().await;
        api.post("/users", &new).await.expect(201);
        let actors = app.texts("SELECT actor_kind || ' ' || actor_name FROM audit_events WHERE kind = 'user.created' ORDER BY id").await;
        assert_eq!(actors.last().unwrap(), "key robot");
        app.admin.put(&format!("/users/{id}/roles"), &json!({ "roles": ["user"] })).await.expect(200);
        a_second().await;
        assert_eq!((api.get("/users").await.status, scim.get("/Users").await.status), (403, 403));
    }

    /// Scopes bound a client, or one token of it, to SCIM; never do they give what the user lacks.
    async fn scopes_bound_it_to_scim(app: TestApp) {
        let admin = program(&app, "admin job", &["admin"]).await;
        let path = format!("/users/{admin}/clients");
        let (bounded, free) = (client(&app, &path, json!({ "scopes": ["scim.read"] })).await, client(&app, &path, json!({})).await);
        let narrowed = ask(&app, &free, &[("scope", "scim.read")]).await.expect(200);
        assert_eq!(narrowed["scope"], "scim.read");
        for text in [token(&app, &bounded).await, narrowed["access_token"].as_str().unwrap().to_owned()] {
            let (scim, api) = doors(&app, &text);
            assert_eq!(scim.get("/Users").await.status, 200);
            assert_eq!(scim.post("/Users", &json!({ "userName": "x" })).await.status, 403);
            assert_eq!((api.get("/users").await.status, api.get("/roles").await.status), (200, 403));
        }
        assert_eq!(refusal(&ask(&app, &bounded, &[("scope", "scim.write")]).await), (400, "invalid_scope"));
        doors(&app, &token(&app, &free).await).1.get("/roles").await.expect(200);
        let plain = program(&app, "plain job", &["user"]).await;
        let made = client(&app, &format!("/users/{plain}/clients"), json!({ "scopes": ["scim.read", "scim.write"] })).await;
        let (scim, _) = doors(&app, &token(&app, &made).await);
        assert_eq!((scim.get("/Users").await.status, scim.post("/Users", &json!({ "userName": "x" })).await.status), (403, 403));
    }

    /// A client ends with its user: at once for tokens to come, within a second for those that there are.
    async fn a_client_ends_with_its_user(app: TestApp) {
        for way in ["deactivate", "suspend", "delete", "person"] {
            let id = program(&app, way, &["read_only"]).await;
            let made = client(&app, &format!("/users/{id}/clients"), json!({})).await;
            let (scim, api) = doors(&app, &token(&app, &made).await);
            api.get("/users").await.expect(200);
            let path = format!("/users/{id}");
            match way {
                "delete" => assert_eq!(app.admin.delete(&path).await.status, 204),
                "person" => {
                    let person = json!({ "service_account": false, "auth_provider": "oidc" });
                    app.admin.patch(&path, &person).await.expect(200);
                }
                way => {
                    app.admin.post(&format!("{path}/{way}"), &json!({})).await.expect(200);
                }
            }
            assert_eq!(refusal(&ask(&app, &made, &[]).await), (401, "invalid_client"), "{way}");
            a_second().await;
            assert_eq!((api.get("/users").await.status, scim.get("/Users").await.status), (401, 401), "{way}");
        }
        let left = app.texts("SELECT name FROM clients").await.len();
        assert_eq!(left, 3, "a deleted user's clients are gone");
    }

    /// People have no clients, and those who are turned off get none.
    async fn only_service_accounts_have_clients(app: TestApp) {
        let person = user(&app, "ada", json!({})).await;
        let path = format!("/users/{person}/clients");
        let refused = app.admin.post(&path, &json!({ "name": "robot" })).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (422, "not_a_service_account"));
        assert_eq!(app.admin.get(&path).await.expect(200), json!({ "clients": [] }));
        let off = program(&app, "off", &["user"]).await;
        app.admin.post(&format!("/users/{off}/deactivate"), &json!({})).await.expect(200);
        let refused = app.admin.post(&format!("/users/{off}/clients"), &json!({ "name": "robot" })).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (422, "inactive_user"));
        let nobody = provost::model::random::uuid_v7();
        for answer in [
            app.admin.get(&format!("/users/{nobody}/clients")).await,
            app.admin.post(&format!("/users/{nobody}/clients"), &json!({ "name": "robot" })).await,
            app.admin.delete(&format!("/users/{nobody}/clients/{nobody}")).await,
        ] {
            assert_eq!(answer.refusal(), (404, "not_found", &*format!("User '{nobody}' was not found.")));
        }
    }

    /// They are dealt with as keys are: by who may write keys, and holds all that the client would.
    async fn nobody_gives_what_they_lack(app: TestApp) {
        let (_, admin) = holder(&app, "admin", &["admin"]).await;
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        let id = program(&app, "job", &["read_only"]).await;
        let path = format!("/users/{id}/clients");
        let new = |scopes: Value| json!({ "name": "robot", "scopes": scopes });
        // Without scopes it grows with its user, who may become an owner.
        let refused = admin.post(&path, &json!({ "name": "robot" })).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "exceeds_permissions"));
        let made = admin.post(&path, &new(json!(["scim.read", "scim.write"]))).await.created();
        assert_eq!(manager.post(&path, &new(json!(["scim.read"]))).await.refusal().0, 403);
        assert_eq!(manager.get(&path).await.refusal().0, 403);
        assert_eq!(manager.delete(&format!("{path}/{made}")).await.refusal().0, 403);
        assert_eq!(admin.delete(&format!("{path}/{made}")).await.status, 204);
        // A service account may see its own.
        let own = client(&app, &path, json!({})).await;
        app.admin.put(&format!("/users/{id}/roles"), &json!({ "roles": ["user"] })).await.expect(200);
        let (_, api) = doors(&app, &token(&app, &own).await);
        assert_eq!(api.get(&path).await.expect(200)["clients"][0]["id"], own.body["id"]);
    }
}

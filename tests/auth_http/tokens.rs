//! Access tokens: what they open, and which of them do not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost::model::{Clock, Timestamp};
use serde_json::{Value, json};

use super::{PASSWORD, a_second, login, root, signed_in, user};
use crate::support::{Answer, Backend, Client, TestApp, on_both};

on_both! {
    /// The claims are the issuer's, the audience's, the user's and the session's; the API goes by the roles as they are now.
    async fn a_token_says_who_and_the_roles_say_what(app: TestApp) {
        let id = user(&app, "ada", json!({ "roles": ["read_only"] })).await;
        let granted = login(&app, "ada", PASSWORD).await.expect(200);
        let text = granted["access_token"].as_str().unwrap();
        let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(
            (&claims["iss"], &claims["aud"], &claims["sub"], &claims["tenant_id"], &claims["roles"], &claims["amr"]),
            (&json!(root(&app)), &json!(app.admin.base_url), &json!(id), &json!(app.tenant.id), &json!(["read_only"]), &json!(["pwd"])),
        );
        let ada = Client::new(&app.admin.base_url, text);
        ada.get("/users").await.expect(200);
        assert_eq!(ada.post("/users", &json!({ "user_name": "x", "auth_provider": "oidc" })).await.refusal().0, 403);
        app.admin.patch(&format!("/users/{id}"), &json!({ "roles": ["manager"] })).await.expect(200);
        a_second().await;
        ada.post("/users", &json!({ "user_name": "x", "auth_provider": "oidc" })).await.expect(201);
        let actors = app.texts("SELECT actor_kind || ' ' || actor_name FROM audit_events WHERE kind = 'user.created' ORDER BY id").await;
        assert_eq!(actors, ["key test", "user ada"]);
    }

    /// Of the tenant's own attributes a token tells those that it is to tell.
    async fn a_token_tells_chosen_attributes(app: TestApp) {
        for (name, in_tokens) in [("cost_center", true), ("shoe_size", false)] {
            let body = json!({ "name": name, "display_name": name, "type": "string", "in_tokens": in_tokens });
            app.admin.post("/attributes", &body).await.expect(201);
        }
        let taken = json!({ "name": "client_id", "display_name": "x", "type": "string", "in_tokens": true });
        assert_eq!(app.admin.post("/attributes", &taken).await.refusal().0, 422);
        user(&app, "ada", json!({ "custom": { "cost_center": "R&D", "shoe_size": "39" } })).await;
        let granted = login(&app, "ada", PASSWORD).await.expect(200);
        let text = granted["access_token"].as_str().unwrap();
        let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!((&claims["cost_center"], claims.get("shoe_size")), (&json!("R&D"), None));
        Client::new(&app.admin.base_url, text).get(&format!("/users/{}", claims["sub"].as_str().unwrap())).await.expect(200);
    }

    /// On the SCIM endpoints a user's permissions count, and nothing else.
    async fn a_token_opens_scim(app: TestApp) {
        user(&app, "reader", json!({ "roles": ["read_only"] })).await;
        user(&app, "boss", json!({ "roles": ["manager"] })).await;
        let scim = async |name: &str| {
            let granted = login(&app, name, PASSWORD).await.expect(200);
            Client::new(&app.client.base_url, granted["access_token"].as_str().unwrap())
        };
        let (reader, boss) = (scim("reader").await, scim("boss").await);
        assert_eq!(reader.get("/Users").await.status, 200);
        assert_eq!(reader.post("/Users", &json!({ "userName": "x" })).await.error().0, 403);
        let made = boss.user("x").await;
        assert_eq!(boss.delete(&format!("/Users/{made}")).await.status, 204);
    }

    /// A token that was changed, of another key or none, or is not whole, opens nothing.
    async fn a_forged_token_opens_nothing(app: TestApp) {
        let id = user(&app, "ada", json!({ "roles": ["admin"] })).await;
        let granted = login(&app, "ada", PASSWORD).await.expect(200);
        let text = granted["access_token"].as_str().unwrap();
        let parts: Vec<&str> = text.split('.').collect();
        let payload = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
        let other = String::from_utf8(payload).unwrap().replace(&id, &provost::model::random::uuid_v7().to_string());
        let other = URL_SAFE_NO_PAD.encode(other);
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        for forged in [
            format!("{}.{other}.{}", parts[0], parts[2]),
            format!("{none}.{}.", parts[1]),
            format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)),
            format!("{}.{}", parts[0], parts[1]),
            format!("{text}.{text}"),
            "..".to_owned(),
        ] {
            let answer = Client::new(&app.admin.base_url, &forged).get("/users").await;
            assert_eq!((answer.refusal().0, answer.refusal().1), (401, "unauthorized"), "{forged}");
            let challenge = r#"Bearer realm="provost", error="invalid_token""#;
            assert_eq!(answer.header("www-authenticate"), Some(challenge));
        }
        Client::new(&app.admin.base_url, text).get("/users").await.expect(200);
    }

    /// `X-Tenant-ID` may repeat a token's tenant, and name no other.
    async fn a_token_is_of_one_tenant(app: TestApp) {
        user(&app, "ada", json!({ "roles": ["read_only"] })).await;
        let ada = signed_in(&app, "ada", PASSWORD).await;
        let other = app.provisioning.create_tenant("other", "Other").await.unwrap().0;
        let get = |tenant: String| ada.request(reqwest::Method::GET, "/users").header("X-Tenant-ID", tenant);
        assert_eq!(Answer::of(get(app.tenant.id.to_string())).await.status, 200);
        assert_eq!(Answer::of(get(other.id.to_string())).await.refusal().1, "tenant_mismatch");
    }

    /// Who is signed in, in OpenID Connect's words; a key is nobody.
    async fn userinfo_says_who(app: TestApp) {
        let id = user(&app, "ada", json!({ "email": "ada@example.com", "name": "Ada King", "locale": "en-GB" })).await;
        let granted = login(&app, "ada", PASSWORD).await.expect(200);
        let info = |token: &str| reqwest::Client::new().get(format!("{}/auth/userinfo", root(&app))).bearer_auth(token);
        let mut said = Answer::of(info(granted["access_token"].as_str().unwrap())).await.expect(200);
        said.as_object_mut().unwrap().remove("updated_at").unwrap();
        assert_eq!(said, json!({
            "sub": id, "tenant_id": app.tenant.id, "preferred_username": "ada",
            "name": "Ada King", "given_name": "Ada", "family_name": "King",
            "email": "ada@example.com", "email_verified": false,
            "locale": "en-GB",
            "roles": ["user"], "permissions": ["self.read", "self.update"],
        }));
        let key = app.admin.post("/api-keys", &json!({ "name": "k", "permissions": [] })).await.expect(201);
        let refused = Answer::of(info(key["key"].as_str().unwrap())).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "wrong_credential"));
    }
}

/// A token works for ten minutes and the minute that clocks may differ by; its session goes on.
async fn a_token_ends(backend: Backend) {
    let start = Clock::system().now();
    let clock = Clock::manual(start);
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let id = user(&app, "ada", json!({})).await;
    let path = format!("/users/{id}");
    let ada = signed_in(&app, "ada", PASSWORD).await;
    clock.set(Timestamp(start.0 + 658_000));
    ada.get(&path).await.expect(200);
    clock.set(Timestamp(start.0 + 660_000));
    assert_eq!(ada.get(&path).await.refusal().0, 401);
    let sessions = app.admin.get(&format!("{path}/sessions")).await.expect(200)["sessions"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_on_sqlite() {
    a_token_ends(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_on_postgres() {
    a_token_ends(Backend::Postgres).await;
}

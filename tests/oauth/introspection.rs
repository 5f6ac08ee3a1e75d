//! `POST /auth/introspect` (RFC 7662): whether a token works, at this very moment.

use provost::model::{TenantStatus, Timestamp};
use reqwest::Method;
use serde_json::json;

use super::{MINUTE, Made, START, client, form, of_connection, program, refusal, token, with_clock};
use crate::auth_http::{OTHER_PASSWORD, PASSWORD, login, root, set_status, user};
use crate::support::{Answer, Backend, Client, TestApp, on_both};

/// The answer to somebody with this credential.
async fn introspect(caller: &Client, token: &str) -> Answer {
    let root = caller.at(caller.base_url.trim_end_matches("/v1").trim_end_matches("/scim/v2"));
    let request = root
        .request(Method::POST, "/auth/introspect")
        .header("content-type", "application/x-www-form-urlencoded");
    Answer::of(request.body(crate::support::percent_encoded(&[("token", token)]))).await
}

/// Whether the token works, as the tenant's key is told.
async fn works(app: &TestApp, token: &str) -> bool {
    let answer = introspect(&app.admin, token).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.expect(200);
    let is_active = body["active"].as_bool().unwrap();
    assert!(is_active || body == json!({ "active": false }), "{body}");
    is_active
}

async fn signed_in(app: &TestApp, name: &str) -> String {
    login(app, name, PASSWORD).await.expect(200)["access_token"].as_str().unwrap().to_owned()
}

on_both! {
    /// What is told of a user's token, and of a client's.
    async fn what_is_known_of_a_token(app: TestApp) {
        let id = user(&app, "ada", json!({ "roles": ["read_only"] })).await;
        let text = signed_in(&app, "ada").await;
        let mut body = introspect(&app.admin, &text).await.expect(200);
        let object = body.as_object_mut().unwrap();
        let (exp, iat) = (object.shift_remove("exp").unwrap(), object.shift_remove("iat").unwrap());
        assert_eq!(exp.as_i64().unwrap() - iat.as_i64().unwrap(), 600);
        assert!(["jti", "sid"].iter().all(|name| object.shift_remove(*name).unwrap().is_string()));
        assert_eq!(object.shift_remove("auth_time").unwrap(), iat);
        let permissions = object.shift_remove("permissions").unwrap();
        assert!(permissions.as_array().unwrap().contains(&json!("users.read")), "{permissions}");
        assert_eq!(body, json!({
            "active": true, "username": "ada", "token_type": "Bearer", "sub": id, "aud": app.admin.base_url, "iss": root(&app),
            "tenant_id": app.tenant.id, "amr": ["pwd"], "roles": ["read_only"],
        }));
        let made = of_connection(&app, json!({ "scopes": ["scim.read"] })).await;
        let mut body = introspect(&app.admin, &token(&app, &made).await).await.expect(200);
        for name in ["exp", "iat", "jti"] {
            assert!(body.as_object_mut().unwrap().shift_remove(name).is_some());
        }
        assert_eq!(body, json!({
            "active": true, "scope": "scim.read", "client_id": made.client_id, "token_type": "Bearer", "sub": made.client_id,
            "aud": app.admin.base_url, "iss": root(&app), "tenant_id": app.tenant.id,
            "permissions": ["users.read", "groups.read"],
        }));
    }

    /// What ends a session shows in the next answer, though the API may believe the token for a second more.
    async fn what_has_ended_has_ended_at_once(app: TestApp) {
        for way in ["logout", "session", "deactivate", "suspend", "delete", "password"] {
            let id = user(&app, way, json!({})).await;
            let text = signed_in(&app, way).await;
            let ada = Client::new(&app.admin.base_url, &text);
            let path = format!("/users/{id}");
            ada.get(&path).await.expect(200);
            assert!(works(&app, &text).await, "{way}");
            let done = match way {
                "logout" => Answer::of(ada.at(root(&app)).request(Method::POST, "/auth/logout")).await,
                "session" => app.admin.delete(&format!("{path}/sessions")).await,
                "delete" => app.admin.delete(&path).await,
                "password" => app.admin.patch(&path, &json!({ "password": OTHER_PASSWORD })).await,
                way => app.admin.post(&format!("{path}/{way}"), &json!({})).await,
            };
            assert!(done.status < 300, "{way}: {}", done.body);
            assert!(!works(&app, &text).await, "{way}");
        }
        user(&app, "last", json!({})).await;
        let (text, made) = (signed_in(&app, "last").await, of_connection(&app, json!({})).await);
        let clients = token(&app, &made).await;
        assert!(works(&app, &text).await && works(&app, &clients).await);
        app.admin.delete(&made.path).await.expect(204);
        assert!(!works(&app, &clients).await);
        let operator = app.instance().await;
        set_status(&app, "acme", TenantStatus::Suspended).await;
        let request = operator.at(root(&app)).request(Method::POST, "/auth/introspect").header("x-tenant-id", app.tenant.id.to_string());
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(format!("token={text}"));
        assert_eq!(Answer::of(request).await.expect(200), json!({ "active": false }));
    }

    /// Nobody learns of another tenant's tokens, nor of what is no access token.
    async fn other_things_are_not_told_of(app: TestApp) {
        user(&app, "ada", json!({})).await;
        let (text, made) = (signed_in(&app, "ada").await, of_connection(&app, json!({})).await);
        let clients = token(&app, &made).await;
        let other = app.other_admin("other").await;
        let key = app.admin.post("/api-keys", &json!({ "name": "k" })).await.expect(201)["key"].clone();
        let scim = app.admin.post(&format!("/connections/{}/tokens", app.connection.id), &json!({ "name": "t" })).await;
        let scim = scim.expect(201)["token"].clone();
        for token in [&text, &clients] {
            assert_eq!(introspect(&other, token).await.expect(200), json!({ "active": false }));
        }
        let changed = format!("{}x", &text[..text.len() - 1]);
        let long = "a".repeat(16_000);
        for token in [key.as_str().unwrap(), scim.as_str().unwrap(), &made.secret, &made.client_id, "a.b.c", "x", &changed, &long] {
            assert!(!works(&app, token).await, "{token}");
        }
        let parts: Vec<&str> = text.split('.').collect();
        use base64::Engine as _;
        let none = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        assert!(!works(&app, &format!("{none}.{}.", parts[1])).await);
    }

    /// An API key, somebody who has signed in, a client, and a token of a service account's client may ask; nobody else.
    async fn who_may_ask(app: TestApp) {
        user(&app, "ada", json!({})).await;
        let text = signed_in(&app, "ada").await;
        let made = of_connection(&app, json!({ "scopes": ["scim.read"] })).await;
        let job = program(&app, "job", &["user"]).await;
        let program = client(&app, &format!("/users/{job}/clients"), json!({})).await;
        for caller in [Client::new(&app.admin.base_url, &text), Client::new(&app.admin.base_url, &token(&app, &program).await)] {
            assert_eq!(introspect(&caller, &text).await.expect(200)["active"], true);
        }
        let by = |made: &Made| form(&app, "/auth/introspect", &[("token", &text)]).basic_auth(&made.client_id, Some(&made.secret));
        assert_eq!(Answer::of(by(&made)).await.expect(200)["active"], true);
        let posted = [("token", &*text), ("client_id", &*made.client_id), ("client_secret", &*made.secret), ("token_type_hint", "access_token")];
        assert_eq!(Answer::of(form(&app, "/auth/introspect", &posted)).await.expect(200)["active"], true);
        let wrong = Made { secret: "wrong".to_owned(), ..made.clone() };
        assert_eq!(refusal(&Answer::of(by(&wrong)).await), (401, "invalid_client"));
        assert_eq!(refusal(&Answer::of(form(&app, "/auth/introspect", &[("token", &text)])).await), (401, "invalid_client"));
        assert_eq!(refusal(&introspect(&Client::new(&app.admin.base_url, "x"), &text).await).0, 401);
        // Tokens of SCIM are for SCIM.
        for scim in [app.client.clone(), Client::new(&app.client.base_url, &token(&app, &made).await)] {
            assert_eq!(refusal(&introspect(&scim, &text).await), (403, "wrong_credential"));
        }
        assert_eq!(refusal(&Answer::of(by_nothing(&app)).await), (400, "invalid_request"));
    }
}

/// A question about nothing.
fn by_nothing(app: &TestApp) -> reqwest::RequestBuilder {
    let request = app.admin.at(root(app)).request(Method::POST, "/auth/introspect");
    request.header("content-type", "application/x-www-form-urlencoded").body("token_type_hint=access_token")
}

/// What has expired does not work, by the leeway of those who verify.
async fn a_token_expires(backend: Backend) {
    let (app, clock) = with_clock(backend).await;
    let made = of_connection(&app, json!({})).await;
    let text = token(&app, &made).await;
    for (minutes, expected) in [(0, true), (10, true), (11, false)] {
        clock.set(Timestamp(START.0 + minutes * MINUTE));
        assert_eq!(works(&app, &text).await, expected, "{minutes}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_expires_on_sqlite() {
    a_token_expires(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_expires_on_postgres() {
    a_token_expires(Backend::Postgres).await;
}

//! `POST /auth/refresh`: a session goes on, and ends where one of its tokens comes twice.

use serde_json::{Value, json};

use super::{
    OTHER_PASSWORD, PASSWORD, audit, login, pass, post, root, settings, signed_in, user, with_clock,
};
use crate::support::{Answer, Client, TestApp, on_both};

const DAY: i64 = 24 * 60 * 60;

async fn refresh(app: &TestApp, token: &Value) -> Answer {
    post(app, "/auth/refresh", json!({ "refresh_token": token })).await
}

fn ended() -> (u16, &'static str, &'static str) {
    let message =
        "The refresh token does not work: it is unknown, was used, or its session is over; sign in again.";
    (401, "invalid_refresh_token", message)
}

on_both! {
    /// Each token works once, and brings the next; the session stays the same, and what it may do is what its user may do
    /// now.
    async fn a_session_goes_on(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let first = login(&app, "ada", PASSWORD).await.expect(200);
        assert_eq!(first["refresh_expires_in"], 14 * DAY);
        app.admin.patch(&format!("/users/{id}"), &json!({ "roles": ["read_only"] })).await.expect(200);
        let answer = refresh(&app, &first["refresh_token"]).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let second = answer.expect(200);
        assert_ne!(second["refresh_token"], first["refresh_token"]);
        assert_eq!(second["user"]["roles"], json!(["read_only"]));
        let client = Client::new(&app.admin.base_url, second["access_token"].as_str().unwrap());
        client.get("/users").await.expect(200);
        let sessions = app.admin.get(&format!("/users/{id}/sessions")).await.expect(200);
        assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
        refresh(&app, &second["refresh_token"]).await.expect(200);
        // A refresh token opens nothing else.
        let stolen = Client::new(&app.admin.base_url, first["refresh_token"].as_str().unwrap());
        assert_eq!(stolen.get("/users").await.refusal().0, 401);
    }

    /// One that comes a second time ends the whole family, and the audit log has it.
    async fn a_token_that_comes_twice_ends_its_family(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let first = login(&app, "ada", PASSWORD).await.expect(200);
        let other = login(&app, "ada", PASSWORD).await.expect(200);
        let second = refresh(&app, &first["refresh_token"]).await.expect(200);
        for token in [&first["refresh_token"], &second["refresh_token"], &first["refresh_token"]] {
            assert_eq!(refresh(&app, token).await.refusal(), ended());
        }
        let client = Client::new(&app.admin.base_url, second["access_token"].as_str().unwrap());
        assert_eq!(client.get(&format!("/users/{id}")).await.refusal().0, 401);
        refresh(&app, &other["refresh_token"]).await.expect(200);
        let events = audit(&app, "'refresh_token.reused'").await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert!(events[0].starts_with(r#"refresh_token.reused user {"session":""#), "{events:?}");
    }

    /// Two who come with one token at once: nobody knows which of them is the thief.
    async fn one_token_at_once_ends_its_family(app: TestApp) {
        user(&app, "ada", json!({})).await;
        let first = login(&app, "ada", PASSWORD).await.expect(200);
        let token = &first["refresh_token"];
        let (one, other) = tokio::join!(refresh(&app, token), refresh(&app, token));
        let (granted, refused) = if one.status == 200 { (one, other) } else { (other, one) };
        assert_eq!(refused.refusal(), ended());
        // Where both were refused neither has a next token, and that is the end of it as well.
        let next = granted.body["refresh_token"].clone();
        if !next.is_null() {
            assert_eq!(refresh(&app, &next).await.refusal(), ended());
        }
        assert_eq!(audit(&app, "'refresh_token.reused'").await.len(), 1);
    }

    /// Whatever ends a session ends it for its refresh token at once.
    async fn what_ends_a_session_ends_its_tokens(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let path = format!("/users/{id}");
        let password = json!({ "password": OTHER_PASSWORD });
        for what in ["logout", "session", "deactivate", "federate", "password", "delete"] {
            let granted = login(&app, "ada", PASSWORD).await.expect(200);
            let client = Client::new(&app.admin.base_url, granted["access_token"].as_str().unwrap());
            match what {
                "logout" => {
                    let client = client.at(root(&app));
                    assert_eq!(client.post("/auth/logout", &Value::Null).await.status, 204);
                }
                "session" => assert_eq!(app.admin.delete(&format!("{path}/sessions")).await.status, 204),
                "deactivate" => {
                    app.admin.post(&format!("{path}/deactivate"), &json!({})).await.expect(200);
                    assert_eq!(refresh(&app, &granted["refresh_token"]).await.refusal(), ended());
                    app.admin.post(&format!("{path}/reactivate"), &json!({})).await.expect(200);
                }
                "federate" => {
                    app.admin.patch(&path, &json!({ "auth_provider": "oidc" })).await.expect(200);
                    app.admin.patch(&path, &json!({ "auth_provider": "local" })).await.expect(200);
                }
                "password" => {
                    app.admin.patch(&path, &password).await.expect(200);
                    app.admin.patch(&path, &json!({ "password": PASSWORD })).await.expect(200);
                }
                _ => assert_eq!(app.admin.delete(&path).await.status, 204),
            }
            assert_eq!(refresh(&app, &granted["refresh_token"]).await.refusal(), ended(), "{what}");
        }
        assert_eq!(audit(&app, "'refresh_token.reused'").await, Vec::<String>::new());
        for wrong in ["x", &format!("pvr_{}_{}", app.tenant.id.0.simple(), "A".repeat(43))] {
            assert_eq!(refresh(&app, &json!(wrong)).await.refusal(), ended());
        }
    }

    /// Who joins or registers has one too.
    async fn who_registers_has_one_too(app: TestApp) {
        settings(&app, |settings| settings.self_registration.enabled = true).await;
        let body = json!({ "user_name": "ada", "email": "ada@example.com", "password": PASSWORD });
        let registered = post(&app, "/auth/register", body).await.expect(201);
        refresh(&app, &registered["refresh_token"]).await.expect(200);
        signed_in(&app, "ada", PASSWORD).await;
    }
}

with_clock! {
    /// A token that is not used works for fourteen days, and a session for thirty, however often it is refreshed.
    async fn tokens_and_sessions_grow_old(app: TestApp, clock: Clock) {
        user(&app, "ada", json!({})).await;
        let left = login(&app, "ada", PASSWORD).await.expect(200);
        let mut kept = login(&app, "ada", PASSWORD).await.expect(200);
        pass(&clock, 14 * DAY - 1);
        kept = refresh(&app, &kept["refresh_token"]).await.expect(200);
        pass(&clock, 1);
        assert_eq!(refresh(&app, &left["refresh_token"]).await.refusal(), ended());
        pass(&clock, 10 * DAY);
        kept = refresh(&app, &kept["refresh_token"]).await.expect(200);
        assert_eq!(kept["refresh_expires_in"], 6 * DAY);
        pass(&clock, 6 * DAY - 1);
        kept = refresh(&app, &kept["refresh_token"]).await.expect(200);
        pass(&clock, 1);
        assert_eq!(refresh(&app, &kept["refresh_token"]).await.refusal(), ended());
    }
}

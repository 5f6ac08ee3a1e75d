//! What comes after an acceptance: a session, or what has to be done first.

use provost::model::TenantStatus;
use serde_json::{Value, json};

use super::{
    HOUR, PASSWORD, accept, at, mailed, on_each, open, refused, set, shown, text, url, with_mail,
    without_mail,
};
use crate::auth_http::{login, mails, set_status, verification_in};
use crate::support::{Answer, Client, TestApp};

async fn invite(app: &TestApp) -> Value {
    app.admin.post("/users", &json!({ "email": "ada@example.com", "roles": ["manager"] })).await.expect(201)
}

async fn verify(app: &TestApp, token: &str) -> Answer {
    let request = reqwest::Client::new().post(url(app, "/auth/verify-email"));
    let body = json!({ "token": token }).to_string();
    Answer::of(request.header("content-type", "application/json").body(body)).await
}

on_each! {
    /// The answer is the one that signing in gives: a token that opens the API, and is kept nowhere.
    async fn who_accepts_is_signed_in(backend: Backend) {
        let (app, clock, mut server) = with_mail(backend).await;
        set(&app, |settings| settings.email_verification_required = true).await;
        let group = json!({ "name": "readers", "kind": "group", "roles": ["read_only"] });
        let group = app.admin.post("/groups", &group).await.created();
        let body = json!({ "email": "ada@example.com", "groups": [group] });
        let invited = app.admin.post("/users", &body).await.expect(201);
        let token = mailed(&mut server).await;
        clock.set(at(HOUR));
        let answer = accept(&app, &token).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let joined = answer.expect(200);
        let names: Vec<&String> = joined.as_object().unwrap().keys().collect();
        assert_eq!(names, ["access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "user"]);
        assert_eq!((&joined["token_type"], &joined["expires_in"]), (&json!("Bearer"), &json!(600)));
        let client = Client::new(&app.admin.base_url, text(&joined, "access_token"));
        let path = format!("/users/{}", text(&invited, "id"));
        assert_eq!(client.get(&path).await.expect(200), joined["user"]);
        // What the user's groups give counts, as it does after any other sign-in.
        client.get("/users").await.expect(200);
        let sessions = client.get(&format!("{path}/sessions")).await.expect(200)["sessions"].clone();
        assert_eq!(sessions.as_array().unwrap().len(), 1);
        assert_eq!(
            (&sessions[0]["current"], &sessions[0]["amr"], &sessions[0]["ip"], &sessions[0]["created_at"]),
            (&json!(true), &json!(["pwd"]), &json!("127.0.0.1"), &json!("2026-01-01T01:00:00.000Z"))
        );
        let events = app.texts(
            "SELECT actor_kind || ' ' || actor_name || ' ' || details FROM audit_events WHERE kind = 'login.succeeded'",
        ).await;
        let details = json!({ "session": sessions[0]["id"], "amr": ["pwd"] });
        assert_eq!(events, [format!("user ada@example.com {details}")]);
        assert!(server.has_no_mail().await);
        login(&app, "ada@example.com", PASSWORD).await.expect(200);
    }

    /// A link that was shown verifies nothing: where addresses have to be verified a mail is sent, and nobody is signed in
    /// before it is answered.
    async fn an_address_is_verified_first(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        set(&app, |settings| settings.email_verification_required = true).await;
        let invited = invite(&app).await;
        let answer = accept(&app, &shown(&invited)).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let joined = answer.expect(200);
        let user = app.admin.get(&format!("/users/{}", text(&invited, "id"))).await.expect(200);
        assert_eq!(joined, json!({ "user": user, "next": "email_verification_required" }));
        assert_eq!((&user["status"], &user["email_verified"]), (&json!("active"), &json!(false)));
        assert_eq!(app.texts("SELECT amr FROM sessions").await, Vec::<String>::new());
        assert_eq!(login(&app, "ada@example.com", PASSWORD).await.refusal().1, "email_verification_required");
        let waiting = mails(&app).await;
        assert_eq!((waiting.len(), &*waiting[0].to), (1, "ada@example.com"));
        assert_eq!(verify(&app, &verification_in(&app, &waiting[0])).await.status, 204);
        let granted = login(&app, "ada@example.com", PASSWORD).await.expect(200);
        assert_eq!(granted["user"]["roles"], json!(["manager"]));
        let audit = app.audit().await;
        let kinds: Vec<&str> = audit.iter().map(|event| event.split(' ').next().unwrap()).collect();
        assert_eq!(kinds, ["user.invited", "user.created", "login.challenged", "user.updated", "login.succeeded"]);
    }

    /// Where an administrator vouched for the address, nothing is due.
    async fn a_vouched_address_is_good_enough(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        set(&app, |settings| settings.email_verification_required = true).await;
        let body = json!({ "email": "ada@example.com", "email_verified": true });
        let invited = app.admin.post("/users", &body).await.expect(201);
        let joined = accept(&app, &shown(&invited)).await.expect(200);
        assert!(joined["access_token"].is_string());
        assert_eq!(app.texts("SELECT subject FROM outbox").await, Vec::<String>::new());
    }

    /// Nobody joins a tenant that is suspended or being deleted, nor signs in with a password where an identity provider
    /// has the account by now; the link works again once that is over.
    async fn nobody_joins_where_nobody_can_sign_in(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = invite(&app).await;
        let token = shown(&invited);
        set_status(&app, "acme", TenantStatus::Suspended).await;
        assert_eq!(refused(&accept(&app, &token).await), (403, "tenant_suspended"));
        assert_eq!(refused(&open(&app, &token).await), (403, "tenant_suspended"));
        set_status(&app, "acme", TenantStatus::Active).await;
        let path = format!("/users/{}", text(&invited, "id"));
        app.admin.patch(&path, &json!({ "auth_provider": "oidc" })).await.expect(200);
        assert_eq!(refused(&accept(&app, &token).await), (403, "user_federated"));
        app.admin.patch(&path, &json!({ "auth_provider": "local" })).await.expect(200);
        set_status(&app, "acme", TenantStatus::Deleting).await;
        assert_eq!(refused(&open(&app, &token).await), (404, "not_found"));
        assert_eq!(refused(&accept(&app, &token).await), (404, "not_found"));
        assert_eq!(app.texts("SELECT amr FROM sessions").await, Vec::<String>::new());
    }
}

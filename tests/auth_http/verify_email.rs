//! `POST /auth/verify-email`: the link in the mail works once, for the address that it was mailed to.

use provost::model::{Clock, TenantStatus, Timestamp};
use serde_json::json;

use super::{PASSWORD, login, mails, post, set_status, settings, user, verification_in};
use crate::support::{Backend, TestApp, on_both};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Registers somebody where addresses have to be verified, and gives the token that is mailed.
pub async fn register(app: &TestApp, name: &str) -> String {
    settings(app, |settings| {
        settings.self_registration.enabled = true;
        settings.email_verification_required = true;
    })
    .await;
    let email = format!("{name}@example.com");
    let body = json!({ "user_name": name, "email": email, "password": PASSWORD, "name": "Ada King" });
    post(app, "/auth/register", body).await.expect(202);
    let mail = mails(app).await.pop().expect("a mail");
    assert_eq!((&*mail.to, mail.to_name.as_deref(), &*mail.tenant_name), (&*email, Some("Ada King"), "Acme"));
    verification_in(app, &mail)
}

pub async fn verify(app: &TestApp, token: &str) -> (u16, String) {
    let answer = post(app, "/auth/verify-email", json!({ "token": token })).await;
    (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned())
}

pub fn ended() -> (u16, String) {
    (410, "link_ended".to_owned())
}

on_both! {
    /// From the registration to the first sign-in.
    async fn a_link_verifies_its_address_once(app: TestApp) {
        let token = register(&app, "ada").await;
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "email_verification_required");
        let wrong = format!("pvo_{}_{}", app.tenant.id.0.simple(), "A".repeat(43));
        for token in [&*wrong, "x", &token[..token.len() - 1], &format!("{token}x")] {
            assert_eq!(verify(&app, token).await, ended(), "{token}");
        }
        assert_eq!(verify(&app, &token).await, (204, String::new()));
        let user = login(&app, "ada", PASSWORD).await.expect(200)["user"].clone();
        assert_eq!((&user["email_verified"], &user["version"]), (&json!(true), &json!(2)));
        assert_eq!(verify(&app, &token).await, ended());
        let events = app.texts("SELECT actor_kind || ' ' || details FROM audit_events WHERE kind = 'user.updated'").await;
        assert_eq!(events, [r#"user {"changed":["email_verified"]}"#]);
        // It is no credential for anything else.
        let client = crate::support::Client::new(&app.admin.base_url, &token);
        assert_eq!(client.get("/users").await.refusal().0, 401);
    }

    /// A link says nothing of an address that the user has got since.
    async fn a_link_is_for_the_address_that_it_was_mailed_to(app: TestApp) {
        let token = register(&app, "ada").await;
        let id = app.admin.query("/users", &[("user_name", "ada")]).await.expect(200)["users"][0]["id"].as_str().unwrap().to_owned();
        app.admin.patch(&format!("/users/{id}"), &json!({ "email": "another@example.com" })).await.expect(200);
        assert_eq!(verify(&app, &token).await, ended());
        assert_eq!(app.admin.get(&format!("/users/{id}")).await.expect(200)["email_verified"], false);
    }

    /// Of several that use a link at once one does.
    async fn a_link_is_used_once_however_many_try(app: TestApp) {
        let token = register(&app, "ada").await;
        let answers = futures_util::future::join_all((0..8).map(|_| verify(&app, &token))).await;
        let (used, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.0 == 204);
        assert_eq!((used.len(), others), (1, vec![ended(); 7]));
        assert_eq!(app.texts("SELECT kind FROM audit_events WHERE kind = 'user.updated'").await.len(), 1);
    }

    /// A link of a suspended tenant opens nothing, until the tenant is back.
    async fn a_link_waits_for_its_tenant(app: TestApp) {
        let token = register(&app, "ada").await;
        set_status(&app, "acme", TenantStatus::Suspended).await;
        assert_eq!(verify(&app, &token).await, ended());
        set_status(&app, "acme", TenantStatus::Active).await;
        assert_eq!(verify(&app, &token).await.0, 204);
    }

    /// Whom an administrator registers, or gives another address, is mailed a link, where addresses have to be verified;
    /// with the very change, and only where there is something to verify and somebody who signs in with it.
    async fn what_administrators_set_is_verified_too(app: TestApp) {
        let early = user(&app, "early", json!({ "email": "early@example.com" })).await;
        assert_eq!(mails(&app).await.len(), 0);
        settings(&app, |settings| settings.email_verification_required = true).await;
        let ada = user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        user(&app, "vouched", json!({ "email": "vouched@example.com", "email_verified": true })).await;
        user(&app, "unaddressed", json!({})).await;
        for other in [
            json!({ "user_name": "federated", "email": "federated@example.com", "auth_provider": "oidc" }),
            json!({ "user_name": "program", "email": "program@example.com", "service_account": true }),
        ] {
            app.admin.post("/users", &other).await.expect(201);
        }
        let to = async || mails(&app).await.into_iter().map(|mail| mail.to).collect::<Vec<_>>();
        assert_eq!(to().await, ["ada@example.com"]);
        let first = verification_in(&app, &mails(&app).await[0]);

        let path = format!("/users/{ada}");
        app.admin.patch(&path, &json!({ "display_name": "Ada" })).await.expect(200);
        app.admin.patch(&path, &json!({ "email": "king@example.com" })).await.expect(200);
        app.admin.patch(&path, &json!({ "email": "king@example.com" })).await.expect(200);
        app.admin.patch(&format!("/users/{early}"), &json!({ "email": "late@example.com", "email_verified": true })).await.expect(200);
        assert_eq!(to().await, ["ada@example.com", "king@example.com"]);
        let changed = app.texts("SELECT details FROM audit_events WHERE kind = 'user.updated' ORDER BY id").await;
        assert!(changed.iter().all(|details| !details.contains("password")), "{changed:?}");
        assert_eq!(verify(&app, &first).await, ended());
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "email_verification_required");
        assert_eq!(verify(&app, &verification_in(&app, &mails(&app).await[1])).await.0, 204);
        login(&app, "ada", PASSWORD).await.expect(200);
    }

    /// The token is stored hashed, and the mail sealed.
    async fn what_is_stored_holds_no_token(app: TestApp) {
        let token = register(&app, "ada").await;
        // Kind, tenant, secret; a secret may have the sign between them in itself.
        let secret = token.splitn(3, '_').nth(2).unwrap();
        assert!(secret.len() > 40, "{secret}");
        for text in app.texts("SELECT payload FROM outbox").await.iter().chain(&app.texts("SELECT details FROM audit_events").await) {
            assert!(!text.contains(secret) && !text.contains(PASSWORD));
        }
        let hash = provost::auth::TokenText::parse(&token).unwrap().hash();
        let found = app.provisioning.storage.find_one_time_token(app.tenant.id, &hash).await.unwrap().unwrap();
        assert_eq!((&*found.email, found.used_at), ("ada@example.com", None));
    }
}

/// A link works for a day.
async fn a_link_grows_old(backend: Backend) {
    let start = Clock::system().now();
    let clock = Clock::manual(start);
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let (first, second) = (register(&app, "ada").await, register(&app, "bob").await);
    clock.set(Timestamp(start.0 + DAY - 1));
    assert_eq!(verify(&app, &first).await.0, 204);
    clock.set(Timestamp(start.0 + DAY));
    assert_eq!(verify(&app, &second).await, ended());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_grows_old_on_sqlite() {
    a_link_grows_old(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_grows_old_on_postgres() {
    a_link_grows_old(Backend::Postgres).await;
}

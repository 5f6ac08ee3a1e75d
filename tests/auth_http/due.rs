//! What comes before signing in: told to whoever gives the right password, and to nobody else.

use provost::model::{Clock, Timestamp};
use serde_json::json;

use super::{OTHER_PASSWORD, PASSWORD, audit, login, settings, signed_in, user};
use crate::support::{Backend, TestApp, on_both};

const DAY: i64 = 24 * 60 * 60 * 1000;

on_both! {
    /// An address that has to be verified, where there is one.
    async fn an_address_is_verified_first(app: TestApp) {
        settings(&app, |settings| settings.email_verification_required = true).await;
        let id = user(&app, "ada", json!({ "email": "ada@example.com", "must_reset_password": true })).await;
        user(&app, "bob", json!({})).await;
        assert_eq!(login(&app, "ada", OTHER_PASSWORD).await.refusal().1, "invalid_credentials");
        let due = login(&app, "ada", PASSWORD).await;
        assert_eq!((due.refusal().0, due.refusal().1), (403, "email_verification_required"));
        login(&app, "bob", PASSWORD).await.expect(200);
        let path = format!("/users/{id}");
        app.admin.patch(&path, &json!({ "email_verified": true })).await.expect(200);
        let due = login(&app, "ada", PASSWORD).await;
        assert_eq!((due.refusal().0, due.refusal().1), (403, "password_reset_required"));
        app.admin.patch(&path, &json!({ "must_reset_password": false })).await.expect(200);
        login(&app, "ada", PASSWORD).await.expect(200);
        assert_eq!(audit(&app, "'login.failed'").await, [
            r#"login.failed user {"reason":"wrong_password"}"#,
            r#"login.failed user {"reason":"email_verification_required"}"#,
            r#"login.failed user {"reason":"password_reset_required"}"#,
        ]);
    }

    /// Who has set their own password need not do so again; who was given another one still has to.
    async fn ones_own_password_is_reset(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let path = format!("/users/{id}");
        let ada = signed_in(&app, "ada", PASSWORD).await;
        app.admin.patch(&path, &json!({ "must_reset_password": true })).await.expect(200);
        let changed = ada.patch(&path, &json!({ "password": OTHER_PASSWORD })).await.expect(200);
        assert_eq!(changed["must_reset_password"], false);
        login(&app, "ada", OTHER_PASSWORD).await.expect(200);
        app.admin.patch(&path, &json!({ "password": PASSWORD, "must_reset_password": true })).await.expect(200);
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "password_reset_required");
    }
}

/// A password that is too old has to be changed.
async fn passwords_grow_old(backend: Backend) {
    let start = Clock::system().now();
    let clock = Clock::manual(start);
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let policy = json!({ "min_length": 15, "max_age_days": 30 });
    app.admin.put("/password-policy", &policy).await.expect(200);
    user(&app, "ada", json!({})).await;
    clock.set(Timestamp(start.0 + 30 * DAY - 1));
    login(&app, "ada", PASSWORD).await.expect(200);
    clock.set(Timestamp(start.0 + 30 * DAY));
    assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "password_reset_required");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_grow_old_on_sqlite() {
    passwords_grow_old(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_grow_old_on_postgres() {
    passwords_grow_old(Backend::Postgres).await;
}

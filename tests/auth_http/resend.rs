//! `POST /auth/verify-email/resend`: another link, for whoever needs one, and the same answer for everybody.

use futures_util::future::join_all;
use provost::model::{Clock, TenantStatus, Timestamp};
use serde_json::{Value, json};

use super::verify_email::{register, verify};
use super::{PASSWORD, audit, login, mails, post, set_status, settings, user, verification_in};
use crate::support::{Backend, TestApp, on_both};

const MINUTE: i64 = 60 * 1000;

async fn resend(app: &TestApp, body: Value) -> Value {
    post(app, "/auth/verify-email/resend", body).await.expect(202)
}

/// A mail a minute, with a link beside the one before, which somebody may just be opening; none once the address is
/// verified.
async fn one_mail_a_minute(backend: Backend) {
    let start = Clock::system().now();
    let clock = Clock::manual(start);
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let first = register(&app, "ada").await;
    let ada = json!({ "tenant": "acme", "email": "Ada@Example.com" });
    let mut answers = vec![resend(&app, ada.clone()).await];
    clock.set(Timestamp(start.0 + MINUTE - 1));
    answers.push(resend(&app, ada.clone()).await);
    assert_eq!(mails(&app).await.len(), 1);
    clock.set(Timestamp(start.0 + MINUTE));
    answers.push(resend(&app, ada.clone()).await);
    answers.push(resend(&app, ada.clone()).await);
    let waiting = mails(&app).await;
    assert_eq!((waiting.len(), &*waiting[1].to), (2, "ada@example.com"));
    assert_ne!(first, verification_in(&app, &waiting[1]));
    assert_eq!(verify(&app, &first).await.0, 204);
    login(&app, "ada", PASSWORD).await.expect(200);
    clock.set(Timestamp(start.0 + 3 * MINUTE));
    answers.push(resend(&app, ada.clone()).await);
    assert_eq!(mails(&app).await.len(), 2);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(
        audit(&app, "'verification.requested'").await,
        [
            r#"verification.requested user {"mailed":false}"#,
            r#"verification.requested user {"mailed":false}"#,
            r#"verification.requested user {"mailed":true}"#,
            r#"verification.requested user {"mailed":false}"#,
            r#"verification.requested tenant {"mailed":false}"#,
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_mail_a_minute_on_sqlite() {
    one_mail_a_minute(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_mail_a_minute_on_postgres() {
    one_mail_a_minute(Backend::Postgres).await;
}

/// Whoever asks and asks for somebody else's address has a few mails sent a day, not one a minute.
async fn a_few_mails_a_day(backend: Backend) {
    let start = Clock::system().now();
    let clock = Clock::manual(start);
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    register(&app, "ada").await;
    for minute in 1..=9 {
        clock.set(Timestamp(start.0 + minute * MINUTE));
        resend(&app, json!({ "email": "ada@example.com" })).await;
    }
    assert_eq!(mails(&app).await.len(), 5);
    clock.set(Timestamp(start.0 + (24 * 60 + 1) * MINUTE));
    resend(&app, json!({ "email": "ada@example.com" })).await;
    // Those of yesterday may have been given up by now, and cannot be read any more.
    assert_eq!(app.texts("SELECT subject FROM outbox").await, ["verify_email"; 6]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_mails_a_day_on_sqlite() {
    a_few_mails_a_day(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_mails_a_day_on_postgres() {
    a_few_mails_a_day(Backend::Postgres).await;
}

on_both! {
    /// Whoever asks at once gets one mail among them. Nobody had been mailed a link before.
    async fn many_who_ask_at_once_get_one_mail(app: TestApp) {
        let id = user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let answers = join_all((0..12).map(|_| resend(&app, json!({ "email": "ada@example.com" })))).await;
        assert!(answers.windows(2).all(|two| two[0] == two[1]));
        let waiting = mails(&app).await;
        assert_eq!(waiting.len(), 1);
        let asked = audit(&app, "'verification.requested'").await;
        let mailed = asked.iter().filter(|event| event.ends_with(r#"{"mailed":true}"#)).count();
        assert_eq!((asked.len(), mailed), (12, 1), "{asked:?}");
        assert_eq!(verify(&app, &verification_in(&app, &waiting[0])).await.0, 204);
        assert_eq!(app.admin.get(&format!("/users/{id}")).await.expect(200)["email_verified"], true);
    }

    /// Nobody can tell who has an account: neither a stranger nor those who could not sign in anyway are mailed anything.
    async fn nothing_is_sent_to_others(app: TestApp) {
        user(&app, "verified", json!({ "email": "verified@example.com", "email_verified": true })).await;
        let suspended = user(&app, "suspended", json!({ "email": "suspended@example.com" })).await;
        app.admin.post(&format!("/users/{suspended}/suspend"), &json!({})).await.expect(200);
        let off = user(&app, "off", json!({ "email": "off@example.com" })).await;
        app.admin.post(&format!("/users/{off}/deactivate"), &json!({})).await.expect(200);
        app.admin.post("/users", &json!({ "user_name": "f", "email": "federated@example.com", "auth_provider": "oidc" })).await.expect(201);
        app.admin.post("/users", &json!({ "email": "invited@example.com" })).await.expect(201);
        let other = app.other_admin("stopped").await;
        other.post("/users", &json!({ "user_name": "eve", "email": "eve@example.com", "password": PASSWORD })).await.expect(201);
        set_status(&app, "stopped", TenantStatus::Suspended).await;
        let mut answers = Vec::new();
        for (tenant, name) in [
            ("acme", "verified@example.com"), ("acme", "suspended@example.com"), ("acme", "off@example.com"),
            ("acme", "federated@example.com"), ("acme", "invited@example.com"), ("acme", "nobody@example.com"),
            ("acme", "verified"), ("acme", "' OR 1=1 --"), ("stopped", "eve@example.com"), ("nowhere", "eve@example.com"),
        ] {
            answers.push(resend(&app, json!({ "tenant": tenant, "email": name })).await);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(app.texts("SELECT subject FROM outbox").await, Vec::<String>::new());
        let events = audit(&app, "'verification.requested'").await;
        assert!(events.iter().all(|event| !event.contains("example.com")), "{events:?}");
        let unnamed = post(&app, "/auth/verify-email/resend", json!({ "email": "nobody@example.com" })).await;
        assert_eq!((unnamed.refusal().0, unnamed.refusal().1), (422, "tenant_required"));
        let odd = post(&app, "/auth/verify-email/resend", json!({ "email": 1, "to": "eve@example.com" })).await;
        assert_eq!((odd.refusal().0, odd.problems()), (400, vec![("/email", "type"), ("/to", "unknown")]));
    }

    /// Who was never mailed a link, because nothing had to be verified then, is not shut out.
    async fn nobody_is_shut_out(app: TestApp) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        settings(&app, |settings| settings.email_verification_required = true).await;
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "email_verification_required");
        resend(&app, json!({ "email": "ada@example.com" })).await;
        assert_eq!(verify(&app, &verification_in(&app, &mails(&app).await[0])).await.0, 204);
        login(&app, "ada", PASSWORD).await.expect(200);
    }
}

//! Invitations that are over are forgotten when the tenant's retention time is.

use provost::model::{Clock, Timestamp};
use serde_json::{Value, json};

use super::{DAY, accept, on_each, set, shown, text};
use crate::support::{Client, TestApp};

/// When everything begins: 2100-01-01, for ids are of the present.
const START: i64 = 4_102_444_800_000;

async fn invite(admin: &Client, name: &str) -> Value {
    let body = json!({ "action": "invite", "email": format!("{name}@example.com") });
    let answer = admin.post("/users", &body).await;
    assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
    answer.body
}

async fn purge(app: &TestApp, after: i64) {
    app.directory.purge_deleted_users(Timestamp(START + after)).await.unwrap();
}

/// Whose invitations there are, each with its state as it is stored.
async fn left(app: &TestApp) -> Vec<String> {
    let left = app.texts("SELECT email || ' ' || state FROM invitations ORDER BY email, created_at").await;
    left.iter().map(|one| one.replace("@example.com", "")).collect()
}

on_each! {
    /// Accepted, revoked or expired; but the last one of a user who still waits stays, to be sent again or revoked.
    async fn invitations_are_forgotten(backend: Backend) {
        let clock = Clock::manual(Timestamp(START));
        let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
        let other = app.other_admin("other").await;
        let accepted = invite(&app.admin, "accepted").await;
        accept(&app, &shown(&accepted)).await.expect(200);
        let revoked = invite(&app.admin, "revoked").await;
        app.admin.delete(&format!("/invitations/{}", text(&revoked["invitation"], "id"))).await.expect(204);
        let waiting = invite(&app.admin, "waiting").await;
        invite(&app.admin, "twice").await;
        clock.set(Timestamp(START + 8 * DAY));
        let again = invite(&app.admin, "twice").await;
        invite(&other, "zed").await;

        purge(&app, 30 * DAY).await;
        let all = ["accepted accepted", "revoked revoked", "twice pending", "twice pending", "waiting pending", "zed pending"];
        assert_eq!(left(&app).await, all);
        purge(&app, 30 * DAY + 1).await;
        assert_eq!(left(&app).await, all[2..]);
        purge(&app, 37 * DAY + 1).await;
        assert_eq!(left(&app).await, all[3..]);
        clock.set(Timestamp(START + 100 * DAY));
        purge(&app, 100 * DAY).await;
        assert_eq!(left(&app).await, all[3..]);

        app.admin.delete(&format!("/users/{}", text(&waiting, "id"))).await.expect(204);
        let resend = format!("/invitations/{}/resend", text(&again["invitation"], "id"));
        let sent = app.admin.post(&resend, &json!({})).await.expect(200);
        accept(&app, &shown(&sent)).await.expect(200);
        purge(&app, 130 * DAY).await;
        assert_eq!(left(&app).await, ["twice accepted", "waiting revoked", "zed pending"]);
        set(&app, |settings| settings.retention_days = 29).await;
        purge(&app, 130 * DAY).await;
        assert_eq!(left(&app).await, ["zed pending"]);
        assert_eq!(app.admin.get(&format!("/users/{}", text(&again, "id"))).await.expect(200)["status"], "active");
    }
}

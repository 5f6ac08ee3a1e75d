//! When a token ends: expiry and revocation; and when it was last used.

use std::time::{Duration, Instant};

use provost::model::{Clock, Scopes, Timestamp};

use crate::support::{Backend, Client, TestApp, on_both, refusal};

const START: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;

/// RFC 6750 §3.1: a token works until it expires, and from that moment on not at all.
async fn a_token_ends_when_it_expires(backend: Backend) {
    let clock = Clock::manual(Timestamp(START));
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let end = Some(Timestamp(START + HOUR));
    let token = app.provisioning.create_token(&app.connection, "hour", Scopes::ALL, end).await.unwrap();
    let client = Client::new(&app.provisioning.base_url, token.text.expose());

    client.get("/Users").await.expect(200);
    clock.set(Timestamp(START + HOUR - 1));
    client.get("/Users").await.expect(200);
    clock.set(Timestamp(START + HOUR));
    assert_eq!(
        client.get("/Users").await.error(),
        refusal(401, "", "The bearer token is not valid: it is unknown, expired or revoked."),
    );
    app.client.get("/Users").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_when_it_expires_on_sqlite() {
    a_token_ends_when_it_expires(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ends_when_it_expires_on_postgres() {
    a_token_ends_when_it_expires(Backend::Postgres).await;
}

on_both! {
    /// A revoked token stops working within a second or so, though it was believed a moment ago; others go on.
    async fn a_revoked_token_stops_working(app: TestApp) {
        let token = app.provisioning.create_token(&app.connection, "t", Scopes::ALL, None).await.unwrap();
        let client = Client::new(&app.provisioning.base_url, token.text.expose());
        client.get("/Users").await.expect(200);
        app.provisioning.revoke_token(&app.tenant, &token.record.id.to_string()).await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(3);
        let refused = loop {
            let answer = client.get("/Users").await;
            if answer.status != 200 {
                break answer;
            }
            assert!(Instant::now() < deadline, "the token still works three seconds after it was revoked");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(
            refused.error(),
            refusal(401, "", "The bearer token is not valid: it is unknown, expired or revoked."),
        );
        app.client.get("/Users").await.expect(200);
    }

    /// What is stored of a token is its digest alone.
    async fn no_stored_text_holds_a_token(app: TestApp) {
        let token = app.provisioning.create_token(&app.connection, "t", Scopes::ALL, None).await.unwrap();
        let secret = token.text.expose().splitn(3, '_').nth(2).unwrap().to_owned();
        let stored = app.texts("SELECT kind || details FROM audit_events").await;
        assert!(!stored.is_empty() && !stored.iter().any(|text| text.contains(&secret)), "{stored:?}");
        assert!(!format!("{token:?}").contains(&secret));
    }
}

//! What comes before signing in: told to whoever gives the right password, and to nobody else.

use serde_json::json;

use super::{
    OTHER_PASSWORD, PASSWORD, audit, login, mails, pass, post, settings, signed_in, user, verification_in,
    with_clock,
};
use crate::support::{Answer, Client, TestApp, on_both};

const DAY: i64 = 24 * 60 * 60;

/// The challenge of an answer that asks for this.
fn challenge(answer: &Answer, code: &str) -> String {
    assert_eq!((answer.refusal().0, answer.refusal().1), (403, code));
    let details = &answer.body["details"];
    assert!((1..=600).contains(&details["expires_in"].as_i64().unwrap()), "{details}");
    details["challenge"].as_str().unwrap().to_owned()
}

/// Goes on with a challenge.
async fn go_on(app: &TestApp, path: &str, challenge: &str, password: &str) -> Answer {
    let body = match path {
        "/password" => json!({ "challenge": challenge, "password": password }),
        _ => json!({ "challenge": challenge }),
    };
    post(app, &format!("/auth/challenge{path}"), body).await
}

fn over() -> (u16, &'static str, &'static str) {
    let message =
        "This sign-in is over: it took too long, was completed, or the password was changed; begin again.";
    (401, "invalid_challenge", message)
}

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
        assert_eq!(audit(&app, "'login.failed', 'login.challenged'").await, [
            r#"login.failed user {"reason":"wrong_password"}"#,
            r#"login.challenged user {"required":"email_verification_required"}"#,
            r#"login.challenged user {"required":"password_reset_required"}"#,
        ]);
    }

    /// A challenge leads on: the address is verified by its link, the password is chosen, and somebody is signed in.
    async fn a_challenge_leads_on(app: TestApp) {
        settings(&app, |settings| settings.email_verification_required = true).await;
        user(&app, "ada", json!({ "email": "ada@example.com", "must_reset_password": true })).await;
        let first = challenge(&login(&app, "ada", PASSWORD).await, "email_verification_required");
        // Nothing can be done out of turn, and asking costs nothing.
        for path in ["/continue", "/password"] {
            let still = go_on(&app, path, &first, OTHER_PASSWORD).await;
            assert_eq!(challenge(&still, "email_verification_required"), first);
        }
        let token = verification_in(&app, &mails(&app).await[0]);
        assert_eq!(post(&app, "/auth/verify-email", json!({ "token": token })).await.status, 204);
        let second = challenge(&go_on(&app, "/continue", &first, "").await, "password_reset_required");
        // Nothing was given that would use it up.
        assert_eq!(first, second);
        // The present password is none, nor is one that the policy refuses.
        for (password, rule) in [(PASSWORD, "history"), ("x", "length")] {
            let refused = go_on(&app, "/password", &second, password).await;
            assert_eq!((refused.refusal().0, refused.body["details"]["rules"][0]["rule"].clone()), (422, json!(rule)));
        }
        let granted = go_on(&app, "/password", &second, OTHER_PASSWORD).await.expect(200);
        assert_eq!(granted["user"]["must_reset_password"], false);
        let client = Client::new(&app.admin.base_url, granted["access_token"].as_str().unwrap());
        client.get(&format!("/users/{}", granted["user"]["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(go_on(&app, "/password", &second, PASSWORD).await.refusal().1, "invalid_challenge");
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "invalid_credentials");
        login(&app, "ada", OTHER_PASSWORD).await.expect(200);
        let events = audit(&app, "'login.challenged', 'login.succeeded', 'user.updated'").await;
        let kinds: Vec<&str> = events.iter().filter_map(|event| event.split(' ').next()).collect();
        assert_eq!(kinds, [
            "login.challenged", "user.updated", "user.updated", "login.succeeded", "login.succeeded",
        ]);
        assert_eq!(events[2], r#"user.updated user {"changed":["password","must_reset_password"]}"#);
    }

    /// A challenge stands for the password that was given: it ends when another one is set, or its holder is turned off. It
    /// opens nothing else.
    async fn a_challenge_ends_with_its_password(app: TestApp) {
        let id = user(&app, "ada", json!({ "must_reset_password": true })).await;
        let path = format!("/users/{id}");
        let due = async || challenge(&login(&app, "ada", PASSWORD).await, "password_reset_required");
        let token = due().await;
        assert_eq!(Client::new(&app.admin.base_url, &token).get(&path).await.refusal().0, 401);
        app.admin.patch(&path, &json!({ "password": PASSWORD, "must_reset_password": true })).await.expect(200);
        assert_eq!(go_on(&app, "/password", &token, OTHER_PASSWORD).await.refusal(), over());
        let token = due().await;
        app.admin.post(&format!("{path}/suspend"), &json!({})).await.expect(200);
        assert_eq!(go_on(&app, "/password", &token, OTHER_PASSWORD).await.refusal(), over());
        for wrong in ["x", &format!("pvo_{}_{}", app.tenant.id.0.simple(), "A".repeat(43))] {
            assert_eq!(go_on(&app, "/continue", wrong, "").await.refusal(), over());
        }
    }

    /// Of two who choose a password with one challenge at once one does.
    async fn a_challenge_is_used_once(app: TestApp) {
        user(&app, "ada", json!({ "must_reset_password": true })).await;
        let token = challenge(&login(&app, "ada", PASSWORD).await, "password_reset_required");
        let (one, other) = ("the first of two passphrases", "the second of two passphrases");
        let (first, second) =
            tokio::join!(go_on(&app, "/password", &token, one), go_on(&app, "/password", &token, other));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
        let chosen = if first.status == 200 { one } else { other };
        login(&app, "ada", chosen).await.expect(200);
    }

    /// Who has set their own password need not do so again; who was given another one still has to.
    async fn ones_own_password_is_reset(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let path = format!("/users/{id}");
        let ada = signed_in(&app, "ada", PASSWORD).await;
        app.admin.patch(&path, &json!({ "must_reset_password": true })).await.expect(200);
        let changed = ada.patch(&path, &json!({ "password": OTHER_PASSWORD, "current_password": PASSWORD })).await.expect(200);
        assert_eq!(changed["must_reset_password"], false);
        login(&app, "ada", OTHER_PASSWORD).await.expect(200);
        app.admin.patch(&path, &json!({ "password": PASSWORD, "must_reset_password": true })).await.expect(200);
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "password_reset_required");
    }
}

with_clock! {
    /// A password that is too old has to be changed.
    async fn passwords_grow_old(app: TestApp, clock: Clock) {
        let policy = json!({ "min_length": 15, "max_age_days": 30 });
        app.admin.put("/password-policy", &policy).await.expect(200);
        user(&app, "ada", json!({})).await;
        pass(&clock, 30 * DAY - 1);
        login(&app, "ada", PASSWORD).await.expect(200);
        pass(&clock, 1);
        let token = challenge(&login(&app, "ada", PASSWORD).await, "password_reset_required");
        go_on(&app, "/password", &token, OTHER_PASSWORD).await.expect(200);
        pass(&clock, 30 * DAY - 1);
        login(&app, "ada", OTHER_PASSWORD).await.expect(200);
    }

    /// A challenge lives ten minutes.
    async fn a_challenge_grows_old(app: TestApp, clock: Clock) {
        user(&app, "ada", json!({ "must_reset_password": true })).await;
        let token = challenge(&login(&app, "ada", PASSWORD).await, "password_reset_required");
        pass(&clock, 599);
        let still = go_on(&app, "/continue", &token, "").await;
        assert_eq!(still.body["details"]["expires_in"], 1);
        pass(&clock, 1);
        assert_eq!(go_on(&app, "/password", &token, OTHER_PASSWORD).await.refusal(), over());
    }
}

//! Second factors while signing in: asked for, set up, and guessed at.

use serde_json::{Value, json};

use super::{Timed, refused, text, timed};
use crate::auth_http::{
    OTHER_PASSWORD, PASSWORD, forgive_address, login, mails, post, settings, user, verification_in,
};
use crate::support::{Answer, totp};

/// The challenge of an answer that asks for this.
fn challenge(answer: &Answer, code: &str) -> String {
    assert_eq!(refused(answer), (403, code));
    text(&answer.body["details"], "challenge")
}

impl Timed {
    async fn challenged(&self, code: &str) -> String {
        challenge(&login(&self.app, "ada", PASSWORD).await, code)
    }

    /// Goes on with a challenge.
    async fn go_on(&self, path: &str, challenge: &str, more: Value) -> Answer {
        let mut body = json!({ "challenge": challenge });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        post(&self.app, &format!("/auth/challenge/{path}"), body).await
    }
}

timed! {
    /// Whoever has a factor gives one of its codes, or a recovery code; neither twice.
    async fn a_code_is_asked_for(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let factor = timed.enrolled(&ada, json!({})).await;
        let first = timed.challenged("mfa_required").await;
        let wrong = timed.go_on("mfa", &first, json!({ "code": timed.wrong_code(&factor.secret) })).await;
        assert_eq!(refused(&wrong), (401, "invalid_code"));
        // Nothing else can be done instead.
        assert_eq!(challenge(&timed.go_on("continue", &first, json!({})).await, "mfa_required"), first);
        let password = timed.go_on("password", &first, json!({ "password": OTHER_PASSWORD })).await;
        assert_eq!(challenge(&password, "mfa_required"), first);
        assert_eq!(challenge(&timed.go_on("mfa-enrolment", &first, json!({})).await, "mfa_required"), first);
        let code = json!({ "code": timed.code(&factor.secret, 0) });
        let granted = timed.go_on("mfa", &first, code.clone()).await.expect(200);
        assert_eq!(granted["user"]["mfa"], json!({ "enrolled": true }));
        assert_eq!(refused(&timed.go_on("mfa", &first, code.clone()).await), (401, "invalid_challenge"));
        let second = timed.challenged("mfa_required").await;
        assert_eq!(refused(&timed.go_on("mfa", &second, code).await), (401, "invalid_code"));
        let recovery = json!({ "code": factor.recovery_codes[0] });
        timed.go_on("mfa", &second, recovery.clone()).await.expect(200);
        let third = timed.challenged("mfa_required").await;
        assert_eq!(refused(&timed.go_on("mfa", &third, recovery).await), (401, "invalid_code"));
        let sessions = timed.app.admin.get(&format!("/users/{}/sessions", ada.id)).await.expect(200);
        assert_eq!(sessions["sessions"][0]["amr"], json!(["pwd", "otp", "mfa"]));
    }

    /// Where one has to be there it is set up first, then the address is verified, then the password is chosen.
    async fn steps_come_in_their_order(timed: Timed) {
        settings(&timed.app, |settings| {
            settings.mfa_required = true;
            settings.email_verification_required = true;
        }).await;
        user(&timed.app, "ada", json!({ "email": "ada@example.com", "must_reset_password": true })).await;
        let first = timed.challenged("mfa_enrolment_required").await;
        let begun = timed.go_on("mfa-enrolment", &first, json!({ "name": "Phone" })).await.expect(201);
        let (id, secret) = (text(&begun, "id"), text(&begun, "secret"));
        let wrong = json!({ "factor_id": id, "code": timed.wrong_code(&secret) });
        assert_eq!(refused(&timed.go_on("mfa-enrolment/confirm", &first, wrong).await), (422, "invalid_code"));
        let right = json!({ "factor_id": id, "code": timed.code(&secret, 0) });
        let confirmed = timed.go_on("mfa-enrolment/confirm", &first, right).await;
        let second = challenge(&confirmed, "email_verification_required");
        assert_eq!(confirmed.body["details"]["recovery_codes"].as_array().unwrap().len(), 10);
        let token = verification_in(&timed.app, &mails(&timed.app).await[0]);
        assert_eq!(post(&timed.app, "/auth/verify-email", json!({ "token": token })).await.status, 204);
        assert_eq!(challenge(&timed.go_on("continue", &second, json!({})).await, "password_reset_required"), second);
        let granted = timed.go_on("password", &second, json!({ "password": OTHER_PASSWORD })).await.expect(200);
        let sessions = timed.app.admin.get(&format!("/users/{}/sessions", text(&granted["user"], "id"))).await.expect(200);
        assert_eq!(sessions["sessions"][0]["amr"], json!(["pwd", "otp", "mfa"]));
    }

    /// An administrator's wish ends what there is of factors: another one is set up at the next sign-in.
    async fn a_factor_is_replaced(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let lost = timed.enrolled(&ada, json!({ "name": "lost" })).await;
        timed.app.admin.patch(&format!("/users/{}", ada.id), &json!({ "must_reset_mfa": true })).await.expect(200);
        let token = timed.challenged("mfa_enrolment_required").await;
        let begun = timed.go_on("mfa-enrolment", &token, json!({ "name": "new" })).await.expect(201);
        let (id, secret) = (text(&begun, "id"), text(&begun, "secret"));
        // As long as it is not confirmed there is no way in.
        assert_eq!(refused(&login(&timed.app, "ada", PASSWORD).await).1, "mfa_enrolment_required");
        let right = json!({ "factor_id": id, "code": timed.code(&secret, 0) });
        let granted = timed.go_on("mfa-enrolment/confirm", &token, right).await.expect(200);
        assert_eq!((granted["recovery_codes"].as_array().unwrap().len(), &granted["user"]["must_reset_mfa"]), (10, &json!(false)));
        assert_eq!(ada.listed().await, (10, vec!["new".to_owned()]));
        timed.pass(totp::STEP);
        let token = timed.challenged("mfa_required").await;
        for old in [timed.code(&lost.secret, 0), lost.recovery_codes[0].clone()] {
            assert_eq!(refused(&timed.go_on("mfa", &token, json!({ "code": old })).await), (401, "invalid_code"));
        }
        timed.go_on("mfa", &token, json!({ "code": timed.code(&secret, 0) })).await.expect(200);
    }

    /// Codes are not guessed: after five in a row nothing is tried, the right one neither; and the password alone does not
    /// begin the row anew.
    async fn codes_are_not_guessed(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let factor = timed.enrolled(&ada, json!({})).await;
        for _ in 0..5 {
            let token = timed.challenged("mfa_required").await;
            let wrong = timed.go_on("mfa", &token, json!({ "code": timed.wrong_code(&factor.secret) })).await;
            assert_eq!(refused(&wrong), (401, "invalid_code"));
            forgive_address(&timed.app).await;
        }
        assert_eq!(refused(&login(&timed.app, "ada", PASSWORD).await), (429, "too_many_attempts"));
        timed.pass(1000);
        let token = timed.challenged("mfa_required").await;
        timed.go_on("mfa", &token, json!({ "code": timed.code(&factor.secret, 0) })).await.expect(200);
        assert_eq!(timed.app.texts("SELECT subject FROM login_failures").await, Vec::<String>::new());
    }

    /// Where everybody has to have a factor nobody is signed in without one who has just registered.
    async fn whoever_registers_sets_one_up(timed: Timed) {
        settings(&timed.app, |settings| {
            settings.mfa_required = true;
            settings.self_registration.enabled = true;
        }).await;
        let body = json!({ "user_name": "ada", "email": "ada@example.com", "password": PASSWORD });
        let registered = post(&timed.app, "/auth/register", body).await.expect(202);
        assert_eq!(registered["next"], "mfa_enrolment_required");
        timed.challenged("mfa_enrolment_required").await;
    }
}

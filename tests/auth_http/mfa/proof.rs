//! Whoever has a session alone, or with it the password of somebody who has a factor, leaves the factors as they are.

use serde_json::json;

use super::super::{OTHER_PASSWORD, PASSWORD, login, root};
use super::{audit, refused, text, timed};

timed! {
    /// Everything that changes factors asks for a code, once there is a factor to lose; the password is no code.
    async fn a_stolen_session_changes_nothing(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let factor = timed.enrolled(&ada, json!({ "name": "phone" })).await;
        let before = timed.app.texts("SELECT secret FROM mfa_factors").await;
        let remove = format!("/auth/mfa/{}/remove", factor.id);
        for path in ["/auth/mfa", "/auth/mfa/remove", "/auth/mfa/recovery-codes", &remove] {
            assert_eq!(refused(&ada.post(path, json!({})).await), (403, "proof_required"), "{path}");
            let wrong = ada.post(path, json!({ "code": timed.wrong_code(&factor.secret) })).await;
            assert_eq!(refused(&wrong), (422, "invalid_code"), "{path}");
            let password = ada.post(path, json!({ "password": PASSWORD })).await;
            assert_eq!(refused(&password), (403, "proof_required"), "{path}");
            let both = ada.post(path, json!({ "code": timed.code(&factor.secret, 0), "password": PASSWORD })).await;
            assert_eq!((both.refusal().0, both.problems()), (400, vec![("/password", "not_accepted")]), "{path}");
            timed.forgive(&ada).await;
        }
        assert_eq!(timed.app.texts("SELECT secret FROM mfa_factors").await, before);
        assert_eq!(ada.listed().await, (10, vec!["phone".to_owned()]));
        let audit = audit(&timed.app).await;
        let failed: Vec<&String> = audit.iter().filter(|event| event.contains("confirmation.failed")).collect();
        assert_eq!(failed, [r#"user ada confirmation.failed {"reason":"invalid_code"}"#; 4]);
        // The code was in no refusal used up.
        ada.post(&remove, json!({ "code": timed.code(&factor.secret, 0) })).await.expect(204);
    }

    /// The first factor is not a thief's: it asks for the password.
    async fn the_first_factor_asks_for_the_password(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        assert_eq!(refused(&ada.post("/auth/mfa", json!({})).await), (403, "proof_required"));
        assert_eq!(refused(&ada.post("/auth/mfa", json!({ "code": "123456" })).await), (403, "proof_required"));
        let wrong = ada.post("/auth/mfa", json!({ "password": OTHER_PASSWORD })).await;
        assert_eq!(refused(&wrong), (422, "invalid_password"));
        assert_eq!(ada.listed().await, (0, Vec::new()));
        ada.post("/auth/mfa", json!({ "password": PASSWORD })).await.expect(201);
    }

    /// Guesses are counted together with failed sign-ins, and after five in a row nothing is tried for a while.
    async fn guesses_are_counted(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let factor = timed.enrolled(&ada, json!({})).await;
        for _ in 0..4 {
            let wrong = ada.post("/auth/mfa/remove", json!({ "code": timed.wrong_code(&factor.secret) })).await;
            assert_eq!(refused(&wrong), (422, "invalid_code"));
        }
        assert_eq!(refused(&login(&timed.app, "ada", OTHER_PASSWORD).await), (401, "invalid_credentials"));
        let right = json!({ "code": timed.code(&factor.secret, 0) });
        assert_eq!(refused(&ada.post("/auth/mfa/remove", right.clone()).await), (429, "too_many_attempts"));
        assert_eq!(refused(&login(&timed.app, "ada", PASSWORD).await), (429, "too_many_attempts"));
        timed.pass(1000);
        ada.post("/auth/mfa/remove", right).await.expect(204);
        login(&timed.app, "ada", PASSWORD).await.expect(200);
    }

    /// What an administrator may do to others is not done to oneself: it would need no proof.
    async fn ones_own_are_changed_by_oneself_alone(timed: Timed) {
        let boss = timed.person("boss", json!({ "roles": ["owner"] })).await;
        let factor = timed.enrolled(&boss, json!({})).await;
        let (path, codes) = (format!("/v1/users/{}/mfa-factors", boss.id), "recovery-codes");
        let refusals = [
            boss.post(&path, json!({})).await,
            boss.delete(&path).await,
            boss.delete(&format!("{path}/{}", factor.id)).await,
            boss.post(&format!("{path}/{}/confirm", factor.id), json!({ "code": "123456" })).await,
            boss.post(&format!("{path}/{codes}"), json!({})).await,
        ];
        for answer in &refusals {
            assert_eq!(refused(answer), (403, "own_factors"));
        }
        assert_eq!(boss.get(&path).await.expect(200)["recovery_codes_left"], 10);
        // Neither is it done by a key of one's own, which is nobody in person.
        let key = timed.app.admin.post("/api-keys", &json!({ "name": "k", "user_id": boss.id })).await.expect(201);
        let key = crate::support::Client::new(root(&timed.app), &text(&key, "key"));
        assert_eq!(refused(&key.delete(&path).await), (403, "own_factors"));
        for answer in [key.get("/auth/mfa").await, key.post("/auth/mfa", &json!({})).await] {
            assert_eq!(refused(&answer), (403, "wrong_credential"));
        }
        // Who has lost everything has another one end the factors.
        let other = timed.person("other", json!({ "roles": ["owner"] })).await;
        other.delete(&path).await.expect(204);
        assert_eq!(boss.listed().await, (0, Vec::new()));
    }

    /// Another's factor is not there, whatever is shown.
    async fn factors_of_others_are_not_there(timed: Timed) {
        let (ada, bob) = (timed.person("ada", json!({})).await, timed.person("bob", json!({})).await);
        let (hers, his) = (timed.enrolled(&ada, json!({})).await, timed.enrolled(&bob, json!({})).await);
        let remove = ada.post(&format!("/auth/mfa/{}/remove", his.id), json!({ "code": timed.code(&hers.secret, 0) })).await;
        assert_eq!(refused(&remove), (404, "not_found"));
        let path = format!("/users/{}/mfa-factors/{}", ada.id, his.id);
        assert_eq!(refused(&timed.app.admin.delete(&path).await), (404, "not_found"));
        assert_eq!(bob.listed().await, (10, vec!["Authenticator".to_owned()]));
    }
}

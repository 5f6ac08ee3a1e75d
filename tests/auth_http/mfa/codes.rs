//! What a code is good for, and how often. New recovery codes are had for a code, so they show what one is worth.

use serde_json::json;

use super::{PASSWORD, audit, refused, timed};
use crate::support::totp;

const CODES: &str = "/auth/mfa/recovery-codes";

timed! {
    /// One step off is taken, two are not; no code is taken twice, nor one of a step before it.
    async fn a_code_is_taken_once(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let factor = timed.enrolled(&ada, json!({})).await;
        let give = async |steps: i64| {
            let answer = ada.post(CODES, json!({ "code": timed.code(&factor.secret, steps) })).await;
            if answer.status == 201 { (201, String::new()) } else { (answer.status, refused(&answer).1.to_owned()) }
        };
        let (taken, wrong) = ((201, String::new()), (422, "invalid_code".to_owned()));
        // The one that confirmed the factor.
        assert_eq!(give(-1).await, wrong);
        timed.pass(3 * totp::STEP);
        assert_eq!(give(-2).await, wrong);
        assert_eq!(give(2).await, wrong);
        assert_eq!(give(-1).await, taken);
        assert_eq!(give(-1).await, wrong);
        assert_eq!(give(0).await, taken);
        assert_eq!(give(1).await, taken);
        assert_eq!(give(0).await, wrong);
        assert_eq!(give(1).await, wrong);
        timed.pass(2 * totp::STEP - 1);
        assert_eq!(give(0).await, wrong);
        timed.pass(1);
        assert_eq!(give(0).await, taken);
        assert_eq!(refused(&ada.post(CODES, json!({ "code": timed.wrong_code(&factor.secret) })).await), (422, "invalid_code"));
    }

    /// A code of somebody else's app, or of a factor that is not confirmed, is wrong.
    async fn a_code_is_its_users(timed: Timed) {
        let (ada, bob) = (timed.person("ada", json!({})).await, timed.person("bob", json!({})).await);
        let (hers, his) = (timed.enrolled(&ada, json!({})).await, timed.enrolled(&bob, json!({})).await);
        let begun = ada.post("/auth/mfa", json!({ "code": timed.code(&hers.secret, 1) })).await.expect(201);
        for code in [timed.code(&his.secret, 0), timed.code(begun["secret"].as_str().unwrap(), 0), his.recovery_codes[0].clone()] {
            assert_eq!(refused(&ada.post(CODES, json!({ "code": code })).await), (422, "invalid_code"));
        }
        bob.post(CODES, json!({ "code": timed.code(&his.secret, 0) })).await.expect(201);
    }

    /// Each stands in once for a code, however it is typed; new ones end those before.
    async fn a_recovery_code_is_taken_once(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let factor = timed.enrolled(&ada, json!({ "name": "lost" })).await;
        let codes = &factor.recovery_codes;
        for (used, code) in codes[..9].iter().enumerate() {
            let typed = if used % 2 == 0 { code.to_lowercase().replace('-', " ") } else { code.clone() };
            ada.post("/auth/mfa", json!({ "code": typed })).await.expect(201);
            assert_eq!(ada.listed().await.0, 9 - i64::try_from(used).unwrap());
            assert_eq!(refused(&ada.post("/auth/mfa", json!({ "code": code })).await), (422, "invalid_code"));
        }
        let renewed = ada.post(CODES, json!({ "code": codes[9] })).await;
        assert_eq!(renewed.header("cache-control"), Some("no-store"));
        let renewed = renewed.expect(201);
        let new: Vec<&str> = renewed["recovery_codes"].as_array().unwrap().iter().filter_map(|code| code.as_str()).collect();
        assert_eq!((new.len(), ada.listed().await.0), (10, 10));
        assert_eq!(refused(&ada.post("/auth/mfa", json!({ "code": codes[8] })).await), (422, "invalid_code"));
        // A device that is lost goes for a recovery code, the last of what is left with it.
        ada.post(&format!("/auth/mfa/{}/remove", factor.id), json!({ "code": new[0] })).await.expect(204);
        assert_eq!(ada.listed().await, (0, vec!["-Authenticator".to_owned()]));
        assert_eq!(timed.app.texts("SELECT CAST(created_at AS text) FROM recovery_codes").await, Vec::<String>::new());
        let audit = audit(&timed.app).await;
        let used: Vec<&String> = audit.iter().filter(|event| event.contains("recovery_code.used")).collect();
        assert_eq!((used.len(), used[0].as_str()), (11, r#"user ada recovery_code.used {"left":9}"#));
        let secrets: Vec<&str> = codes.iter().map(String::as_str).chain(new).chain([&*factor.secret]).collect();
        assert!(audit.iter().all(|event| secrets.iter().all(|secret| !event.contains(secret))));
    }

    /// They stand in for a factor, so there are none without.
    async fn recovery_codes_need_a_factor(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        assert_eq!(refused(&ada.post(CODES, json!({})).await), (409, "mfa_not_enrolled"));
        ada.post("/auth/mfa", json!({ "password": PASSWORD })).await.expect(201);
        assert_eq!(refused(&ada.post(CODES, json!({})).await), (409, "mfa_not_enrolled"));
    }
}

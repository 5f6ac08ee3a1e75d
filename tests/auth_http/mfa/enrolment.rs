//! A factor begins, counts once its app has shown that it has the secret, and ends.

use serde_json::{Value, json};

use super::{PASSWORD, audit, refused, text, timed};
use crate::support::totp;

timed! {
    /// From the first answer, which alone holds the secret, to a factor that counts.
    async fn a_factor_counts_once_it_is_confirmed(timed: Timed) {
        let app = &timed.app;
        let ada = timed.person("ada", json!({})).await;
        let enrolled = async || app.admin.get(&format!("/users/{}", ada.id)).await.expect(200)["mfa"].clone();
        assert_eq!(ada.get("/auth/mfa").await.expect(200), json!({ "factors": [], "recovery_codes_left": 0 }));

        let begun = ada.post("/auth/mfa", json!({ "name": " Phone ", "password": PASSWORD })).await;
        assert_eq!(begun.header("cache-control"), Some("no-store"));
        let begun = begun.expect(201);
        let (id, secret) = (text(&begun, "id"), text(&begun, "secret"));
        assert_eq!((text(&begun, "name"), text(&begun, "kind"), &begun["confirmed"]), ("Phone".to_owned(), "totp".to_owned(), &json!(false)));
        assert_eq!(text(&begun, "otpauth_uri"), format!("otpauth://totp/Acme:ada?secret={secret}&issuer=Acme"));
        assert!(text(&begun, "qr_svg").starts_with("<svg "), "{begun}");
        assert_eq!(totp::base32(&secret).len(), 20);
        assert_eq!(ada.listed().await, (0, vec!["-Phone".to_owned()]));
        assert_eq!(enrolled().await, json!({ "enrolled": false }));

        let path = format!("/auth/mfa/{id}/confirm");
        let wrong = ada.post(&path, json!({ "code": timed.wrong_code(&secret) })).await;
        assert_eq!(refused(&wrong), (422, "invalid_code"));
        // As apps show it: in two groups.
        let code = timed.code(&secret, 0);
        let confirmed = ada.post(&path, json!({ "code": format!("{} {}", &code[..3], &code[3..]) })).await;
        assert_eq!(confirmed.header("cache-control"), Some("no-store"));
        let confirmed = confirmed.expect(200);
        let codes = confirmed["recovery_codes"].as_array().unwrap();
        assert_eq!((codes.len(), &confirmed["confirmed"]), (10, &json!(true)));
        assert!(codes.iter().enumerate().all(|(place, code)| !codes[..place].contains(code)), "each is another one");
        assert_eq!(ada.listed().await, (10, vec!["Phone".to_owned()]));
        assert_eq!(enrolled().await, json!({ "enrolled": true }));
        assert_eq!(refused(&ada.post(&path, json!({ "code": timed.code(&secret, 1) })).await), (409, "factor_confirmed"));

        let list = ada.get("/auth/mfa").await.expect(200);
        let names: Vec<&String> = list["factors"][0].as_object().unwrap().keys().collect();
        assert_eq!(names, ["id", "kind", "name", "confirmed", "created_at", "last_used_at"]);
        let kept = app.texts("SELECT secret FROM mfa_factors").await.join(" ");
        assert!(!kept.contains(&secret));
        assert_eq!(audit(app).await, [
            r#"user ada mfa.enrolment_begun {"factor":"[id]","kind":"totp","name":"Phone"}"#,
            r#"user ada confirmation.failed {"reason":"invalid_code"}"#,
            r#"user ada mfa.enrolled {"factor":"[id]","kind":"totp","name":"Phone"}"#,
            r#"user ada recovery_codes.created {"number":10}"#,
        ]);
    }

    /// Whoever begins again forgets what was begun; and what is not confirmed in an hour is nothing.
    async fn what_is_not_confirmed_goes(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let first = ada.post("/auth/mfa", json!({ "name": "first", "password": PASSWORD })).await.expect(201);
        let second = ada.post("/auth/mfa", json!({ "password": PASSWORD })).await.expect(201);
        assert_eq!(ada.listed().await, (0, vec!["-Authenticator".to_owned()]));
        let confirm = async |factor: &Value| {
            let code = timed.code(&text(factor, "secret"), 0);
            let path = format!("/users/{}/mfa-factors/{}/confirm", ada.id, text(factor, "id"));
            timed.app.admin.post(&path, &json!({ "code": code })).await
        };
        assert_eq!(refused(&confirm(&first).await), (404, "not_found"));
        timed.pass(60 * 60 * 1000);
        assert_eq!(refused(&confirm(&second).await), (404, "not_found"));
        let path = format!("/users/{}/mfa-factors", ada.id);
        assert_eq!(timed.app.admin.get(&path).await.expect(200), json!({ "factors": [], "recovery_codes_left": 0 }));
        let third = timed.app.admin.post(&path, &json!({})).await.expect(201);
        timed.pass(60 * 60 * 1000 - 1);
        confirm(&third).await.expect(200);
    }

    /// Another device comes without new recovery codes; those go with the last one. Five are enough.
    async fn several_devices_share_the_recovery_codes(timed: Timed) {
        let ada = timed.person("ada", json!({})).await;
        let phone = timed.enrolled(&ada, json!({ "name": "phone" })).await;
        let tablet = timed.enrolled(&ada, json!({ "name": "tablet", "code": timed.code(&phone.secret, 0) })).await;
        assert_eq!((phone.recovery_codes.len(), tablet.recovery_codes.len()), (10, 0));
        assert_eq!(ada.listed().await, (10, vec!["phone".to_owned(), "tablet".to_owned()]));
        for name in ["3", "4", "5"] {
            timed.enrolled(&ada, json!({ "name": name, "code": timed.code(&phone.secret, 0) })).await;
        }
        let sixth = ada.post("/auth/mfa", json!({ "code": timed.code(&phone.secret, 0) })).await;
        assert_eq!(refused(&sixth), (422, "too_many_factors"));
        let remove = |id: &str| format!("/auth/mfa/{id}/remove");
        let proof = json!({ "code": timed.code(&tablet.secret, 0) });
        ada.post(&remove(&phone.id), proof).await.expect(204);
        assert_eq!(ada.listed().await.0, 10);
        assert_eq!(refused(&ada.post(&remove(&phone.id), json!({})).await), (404, "not_found"));
        timed.pass(totp::STEP);
        ada.post("/auth/mfa/remove", json!({ "code": timed.code(&tablet.secret, 0) })).await.expect(204);
        assert_eq!(ada.listed().await, (0, Vec::new()));
        assert_eq!(timed.app.texts("SELECT name FROM mfa_factors").await, Vec::<String>::new());
        // With nothing there, nothing is told.
        ada.post("/auth/mfa/remove", json!({ "password": PASSWORD })).await.expect(204);
        let last = timed.enrolled(&ada, json!({ "name": "last" })).await;
        assert_eq!(last.recovery_codes.len(), 10);
        ada.post(&remove(&last.id), json!({ "code": timed.code(&last.secret, 0) })).await.expect(204);
        assert_eq!(ada.listed().await, (0, Vec::new()));
        let audit = audit(&timed.app).await;
        let ends: Vec<&String> = audit.iter().filter(|event| event.contains("removed") || event.contains("reset")).collect();
        assert_eq!(ends, [
            r#"user ada mfa.removed {"factor":"[id]","kind":"totp","name":"phone","confirmed":true}"#,
            r#"user ada mfa.reset {"factors":4}"#,
            r#"user ada mfa.removed {"factor":"[id]","kind":"totp","name":"last","confirmed":true}"#,
        ]);
    }
}

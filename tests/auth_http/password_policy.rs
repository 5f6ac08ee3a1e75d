//! `/v1/password-policy`, and passwords that were used before.

use serde_json::{Value, json};

use super::{OTHER_PASSWORD, PASSWORD, audit, login, signed_in, user};
use crate::support::on_both;

/// The rules that a refusal names.
fn rules(body: &Value) -> Vec<&str> {
    body["details"]["rules"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect()
}

on_both! {
    /// A preset by its name, or rules one by one; it holds at once for passwords that are set.
    async fn a_policy_is_read_and_replaced(app: TestApp) {
        let first = app.admin.get("/password-policy").await.expect(200);
        let nist = json!({
            "preset": "nist", "min_length": 15,
            "require_upper": false, "require_lower": false, "require_digit": false, "require_special": false,
            "special_characters": "`!@#$%^&*()_+-=[]{};':\"\\|,.<>/?~",
            "forbid_whitespace": false, "forbid_own_data": false, "forbid_common": true,
            "denied_words": [], "history": 0,
        });
        assert_eq!(first, nist);
        let short = json!({ "user_name": "bar", "password": "foobarbaz" });
        assert_eq!(rules(&app.admin.post("/users", &short).await.expect(422)), ["length"]);
        let minimal = app.admin.put("/password-policy", &json!({ "preset": "minimal" })).await.expect(200);
        assert_eq!((&minimal["preset"], &minimal["min_length"]), (&json!("minimal"), &json!(5)));
        assert_eq!(app.admin.get("/password-policy").await.expect(200), minimal);
        app.admin.post("/users", &short).await.expect(201);
        login(&app, "bar", "foobarbaz").await.expect(200);
        let own = app.admin.put("/password-policy", &json!({ "min_length": 8, "max_length": 20, "require_digit": true })).await.expect(200);
        assert_eq!((&own["preset"], &own["max_length"], &own["require_digit"]), (&json!(null), &json!(20), &json!(true)));
        assert_eq!(audit(&app, "'tenant.updated'").await, [r#"tenant.updated tenant {"changed":["password_policy"]}"#; 2]);
    }

    /// Policies that cannot be are refused with every reason.
    async fn a_policy_that_cannot_be_is_refused(app: TestApp) {
        let answer = app.admin.put("/password-policy", &json!({ "min_length": 10, "max_length": 9 })).await;
        assert_eq!((answer.status, answer.problems()), (422, vec![("/max_length", "out_of_range")]));
        let answer = app.admin.put("/password-policy", &json!({ "preset": "nist", "history": 3 })).await;
        assert_eq!((answer.status, answer.problems()), (400, vec![("/history", "not_accepted")]));
        let answer = app.admin.put("/password-policy", &json!({})).await;
        assert_eq!((answer.status, answer.problems()), (400, vec![("/min_length", "required")]));
        let answer = app.admin.put("/password-policy", &json!({ "min_length": 0, "history": 25, "min_strength": 5 })).await;
        assert_eq!((answer.status, answer.problems()), (400, vec![("/min_length", "too_small"), ("/history", "too_large"), ("/min_strength", "too_large")]));
        assert_eq!(app.admin.get("/password-policy").await.expect(200)["preset"], "nist");
    }

    /// Reading asks for `tenant.read`, writing for `tenant.update`; checking for nothing but a credential.
    async fn who_may_read_and_write_a_policy(app: TestApp) {
        user(&app, "ada", json!({})).await;
        user(&app, "reader", json!({ "roles": ["read_only"] })).await;
        let (ada, reader) = (signed_in(&app, "ada", PASSWORD).await, signed_in(&app, "reader", PASSWORD).await);
        let put = json!({ "preset": "minimal" });
        assert_eq!([ada.get("/password-policy").await.status, ada.put("/password-policy", &put).await.status], [403, 403]);
        assert_eq!([reader.get("/password-policy").await.status, reader.put("/password-policy", &put).await.status], [200, 403]);
        let check = json!({ "password": PASSWORD });
        assert_eq!(ada.post("/password-policy/check", &check).await.expect(200), json!({ "ok": true, "rules": [] }));
    }

    /// A check says every rule that would be broken, and knows who asks.
    async fn a_password_is_checked(app: TestApp) {
        let policy = json!({ "min_length": 12, "require_upper": true, "require_digit": true, "forbid_own_data": true, "min_strength": 1 });
        user(&app, "lovelace", json!({})).await;
        let ada = signed_in(&app, "lovelace", PASSWORD).await;
        app.admin.put("/password-policy", &policy).await.expect(200);
        let broken = async |client: &crate::support::Client, body: Value| {
            let verdict = client.post("/password-policy/check", &body).await.expect(200);
            let rules: Vec<String> = verdict["rules"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap().to_owned()).collect();
            assert_eq!(verdict["ok"], json!(rules.is_empty()));
            rules
        };
        assert_eq!(broken(&app.admin, json!({ "password": "aaaaa" })).await, ["length", "upper", "digit", "strength"]);
        assert_eq!(broken(&app.admin, json!({ "password": "Lovelace-and-1-engine" })).await, [""; 0]);
        assert_eq!(broken(&app.admin, json!({ "password": "Lovelace-and-1-engine", "user_name": "lovelace" })).await, ["own_data"]);
        assert_eq!(broken(&ada, json!({ "password": "Lovelace-and-1-engine" })).await, ["own_data"]);
    }

    /// Words of the tenant's own are in no password, in whatever case; they stand beside a preset, and one that is left out
    /// of the next policy is allowed again.
    async fn a_tenant_denies_words_of_its_own(app: TestApp) {
        let words = json!({ "preset": "nist", "denied_words": ["Acme", "Größe"] });
        let policy = app.admin.put("/password-policy", &words).await.expect(200);
        assert_eq!((&policy["preset"], &policy["denied_words"]), (&json!("nist"), &json!(["Acme", "Größe"])));
        assert_eq!(app.admin.put("/password-policy", &policy).await.expect(200), policy);
        let body = |password: &str| json!({ "user_name": "ada", "password": password });
        for password in ["seventeen ACME llamas", "eine andere GRÖSSE als sonst"] {
            let refused = app.admin.post("/users", &body(password)).await.expect(422);
            assert_eq!(rules(&refused), ["denied"], "{password}");
            assert!(refused["message"].as_str().unwrap().contains("a word that is not allowed here"), "{refused}");
        }
        let settings = json!({ "settings": { "password_policy": { "preset": "minimal" } } });
        let changed = app.admin.patch(&format!("/tenants/{}", app.tenant.id), &settings).await.expect(200);
        assert_eq!(changed["settings"]["password_policy"]["denied_words"], json!(["Acme", "Größe"]));
        assert_eq!(rules(&app.admin.post("/users", &body("an acme")).await.expect(422)), ["whitespace", "denied"]);
        app.admin.put("/password-policy", &json!({ "preset": "nist" })).await.expect(200);
        app.admin.post("/users", &body("seventeen ACME llamas")).await.expect(201);
        for (words, message) in [
            (json!(["ab"]), "Word 0 of 'denied_words' has to have 3 to 64 characters and no control characters."),
            (json!(["good", "a\nb\nc"]), "Word 1 of 'denied_words' has to have 3 to 64 characters and no control characters."),
        ] {
            let refused = app.admin.put("/password-policy", &json!({ "preset": "nist", "denied_words": words })).await;
            assert_eq!((refused.refusal().0, refused.refusal().2), (422, message));
        }
    }

    /// The last passwords, as many as the policy says, and the one that there is cannot be set again.
    async fn former_passwords_are_not_used_again(app: TestApp) {
        app.admin.put("/password-policy", &json!({ "min_length": 15, "history": 2 })).await.expect(200);
        let id = user(&app, "ada", json!({})).await;
        let path = format!("/users/{id}");
        let set = async |password: &str| app.admin.patch(&path, &json!({ "password": password })).await;
        let refused = set(PASSWORD).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (422, "password_policy"));
        assert_eq!(rules(&refused.body), ["history"]);
        set(OTHER_PASSWORD).await.expect(200);
        set("the third passphrase").await.expect(200);
        for former in [PASSWORD, OTHER_PASSWORD, "the third passphrase"] {
            assert_eq!(rules(&set(former).await.expect(422)), ["history"], "{former}");
        }
        set("the fourth passphrase").await.expect(200);
        // The first one is forgotten by now.
        set(PASSWORD).await.expect(200);
        login(&app, "ada", PASSWORD).await.expect(200);
    }

    /// A federated user has no password here, and gets none.
    async fn a_federated_user_gets_no_password(app: TestApp) {
        let made = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc" })).await.created();
        let answer = app.admin.patch(&format!("/users/{made}"), &json!({ "password": PASSWORD })).await;
        assert_eq!((answer.status, answer.problems()), (422, vec![("/password", "not_accepted")]));
    }
}

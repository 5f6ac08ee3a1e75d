//! Users who come with the hash of a password that another system made.

use provost::model::UserId;
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, PASSWORD, a_second, audit, login, signed_in, user};
use crate::admin::ranks::holder;
use crate::auth::imported::VECTORS;
use crate::support::{TestApp, on_both};

/// SHA-256 of [`PASSWORD`] behind the salt `61`.
fn of_password() -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::new().chain_update("a").chain_update(PASSWORD).finalize();
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{{digest}}sha256:hex:prefix:61:{digits}")
}

async fn stored(app: &TestApp, id: &str) -> String {
    let id = UserId(id.parse().unwrap());
    let password = app.provisioning.storage.find_password(app.tenant.id, id).await.unwrap().unwrap();
    password.hash.as_str().to_owned()
}

on_both! {
    /// Every form opens the door for its password alone, and is an Argon2id hash like ours afterwards.
    async fn each_form_signs_in_and_is_hashed_anew(app: TestApp) {
        let first = VECTORS.iter().filter_map(|(_, vectors)| vectors.iter().find(|(password, _)| !password.is_empty()));
        for (number, (password, hash)) in first.enumerate() {
            let name = format!("user{number}");
            let body = json!({ "user_name": name, "action": "register", "password_hash": hash });
            let id = app.admin.post("/users", &body).await.created();
            assert_eq!(stored(&app, &id).await, *hash);
            assert_eq!(login(&app, &name, "wrong").await.refusal().1, "invalid_credentials", "{hash}");
            assert_eq!(login(&app, &name, password).await.status, 200, "{hash}");
            let anew = stored(&app, &id).await;
            assert!(anew.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}: {anew}");
            assert_eq!(login(&app, &name, password).await.status, 200, "{hash}");
            assert_eq!(login(&app, &name, "wrong").await.status, 401, "{hash}");
        }
    }

    /// A hash that is refused says why, at its pointer, and is not repeated; nothing is made.
    async fn a_hash_that_cannot_be_is_refused(app: TestApp) {
        let said = |hash: &str| json!({ "user_name": "ada", "action": "register", "password_hash": hash });
        for (hash, code, message) in [
            (
                "5f4dcc3b5aa765d61d8327deb882cf99",
                "unknown_hash",
                "'password_hash' is of no known form; known are bcrypt, Argon2, scrypt, Firebase's scrypt, PBKDF2, SHA-crypt, phpass, LDAP's {SSHA} and its like, and {digest}.",
            ),
            (
                "$2b$5$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
                "malformed_hash",
                "'password_hash' looks like bcrypt, but its cost is not a number of two digits from 04 to 31.",
            ),
            (
                "$2b$20$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
                "exhausting_hash",
                "'password_hash' would take too much to compare a password with: bcrypt may have a cost of at most 14.",
            ),
        ] {
            let refused = app.admin.post("/users", &said(hash)).await;
            assert_eq!((refused.status, refused.problems()), (422, vec![("/password_hash", code)]), "{}", refused.body);
            assert_eq!(refused.body["details"]["problems"][0]["message"], json!(message));
            assert!(!refused.body.to_string().contains(hash));
        }
        let hash = of_password();
        for (more, problem) in [
            (json!({ "password": PASSWORD }), ("/password_hash", "not_accepted")),
            (json!({ "action": "invite", "email": "ada@example.com" }), ("/password_hash", "not_accepted")),
            (json!({ "action": "create", "auth_provider": "oidc" }), ("/password_hash", "not_accepted")),
            (json!({ "auth_provider": "saml" }), ("/password_hash", "not_accepted")),
            (json!({ "service_account": true }), ("/password_hash", "not_accepted")),
        ] {
            let mut body = said(&hash);
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let refused = app.admin.post("/users", &body).await;
            assert_eq!((refused.status, refused.problems()), (422, vec![problem]), "{more}: {}", refused.body);
        }
        let long = app.admin.post("/users", &said(&"x".repeat(1025))).await;
        assert_eq!(long.problems().iter().map(|problem| problem.0).collect::<Vec<_>>(), ["/password_hash"]);
        assert_eq!(app.admin.get("/users?search=ada").await.expect(200)["users"], json!([]));
    }

    /// Without an action a hash means the same as a password: somebody who is registered. It is shown nowhere.
    async fn a_hash_is_shown_nowhere(app: TestApp) {
        let hash = of_password();
        let made = app.admin.post("/users", &json!({ "user_name": "ada", "password_hash": hash })).await.expect(201);
        assert_eq!(made["status"], json!("active"));
        assert_eq!(made["identities"], json!([{ "kind": "password", "subject": "ada" }]));
        let id = made["id"].as_str().unwrap();
        let read = app.admin.get(&format!("/users/{id}")).await.expect(200);
        let audited = app.texts("SELECT details FROM audit_events ORDER BY id").await;
        let seen = app.client.get(&format!("/Users/{id}")).await.expect(200);
        for text in [made.to_string(), read.to_string(), seen.to_string(), audited.join(" ")] {
            assert!(!text.contains("digest") && !text.contains("password_hash"), "{text}");
        }
    }

    /// PATCH and PUT give a user who is there another password by its hash: sessions end, and the audit log names the field.
    async fn a_hash_takes_the_passwords_place(app: TestApp) {
        let id = user(&app, "ada", json!({ "password": OTHER_PASSWORD })).await;
        let path = format!("/users/{id}");
        let session = signed_in(&app, "ada", OTHER_PASSWORD).await;
        app.admin.patch(&path, &json!({ "password_hash": of_password() })).await.expect(200);
        assert_eq!(login(&app, "ada", OTHER_PASSWORD).await.status, 401);
        assert_eq!(login(&app, "ada", PASSWORD).await.status, 200);
        a_second().await;
        assert_eq!(session.get(&path).await.status, 401);
        let bcrypt = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i";
        app.admin.put(&path, &json!({ "user_name": "ada", "password_hash": bcrypt })).await.expect(200);
        assert_eq!(login(&app, "ada", PASSWORD).await.status, 401);
        assert_eq!(login(&app, "ada", "abc").await.status, 200);
        let audited = audit(&app, "'user.updated'").await;
        assert_eq!(audited, vec![r#"user.updated user {"changed":["password"]}"#; 2]);
        for (body, code) in [
            (json!({ "password_hash": "x" }), "unknown_hash"),
            (json!({ "password_hash": bcrypt, "password": PASSWORD }), "not_accepted"),
        ] {
            let refused = app.admin.patch(&path, &body).await;
            assert_eq!((refused.status, refused.problems()), (422, vec![("/password_hash", code)]), "{}", refused.body);
        }
        let federated = app.admin.post("/users", &json!({ "user_name": "eve", "auth_provider": "oidc" })).await.created();
        let refused = app.admin.patch(&format!("/users/{federated}"), &json!({ "password_hash": bcrypt })).await;
        assert_eq!((refused.status, refused.problems()), (422, vec![("/password_hash", "not_accepted")]));
    }

    /// Nobody gives themselves a password that was held against no policy: it takes what changing users takes.
    async fn a_hash_takes_the_right_to_change_users(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let session = signed_in(&app, "ada", PASSWORD).await;
        let hash = json!({ "password_hash": of_password() });
        let own = session.patch(&format!("/users/{id}"), &hash).await;
        assert_eq!((own.refusal().0, own.refusal().1), (403, "forbidden"));
        assert_eq!(session.patch(&format!("/users/{id}"), &json!({ "password": OTHER_PASSWORD, "current_password": PASSWORD })).await.status, 200);
        let (_, reader) = holder(&app, "reader", &["read_only"]).await;
        let new: Value = json!({ "user_name": "bob", "password_hash": of_password() });
        assert_eq!(reader.post("/users", &new).await.status, 403);
        assert_eq!(reader.patch(&format!("/users/{id}"), &hash).await.status, 403);
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        assert_eq!(manager.post("/users", &new).await.status, 201);
        assert_eq!(manager.patch(&format!("/users/{id}"), &hash).await.status, 200);
        assert_eq!(login(&app, "bob", PASSWORD).await.status, 200);
    }
}

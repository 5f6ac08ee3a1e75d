//! A session, an old password or an old link alone does not make anybody the account's holder.

use serde_json::{Value, json};

use super::mfa::{refused, text};
use super::{OTHER_PASSWORD, PASSWORD, login, mails, post, root, signed_in, token_in, user};
use crate::support::{Answer, Client, TestApp, on_both, totp};

/// A factor of a user, as an administrator enrols it.
async fn factor(app: &TestApp, id: &str) -> String {
    let path = format!("/users/{id}/mfa-factors");
    let begun = app.admin.post(&path, &json!({})).await.expect(201);
    let (factor, secret) = (text(&begun, "id"), text(&begun, "secret"));
    let code = totp::code(&secret, app.provisioning.clock.now().0);
    app.admin.post(&format!("{path}/{factor}/confirm"), &json!({ "code": code })).await.expect(200);
    secret
}

fn challenge_of(answer: &Answer, code: &str) -> Value {
    assert_eq!(refused(answer), (403, code));
    answer.body["details"]["challenge"].clone()
}

on_both! {
    /// One's own password and address take the present password, whatever rights one has.
    async fn a_session_alone_changes_neither_password_nor_address(app: TestApp) {
        let id = user(&app, "boss", json!({ "roles": ["owner"], "email": "boss@example.com" })).await;
        let (boss, path) = (signed_in(&app, "boss", PASSWORD).await, format!("/users/{id}"));
        let whole = json!({ "email": "evil@example.com" });
        for answer in [
            boss.patch(&path, &json!({ "password": OTHER_PASSWORD })).await,
            boss.patch(&path, &json!({ "email": "evil@example.com" })).await,
            boss.put(&path, &whole).await,
        ] {
            assert_eq!((answer.refusal().0, answer.problems()), (422, vec![("/current_password", "required")]));
        }
        let wrong = json!({ "password": OTHER_PASSWORD, "current_password": "none of theirs" });
        assert_eq!(refused(&boss.patch(&path, &wrong).await), (422, "invalid_password"));
        login(&app, "boss@example.com", PASSWORD).await.expect(200);
        boss.patch(&path, &json!({ "email": "king@example.com", "current_password": PASSWORD })).await.expect(200);
        boss.patch(&path, &json!({ "password": OTHER_PASSWORD, "current_password": PASSWORD })).await.expect(200);
        login(&app, "king@example.com", OTHER_PASSWORD).await.expect(200);
        // A key of one's own is no better at it; one of somebody else's administers.
        let key = app.admin.post("/api-keys", &json!({ "name": "k", "user_id": id })).await.expect(201);
        let key = Client::new(&app.admin.base_url, &text(&key, "key"));
        assert_eq!(key.patch(&path, &json!({ "password": PASSWORD })).await.problems(), [("/current_password", "required")]);
        app.admin.patch(&path, &json!({ "password": PASSWORD })).await.expect(200);
    }

    /// Wrong ones are counted with failed sign-ins.
    async fn guesses_at_the_present_password_are_counted(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let (ada, path) = (signed_in(&app, "ada", PASSWORD).await, format!("/users/{id}"));
        let wrong = json!({ "password": OTHER_PASSWORD, "current_password": "none of theirs" });
        for _ in 0..5 {
            assert_eq!(refused(&ada.patch(&path, &wrong).await), (422, "invalid_password"));
        }
        let right = json!({ "password": OTHER_PASSWORD, "current_password": PASSWORD });
        assert_eq!(refused(&ada.patch(&path, &right).await), (429, "too_many_attempts"));
    }

    /// Nobody has their own factors ended by what is meant for others.
    async fn ones_own_factors_are_not_reset_by_a_flag(app: TestApp) {
        let id = user(&app, "boss", json!({ "roles": ["owner"] })).await;
        let boss = signed_in(&app, "boss", PASSWORD).await;
        let flag = json!({ "must_reset_mfa": true, "current_password": PASSWORD });
        assert_eq!(refused(&boss.patch(&format!("/users/{id}"), &flag).await), (403, "own_factors"));
    }

    /// However a password is set, links that were mailed before and sign-ins under way end.
    async fn a_new_password_ends_links_and_challenges(app: TestApp) {
        for (number, by) in ["admin", "oneself", "mail"].into_iter().enumerate() {
            let (name, email) = (format!("ada{number}"), format!("ada{number}@example.com"));
            let id = user(&app, &name, json!({ "email": email })).await;
            let (ada, path) = (signed_in(&app, &name, PASSWORD).await, format!("/users/{id}"));
            let evil = json!({ "email": format!("evil{number}@example.com"), "password": PASSWORD });
            ada.at(root(&app)).post("/auth/email", &evil).await.expect(202);
            let change = token_in(&app, "change-email", mails(&app).await.last().unwrap());
            post(&app, "/auth/password/forgot", json!({ "email": email })).await.expect(202);
            let reset = token_in(&app, "reset-password", mails(&app).await.last().unwrap());
            app.admin.patch(&path, &json!({ "must_reset_password": true })).await.expect(200);
            let challenge = challenge_of(&login(&app, &name, PASSWORD).await, "password_reset_required");
            match by {
                "admin" => app.admin.patch(&path, &json!({ "password": OTHER_PASSWORD })).await.expect(200),
                "oneself" => {
                    let body = json!({ "password": OTHER_PASSWORD, "current_password": PASSWORD });
                    ada.patch(&path, &body).await.expect(200)
                }
                _ => {
                    let body = json!({ "token": reset, "password": OTHER_PASSWORD });
                    post(&app, "/auth/password/reset", body).await.expect(204)
                }
            };
            let confirmed = post(&app, "/auth/email/confirm", json!({ "token": change })).await;
            assert_eq!(confirmed.refusal().1, "link_ended", "{by}");
            let body = json!({ "token": reset, "password": "yet another good passphrase" });
            assert_eq!(post(&app, "/auth/password/reset", body).await.refusal().1, "link_ended", "{by}");
            let body = json!({ "challenge": challenge, "password": "yet another good passphrase" });
            assert_eq!(post(&app, "/auth/challenge/password", body).await.refusal().1, "invalid_challenge", "{by}");
        }
    }

    /// An address that an administrator sets is not undone by a link that was asked for before.
    async fn another_address_ends_the_link_to_one(app: TestApp) {
        let id = user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let ada = signed_in(&app, "ada", PASSWORD).await;
        let evil = json!({ "email": "evil@example.com", "password": PASSWORD });
        ada.at(root(&app)).post("/auth/email", &evil).await.expect(202);
        let change = token_in(&app, "change-email", mails(&app).await.last().unwrap());
        app.admin.patch(&format!("/users/{id}"), &json!({ "email": "new@example.com" })).await.expect(200);
        assert_eq!(post(&app, "/auth/email/confirm", json!({ "token": change })).await.refusal().1, "link_ended");
    }

    /// A session is not gone on with where signing in would ask for something first.
    async fn refreshing_asks_for_what_is_due(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let path = format!("/users/{id}");
        for due in ["must_reset_password", "must_enrol_mfa", "must_reset_mfa"] {
            let refresh = text(&login(&app, "ada", PASSWORD).await.expect(200), "refresh_token");
            app.admin.patch(&path, &json!({ due: true })).await.expect(200);
            let refused = post(&app, "/auth/refresh", json!({ "refresh_token": refresh })).await;
            assert_eq!((refused.refusal().0, refused.refusal().1), (401, "invalid_refresh_token"), "{due}");
            app.admin.patch(&path, &json!({ due: false })).await.expect(200);
            post(&app, "/auth/refresh", json!({ "refresh_token": refresh })).await.expect(200);
        }
    }

    /// What has become a program's account has neither sessions nor a password that signs in.
    async fn service_accounts_do_not_sign_in(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let refresh = text(&login(&app, "ada", PASSWORD).await.expect(200), "refresh_token");
        let path = format!("/users/{id}");
        app.admin.patch(&path, &json!({ "service_account": true })).await.expect(200);
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "invalid_credentials");
        post(&app, "/auth/refresh", json!({ "refresh_token": refresh })).await.expect(401);
        app.admin.patch(&path, &json!({ "service_account": false })).await.expect(200);
        post(&app, "/auth/refresh", json!({ "refresh_token": refresh })).await.expect(401);
        login(&app, "ada", PASSWORD).await.expect(200);
    }

    /// A factor that an administrator wants gone goes before another one counts.
    async fn an_old_factor_does_not_outlive_its_reset(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let old = factor(&app, &id).await;
        let path = format!("/users/{id}/mfa-factors");
        let begun = app.admin.post(&path, &json!({ "name": "early" })).await.expect(201);
        app.admin.patch(&format!("/users/{id}"), &json!({ "must_reset_mfa": true })).await.expect(200);
        let challenge = challenge_of(&login(&app, "ada", PASSWORD).await, "mfa_enrolment_required");
        let code = totp::code(&text(&begun, "secret"), app.provisioning.clock.now().0);
        let early = json!({ "challenge": challenge, "factor_id": begun["id"], "code": code });
        let answer = post(&app, "/auth/challenge/mfa-enrolment/confirm", early).await;
        assert_eq!(refused(&answer), (409, "enrolment_not_begun"));
        let begun = post(&app, "/auth/challenge/mfa-enrolment", json!({ "challenge": challenge })).await.expect(201);
        let secret = text(&begun, "secret");
        assert_ne!(secret, old);
        let code = totp::code(&secret, app.provisioning.clock.now().0);
        let body = json!({ "challenge": challenge, "factor_id": begun["id"], "code": code });
        post(&app, "/auth/challenge/mfa-enrolment/confirm", body).await.expect(200);
        assert_eq!(app.admin.get(&path).await.expect(200)["factors"].as_array().unwrap().len(), 1);
    }

    /// Whoever has an address is told when a factor comes or goes.
    async fn changed_factors_are_told_by_mail(app: TestApp) {
        use provost::delivery::mail::{Content, FactorsChanged};
        let id = user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let nameless = user(&app, "bob", json!({})).await;
        factor(&app, &nameless).await;
        factor(&app, &id).await;
        let path = format!("/users/{id}/mfa-factors");
        let list = app.admin.get(&path).await.expect(200);
        app.admin.delete(&format!("{path}/{}", text(&list["factors"][0], "id"))).await.expect(204);
        factor(&app, &id).await;
        app.admin.delete(&path).await.expect(204);
        let told: Vec<(String, FactorsChanged)> = mails(&app).await.into_iter().map(|mail| match mail.content {
            Content::FactorsChanged { what, .. } => (mail.to, what),
            other => panic!("another mail: {other:?}"),
        }).collect();
        let ada = |what| ("ada@example.com".to_owned(), what);
        use FactorsChanged::{Added, Removed, Reset};
        assert_eq!(told, [ada(Added), ada(Removed), ada(Added), ada(Reset)]);
    }

    /// A password that another system has hashed is hashed anew though a second factor comes before signing in.
    async fn a_factor_does_not_keep_an_imported_hash(app: TestApp) {
        let hash = "{digest}md5:hex:none::5f4dcc3b5aa765d61d8327deb882cf99";
        let body = json!({ "user_name": "ada", "action": "register", "password_hash": hash });
        let id = app.admin.post("/users", &body).await.created();
        factor(&app, &id).await;
        challenge_of(&login(&app, "ada", "password").await, "mfa_required");
        let stored = app.texts("SELECT hash FROM password_credentials").await;
        assert!(stored.iter().all(|hash| hash.starts_with("$argon2id$")), "{stored:?}");
    }
}

//! `POST /auth/password/forgot` and `/auth/password/reset`: a link in a mail is as good as the password, once.

use std::time::{Duration, Instant};

use provost::delivery::mail::Content;
use serde_json::{Value, json};

use super::{
    OTHER_PASSWORD, PASSWORD, audit, forgive_address, login, mails, pass, post, root, signed_in, token_in,
    user, with_clock,
};
use crate::support::{Answer, TestApp, on_both};

async fn forgot(app: &TestApp, email: &str) -> Value {
    post(app, "/auth/password/forgot", json!({ "tenant": "acme", "email": email })).await.expect(202)
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    post(app, "/auth/password/reset", json!({ "token": token, "password": password })).await
}

/// The token of the last mail.
async fn token(app: &TestApp) -> String {
    token_in(app, "reset-password", mails(app).await.last().expect("a mail"))
}

on_both! {
    /// From the mail to the new password: sessions end, the address is verified, failures are forgotten, and a mail tells.
    async fn a_link_sets_another_password(app: TestApp) {
        let id = user(&app, "ada", json!({ "email": "ada@example.com", "must_reset_password": true })).await;
        app.admin.patch(&format!("/users/{id}"), &json!({ "must_reset_password": false })).await.expect(200);
        let session = signed_in(&app, "ada", PASSWORD).await;
        app.admin.patch(&format!("/users/{id}"), &json!({ "must_reset_password": true })).await.expect(200);
        for _ in 0..5 {
            login(&app, "ada", OTHER_PASSWORD).await.expect(401);
            forgive_address(&app).await;
        }
        forgot(&app, "Ada@example.com").await;
        let link = token(&app).await;
        for (password, rule) in [("x", "length"), ("passwordpassword", "common")] {
            let refused = reset(&app, &link, password).await;
            assert_eq!((refused.refusal().0, &refused.body["details"]["rules"][0]["rule"]), (422, &json!(rule)));
        }
        assert_eq!(reset(&app, &link, OTHER_PASSWORD).await.status, 204);
        assert_eq!(session.get(&format!("/users/{id}")).await.refusal().0, 401);
        assert_eq!(reset(&app, &link, PASSWORD).await.refusal().1, "link_ended");
        let user = login(&app, "ada", OTHER_PASSWORD).await.expect(200)["user"].clone();
        assert_eq!((&user["email_verified"], &user["must_reset_password"]), (&json!(true), &json!(false)));
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().0, 401);
        let told = mails(&app).await;
        assert!(matches!(told.last().unwrap().content, Content::PasswordChanged { .. }), "{told:?}");
        assert_eq!((told.len(), &*told[1].to), (2, "ada@example.com"));
        assert_eq!(audit(&app, "'password_reset.requested'").await, [r#"password_reset.requested user {"mailed":true}"#]);
        let changed = audit(&app, "'user.updated'").await;
        assert_eq!(changed.last().unwrap(), r#"user.updated user {"changed":["password","must_reset_password","email_verified"]}"#);
    }

    /// Whoever has the address, or nobody: the answer is the same, and takes the same time.
    async fn nobody_learns_who_is_there(app: TestApp) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let federated = json!({ "user_name": "fed", "email": "fed@example.com", "auth_provider": "oidc" });
        app.admin.post("/users", &federated).await.expect(201);
        let off = user(&app, "off", json!({ "email": "off@example.com" })).await;
        app.admin.post(&format!("/users/{off}/deactivate"), &json!({})).await.expect(200);
        let mut answers = Vec::new();
        for email in ["ada@example.com", "fed@example.com", "off@example.com", "nobody@example.com", "none"] {
            let began = Instant::now();
            answers.push(forgot(&app, email).await);
            assert!(began.elapsed() >= Duration::from_millis(200), "{email}");
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        let sent = mails(&app).await;
        assert_eq!(sent.iter().map(|mail| &*mail.to).collect::<Vec<_>>(), ["ada@example.com"]);
        let noted = audit(&app, "'password_reset.requested'").await;
        assert_eq!(noted.iter().filter(|event| event.contains("\"mailed\":true")).count(), 1);
        assert_eq!(noted.len(), 5);
    }

    /// A link ends with its address, with its user's account, and with another password.
    async fn a_link_ends_with_what_it_is_for(app: TestApp) {
        let id = user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let path = format!("/users/{id}");
        forgot(&app, "ada@example.com").await;
        let link = token(&app).await;
        app.admin.patch(&path, &json!({ "email": "king@example.com" })).await.expect(200);
        assert_eq!(reset(&app, &link, OTHER_PASSWORD).await.refusal().1, "link_ended");
        app.admin.patch(&path, &json!({ "email": "ada@example.com" })).await.expect(200);
        app.admin.post(&format!("{path}/suspend"), &json!({})).await.expect(200);
        assert_eq!(reset(&app, &link, OTHER_PASSWORD).await.refusal().1, "link_ended");
        app.admin.post(&format!("{path}/unsuspend"), &json!({})).await.expect(200);
        // A link for something else is none.
        assert_eq!(post(&app, "/auth/verify-email", json!({ "token": link })).await.refusal().1, "link_ended");
        assert_eq!(reset(&app, &link, OTHER_PASSWORD).await.status, 204);
    }

    /// Of two who use one link at once one does.
    async fn a_link_is_used_once(app: TestApp) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        forgot(&app, "ada@example.com").await;
        let link = token(&app).await;
        let (one, other) = tokio::join!(
            reset(&app, &link, "the first of two passphrases"),
            reset(&app, &link, "the second of two passphrases")
        );
        assert_eq!((one.status.min(other.status), one.status.max(other.status)), (204, 410));
    }

    /// The page does the same, and shows what a password lacks.
    async fn the_page_does_the_same(app: TestApp) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        forgot(&app, "ada@example.com").await;
        let link = token(&app).await;
        let url = format!("{}/auth/pages/reset-password", root(&app));
        let http = reqwest::Client::new();
        let form = http.get(format!("{url}?token={link}")).send().await.unwrap();
        assert_eq!(form.status(), 200);
        assert!(form.text().await.unwrap().contains(&format!("value=\"{link}\"")));
        let send = async |password: &str| {
            let form = format!("token={link}&password={}", password.replace(' ', "+"));
            let request = http.post(&url).header("content-type", "application/x-www-form-urlencoded");
            let answer = request.body(form).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let (status, text) = send("x").await;
        assert!(status == 422 && text.contains("at least 15 characters"), "{text}");
        assert_eq!(send(OTHER_PASSWORD).await.0, 200);
        login(&app, "ada", OTHER_PASSWORD).await.expect(200);
        assert_eq!(send(PASSWORD).await.0, 410);
    }
}

with_clock! {
    /// A link works for half an hour, and one mail goes out a minute.
    async fn links_grow_old(app: TestApp, clock: Clock) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        forgot(&app, "ada@example.com").await;
        forgot(&app, "ada@example.com").await;
        assert_eq!(mails(&app).await.len(), 1);
        let first = token(&app).await;
        pass(&clock, 60);
        forgot(&app, "ada@example.com").await;
        let second = token(&app).await;
        assert_eq!(mails(&app).await.len(), 2);
        pass(&clock, 29 * 60);
        assert_eq!(reset(&app, &first, OTHER_PASSWORD).await.refusal().1, "link_ended");
        pass(&clock, 59);
        assert_eq!(reset(&app, &second, OTHER_PASSWORD).await.status, 204);
    }
}

//! `POST /auth/email` and `/auth/email/confirm`: people change their own address, with their password and a link.

use provost::delivery::mail::Content;
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, PASSWORD, audit, login, mails, post, root, signed_in, token_in, user};
use crate::support::{Answer, Client, TestApp, on_both};

async fn ask(app: &TestApp, client: &Client, email: &str, password: &str) -> Answer {
    client.at(root(app)).post("/auth/email", &json!({ "email": email, "password": password })).await
}

async fn confirm(app: &TestApp, token: &str) -> Answer {
    post(app, "/auth/email/confirm", json!({ "token": token })).await
}

async fn recipients(app: &TestApp) -> Vec<String> {
    mails(app).await.into_iter().map(|mail| mail.to).collect()
}

on_both! {
    /// The address changes when its link is followed; both are told.
    async fn a_link_changes_the_address(app: TestApp) {
        let id = user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let ada = signed_in(&app, "ada", PASSWORD).await;
        let wrong = ask(&app, &ada, "king@example.com", OTHER_PASSWORD).await;
        assert_eq!(wrong.refusal(), (422, "invalid_password", "The password is wrong."));
        assert_eq!(ask(&app, &ada, "king@localhost", PASSWORD).await.problems(), [("/email", "invalid")]);
        assert_eq!(recipients(&app).await, Vec::<String>::new());
        ask(&app, &ada, "King@Example.com", PASSWORD).await.expect(202);
        assert_eq!(recipients(&app).await, ["King@example.com"]);
        let read = async || app.admin.get(&format!("/users/{id}")).await.expect(200);
        assert_eq!(read().await["email"], "ada@example.com");
        let token = token_in(&app, "change-email", &mails(&app).await[0]);
        assert_eq!(confirm(&app, &token).await.status, 204);
        let changed = read().await;
        assert_eq!((&changed["email"], &changed["email_verified"]), (&json!("King@example.com"), &json!(true)));
        assert_eq!(recipients(&app).await, ["King@example.com", "ada@example.com", "King@example.com"]);
        let told = mails(&app).await;
        let is_told = |content: &Content| matches!(content, Content::EmailChanged { email, .. } if email == "King@example.com");
        assert!(told[1..].iter().all(|mail| is_told(&mail.content)), "{told:?}");
        assert_eq!(confirm(&app, &token).await.refusal().1, "link_ended");
        login(&app, "king@example.com", PASSWORD).await.expect(200);
        assert_eq!(audit(&app, "'email_change.requested', 'user.updated', 'confirmation.failed'").await, [
            r#"confirmation.failed user {"reason":"invalid_password"}"#,
            "email_change.requested user {}",
            r#"user.updated user {"changed":["email","email_verified"]}"#,
        ]);
    }

    /// Nobody learns who has an address; and who gets it in the meantime keeps it.
    async fn taken_addresses_stay_with_their_holders(app: TestApp) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        user(&app, "bob", json!({ "email": "bob@example.com" })).await;
        let ada = signed_in(&app, "ada", PASSWORD).await;
        let taken: Value = ask(&app, &ada, "bob@example.com", PASSWORD).await.expect(202);
        assert_eq!(ask(&app, &ada, "new@example.com", PASSWORD).await.expect(202), taken);
        assert_eq!(recipients(&app).await, ["new@example.com"]);
        let token = token_in(&app, "change-email", &mails(&app).await[0]);
        user(&app, "new", json!({ "email": "new@example.com" })).await;
        assert_eq!(confirm(&app, &token).await.refusal().1, "user_exists");
        assert_eq!(recipients(&app).await, ["new@example.com"]);
    }

    /// The last link counts; and a link that was mailed to the old address changes no password any more.
    async fn older_links_end(app: TestApp) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let ada = signed_in(&app, "ada", PASSWORD).await;
        ask(&app, &ada, "king@example.com", PASSWORD).await.expect(202);
        let change = token_in(&app, "change-email", &mails(&app).await[0]);
        post(&app, "/auth/password/forgot", json!({ "email": "ada@example.com" })).await.expect(202);
        let reset = token_in(&app, "reset-password", &mails(&app).await[1]);
        assert_eq!(confirm(&app, &change).await.status, 204);
        let body = json!({ "token": reset, "password": OTHER_PASSWORD });
        assert_eq!(post(&app, "/auth/password/reset", body).await.refusal().1, "link_ended");
    }

    /// A key is nobody's session, and a policy may forbid it.
    async fn it_takes_a_session(app: TestApp) {
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let key = ask(&app, &app.admin, "king@example.com", PASSWORD).await;
        assert_eq!(key.refusal().1, "wrong_credential");
        let ada = signed_in(&app, "ada", PASSWORD).await;
        let text = "@notice(\"Ask the help desk.\")\nforbid (principal, action == Provost::Action::\"self.update\", resource)\n\
                    when { context.changed.contains(\"email\") };";
        app.admin.post("/policies", &json!({ "name": "addresses", "text": text })).await.expect(201);
        let refused = ask(&app, &ada, "king@example.com", PASSWORD).await;
        assert_eq!((refused.refusal().0, &refused.body["notices"]), (403, &json!(["Ask the help desk."])));
        assert_eq!(recipients(&app).await, Vec::<String>::new());
    }
}

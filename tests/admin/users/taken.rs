//! 409 `user_exists`: who has the name or the address is told to those who may read that user.

use serde_json::{Value, json};

use crate::admin::ranks::holder;
use crate::support::{Answer, Client, TestApp, on_both};

/// What a refusal says of who is there.
fn holder_of(answer: &Answer) -> Value {
    let (status, code, _) = answer.refusal();
    assert_eq!((status, code), (409, "user_exists"), "{}", answer.body);
    answer.body["details"].clone()
}

/// A client with a role that holds these permissions alone.
async fn bounded(app: &TestApp, name: &str, permissions: &[&str]) -> Client {
    app.admin.post("/roles", &json!({ "name": name, "permissions": permissions })).await.expect(201);
    holder(app, name, &[name]).await.1
}

on_both! {
    /// By every way in which a name or an address is given.
    async fn whoever_may_read_the_user_is_told_who_it_is(app: TestApp) {
        let user = |name: &str, email: &str| json!({ "user_name": name, "email": email, "auth_provider": "oidc" });
        let ada = app.admin.post("/users", &user("ada", "ada@example.com")).await.created();
        let gone = app.admin.post("/users", &user("gone", "gone@example.com")).await.created();
        app.admin.delete(&format!("/users/{gone}")).await.expect(204);
        let eve = app.admin.post("/users", &user("eve", "gone@example.com")).await.created();
        let bob = format!("/users/{}", app.admin.post("/users", &user("bob", "bob@example.com")).await.created());

        let is_ada = json!({ "user_id": ada });
        for taken in [user("ADA", "new@example.com"), user("new", "Ada@Example.com")] {
            assert_eq!(holder_of(&app.admin.post("/users", &taken).await), is_ada);
            assert_eq!(holder_of(&app.admin.patch(&bob, &taken).await), is_ada);
            assert_eq!(holder_of(&app.admin.put(&bob, &taken).await), is_ada);
        }
        let restored = app.admin.post(&format!("/deleted-users/{gone}/restore"), &json!({})).await;
        assert_eq!(holder_of(&restored), json!({ "user_id": eve }));
    }

    /// Others are told that somebody has it, and not who.
    async fn whoever_may_not_is_not(app: TestApp) {
        let body = json!({ "user_name": "ada", "auth_provider": "oidc" });
        let ada = app.admin.post("/users", &body).await.created();
        let blind = bounded(&app, "blind", &["users.create", "self.read", "self.update"]).await;
        assert_eq!(holder_of(&blind.post("/users", &body).await), json!({}));
        let seeing = bounded(&app, "seeing", &["users.create", "users.read", "self.read", "self.update"]).await;
        assert_eq!(holder_of(&seeing.post("/users", &body).await), json!({ "user_id": ada }));
        let hidden = format!(
            "forbid (principal, action == Provost::Action::\"users.read\", resource == Provost::User::\"{ada}\");"
        );
        app.admin.post("/policies", &json!({ "name": "hidden", "text": hidden })).await.expect(201);
        assert_eq!(holder_of(&seeing.post("/users", &body).await), json!({}));
    }
}

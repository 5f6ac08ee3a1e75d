//! What `/v1/users` says of an account beside its holder's data, and turns of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, on_both};

async fn post_if(client: &Client, path: &str, tag: &str) -> Answer {
    client.with_header(Method::POST, path, "If-Match", tag).await
}

on_both! {
    /// The tenant's own id of somebody, and what is due when they sign in, are kept as they were given, and changed alone.
    async fn an_account_is_kept_as_it_was_given(app: TestApp) {
        let entity = "0190b2f4-7a1e-7c3d-8f00-000000000001";
        let due = ["must_reset_password", "must_enrol_mfa", "must_reset_mfa"];
        let user = app.admin.post("/users", &json!({
            "user_name": "ada", "password": "seventeen purple llamas", "entity_id": entity.to_uppercase(),
            "must_reset_password": true, "must_enrol_mfa": true, "must_reset_mfa": true,
        })).await.expect(201);
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let read = app.admin.get(&path).await.expect(200);
        assert_eq!(read, user);
        assert_eq!((&read["entity_id"], due.map(|name| read[name].clone())), (&json!(entity), due.map(|_| json!(true))));
        for name in due {
            let changed = app.admin.patch(&path, &json!({ name: false })).await.expect(200);
            assert_eq!((&changed[name], &changed["entity_id"]), (&json!(false), &json!(entity)), "{name}");
        }
        let told = app.audit().await;
        let changed: Vec<String> = due.iter().map(|name| format!(r#"user.updated {{"changed":["{name}"]}}"#)).collect();
        assert_eq!(told[told.len() - 3..], changed);
        let without = app.admin.patch(&path, &json!({ "entity_id": null })).await.expect(200);
        assert_eq!(without.get("entity_id"), None);
        assert_eq!(app.admin.get(&path).await.expect(200).get("entity_id"), None);
    }

    /// An identity provider that changes somebody's address says nothing of whether it reaches them.
    async fn an_address_that_an_identity_provider_changes_is_to_be_verified_anew(app: TestApp) {
        let user = app.client.post("/Users", &json!({ "userName": "ada", "emails": [{ "value": "ada@example.com" }] })).await.created();
        let (path, scim) = (format!("/users/{user}"), format!("/Users/{user}"));
        let state = async || {
            let read: Value = app.admin.get(&path).await.expect(200);
            (read["email"].clone(), read["email_verified"].clone())
        };
        let verify = async || { app.admin.patch(&path, &json!({ "email_verified": true })).await.expect(200) };
        verify().await;
        let title = json!([{ "op": "replace", "path": "title", "value": "Countess" }]);
        app.client.operations(&scim, title).await.expect(200);
        assert_eq!(state().await, (json!("ada@example.com"), json!(true)));

        let moved = json!([{ "op": "replace", "path": "emails[value eq \"ada@example.com\"].value", "value": "king@example.com" }]);
        app.client.operations(&scim, moved).await.expect(200);
        assert_eq!(state().await, (json!("king@example.com"), json!(false)));
        let told = app.audit().await;
        assert_eq!(told.last().unwrap(), r#"user.updated {"changed":["emails","email_verified"]}"#);
        verify().await;
        app.client.put(&scim, &json!({ "userName": "ada", "emails": [{ "value": "lovelace@example.com" }] })).await.expect(200);
        assert_eq!(state().await, (json!("lovelace@example.com"), json!(false)));
        verify().await;
        app.client.put(&scim, &json!({ "userName": "ada" })).await.expect(200);
        assert_eq!(state().await, (Value::Null, json!(false)));
    }

    /// `If-Match` names the version that was read, also where an account is turned off or on.
    async fn a_turn_has_a_precondition(app: TestApp) {
        let user = app.client.user("ada").await;
        let path = format!("/users/{user}");
        for (number, turn) in ["deactivate", "reactivate", "suspend", "unsuspend"].into_iter().enumerate() {
            let path = format!("{path}/{turn}");
            let (stale, current) = (format!("W/\"{number}\""), format!("W/\"{}\"", number + 1));
            assert_eq!(post_if(&app.admin, &path, &stale).await.refusal().0, 412, "{turn}");
            let turned = post_if(&app.admin, &path, &current).await;
            assert_eq!((turned.status, &turned.body["version"]), (200, &json!(number + 2)), "{turn}");
        }
        let missing = format!("/users/{}/suspend", provost::model::random::uuid_v7());
        assert_eq!(post_if(&app.admin, &missing, "*").await.refusal().0, 404);
    }

    /// A refusal for want of a permission names it for programs too.
    async fn a_refusal_names_the_permission(app: TestApp) {
        let key = app.admin.post("/api-keys", &json!({ "name": "k", "permissions": ["users.read"] })).await.expect(201);
        let client = Client::new(&app.admin.base_url, key["key"].as_str().unwrap());
        let refused = client.post("/users", &json!({ "user_name": "x", "auth_provider": "oidc" })).await;
        assert_eq!(refused.refusal(), (403, "forbidden", "This needs the permission 'users.create', which you do not have."));
        assert_eq!(refused.body["details"], json!({ "permission": "users.create" }));
    }
}

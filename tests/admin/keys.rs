//! `/v1/api-keys`.

use serde_json::json;

use crate::support::{Client, on_both};

on_both! {
    /// A key is shown once, opens what it is bounded to, by either header, and ends when it is revoked.
    async fn a_key_from_its_making_to_its_end(app: TestApp) {
        let made = app.admin.post("/api-keys", &json!({ "name": "reader", "permissions": ["users.read"] })).await.expect(201);
        let text = made["key"].as_str().unwrap();
        assert!(text.starts_with(&format!("pvk_{}_", app.tenant.id.0.simple())), "{text}");
        let client = Client::new(&app.admin.base_url, text);
        assert_eq!(client.get("/users").await.status, 200);
        let refused = client.post("/users", &json!({ "user_name": "x", "auth_provider": "oidc" })).await;
        assert_eq!(refused.refusal(), (403, "forbidden", "This needs the permission 'users.create', which you do not have."));
        let by_header = reqwest::Client::new().get(format!("{}/users", app.admin.base_url)).header("x-api-key", text);
        assert_eq!(crate::support::Answer::of(by_header).await.status, 200);

        let path = format!("/api-keys/{}", made["id"].as_str().unwrap());
        let read = app.admin.get(&path).await.expect(200);
        assert_eq!(read.get("key"), None);
        assert_eq!(app.admin.delete(&path).await.status, 204);
        assert_eq!(client.get("/users").await.refusal().0, 401);
        assert!(app.admin.get(&path).await.expect(200)["revoked_at"].is_string());
    }

    /// A rotated key has two texts for a while.
    async fn a_key_is_rotated_with_an_overlap(app: TestApp) {
        let made = app.admin.post("/api-keys", &json!({ "name": "k", "permissions": ["users.read"] })).await.expect(201);
        let path = format!("/api-keys/{}/rotate", made["id"].as_str().unwrap());
        let second = app.admin.post(&path, &json!({ "overlap_seconds": 3600 })).await.expect(200);
        let third = app.admin.post(&path, &json!({ "overlap_seconds": 0 })).await.expect(200);
        let works = async |key: &serde_json::Value| {
            Client::new(&app.admin.base_url, key["key"].as_str().unwrap()).get("/users").await.status
        };
        assert_eq!([works(&made).await, works(&second).await, works(&third).await], [401, 401, 200]);
        let fourth = app.admin.post(&path, &json!({})).await.expect(200);
        assert_eq!([works(&third).await, works(&fourth).await], [200, 200]);
    }

    /// A user's key never does more than its user, and ends with it.
    async fn a_users_key_ends_with_the_user(app: TestApp) {
        let user = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc", "roles": ["read_only"] })).await.expect(201);
        let id = user["id"].as_str().unwrap();
        let made = app.admin.post("/api-keys", &json!({ "name": "hers", "user_id": id })).await.expect(201);
        let client = Client::new(&app.admin.base_url, made["key"].as_str().unwrap());
        assert_eq!(client.get("/roles").await.status, 200);
        assert_eq!(client.post("/roles", &json!({ "name": "x", "permissions": [] })).await.refusal().0, 403);
        // Her own key with fewer rights she makes herself.
        assert_eq!(client.post("/api-keys", &json!({ "name": "less", "user_id": id, "permissions": ["users.read"] })).await.status, 201);
        assert_eq!(app.admin.delete(&format!("/users/{id}")).await.status, 204);
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        assert_eq!(client.get("/roles").await.refusal().0, 401);
    }

    /// On the SCIM endpoints an administrator's key is bound by the administrator's permissions alone.
    async fn a_key_opens_scim(app: TestApp) {
        let made = app.admin.post("/api-keys", &json!({ "name": "k", "permissions": ["users.read", "users.create"] })).await.expect(201);
        let client = Client::new(&app.client.base_url, made["key"].as_str().unwrap());
        let id = client.user("ada").await;
        assert_eq!(client.get(&format!("/Users/{id}")).await.status, 200);
        assert_eq!(client.delete(&format!("/Users/{id}")).await.error().0, 403);
        assert_eq!(client.get("/Groups").await.error().0, 403);
    }

    /// The list, page by page.
    async fn keys_are_listed(app: TestApp) {
        for number in 0..3 {
            app.admin.post("/api-keys", &json!({ "name": format!("k{number}"), "permissions": [] })).await.expect(201);
        }
        let first = app.admin.query("/api-keys", &[("limit", "3")]).await.expect(200);
        let names = |list: &serde_json::Value| -> Vec<String> {
            list["api_keys"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&first), ["test", "k0", "k1"]);
        let next = app.admin.query("/api-keys", &[("cursor", first["next_cursor"].as_str().unwrap())]).await.expect(200);
        assert_eq!((names(&next), next.get("next_cursor")), (vec!["k2".to_owned()], None));
    }
}

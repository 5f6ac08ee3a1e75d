//! `/v1/api-keys`.

use provost::model::{Clock, TenantId, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::ranks::holder;
use crate::support::{Backend, Client, TestApp, on_both};

/// A key that is made by this client, whole.
async fn made(client: &Client, body: Value) -> Value {
    client.post("/api-keys", &body).await.expect(201)
}

fn client_of(app: &TestApp, key: &Value) -> Client {
    Client::new(&app.admin.base_url, key["key"].as_str().unwrap())
}

fn path(key: &Value) -> String {
    format!("/api-keys/{}", key["id"].as_str().unwrap())
}

async fn rotate(client: &Client, key: &Value) -> crate::support::Answer {
    client.post(&format!("{}/rotate", path(key)), &json!({ "overlap_seconds": 60 })).await
}

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

    /// Whoever is shown a key's new text has the key, so nobody is who holds less than it. Revoking gives nobody anything.
    async fn nobody_rotates_a_mightier_key(app: TestApp) {
        let (boss, owner) = holder(&app, "boss", &["owner"]).await;
        let (_, admin) = holder(&app, "admin", &["admin"]).await;
        let tenants = app.admin.get("/api-keys").await.expect(200)["api_keys"][0].clone();
        assert_eq!(tenants["name"], "test");
        let bosses = made(&app.admin, json!({ "name": "boss's", "user_id": boss })).await;
        let lesser = json!({ "name": "lesser", "user_id": boss, "permissions": ["self.read", "self.update"] });
        let lesser = made(&app.admin, lesser).await;
        let keeper = made(&app.admin, json!({ "name": "keeper", "permissions": ["api_keys.read", "api_keys.write"] })).await;
        let reader = made(&app.admin, json!({ "name": "reader", "permissions": ["users.read"] })).await;

        for (client, key) in [
            (&admin, &tenants), (&admin, &bosses), (&client_of(&app, &keeper), &tenants),
            (&client_of(&app, &keeper), &reader), (&client_of(&app, &lesser), &bosses),
        ] {
            let refused = rotate(client, key).await;
            assert_eq!((refused.refusal().0, refused.refusal().1), (403, "exceeds_permissions"), "{}", key["name"]);
        }
        let refused = rotate(&admin, &bosses).await;
        assert_eq!(refused.body["details"]["permissions"], json!(["owners.write"]));
        assert_eq!(app.texts("SELECT kind FROM audit_events WHERE kind = 'api_key.rotated'").await, [""; 0]);

        for (client, key) in [(&admin, &reader), (&owner, &bosses), (&client_of(&app, &lesser), &lesser), (&client_of(&app, &keeper), &keeper)] {
            let rotated = rotate(client, key).await.expect(200);
            assert_eq!(client_of(&app, &rotated).get("/permissions").await.status, 200, "{}", key["name"]);
        }
        for (client, key) in [(&client_of(&app, &keeper), &reader), (&admin, &bosses)] {
            assert_eq!(client.delete(&path(key)).await.status, 204);
            assert_eq!(client_of(&app, key).get("/permissions").await.refusal().0, 401);
        }
    }

    /// A key acts as its user and grows with it: nobody makes one of somebody else's that could do more than they may, or of
    /// somebody whom they may not change.
    async fn a_key_of_somebody_elses(app: TestApp) {
        let (bob, _) = holder(&app, "bob", &["user"]).await;
        let (_, admin) = holder(&app, "admin", &["admin"]).await;
        let keys = json!({ "name": "keys", "permissions": ["api_keys.read", "api_keys.write", "self.read", "self.update"] });
        app.admin.post("/roles", &keys).await.expect(201);
        let (_, keeper) = holder(&app, "keeper", &["keys", "user"]).await;
        let bounded = |permissions: Value| json!({ "name": "his", "user_id": bob, "permissions": permissions });
        let unbounded = admin.post("/api-keys", &json!({ "name": "his", "user_id": bob })).await;
        assert_eq!((unbounded.refusal().1, &unbounded.body["details"]["permissions"]), ("exceeds_permissions", &json!(["owners.write"])));
        let waiting = admin.post("/api-keys", &bounded(json!(["owners.write"]))).await;
        assert_eq!(waiting.refusal().1, "exceeds_permissions");
        let made = admin.post("/api-keys", &bounded(json!(["self.read", "self.update"]))).await.expect(201);
        let missing = "This needs the permission 'users.update', which you do not have.";
        let refused = keeper.post("/api-keys", &bounded(json!(["self.read", "self.update"]))).await;
        assert_eq!(refused.refusal(), (403, "forbidden", missing));
        assert_eq!(rotate(&keeper, &made).await.refusal(), (403, "forbidden", missing));
        rotate(&admin, &made).await.expect(200);
    }

    /// The key of somebody who is turned off opens nothing, and is not given another text.
    async fn the_key_of_a_suspended_user_is_not_rotated(app: TestApp) {
        let (id, _) = holder(&app, "ada", &["user"]).await;
        let key = made(&app.admin, json!({ "name": "hers", "user_id": id })).await;
        app.admin.post(&format!("/users/{id}/suspend"), &json!({})).await.expect(200);
        let refused = rotate(&app.admin, &key).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (409, "key_ended"));
        app.admin.post(&format!("/users/{id}/unsuspend"), &json!({})).await.expect(200);
        rotate(&app.admin, &key).await.expect(200);
    }

    /// A credential of the instance that names no tenant works on the instance's own keys, and a tenant's never does.
    async fn the_instances_own_keys(app: TestApp) {
        let instance = app.instance().await;
        let body = json!({ "name": "second", "permissions": ["tenant.read", "api_keys.read"] });
        let second = made(&instance, body).await;
        let text = second["key"].as_str().unwrap();
        assert!(text.starts_with(&format!("pvk_{}_", TenantId::INSTANCE.0.simple())), "{text}");
        let names = |list: &Value| -> Vec<String> {
            list["api_keys"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&instance.get("/api-keys").await.expect(200)), ["instance", "second"]);
        let page = instance.query("/api-keys", &[("limit", "1")]).await.expect(200);
        let next = instance.query("/api-keys", &[("cursor", page["next_cursor"].as_str().unwrap())]).await.expect(200);
        assert_eq!((names(&page), names(&next)), (vec!["instance".to_owned()], vec!["second".to_owned()]));
        let in_acme = instance.with_header(Method::GET, "/api-keys", "X-Tenant-ID", &app.tenant.id.to_string()).await;
        assert_eq!(names(&in_acme.expect(200)), ["test"]);

        let client = client_of(&app, &second);
        client.get("/tenants").await.expect(200);
        client.get("/api-keys").await.expect(200);
        for refused in [
            client.post("/api-keys", &json!({ "name": "third", "permissions": [] })).await,
            rotate(&client, &second).await,
            client.delete(&path(&second)).await,
        ] {
            assert_eq!((refused.refusal().0, &refused.body["details"]), (403, &json!({ "permission": "api_keys.write" })));
        }
        let keeper = made(&instance, json!({ "name": "keeper", "permissions": ["api_keys.read", "api_keys.write"] })).await;
        let refused = rotate(&client_of(&app, &keeper), &second).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "exceeds_permissions"));
        let user = app.client.user("ada").await;
        let of_a_user = instance.post("/api-keys", &json!({ "name": "hers", "user_id": user })).await;
        assert_eq!((of_a_user.refusal().0, of_a_user.refusal().1), (422, "invalid_user"));

        let tenants = app.admin.get("/api-keys").await.expect(200)["api_keys"][0].clone();
        for answer in [instance.get(&path(&tenants)).await, instance.delete(&path(&tenants)).await, rotate(&instance, &tenants).await] {
            assert_eq!(answer.refusal().0, 404);
        }
        for answer in [app.admin.get(&path(&second)).await, app.admin.delete(&path(&second)).await, rotate(&app.admin, &second).await] {
            assert_eq!(answer.refusal().0, 404);
        }

        let rotated = rotate(&instance, &second).await.expect(200);
        client_of(&app, &rotated).get("/tenants").await.expect(200);
        assert_eq!(instance.delete(&path(&second)).await.status, 204);
        for key in [&second, &rotated] {
            assert_eq!(client_of(&app, key).get("/tenants").await.refusal().0, 401);
        }
        assert!(instance.get(&path(&second)).await.expect(200)["revoked_at"].is_string());
        let told = app.texts(
            "SELECT kind || ' ' || actor_kind FROM audit_events WHERE target_kind = 'api_key' AND actor_kind <> 'system' ORDER BY id"
        ).await;
        assert_eq!(told, ["api_key.created key", "api_key.created key", "api_key.rotated key", "api_key.revoked key"]);
    }
}

/// A key works until its time, which lies ahead when it is made; so does a SCIM token. When it was used last is written
/// down now and then.
async fn a_key_has_an_end(backend: Backend) {
    let start = Timestamp(1_800_000_000_000);
    let clock = Clock::manual(start);
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let tokens = format!("/connections/{}/tokens", app.connection.id);
    for end in ["2027-01-15T08:00:00Z", "2027-01-15T07:59:59Z", "1999-12-31T23:59:59+01:00"] {
        for path in ["/api-keys", &tokens] {
            let refused = app.admin.post(path, &json!({ "name": "late", "expires_at": end })).await;
            assert_eq!(
                (refused.refusal().0, refused.problems()),
                (422, vec![("/expires_at", "past")]),
                "{path} {end}"
            );
        }
    }
    let body =
        json!({ "name": "short", "permissions": ["users.read"], "expires_at": "2027-01-15T09:00:01+01:00" });
    let key = made(&app.admin, body).await;
    assert_eq!((&key["expires_at"], key.get("last_used_at")), (&json!("2027-01-15T08:00:01.000Z"), None));
    let client = client_of(&app, &key);
    clock.set(Timestamp(start.0 + 999));
    client.get("/users").await.expect(200);
    app.directory.authenticator.write_uses().await.unwrap();
    let read = app.admin.get(&path(&key)).await.expect(200);
    assert_eq!(read["last_used_at"], "2027-01-15T08:00:00.999Z");
    clock.set(Timestamp(start.0 + 1000));
    assert_eq!(client.get("/users").await.refusal().0, 401);
    let ended = rotate(&app.admin, &key).await;
    assert_eq!((ended.refusal().0, ended.refusal().1), (409, "key_ended"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_has_an_end_on_sqlite() {
    a_key_has_an_end(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_has_an_end_on_postgres() {
    a_key_has_an_end(Backend::Postgres).await;
}

//! Nobody gives what they lack, nobody changes somebody mightier, and a tenant never loses its last owner or administrator.

use provost::model::UserId;
use provost::provisioning::directory::KeyDraft;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both};

/// A user with these roles, and a client with a key of theirs.
pub async fn holder(app: &TestApp, name: &str, roles: &[&str]) -> (String, Client) {
    let body = json!({ "user_name": name, "auth_provider": "oidc", "roles": roles });
    let id = app.admin.post("/users", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let user_id = Some(UserId(id.parse().unwrap()));
    let draft = KeyDraft { name: name.to_owned(), user_id, permissions: None, expires_at: None };
    let key = app.directory.create_operator_key(app.tenant.id, draft).await.unwrap();
    (id, Client::new(&app.admin.base_url, key.text.expose()))
}

fn code(answer: &crate::support::Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

on_both! {
    /// What each built-in role may do with users, by its words: manager manages users, read_only reads, user sees itself.
    async fn each_role_does_what_it_says(app: TestApp) {
        let target = app.client.user("target").await;
        let path = format!("/users/{target}");
        let new = |name: &str| json!({ "user_name": name, "auth_provider": "oidc" });
        for (role, read, create, change, keys, roles) in [
            ("owner", 200, 201, 200, 201, 201),
            ("admin", 200, 201, 200, 201, 201),
            ("manager", 200, 201, 200, 403, 403),
            ("read_only", 200, 403, 403, 403, 403),
            ("user", 403, 403, 403, 403, 403),
        ] {
            let (own, client) = holder(&app, role, &[role]).await;
            let did = [
                client.get(&path).await.status,
                client.post("/users", &new(&format!("by {role}"))).await.status,
                client.patch(&path, &json!({ "display_name": role })).await.status,
                client.post("/api-keys", &json!({ "name": "k", "permissions": ["users.read"] })).await.status,
                client.post("/roles", &json!({ "name": format!("of {role}"), "permissions": ["users.read"] })).await.status,
            ];
            assert_eq!(did, [read, create, change, keys, roles], "{role}");
            assert_eq!(client.get(&format!("/users/{own}")).await.status, 200, "{role} sees itself");
            let named = client.patch(&format!("/users/{own}"), &json!({ "display_name": "me" })).await;
            assert_eq!(named.status, 200, "{role} edits itself");
        }
    }

    /// A role is given and taken only by those who hold as much; only owners make owners.
    async fn nobody_gives_what_they_lack(app: TestApp) {
        let target = app.client.user("target").await;
        let path = format!("/users/{target}");
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        let (_, admin) = holder(&app, "admin", &["admin"]).await;
        let (_, owner) = holder(&app, "owner", &["owner"]).await;
        assert_eq!(code(&manager.patch(&path, &json!({ "roles": ["admin"] })).await), (403, "exceeds_permissions"));
        assert_eq!(manager.patch(&path, &json!({ "roles": ["manager", "user"] })).await.status, 200);
        assert_eq!(code(&admin.patch(&path, &json!({ "roles": ["owner"] })).await), (403, "forbidden"));
        assert_eq!(admin.patch(&path, &json!({ "roles": ["admin"] })).await.status, 200);
        assert_eq!(owner.patch(&path, &json!({ "roles": ["owner"] })).await.expect(200)["is_owner"], true);
        let made = manager.post("/users", &json!({ "user_name": "x", "auth_provider": "oidc", "roles": ["admin"] })).await;
        assert_eq!(code(&made), (403, "exceeds_permissions"));
    }

    /// Somebody mightier is out of reach: otherwise a new password for them would be their power.
    async fn nobody_changes_somebody_mightier(app: TestApp) {
        let (admin_id, _) = holder(&app, "admin", &["admin"]).await;
        holder(&app, "admin 2", &["admin"]).await;
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        let path = format!("/users/{admin_id}");
        for answer in [
            manager.patch(&path, &json!({ "display_name": "x" })).await,
            manager.patch(&path, &json!({ "password": "seventeen purple llamas" })).await,
            manager.post(&format!("{path}/suspend"), &json!({})).await,
            manager.delete(&path).await,
        ] {
            assert_eq!(code(&answer), (403, "exceeds_permissions"));
        }
    }

    /// A key that is bounded to less than its user changes the user's profile, and not what would make it the user.
    async fn a_bounded_key_does_not_become_its_user(app: TestApp) {
        let (id, whole) = holder(&app, "boss", &["owner"]).await;
        let path = format!("/users/{id}");
        let bounded = async |permissions: Value| {
            let body = json!({ "name": "bounded", "user_id": id, "permissions": permissions });
            let key = app.admin.post("/api-keys", &body).await.expect(201);
            Client::new(&app.admin.base_url, key["key"].as_str().unwrap())
        };
        app.admin.patch(&path, &json!({ "auth_provider": "local", "email": "boss@example.com" })).await.expect(200);
        let every = json!([
            "self.read", "self.update", "users.read", "users.update", "users.delete", "roles.assign", "owners.write", "groups.write",
        ]);
        for (permissions, others) in [(json!(["self.read", "self.update"]), false), (every, true)] {
            let client = bounded(permissions).await;
            for body in [
                json!({ "password": "seventeen purple llamas" }), json!({ "email": "x@example.com" }),
                json!({ "email_verified": true }), json!({ "roles": ["admin"] }), json!({ "user_name": "x" }),
                json!({ "auth_provider": "oidc" }), json!({ "must_reset_password": true }),
            ] {
                assert_eq!(code(&client.patch(&path, &body).await), (403, "exceeds_permissions"), "{body}");
            }
            if others {
                let scim = client.at(&app.client.base_url);
                let email = json!([{ "op": "replace", "path": "emails", "value": [{ "value": "x@example.com" }] }]);
                assert_eq!(scim.operations(&format!("/Users/{id}"), email).await.error().0, 403);
                for answer in [
                    client.put(&path, &json!({ "user_name": "boss", "email": "x@example.com" })).await,
                    client.put(&format!("{path}/roles"), &json!({ "roles": ["user"] })).await,
                    client.post(&format!("{path}/suspend"), &json!({})).await,
                    client.delete(&path).await,
                ] {
                    assert_eq!(code(&answer), (403, "exceeds_permissions"));
                }
            }
            client.patch(&path, &json!({ "display_name": format!("Boss {others}") })).await.expect(200);
        }
        let read = app.admin.get(&path).await.expect(200);
        assert_eq!((&read["email"], &read["roles"], &read["version"]), (&json!("boss@example.com"), &json!(["owner"]), &json!(4)));
        // A key without bounds is as its user.
        let changed = whole.patch(&path, &json!({ "email": "y@example.com" })).await;
        assert_eq!(changed.expect(200)["email"], "y@example.com");
    }

    /// People change their own profile and password, not what others decide about them.
    async fn people_do_not_promote_themselves(app: TestApp) {
        let (id, client) = holder(&app, "ada", &["user"]).await;
        let path = format!("/users/{id}");
        app.client.group("team", &[&id]).await;
        for body in [
            json!({ "roles": ["admin"] }), json!({ "user_name": "x" }), json!({ "email": "x@example.com" }),
            json!({ "is_active": false }), json!({ "groups": [] }), json!({ "must_enrol_mfa": true }),
        ] {
            assert_eq!(code(&client.patch(&path, &body).await), (403, "forbidden"), "{body}");
        }
        assert_eq!(client.patch(&path, &json!({ "phone": "+41446681800", "locale": "de" })).await.status, 200);
    }

    /// The last owner, and the last user with the role admin, stay what they are, whichever way is tried.
    async fn the_last_one_stays(app: TestApp) {
        for (role, expected) in [("owner", "last_owner"), ("admin", "last_admin")] {
            let (id, _) = holder(&app, role, &[role]).await;
            let path = format!("/users/{id}");
            for answer in [
                app.admin.patch(&path, &json!({ "roles": ["user"] })).await,
                app.admin.patch(&path, &json!({ "is_active": false })).await,
                app.admin.post(&format!("{path}/deactivate"), &json!({})).await,
                app.admin.post(&format!("{path}/suspend"), &json!({})).await,
                app.admin.delete(&path).await,
            ] {
                assert_eq!(code(&answer), (409, expected));
            }
            holder(&app, &format!("second {role}"), &[role]).await;
            assert_eq!(app.admin.patch(&path, &json!({ "roles": ["user"] })).await.status, 200);
        }
    }

    /// Of many demotions at once, one owner is left.
    async fn one_owner_outlives_a_race(app: TestApp) {
        let mut paths = Vec::new();
        for number in 0..8 {
            let (id, _) = holder(&app, &format!("owner {number}"), &["owner"]).await;
            paths.push(format!("/users/{id}"));
        }
        let demotions = paths.iter().map(|path| {
            let (client, path) = (app.admin.clone(), path.clone());
            tokio::spawn(async move { client.patch(&path, &json!({ "roles": ["user"] })).await.status })
        });
        let mut answers = Vec::new();
        for demotion in demotions.collect::<Vec<_>>() {
            answers.push(demotion.await.unwrap());
        }
        answers.sort_unstable();
        assert_eq!(answers, [200, 200, 200, 200, 200, 200, 200, 409]);
        let owners = app.admin.query("/users", &[("role", "owner")]).await.expect(200);
        assert_eq!(owners["users"].as_array().map(Vec::len), Some(1), "{:?}", Value::Null);
    }
}

//! How far callers of the SCIM endpoints reach: a connection's role ceiling and what it does about people who are there
//! already; an API key's permissions; the last owner.

use provost::model::{Permission, UserId};
use provost::provisioning::directory::KeyDraft;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, on_both};

/// A user with these roles, made by an administrator.
async fn made(app: &TestApp, name: &str, roles: &[&str]) -> String {
    let body = json!({ "user_name": name, "auth_provider": "oidc", "roles": roles });
    app.admin.post("/users", &body).await.created()
}

async fn set(app: &TestApp, settings: Value) {
    app.admin.patch(&format!("/connections/{}", app.connection.id), &settings).await.expect(200);
}

/// A SCIM client with a key of this user's, or of the tenant's bounded to these permissions.
async fn with_key(app: &TestApp, user: Option<&str>, permissions: Option<&[Permission]>) -> Client {
    let user_id = user.map(|id| UserId(id.parse().unwrap()));
    let permissions = permissions.map(|list| list.iter().map(|one| one.as_str().to_owned()).collect());
    let draft = KeyDraft { name: "key".to_owned(), user_id, permissions, expires_at: None };
    let key = app.directory.create_operator_key(app.tenant.id, draft).await.unwrap();
    Client::new(&app.client.base_url, key.text.expose())
}

/// Every way of changing a user or its membership over SCIM, one after another.
async fn changes(client: &Client, id: &str, group: &str) -> Vec<Answer> {
    let path = format!("/Users/{id}");
    let group = format!("/Groups/{group}");
    let name = format!("renamed {id}");
    vec![
        client.operations(&path, json!([{ "op": "replace", "path": "displayName", "value": "x" }])).await,
        client.put(&path, &json!({ "userName": name })).await,
        client.operations(&path, json!([{ "op": "replace", "path": "active", "value": false }])).await,
        client
            .operations(&group, json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]))
            .await,
        client.post("/Groups", &json!({ "displayName": "new", "members": [{ "value": id }] })).await,
        client.delete(&path).await,
    ]
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}

on_both! {
    /// Who holds more than the ceiling, directly or through a group, is out of reach on every path, and is told why.
    async fn a_connection_changes_nobody_mightier(app: TestApp) {
        let group = app.client.group("plain", &[]).await;
        made(&app, "other owner", &["owner"]).await;
        let outer = app.admin.post("/groups", &json!({ "name": "managers", "roles": ["manager"] })).await.created();
        let through = made(&app, "through", &["user"]).await;
        app.admin.post(&format!("/groups/{outer}/members"), &json!({ "members": [{ "id": through }] })).await.expect(200);
        let before = app.texts("SELECT document FROM users ORDER BY id").await;
        for id in [made(&app, "owner", &["owner"]).await, made(&app, "reader", &["read_only"]).await, through] {
            for answer in changes(&app.client, &id, &group).await {
                let (status, _, detail) = answer.error();
                assert_eq!(status, 403);
                assert_eq!(detail, format!(
                    "The user '{id}' holds more than this connection's role ceiling ('user') allows, so the connection cannot change it. An administrator can raise the ceiling in the connection's settings."
                ));
            }
            // What changes nothing is no change.
            let read = app.client.get(&format!("/Users/{id}")).await.expect(200);
            let same = json!({ "userName": read["userName"] , "active": true });
            assert_eq!(app.client.put(&format!("/Users/{id}"), &same).await.status, 200);
        }
        assert_eq!(app.texts("SELECT document FROM users ORDER BY id").await[..before.len()], before);
        let plain = made(&app, "plain", &["user"]).await;
        assert_eq!(statuses(&changes(&app.client, &plain, &group).await), [200, 200, 200, 204, 201, 204]);
    }

    /// A raised ceiling raises the reach, and no further; the last owner stays all the same.
    async fn a_ceiling_can_be_raised(app: TestApp) {
        let group = app.client.group("plain", &[]).await;
        set(&app, json!({ "role_ceiling": "manager" })).await;
        let manager = made(&app, "manager", &["manager"]).await;
        assert_eq!(statuses(&changes(&app.client, &manager, &group).await), [200, 200, 200, 204, 201, 204]);
        let owner = made(&app, "owner", &["owner"]).await;
        assert_eq!(statuses(&changes(&app.client, &owner, &group).await), [403; 6]);
        set(&app, json!({ "role_ceiling": "owner" })).await;
        assert_eq!(statuses(&changes(&app.client, &owner, &group).await), [200, 200, 409, 204, 201, 409]);
    }

    /// Membership that gives more than the ceiling is neither given nor taken: in a group with roles, in one that is nested
    /// in such a group, by nesting, by a group's removal.
    async fn a_connection_joins_nobody_to_more(app: TestApp) {
        let ada = app.client.user("ada").await;
        let bob = app.client.user("bob").await;
        let outer = app.admin.post("/groups", &json!({ "name": "managers", "roles": ["manager"] })).await.created();
        let inner = app.client.group("inner", &[]).await;
        let plain = app.client.group("plain", &[]).await;
        app.admin.post(&format!("/groups/{outer}/members"), &json!({ "members": [{ "id": inner }, { "id": bob }] })).await.expect(200);
        for group in [&outer, &inner] {
            let path = format!("/Groups/{group}");
            for member in [&ada, &plain] {
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": member }] }]);
                assert_eq!(app.client.operations(&path, add).await.error().0, 403);
                let put = json!({ "displayName": "x", "members": [{ "value": member }] });
                assert_eq!(app.client.put(&path, &put).await.error().0, 403);
            }
            assert_eq!(app.client.delete(&path).await.error().0, 403);
        }
        let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{bob}\"]") }]);
        assert_eq!(app.client.operations(&format!("/Groups/{outer}"), remove).await.error().0, 403);
        let renamed = json!([{ "op": "replace", "path": "displayName", "value": "Managers" }]);
        assert_eq!(app.client.operations(&format!("/Groups/{outer}"), renamed).await.status, 204);
        set(&app, json!({ "role_ceiling": "manager" })).await;
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ada }] }]);
        assert_eq!(app.client.operations(&format!("/Groups/{inner}"), add).await.status, 204);
        assert!(app.admin.get(&format!("/users/{ada}")).await.expect(200)["permissions"].as_array().unwrap().contains(&json!("users.create")));
    }

    /// By key the key's permissions bind alone, and its user may change itself; the last owner and administrator stay.
    async fn a_key_is_bound_by_its_permissions(app: TestApp) {
        let group = app.client.group("plain", &[]).await;
        let manager_id = made(&app, "manager", &["manager"]).await;
        let manager = with_key(&app, Some(&manager_id), None).await;
        let admin = made(&app, "admin", &["admin"]).await;
        let unbounded = with_key(&app, None, None).await;
        let answers = changes(&manager, &admin, &group).await;
        // Membership of a group that gives nothing changes nobody.
        assert_eq!(statuses(&answers), [403, 403, 403, 204, 201, 403]);
        assert!(answers[0].body["detail"].as_str().unwrap().contains("holds permissions that you lack: "));
        assert_eq!(statuses(&changes(&unbounded, &admin, &group).await), [200, 200, 409, 204, 201, 409]);
        let answer = manager.operations(&format!("/Users/{manager_id}"), json!([{ "op": "add", "path": "title", "value": "x" }])).await;
        assert_eq!(answer.status, 200);
        let owner = made(&app, "owner", &["owner"]).await;
        assert_eq!(statuses(&changes(&unbounded, &owner, &group).await), [200, 200, 409, 204, 201, 409]);
        made(&app, "second", &["owner"]).await;
        assert_eq!(unbounded.delete(&format!("/Users/{owner}")).await.status, 204);

        let admins = app.admin.post("/groups", &json!({ "name": "admins", "roles": ["admin"] })).await.created();
        let ada = app.client.user("ada").await;
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ada }] }]);
        assert_eq!(manager.operations(&format!("/Groups/{admins}"), add.clone()).await.error().0, 403);
        assert_eq!(unbounded.operations(&format!("/Groups/{admins}"), add).await.status, 204);
        let few = [Permission::UsersRead, Permission::UsersUpdate];
        let bounded = with_key(&app, None, Some(&few)).await;
        let bob = app.client.user("bob").await;
        let title = json!([{ "op": "add", "path": "title", "value": "x" }]);
        assert_eq!(bounded.operations(&format!("/Users/{bob}"), title).await.status, 200);
    }

    /// A user that a connection did not bring becomes its own when it writes to it. A POST of a name that exists stays a
    /// 409 (RFC 7644 §3.3), on which identity providers look the user up.
    async fn a_connection_adopts_whom_it_finds(app: TestApp) {
        let id = made(&app, "ada", &["user"]).await;
        assert_eq!(app.client.post("/Users", &json!({ "userName": "ADA" })).await.error().0, 409);
        let found = app.client.query("/Users", &[("filter", "userName eq \"ada\"")]).await.expect(200);
        assert_eq!(found["Resources"][0]["id"], *id);
        let path = format!("/Users/{id}");
        let link = json!([{ "op": "add", "path": "externalId", "value": "a-1" }]);
        app.client.operations(&path, link).await.expect(200);
        let user = app.admin.get(&format!("/users/{id}")).await.expect(200);
        assert_eq!((&user["connection_id"], &user["auth_provider"]), (&json!(app.connection.id), &json!("oidc")));
        assert_eq!(app.audit().await.last().unwrap(), r#"user.updated {"changed":["externalId"],"adopted":true}"#);
        let title = json!([{ "op": "add", "path": "title", "value": "x" }]);
        app.client.operations(&path, title).await.expect(200);
        assert_eq!(app.audit().await.last().unwrap(), r#"user.updated {"changed":["title"]}"#);
    }

    /// By setting it asks an administrator, or leaves them alone; its own users it changes all the same.
    async fn a_connection_asks_or_refuses(app: TestApp) {
        let id = made(&app, "ada", &["user"]).await;
        let own = app.client.user("own").await;
        let change = json!([{ "op": "replace", "path": "displayName", "value": "x" }]);
        for (rule, detail) in [
            ("ask", "an administrator was asked to let it have the user"),
            ("refuse", "its settings let it change only users of its own"),
        ] {
            set(&app, json!({ "on_existing_user": rule })).await;
            let expected = format!("The user '{id}' was not created by the connection 'default'; {detail}.");
            for answer in [
                app.client.operations(&format!("/Users/{id}"), change.clone()).await,
                app.client.put(&format!("/Users/{id}"), &json!({ "userName": "ada2" })).await,
                app.client.delete(&format!("/Users/{id}")).await,
            ] {
                assert_eq!(answer.error(), (403, String::new(), expected.clone()));
            }
            // Who asks again is not told again.
            assert_eq!(app.texts("SELECT kind FROM audit_events WHERE kind = 'adoption.requested'").await.len(), 1);
            app.client.operations(&format!("/Users/{own}"), json!([{ "op": "replace", "path": "displayName", "value": rule }])).await.expect(200);
        }
        assert_eq!(app.admin.get(&format!("/users/{id}")).await.expect(200)["version"], 1);
    }
}

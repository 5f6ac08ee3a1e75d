//! What a tenant's own policies do to identity providers.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both, refusal};

async fn policy(app: &TestApp, name: &str, text: &str) {
    app.admin.post("/policies", &json!({ "name": name, "text": text })).await.expect(201);
}

fn of_scim(effect: &str, action: &str, rest: &str) -> String {
    format!(
        "@notice(\"Said by a policy.\")\n{effect} (principal is Provost::Connection, action == Provost::Action::\"{action}\", resource){rest};"
    )
}

on_both! {
    /// A forbid stops a PATCH, and its notice is the error's detail; nothing changes.
    async fn a_forbid_stops_a_patch(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        policy(&app, "titles", &of_scim("forbid", "users.update", " when { context.changed.contains(\"title\") }")).await;
        let stopped = app.client.operations(&path, json!([{ "op": "add", "path": "title", "value": "x" }])).await;
        assert_eq!(stopped.error(), refusal(403, "", "Said by a policy."));
        let stopped = app.client.put(&path, &json!({ "userName": "bjensen", "title": "x" })).await;
        assert_eq!(stopped.error(), refusal(403, "", "Said by a policy."));
        app.client.operations(&path, json!([{ "op": "add", "path": "nickName", "value": "x" }])).await.expect(200);
        let user = app.client.get(&path).await.expect(200);
        assert_eq!((&user["title"], &user["nickName"]), (&Value::Null, &json!("x")));
        app.admin.patch(&path.replace("/Users", "/users"), &json!({ "display_name": "x" })).await.expect(200);
    }

    /// What is to be created is known, and so is what is deleted and read.
    async fn creation_reading_and_deletion_are_decided(app: TestApp) {
        let id = app.client.user("bjensen").await;
        let path = format!("/Users/{id}");
        policy(&app, "create", &of_scim("forbid", "users.create", " when { resource is Provost::User && resource.user_name == \"root\" }")).await;
        assert_eq!(app.client.post("/Users", &json!({ "userName": "root" })).await.error(), refusal(403, "", "Said by a policy."));
        app.client.user("somebody").await;
        policy(&app, "delete", &of_scim("forbid", "users.delete", "")).await;
        assert_eq!(app.client.delete(&path).await.error(), refusal(403, "", "Said by a policy."));
        policy(&app, "read", &of_scim("forbid", "users.read", &format!(" when {{ resource == Provost::User::\"{id}\" }}"))).await;
        assert_eq!(app.client.get(&path).await.error(), refusal(403, "", "Said by a policy."));
        let list = app.client.get("/Users").await.expect(200);
        assert_eq!((&list["totalResults"], &list["Resources"][0]["userName"]), (&json!(1), &json!("somebody")));
        let found = app.client.query("/Users", &[("filter", "userName eq \"bjensen\"")]).await.expect(200);
        assert_eq!(found["totalResults"], 0);
        let all = app.client.post("/.search", &json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] })).await.expect(200);
        assert_eq!(all["Resources"].as_array().map(Vec::len), Some(1));
    }

    /// A permit's notice comes with the answer; it gives a token no more than its scopes.
    async fn a_permit_tells_its_notice(app: TestApp) {
        policy(&app, "welcome", &of_scim("permit", "users.create", "")).await;
        let made = app.client.post("/Users", &json!({ "userName": "bjensen" })).await;
        assert_eq!((made.status, made.header("provost-notice")), (201, Some("Said by a policy.")));
        assert_eq!(app.client.get("/Users").await.header("provost-notice"), None);
        let scopes = provost::model::Scopes { read: true, write: false };
        let reader = app.client_of(&app.connection, scopes).await;
        let refused = reader.post("/Users", &json!({ "userName": "x" })).await;
        assert_eq!(refused.error(), refusal(403, "", "This token lacks the scope 'write'."));
    }

    /// Groups are decided like users, by what they are called and by what changes of them.
    async fn groups_are_decided(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let staff = app.client.group("staff", &[]).await;
        let board = app.client.group("board", &[]).await;
        policy(&app, "board", &of_scim("forbid", "groups.write", " when { resource is Provost::Group && resource.display_name == \"board\" }")).await;
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
        app.client.operations(&format!("/Groups/{staff}"), add.clone()).await.expect(204);
        let path = format!("/Groups/{board}");
        assert_eq!(app.client.operations(&path, add).await.error(), refusal(403, "", "Said by a policy."));
        assert_eq!(app.client.delete(&path).await.error(), refusal(403, "", "Said by a policy."));
        assert_eq!(app.client.post("/Groups", &json!({ "displayName": "board" })).await.error().0, 403);
        policy(&app, "hide", &of_scim("forbid", "groups.read", &format!(" when {{ resource == Provost::Group::\"{board}\" }}"))).await;
        assert_eq!(app.client.get(&path).await.error(), refusal(403, "", "Said by a policy."));
        let list = app.client.get("/Groups").await.expect(200);
        assert_eq!((&list["totalResults"], &list["Resources"][0]["displayName"]), (&json!(1), &json!("staff")));
        // Whoever says of a user in which groups they are says who is in the groups.
        policy(&app, "members", &format!("forbid (principal, action == Provost::Action::\"groups.write\", resource == Provost::Group::\"{board}\");")).await;
        let joined = app.admin.patch(&format!("/users/{user}"), &json!({ "groups": [board, staff] })).await;
        assert_eq!(joined.refusal().1, "denied_by_policy");
    }

    /// No identity provider changes an owner.
    async fn owners_are_out_of_reach(app: TestApp) {
        let body = json!({ "user_name": "olga", "auth_provider": "oidc", "roles": ["owner"] });
        let owner = app.admin.post("/users", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
        let path = format!("/Users/{owner}");
        let above = format!(
            "The user '{owner}' holds more than this connection's role ceiling ('user') allows, so the connection cannot change it. \
             An administrator can raise the ceiling in the connection's settings."
        );
        assert_eq!(app.client.put(&path, &json!({ "userName": "x" })).await.error(), refusal(403, "", &above));
        assert_eq!(app.client.delete(&path).await.error(), refusal(403, "", &above));
        app.client.get(&path).await.expect(200);
    }
}

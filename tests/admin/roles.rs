//! `/v1/roles`, `/v1/permissions`, and giving roles to users.

use serde_json::{Value, json};

use crate::support::on_both;

fn names(list: &Value) -> Vec<&str> {
    list["roles"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect()
}

on_both! {
    /// The tenant's own roles stand beside the built-in ones, and grant what they hold within a second.
    async fn a_role_of_the_tenants_own(app: TestApp) {
        let made = app.admin.post("/roles", &json!({
            "name": "Help Desk", "description": "Reads people.", "permissions": ["users.read", "groups.read"],
        })).await;
        assert_eq!(made.header("etag"), Some("W/\"1\""));
        let role = made.expect(201);
        assert_eq!((&role["permissions"], &role["built_in"]), (&json!(["users.read", "groups.read"]), &json!(false)));
        let list = app.admin.get("/roles").await.expect(200);
        assert_eq!(names(&list), ["owner", "admin", "manager", "read_only", "user", "Help Desk"]);
        let user = app.admin.post("/users", &json!({
            "user_name": "ada", "auth_provider": "oidc", "roles": ["help desk", "USER"],
        })).await.expect(201);
        assert_eq!(user["roles"], json!(["user", "Help Desk"]));
        assert_eq!(user["permissions"], json!(["self.read", "self.update", "users.read", "groups.read"]));

        let path = format!("/roles/{}", role["id"].as_str().unwrap());
        let refused = app.admin.delete(&path).await;
        assert_eq!(refused.refusal(), (409, "role_in_use", "The role 'Help Desk' is given to 1 users and 0 groups; take it away first."));
        let changed = app.admin.patch(&path, &json!({ "permissions": ["users.read"] })).await.expect(200);
        assert_eq!((&changed["permissions"], &changed["version"]), (&json!(["users.read"]), &json!(2)));
        let user_path = format!("/users/{}", user["id"].as_str().unwrap());
        assert_eq!(app.admin.get(&user_path).await.expect(200)["permissions"], json!(["self.read", "self.update", "users.read"]));
        app.admin.patch(&user_path, &json!({ "roles": ["user"] })).await.expect(200);
        assert_eq!(app.admin.delete(&path).await.status, 204);
        assert_eq!(app.admin.get(&path).await.refusal().0, 404);
    }

    /// Names are unique without regard to case, the built-in ones' among them; those stay as they are.
    async fn built_in_roles_stay(app: TestApp) {
        let taken = app.admin.post("/roles", &json!({ "name": "Admin", "permissions": [] })).await;
        assert_eq!((taken.refusal().0, taken.refusal().1), (409, "role_exists"));
        app.admin.post("/roles", &json!({ "name": "Desk", "permissions": [] })).await.expect(201);
        let taken = app.admin.post("/roles", &json!({ "name": "DESK", "permissions": [] })).await;
        assert_eq!((taken.refusal().0, taken.refusal().1), (409, "role_exists"));
        let list = app.admin.get("/roles").await.expect(200);
        let path = format!("/roles/{}", list["roles"][1]["id"].as_str().unwrap());
        for answer in [app.admin.patch(&path, &json!({ "description": "x" })).await, app.admin.delete(&path).await] {
            assert_eq!((answer.refusal().0, answer.refusal().1), (409, "built_in_role"));
        }
    }

    /// Unknown roles and permissions are listed; no role at all is none.
    async fn what_is_not_there_is_named(app: TestApp) {
        let unknown = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc", "roles": ["user", "boss", "chief"] })).await;
        assert_eq!((unknown.refusal().0, unknown.refusal().1), (422, "invalid_roles"));
        assert_eq!(unknown.body["details"]["invalid_roles"], json!(["boss", "chief"]));
        let none = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc", "roles": [] })).await;
        assert_eq!(none.refusal(), (422, "invalid_roles", "'roles' is empty; a user always has at least one role."));
        let role = app.admin.post("/roles", &json!({ "name": "x", "permissions": ["users.read", "fly"] })).await;
        assert_eq!(role.problems(), [("/permissions/1", "unknown_permission")]);
        let listed = app.admin.get("/permissions").await.expect(200);
        let first = &listed["permissions"][0];
        assert_eq!(first, &json!({ "name": "self.read", "description": "Read one's own user, groups, roles and sessions." }));
    }
}

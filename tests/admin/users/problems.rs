//! Everything that is wrong with a user's body, told at once.

use serde_json::{Value, json};

use crate::support::on_both;

const NOBODY: &str = "0190d2a5-0000-7000-8000-000000000000";

on_both! {
    /// Fields, roles, groups of every kind and the password, for a new user and for one that is there.
    async fn problems_of_every_kind_come_together(app: TestApp) {
        let group = app.client.group("team", &[]).await;
        let body = json!({
            "user_name": "ada", "email": "user@localhost", "password": "password",
            "roles": ["user", "boss"], "groups": [group, NOBODY], "resource_groups": [group],
            "organizations": [{ "id": NOBODY, "role": "admin" }],
        });
        let expected = [
            ("/email", "invalid"), ("/roles/1", "unknown_role"), ("/groups/1", "unknown_group"),
            ("/resource_groups/0", "unknown_group"), ("/organizations/0/id", "unknown_group"),
            ("/password", "length"), ("/password", "common"),
        ];
        let user = app.admin.post("/users", &json!({ "user_name": "bob", "password": "seventeen purple llamas" })).await.created();
        let path = format!("/users/{user}");
        for answer in [app.admin.post("/users", &body).await, app.admin.patch(&path, &body).await, app.admin.put(&path, &body).await] {
            assert_eq!((answer.refusal().0, answer.refusal().1), (422, "invalid_fields"));
            assert_eq!(answer.problems(), expected);
            let details = &answer.body["details"];
            for (name, value) in [
                ("invalid_roles", json!(["boss"])), ("invalid_groups", json!([NOBODY])),
                ("invalid_resource_groups", json!([group])), ("invalid_organizations", json!([NOBODY])),
            ] {
                assert_eq!(details[name], value, "{name}");
            }
            let rules: Vec<&Value> = details["rules"].as_array().unwrap().iter().map(|rule| &rule["rule"]).collect();
            assert_eq!(rules, ["length", "common"]);
        }
        assert_eq!(app.admin.get(&path).await.expect(200)["version"], 1);

        // A field that is not known makes the body malformed, and the rest is told all the same.
        let unknown = app.admin.patch(&path, &json!({ "custom": { "x": 1 }, "roles": ["boss"] })).await;
        assert_eq!((unknown.refusal().0, unknown.problems()), (400, vec![("/custom/x", "unknown"), ("/roles/0", "unknown_role")]));
    }

    /// What is alone keeps its own code, message and list, and says where it is.
    async fn one_kind_alone_has_its_own_code(app: TestApp) {
        let organization = json!({ "name": "Acme", "kind": "organization" });
        let organization = app.admin.post("/groups", &organization).await.created();
        let group = app.client.group("team", &[]).await;
        let user = app.admin.post("/users", &json!({ "user_name": "bob", "password": "seventeen purple llamas" })).await.created();
        let path = format!("/users/{user}");
        for (field, value, code, listed, place) in [
            ("roles", json!(["boss", "user"]), "invalid_roles", json!(["boss"]), ("/roles/0", "unknown_role")),
            ("roles", json!([]), "invalid_roles", json!([]), ("/roles", "required")),
            ("groups", json!([NOBODY]), "invalid_groups", json!([NOBODY]), ("/groups/0", "unknown_group")),
            // Groups of another kind are none of these.
            ("groups", json!([organization]), "invalid_groups", json!([organization]), ("/groups/0", "unknown_group")),
            ("resource_groups", json!([group]), "invalid_resource_groups", json!([group]), ("/resource_groups/0", "unknown_group")),
            ("organizations", json!([{ "id": group }]), "invalid_organizations", json!([group]), ("/organizations/0/id", "unknown_group")),
        ] {
            let body = json!({ "user_name": "ada", "auth_provider": "oidc", field: value });
            let mut patch = body.clone();
            patch.as_object_mut().unwrap().shift_remove("auth_provider");
            for answer in [app.admin.post("/users", &body).await, app.admin.patch(&path, &patch).await] {
                assert_eq!((answer.refusal().0, answer.refusal().1), (422, code));
                assert_eq!(answer.body["details"][code], listed, "{code}");
                assert_eq!(answer.problems(), [place]);
            }
        }
        for answer in [
            app.admin.post("/users", &json!({ "user_name": "ada", "password": "password" })).await,
            app.admin.patch(&path, &json!({ "password": "password" })).await,
        ] {
            assert_eq!((answer.refusal().0, answer.refusal().1), (422, "password_policy"));
            assert_eq!(answer.problems(), [("/password", "length"), ("/password", "common")]);
        }
        let policy = json!({ "min_length": 8, "history": 2 });
        app.admin.put("/password-policy", &policy).await.expect(200);
        let again = app.admin.patch(&path, &json!({ "password": "seventeen purple llamas" })).await;
        assert_eq!((again.refusal().1, again.problems()), ("password_policy", vec![("/password", "history")]));
    }
}

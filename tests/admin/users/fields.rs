//! Single fields of users: what they mean at both doors, and what rules them out.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, on_both};

const PASSWORD: &str = "seventeen purple llamas";

/// A request that names the version that is meant.
async fn at_version(app: &TestApp, method: Method, path: &str, tag: &str, body: &str) -> Answer {
    let request = app.admin.request(method, path).header("if-match", tag);
    Answer::of(request.header("content-type", "application/json").body(body.to_owned())).await
}

on_both! {
    /// What an administrator's system calls a user is not what a connection does; each sees its own.
    async fn an_external_id_is_whose_it_is(app: TestApp) {
        let id = app.client.post("/Users", &json!({ "userName": "ada", "externalId": "of the provider" })).await.created();
        let path = format!("/users/{id}");
        let user = app.admin.patch(&path, &json!({ "external_id": "of ours" })).await.expect(200);
        assert_eq!(user["external_id"], "of ours");
        let seen = app.client.get(&format!("/Users/{id}")).await.expect(200);
        assert_eq!(seen["externalId"], "of the provider");
        let own = app.admin.post("/users", &json!({ "user_name": "bob", "auth_provider": "oidc", "external_id": "b" })).await.expect(201);
        assert_eq!(own["external_id"], "b");
        let seen = app.client.get(&format!("/Users/{}", own["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(seen["externalId"], Value::Null);
        let found = app.client.query("/Users", &[("filter", "externalId eq \"of ours\"")]).await.expect(200);
        assert_eq!(found["totalResults"], 0);
    }

    /// Titles are split off a whole name, set by themselves, and the same in SCIM.
    async fn titles_are_parts_of_a_name(app: TestApp) {
        let user = app.admin.post("/users", &json!({
            "user_name": "ada", "auth_provider": "oidc", "given_name": "Ada", "family_name": "King",
            "honorific_prefix": "Dr.", "honorific_suffix": "Jr.",
        })).await.expect(201);
        assert_eq!((&user["honorific_prefix"], &user["honorific_suffix"]), (&json!("Dr."), &json!("Jr.")));
        let id = user["id"].as_str().unwrap();
        let seen = app.client.get(&format!("/Users/{id}")).await.expect(200);
        assert_eq!(seen["name"], json!({ "familyName": "King", "givenName": "Ada", "honorificPrefix": "Dr.", "honorificSuffix": "Jr." }));
        let changed = app.admin.patch(&format!("/users/{id}"), &json!({ "honorific_prefix": null, "honorific_suffix": "PhD" })).await.expect(200);
        assert_eq!((&changed["honorific_prefix"], &changed["honorific_suffix"]), (&Value::Null, &json!("PhD")));
        let long = app.admin.patch(&format!("/users/{id}"), &json!({ "honorific_prefix": "x".repeat(65) })).await;
        assert_eq!(long.problems(), [("/honorific_prefix", "too_long")]);
    }

    /// What a user has to do is said when it is made, each by itself and all together.
    async fn what_a_user_has_to_do_is_said_at_once(app: TestApp) {
        let toggles = ["email_verified", "must_reset_password", "must_enrol_mfa", "must_reset_mfa"];
        let said = |user: &Value| toggles.map(|name| user[name].as_bool().unwrap());
        for number in 0..16_u32 {
            let on = [0, 1, 2, 3].map(|bit| number >> bit & 1 == 1);
            let mut body = json!({
                "user_name": format!("user {number}"), "email": format!("user{number}@example.com"), "auth_provider": "oidc",
            });
            for (name, on) in toggles.into_iter().zip(on) {
                body[name] = json!(on);
            }
            let user = app.admin.post("/users", &body).await.expect(201);
            assert_eq!(said(&user), on);
            assert_eq!(said(&app.admin.get(&format!("/users/{}", user["id"].as_str().unwrap())).await.expect(200)), on);
        }
    }

    /// Programs have no password, whichever way one is given.
    async fn a_service_account_has_no_password(app: TestApp) {
        let refused = [("/password", "not_accepted")];
        for body in [
            json!({ "user_name": "robot", "service_account": true, "password": PASSWORD }),
            json!({ "user_name": "robot", "service_account": true, "password": PASSWORD, "action": "register" }),
            json!({ "user_name": "robot", "service_account": true, "password": PASSWORD, "action": "create" }),
        ] {
            let answer = app.admin.post("/users", &body).await;
            assert_eq!((answer.refusal().0, answer.problems()), (422, refused.to_vec()), "{body}");
        }
        let body = json!({ "user_name": "robot", "service_account": true, "action": "register" });
        assert_eq!(app.admin.post("/users", &body).await.problems(), [("/service_account", "not_accepted")]);
        let robot = app.admin.post("/users", &json!({ "user_name": "robot", "service_account": true })).await.created();
        let answer = app.admin.patch(&format!("/users/{robot}"), &json!({ "password": PASSWORD })).await;
        assert_eq!((answer.refusal().0, answer.problems()), (422, refused.to_vec()));
        let both = app.admin.patch(&format!("/users/{robot}"), &json!({ "service_account": false, "password": PASSWORD })).await;
        assert_eq!(both.expect(200)["identities"], json!([{ "kind": "password", "subject": "robot" }]));
    }

    /// How a user signs in and what it is called elsewhere, by itself; for those who may read the user.
    async fn identities_are_listed(app: TestApp) {
        let id = app.client.post("/Users", &json!({ "userName": "ada", "externalId": "a-1" })).await.created();
        let path = format!("/users/{id}/identities");
        let scim = json!({ "kind": "scim", "provider": app.connection.id, "subject": "a-1" });
        assert_eq!(app.admin.get(&path).await.expect(200), json!({ "identities": [scim] }));
        app.admin.patch(&format!("/users/{id}"), &json!({ "auth_provider": "local", "password": PASSWORD })).await.expect(200);
        let password = json!({ "kind": "password", "subject": "ada" });
        assert_eq!(app.admin.get(&path).await.expect(200), json!({ "identities": [password, scim] }));
        let (own, ada) = crate::admin::ranks::holder(&app, "bob", &["user"]).await;
        assert_eq!(ada.get(&path).await.refusal().0, 403);
        assert_eq!(ada.get(&format!("/users/{own}/identities")).await.expect(200), json!({ "identities": [] }));
        let other = app.other_admin("other").await;
        assert_eq!(other.get(&path).await.refusal().0, 404);
    }

    /// Replacing and deleting name the version that is meant, too.
    async fn put_and_delete_of_another_version_are_refused(app: TestApp) {
        let id = app.client.user("ada").await;
        let path = format!("/users/{id}");
        let body = r#"{"user_name":"ada","display_name":"Ada"}"#;
        for (method, body) in [(Method::PUT, body), (Method::DELETE, "")] {
            let refused = at_version(&app, method, &path, "W/\"7\"", body).await;
            assert_eq!((refused.refusal().0, refused.refusal().1), (412, "precondition_failed"));
        }
        let put = at_version(&app, Method::PUT, &path, "W/\"1\"", body).await;
        assert_eq!((put.header("etag").map(str::to_owned), put.status), (Some("W/\"2\"".to_owned()), 200));
        assert_eq!(at_version(&app, Method::DELETE, &path, "W/\"1\"", "").await.refusal().0, 412);
        assert_eq!(at_version(&app, Method::DELETE, &path, "W/\"2\"", "").await.status, 204);
        assert_eq!(app.admin.get(&path).await.status, 404);
    }

    /// A whole name in a whole user is split into the parts that are not given, however often it is sent.
    async fn a_replaced_name_is_split(app: TestApp) {
        let body = json!({ "user_name": "ada", "auth_provider": "oidc", "name": "Grace Hopper", "family_name": "Murray" });
        let path = format!("/users/{}", app.admin.post("/users", &body).await.created());
        let parts = |user: &Value| ["given_name", "middle_name", "family_name"].map(|name| user[name].as_str().unwrap_or("").to_owned());
        for _ in 0..2 {
            let put = app.admin.put(&path, &json!({ "user_name": "ada", "name": "Ada Augusta King" })).await.expect(200);
            assert_eq!((parts(&put), &put["version"]), (["Ada", "Augusta", "King"].map(str::to_owned), &json!(2)));
        }
        for _ in 0..2 {
            let put = app.admin.put(&path, &json!({ "user_name": "ada", "name": "Ada King", "given_name": "A." })).await.expect(200);
            assert_eq!((parts(&put), &put["version"]), (["A.", "", "King"].map(str::to_owned), &json!(3)));
        }
        let put = app.admin.put(&path, &json!({ "user_name": "ada" })).await.expect(200);
        assert_eq!((parts(&put), &put["name"]), (["", "", ""].map(str::to_owned), &Value::Null));
    }
}

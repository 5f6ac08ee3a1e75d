//! `/v1/users` (create, read, list, change, replace, delete, turn).

mod echoes;
mod fields;
mod memberships;
mod problems;
mod taken;

use serde_json::{Value, json};

use crate::support::on_both;

/// Times, ids and what the tenant is called, out of an answer.
fn redacted(mut user: Value) -> Value {
    for name in ["id", "tenant_id", "created_at", "updated_at"] {
        assert!(user[name].is_string(), "{name}: {user}");
        user[name] = json!(format!("[{name}]"));
    }
    user
}

on_both! {
    /// Registered: live at once, the name split, the password never shown.
    async fn a_user_is_registered(app: TestApp) {
        let body = json!({
            "email": "Ada.King@Example.com",
            "name": "Ada Augusta King",
            "phone": "+41 44 668 18 00",
            "locale": "en_gb",
            "timezone": "europe/zurich",
            "password": "seventeen purple llamas",
            "email_verified": true,
        });
        let answer = app.admin.post("/users", &body).await;
        let location = answer.header("location").unwrap().to_owned();
        assert_eq!(answer.header("etag"), Some("W/\"1\""));
        let user = answer.expect(201);
        assert_eq!(location, format!("{}/users/{}", app.admin.base_url, user["id"].as_str().unwrap()));
        let read = app.admin.get(&format!("/users/{}", user["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(read, user);
        assert_eq!(redacted(user), json!({
            "id": "[id]", "tenant_id": "[tenant_id]",
            "user_name": "Ada.King@example.com", "email": "Ada.King@example.com", "email_verified": true,
            "name": "Ada Augusta King", "given_name": "Ada", "middle_name": "Augusta", "family_name": "King",
            "phone": "+41446681800", "has_avatar": false, "locale": "en-GB", "timezone": "Europe/Zurich",
            "auth_provider": "local", "service_account": false,
            "roles": ["user"], "groups": [], "resource_groups": [], "organizations": [],
            "permissions": ["self.read", "self.update"],
            "custom": {}, "is_owner": false, "is_active": true, "status": "active",
            "must_reset_password": false, "must_enrol_mfa": false, "must_reset_mfa": false,
            "mfa": { "enrolled": false },
            "identities": [{ "kind": "password", "subject": "Ada.King@example.com" }],
            "created_at": "[created_at]", "updated_at": "[updated_at]", "version": 1,
        }));
    }

    /// One model stands behind both doors: what is made here is a SCIM user, and the other way round.
    async fn scim_shows_the_same_people(app: TestApp) {
        let made = app.admin.post("/users", &json!({
            "user_name": "ada", "email": "ada@example.com", "given_name": "Ada", "family_name": "King",
            "phone": "+41446681800", "auth_provider": "oidc",
        })).await.expect(201);
        let seen = app.client.get(&format!("/Users/{}", made["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(
            (&seen["userName"], &seen["name"], &seen["emails"], &seen["phoneNumbers"]),
            (
                &json!("ada"),
                &json!({ "familyName": "King", "givenName": "Ada" }),
                &json!([{ "value": "ada@example.com", "type": "work", "primary": true }]),
                &json!([{ "value": "+41446681800", "type": "work", "primary": true }]),
            )
        );
        let pushed = app.client.post("/Users", &json!({
            "userName": "bob", "externalId": "b-1", "emails": [{ "value": "bob@example.com", "primary": true }],
        })).await.created();
        let user = app.admin.get(&format!("/users/{pushed}")).await.expect(200);
        assert_eq!(
            (&user["user_name"], &user["email"], &user["auth_provider"], &user["connection_id"]),
            (&json!("bob"), &json!("bob@example.com"), &json!("scim"), &json!(app.connection.id))
        );
        assert_eq!(user["identities"], json!([{ "kind": "scim", "provider": app.connection.id, "subject": "b-1" }]));
    }

    /// A merge patch (RFC 7396): what is left out stays, null goes, a part that is given is never split again.
    async fn a_user_is_changed(app: TestApp) {
        let user = app.admin.post("/users", &json!({
            "user_name": "ada", "name": "Ada King", "display_name": "Ada", "auth_provider": "saml",
        })).await.expect(201);
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let patch = json!({ "display_name": null, "family_name": "Lovelace", "email": "ada@example.com", "must_enrol_mfa": true });
        let changed = app.admin.patch(&path, &patch).await.expect(200);
        let mut expected = user.clone();
        expected.as_object_mut().unwrap().shift_remove("display_name");
        for (name, value) in [
            ("family_name", json!("Lovelace")), ("name", json!("Ada Lovelace")), ("email", json!("ada@example.com")),
            ("must_enrol_mfa", json!(true)), ("version", json!(2)), ("updated_at", changed["updated_at"].clone()),
        ] {
            expected[name] = value;
        }
        // Equal as objects, whatever the order of their names.
        assert_eq!(changed, expected);
        let renamed = app.admin.patch(&path, &json!({ "name": "Augusta Ada Byron" })).await.expect(200);
        assert_eq!(
            (&renamed["given_name"], &renamed["middle_name"], &renamed["family_name"]),
            (&json!("Augusta"), &json!("Ada"), &json!("Lovelace"))
        );
        let same = app.admin.patch(&path, &json!({ "family_name": "Lovelace" })).await.expect(200);
        assert_eq!(same["version"], 3);
    }

    /// Clients send back what they read: unchanged computed fields are no news, changed ones are refused by name.
    async fn computed_fields_cannot_be_changed(app: TestApp) {
        let user = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc" })).await.expect(201);
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let mut body = json!({ "id": user["id"], "tenant_id": user["tenant_id"], "version": 1, "display_name": "Ada" });
        assert_eq!(app.admin.patch(&path, &body).await.expect(200)["display_name"], "Ada");
        body["tenant_id"] = json!("0");
        body["is_owner"] = json!(true);
        body["version"] = json!(2);
        let refused = app.admin.patch(&path, &body).await;
        assert_eq!(refused.refusal().0, 400);
        assert_eq!(refused.problems(), [("/tenant_id", "read_only"), ("/is_owner", "read_only")]);
    }

    /// PUT puts a body in the user's place: what is left out goes; roles and password stay.
    async fn a_user_is_replaced(app: TestApp) {
        let user = app.admin.post("/users", &json!({
            "user_name": "ada", "email": "ada@example.com", "phone": "+41446681800", "given_name": "Ada",
            "roles": ["MANAGER"], "password": "seventeen purple llamas", "must_reset_password": true,
        })).await.expect(201);
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let put = app.admin.put(&path, &json!({ "user_name": "ada2", "family_name": "King" })).await.expect(200);
        assert_eq!(
            redacted(put),
            json!({
                "id": "[id]", "tenant_id": "[tenant_id]", "user_name": "ada2", "email_verified": false,
                "family_name": "King", "has_avatar": false, "auth_provider": "local", "service_account": false,
                "roles": ["manager"], "groups": [], "resource_groups": [], "organizations": [],
                "permissions": user["permissions"], "custom": {}, "is_owner": false, "is_active": true, "status": "active",
                "must_reset_password": false, "must_enrol_mfa": false, "must_reset_mfa": false,
                "mfa": { "enrolled": false }, "identities": [{ "kind": "password", "subject": "ada2" }],
                "created_at": "[created_at]", "updated_at": "[updated_at]", "version": 2,
            })
        );
    }

    /// `If-Match` names the version that is meant.
    async fn a_change_of_another_version_is_refused(app: TestApp) {
        let user = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc" })).await.expect(201);
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let request = |tag: &str| {
            let request = app.admin.request(reqwest::Method::PATCH, &path).header("if-match", tag);
            request.header("content-type", "application/json").body(r#"{"display_name":"Ada"}"#)
        };
        let refused = crate::support::Answer::of(request("W/\"7\"")).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (412, "precondition_failed"));
        crate::support::Answer::of(request("W/\"1\"")).await.expect(200);
    }

    /// The same name or address, in any case, is taken; another tenant may have it.
    async fn a_taken_name_or_address_is_refused(app: TestApp) {
        let first = json!({ "user_name": "ada", "email": "ada@example.com", "auth_provider": "oidc" });
        app.admin.post("/users", &first).await.expect(201);
        let again = app.admin.post("/users", &json!({ "user_name": "ADA", "auth_provider": "oidc" })).await;
        assert_eq!(again.refusal(), (409, "user_exists", "a user with this username already exists."));
        let again = app.admin.post("/users", &json!({ "user_name": "b", "email": "Ada@Example.com", "auth_provider": "oidc" })).await;
        assert_eq!(again.refusal(), (409, "user_exists", "a user with this email already exists."));
        let other = app.other_admin("other").await;
        other.post("/users", &first).await.expect(201);
    }

    /// Every problem of a body comes back at once, each with its field's JSON pointer.
    async fn problems_come_together(app: TestApp) {
        let answer = app.admin.post("/users", &json!({
            "email": "user@localhost", "phone": "044 668 18 00", "locale": "?", "timezone": "Mars/Olympus", "action": "register",
        })).await;
        assert_eq!((answer.refusal().0, answer.refusal().1), (422, "invalid_fields"));
        assert_eq!(answer.problems(), [
            ("/email", "invalid"), ("/phone", "invalid"), ("/locale", "invalid"), ("/timezone", "invalid"), ("/password", "required"),
        ]);
        let nameless = app.admin.post("/users", &json!({ "auth_provider": "oidc" })).await;
        assert_eq!(nameless.problems(), [("/user_name", "required")]);
        assert_eq!(app.admin.get("/users").await.expect(200)["users"], json!([]));
    }

    /// Every rule of the policy that a password breaks is named; the password is not.
    async fn a_password_obeys_the_policy(app: TestApp) {
        let answer = app.admin.post("/users", &json!({ "user_name": "ada", "password": "password" })).await;
        assert_eq!((answer.refusal().0, answer.refusal().1), (422, "password_policy"));
        let rules: Vec<&Value> = answer.body["details"]["rules"].as_array().unwrap().iter().map(|rule| &rule["rule"]).collect();
        assert_eq!(rules, ["length", "common"]);
        let federated = app.admin.post("/users", &json!({
            "user_name": "ada", "auth_provider": "oidc", "password": "seventeen purple llamas",
        })).await;
        assert_eq!(federated.problems(), [("/password", "not_accepted")]);
    }

    /// Off and on again; suspension stands apart from what identity providers say.
    async fn an_account_is_turned_off_and_on(app: TestApp) {
        let id = app.client.user("ada").await;
        let turn = async |how: &str| {
            let user = app.admin.post(&format!("/users/{id}/{how}"), &json!({})).await.expect(200);
            (user["status"].as_str().unwrap().to_owned(), user["is_active"].as_bool().unwrap())
        };
        let is = |status: &str, active: bool| (status.to_owned(), active);
        assert_eq!(turn("suspend").await, is("suspended", true));
        let active = json!([{ "op": "replace", "path": "active", "value": true }]);
        app.client.operations(&format!("/Users/{id}"), active).await.expect(200);
        assert_eq!(turn("deactivate").await, is("suspended", false));
        assert_eq!(turn("unsuspend").await, is("deactivated", false));
        assert_eq!(app.client.get(&format!("/Users/{id}")).await.expect(200)["active"], false);
        assert_eq!(turn("reactivate").await, is("active", true));
    }

    /// Filters, each alone and together, and pages without gap or repetition.
    async fn users_are_listed(app: TestApp) {
        for (name, given, family, role) in [
            ("ada", "Ada", "King", "admin"), ("bob", "Bob", "King", "user"), ("cat", "Cat", "Stevens", "read_only"),
        ] {
            app.admin.post("/users", &json!({
                "user_name": name, "email": format!("{name}@example.com"), "given_name": given, "family_name": family,
                "roles": [role], "auth_provider": "oidc",
            })).await.expect(201);
        }
        app.client.user("dan").await;
        let group = app.client.group("team", &[]).await;
        let eve = app.admin.post("/users", &json!({ "user_name": "eve", "service_account": true, "groups": [group] })).await.expect(201);
        assert_eq!(eve["groups"], json!([{ "id": group, "name": "team", "direct": true, "permissions": [] }]));
        app.admin.post(&format!("/users/{}/suspend", eve["id"].as_str().unwrap()), &json!({})).await.expect(200);
        let connection = app.connection.id.to_string();
        for (name, value, expected) in [
            ("search", "AD", vec!["ada"]),
            ("search", "king", vec!["ada", "bob"]),
            ("search", "@example", vec!["ada", "bob", "cat"]),
            ("email", "CAT@example.com", vec!["cat"]),
            ("user_name", "Bob", vec!["bob"]),
            ("given_name", "ada", vec!["ada"]),
            ("family_name", "KING", vec!["ada", "bob"]),
            ("status", "suspended", vec!["eve"]),
            ("status", "active", vec!["ada", "bob", "cat", "dan"]),
            ("status", "invited", vec![]),
            ("role", "Admin", vec!["ada"]),
            ("role", "user", vec!["bob", "dan", "eve"]),
            ("role", "nobody", vec![]),
            ("group", &group, vec!["eve"]),
            ("auth_provider", "scim", vec!["dan"]),
            ("connection", &connection, vec!["dan"]),
            ("filter", "name.familyName eq \"king\" and not (userName sw \"b\")", vec!["ada"]),
        ] {
            let found = app.admin.query("/users", &[(name, value)]).await.expect(200);
            let names: Vec<&str> = found["users"].as_array().unwrap().iter().map(|user| user["user_name"].as_str().unwrap()).collect();
            assert_eq!(names, expected, "{name}={value}");
        }
        let mut walked = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = vec![("limit", "2")];
            if let Some(cursor) = &cursor {
                query.push(("cursor", cursor));
            }
            let page = app.admin.query("/users", &query).await.expect(200);
            walked.extend(page["users"].as_array().unwrap().iter().map(|user| user["user_name"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = Some(next.to_owned());
        }
        assert_eq!(walked, ["ada", "bob", "cat", "dan", "eve"]);
        for (name, value) in [("cursor", "x"), ("filter", "userName eq"), ("limit", "0"), ("status", "gone")] {
            assert_eq!(app.admin.query("/users", &[(name, value)]).await.refusal().0, 400, "{name}={value}");
        }
    }

    /// A group that is not there makes the whole creation fail, and nothing is created.
    async fn a_missing_group_makes_the_creation_fail(app: TestApp) {
        let missing = provost::model::random::uuid_v7();
        let answer = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc", "groups": [missing] })).await;
        assert_eq!(answer.refusal(), (422, "invalid_groups", "'groups' names groups that this tenant does not have."));
        assert_eq!(answer.body["details"]["invalid_groups"], json!([missing]));
        assert_eq!(app.admin.get("/users").await.expect(200)["users"], json!([]));
    }

    /// A deleted user is gone from both doors, and its name is free.
    async fn a_user_is_deleted(app: TestApp) {
        let id = app.client.user("ada").await;
        assert_eq!(app.admin.delete(&format!("/users/{id}")).await.status, 204);
        assert_eq!(app.admin.get(&format!("/users/{id}")).await.refusal().0, 404);
        assert_eq!(app.client.get(&format!("/Users/{id}")).await.status, 404);
        assert_eq!(app.admin.delete(&format!("/users/{id}")).await.refusal().0, 404);
        app.client.user("ada").await;
    }
}

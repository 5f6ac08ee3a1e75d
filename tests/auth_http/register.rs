//! `POST /auth/register`: people who make accounts for themselves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{PASSWORD, audit, login, post, settings, user};
use crate::support::{Client, TestApp, on_both};

async fn open_registration(app: &TestApp) {
    settings(app, |settings| settings.self_registration.enabled = true).await;
}

fn ada() -> Value {
    json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada King" })
}

on_both! {
    /// Unless the tenant says otherwise nobody registers; a tenant that is not there says no more.
    async fn nobody_registers_by_default(app: TestApp) {
        let refused = post(&app, "/auth/register", ada()).await;
        let message = "People cannot make accounts for themselves here; ask an administrator to invite you.";
        assert_eq!(refused.refusal(), (403, "registration_disabled", message));
        let mut elsewhere = ada();
        elsewhere["tenant"] = json!("nowhere");
        assert_eq!(post(&app, "/auth/register", elsewhere).await.body, refused.body);
        assert_eq!(app.admin.get("/users").await.expect(200)["users"], json!([]));
    }

    /// A user with the role `user` and an organization of their own, signed in at once.
    async fn an_account_of_ones_own(app: TestApp) {
        open_registration(&app).await;
        settings(&app, |settings| settings.default_roles = vec![provost::model::BuiltInRole::ReadOnly.id()]).await;
        let mut body = ada();
        body["user_name"] = json!("ada");
        let answer = post(&app, "/auth/register", body).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let made = answer.expect(201);
        let names: Vec<&String> = made.as_object().unwrap().keys().collect();
        assert_eq!(names, ["access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "user", "organization"]);
        assert_eq!(made["organization"]["name"], "ada's Organization");
        let of_user = &made["user"];
        assert_eq!((&of_user["user_name"], &of_user["email_verified"], &of_user["given_name"], &of_user["roles"]), (&json!("ada"), &json!(false), &json!("Ada"), &json!(["user"])));
        assert_eq!(of_user["organizations"], json!([{ "id": made["organization"]["id"], "name": "ada's Organization", "direct": true, "role": "owner", "permissions": [] }]));
        let path = format!("/users/{}", of_user["id"].as_str().unwrap());
        let client = Client::new(&app.admin.base_url, made["access_token"].as_str().unwrap());
        assert_eq!(client.get(&path).await.expect(200), *of_user);
        // It is theirs: they are its owner, though they hold nothing but the role `user` in the tenant.
        let organization = format!("/groups/{}", made["organization"]["id"].as_str().unwrap());
        let members = client.get(&format!("{organization}/members")).await.expect(200)["members"].clone();
        assert_eq!((members.as_array().unwrap().len(), &members[0]["id"], &members[0]["role"]), (1, &of_user["id"], &json!("owner")));
        client.patch(&organization, &json!({ "name": "Analytical Engines" })).await.expect(200);
        login(&app, "ada@example.com", PASSWORD).await.expect(200);
        assert_eq!(app.texts("SELECT kind FROM groups").await, ["organization"]);
        let events = app.texts("SELECT kind || ' ' || actor_kind || ' ' || actor_name FROM audit_events WHERE kind IN ('user.created', 'group.created') ORDER BY id").await;
        assert_eq!(events, ["user.created user ada", "group.created user ada"]);
        assert_eq!(app.texts("SELECT subject FROM outbox").await, ["verify_email"]);
        // SCIM shows groups, not organizations.
        assert_eq!(app.client.get("/Groups").await.expect(200)["totalResults"], 0);
    }

    /// Where nothing has to be verified a taken name or address is told.
    async fn a_taken_name_is_told(app: TestApp) {
        open_registration(&app).await;
        user(&app, "ada", json!({ "email": "ada@example.com" })).await;
        let answer = post(&app, "/auth/register", ada()).await;
        assert_eq!(answer.refusal(), (409, "user_exists", "a user with this email already exists."));
        assert_eq!(answer.body["details"], json!({}), "nobody in particular asks");
        let answer = post(&app, "/auth/register", json!({ "user_name": "ADA", "password": PASSWORD })).await;
        assert_eq!(answer.refusal(), (409, "user_exists", "a user with this username already exists."));
        assert_eq!(answer.body["details"], json!({}));
        let none = Vec::<String>::new();
        assert_eq!((app.texts("SELECT kind FROM groups").await, app.texts("SELECT subject FROM outbox").await), (none.clone(), none));
    }

    /// Where addresses are verified, the answer is the same whether somebody is there already or not.
    async fn nothing_is_told_where_addresses_are_verified(app: TestApp) {
        open_registration(&app).await;
        user(&app, "taken", json!({ "email": "taken@example.com" })).await;
        settings(&app, |settings| settings.email_verification_required = true).await;
        let mut bodies = BTreeSet::new();
        for (name, email) in [("ada", "ada@example.com"), ("taken", "new@example.com"), ("new", "taken@example.com")] {
            let body = json!({ "user_name": name, "email": email, "password": PASSWORD });
            bodies.insert(post(&app, "/auth/register", body).await.expect(202).to_string());
        }
        assert_eq!(bodies.len(), 1);
        let names = app.texts("SELECT user_name FROM users ORDER BY user_name").await;
        assert_eq!(names, ["ada", "taken"]);
        assert_eq!(app.texts("SELECT subject FROM outbox").await, ["verify_email"]);
        assert_eq!(audit(&app, "'registration.refused'").await, [
            r#"registration.refused tenant {"taken":"user_name"}"#,
            r#"registration.refused tenant {"taken":"email"}"#,
        ]);
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "email_verification_required");
        let nowhere = post(&app, "/auth/register", json!({ "user_name": "x", "password": PASSWORD })).await;
        assert_eq!((nowhere.status, nowhere.problems()), (422, vec![("/email", "required")]));
    }

    /// Every problem at once: the tenant's domains, names, and others' addresses; and the password's rules.
    async fn what_cannot_register_is_told_why(app: TestApp) {
        open_registration(&app).await;
        let refused = async |body: Value| {
            let answer = post(&app, "/auth/register", body).await;
            let (status, code, _) = answer.refusal();
            let problems: Vec<String> = answer.problems().iter().map(|(place, code)| format!("{place} {code}")).collect();
            (status, code.to_owned(), problems.join(", "))
        };
        let said = |status: u16, code: &str, problems: &str| (status, code.to_owned(), problems.to_owned());
        assert_eq!(refused(json!({ "password": PASSWORD })).await, said(422, "invalid_fields", "/user_name required"));
        let weak = "/password length, /password common";
        assert_eq!(refused(json!({ "user_name": "x", "password": "password" })).await, said(422, "password_policy", weak));
        let both = format!("/user_name required, {weak}");
        assert_eq!(refused(json!({ "password": "password" })).await, said(422, "invalid_fields", &both));
        let roles = json!({ "user_name": "x", "password": PASSWORD, "roles": ["owner"], "email_verified": true });
        assert_eq!(refused(roles).await, said(400, "invalid_request", "/roles unknown, /email_verified unknown"));
        // Somebody else's address for a name would shut the other out.
        let squatter = json!({ "user_name": "Boss@example.com", "email": "eve@example.com", "password": PASSWORD });
        assert_eq!(refused(squatter).await, said(422, "invalid_fields", "/user_name not_your_address"));
        settings(&app, |settings| {
            settings.names_required = true;
            settings.self_registration.domains = vec!["Example.com".to_owned(), "bücher.de".to_owned()];
        })
        .await;
        let elsewhere = json!({ "email": "eve@sub.example.com", "password": PASSWORD });
        assert_eq!(refused(elsewhere).await, said(422, "invalid_fields", "/email domain_not_allowed, /name required"));
        let unaddressed = json!({ "user_name": "eve", "password": PASSWORD, "name": "Eve" });
        assert_eq!(refused(unaddressed).await, said(422, "invalid_fields", "/email required"));
        for email in ["ada@EXAMPLE.com", "ada@bücher.de"] {
            let body = json!({ "email": email, "password": PASSWORD, "given_name": "Ada" });
            post(&app, "/auth/register", body).await.expect(201);
        }
    }
}

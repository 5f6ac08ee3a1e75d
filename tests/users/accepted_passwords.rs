//! Passwords over SCIM where the connection's settings accept them: they become credentials, and are told of nowhere.

use provost::model::{PasswordPolicy, PolicyPreset};
use serde_json::{Value, json};

use crate::auth_http::{OTHER_PASSWORD, PASSWORD, a_second, login, settings, signed_in, user};
use crate::support::{Answer, Client, TestApp, on_both, refusal};

/// A client of a connection that accepts passwords, or not.
async fn connection(app: &TestApp, accepts: bool) -> Client {
    let body = json!({ "name": format!("door {accepts}"), "accept_passwords": accepts });
    let id = app.admin.post("/connections", &body).await.created();
    let token =
        app.admin.post(&format!("/connections/{id}/tokens"), &json!({ "name": "t" })).await.expect(201);
    Client::new(&app.client.base_url, token["token"].as_str().unwrap())
}

async fn provider(app: &TestApp, id: &str) -> Value {
    app.admin.get(&format!("/users/{id}")).await.expect(200)["auth_provider"].clone()
}

/// The stored hash of every password, former ones included.
async fn hashes(app: &TestApp) -> Vec<String> {
    let now = app.texts("SELECT hash FROM password_credentials ORDER BY changed_at").await;
    [app.texts("SELECT hash FROM password_history ORDER BY changed_at").await, now].concat()
}

fn set(password: &str) -> Value {
    json!([{ "op": "replace", "path": "password", "value": password }])
}

/// The ways in which a password is changed.
async fn change(client: &Client, way: &str, name: &str, id: &str, password: &str) -> Answer {
    let path = format!("/Users/{id}");
    match way {
        "put" => client.put(&path, &json!({ "userName": name, "password": password })).await,
        "patch" => client.operations(&path, set(password)).await,
        _ => {
            client
                .operations(&path, json!([{ "op": "add", "value": { "password": password, "title": "x" } }]))
                .await
        }
    }
}

on_both! {
    /// By default a password is passed over, whatever the policy says of it: identity providers send placeholders.
    async fn by_default_a_password_is_passed_over(app: TestApp) {
        for client in [app.client.clone(), connection(&app, false).await] {
            let config = client.get("/ServiceProviderConfig").await.expect(200);
            assert_eq!(config["changePassword"], json!({ "supported": false }));
            let name = format!("user of {}", app.texts("SELECT user_name FROM users").await.len());
            let id = client.post("/Users", &json!({ "userName": name, "password": "x" })).await.created();
            assert_eq!(provider(&app, &id).await, "scim");
            let patched = client.operations(&format!("/Users/{id}"), set(PASSWORD)).await;
            assert_eq!((patched.status, patched.header("etag")), (200, Some("W/\"1\"")));
            assert_eq!(login(&app, &name, PASSWORD).await.refusal().0, 401);
        }
        // Nor are keys and people on these endpoints connections that accept any.
        let key = app.admin.at(&app.client.base_url);
        let id = key.post("/Users", &json!({ "userName": "by key", "password": PASSWORD })).await.created();
        assert_eq!(provider(&app, &id).await, "scim");
        assert_eq!(hashes(&app).await, Vec::<String>::new());
    }

    /// A user who is made with a password signs in here with it; one who is made without is the identity provider's.
    async fn a_user_who_is_made_with_one_signs_in(app: TestApp) {
        let client = connection(&app, true).await;
        let config = client.get("/ServiceProviderConfig").await.expect(200);
        assert_eq!(config["changePassword"], json!({ "supported": true }));
        let created = client.post("/Users", &json!({ "userName": "ada", "password": PASSWORD })).await;
        assert_eq!(created.body.get("password"), None);
        let id = created.created();
        assert_eq!(provider(&app, &id).await, "local");
        login(&app, "ada", PASSWORD).await.expect(200);
        assert_eq!(client.query("/Users", &[("filter", "password pr")]).await.error().1, "invalidFilter");
        let bob = client.user("bob").await;
        assert_eq!(provider(&app, &bob).await, "scim");
        let unchanged = client.operations(&format!("/Users/{bob}"), set(PASSWORD)).await;
        assert_eq!((unchanged.status, unchanged.header("etag")), (200, Some("W/\"1\"")));
        assert_eq!(login(&app, "bob", PASSWORD).await.refusal().0, 401);
        assert_eq!(hashes(&app).await.len(), 1);
    }

    /// In each way in which a user is written a new password takes the old one's place, and ends the sessions that came of
    /// it. Events say that the password changed, and nothing of it.
    async fn a_password_is_changed(app: TestApp) {
        let client = connection(&app, true).await;
        for way in ["put", "patch", "patch with more"] {
            let name = way.replace(' ', ".");
            let id = client.post("/Users", &json!({ "userName": name, "password": PASSWORD })).await.created();
            let path = format!("/users/{id}");
            let session = signed_in(&app, &name, PASSWORD).await;
            session.get(&path).await.expect(200);
            let changed = change(&client, way, &name, &id, OTHER_PASSWORD).await;
            assert_eq!((changed.status, changed.header("etag")), (200, Some("W/\"2\"")), "{way}");
            assert_eq!(changed.body.get("password"), None);
            a_second().await;
            assert_eq!(session.get(&path).await.refusal().0, 401, "{way}");
            assert_eq!(login(&app, &name, PASSWORD).await.refusal().0, 401, "{way}");
            let session = signed_in(&app, &name, OTHER_PASSWORD).await;
            // The same once more changes nothing: some identity providers send it with each change.
            let again = change(&client, if way == "put" { way } else { "patch" }, &name, &id, OTHER_PASSWORD).await;
            assert_eq!((again.status, again.header("etag")), (200, Some("W/\"2\"")), "{way}");
            a_second().await;
            session.get(&path).await.expect(200);
            let events = app.texts("SELECT details FROM audit_events WHERE kind = 'user.updated' ORDER BY id").await;
            let last: Value = serde_json::from_str(events.last().unwrap()).unwrap();
            let names = if way == "patch with more" { json!(["title", "password"]) } else { json!(["password"]) };
            assert_eq!(last["changed"], names, "{way}");
        }
        let rows = format!("{:?}", app.rows_of(app.tenant.id).await);
        assert!(!rows.contains(PASSWORD) && !rows.contains(OTHER_PASSWORD));
    }

    /// A password that breaks the tenant's policy is refused, its rules named, and nothing is written. One that was
    /// used before breaks it too.
    async fn the_policy_is_obeyed(app: TestApp) {
        let client = connection(&app, true).await;
        settings(&app, |settings| {
            settings.password_policy = PasswordPolicy { history: 2, forbid_own_data: true, ..PasswordPolicy::preset(PolicyPreset::Classic) };
        }).await;
        let refused = client.post("/Users", &json!({ "userName": "ada.lovelace", "password": "short" })).await;
        let (status, scim_type, detail) = refused.error();
        assert_eq!((status, &*scim_type), (400, "invalidValue"));
        assert!(detail.starts_with("'password' breaks the tenant's password policy (length, upper, digit, special). "), "{detail}");
        let own = client.post("/Users", &json!({ "userName": "ada.lovelace", "password": "Ada.Lovelace-1815" })).await.error();
        assert!(own.2.contains("(own_data)"), "{own:?}");
        assert!(client.query("/Users", &[("filter", "userName eq \"ada.lovelace\"")]).await.expect(200)["totalResults"] == 0);
        let id = client.post("/Users", &json!({ "userName": "ada", "password": "First-pass-1234" })).await.created();
        let before = app.rows_of(app.tenant.id).await;
        for way in ["put", "patch", "patch with more"] {
            let (status, scim_type, detail) = change(&client, way, "ada", &id, "short").await.error();
            assert_eq!((status, &*scim_type), (400, "invalidValue"), "{way}");
            assert!(detail.contains("(length, upper, digit, special)") && !detail.contains("short\""), "{detail}");
        }
        assert_eq!(app.rows_of(app.tenant.id).await, before);
        for password in ["Second-pass-1234", "Third-pass-1234"] {
            assert_eq!(change(&client, "patch", "ada", &id, password).await.status, 200);
        }
        for used in ["First-pass-1234", "Second-pass-1234"] {
            let (status, _, detail) = change(&client, "put", "ada", &id, used).await.error();
            assert_eq!(status, 400);
            assert!(detail.contains("(history)"), "{detail}");
        }
        login(&app, "ada", "Third-pass-1234").await.expect(200);
        assert_eq!(change(&client, "patch", "ada", &id, "Fourth-pass-1234").await.status, 200);
        assert_eq!(change(&client, "patch", "ada", &id, "First-pass-1234").await.status, 200);
        login(&app, "ada", "First-pass-1234").await.expect(200);
    }

    /// Who signs in elsewhere, stands for a program, or is beyond the connection's reach keeps what there is.
    async fn it_is_for_those_who_sign_in_here(app: TestApp) {
        let client = connection(&app, true).await;
        let people = [("federated", json!({ "auth_provider": "oidc" })), ("job", json!({ "action": "create", "service_account": true }))];
        for (name, more) in people {
            let mut body = json!({ "user_name": name });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let id = app.admin.post("/users", &body).await.created();
            assert_eq!(change(&client, "patch", name, &id, PASSWORD).await.status, 200);
            assert_eq!(login(&app, name, PASSWORD).await.refusal().0, 401);
        }
        assert_eq!(hashes(&app).await, Vec::<String>::new());
        let owner = user(&app, "boss", json!({ "roles": ["owner"] })).await;
        for way in ["put", "patch"] {
            let refused = change(&client, way, "boss", &owner, OTHER_PASSWORD).await.error();
            assert_eq!(refused.0, 403, "{refused:?}");
        }
        login(&app, "boss", PASSWORD).await.expect(200);
        // Whom it reaches becomes its own, as with any other change.
        let local = user(&app, "local", json!({})).await;
        assert_eq!(change(&client, "patch", "local", &local, OTHER_PASSWORD).await.status, 200);
        login(&app, "local", OTHER_PASSWORD).await.expect(200);
    }

    /// No refusal repeats a password, whatever else is wrong.
    async fn no_refusal_repeats_it(app: TestApp) {
        let client = connection(&app, true).await;
        client.user("taken").await;
        let taken = client.post("/Users", &json!({ "userName": "taken", "password": PASSWORD })).await;
        assert!(!taken.body.to_string().contains(PASSWORD));
        assert_eq!(taken.error(), refusal(409, "uniqueness", "A user with this userName already exists in the tenant; userName is unique, without regard to case."));
        let long = "x".repeat(5000);
        let refused = client.post("/Users", &json!({ "userName": "a", "password": long })).await;
        assert_eq!(refused.status, 400);
        assert!(!refused.body.to_string().contains(&long));
        assert_eq!(hashes(&app).await, Vec::<String>::new());
    }
}

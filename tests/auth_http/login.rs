//! `POST /auth/login`: who is let in, and what everybody else hears.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use provost::auth::password::{HashParameters, HasherSettings, Password, PasswordHasher};
use provost::model::change::{ChangeSet, CredentialChange};
use provost::model::{TenantStatus, UserId};
use serde_json::{Value, json};

use super::{
    OTHER_PASSWORD, PASSWORD, audit, forgive_address, login, post, request, root, set_status, signed_in, user,
};
use crate::support::{Answer, on_both};

/// Everything that a client can tell of an answer, apart from what is in every answer another one.
async fn all_of(request: reqwest::RequestBuilder) -> String {
    let response = request.send().await.unwrap();
    let own = ["date", "x-request-id"];
    let headers: BTreeSet<String> = response
        .headers()
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    let status = response.status();
    format!("{status} {headers:?} {}", response.text().await.unwrap())
}

on_both! {
    /// By user name or e-mail address, without regard to case; what is given opens the API.
    async fn the_right_password_opens_the_api(app: TestApp) {
        let id = user(&app, "ada", json!({ "email": "Ada.King@example.com", "name": "Ada King" })).await;
        for name in ["ada", "ADA", " ada ", "ada.king@EXAMPLE.com"] {
            assert_eq!(login(&app, name, PASSWORD).await.status, 200, "{name}");
        }
        let answer = post(&app, "/auth/login", json!({ "email": "ada.king@example.com", "password": PASSWORD })).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let granted = answer.expect(200);
        let names: Vec<&String> = granted.as_object().unwrap().keys().collect();
        assert_eq!(names, ["access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "user"]);
        assert_eq!((&granted["token_type"], &granted["expires_in"]), (&json!("Bearer"), &json!(600)));
        let client = signed_in(&app, "ada", PASSWORD).await;
        assert_eq!(client.get(&format!("/users/{id}")).await.expect(200), granted["user"]);
        assert_eq!(client.get("/users").await.refusal().0, 403);
        let audited = audit(&app, "'login.succeeded', 'login.failed'").await;
        assert_eq!(audited.len(), 6);
        assert!(audited.iter().all(|event| event.starts_with("login.succeeded user {\"session\":\"") && event.ends_with("\"amr\":[\"pwd\"]}")), "{audited:?}");
        let actors = app.texts("SELECT DISTINCT actor_kind || ' ' || actor_name || ' ' || ip FROM audit_events WHERE kind = 'login.succeeded'").await;
        assert_eq!(actors, ["user ada 127.0.0.1"]);
    }

    /// A name is a user name first. Who has another's address for a name is the one who is meant.
    async fn a_name_is_a_user_name_first(app: TestApp) {
        let named = user(&app, "bob@example.com", json!({})).await;
        user(&app, "robert", json!({ "email": "bob@example.com", "password": OTHER_PASSWORD })).await;
        assert_eq!(login(&app, "bob@example.com", PASSWORD).await.expect(200)["user"]["id"], json!(named));
        assert_eq!(login(&app, "bob@example.com", OTHER_PASSWORD).await.refusal().0, 401);
        assert_eq!(login(&app, "robert", OTHER_PASSWORD).await.status, 200);
    }

    /// The same bytes for whoever is not let in, whatever the reason; the audit log has the reason, and no name.
    async fn every_failure_looks_the_same(app: TestApp) {
        user(&app, "ada", json!({})).await;
        let suspended = user(&app, "suspended", json!({})).await;
        app.admin.post(&format!("/users/{suspended}/suspend"), &json!({})).await.expect(200);
        let deactivated = user(&app, "deactivated", json!({})).await;
        app.admin.post(&format!("/users/{deactivated}/deactivate"), &json!({})).await.expect(200);
        app.admin.post("/users", &json!({ "user_name": "federated", "auth_provider": "oidc" })).await.expect(201);
        app.admin.post("/users", &json!({ "user_name": "program", "service_account": true })).await.expect(201);
        app.client.user("pushed").await;
        let other = app.other_admin("stopped").await;
        other.post("/users", &json!({ "user_name": "eve", "password": PASSWORD })).await.expect(201);
        set_status(&app, "stopped", TenantStatus::Suspended).await;

        let mut answers = BTreeSet::new();
        for (tenant, name, password) in [
            ("acme", "ada", OTHER_PASSWORD),
            ("acme", "nobody", PASSWORD),
            ("acme", "suspended", PASSWORD),
            ("acme", "deactivated", PASSWORD),
            ("acme", "federated", PASSWORD),
            ("acme", "program", PASSWORD),
            ("acme", "pushed", PASSWORD),
            ("stopped", "eve", PASSWORD),
            ("nowhere", "ada", PASSWORD),
        ] {
            let body = json!({ "tenant": tenant, "user_name": name, "password": password });
            answers.insert(all_of(request(&app, "/auth/login", &body)).await);
            forgive_address(&app).await;
        }
        assert_eq!(answers.len(), 1, "{answers:#?}");
        let body = json!({ "tenant": "acme", "user_name": "ada", "password": OTHER_PASSWORD });
        let refused = Answer::of(request(&app, "/auth/login", &body)).await;
        assert_eq!(refused.refusal(), (401, "invalid_credentials", "The name or the password is wrong."));
        assert_eq!(refused.header("www-authenticate"), Some(r#"Bearer realm="provost""#));
        assert_eq!(audit(&app, "'login.succeeded', 'login.failed'").await, [
            r#"login.failed user {"reason":"wrong_password"}"#,
            r#"login.failed tenant {"reason":"unknown_name"}"#,
            r#"login.failed user {"reason":"suspended"}"#,
            r#"login.failed user {"reason":"deactivated"}"#,
            r#"login.failed user {"reason":"federated"}"#,
            r#"login.failed user {"reason":"service_account"}"#,
            r#"login.failed user {"reason":"federated"}"#,
            r#"login.failed user {"reason":"tenant_suspended"}"#,
            r#"login.failed user {"reason":"wrong_password"}"#,
        ]);
    }

    /// Nobody gets into a tenant that is being deleted.
    async fn a_tenant_that_goes_lets_nobody_in(app: TestApp) {
        let other = app.other_admin("leaving").await;
        other.post("/users", &json!({ "user_name": "eve", "password": PASSWORD })).await.expect(201);
        let body = json!({ "tenant": "leaving", "user_name": "eve", "password": PASSWORD });
        post(&app, "/auth/login", body.clone()).await.expect(200);
        set_status(&app, "leaving", TenantStatus::Deleting).await;
        assert_eq!(post(&app, "/auth/login", body).await.refusal().1, "invalid_credentials");
    }

    /// Where there is more than one tenant it has to be named, by slug or id; the same name in two is two people.
    async fn the_tenant_is_named(app: TestApp) {
        let here = user(&app, "ada", json!({})).await;
        let body = |tenant: Value| json!({ "tenant": tenant, "user_name": "ada", "password": PASSWORD });
        let other = app.other_admin("other").await;
        let there = other.post("/users", &json!({ "user_name": "ada", "password": PASSWORD })).await.created();
        let unnamed = login(&app, "ada", PASSWORD).await;
        assert_eq!(unnamed.refusal(), (422, "tenant_required", "Name the tenant: 'tenant' is its slug or its id."));
        for (tenant, id) in [(json!("acme"), &here), (json!(app.tenant.id), &here), (json!("other"), &there)] {
            assert_eq!(post(&app, "/auth/login", body(tenant)).await.expect(200)["user"]["id"], json!(id));
        }
        let granted = post(&app, "/auth/login", body(json!("other"))).await.expect(200);
        let client = crate::support::Client::new(&app.admin.base_url, granted["access_token"].as_str().unwrap());
        assert_eq!(client.get(&format!("/users/{there}")).await.status, 200);
        // This user sees nobody else, and what is not there in the tenant is not there.
        assert_eq!(client.get(&format!("/users/{here}")).await.status, 403);
    }

    /// A body that is none says everything that is wrong with it.
    async fn a_body_is_held_against_its_schema(app: TestApp) {
        let answer = post(&app, "/auth/login", json!({ "user_name": 1, "passwort": "x" })).await;
        assert_eq!(answer.refusal().0, 400);
        assert_eq!(answer.problems(), [("/password", "required"), ("/user_name", "type"), ("/passwort", "unknown")]);
        let answer = post(&app, "/auth/login", json!({ "password": "x" })).await;
        assert_eq!(answer.problems(), [("/user_name", "required")]);
        let answer = post(&app, "/auth/login", json!({ "user_name": "x", "email": "x", "password": "x" })).await;
        assert_eq!(answer.problems(), [("/email", "not_accepted")]);
        let get = Answer::of(reqwest::Client::new().get(format!("{}/auth/login", root(&app)))).await;
        assert_eq!((get.refusal().0, get.header("allow")), (405, Some("POST")));
    }

    /// A password that was hashed otherwise is hashed as new ones are, and goes on to be the password.
    async fn a_weaker_hash_is_made_anew(app: TestApp) {
        let id = UserId(user(&app, "ada", json!({})).await.parse().unwrap());
        let parameters = HashParameters { memory_kib: 64, passes: 1, lanes: 1 };
        let weak = PasswordHasher::new(HasherSettings { parameters, ..HasherSettings::default() }).unwrap();
        let hash = weak.hash(&Password::new(PASSWORD)).await.unwrap();
        let at = app.provisioning.clock.now();
        let mut changes = ChangeSet::new(app.tenant.id);
        changes.credentials.push(CredentialChange::SetPassword { user_id: id, hash, at, history: 0 });
        let storage = &app.provisioning.storage;
        storage.commit(changes).await.unwrap();
        let weakly = storage.find_password(app.tenant.id, id).await.unwrap().unwrap();
        assert!(app.directory.hasher.needs_rehash(&weakly.hash));
        login(&app, "ada", OTHER_PASSWORD).await.expect(401);
        assert_eq!(storage.find_password(app.tenant.id, id).await.unwrap().unwrap(), weakly);
        login(&app, "ada", PASSWORD).await.expect(200);
        let strongly = storage.find_password(app.tenant.id, id).await.unwrap().unwrap();
        assert!(!app.directory.hasher.needs_rehash(&strongly.hash));
        assert_eq!(strongly.changed_at, weakly.changed_at);
        login(&app, "ada", PASSWORD).await.expect(200);
    }

    /// When more come than can be served soon, some are sent away for a while, and nobody gets a wrong answer.
    async fn a_full_queue_says_when_to_come_back(app: TestApp) {
        // One client for all: making two hundred takes longer than the server waits for a request.
        let http = reqwest::Client::new();
        let url = format!("{}/auth/login", app.admin.base_url.trim_end_matches("/v1"));
        let body = json!({ "user_name": "nobody", "password": PASSWORD });
        let answers = join_all((0..150).map(|_| Answer::of(http.post(&url).json(&body)))).await;
        let (busy, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 503);
        assert!(!busy.is_empty() && !refused.is_empty());
        assert!(refused.iter().all(|answer| ["invalid_credentials", "too_many_attempts"].contains(&answer.refusal().1)));
        for answer in busy {
            assert_eq!(answer.refusal(), (503, "unavailable", "Too many passwords are being checked at once. Try again."));
            assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
        }
    }
}

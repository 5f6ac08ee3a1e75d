//! `/v1/users/{id}/mfa-factors`: second factors of others.

use provost::mapping::user::restore;
use provost::model::change::ChangeSet;
use provost::model::{ConnectionId, UserId};
use provost::provisioning::directory::{Holder, SecondFactor, Visit};
use serde_json::{Value, json};

use super::ranks::holder;
use crate::auth_http::{PASSWORD, mfa::refused, signed_in, user};
use crate::support::{Answer, Client, TestApp, on_both, totp};

fn path(user: &str) -> String {
    format!("/users/{user}/mfa-factors")
}

fn code(app: &TestApp, begun: &Value) -> String {
    totp::code(begun["secret"].as_str().unwrap(), app.provisioning.clock.now().0)
}

/// Begins a factor, confirms it, and gives both answers.
async fn enrolled(app: &TestApp, by: &Client, user: &str, name: &str) -> (Value, Value) {
    let begun = by.post(&path(user), &json!({ "name": name })).await.expect(201);
    let confirm = format!("{}/{}/confirm", path(user), begun["id"].as_str().unwrap());
    let confirmed = by.post(&confirm, &json!({ "code": code(app, &begun) })).await.expect(200);
    (begun, confirmed)
}

/// Whether the users of a list have a factor, by their names.
async fn listed(app: &TestApp) -> Vec<(String, bool)> {
    let list = app.admin.get("/users?sort=user_name").await.expect(200);
    let shown =
        |user: &Value| (user["user_name"].as_str().unwrap().to_owned(), user["mfa"]["enrolled"] == true);
    list["users"].as_array().unwrap().iter().map(shown).collect()
}

on_both! {
    /// An administrator begins a factor for somebody, sees which there are, and ends one or all.
    async fn an_administrator_looks_after_factors(app: TestApp) {
        let (ada, bob) = (user(&app, "ada", json!({})).await, user(&app, "bob", json!({})).await);
        app.admin.post(&path(&bob), &json!({})).await.expect(201);
        let (begun, confirmed) = enrolled(&app, &app.admin, &ada, "phone").await;
        let codes = confirmed["recovery_codes"].as_array().unwrap().clone();
        assert_eq!((codes.len(), &confirmed["id"], &confirmed["confirmed"]), (10, &begun["id"], &json!(true)));
        assert_eq!(listed(&app).await, [("ada".to_owned(), true), ("bob".to_owned(), false)]);

        let shown = app.admin.get(&path(&ada)).await.expect(200);
        let factor = &shown["factors"][0];
        assert_eq!(shown, json!({
            "factors": [{
                "id": begun["id"], "kind": "totp", "name": "phone", "confirmed": true,
                "created_at": begun["created_at"], "last_used_at": factor["last_used_at"],
            }],
            "recovery_codes_left": 10,
        }));
        assert!(factor["last_used_at"].is_string());
        let renewed = app.admin.post(&format!("{}/recovery-codes", path(&ada)), &json!({})).await;
        assert_eq!(renewed.header("cache-control"), Some("no-store"));
        let renewed = renewed.expect(201)["recovery_codes"].as_array().unwrap().clone();
        assert!(renewed.len() == 10 && renewed.iter().all(|code| !codes.contains(code)));

        let (tablet, _) = enrolled(&app, &app.admin, &ada, "tablet").await;
        app.admin.delete(&format!("{}/{}", path(&ada), begun["id"].as_str().unwrap())).await.expect(204);
        let left = app.admin.get(&path(&ada)).await.expect(200);
        assert_eq!((&left["factors"][0]["id"], &left["recovery_codes_left"]), (&tablet["id"], &json!(10)));
        app.admin.delete(&path(&ada)).await.expect(204);
        assert_eq!(app.admin.get(&path(&ada)).await.expect(200), json!({ "factors": [], "recovery_codes_left": 0 }));
        assert_eq!(listed(&app).await[0], ("ada".to_owned(), false));
        // Nothing is there to end, and nothing is told.
        app.admin.delete(&path(&ada)).await.expect(204);
        let events = app.texts(
            "SELECT actor_kind || ' ' || kind FROM audit_events WHERE kind LIKE 'mfa%' OR kind LIKE 'recovery%' ORDER BY id",
        );
        assert_eq!(events.await, [
            "key mfa.enrolment_begun", "key mfa.enrolment_begun", "key mfa.enrolled", "key recovery_codes.created",
            "key recovery_codes.created", "key mfa.enrolment_begun", "key mfa.enrolled", "key mfa.removed", "key mfa.reset",
        ]);
    }

    /// Nobody touches the factors of somebody mightier, or without the right to; everybody sees their own.
    async fn factors_are_changed_by_rank(app: TestApp) {
        let boss = user(&app, "boss", json!({ "roles": ["admin"] })).await;
        let plain = user(&app, "plain", json!({})).await;
        let (factor, _) = enrolled(&app, &app.admin, &boss, "phone").await;
        let one = format!("{}/{}", path(&boss), factor["id"].as_str().unwrap());
        let tries = async |client: &Client, of: &str| -> Vec<Answer> {
            let (all, one) = (path(of), one.replace(&boss, of));
            vec![
                client.post(&all, &json!({})).await,
                client.post(&format!("{one}/confirm"), &json!({ "code": "123456" })).await,
                client.post(&format!("{all}/recovery-codes"), &json!({})).await,
                client.delete(&one).await,
                client.delete(&all).await,
            ]
        };
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        for answer in tries(&manager, &boss).await {
            assert_eq!(refused(&answer), (403, "exceeds_permissions"));
        }
        let (_, reader) = holder(&app, "reader", &["read_only"]).await;
        for answer in tries(&reader, &plain).await {
            assert_eq!(refused(&answer), (403, "forbidden"));
        }
        assert_eq!(reader.get(&path(&boss)).await.expect(200)["recovery_codes_left"], 10);
        let (me, nobody) = holder(&app, "nobody", &["user"]).await;
        assert_eq!(refused(&nobody.get(&path(&boss)).await), (403, "forbidden"));
        assert_eq!(nobody.get(&path(&me)).await.expect(200)["factors"], json!([]));
        enrolled(&app, &manager, &plain, "phone").await;
        assert_eq!(app.admin.get(&path(&boss)).await.expect(200)["factors"][0]["id"], factor["id"]);
    }

    /// Who signs in elsewhere, or is a program, has no second factor here.
    async fn factors_are_for_people_with_passwords(app: TestApp) {
        for body in [
            json!({ "user_name": "federated", "auth_provider": "oidc" }),
            json!({ "user_name": "program", "service_account": true }),
        ] {
            let id = app.admin.post("/users", &body).await.created();
            assert_eq!(refused(&app.admin.post(&path(&id), &json!({})).await), (422, "mfa_not_applicable"), "{body}");
        }
        let missing = app.admin.post(&path("0190a5c0-0000-7000-8000-000000000000"), &json!({})).await;
        assert_eq!(refused(&missing), (404, "not_found"));
    }

    /// What a body may say.
    async fn bodies_are_checked(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let long = app.admin.post(&path(&id), &json!({ "name": "x".repeat(65), "secret": "mine" })).await;
        let mut problems = long.problems();
        problems.sort_unstable();
        assert_eq!((long.refusal().0, problems), (400, vec![("/name", "too_long"), ("/secret", "unknown")]));
        let begun = app.admin.post(&path(&id), &json!({ "name": "  " })).await.expect(201);
        assert_eq!(begun["name"], "Authenticator");
        let confirm = format!("{}/{}/confirm", path(&id), begun["id"].as_str().unwrap());
        let without = app.admin.post(&confirm, &json!({})).await;
        assert_eq!((without.refusal().0, without.problems()), (400, vec![("/code", "required")]));
        for code in ["1", "12345", "abcdef", "1234567", "7QK3M-VD0XA-9R2TB-N4WEH"] {
            let wrong = app.admin.post(&confirm, &json!({ "code": code })).await;
            assert_eq!(refused(&wrong), (422, "invalid_code"), "{code}");
        }
    }

    /// They go with the user: who is restored has none.
    async fn factors_end_with_their_user(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        enrolled(&app, &app.admin, &id, "phone").await;
        app.admin.delete(&format!("/users/{id}")).await.expect(204);
        for table in ["mfa_factors", "recovery_codes"] {
            assert_eq!(app.texts(&format!("SELECT CAST(count(*) AS text) FROM {table}")).await, ["0"], "{table}");
        }
        app.admin.post(&format!("/deleted-users/{id}/restore"), &json!({})).await.expect(200);
        assert_eq!(app.admin.get(&path(&id)).await.expect(200), json!({ "factors": [], "recovery_codes_left": 0 }));
        assert_eq!(listed(&app).await, [("ada".to_owned(), false)]);
    }

    /// A policy can keep factors from being changed, and knows that it is them.
    async fn policies_know_factors(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let text = "@notice(\"Not the factors.\")\nforbid (principal, action == Provost::Action::\"users.update\", resource)\n\
                    when { context.changed.contains(\"mfa_factors\") };";
        app.admin.post("/policies", &json!({ "name": "factors", "text": text })).await.expect(201);
        let (_, owner) = holder(&app, "owner", &["owner"]).await;
        let refusal = owner.post(&path(&id), &json!({})).await;
        assert_eq!((refused(&refusal), &refusal.body["notices"]), ((403, "denied_by_policy"), &json!(["Not the factors."])));
        owner.patch(&format!("/users/{id}"), &json!({ "display_name": "Ada" })).await.expect(200);
    }

    /// A tenant's factors are nobody else's business.
    async fn tenants_are_kept_apart(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let (factor, _) = enrolled(&app, &app.admin, &id, "phone").await;
        let other = app.other_admin("other").await;
        let one = format!("{}/{}", path(&id), factor["id"].as_str().unwrap());
        for answer in [
            other.get(&path(&id)).await,
            other.post(&path(&id), &json!({})).await,
            other.post(&format!("{}/recovery-codes", path(&id)), &json!({})).await,
            other.post(&format!("{one}/confirm"), &json!({ "code": code(&app, &factor) })).await,
            other.delete(&one).await,
            other.delete(&path(&id)).await,
        ] {
            assert_eq!(refused(&answer), (404, "not_found"));
        }
        assert_eq!(app.admin.get(&path(&id)).await.expect(200)["recovery_codes_left"], 10);
    }

    /// What nobody has confirmed is forgotten after a month; what counts stays.
    async fn what_was_never_confirmed_is_forgotten(app: TestApp) {
        let (ada, bob) = (user(&app, "ada", json!({})).await, user(&app, "bob", json!({})).await);
        enrolled(&app, &app.admin, &ada, "phone").await;
        app.admin.post(&path(&bob), &json!({ "name": "never" })).await.expect(201);
        let now = app.provisioning.clock.now().0;
        let kept = async |days: i64| {
            let then = provost::model::Timestamp(now + days * 24 * 3_600_000);
            app.directory.purge_deleted_users(then).await.unwrap();
            app.texts("SELECT name FROM mfa_factors ORDER BY name").await
        };
        assert_eq!(kept(29).await, ["never", "phone"]);
        assert_eq!(kept(31).await, ["phone"]);
    }

    /// What sign-in does with what it is given: a code is used up by its changes, and a reset that was asked for is theirs.
    async fn sign_in_puts_factors_into_its_own_changes(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let (factor, confirmed) = enrolled(&app, &app.admin, &id, "phone").await;
        app.admin.patch(&format!("/users/{id}"), &json!({ "must_reset_mfa": true })).await.expect(200);
        let (directory, storage, tenant) = (&app.directory, &app.provisioning.storage, app.tenant.id);
        let view = directory.authenticator.tenant(tenant).await.unwrap().unwrap();
        let user_id = UserId(id.parse().unwrap());
        let stored = storage.lookup_user(tenant, ConnectionId::NONE, user_id).await.unwrap().unwrap();
        let before = restore(&stored).unwrap();
        let holder = Holder::of_visit(&Visit::default(), &view, &before);
        assert!(directory.has_factor(tenant, user_id).await.unwrap());

        let recovery = confirmed["recovery_codes"][0].as_str().unwrap();
        // The code that confirmed the factor is used up; the next one is good already.
        let used = code(&app, &factor);
        let next = totp::code(factor["secret"].as_str().unwrap(), app.provisioning.clock.now().0 + totp::STEP);
        for (given, expected) in [
            (&*used, SecondFactor::Wrong), ("", SecondFactor::Wrong), (recovery, SecondFactor::Recovery), (recovery, SecondFactor::Wrong),
            (&*next, SecondFactor::Totp), (&*next, SecondFactor::Wrong),
        ] {
            let mut changes = ChangeSet::new(tenant);
            assert_eq!(directory.verify_second_factor(&holder, given, &mut changes).await.unwrap(), expected, "{given}");
            assert_eq!(changes.credentials.len(), usize::from(expected != SecondFactor::Wrong));
            storage.commit(changes).await.unwrap();
        }
        let mut changes = ChangeSet::new(tenant);
        assert!(directory.reset(&holder, &mut changes).await.unwrap());
        assert!(directory.has_factor(tenant, user_id).await.unwrap());
        storage.commit(changes).await.unwrap();
        assert!(!directory.has_factor(tenant, user_id).await.unwrap());
        let events = app.texts(
            "SELECT actor_name || ' ' || kind || ' ' || details FROM audit_events WHERE actor_kind = 'user' ORDER BY id",
        );
        assert_eq!(events.await, [r#"ada recovery_code.used {"left":9}"#, r#"ada mfa.reset {"factors":1}"#]);
    }

    /// Somebody whose session was begun before keeps it: what a factor is for is the next sign-in.
    async fn sessions_go_on(app: TestApp) {
        let id = user(&app, "ada", json!({})).await;
        let ada = signed_in(&app, "ada", PASSWORD).await;
        enrolled(&app, &app.admin, &id, "phone").await;
        assert_eq!(ada.get(&format!("/users/{id}")).await.expect(200)["mfa"], json!({ "enrolled": true }));
    }
}

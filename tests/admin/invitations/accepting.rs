//! What an invitation asks for, and what accepting it refuses.

use serde_json::json;

use super::{PASSWORD, accept, accept_with, on_each, open, refused, set, shown, text, url, without_mail};
use crate::support::{Client, crowd};

on_each! {
    /// An invitation goes to a person's address, and leaves the password to them.
    async fn some_users_cannot_be_invited(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        for (body, expected) in [
            (json!({ "user_name": "ada" }), vec![("/email", "required")]),
            (json!({}), vec![("/email", "required"), ("/user_name", "required")]),
            (json!({ "email": "ada@localhost" }), vec![("/email", "invalid")]),
            (
                json!({ "action": "invite", "email": "a@example.com", "service_account": true, "auth_provider": "oidc", "is_active": false }),
                vec![("/service_account", "not_accepted"), ("/auth_provider", "not_accepted"), ("/is_active", "not_accepted")],
            ),
            (json!({ "action": "invite", "email": "a@example.com", "password": PASSWORD }), vec![("/password", "not_accepted")]),
            (json!({ "user_name": "a", "service_account": true, "resend": true }), vec![("/resend", "not_accepted")]),
        ] {
            let answer = app.admin.post("/users", &body).await;
            assert_eq!((answer.refusal().0, answer.problems()), (422, expected), "{body}");
        }
        assert_eq!(app.texts("SELECT email FROM invitations").await, Vec::<String>::new());
        assert_eq!(app.admin.get("/users").await.expect(200)["users"], json!([]));
    }

    /// An invited user can do nothing yet, and a link opens nothing but its invitation.
    async fn an_invited_user_can_do_nothing(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = app.admin.post("/users", &json!({ "email": "ada@example.com", "roles": ["admin"] })).await.expect(201);
        let key = app.admin.post("/api-keys", &json!({ "name": "hers", "user_id": invited["id"] })).await;
        assert_eq!(refused(&key), (422, "invalid_user"));
        let token = shown(&invited);
        assert_eq!(Client::new(&app.admin.base_url, &token).get("/users").await.status, 401);
        assert_eq!(Client::new(&app.client.base_url, &token).get("/Users").await.status, 401);
        let list = app.admin.query("/users", &[("status", "invited")]).await.expect(200);
        assert_eq!(list["users"][0]["id"], invited["id"]);
        accept(&app, &token).await.expect(200);
        let key = app.admin.post("/api-keys", &json!({ "name": "hers", "user_id": invited["id"] })).await;
        assert_eq!(key.status, 201);
    }

    /// A refused attempt spends nothing.
    async fn a_refused_attempt_spends_nothing(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        set(&app, |settings| {
            settings.names_required = true;
            settings.password_policy.forbid_own_data = true;
        }).await;
        app.admin.post("/users", &json!({ "email": "bob@example.com", "user_name": "bob", "auth_provider": "oidc", "action": "create" })).await.expect(201);
        let invited = app.admin.post("/users", &json!({ "email": "ada@example.com" })).await.expect(201);
        let token = shown(&invited);
        let attempt = async |more: serde_json::Value| {
            let mut body = json!({ "token": token, "password": PASSWORD, "name": "Ada King" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            accept_with(&app, &body).await
        };
        let weak = attempt(json!({ "password": "password" })).await;
        assert_eq!(refused(&weak), (422, "password_policy"));
        assert_eq!(weak.problems(), [("/password", "length"), ("/password", "common")]);
        let both = attempt(json!({ "password": "password", "timezone": "Mars/Olympus" })).await;
        assert_eq!(refused(&both), (422, "invalid_fields"));
        assert_eq!(both.problems(), [("/timezone", "invalid"), ("/password", "length"), ("/password", "common")]);
        let own = attempt(json!({ "password": "ada@example.com" })).await;
        assert_eq!(refused(&own), (422, "password_policy"));
        for email in ["bob@example.com", "ada@example.org", "nonsense"] {
            assert_eq!(refused(&attempt(json!({ "email": email })).await), (403, "email_mismatch"));
        }
        let nameless = accept(&app, &token).await;
        assert_eq!((nameless.refusal().0, nameless.problems()), (422, vec![("/name", "required")]));
        let odd = attempt(json!({ "roles": ["owner"], "locale": 1 })).await;
        assert_eq!((odd.refusal().0, odd.problems()), (400, vec![("/roles", "unknown"), ("/locale", "type")]));
        let zone = attempt(json!({ "timezone": "Mars/Olympus" })).await;
        assert_eq!((zone.refusal().0, zone.problems()), (422, vec![("/timezone", "invalid")]));
        let user = app.admin.get(&format!("/users/{}", text(&invited, "id"))).await.expect(200);
        assert_eq!((&user["status"], &user["version"]), (&json!("invited"), &json!(1)));
        assert_eq!(attempt(json!({ "email": "ADA@EXAMPLE.COM" })).await.status, 200);
    }

    /// A token that is none, of another kind, or changed by a letter is not there.
    async fn other_tokens_are_unknown(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = app.admin.post("/users", &json!({ "email": "ada@example.com" })).await.expect(201);
        let token = shown(&invited);
        let tenant = app.tenant.id.0.simple().to_string();
        let elsewhere = token.replace(&tenant, &provost::model::random::uuid_v7().simple().to_string());
        let end = if token.ends_with('A') { "B" } else { "A" };
        let changed = format!("{}{end}", &token[..token.len() - 1]);
        let kind = token.replacen("pvi_", "pvk_", 1);
        for other in [&elsewhere, &changed, &kind, "x", &*format!("{token}x"), &token[..token.len() - 1]] {
            let (opened, accepted) = (open(&app, other).await, accept(&app, other).await);
            assert_eq!((refused(&opened), refused(&accepted)), ((404, "not_found"), (404, "not_found")), "{other}");
            assert!(!opened.body.to_string().contains(other) || other.len() < 5);
        }
        assert_eq!(open(&app, &token).await.status, 200);
        let wrong = reqwest::Client::new().delete(url(&app, "/auth/invitations/x"));
        let wrong = crate::support::Answer::of(wrong).await;
        assert_eq!((wrong.refusal().0, wrong.header("allow")), (405, Some("GET")));
        assert_eq!(refused(&crate::support::Answer::of(reqwest::Client::new().get(url(&app, "/auth/nothing"))).await).0, 404);
    }

    /// An administrator who puts another address in the place of the invited one, or stops the account, is heard.
    async fn a_changed_account_is_respected(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = app.admin.post("/users", &json!({ "email": "ada@example.com" })).await.expect(201);
        let user = format!("/users/{}", text(&invited, "id"));
        app.admin.post(&format!("{user}/deactivate"), &json!({})).await.expect(200);
        assert_eq!(refused(&accept(&app, &shown(&invited)).await), (403, "user_deactivated"));
        assert_eq!(refused(&app.admin.post("/users", &json!({ "email": "ada@example.com" })).await), (409, "user_exists"));
        app.admin.post(&format!("{user}/reactivate"), &json!({})).await.expect(200);
        app.admin.patch(&user, &json!({ "email": "ada@example.org" })).await.expect(200);
        assert_eq!(refused(&accept(&app, &shown(&invited)).await), (410, "invitation_revoked"));
        // Inviting the new address sends the same invitation there.
        let again = app.admin.post("/users", &json!({ "email": "ada@example.org" })).await.expect(200);
        assert_eq!(again["invitation"]["id"], invited["invitation"]["id"]);
        let joined = accept(&app, &shown(&again)).await.expect(200);
        assert_eq!((&joined["user"]["id"], &joined["user"]["email"]), (&invited["id"], &json!("ada@example.org")));
    }

    /// Of those who accept at once one does, and it is that one's password that counts.
    async fn one_of_many_accepts(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = app.admin.post("/users", &json!({ "email": "ada@example.com" })).await.expect(201);
        let answers = crowd(6, |number| {
            let body = json!({ "token": shown(&invited), "password": PASSWORD, "given_name": format!("Ada{number}") });
            let request = reqwest::Client::new().post(url(&app, "/auth/invitations/accept"));
            let request = request.header("content-type", "application/json").body(body.to_string());
            async move { crate::support::Answer::of(request).await }
        }).await;
        let (joined, late): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((joined.len(), late.len()), (1, 5));
        assert!(late.iter().all(|answer| refused(answer) == (410, "invitation_accepted")));
        let user = app.admin.get(&format!("/users/{}", text(&invited, "id"))).await.expect(200);
        assert_eq!(joined[0].body["user"], user);
        assert_eq!(app.texts("SELECT kind FROM audit_events WHERE kind = 'login.succeeded'").await.len(), 1);
        assert_eq!(app.texts("SELECT amr FROM sessions").await, ["pwd"]);
        assert_eq!(app.texts("SELECT hash FROM password_credentials").await.len(), 1);
        assert_eq!(app.texts("SELECT hash FROM password_history").await.len(), 0);
        let created = app.texts("SELECT kind FROM audit_events WHERE kind = 'user.created'").await;
        assert_eq!(created.len(), 1);
    }
}

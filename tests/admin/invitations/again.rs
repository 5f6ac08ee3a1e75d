//! An address that is invited again.

use serde_json::json;

use super::{DAY, HOUR, accept, at, mailed, on_each, open, refused, shown, text, with_mail, without_mail};
use crate::support::crowd;

on_each! {
    /// While it is pending it is the same invitation, and nobody gets a mail, unless it is to be sent again.
    async fn a_pending_invitation_is_the_same(backend: Backend) {
        let (app, clock, mut server) = with_mail(backend).await;
        let body = json!({ "email": "ada@example.com", "given_name": "Ada" });
        let first = app.admin.post("/users", &body).await.expect(201);
        let old = mailed(&mut server).await;
        clock.set(at(HOUR));
        let second = app.admin.post("/users", &json!({ "email": "ADA@example.com", "roles": ["manager"] })).await.expect(200);
        assert_eq!(second, first);
        assert!(server.has_no_mail().await);
        let third = app.admin.post("/users", &json!({ "email": "ada@example.com", "resend": true })).await.expect(200);
        let mut expected = first.clone();
        expected["invitation"]["expires_at"] = json!("2026-01-08T01:00:00.000Z");
        assert_eq!(third, expected);
        let new = mailed(&mut server).await;
        assert_eq!(refused(&open(&app, &old).await), (404, "not_found"));
        assert_eq!(accept(&app, &new).await.expect(200)["user"]["id"], first["id"]);
        assert_eq!(app.admin.get("/invitations").await.expect(200)["invitations"].as_array().unwrap().len(), 1);
    }

    /// After it has expired there is a new one for the same user.
    async fn an_expired_invitation_is_followed_by_another(backend: Backend) {
        let (app, clock) = without_mail(backend).await;
        let body = json!({ "email": "ada@example.com", "roles": ["read_only"] });
        let first = app.admin.post("/users", &body).await.expect(201);
        clock.set(at(7 * DAY));
        assert_eq!(refused(&accept(&app, &shown(&first)).await), (410, "invitation_expired"));
        let second = app.admin.post("/users", &body).await.expect(200);
        assert_ne!(second["invitation"]["id"], first["invitation"]["id"]);
        assert_eq!((&second["id"], &second["version"]), (&first["id"], &first["version"]));
        assert_eq!(second["invitation"]["expires_at"], "2026-01-15T00:00:00.000Z");
        let old = format!("/invitations/{}", text(&first["invitation"], "id"));
        assert_eq!(refused(&app.admin.post(&format!("{old}/resend"), &json!({})).await), (409, "invitation_replaced"));
        assert_eq!(refused(&app.admin.delete(&old).await), (409, "invitation_replaced"));
        assert_eq!(refused(&accept(&app, &shown(&first)).await), (410, "invitation_expired"));
        let joined = accept(&app, &shown(&second)).await.expect(200);
        assert_eq!((&joined["user"]["id"], &joined["user"]["roles"]), (&first["id"], &json!(["read_only"])));
        let audit = app.audit().await;
        let kinds: Vec<&str> = audit.iter().map(|event| event.split(' ').next().unwrap()).collect();
        assert_eq!(kinds, ["user.invited", "user.invited", "user.created", "login.succeeded"]);
    }

    /// Who is there already is not invited.
    async fn somebody_who_is_there_is_not_invited(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let message = "a user with this email already exists.";
        let live = json!({ "user_name": "ada", "email": "ada@example.com", "auth_provider": "oidc" });
        let ada = app.admin.post("/users", &live).await.expect(201);
        let again = app.admin.post("/users", &json!({ "email": "Ada@example.com" })).await;
        assert_eq!(again.refusal(), (409, "user_exists", message));
        assert_eq!(again.body["details"], json!({ "user_id": ada["id"] }));
        let invited = app.admin.post("/users", &json!({ "email": "bob@example.com" })).await.expect(201);
        accept(&app, &shown(&invited)).await.expect(200);
        let again = app.admin.post("/users", &json!({ "email": "bob@example.com", "resend": true })).await;
        assert_eq!(again.refusal(), (409, "user_exists", message));
        // The user name alone may be taken, too.
        let named = app.admin.post("/users", &json!({ "email": "cat@example.com", "user_name": "ADA" })).await;
        assert_eq!(named.refusal(), (409, "user_exists", "a user with this username already exists."));
        let other = app.other_admin("other").await;
        other.post("/users", &json!({ "email": "bob@example.com" })).await.expect(201);
    }

    /// Of those who invite one address at once, one makes the user; the others are told of it.
    async fn an_address_is_invited_once_at_once(backend: Backend) {
        let (app, clock) = without_mail(backend).await;
        let invite = || crowd(8, |_| {
            let admin = app.admin.clone();
            async move { admin.post("/users", &json!({ "email": "ada@example.com" })).await }
        });
        let answers = invite().await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
        assert!(answers.iter().all(|answer| answer.body["invitation"]["id"] == answers[0].body["invitation"]["id"]));
        // And so after it has expired.
        clock.set(at(8 * DAY));
        let answers = invite().await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        assert!(answers.iter().all(|answer| answer.body["invitation"]["id"] == answers[0].body["invitation"]["id"]));
        let links = answers.iter().filter(|answer| answer.body["invitation"].get("link").is_some());
        assert_eq!(links.count(), 1);
        assert_eq!(app.texts("SELECT email FROM invitations").await.len(), 2);
    }

    /// A link may make its holder the invited user; nobody gets one to somebody mightier.
    async fn nobody_gets_a_link_to_somebody_mightier(backend: Backend) {
        let (app, clock) = without_mail(backend).await;
        let body = json!({ "email": "ada@example.com", "roles": ["owner"] });
        let owner = app.admin.post("/users", &body).await.expect(201);
        let body = json!({ "name": "k", "permissions": ["users.invite", "self.read", "self.update"] });
        let key = app.admin.post("/api-keys", &body).await.expect(201);
        let weak = crate::support::Client::new(&app.admin.base_url, text(&key, "key"));
        let path = format!("/invitations/{}", text(&owner["invitation"], "id"));
        let again = json!({ "email": "ada@example.com", "resend": true });
        for _ in 0..2 {
            assert_eq!(refused(&weak.post("/users", &again).await), (403, "exceeds_permissions"));
            assert_eq!(refused(&weak.post(&format!("{path}/resend"), &json!({})).await), (403, "exceeds_permissions"));
            assert_eq!(refused(&weak.delete(&path).await), (403, "exceeds_permissions"));
            clock.set(at(8 * DAY));
        }
        clock.set(at(0));
        assert_eq!(refused(&weak.post("/users", &json!({ "email": "b@example.com", "roles": ["manager"] })).await).0, 403);
        assert_eq!(weak.post("/users", &json!({ "email": "b@example.com" })).await.status, 201);
        accept(&app, &shown(&owner)).await.expect(200);
    }
}

//! `/v1/invitations`: listed, sent again, revoked; and what ends an invitation besides.

use serde_json::{Value, json};

use super::{
    DAY, HOUR, PASSWORD, accept, at, mailed, on_each, open, refused, set, shown, text, with_mail,
    without_mail,
};
use crate::support::Client;

async fn invite(admin: &Client, email: &str) -> Value {
    admin.post("/users", &json!({ "action": "invite", "email": email })).await.expect(201)
}

fn path(invited: &Value) -> String {
    format!("/invitations/{}", text(&invited["invitation"], "id"))
}

on_each! {
    /// Each state, alone and all together, page by page; and one by itself.
    async fn invitations_are_listed(backend: Backend) {
        let (app, clock) = without_mail(backend).await;
        let expired = invite(&app.admin, "expired@example.com").await;
        clock.set(at(7 * DAY));
        let accepted = invite(&app.admin, "accepted@example.com").await;
        accept(&app, &shown(&accepted)).await.expect(200);
        let revoked = invite(&app.admin, "revoked@example.com").await;
        assert_eq!(app.admin.delete(&path(&revoked)).await.status, 204);
        let pending = invite(&app.admin, "pending@example.com").await;
        let addresses = |list: &Value| -> Vec<String> {
            list["invitations"].as_array().unwrap().iter().map(|one| text(one, "email").replace("@example.com", "")).collect()
        };
        let all = app.admin.get("/invitations").await.expect(200);
        assert_eq!(addresses(&all), ["expired", "accepted", "revoked", "pending"]);
        for state in ["expired", "accepted", "revoked", "pending"] {
            let some = app.admin.query("/invitations", &[("state", state)]).await.expect(200);
            assert_eq!(addresses(&some), [state]);
            assert_eq!(some["invitations"][0]["state"], state);
        }
        let one = app.admin.query("/invitations", &[("email", "Pending@Example.com")]).await.expect(200);
        assert_eq!(addresses(&one), ["pending"]);
        let first = app.admin.query("/invitations", &[("limit", "3")]).await.expect(200);
        let next = app.admin.query("/invitations", &[("cursor", text(&first, "next_cursor"))]).await.expect(200);
        assert_eq!((addresses(&next), next.get("next_cursor")), (vec!["pending".to_owned()], None));

        let mut read = app.admin.get(&path(&pending)).await.expect(200);
        read.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let by = read["invited_by"].as_object_mut().unwrap();
        assert!(by.remove("id").is_some_and(|id| id.is_string()));
        assert_eq!(read, json!({
            "id": pending["invitation"]["id"], "user_id": pending["id"], "email": "pending@example.com", "state": "pending",
            "invited_by": { "kind": "key", "name": "test" }, "created_at": "2026-01-08T00:00:00.000Z",
            "expires_at": "2026-01-15T00:00:00.000Z", "version": 1,
        }));
        assert_eq!(app.admin.get(&path(&expired)).await.expect(200)["state"], "expired");
        assert_eq!(app.admin.get(&path(&accepted)).await.expect(200)["accepted_at"], "2026-01-08T00:00:00.000Z");
        assert_eq!(refused(&app.admin.query("/invitations", &[("state", "lost")]).await).0, 400);
    }

    /// Sent again: another link, all of its time again, and the link before is dead.
    async fn an_invitation_is_sent_again(backend: Backend) {
        let (app, clock, mut server) = with_mail(backend).await;
        let invited = invite(&app.admin, "ada@example.com").await;
        let old = mailed(&mut server).await;
        clock.set(at(HOUR));
        let again = app.admin.post(&format!("{}/resend", path(&invited)), &json!({})).await.expect(200);
        assert_eq!(
            (&again["id"], &again["expires_at"], &again["sent_at"], &again["version"], again.get("link")),
            (&invited["invitation"]["id"], &json!("2026-01-08T01:00:00.000Z"), &json!("2026-01-01T01:00:00.000Z"), &json!(2), None)
        );
        let new = mailed(&mut server).await;
        assert_eq!(refused(&accept(&app, &old).await), (404, "not_found"));
        // One that has expired comes back to life.
        clock.set(at(30 * DAY));
        assert_eq!(refused(&open(&app, &new).await), (410, "invitation_expired"));
        app.admin.post(&format!("{}/resend", path(&invited)), &json!({})).await.expect(200);
        assert_eq!(refused(&open(&app, &new).await), (404, "not_found"));
        assert_eq!(accept(&app, &mailed(&mut server).await).await.expect(200)["user"]["email_verified"], true);
        let done = app.admin.post(&format!("{}/resend", path(&invited)), &json!({})).await;
        assert_eq!(refused(&done), (409, "invitation_accepted"));
        assert_eq!(refused(&app.admin.delete(&path(&invited)).await), (409, "invitation_accepted"));
        let audit = app.audit().await;
        let kinds: Vec<&str> = audit.iter().map(|event| event.split(' ').next().unwrap()).collect();
        assert_eq!(kinds, ["user.invited", "invitation.resent", "invitation.resent", "user.created", "login.succeeded"]);
    }

    /// The user record goes with a revoked invitation, and the address is free.
    async fn an_invitation_is_revoked(backend: Backend) {
        let (app, clock) = without_mail(backend).await;
        let invited = invite(&app.admin, "ada@example.com").await;
        clock.set(at(HOUR));
        let revoked = app.admin.post(&format!("{}/revoke", path(&invited)), &json!({})).await.expect(200);
        assert_eq!(
            (&revoked["state"], &revoked["revoked_at"], &revoked["user_id"]),
            (&json!("revoked"), &json!("2026-01-01T01:00:00.000Z"), &invited["id"])
        );
        assert_eq!(app.admin.get(&format!("/users/{}", text(&invited, "id"))).await.status, 404);
        assert_eq!(refused(&accept(&app, &shown(&invited)).await), (410, "invitation_revoked"));
        assert_eq!(refused(&open(&app, &shown(&invited)).await), (410, "invitation_revoked"));
        assert_eq!(refused(&app.admin.delete(&path(&invited)).await), (409, "invitation_revoked"));
        assert_eq!(refused(&app.admin.post(&format!("{}/resend", path(&invited)), &json!({})).await), (409, "invitation_revoked"));
        let again = invite(&app.admin, "ada@example.com").await;
        assert_ne!(again["id"], invited["id"]);
        let audit = app.audit().await;
        let kinds: Vec<&str> = audit.iter().map(|event| event.split(' ').next().unwrap()).collect();
        assert_eq!(kinds, ["user.invited", "user.deleted", "invitation.revoked", "user.invited"]);
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 1);
    }

    /// An organization that the invited user was to own alone goes to the next in it; one without anybody else goes.
    async fn a_revoked_invitation_hands_organizations_over(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = invite(&app.admin, "ada@example.com").await;
        let (ada, bob) = (text(&invited, "id"), app.client.user("bob").await);
        let members = json!([{ "id": ada, "role": "owner" }, { "id": bob, "role": "manager" }]);
        let shared = app.admin.post("/groups", &json!({ "name": "Shared", "kind": "organization", "members": members })).await.created();
        let alone = json!({ "name": "Alone", "kind": "organization", "members": [{ "id": ada, "role": "owner" }] });
        let alone = app.admin.post("/groups", &alone).await.created();
        app.admin.post(&format!("{}/revoke", path(&invited)), &json!({})).await.expect(200);
        let members = app.admin.get(&format!("/groups/{shared}/members")).await.expect(200)["members"].clone();
        assert_eq!((members.as_array().unwrap().len(), &members[0]["id"], &members[0]["role"]), (1, &json!(bob), &json!("owner")));
        assert_eq!(app.admin.get(&format!("/groups/{alone}")).await.status, 404);
        let told = app.texts("SELECT kind FROM audit_events WHERE kind IN ('member.role_changed', 'group.deleted') ORDER BY kind").await;
        assert_eq!(told, ["group.deleted", "member.role_changed"]);
    }

    /// Whichever door the invited user leaves by, the invitation ends.
    async fn an_invitation_ends_with_its_user(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let (ada, bob) = (invite(&app.admin, "ada@example.com").await, invite(&app.admin, "bob@example.com").await);
        assert_eq!(app.admin.delete(&format!("/users/{}", text(&ada, "id"))).await.status, 204);
        assert_eq!(app.client.delete(&format!("/Users/{}", text(&bob, "id"))).await.status, 204);
        for invited in [ada, bob] {
            assert_eq!(refused(&accept(&app, &shown(&invited)).await), (410, "invitation_revoked"));
            assert_eq!(app.admin.get(&path(&invited)).await.expect(200)["state"], "revoked");
        }
    }

    /// Between an hour and 30 days, as the tenant says.
    async fn the_tenant_says_how_long(backend: Backend) {
        let (app, clock) = without_mail(backend).await;
        for (hours, lasts) in [(1, HOUR), (72, 3 * DAY), (0, HOUR), (10_000, 30 * DAY)] {
            clock.set(at(0));
            set(&app, |settings| settings.invitation_hours = hours).await;
            let invited = invite(&app.admin, &format!("a{hours}@example.com")).await;
            clock.set(at(lasts - 1));
            assert_eq!(open(&app, &shown(&invited)).await.status, 200, "{hours}");
            clock.set(at(lasts));
            assert_eq!(refused(&accept(&app, &shown(&invited)).await), (410, "invitation_expired"), "{hours}");
            let user = app.admin.get(&format!("/users/{}", text(&invited, "id"))).await.expect(200);
            assert_eq!(user["status"], "invited");
        }
    }

    /// Who may read users reads invitations; who may invite makes, resends and revokes them. Other tenants see none.
    async fn permissions_are_asked_for(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = invite(&app.admin, "ada@example.com").await;
        let with = async |permission: &str| {
            let body = json!({ "name": permission, "permissions": [permission, "self.read", "self.update"] });
            let key = app.admin.post("/api-keys", &body).await.expect(201);
            Client::new(&app.admin.base_url, text(&key, "key"))
        };
        let (reader, inviter, creator) = (with("users.read").await, with("users.invite").await, with("users.create").await);
        let resend = format!("{}/resend", path(&invited));
        assert_eq!((reader.get("/invitations").await.status, reader.get(&path(&invited)).await.status), (200, 200));
        assert_eq!((inviter.get("/invitations").await.status, inviter.get(&path(&invited)).await.status), (403, 403));
        for client in [&reader, &creator] {
            assert_eq!(client.post("/users", &json!({ "email": "b@example.com" })).await.status, 403);
            assert_eq!(client.post(&resend, &json!({})).await.status, 403);
            assert_eq!(client.delete(&path(&invited)).await.status, 403);
        }
        let registered = json!({ "email": "b@example.com", "password": PASSWORD });
        assert_eq!(inviter.post("/users", &registered).await.status, 403);
        let other = app.other_admin("other").await;
        assert_eq!(other.get("/invitations").await.expect(200)["invitations"], json!([]));
        for answer in [
            other.get(&path(&invited)).await, other.delete(&path(&invited)).await, other.post(&resend, &json!({})).await,
        ] {
            assert_eq!(refused(&answer), (404, "not_found"));
        }
        assert_eq!(inviter.post(&resend, &json!({})).await.status, 200);
        assert_eq!(inviter.delete(&path(&invited)).await.status, 204);
    }
}

//! A link that was shown to somebody opens no account that may do more than they may, however it came to that.

use serde_json::{Value, json};

use super::{accept, accept_with, mailed, on_each, open, refused, shown, text, with_mail, without_mail};
use crate::support::{Client, TestApp};

/// A key that invites, and may do nothing else but what everybody may.
async fn inviter(app: &TestApp) -> Client {
    let permissions = ["users.invite", "self.read", "self.update"];
    let key = app
        .admin
        .post("/api-keys", &json!({ "name": "inviter", "permissions": permissions }))
        .await
        .expect(201);
    Client::new(&app.admin.base_url, text(&key, "key"))
}

async fn invite(client: &Client, email: &str) -> Value {
    client.post("/users", &json!({ "action": "invite", "email": email })).await.expect(201)
}

fn path(invited: &Value) -> String {
    format!("/users/{}", text(invited, "id"))
}

fn resend(invited: &Value) -> String {
    format!("/invitations/{}/resend", text(&invited["invitation"], "id"))
}

async fn refusals(app: &TestApp) -> Vec<Value> {
    let details =
        app.texts("SELECT details FROM audit_events WHERE kind = 'invitation.refused' ORDER BY id").await;
    details.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

on_each! {
    /// The link ends, once and for all, and the audit log says why. Somebody who holds as much invites again.
    async fn a_link_ends_when_its_user_outgrows_who_was_shown_it(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let inviter = inviter(&app).await;
        let invited = invite(&inviter, "ada@example.com").await;
        app.admin.patch(&path(&invited), &json!({ "roles": ["read_only"] })).await.expect(200);
        let answer = accept(&app, &shown(&invited)).await;
        assert_eq!(answer.refusal(), (
            410, "invitation_outgrown",
            "This account has been given more than they may do who were shown the link, so the link has ended; ask for another one.",
        ));
        let told = refusals(&app).await;
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0]["userName"], &told[0]["invitation"]), (&json!("ada@example.com"), &invited["invitation"]["id"]));
        let beyond: Vec<&str> = told[0]["permissions"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert!(beyond.contains(&"users.read") && !beyond.contains(&"self.read"), "{beyond:?}");
        // It has expired, also when the roles are taken back, and nothing more is told.
        app.admin.patch(&path(&invited), &json!({ "roles": ["user"] })).await.expect(200);
        assert_eq!(refused(&accept(&app, &shown(&invited)).await), (410, "invitation_expired"));
        assert_eq!(refused(&open(&app, &shown(&invited)).await), (410, "invitation_expired"));
        assert_eq!(refusals(&app).await.len(), 1);
        assert_eq!(app.admin.get(&path(&invited)).await.expect(200)["status"], "invited");
        app.admin.patch(&path(&invited), &json!({ "roles": ["read_only"] })).await.expect(200);
        assert_eq!(refused(&inviter.post(&resend(&invited), &json!({})).await), (403, "exceeds_permissions"));
        let again = app.admin.post(&resend(&invited), &json!({})).await.expect(200);
        assert_eq!(again["state"], "pending");
        assert_eq!(accept(&app, &shown(&again)).await.expect(200)["user"]["roles"], json!(["read_only"]));
    }

    /// By a group, by what a role has come to allow, and by an identity provider.
    async fn every_way_of_growing_counts(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let inviter = inviter(&app).await;
        let clerk = json!({ "name": "clerk", "permissions": ["self.read"] });
        let clerk = app.admin.post("/roles", &clerk).await.created();
        let mut invited = Vec::new();
        for name in ["group", "role", "provider", "same"] {
            invited.push(invite(&inviter, &format!("{name}@example.com")).await);
        }
        for one in &invited {
            app.admin.patch(&path(one), &json!({ "roles": ["clerk"] })).await.expect(200);
        }
        let members = json!([{ "id": invited[0]["id"] }]);
        let group = json!({ "name": "Readers", "roles": ["read_only"], "members": members });
        app.admin.post("/groups", &group).await.created();
        assert_eq!(refused(&accept(&app, &shown(&invited[0])).await), (410, "invitation_outgrown"));
        // What the inviter holds is no more than theirs.
        accept(&app, &shown(&invited[3])).await.expect(200);
        let rules = json!({
            "role_ceiling": "manager", "role_mappings": [{ "attribute": "roles", "value": "Boss", "role": "manager" }],
        });
        app.admin.patch(&format!("/connections/{}", app.connection.id), &rules).await.expect(200);
        let pushed = json!([{ "op": "replace", "path": "roles", "value": [{ "value": "Boss" }] }]);
        app.client.operations(&format!("/Users/{}", text(&invited[2], "id")), pushed).await.expect(200);
        assert_eq!(refused(&accept(&app, &shown(&invited[2])).await), (410, "invitation_outgrown"));
        let more = json!({ "permissions": ["self.read", "api_keys.write"] });
        app.admin.patch(&format!("/roles/{clerk}"), &more).await.expect(200);
        assert_eq!(refused(&accept(&app, &shown(&invited[1])).await), (410, "invitation_outgrown"));
        let told: Vec<Value> = refusals(&app).await.into_iter().map(|details| details["userName"].clone()).collect();
        assert_eq!(told, ["group@example.com", "provider@example.com", "role@example.com"]);
        let told = refusals(&app).await;
        assert_eq!(told[2]["permissions"], json!(["api_keys.write"]));
    }

    /// Whoever was shown the link last counts, and what they held then.
    async fn who_was_shown_the_link_last_counts(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let inviter = inviter(&app).await;
        let (ada, bob) = (invite(&inviter, "ada@example.com").await, invite(&app.admin, "bob@example.com").await);
        let by_admin = app.admin.post(&resend(&ada), &json!({})).await.expect(200);
        let by_inviter = inviter.post(&resend(&bob), &json!({})).await.expect(200);
        for invited in [&ada, &bob] {
            app.admin.patch(&path(invited), &json!({ "roles": ["admin"] })).await.expect(200);
        }
        accept(&app, &shown(&by_admin)).await.expect(200);
        assert_eq!(refused(&accept(&app, &shown(&by_inviter)).await), (410, "invitation_outgrown"));
    }

    /// Nobody but its holder saw a link that was mailed.
    async fn a_mailed_link_is_its_holders(backend: Backend) {
        let (app, _, mut server) = with_mail(backend).await;
        let inviter = inviter(&app).await;
        let invited = invite(&inviter, "ada@example.com").await;
        app.admin.patch(&path(&invited), &json!({ "roles": ["owner"] })).await.expect(200);
        let accepted = json!({ "token": mailed(&mut server).await, "password": "seventeen purple llamas" });
        assert_eq!(accept_with(&app, &accepted).await.expect(200)["user"]["is_owner"], true);
        assert_eq!(refusals(&app).await, Vec::<Value>::new());
    }
}

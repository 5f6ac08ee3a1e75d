//! An invitation by mail, from the wish to the live user.

use serde_json::{Value, json};

use super::{
    DAY, HOUR, PASSWORD, START, accept, accept_with, at, mailed, on_each, open, refused, shown, text,
    token_of, with_mail, without_mail,
};

on_each! {
    /// The whole way: asked, mailed, opened, accepted. The mail's link verifies its address.
    async fn an_invitation_is_mailed_and_accepted(backend: Backend) {
        let (app, clock, mut server) = with_mail(backend).await;
        let group = app.client.group("team", &[]).await;
        let answer = app.admin.post("/users", &json!({
            "action": "invite", "email": "Ada@Example.com", "name": "A. King", "roles": ["manager"], "groups": [group],
        })).await;
        let location = answer.header("location").unwrap().to_owned();
        let invited = answer.expect(201);
        assert_eq!(location, format!("{}/users/{}", app.admin.base_url, text(&invited, "id")));
        let invitation = invited["invitation"].clone();
        assert_eq!(invitation, json!({ "id": invitation["id"], "expires_at": "2026-01-08T00:00:00.000Z" }));
        assert_eq!(
            (&invited["status"], &invited["email"], &invited["email_verified"], &invited["roles"], &invited["identities"]),
            (&json!("invited"), &json!("Ada@example.com"), &json!(false), &json!(["manager"]), &json!([]))
        );
        assert_eq!(invited["groups"], json!([{ "id": group, "name": "team", "direct": true, "permissions": [] }]));

        let mail = server.mail().await;
        let subject = mail["headers"].as_array().unwrap().iter().find(|header| header[0] == "Subject").unwrap();
        assert_eq!((&subject[1], &mail["to"]), (&json!("You've been invited to Acme"), &json!(["Ada@example.com"])));
        assert_eq!(mail["type"], "multipart/alternative");
        let plain = mail["parts"]["text/plain"].as_str().unwrap();
        assert!(plain.contains("Hello A. King") && plain.contains("until 8 January 2026, 00:00 UTC"), "{plain}");
        let link = plain.split_whitespace().find(|word| word.starts_with("http")).unwrap();
        assert!(mail["parts"]["text/html"].as_str().unwrap().contains(link));
        let token = token_of(link);

        assert_eq!(open(&app, &token).await.expect(200), json!({
            "tenant": "Acme", "email": "Ada@example.com", "expires_at": "2026-01-08T00:00:00.000Z",
        }));
        clock.set(at(HOUR));
        let body = json!({
            "token": token, "password": PASSWORD, "email": "ADA@example.com", "name": "Ada Augusta King", "locale": "en-GB",
        });
        let mut joined = accept_with(&app, &body).await.expect(200);
        let names: Vec<&String> = joined.as_object().unwrap().keys().collect();
        assert_eq!(names, ["access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "user"]);
        joined.as_object_mut().unwrap().retain(|name, _| name == "user");
        let identity = &joined["user"]["identities"][0];
        assert_eq!((&identity["kind"], &identity["subject"]), (&json!("password"), &json!("Ada@example.com")));
        let mut expected = invited.clone();
        expected.as_object_mut().unwrap().remove("invitation");
        for (name, value) in [
            ("status", json!("active")), ("email_verified", json!(true)), ("name", json!("Ada Augusta King")),
            ("given_name", json!("Ada")), ("middle_name", json!("Augusta")), ("family_name", json!("King")),
            ("locale", json!("en-GB")), ("version", json!(2)), ("updated_at", json!("2026-01-01T01:00:00.000Z")),
            ("identities", joined["user"]["identities"].clone()),
        ] {
            expected[name] = value;
        }
        assert_eq!(joined, json!({ "user": expected }));
        assert_eq!(app.admin.get(&format!("/users/{}", text(&invited, "id"))).await.expect(200), expected);
        assert_eq!(refused(&accept_with(&app, &body).await), (410, "invitation_accepted"));
        assert_eq!(refused(&open(&app, &token).await), (410, "invitation_accepted"));
        assert!(server.has_no_mail().await);
    }

    /// Invited at once by who asked; created at the acceptance, by the same administrator.
    async fn the_audit_log_tells_who_invited(backend: Backend) {
        let (app, clock, mut server) = with_mail(backend).await;
        let invited = app.admin.post("/users", &json!({ "email": "ada@example.com" })).await.expect(201);
        let token = mailed(&mut server).await;
        clock.set(at(DAY));
        accept(&app, &token).await.expect(200);
        let id = invited["invitation"]["id"].clone();
        let events = app.texts(
            "SELECT kind || ' ' || at || ' ' || actor_kind || ' ' || actor_name || ' ' || details FROM audit_events \
             WHERE target_kind = 'user' AND kind <> 'login.succeeded' ORDER BY id",
        ).await;
        let start = START;
        assert_eq!(events, [
            format!(
                "user.invited {start} key test {}",
                json!({ "userName": "ada@example.com", "invitation": id, "roles": ["user"], "mailed": true })
            ),
            format!(
                "user.created {} key test {}",
                start + DAY,
                json!({ "userName": "ada@example.com", "action": "invite", "invitation": id, "roles": ["user"] })
            ),
        ]);
        let requests = app.texts("SELECT request_id FROM audit_events WHERE target_kind = 'user' ORDER BY id").await;
        assert_ne!(requests[0], requests[1]);
        assert_eq!(requests[1], requests[2]);
    }

    /// The token is in the mail, or shown once, and nowhere else: what is kept is its digest, and the mail sealed.
    async fn no_stored_text_holds_a_token(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = app.admin.post("/users", &json!({ "email": "ada@example.com" })).await.expect(201);
        let token = shown(&invited);
        let (mailing, _, _server) = with_mail(backend).await;
        // Nobody takes it off the outbox: it waits for a mail server that puts it off.
        mailing.admin.post("/users", &json!({ "email": "busy@example.com" })).await.expect(201);
        let secret = token.splitn(3, '_').nth(2).unwrap();
        for app in [&app, &mailing] {
            let mut stored = Vec::new();
            for sql in [
                "SELECT kind || details FROM audit_events",
                "SELECT payload || coalesce(last_error, '') FROM outbox",
                "SELECT email || state || invited_by_kind || coalesce(invited_by_name, '') FROM invitations",
                "SELECT document || CAST(search AS text) FROM users",
            ] {
                stored.extend(app.texts(sql).await);
            }
            assert!(stored.len() >= 4, "{stored:?}");
            assert!(!stored.iter().any(|text| text.contains(secret) || text.contains("pvi_")), "{stored:?}");
        }
        assert_eq!(app.texts("SELECT email FROM invitations").await, ["ada@example.com"]);
        let read: Vec<Value> = vec![
            app.admin.get("/invitations").await.expect(200),
            app.admin.get(&format!("/users/{}", text(&invited, "id"))).await.expect(200),
        ];
        assert!(!json!(read).to_string().contains(secret));
    }

    /// Without a mail server the link is shown once, to who invited; it verifies nothing.
    async fn a_link_that_was_shown_verifies_nothing(backend: Backend) {
        let (app, _) = without_mail(backend).await;
        let invited = app.admin.post("/users", &json!({ "email": "ada@example.com" })).await.expect(201);
        let joined = accept(&app, &shown(&invited)).await.expect(200);
        assert_eq!((&joined["user"]["status"], &joined["user"]["email_verified"]), (&json!("active"), &json!(false)));
        assert_eq!(app.texts("SELECT subject FROM outbox").await, Vec::<String>::new());
        // Unless the administrator vouched for the address.
        let vouched = json!({ "email": "bob@example.com", "email_verified": true });
        let invited = app.admin.post("/users", &vouched).await.expect(201);
        let joined = accept(&app, &shown(&invited)).await.expect(200);
        assert_eq!(joined["user"]["email_verified"], true);
    }
}

//! `POST /oauth/token` for clients of connections (RFC 6749 §4.4), and what their tokens open.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost::model::Timestamp;
use serde_json::{Value, json};

use super::{MINUTE, Made, START, ask, client, doors, form, of_connection, refusal, token, with_clock};
use crate::auth_http::{a_second, root};
use crate::support::{Answer, Backend, on_both};

/// What a token says.
fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

on_both! {
    /// RFC 6749 §5.1: the answer, which nobody keeps. The token acts as the connection does.
    async fn a_client_provisions_as_its_connection(app: TestApp) {
        let made = of_connection(&app, json!({})).await;
        let answer = ask(&app, &made, &[]).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let body = answer.expect(200);
        let text = body["access_token"].as_str().unwrap();
        assert_eq!(body, json!({
            "access_token": text, "token_type": "Bearer", "expires_in": 600, "scope": "scim.read scim.write",
        }));
        let said = claims(text);
        assert_eq!(
            (&said["iss"], &said["aud"], &said["sub"], &said["client_id"], &said["tenant_id"], &said["scope"]),
            (
                &json!(root(&app)), &json!(app.admin.base_url), &json!(made.client_id), &json!(made.client_id),
                &json!(app.tenant.id), &json!("scim.read scim.write"),
            ),
        );
        let (scim, api) = doors(&app, text);
        let body = json!({ "userName": "bjensen", "externalId": "b-1" });
        let id = scim.post("/Users", &body).await.created();
        // Its externalIds are the connection's: the connection's other tokens see them.
        assert_eq!(app.client.get(&format!("/Users/{id}")).await.expect(200)["externalId"], "b-1");
        let actors = app.texts("SELECT actor_kind || ' ' || actor_name FROM audit_events WHERE kind = 'user.created'").await;
        assert_eq!(actors, ["connection default"]);
        assert_eq!((api.get("/users").await.refusal().0, api.get("/users").await.refusal().1), (403, "wrong_credential"));
    }

    /// RFC 6749 §2.3.1: in the header, its parts encoded as a form's values, or in the form.
    async fn a_secret_is_shown_in_two_ways(app: TestApp) {
        let made = of_connection(&app, json!({})).await;
        let grant = ("grant_type", "client_credentials");
        let posted = [grant, ("client_id", &*made.client_id), ("client_secret", &*made.secret)];
        Answer::of(form(&app, "/oauth/token", &posted)).await.expect(200);
        // An underscore may be encoded too.
        let escaped = |text: &str| text.replace('_', "%5F");
        let basic = form(&app, "/oauth/token", &[grant]).basic_auth(escaped(&made.client_id), Some(escaped(&made.secret)));
        Answer::of(basic).await.expect(200);
        // What else is in the form is passed over (RFC 6749 §3.2).
        let more = [grant, ("resource", "https://example.com"), ("client_id", &*made.client_id), ("scope", "")];
        let more = form(&app, "/oauth/token", &more).basic_auth(&made.client_id, Some(&made.secret));
        assert_eq!(Answer::of(more).await.expect(200)["scope"], "scim.read scim.write");
    }

    /// RFC 6749 §3.3: a client gets the scopes that it asks for, if they are its own; they bound its tokens.
    async fn scopes_bound_a_token(app: TestApp) {
        let (both, reader) = (of_connection(&app, json!({})).await, of_connection(&app, json!({ "scopes": ["scim.read"] })).await);
        for (made, asked, got) in [
            (&both, Some("scim.read"), "scim.read"),
            (&both, Some("scim.write scim.read"), "scim.read scim.write"),
            (&both, Some("scim.write"), "scim.write"),
            (&reader, None, "scim.read"),
            (&reader, Some("scim.read"), "scim.read"),
        ] {
            let fields: Vec<(&str, &str)> = asked.map(|scope| ("scope", scope)).into_iter().collect();
            let body = ask(&app, made, &fields).await.expect(200);
            assert_eq!(body["scope"], got, "{asked:?}");
            let (scim, _) = doors(&app, body["access_token"].as_str().unwrap());
            let (read, write) = (scim.get("/Users").await, scim.post("/Groups", &json!({ "displayName": got })).await);
            assert_eq!(read.status, if got.contains("read") { 200 } else { 403 }, "{got}");
            assert_eq!(write.status, if got.contains("write") { 201 } else { 403 }, "{got}");
        }
        for (made, scope) in [(&reader, "scim.write"), (&reader, "scim.read scim.write"), (&both, "users.read"), (&both, "scim.read admin")] {
            assert_eq!(refusal(&ask(&app, made, &[("scope", scope)]).await), (400, "invalid_scope"), "{scope}");
        }
    }

    /// A client that is revoked gets no token, and those that it has stop working within a second; others go on.
    async fn revoking_a_client_ends_its_tokens(app: TestApp) {
        let (made, other) = (of_connection(&app, json!({})).await, of_connection(&app, json!({})).await);
        let (text, others) = (token(&app, &made).await, token(&app, &other).await);
        let (scim, going_on) = (doors(&app, &text).0, doors(&app, &others).0);
        let beside = app.server_beside().await;
        let elsewhere = beside.client.at(&beside.client.base_url);
        scim.get("/Users").await.expect(200);
        app.admin.delete(&made.path).await.expect(204);
        assert_eq!(refusal(&ask(&app, &made, &[]).await), (401, "invalid_client"));
        a_second().await;
        assert_eq!(scim.get("/Users").await.error().0, 401);
        going_on.get("/Users").await.expect(200);
        elsewhere.get("/Users").await.expect(200);
    }

    /// A credential's text is looked for in the tenant that it names, and is good in no other.
    async fn a_client_is_of_one_tenant(app: TestApp) {
        let made = of_connection(&app, json!({})).await;
        let (tenant, _) = app.provisioning.create_tenant("other", "Other").await.unwrap();
        let moved = |text: &str| text.replace(&app.tenant.id.0.simple().to_string(), &tenant.id.0.simple().to_string());
        for (id, secret) in [(moved(&made.client_id), made.secret.clone()), (moved(&made.client_id), moved(&made.secret))] {
            let foreign = Made { client_id: id, secret, ..made.clone() };
            assert_eq!(refusal(&ask(&app, &foreign, &[]).await), (401, "invalid_client"));
        }
        // Neither the id nor the secret is a bearer token.
        for text in [&made.client_id, &made.secret] {
            let (scim, api) = doors(&app, text);
            assert_eq!((scim.get("/Users").await.status, api.get("/users").await.status), (401, 401));
        }
    }

    /// When a token of it was used is to be seen at the client, a while later.
    async fn a_client_tells_when_it_was_used(app: TestApp) {
        let made = of_connection(&app, json!({})).await;
        let (scim, _) = doors(&app, &token(&app, &made).await);
        scim.get("/Users").await.expect(200);
        app.directory.authenticator.write_uses().await.unwrap();
        let listed = app.admin.get(&format!("/connections/{}/clients", app.connection.id)).await.expect(200);
        assert!(listed["clients"][0]["last_used_at"].is_string(), "{listed}");
    }
}

/// A token works for ten minutes and the leeway, a client until it expires; its tokens end with it.
async fn a_token_has_its_time(backend: Backend) {
    let (app, clock) = with_clock(backend).await;
    let made = of_connection(&app, json!({})).await;
    let path = format!("/connections/{}/clients", app.connection.id);
    let short = client(&app, &path, json!({ "expires_at": "2026-01-01T00:05:00Z" })).await;
    let (long, brief) = (token(&app, &made).await, token(&app, &short).await);
    let works = async |token: &str| doors(&app, token).0.get("/Users").await.status;
    for (minutes, of_long, of_brief) in [(4, 200, 200), (5, 200, 401), (10, 200, 401), (11, 401, 401)] {
        clock.set(Timestamp(START.0 + minutes * MINUTE));
        assert_eq!((works(&long).await, works(&brief).await), (of_long, of_brief), "{minutes}");
    }
    assert_eq!(refusal(&ask(&app, &short, &[]).await), (401, "invalid_client"));
    ask(&app, &made, &[]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_has_its_time_on_sqlite() {
    a_token_has_its_time(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_has_its_time_on_postgres() {
    a_token_has_its_time(Backend::Postgres).await;
}

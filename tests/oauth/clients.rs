//! `/v1/connections/{id}/clients`, and what it shares with `/v1/users/{id}/clients`.

use serde_json::{Value, json};

use super::{audit, client, of_connection, program, token};
use crate::admin::ranks::holder;
use crate::support::on_both;

on_both! {
    /// A client is made with a secret that is shown once, listed without it, and revoked; the audit log has all of it, and
    /// nothing that is stored holds the secret.
    async fn a_client_is_made_listed_and_revoked(app: TestApp) {
        let path = format!("/connections/{}/clients", app.connection.id);
        let made = client(&app, &path, json!({ "expires_at": "2100-01-01T00:00:00Z" })).await;
        let tenant = app.tenant.id.0.simple();
        let id: uuid::Uuid = made.body["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(made.client_id, format!("pvc_{tenant}_{}", id.simple()));
        assert!(made.secret.starts_with(&format!("pvx_{tenant}_")) && made.secret.len() == 80, "{}", made.secret);
        let mut shown = made.body.clone();
        shown.as_object_mut().unwrap().shift_remove("client_secret").unwrap();
        assert_eq!(app.admin.get(&path).await.expect(200), json!({ "clients": [shown] }));
        for name in ["id", "client_id", "created_at"] {
            shown.as_object_mut().unwrap().shift_remove(name).unwrap();
        }
        assert_eq!(shown, json!({
            "name": "robot", "authentication": "client_secret", "scopes": ["scim.read", "scim.write"],
            "expires_at": "2100-01-01T00:00:00.000Z",
        }));
        let rows = app.rows_of(app.tenant.id).await;
        assert_eq!(rows["clients"].len(), 1);
        assert!(!format!("{rows:?}").contains(&made.secret));

        assert_eq!(app.admin.delete(&made.path).await.status, 204);
        assert_eq!(app.admin.get(&path).await.expect(200), json!({ "clients": [] }));
        assert_eq!(app.admin.delete(&made.path).await.refusal().0, 404);
        let details = format!(
            r#"{{"name":"robot","connection":"{}","scopes":"scim.read scim.write","proof":"client_secret"}}"#,
            app.connection.id
        );
        assert_eq!(audit(&app).await, [
            format!("client.created client {details}"), format!("client.revoked client {details}"),
        ]);
    }

    /// Public keys in place of a secret: a JWK or a JWK Set; what is private, or of no use, is refused.
    async fn keys_are_handed_in(app: TestApp) {
        let path = format!("/connections/{}/clients", app.connection.id);
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        let with = |more: Value| {
            let mut key = key.clone();
            key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            key
        };
        let made = client(&app, &path, json!({ "jwks": with(json!({ "use": "sig", "x5c": ["MIIB"] })) })).await;
        assert_eq!(made.body.get("client_secret"), None);
        assert_eq!((&made.body["authentication"], &made.body["jwks"]), (&json!("private_key_jwt"), &json!({ "keys": [key] })));
        let p256 = json!({
            "kty": "EC", "crv": "P-256", "kid": "b",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        let rsa = json!({ "kty": "RSA", "kid": "c", "alg": "RS256", "n": format!("{}w", "v".repeat(341)), "e": "AQAB" });
        let set = json!({ "keys": [with(json!({ "kid": "a" })), p256, rsa] });
        assert_eq!(client(&app, &path, json!({ "jwks": set })).await.body["jwks"], set);
        let before = app.rows_of(app.tenant.id).await;
        for wrong in [
            json!("text"),
            json!({ "keys": [] }),
            json!({ "keys": "none" }),
            json!({ "keys": vec![key.clone(); 11] }),
            json!({ "keys": [with(json!({ "kid": "a" })), with(json!({ "kid": "a" }))] }),
            json!({ "keys": [with(json!({ "kid": "a" })), key] }),
            with(json!({ "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" })),
            with(json!({ "use": "enc" })),
            with(json!({ "alg": "ES256" })),
            with(json!({ "x": "AAAA" })),
            json!({ "kty": "oct", "k": "c2VjcmV0" }),
            json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }),
            json!({ "kty": "RSA", "n": format!("{}w", "v".repeat(170)), "e": "AQAB" }),
        ] {
            let refused = app.admin.post(&path, &json!({ "name": "robot", "jwks": wrong })).await;
            assert_eq!((refused.refusal().0, refused.problems()), (422, vec![("/jwks", "invalid_keys")]), "{wrong}");
            assert!(!refused.body.to_string().contains("nWGxne"), "{}", refused.body);
        }
        assert_eq!(app.rows_of(app.tenant.id).await, before);
    }

    /// What a client is to be is looked at as a whole.
    async fn what_cannot_be_is_refused(app: TestApp) {
        let path = format!("/connections/{}/clients", app.connection.id);
        for (body, problem) in [
            (json!({}), ("/name", "required")),
            (json!({ "name": "" }), ("/name", "too_short")),
            (json!({ "name": "x", "scopes": ["scim.delete"] }), ("/scopes/0", "enum")),
            (json!({ "name": "x", "scopes": [] }), ("/scopes", "too_few")),
            (json!({ "name": "x", "secret": "mine" }), ("/secret", "unknown")),
        ] {
            let refused = app.admin.post(&path, &body).await;
            assert_eq!((refused.refusal().0, refused.problems()), (400, vec![problem]), "{body}");
        }
        let past = app.admin.post(&path, &json!({ "name": "x", "expires_at": "2001-01-01T00:00:00Z" })).await;
        assert_eq!((past.refusal().0, past.problems()), (422, vec![("/expires_at", "past")]));
        for _ in 0..50 {
            client(&app, &path, json!({})).await;
        }
        let refused = app.admin.post(&path, &json!({ "name": "one more" })).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (422, "too_many_clients"));
    }

    /// Nobody makes a client that does more than they may, and who may not write connections makes none.
    async fn nobody_gives_what_they_lack(app: TestApp) {
        let role = json!({ "name": "doorkeeper", "permissions": ["connections.read", "connections.write", "users.read", "groups.read"] });
        app.admin.post("/roles", &role).await.expect(201);
        let (_, keeper) = holder(&app, "keeper", &["doorkeeper"]).await;
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        let path = format!("/connections/{}/clients", app.connection.id);
        let new = |scopes: Value| json!({ "name": "robot", "scopes": scopes });
        let refused = keeper.post(&path, &new(json!(["scim.write"]))).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "exceeds_permissions"));
        let made = keeper.post(&path, &new(json!(["scim.read"]))).await.created();
        assert_eq!(manager.post(&path, &new(json!(["scim.read"]))).await.refusal().0, 403);
        assert_eq!(manager.get(&path).await.refusal().0, 403);
        assert_eq!(manager.delete(&format!("{path}/{made}")).await.refusal().0, 403);
        app.admin.patch(&format!("/connections/{}", app.connection.id), &json!({ "role_ceiling": "owner" })).await.expect(200);
        let refused = keeper.post(&path, &new(json!(["scim.read"]))).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "exceeds_permissions"));
    }

    /// A client is its owner's: under another owner it is not there.
    async fn a_client_is_its_owners(app: TestApp) {
        let made = of_connection(&app, json!({})).await;
        let id = made.body["id"].as_str().unwrap();
        let other = app.admin.post("/connections", &json!({ "name": "other" })).await.created();
        let user = program(&app, "job", &["read_only"]).await;
        for path in [format!("/connections/{other}/clients/{id}"), format!("/users/{user}/clients/{id}")] {
            assert_eq!(app.admin.delete(&path).await.refusal().2, format!("Client '{id}' was not found."));
        }
        token(&app, &made).await;
    }
}

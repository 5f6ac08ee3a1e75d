//! `/.well-known`: the keys that verify tokens (RFC 7517), what the server says of itself (RFC 8414), and keys that are
//! rotated.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use provost::auth::signer::{Signer, SignerSettings};
use provost::model::{Clock, Timestamp};
use serde_json::{Value, json};

use super::{MINUTE, START, doors, of_connection, token, with_clock};
use crate::auth_http::{PASSWORD, login, root, user};
use crate::support::{Answer, Backend, TestApp, on_both};

async fn well_known(app: &TestApp, name: &str) -> Answer {
    Answer::of(reqwest::Client::new().get(format!("{}/.well-known/{name}", root(app)))).await
}

async fn kids(app: &TestApp) -> Vec<String> {
    let keys = well_known(app, "jwks.json").await.expect(200)["keys"].clone();
    keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Somebody who knows nothing but the JWK Set believes the token.
async fn verified_by_a_stranger(app: &TestApp, token: &str) -> Value {
    let set: JwkSet = serde_json::from_value(well_known(app, "jwks.json").await.expect(200)).unwrap();
    let kid = decode_header(token).unwrap().kid.unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[&*app.admin.base_url]);
    validation.set_issuer(&[root(app)]);
    validation.validate_exp = false;
    decode(token, &DecodingKey::from_jwk(set.find(&kid).expect("its key is there")).unwrap(), &validation)
        .unwrap()
        .claims
}

on_both! {
    /// Public keys alone, which may be kept for a minute; tokens are verified with nothing else.
    async fn keys_are_public(app: TestApp) {
        let answer = well_known(&app, "jwks.json").await;
        assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
        let keys = answer.expect(200)["keys"].as_array().unwrap().clone();
        assert_eq!(keys.len(), 1);
        let names: Vec<&String> = keys[0].as_object().unwrap().keys().collect();
        assert_eq!(names, ["kty", "crv", "x", "kid", "alg", "use"]);
        assert_eq!(
            (&keys[0]["kty"], &keys[0]["crv"], &keys[0]["alg"], &keys[0]["use"]),
            (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"), &json!("sig"))
        );
        let id = user(&app, "ada", json!({})).await;
        let granted = login(&app, "ada", PASSWORD).await.expect(200);
        assert_eq!(verified_by_a_stranger(&app, granted["access_token"].as_str().unwrap()).await["sub"], id);
        let made = of_connection(&app, json!({})).await;
        assert_eq!(verified_by_a_stranger(&app, &token(&app, &made).await).await["client_id"], made.client_id);
    }

    /// RFC 8414 §2 and §3.2.
    async fn the_server_says_what_it_does(app: TestApp) {
        let answer = well_known(&app, "oauth-authorization-server").await;
        assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
        let (root, algorithms) = (root(&app), json!(["EdDSA", "ES256", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]));
        let proofs = json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]);
        assert_eq!(answer.expect(200), json!({
            "issuer": root,
            "token_endpoint": format!("{root}/oauth/token"),
            "introspection_endpoint": format!("{root}/auth/introspect"),
            "jwks_uri": format!("{root}/.well-known/jwks.json"),
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": ["scim.read", "scim.write"],
            "token_endpoint_auth_methods_supported": proofs,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint_auth_methods_supported": proofs,
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        }));
        let missing = well_known(&app, "openid-configuration").await;
        assert_eq!(missing.refusal().0, 404);
    }
}

/// Another process of the same instance, which rotates its keys.
async fn elsewhere(app: &TestApp, clock: &Clock) -> Signer {
    let settings = SignerSettings {
        lifetime: std::time::Duration::from_secs(600),
        ..SignerSettings::new(root(app), &*app.admin.base_url)
    };
    Signer::open(app.provisioning.storage.clone(), app.secret_key.clone(), clock.clone(), settings)
        .await
        .unwrap()
}

/// Tokens that were signed before a rotation go on verifying for their lifetime: here, and by the published keys. The server
/// signs with the new key a minute later at the latest.
async fn keys_are_rotated_with_overlap(backend: Backend) {
    let (app, clock) = with_clock(backend).await;
    let made = of_connection(&app, json!({})).await;
    let (old, first) = (token(&app, &made).await, kids(&app).await);
    let second = elsewhere(&app, &clock).await.rotate().await.unwrap().to_string();
    assert_eq!(kids(&app).await, first);
    clock.set(Timestamp(START.0 + MINUTE));
    let new = token(&app, &made).await;
    assert_eq!(decode_header(&new).unwrap().kid.unwrap(), second);
    assert_eq!(kids(&app).await, [second.clone(), first[0].clone()]);
    for text in [&old, &new] {
        assert_eq!(doors(&app, text).0.get("/Users").await.status, 200);
        verified_by_a_stranger(&app, text).await;
    }
    clock.set(Timestamp(START.0 + 10 * MINUTE + 59_999));
    assert_eq!(doors(&app, &old).0.get("/Users").await.status, 200);
    clock.set(Timestamp(START.0 + 11 * MINUTE));
    assert_eq!(doors(&app, &old).0.get("/Users").await.status, 401);
    assert_eq!(doors(&app, &new).0.get("/Users").await.status, 200);
    clock.set(Timestamp(START.0 + 13 * MINUTE));
    assert_eq!(kids(&app).await, [second]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_with_overlap_on_sqlite() {
    keys_are_rotated_with_overlap(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated_with_overlap_on_postgres() {
    keys_are_rotated_with_overlap(Backend::Postgres).await;
}

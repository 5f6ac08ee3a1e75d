//! Access tokens: signed, verified, and their keys rotated.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use provost::auth::SecretKey;
use provost::auth::signer::{Claims, Grant, Signer, SignerError, SignerSettings};
use provost::model::change::{ChangeSet, SettingsChange};
use provost::model::{Clock, SessionId, SigningKey, SigningKeyId, TenantId, Timestamp, UserId};
use provost::storage::{StorageError, Taken};
use serde_json::{Value, json};

use crate::support::{TestApp, on_both};

/// In the middle of a second.
const START: Timestamp = Timestamp(1_767_225_600_500);
const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;

fn secret() -> SecretKey {
    SecretKey::new([7; 32])
}

fn settings() -> SignerSettings {
    SignerSettings::new("https://id.example.com", "provost")
}

fn after(milliseconds: i64) -> Timestamp {
    Timestamp(START.0 + milliseconds)
}

async fn open(app: &TestApp, clock: &Clock, settings: SignerSettings) -> Signer {
    Signer::open(app.provisioning.storage.clone(), secret(), clock.clone(), settings).await.unwrap()
}

/// The server has made a key already, with a secret of its own.
async fn without_keys(app: &TestApp) {
    app.texts("DELETE FROM signing_keys RETURNING algorithm").await;
}

fn grant() -> Grant {
    let mut custom = serde_json::Map::new();
    custom.insert("department".to_owned(), json!("R&D"));
    custom.insert("cost_centers".to_owned(), json!(["a", "b"]));
    Grant {
        tenant_id: TenantId::generate(),
        user_id: UserId::generate(),
        session_id: Some(SessionId::generate()),
        roles: vec!["manager".to_owned()],
        permissions: vec!["users.read".to_owned(), "users.create".to_owned()],
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        auth_time: after(-5 * MINUTE),
        custom,
    }
}

/// The name of what a token is refused for.
async fn refusal(signer: &Signer, token: &str) -> String {
    let refused = format!("{:?}", signer.verify(token).await.unwrap_err());
    refused.split('(').next().unwrap_or_default().to_owned()
}

/// The JSON in a part of a token.
fn part(token: &str, position: usize) -> Value {
    let part = token.split('.').nth(position).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The token with another header or other claims.
fn with_part(token: &str, position: usize, change: impl FnOnce(&mut Value)) -> String {
    let mut value = part(token, position);
    change(&mut value);
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[position] = URL_SAFE_NO_PAD.encode(value.to_string());
    parts.join(".")
}

async fn kids(signer: &Signer) -> Vec<String> {
    let jwks = signer.jwks().await.unwrap();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

on_both! {
    /// What a token says is what was granted, with the issuer's own; in the names of the standards.
    async fn a_token_says_what_was_granted(app: TestApp) {
        without_keys(&app).await;
        let clock = Clock::manual(START);
        let signer = open(&app, &clock, settings()).await;
        let grant = grant();
        let token = signer.issue(grant.clone()).await.unwrap();
        assert_eq!(
            part(&token.text, 1),
            json!({
                "iss": "https://id.example.com",
                "sub": grant.user_id.to_string(),
                "aud": "provost",
                "exp": 1_767_225_600 + 10 * 60,
                "iat": 1_767_225_600,
                "jti": token.claims.jti.to_string(),
                "sid": grant.session_id.unwrap().to_string(),
                "tenant_id": grant.tenant_id.to_string(),
                "roles": ["manager"],
                "permissions": ["users.read", "users.create"],
                "amr": ["pwd", "otp"],
                "auth_time": 1_767_225_300,
                "department": "R&D",
                "cost_centers": ["a", "b"],
            })
        );
        assert_eq!(part(&token.text, 0), json!({ "typ": "JWT", "alg": "EdDSA", "kid": kids(&signer).await[0] }));
        assert_eq!(signer.verify(&token.text).await.unwrap(), token.claims);
        assert_ne!(signer.issue(grant).await.unwrap().claims.jti, token.claims.jti);
        assert!(!format!("{token:?}").contains(token.text.split('.').nth(2).unwrap()));
    }

    /// A JWK Set verifies the tokens in hands other than ours (RFC 7517, RFC 8037).
    async fn the_public_keys_verify_the_tokens(app: TestApp) {
        without_keys(&app).await;
        let signer = open(&app, &Clock::manual(START), settings()).await;
        let token = signer.issue(grant()).await.unwrap();
        let jwks = signer.jwks().await.unwrap();
        let key = &jwks["keys"][0];
        let names: Vec<&String> = key.as_object().unwrap().keys().collect();
        assert_eq!(names, ["kty", "crv", "x", "kid", "alg", "use"]);
        assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
        let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(jwks).unwrap();
        let public = jsonwebtoken::DecodingKey::from_jwk(set.find(&kid(&token.text)).unwrap()).unwrap();
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.set_audience(&["provost"]);
        let verified = jsonwebtoken::decode::<Claims>(&token.text, &public, &validation).unwrap();
        assert_eq!(verified.claims, token.claims);
    }

    /// Lifetime and leeway, to the millisecond, by the clock that was handed in.
    async fn a_token_ends_a_minute_after_its_time(app: TestApp) {
        without_keys(&app).await;
        let clock = Clock::manual(START);
        let signer = open(&app, &clock, settings()).await;
        let token = signer.issue(grant()).await.unwrap().text;
        let end = Timestamp(1_767_225_600_000 + 11 * MINUTE);
        clock.set(Timestamp(end.0 - 1));
        assert!(signer.verify(&token).await.is_ok());
        clock.set(end);
        assert_eq!(refusal(&signer, &token).await, "Expired");
        // A server whose clock is a minute behind.
        clock.set(Timestamp(1_767_225_600_000 - MINUTE));
        assert!(signer.verify(&token).await.is_ok());
        clock.set(Timestamp(1_767_225_600_000 - MINUTE - 1));
        assert_eq!(refusal(&signer, &token).await, "NotYetValid");

        clock.set(START);
        let brief = open(&app, &clock, SignerSettings { lifetime: Duration::from_secs(30), ..settings() }).await;
        let token = brief.issue(grant()).await.unwrap();
        assert_eq!(token.claims.exp - token.claims.iat, 30);
    }

    /// Nothing of a token can be changed, and no token of somebody else's is believed.
    async fn what_is_not_ours_is_refused(app: TestApp) {
        without_keys(&app).await;
        let clock = Clock::manual(START);
        let signer = open(&app, &clock, settings()).await;
        let token = signer.issue(grant()).await.unwrap().text;
        let unsigned = token.rsplit_once('.').unwrap().0.to_owned();
        let others = open(&app, &clock, SignerSettings::new("https://id.example.com", "another")).await;
        let theirs = open(&app, &clock, SignerSettings::new("https://evil.example.com", "provost")).await;
        // Signed with the public key as if it were a secret: the oldest trick.
        let confused = {
            let jwks = signer.jwks().await.unwrap();
            let public = URL_SAFE_NO_PAD.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
            let header = jsonwebtoken::Header { kid: Some(kid(&token)), ..Default::default() };
            let key = jsonwebtoken::EncodingKey::from_secret(&public);
            jsonwebtoken::encode(&header, &part(&token, 1), &key).unwrap()
        };
        for (token, refused) in [
            (with_part(&token, 1, |claims| claims["roles"] = json!(["owner"])), "Signature"),
            (with_part(&token, 1, |claims| claims["exp"] = json!(4_000_000_000_i64)), "Signature"),
            (with_part(&token, 0, |header| header["typ"] = json!("at+jwt")), "Signature"),
            (with_part(&token, 0, |header| header["kid"] = json!(SigningKeyId::generate())), "UnknownKey"),
            (with_part(&token, 0, |header| header["kid"] = json!("../key")), "UnknownKey"),
            (with_part(&token, 0, |header| header["kid"] = Value::Null), "UnknownKey"),
            (with_part(&token, 0, |header| header["alg"] = json!("HS256")), "Algorithm"),
            (with_part(&token, 0, |header| header["alg"] = json!("ES256")), "Algorithm"),
            (with_part(&token, 0, |header| header["alg"] = json!("none")), "Malformed"),
            (confused, "Algorithm"),
            (format!("{unsigned}."), "Signature"),
            (unsigned, "Malformed"),
            (format!("{token}A"), "Signature"),
            (format!("{token}.x"), "Malformed"),
            (String::new(), "Malformed"),
            ("..".to_owned(), "Malformed"),
            ("x".repeat(100_000), "Malformed"),
            (others.issue(grant()).await.unwrap().text, "Audience"),
            (theirs.issue(grant()).await.unwrap().text, "Issuer"),
        ] {
            assert_eq!(refusal(&signer, &token).await, refused, "{token}");
        }
        assert!(signer.verify(&token).await.is_ok());
    }

    /// Custom claims cannot speak for the server, nor make a token that no server would take.
    async fn custom_claims_have_names_of_their_own(app: TestApp) {
        without_keys(&app).await;
        let signer = open(&app, &Clock::manual(START), settings()).await;
        for name in ["sub", "tenant_id", "permissions", "exp", "scope", "cnf"] {
            let mut grant = grant();
            grant.custom.insert(name.to_owned(), json!("x"));
            let refused = signer.issue(grant).await.unwrap_err();
            assert_eq!(
                refused.to_string(),
                format!("The claim '{name}' has a meaning of its own and cannot be a custom claim.")
            );
        }
        let mut large = grant();
        large.custom.insert("biography".to_owned(), json!("x".repeat(8 * 1024)));
        assert!(matches!(signer.issue(large).await.unwrap_err(), SignerError::TooLarge(_)));
    }

    /// Servers that start together on an empty database use one key.
    async fn servers_that_start_together_share_a_key(app: TestApp) {
        without_keys(&app).await;
        let clock = Clock::manual(START);
        let signers = join_all((0..8).map(|_| open(&app, &clock, settings()))).await;
        let token = signers[0].issue(grant()).await.unwrap();
        for signer in &signers {
            assert_eq!(kids(signer).await, [kid(&token.text)]);
            assert_eq!(signer.verify(&token.text).await.unwrap(), token.claims);
        }
        let again = open(&app, &clock, settings()).await;
        assert_eq!(kids(&again).await, [kid(&token.text)]);
    }

    /// After a rotation the new key signs, and the old one verifies for as long as a token of its may live, no longer.
    async fn a_rotated_key_verifies_what_it_signed(app: TestApp) {
        without_keys(&app).await;
        let clock = Clock::manual(START);
        let signer = open(&app, &clock, settings()).await;
        let old = signer.issue(grant()).await.unwrap();
        // The same keys, but tokens that outlive them.
        let patient = open(&app, &clock, SignerSettings { lifetime: Duration::from_secs(3600), ..settings() }).await;
        let lasting = patient.issue(grant()).await.unwrap();

        let id = signer.rotate().await.unwrap();
        let new = signer.issue(grant()).await.unwrap();
        assert_eq!(kid(&new.text), id.to_string());
        assert_eq!(kids(&signer).await, [kid(&new.text), kid(&old.text)]);
        for token in [&old, &new, &lasting] {
            assert_eq!(&signer.verify(&token.text).await.unwrap(), &token.claims);
        }
        // The lifetime, the minute for which another server may not have known, and the leeway.
        let end = after(12 * MINUTE);
        clock.set(Timestamp(end.0 - 1));
        assert_eq!(signer.verify(&lasting.text).await.unwrap(), lasting.claims);
        assert_eq!(kids(&signer).await.len(), 2);
        clock.set(end);
        assert_eq!(refusal(&signer, &lasting.text).await, "UnknownKey");
        assert_eq!(kids(&signer).await, [kid(&new.text)]);
        assert_eq!(kids(&open(&app, &clock, settings()).await).await, [kid(&new.text)]);
    }

    /// Of servers that rotate together one makes the new key.
    async fn servers_that_rotate_together_agree(app: TestApp) {
        without_keys(&app).await;
        let clock = Clock::manual(START);
        let signers = join_all((0..4).map(|_| open(&app, &clock, settings()))).await;
        for signer in &signers {
            assert_eq!(kids(signer).await.len(), 1);
        }
        for rotated in join_all(signers.iter().map(Signer::rotate)).await {
            rotated.unwrap();
        }
        // Those that came after the others had written rotated once more; none took the place of one unseen.
        clock.set(after(MINUTE));
        let now = kids(&signers[0]).await;
        for signer in &signers {
            assert_eq!(kids(signer).await, now);
            assert_eq!(kid(&signer.issue(grant()).await.unwrap().text), now[0]);
        }
        assert_eq!(app.texts("SELECT algorithm FROM signing_keys WHERE retired_at IS NULL").await, ["EdDSA"]);
    }

    /// A server learns of a key when it meets it, asking once a second at the most, and within a minute in any case.
    async fn other_servers_learn_of_a_new_key(app: TestApp) {
        without_keys(&app).await;
        let clock = Clock::manual(START);
        let (here, there) = (open(&app, &clock, settings()).await, open(&app, &clock, settings()).await);
        here.rotate().await.unwrap();
        let token = here.issue(grant()).await.unwrap();
        // There the keys were read this very second.
        assert_eq!(refusal(&there, &token.text).await, "UnknownKey");
        clock.set(after(SECOND - 1));
        assert_eq!(refusal(&there, &token.text).await, "UnknownKey");
        clock.set(after(SECOND));
        assert_eq!(there.verify(&token.text).await.unwrap(), token.claims);
        assert_eq!(kid(&there.issue(grant()).await.unwrap().text), kid(&token.text));

        here.rotate().await.unwrap();
        let newer = kid(&here.issue(grant()).await.unwrap().text);
        assert_ne!(kid(&there.issue(grant()).await.unwrap().text), newer);
        clock.set(after(SECOND + MINUTE));
        assert_eq!(kid(&there.issue(grant()).await.unwrap().text), newer);
    }

    /// The private key is nowhere in the database, and no key that came there without the secret key is believed.
    async fn keys_hang_on_the_secret_key(app: TestApp) {
        without_keys(&app).await;
        let clock = Clock::manual(START);
        let signer = open(&app, &clock, settings()).await;
        let storage = &app.provisioning.storage;
        let stored = storage.list_signing_keys(START).await.unwrap();
        let [key] = &*stored else { panic!("{stored:?}") };
        assert_eq!(key.public_key.len(), 32);
        assert_eq!(key.private_key.len(), 24 + 32 + 16);

        let other = SecretKey::new([8; 32]);
        let refused = Signer::open(storage.clone(), other, clock.clone(), settings()).await.unwrap_err();
        assert!(matches!(refused, SignerError::SecretKey(_)), "{refused}");

        // A retired key, as somebody would put it there who can write to the database alone.
        let forged = SigningKey { id: SigningKeyId::generate(), algorithm: "forged".to_owned(), ..key.clone() };
        let mut changes = ChangeSet::new(TenantId::INSTANCE);
        changes.settings.push(SettingsChange::InsertSigningKey(Box::new(forged.clone())));
        changes.settings.push(SettingsChange::RetireSigningKey { id: forged.id, at: after(SECOND) });
        storage.commit(changes).await.unwrap();
        let renamed = "UPDATE signing_keys SET algorithm = 'EdDSA' WHERE algorithm = 'forged' RETURNING algorithm";
        assert_eq!(app.texts(renamed).await, ["EdDSA"]);
        clock.set(after(2 * SECOND));
        let token = signer.issue(grant()).await.unwrap().text;
        let forged = with_part(&token, 0, |header| header["kid"] = json!(forged.id));
        assert_eq!(refusal(&signer, &forged).await, "UnknownKey");
        assert!(signer.verify(&token).await.is_ok());
    }

    /// The database itself sees to it that one key signs.
    async fn one_key_signs_at_a_time(app: TestApp) {
        without_keys(&app).await;
        open(&app, &Clock::manual(START), settings()).await;
        let storage = &app.provisioning.storage;
        let first = storage.list_signing_keys(START).await.unwrap().remove(0);
        let second = SigningKey { id: SigningKeyId::generate(), created_at: after(1), ..first.clone() };
        let insert = SettingsChange::InsertSigningKey(Box::new(second.clone()));
        let write = async |settings| {
            let mut changes = ChangeSet::new(TenantId::INSTANCE);
            changes.settings = settings;
            storage.commit(changes).await
        };
        assert_eq!(write(vec![insert.clone()]).await, Err(StorageError::Taken(Taken::SigningKey)));
        let retire = |at| SettingsChange::RetireSigningKey { id: first.id, at };
        write(vec![retire(after(1)), insert]).await.unwrap();
        // A key is retired once.
        write(vec![retire(after(2))]).await.unwrap();
        let retired = SigningKey { retired_at: Some(after(1)), ..first };
        assert_eq!(storage.list_signing_keys(START).await.unwrap(), [second.clone(), retired]);
        assert_eq!(storage.list_signing_keys(after(1)).await.unwrap(), [second]);
    }
}

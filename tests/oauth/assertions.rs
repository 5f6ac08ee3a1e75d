//! `private_key_jwt`: assertions that clients sign (RFC 7523 §3), each good once, everywhere.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use provost::model::Timestamp;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use serde_json::{Value, json};

use super::{Made, SECOND, START, audit, doors, form, of_connection, refusal, with_clock};
use crate::auth_http::root;
use crate::support::{Answer, Backend, TestApp, on_both};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const RSA_MODULUS: &str = concat!(
    "mkqKCa4_s7mRRM-xT3QgDIkuZ6uUqgJyn9bflqe0BqcnW4TrUnxi99O1wd5SSDtqHMnizYtrjJlAS_oRp4emReKOyrEJIn7btuhz",
    "8aPxvFZEwFjs3NeG7DjqCUCQxeU1VVnTQwS4PbPMFH2E9oxVyw3EfehThgX6wHDmMxg-TFILxcPjawyLHpR7rxt9Y4BV025ljbOx",
    "tfnZLuBYkDk9G45ZrK4Cbk9O3oQ7QNauLploGXRb17kQqjexJUTGY7EJRzgpHsIeAII62DkLz5z9ZHRTOoF5rTMhdQesqHBnFNNj",
    "GsajtipsFr8c-q3A3CC12O1nJMM53Mkk-iK8hUqdRw",
);

/// A key pair of a client's.
struct Pair {
    algorithm: Algorithm,
    signing: EncodingKey,
    public: Value,
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn ed25519(kid: &str) -> Pair {
    let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let public = json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": base64(pair.public_key_raw()) });
    Pair { algorithm: Algorithm::EdDSA, signing: EncodingKey::from_ed_der(&pair.serialize_der()), public }
}

fn p256(kid: &str) -> Pair {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let point = pair.public_key_raw();
    let (x, y) = (base64(&point[1..33]), base64(&point[33..65]));
    let public = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y });
    Pair { algorithm: Algorithm::ES256, signing: EncodingKey::from_ec_der(&pair.serialize_der()), public }
}

/// A key of RSA with 2048 bits, which takes too long to be made for each test; it is used for nothing else.
fn rsa(kid: &str, algorithm: Algorithm) -> Pair {
    use base64::Engine as _;
    let text: String = include_str!("rsa_key.txt").split_whitespace().collect();
    let der = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let public = json!({ "kty": "RSA", "kid": kid, "n": RSA_MODULUS, "e": "AQAB" });
    Pair { algorithm, signing: EncodingKey::from_rsa_der(&der), public }
}

/// What an assertion says that is right.
fn claims(app: &TestApp, made: &Made) -> Value {
    let now = app.provisioning.clock.now().0 / SECOND;
    json!({
        "iss": made.client_id, "sub": made.client_id, "aud": format!("{}/oauth/token", root(app)),
        "iat": now, "exp": now + 60, "jti": provost::model::random::uuid_v7(),
    })
}

fn signed(pair: &Pair, claims: &Value) -> String {
    let kid = pair.public["kid"].as_str().map(str::to_owned);
    jsonwebtoken::encode(&Header { kid, ..Header::new(pair.algorithm) }, claims, &pair.signing).unwrap()
}

async fn show(app: &TestApp, assertion: &str) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    Answer::of(form(app, "/oauth/token", &fields)).await
}

/// The reasons for which clients were not believed.
async fn reasons(app: &TestApp) -> Vec<String> {
    let events = audit(app).await;
    let told = events.iter().filter_map(|event| event.strip_prefix("client.rejected client {\"reason\":\""));
    told.map(|reason| reason.trim_end_matches("\"}").to_owned()).collect()
}

/// The claims with these in place of what is right.
fn with(claims: &Value, more: Value) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

on_both! {
    /// RSA signs in two ways with three digests (RFC 7518 §3.3, §3.5); another key's signature is none.
    async fn rsa_signs_in_its_ways(app: TestApp) {
        let made = of_connection(&app, json!({ "jwks": { "keys": [rsa("one", Algorithm::RS256).public] } })).await;
        let right = claims(&app, &made);
        for algorithm in [
            Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512,
        ] {
            let claims = with(&right, json!({ "jti": format!("{algorithm:?}") }));
            let text = signed(&rsa("one", algorithm), &claims);
            let body = show(&app, &text).await.expect(200);
            doors(&app, body["access_token"].as_str().unwrap()).0.get("/Users").await.expect(200);
            let (head, signature) = text.rsplit_once('.').unwrap();
            let turned: String = signature.chars().rev().collect();
            assert_eq!(show(&app, &format!("{head}.{turned}")).await.status, 401, "{algorithm:?}");
        }
        let forged = Pair { public: rsa("one", Algorithm::RS256).public, ..ed25519("one") };
        assert_eq!(show(&app, &signed(&forged, &right)).await.status, 401);
    }

    /// Whoever signs with one of the client's keys has a token of it, for the issuer as audience or for the endpoint.
    async fn a_signed_assertion_is_believed(app: TestApp) {
        let (one, two) = (ed25519("one"), p256("two"));
        let made = of_connection(&app, json!({ "jwks": { "keys": [one.public, two.public] } })).await;
        let right = claims(&app, &made);
        for (pair, more) in [
            (&one, json!({})),
            (&two, json!({ "jti": "b", "aud": root(&app) })),
            (&two, json!({ "jti": "c", "aud": ["https://other.example.com", root(&app)] })),
            (&one, json!({ "jti": "d", "nbf": right["iat"], "more": true })),
        ] {
            let body = show(&app, &signed(pair, &with(&right, more))).await.expect(200);
            let (scim, _) = doors(&app, body["access_token"].as_str().unwrap());
            assert_eq!(scim.get("/Users").await.status, 200);
        }
        // The only key needs no name.
        let alone = ed25519("alone");
        let mut nameless = alone.public.clone();
        nameless.as_object_mut().unwrap().shift_remove("kid");
        let made = of_connection(&app, json!({ "jwks": nameless })).await;
        show(&app, &signed(&alone, &claims(&app, &made))).await.expect(200);
        let named = [
            ("grant_type", "client_credentials"), ("client_assertion_type", JWT_BEARER), ("client_id", &*made.client_id),
            ("client_assertion", &*signed(&alone, &claims(&app, &made))),
        ];
        Answer::of(form(&app, "/oauth/token", &named)).await.expect(200);
    }

    /// An assertion is good once, and of several that are shown at the same moment one is; another server knows of it.
    async fn an_assertion_is_good_once(app: TestApp) {
        let pair = ed25519("one");
        let made = of_connection(&app, json!({ "jwks": pair.public })).await;
        let text = signed(&pair, &claims(&app, &made));
        let shown = futures_util::future::join_all((0..4).map(|_| show(&app, &text))).await;
        let mut statuses: Vec<u16> = shown.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401, 401, 401]);
        assert_eq!(refusal(&show(&app, &text).await), (401, "invalid_client"));
        assert_eq!(reasons(&app).await, ["assertion_replayed"; 4]);
        let beside = app.server_beside().await;
        let elsewhere = beside.client.base_url.trim_end_matches("/scim/v2").to_owned();
        let again = with(&claims(&app, &made), json!({ "aud": elsewhere, "jti": "shared" }));
        let at = async |root: &str| {
            let url = format!("{root}/oauth/token");
            let fields = [("grant_type", "client_credentials"), ("client_assertion_type", JWT_BEARER), ("client_assertion", &*signed(&pair, &again))];
            let request = reqwest::Client::new().post(url).header("content-type", "application/x-www-form-urlencoded");
            Answer::of(request.body(crate::support::percent_encoded(&fields))).await
        };
        at(&elsewhere).await.expect(200);
        let here = with(&again, json!({ "aud": root(&app) }));
        assert_eq!(refusal(&show(&app, &signed(&pair, &here)).await), (401, "invalid_client"));
        // Another client may call its own alike.
        let other = of_connection(&app, json!({ "jwks": pair.public })).await;
        let alike = with(&claims(&app, &other), json!({ "jti": "shared" }));
        show(&app, &signed(&pair, &alike)).await.expect(200);
    }

    /// What is not signed by the client, is for somebody else, or is about somebody else.
    async fn what_is_not_the_clients_is_refused(app: TestApp) {
        let (pair, stranger) = (ed25519("one"), ed25519("one"));
        let made = of_connection(&app, json!({ "jwks": pair.public })).await;
        let other = of_connection(&app, json!({})).await;
        let right = claims(&app, &made);
        let by = |pair: &Pair, more: Value| signed(pair, &with(&right, more));
        let mut forged: Vec<String> = by(&pair, json!({})).split('.').map(str::to_owned).collect();
        forged[1] = base64(with(&right, json!({ "jti": "x" })).to_string().as_bytes());
        let none = format!("{}.{}.", base64(br#"{"alg":"none"}"#), base64(right.to_string().as_bytes()));
        let symmetric = Pair {
            algorithm: Algorithm::HS256,
            signing: EncodingKey::from_secret(pair.public["x"].as_str().unwrap().as_bytes()),
            public: pair.public.clone(),
        };
        for (text, reason) in [
            (by(&stranger, json!({})), Some("assertion_signature")),
            (by(&p256("one"), json!({})), Some("assertion_signature")),
            (by(&Pair { public: json!({ "kid": "two" }), ..ed25519("two") }, json!({})), Some("assertion_signature")),
            (forged.join("."), Some("assertion_signature")),
            (by(&symmetric, json!({})), Some("assertion_signature")),
            (none, None),
            (by(&pair, json!({ "aud": "https://example.com" })), Some("assertion_audience")),
            (by(&pair, json!({ "aud": format!("{}/", root(&app)) })), Some("assertion_audience")),
            (by(&pair, json!({ "iss": other.client_id })), Some("assertion_subject")),
            (by(&pair, json!({ "sub": other.client_id, "iss": other.client_id })), Some("assertion_signature")),
            (by(&pair, json!({ "jti": null })), None),
            (by(&pair, json!({ "jti": "" })), None),
            (by(&pair, json!({ "exp": null })), None),
            (by(&pair, json!({ "exp": 1e300 })), Some("assertion_malformed")),
        ] {
            let before = reasons(&app).await.len();
            assert_eq!(refusal(&show(&app, &text).await), (401, "invalid_client"), "{reason:?}");
            let told: Vec<String> = reasons(&app).await.split_off(before);
            assert_eq!(told, reason.into_iter().map(str::to_owned).collect::<Vec<_>>());
        }
        assert_eq!(app.texts("SELECT jti_hash IS NULL || '' FROM client_assertions").await.len(), 0);
        show(&app, &by(&pair, json!({}))).await.expect(200);
    }
}

/// The times that an assertion names, with a minute's leeway, and an hour's life at the most; what has expired is forgotten.
async fn an_assertion_has_its_time(backend: Backend) {
    let (app, clock) = with_clock(backend).await;
    let pair = ed25519("one");
    let made = of_connection(&app, json!({ "jwks": pair.public })).await;
    let start = START.0 / SECOND;
    for (times, expected) in [
        (json!({ "exp": start - 59 }), None),
        (json!({ "exp": start - 60 }), Some("assertion_expired")),
        (json!({ "exp": start + 3660 }), None),
        (json!({ "exp": start + 3661 }), Some("assertion_lives_too_long")),
        (json!({ "exp": start as f64 + 0.5 }), None),
        (json!({ "iat": start + 60 }), None),
        (json!({ "iat": start + 61 }), Some("assertion_not_yet_valid")),
        (json!({ "nbf": start + 60 }), None),
        (json!({ "nbf": start + 61 }), Some("assertion_not_yet_valid")),
    ] {
        let before = reasons(&app).await.len();
        let status = show(&app, &signed(&pair, &with(&claims(&app, &made), times.clone()))).await.status;
        let told = reasons(&app).await.split_off(before);
        assert_eq!(
            (status, told.first().map(|reason| &**reason)),
            (if expected.is_none() { 200 } else { 401 }, expected),
            "{times}"
        );
    }
    let kept = async || app.texts("SELECT 'x' FROM client_assertions").await.len();
    // The clock stands still: none of those that were believed has expired.
    assert_eq!(kept().await, 5);
    clock.set(Timestamp(START.0 + 2 * 3600 * SECOND));
    show(&app, &signed(&pair, &claims(&app, &made))).await.expect(200);
    assert_eq!(kept().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assertion_has_its_time_on_sqlite() {
    an_assertion_has_its_time(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assertion_has_its_time_on_postgres() {
    an_assertion_has_its_time(Backend::Postgres).await;
}

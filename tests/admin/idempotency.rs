//! `Idempotency-Key` on `POST /v1/users`.

use provost::model::{Clock, Timestamp};
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Client, TestApp, on_both, unbounded};

const HOUR: i64 = 3_600_000;

async fn create(client: &Client, key: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, "/users").header("content-type", "application/json");
    Answer::of(request.header("Idempotency-Key", key).body(body.to_string())).await
}

fn federated(name: &str) -> Value {
    json!({ "user_name": name, "auth_provider": "oidc" })
}

fn replayed(answer: &Answer) -> Option<&str> {
    answer.header("idempotency-replayed")
}

on_both! {
    /// Sent again, a request is answered with the user that it made, as it is now.
    async fn a_request_is_fulfilled_once(app: TestApp) {
        let body = json!({ "user_name": "ada", "name": "Ada King", "password": "seventeen purple llamas" });
        let first = create(&app.admin, "key-1", &body).await;
        assert_eq!(replayed(&first), None);
        let location = first.header("location").map(str::to_owned);
        let user = first.expect(201);

        let same = json!({ "password": "seventeen purple llamas", "name": "Ada King", "user_name": "ada" });
        for body in [&body, &same] {
            let again = create(&app.admin, "key-1", body).await;
            assert_eq!((replayed(&again), again.header("location").map(str::to_owned)), (Some("true"), location.clone()));
            assert_eq!(again.expect(201), user);
        }
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let changed = app.admin.patch(&path, &json!({ "display_name": "Ada" })).await.expect(200);
        let again = create(&app.admin, "key-1", &body).await;
        assert_eq!(again.header("etag"), Some("W/\"2\""));
        assert_eq!(again.expect(201), changed);
        assert_eq!(app.audit().await.iter().filter(|event| event.starts_with("user.created")).count(), 1);

        let unkeyed = app.admin.post("/users", &body).await;
        assert_eq!((unkeyed.refusal().0, unkeyed.refusal().1), (409, "user_exists"));
    }

    /// A key stands for one request of one caller.
    async fn a_key_stands_for_one_request(app: TestApp) {
        create(&app.admin, "key-1", &federated("ada")).await.expect(201);
        let mut other = federated("ada");
        other["display_name"] = json!("Ada");
        for body in [other, federated("bob")] {
            let refused = create(&app.admin, "key-1", &body).await;
            assert_eq!((refused.refusal().0, refused.refusal().1), (422, "idempotency_key_reused"));
        }
        let key = app.directory.create_operator_key(app.tenant.id, unbounded("another")).await.unwrap();
        let another = Client::new(&app.admin.base_url, key.text.expose());
        let made = create(&another, "key-1", &federated("bob")).await;
        assert_eq!((made.status, replayed(&made)), (201, None));
        let elsewhere = app.other_admin("other").await;
        let made = create(&elsewhere, "key-1", &federated("ada")).await;
        assert_eq!((made.status, replayed(&made)), (201, None));
    }

    /// A request that was refused used nothing: once it is right the key is good.
    async fn a_refused_request_uses_no_key(app: TestApp) {
        app.client.user("taken").await;
        for (body, status) in [
            (json!({ "user_name": "ada", "auth_provider": "oidc", "roles": ["nobody"] }), 422),
            (json!({ "user_name": "ada", "auth_provider": "carrier pigeon" }), 400),
            (federated("taken"), 409),
        ] {
            assert_eq!(create(&app.admin, "key-1", &body).await.refusal().0, status);
        }
        assert_eq!(create(&app.admin, "key-1", &federated("ada")).await.status, 201);
    }

    /// Keys are 1 to 255 visible ASCII characters.
    async fn keys_have_a_form(app: TestApp) {
        let longest = "k".repeat(255);
        let too_long = "k".repeat(256);
        for (name, key) in [("a", &*longest), ("b", "!"), ("c", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"")] {
            assert_eq!(create(&app.admin, key, &federated(name)).await.status, 201, "{key}");
        }
        for key in ["".as_bytes(), too_long.as_bytes(), b"two words", "schl\u{fc}ssel".as_bytes(), b"tab\tbed"] {
            let request = app.admin.request(Method::POST, "/users").header("content-type", "application/json");
            let key = HeaderValue::from_bytes(key).unwrap();
            let answer = Answer::of(request.header("Idempotency-Key", key).body(federated("z").to_string())).await;
            assert_eq!(answer.refusal().0, 400);
        }
        let request = app.admin.request(Method::POST, "/users").header("content-type", "application/json");
        let two = request.header("Idempotency-Key", "one").header("Idempotency-Key", "two");
        let refused = Answer::of(two.body(federated("z").to_string())).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (400, "invalid_idempotency_key"));
        assert_eq!(app.admin.query("/users", &[("user_name", "z")]).await.expect(200)["users"], json!([]));
    }

    /// Of many requests with one key that arrive together one makes a user; the others are told of it.
    async fn together_they_make_one(app: TestApp) {
        let requests: Vec<_> = (0..8).map(|_| {
            let client = app.admin.clone();
            tokio::spawn(async move { create(&client, "key-1", &federated("ada")).await })
        }).collect();
        let (mut made, mut ids) = (0, Vec::new());
        for request in requests {
            let answer = request.await.unwrap();
            if answer.status == 409 {
                assert_eq!(answer.refusal().1, "in_progress");
                continue;
            }
            made += usize::from(replayed(&answer).is_none());
            ids.push(answer.created());
        }
        ids.dedup();
        assert_eq!((made, ids.len()), (1, 1));
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 1);
    }

    /// Of requests with one key and bodies of their own one is fulfilled.
    async fn one_key_makes_one_of_several(app: TestApp) {
        let requests: Vec<_> = (0..8).map(|number| {
            let client = app.admin.clone();
            tokio::spawn(async move { create(&client, "key-1", &federated(&format!("user {number}"))).await.status })
        }).collect();
        let mut answers = Vec::new();
        for request in requests {
            answers.push(request.await.unwrap());
        }
        answers.sort_unstable();
        assert_eq!(answers, [201, 422, 422, 422, 422, 422, 422, 422]);
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 1);
    }
}

/// A key counts for 24 hours, even where its user was deleted; then it is forgotten, whether it was purged or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_counts_for_a_day() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let start = Timestamp(1_800_000_000_000);
        let clock = Clock::manual(start);
        let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
        let id = create(&app.admin, "key-1", &federated("ada")).await.created();
        create(&app.admin, "key-2", &federated("bob")).await.created();
        clock.set(Timestamp(start.0 + 24 * HOUR));
        let again = create(&app.admin, "key-1", &federated("ada")).await;
        assert_eq!(
            (again.status, replayed(&again), again.body["id"].as_str()),
            (201, Some("true"), Some(&*id))
        );
        app.admin.delete(&format!("/users/{id}")).await.expect(204);
        let deleted = create(&app.admin, "key-1", &federated("ada")).await;
        assert_eq!((deleted.refusal().0, deleted.refusal().1), (409, "user_deleted"));

        let later = Timestamp(start.0 + 24 * HOUR + 1);
        clock.set(later);
        let anew = create(&app.admin, "key-1", &federated("ada")).await;
        assert_eq!(replayed(&anew), None);
        assert_ne!(anew.created(), id);
        let count = "SELECT 'key' FROM idempotency_keys";
        assert_eq!(app.texts(count).await.len(), 2);
        app.directory.purge_deleted_users(later).await.unwrap();
        assert_eq!(app.texts(count).await.len(), 1);
    }
}

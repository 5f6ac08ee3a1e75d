//! OAuth 2.0: `/oauth/token`, `/auth/introspect`, `/.well-known`, and the clients that administrators make.

mod assertions;
mod clients;
mod discovery;
mod introspection;
mod refusals;
mod service_accounts;
mod tokens;

use provost::model::{Clock, Timestamp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::auth_http::root;
use crate::support::{Answer, Backend, Client, TestApp, percent_encoded};

pub const START: Timestamp = Timestamp(1_767_225_600_000);
pub const SECOND: i64 = 1000;
pub const MINUTE: i64 = 60 * SECOND;

/// A server whose clock the test moves.
pub async fn with_clock(backend: Backend) -> (TestApp, Clock) {
    let clock = Clock::manual(START);
    (TestApp::start_with(backend, clock.clone(), |_| {}).await, clock)
}

/// A form that is posted, to be added to.
pub fn form(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    let request = reqwest::Client::new().request(Method::POST, format!("{}{path}", root(app)));
    request.header("content-type", "application/x-www-form-urlencoded").body(percent_encoded(fields))
}

/// A client's id, its secret, and what the answer to its making said.
#[derive(Clone, Debug)]
pub struct Made {
    pub path: String,
    pub client_id: String,
    pub secret: String,
    pub body: Value,
}

/// Makes a client at this path of the admin API.
pub async fn client(app: &TestApp, path: &str, more: Value) -> Made {
    let mut body = json!({ "name": "robot" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let body = app.admin.post(path, &body).await.expect(201);
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let path = format!("{path}/{}", text("id"));
    Made { path, client_id: text("client_id"), secret: text("client_secret"), body }
}

/// Makes a client of the connection that every test has.
pub async fn of_connection(app: &TestApp, more: Value) -> Made {
    client(app, &format!("/connections/{}/clients", app.connection.id), more).await
}

/// A service account with these roles; gives its id.
pub async fn program(app: &TestApp, name: &str, roles: &[&str]) -> String {
    let body = json!({ "user_name": name, "action": "create", "service_account": true, "roles": roles });
    app.admin.post("/users", &body).await.created()
}

/// The answer to a client that asks for a token with these fields more.
pub async fn ask(app: &TestApp, made: &Made, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("grant_type", "client_credentials")], more].concat();
    Answer::of(form(app, "/oauth/token", &fields).basic_auth(&made.client_id, Some(&made.secret))).await
}

/// A client's token.
pub async fn token(app: &TestApp, made: &Made) -> String {
    ask(app, made, &[]).await.expect(200)["access_token"].as_str().unwrap().to_owned()
}

/// A client of SCIM, and one of the admin API, with this token.
pub fn doors(app: &TestApp, token: &str) -> (Client, Client) {
    (Client::new(&app.client.base_url, token), Client::new(&app.admin.base_url, token))
}

/// The status and the `error` of a refusal, which nobody keeps.
#[track_caller]
pub fn refusal(answer: &Answer) -> (u16, &str) {
    let names: Vec<&String> = answer.body.as_object().into_iter().flatten().map(|(name, _)| name).collect();
    assert_eq!(names, ["error", "error_description"], "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    (answer.status, answer.body["error"].as_str().unwrap())
}

/// What the audit log says of clients, oldest first.
pub async fn audit(app: &TestApp) -> Vec<String> {
    app.texts(
        "SELECT kind || ' ' || target_kind || ' ' || details FROM audit_events \
         WHERE kind LIKE 'client.%' ORDER BY id",
    )
    .await
}

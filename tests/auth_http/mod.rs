//! `/auth`, and what a session opens: the whole way over HTTP.

mod change_email;
mod due;
mod imported;
mod lockout;
mod login;
pub mod mfa;
mod pages;
mod password_policy;
mod refresh;
mod register;
mod resend;
mod reset_password;
mod sessions;
mod takeover;
mod tenants;
mod tokens;
mod verify_email;

use provost::delivery::mail::{Content, Mail};
use provost::model::change::{ChangeSet, CredentialChange, SettingsChange};
use provost::model::{
    Clock, Lane, LoginSubject, OutboxId, OutboxRow, TenantSettings, TenantStatus, Timestamp,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Client, TestApp};

/// Long enough for the policy that tenants begin with.
pub const PASSWORD: &str = "correct horse battery stable";
pub const OTHER_PASSWORD: &str = "a wholly different passphrase";

/// The server's URL.
pub fn root(app: &TestApp) -> &str {
    app.admin.base_url.trim_end_matches("/v1")
}

/// A request without a credential.
pub fn request(app: &TestApp, path: &str, body: &Value) -> reqwest::RequestBuilder {
    let request = reqwest::Client::new().request(Method::POST, format!("{}{path}", root(app)));
    request.header("content-type", "application/json").body(body.to_string())
}

/// Its answer.
pub async fn post(app: &TestApp, path: &str, body: Value) -> Answer {
    Answer::of(request(app, path, &body)).await
}

/// The answer to somebody who signs in.
pub async fn login(app: &TestApp, name: &str, password: &str) -> Answer {
    post(app, "/auth/login", json!({ "user_name": name, "password": password })).await
}

/// A client of the admin API, of somebody who signs in.
pub async fn signed_in(app: &TestApp, name: &str, password: &str) -> Client {
    let granted = login(app, name, password).await.expect(200);
    Client::new(&app.admin.base_url, granted["access_token"].as_str().unwrap())
}

/// A local user of this name, with [`PASSWORD`] and what else is said; gives the id.
pub async fn user(app: &TestApp, name: &str, more: Value) -> String {
    let mut body = json!({ "user_name": name, "password": PASSWORD });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.admin.post("/users", &body).await.created()
}

/// Changes the tenant's settings.
pub async fn settings(app: &TestApp, change: impl FnOnce(&mut TenantSettings)) {
    let mut tenant = app.provisioning.storage.find_tenant(app.tenant.id).await.unwrap().unwrap();
    change(&mut tenant.settings);
    tenant.version += 1;
    let mut changes = ChangeSet::new(tenant.id);
    changes.settings.push(SettingsChange::UpdateTenant(Box::new(tenant)));
    app.provisioning.storage.commit(changes).await.unwrap();
    app.directory.authenticator.forget(app.tenant.id).await;
}

/// Gives the tenant of this slug another status.
pub async fn set_status(app: &TestApp, slug: &str, status: TenantStatus) {
    let mut tenant = app.provisioning.tenant(slug).await.unwrap();
    tenant.status = status;
    tenant.version += 1;
    let id = tenant.id;
    let mut changes = ChangeSet::new(id);
    changes.settings.push(SettingsChange::UpdateTenant(Box::new(tenant)));
    app.provisioning.storage.commit(changes).await.unwrap();
    app.directory.authenticator.forget(id).await;
}

/// The mails that wait to be sent, opened, oldest first.
pub async fn mails(app: &TestApp) -> Vec<Mail> {
    let id = if app.database_url().starts_with("sqlite:") { "lower(hex(id))" } else { "CAST(id AS text)" };
    let rows = app.texts(&format!("SELECT {id} || ' ' || payload FROM outbox ORDER BY id")).await;
    let open = |row: &String| {
        let (id, payload) = row.split_once(' ').unwrap();
        let row = OutboxRow {
            id: id.parse::<OutboxId>().unwrap(),
            lane: Lane::Mail,
            subject: String::new(),
            target_id: app.tenant.id.0,
            payload: payload.to_owned(),
            created_at: Timestamp(0),
            expires_at: Timestamp(0),
        };
        Mail::open(&app.secret_key, app.tenant.id, &row).unwrap()
    };
    rows.iter().map(open).collect()
}

/// The token in a mail that asks to verify an address.
pub fn verification_in(app: &TestApp, mail: &Mail) -> String {
    let Content::VerifyEmail { link, .. } = &mail.content else { panic!("another mail: {mail:?}") };
    let token = link.0.strip_prefix(&format!("{}/auth/pages/verify-email?token=", root(app)));
    token.expect("a link to this server").to_owned()
}

/// The token behind this in a mail's link.
pub fn token_in(app: &TestApp, page: &str, mail: &Mail) -> String {
    let (Content::VerifyEmail { link, .. }
    | Content::ResetPassword { link, .. }
    | Content::ChangeEmail { link, .. }) = &mail.content
    else {
        panic!("a mail without a link: {mail:?}")
    };
    let token = link.0.strip_prefix(&format!("{}/auth/pages/{page}?token=", root(app)));
    token.expect("a link to this page").to_owned()
}

/// Forgets the sign-ins that have failed from where the tests come from.
pub async fn forgive_address(app: &TestApp) {
    let mut changes = ChangeSet::new(app.tenant.id);
    let subject = LoginSubject::address("127.0.0.1".parse().unwrap());
    changes.credentials.push(CredentialChange::LoginForgiven { subject });
    app.provisioning.storage.commit(changes).await.unwrap();
}

/// A server whose clock stands still until the test moves it.
pub async fn standing_still(backend: Backend) -> (TestApp, Clock) {
    let clock = Clock::manual(Clock::system().now());
    (TestApp::start_with(backend, clock.clone(), |_| {}).await, clock)
}

/// Moves the clock by so many seconds.
pub fn pass(clock: &Clock, seconds: i64) {
    clock.set(Timestamp(clock.now().0 + seconds * 1000));
}

/// Tests that move the clock, each on both databases.
macro_rules! with_clock {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp, $clock:ident: Clock) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            async fn test(backend: crate::support::Backend) {
                let ($app, $clock) = crate::auth_http::standing_still(backend).await;
                $body
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test(crate::support::Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                test(crate::support::Backend::Postgres).await;
            }
        }
    )*};
}
use with_clock;

/// Longer than anything is believed of a credential.
pub async fn a_second() {
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
}

/// `KIND TARGET_KIND DETAILS` of the audit events of these kinds, oldest first.
pub async fn audit(app: &TestApp, kinds: &str) -> Vec<String> {
    app.texts(&format!(
        "SELECT kind || ' ' || target_kind || ' ' || details FROM audit_events WHERE kind IN ({kinds}) ORDER BY id"
    ))
    .await
}

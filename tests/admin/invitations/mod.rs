//! Invitations, from the administrator's wish to the live user: mailed through a real mail server, or shown.

mod accepting;
mod again;
mod mailed;
mod managing;
mod outgrown;
mod purge;
mod signing_in;

use provost::model::change::{ChangeSet, SettingsChange};
use provost::model::clock::{Clock, Timestamp};
use provost::model::{Tenant, TenantSettings};
use serde_json::{Value, json};

use crate::delivery::smtp::SmtpServer;
use crate::support::{Answer, Backend, TestApp};

/// When everything begins: 2026-01-01.
const START: i64 = 1_767_225_600_000;
const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;
const PASSWORD: &str = "seventeen violet lighthouses";

/// Makes of one test two; the test gets the database to start on.
macro_rules! on_each {
    ($($(#[$meta:meta])* async fn $name:ident($backend:ident: Backend) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($backend: $crate::support::Backend) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::support::Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::support::Backend::Postgres).await;
            }
        }
    )*};
}
pub(crate) use on_each;

/// A time after the beginning.
fn at(milliseconds: i64) -> Timestamp {
    Timestamp(START + milliseconds)
}

/// A server without a mail server: it shows links.
async fn without_mail(backend: Backend) -> (TestApp, Clock) {
    let clock = Clock::manual(at(0));
    (TestApp::start_with(backend, clock.clone(), |_| {}).await, clock)
}

/// A server with a mail server.
async fn with_mail(backend: Backend) -> (TestApp, Clock, SmtpServer) {
    let (clock, server) = (Clock::manual(at(0)), SmtpServer::start().await);
    let url = server.url();
    let app = TestApp::start_with(backend, clock.clone(), |settings| {
        settings.smtp_url = Some(url);
        settings.mail_from = Some("Provost <no-reply@id.example.com>".to_owned());
    })
    .await;
    (app, clock, server)
}

/// The token at the end of a link.
fn token_of(link: &str) -> String {
    let (_, token) = link.rsplit_once("/auth/pages/invitation?token=").expect("a link to an invitation");
    assert!(token.starts_with("pvi_"), "{token}");
    token.to_owned()
}

/// The token in what a new invitation, or one that was sent again, shows.
fn shown(answer: &Value) -> String {
    let link = answer.pointer("/invitation/link").or(answer.get("link"));
    token_of(link.and_then(Value::as_str).unwrap_or_else(|| panic!("no link is shown: {answer}")))
}

/// The token in the next mail.
async fn mailed(server: &mut SmtpServer) -> String {
    let mail = server.mail().await;
    let text = mail["parts"]["text/plain"].as_str().expect("a mail has a plain text");
    let link = text.split_whitespace().find(|word| word.starts_with("http")).expect("it has a link");
    token_of(link)
}

/// `/auth/…` without any credential.
fn url(app: &TestApp, path: &str) -> String {
    format!("{}{path}", app.directory.outgoing.root_url)
}

async fn open(app: &TestApp, token: &str) -> Answer {
    Answer::of(reqwest::Client::new().get(url(app, &format!("/auth/invitations/{token}")))).await
}

async fn accept_with(app: &TestApp, body: &Value) -> Answer {
    let request = reqwest::Client::new().post(url(app, "/auth/invitations/accept"));
    Answer::of(request.header("content-type", "application/json").body(body.to_string())).await
}

async fn accept(app: &TestApp, token: &str) -> Answer {
    accept_with(app, &json!({ "token": token, "password": PASSWORD })).await
}

/// Status and code of a refusal.
#[track_caller]
fn refused(answer: &Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

/// Changes the tenant's settings.
async fn set(app: &TestApp, change: impl FnOnce(&mut TenantSettings)) {
    let found = app.provisioning.storage.find_tenant(app.tenant.id).await.unwrap();
    let mut tenant: Tenant = found.expect("the tenant is there");
    change(&mut tenant.settings);
    tenant.version += 1;
    let mut changes = ChangeSet::new(tenant.id);
    changes.settings.push(SettingsChange::UpdateTenant(Box::new(tenant)));
    changes.settings.push(SettingsChange::NextGeneration);
    app.provisioning.storage.commit(changes).await.unwrap();
    app.directory.authenticator.forget(app.tenant.id).await;
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("'{name}' is a text: {value}"))
}

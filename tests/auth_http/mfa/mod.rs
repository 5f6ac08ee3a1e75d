//! `/auth/mfa`: one's own second factors.

mod codes;
mod enrolment;
mod proof;
mod races;
mod sign_in;

use provost::model::{Clock, Timestamp};
use serde_json::{Value, json};

use super::{PASSWORD, forgive_address, root, signed_in, user};
use crate::support::{Answer, Backend, Client, TestApp, totp};

/// A server whose clock the test moves; it begins with a step of time.
pub struct Timed {
    pub app: TestApp,
    clock: Clock,
}

impl Timed {
    pub async fn start(backend: Backend) -> Self {
        let start = Clock::system().now().0 / totp::STEP * totp::STEP;
        let clock = Clock::manual(Timestamp(start));
        Self { app: TestApp::start_with(backend, clock.clone(), |_| {}).await, clock }
    }

    pub fn pass(&self, milliseconds: i64) {
        self.clock.set(Timestamp(self.clock.now().0 + milliseconds));
    }

    /// What an app with this secret shows so many steps from now.
    pub fn code(&self, secret: &str, steps: i64) -> String {
        totp::code(secret, self.clock.now().0 + steps * totp::STEP)
    }

    /// A code that no app shows about now.
    pub fn wrong_code(&self, secret: &str) -> String {
        let shown: Vec<String> = (-2..=2).map(|steps| self.code(secret, steps)).collect();
        let all = (0..10).map(|digit| digit.to_string().repeat(6));
        all.into_iter().find(|code| !shown.contains(code)).unwrap()
    }

    /// Begins a factor with what the body says, and the password where there is no code; confirms it, and lets its code pass.
    pub async fn enrolled(&self, me: &Me, mut body: Value) -> Factor {
        if body.get("code").is_none() {
            body["password"] = json!(PASSWORD);
        }
        let begun = me.post("/auth/mfa", body).await.expect(201);
        let (id, secret) = (text(&begun, "id"), text(&begun, "secret"));
        let path = format!("/auth/mfa/{id}/confirm");
        let confirmed = me.post(&path, json!({ "code": self.code(&secret, 0) })).await.expect(200);
        self.pass(totp::STEP);
        let codes = confirmed["recovery_codes"].as_array().into_iter().flatten();
        let recovery_codes = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
        Factor { id, secret, recovery_codes }
    }

    /// Forgets what somebody, and the address of the tests, has guessed wrongly.
    pub async fn forgive(&self, me: &Me) {
        let unlocked = self.app.admin.post(&format!("/users/{}/unlock", me.id), &json!({})).await;
        assert_eq!(unlocked.status, 204);
        forgive_address(&self.app).await;
    }

    /// Somebody of this name who has signed in.
    pub async fn person(&self, name: &str, more: Value) -> Me {
        let id = user(&self.app, name, more).await;
        let v1 = signed_in(&self.app, name, PASSWORD).await;
        Me { id, client: v1.at(root(&self.app)) }
    }
}

/// Makes of one test two, on both databases. The test gets a [`Timed`].
macro_rules! timed {
    ($($(#[$meta:meta])* async fn $name:ident($timed:ident: Timed) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($timed: $crate::auth_http::mfa::Timed) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::auth_http::mfa::Timed::start($crate::support::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::auth_http::mfa::Timed::start($crate::support::Backend::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use timed;

/// A factor that was confirmed.
pub struct Factor {
    pub id: String,
    pub secret: String,
    pub recovery_codes: Vec<String>,
}

/// Somebody who has signed in. Paths begin with `/auth` or `/v1`.
#[derive(Clone)]
pub struct Me {
    pub id: String,
    client: Client,
}

impl Me {
    pub async fn get(&self, path: &str) -> Answer {
        self.client.get(path).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.client.post(path, &body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.client.delete(path).await
    }

    /// How many recovery codes are left, and the names of the factors, those with a hyphen before them that wait.
    pub async fn listed(&self) -> (i64, Vec<String>) {
        let list = self.get("/auth/mfa").await.expect(200);
        let name = |factor: &Value| match factor["confirmed"].as_bool() {
            Some(true) => text(factor, "name"),
            _ => format!("-{}", text(factor, "name")),
        };
        let names = list["factors"].as_array().unwrap().iter().map(name).collect();
        (list["recovery_codes_left"].as_i64().unwrap(), names)
    }
}

pub fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("{name} is missing: {body}")).to_owned()
}

/// The status and the code of a refusal.
pub fn refused(answer: &Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

/// The audit events about factors, oldest first: who did what, with the ids taken out.
pub async fn audit(app: &TestApp) -> Vec<String> {
    let events = app.texts(
        "SELECT actor_kind || ' ' || coalesce(actor_name, '') || ' ' || kind || ' ' || details FROM audit_events \
         WHERE kind LIKE 'mfa.%' OR kind LIKE 'recovery%' OR kind = 'confirmation.failed' ORDER BY id",
    );
    let events = events.await;
    events
        .iter()
        .map(|event| regex::Regex::new("[0-9a-f-]{36}").unwrap().replace_all(event, "[id]").into_owned())
        .collect()
}

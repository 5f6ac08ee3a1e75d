//! A running server for a test, on either database, and a client for it.

mod answer;
mod beside;
mod crowd;
mod database;
mod process;
mod stored;
pub mod totp;

use std::sync::Arc;

use provost::app::App;
use provost::auth::SecretKey;
use provost::config::Settings;
use provost::model::{Clock, Connection, Scopes, Tenant, TenantId};
use provost::provisioning::Provisioning;
use provost::provisioning::directory::{Directory, KeyDraft};
use reqwest::Method;
use serde_json::Value;
use tokio::sync::oneshot;

pub use answer::{Answer, refusal};
pub use crowd::crowd;
pub use database::{Backend, TestDatabase};
pub use process::ServerProcess;
pub use stored::texts;

/// Makes of one test two: `NAME::sqlite` and `NAME::postgres`. The test gets a [`TestApp`].
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($app: $crate::support::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::support::TestApp::start($crate::support::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::support::TestApp::start($crate::support::Backend::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both;

/// A server of its own on a database of its own, with a tenant, a connection and a client that has its token.
pub struct TestApp {
    pub provisioning: Provisioning,
    pub tenant: Tenant,
    pub connection: Connection,
    pub client: Client,
    /// A client of the admin API with a key of the tenant's own that may do everything.
    pub admin: Client,
    pub directory: Directory,
    /// The server's, which seals mails.
    pub secret_key: SecretKey,
    stop: Option<oneshot::Sender<()>>,
    /// Dropped last: removes the database.
    _database: TestDatabase,
}

impl TestApp {
    /// Starts a server on a new, empty database.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, Clock::system(), |_| {}).await
    }

    /// The same with a clock of the test's, and settings changed.
    pub async fn start_with(backend: Backend, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let database = TestDatabase::create(backend).await;
        let mut settings = Settings {
            database: database.url.clone(),
            secret_key_file: Some(database.key_file()),
            listen: ([127, 0, 0, 1], 0).into(),
            access_log: false,
            postgres_connections: 16,
            ..Settings::default()
        };
        change(&mut settings);
        let app = App::open(&settings, clock).await.expect("the server opens its database");
        let provisioning = app.provisioning.clone();
        let (tenant, connection) =
            provisioning.create_tenant("acme", "Acme").await.expect("a tenant is made");
        let token =
            provisioning.create_token(&connection, "test", Scopes::ALL, None).await.expect("a token is made");
        let client = Client::new(&provisioning.base_url, token.text.expose());
        let directory = app.directory.clone();
        let secret_key = app.secret_key.clone();
        let key = directory.create_operator_key(tenant.id, unbounded("test")).await.expect("a key is made");
        let admin = Client::new(&app.admin_url, key.text.expose());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            app.serve(until).await.expect("the server ends in order");
        });
        Self {
            provisioning,
            tenant,
            connection,
            client,
            admin,
            directory,
            secret_key,
            stop: Some(stop),
            _database: database,
        }
    }

    /// Where the server keeps its data.
    pub fn database_url(&self) -> &str {
        &self._database.url
    }

    /// A client of another, new tenant on the same server.
    pub async fn other_tenant(&self, slug: &str) -> Client {
        let (_, connection) = self.provisioning.create_tenant(slug, slug).await.expect("a tenant is made");
        self.client_of(&connection, Scopes::ALL).await
    }

    /// A client of the admin API of another, new tenant on the same server.
    pub async fn other_admin(&self, slug: &str) -> Client {
        let (tenant, _) = self.provisioning.create_tenant(slug, slug).await.expect("a tenant is made");
        let key =
            self.directory.create_operator_key(tenant.id, unbounded("test")).await.expect("a key is made");
        Client::new(&self.admin.base_url, key.text.expose())
    }

    /// A client of the admin API with a key of the instance that may do everything.
    pub async fn instance(&self) -> Client {
        let key = self.directory.create_operator_key(TenantId::INSTANCE, unbounded("instance")).await;
        Client::new(&self.admin.base_url, key.expect("a key is made").text.expose())
    }

    /// A client of another, new connection of the same tenant.
    pub async fn other_connection(&self, name: &str, strict: bool) -> Client {
        let connection = self
            .provisioning
            .connection_named(self.tenant.id, name, strict)
            .await
            .expect("a connection is made");
        self.client_of(&connection, Scopes::ALL).await
    }

    /// A client with a token of its own for this connection.
    pub async fn client_of(&self, connection: &Connection, scopes: Scopes) -> Client {
        let token =
            self.provisioning.create_token(connection, "test", scopes, None).await.expect("a token is made");
        Client::new(&self.provisioning.base_url, token.text.expose())
    }
}

/// A key of the tenant's own that may do everything.
pub fn unbounded(name: &str) -> KeyDraft {
    KeyDraft { name: name.to_owned(), user_id: None, permissions: None, expires_at: None }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// A SCIM client with a token. Paths are relative to the base URL: `/Users`.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub base_url: Arc<str>,
    token: Arc<str>,
}

impl Client {
    pub fn new(base_url: &str, token: &str) -> Self {
        provost::app::use_ring();
        Self { http: reqwest::Client::new(), base_url: base_url.into(), token: token.into() }
    }

    /// The same with another base URL.
    pub fn at(&self, base_url: &str) -> Self {
        Self { base_url: base_url.into(), ..self.clone() }
    }

    /// A request with the token, to be added to.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base_url)).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// `GET` with a query, percent-encoded here.
    pub async fn query(&self, path: &str, parameters: &[(&str, &str)]) -> Answer {
        let encoded = percent_encoded(parameters);
        self.get(&format!("{path}?{encoded}")).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, body).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// `PATCH` with these operations.
    pub async fn operations(&self, path: &str, operations: Value) -> Answer {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.patch(path, &serde_json::json!({ "schemas": schemas, "Operations": operations })).await
    }

    /// A request without a body that has one more header.
    pub async fn with_header(&self, method: Method, path: &str, name: &str, value: &str) -> Answer {
        Answer::of(self.request(method, path).header(name, value)).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request =
            self.request(method, path).header("content-type", "application/scim+json").body(body.to_string());
        Answer::of(request).await
    }

    /// Makes a user of this name and gives its id.
    pub async fn user(&self, user_name: &str) -> String {
        self.post("/Users", &serde_json::json!({ "userName": user_name })).await.created()
    }

    /// Makes a user whose userName and displayName are this, and gives its id.
    pub async fn named_user(&self, name: &str) -> String {
        self.post("/Users", &serde_json::json!({ "userName": name, "displayName": name })).await.created()
    }

    /// Makes a group with these members and gives its id.
    pub async fn group(&self, display_name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| serde_json::json!({ "value": id })).collect();
        self.post("/Groups", &serde_json::json!({ "displayName": display_name, "members": members }))
            .await
            .created()
    }
}

/// `name=value&…`, percent-encoded (RFC 3986 §2.1).
pub fn percent_encoded(parameters: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

//! A database of its own for each test.

use std::path::PathBuf;

use provost::storage::{Migrate, PoolSizes, Storage};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Removed when dropped.
pub struct TestDatabase {
    pub url: String,
    place: Place,
    /// For what a server keeps beside its database.
    pub directory: TempDir,
}

enum Place {
    Directory,
    Postgres { name: String },
}

/// Migrated once; each test's database is a copy of it.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

fn server() -> String {
    std::env::var("PROVOST_TEST_POSTGRES_URL").expect(
        "PROVOST_TEST_POSTGRES_URL names the PostgreSQL server to test on; `make test` starts one and sets it",
    )
}

/// The server's URL with another database's name.
fn url_of(name: &str) -> String {
    let server = server();
    let (rest, query) = server.split_once('?').map_or((&*server, ""), |(rest, query)| (rest, query));
    let root = rest.rsplit_once('/').map_or(rest, |(root, _)| root);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{root}/{name}{mark}{query}")
}

async fn execute(sql: String) {
    let mut connection = PgConnection::connect(&server()).await.expect("the PostgreSQL server answers");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the statement runs");
    connection.close().await.expect("the connection closes");
}

fn unique(prefix: &str) -> String {
    format!("{prefix}_{}", provost::model::random::uuid_v7().simple())
}

async fn template() -> &'static str {
    TEMPLATE
        .get_or_init(|| async {
            let name = unique("provost_template");
            execute(format!("CREATE DATABASE {name}")).await;
            let storage = Storage::open(&url_of(&name), PoolSizes::default(), Migrate::Apply).await;
            storage.expect("the migrations run").close().await;
            name
        })
        .await
}

impl TestDatabase {
    /// Where a server on this database keeps its secret key.
    pub fn key_file(&self) -> PathBuf {
        self.directory.path().join("provost.key")
    }

    pub async fn create(backend: Backend) -> Self {
        let directory = TempDir::new().expect("a directory for the test");
        match backend {
            Backend::Sqlite => {
                let url = format!("sqlite:{}", directory.path().join("provost.db").display());
                Self { url, place: Place::Directory, directory }
            }
            Backend::Postgres => {
                let template = template().await;
                let name = unique("provost_test");
                execute(format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Self { url: url_of(&name), place: Place::Postgres { name }, directory }
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Place::Postgres { name } = &self.place {
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            // A runtime of its own: this may run inside the test's, which must not be blocked on.
            let dropped = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(execute(sql));
            });
            let _ = dropped.join();
        }
    }
}

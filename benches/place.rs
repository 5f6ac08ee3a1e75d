//! The databases of a run: made for it, and gone after it unless they are to be kept.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::Failure;

/// Where kept SQLite files are.
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench");

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Its name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A database's URL; the database goes with [`Place::remove`].
pub struct Place {
    pub url: String,
    keep: bool,
    kind: Kind,
}

enum Kind {
    Files(PathBuf),
    Database(String),
}

impl Place {
    /// A database for this run, or the one that an earlier run kept under this name.
    ///
    /// # Errors
    /// No PROVOST_TEST_POSTGRES_URL; a server or directory that cannot be used.
    pub async fn make(engine: Engine, name: &str, keep: bool) -> Result<Self, Failure> {
        match engine {
            Engine::Sqlite => {
                std::fs::create_dir_all(DIRECTORY)?;
                let path = Path::new(DIRECTORY).join(format!("{name}.db"));
                if !keep {
                    remove_files(&path);
                }
                Ok(Self { url: format!("sqlite:{}", path.display()), keep, kind: Kind::Files(path) })
            }
            Engine::Postgres => {
                let name = format!("provost_bench_{name}");
                let server = server()?;
                let root = server.rsplit_once('/').map_or(&*server, |(root, _)| root);
                if !keep {
                    execute(&server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
                }
                let made = execute(&server, format!("CREATE DATABASE {name}")).await;
                if !keep {
                    made?;
                }
                Ok(Self { url: format!("{root}/{name}"), keep, kind: Kind::Database(name) })
            }
        }
    }

    /// Runs statements on the database itself; PostgreSQL only.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute(&self, sql: impl Into<String>) -> Result<(), Failure> {
        execute(&self.url, sql.into()).await
    }

    /// Deletes the database, unless it is to be kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn remove(self) -> Result<(), Failure> {
        match &self.kind {
            _ if self.keep => Ok(()),
            Kind::Files(path) => {
                remove_files(path);
                Ok(())
            }
            Kind::Database(name) => execute(&server()?, format!("DROP DATABASE {name} WITH (FORCE)")).await,
        }
    }
}

fn server() -> Result<String, Failure> {
    std::env::var("PROVOST_TEST_POSTGRES_URL").map_err(|_| {
        "PROVOST_TEST_POSTGRES_URL names the PostgreSQL server to measure on; `make bench` starts one and sets it".into()
    })
}

async fn execute(url: &str, sql: String) -> Result<(), Failure> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

fn remove_files(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        // What is not there need not go.
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
}

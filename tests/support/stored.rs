//! What the database holds and no answer shows, for tests that have to look behind the server.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::TestApp;

/// The texts that a query of one text column finds. Both databases have to understand it.
pub async fn texts(url: &str, sql: &str) -> Vec<String> {
    let sql = AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("the database opens");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("the query runs")
    } else {
        let mut connection = PgConnection::connect(url).await.expect("the database opens");
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("the query runs")
    }
}

impl TestApp {
    /// The same of the database behind the server.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        texts(self.database_url(), sql).await
    }

    /// `KIND DETAILS` of every audit event of users and groups, oldest first.
    pub async fn audit(&self) -> Vec<String> {
        self.texts(
            "SELECT kind || ' ' || details FROM audit_events \
             WHERE target_kind IN ('user', 'group') ORDER BY id",
        )
        .await
    }
}

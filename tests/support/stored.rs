//! What the database holds and no answer shows, for tests that have to look behind the server.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use super::TestApp;

impl TestApp {
    /// The texts that a query of one text column finds. Both databases have to understand it.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let url = self.database_url();
        if url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(url).await.expect("the database opens");
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("the query runs")
        } else {
            let mut connection = PgConnection::connect(url).await.expect("the database opens");
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect("the query runs")
        }
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

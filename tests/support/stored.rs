//! What the database holds and no answer shows, for tests that have to look behind the server.

use std::collections::BTreeMap;

use provost::model::TenantId;
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

    /// Every row of a tenant by its table, as text. Without when a credential was last used, without what is counted by
    /// the hour, and without the audit log's seals, which come when they come.
    pub async fn rows_of(&self, tenant: TenantId) -> BTreeMap<String, Vec<String>> {
        const PASSING: [&str; 3] = ["audit_heads", "audit_seals", "hourly_counts"];
        let mut rows = BTreeMap::new();
        for (table, columns) in self.tables().await {
            let key = if table == "tenants" { "id" } else { "tenant_id" };
            if PASSING.contains(&&*table) || !columns.iter().any(|column| column == key) {
                continue;
            }
            let shown = columns.iter().filter(|column| *column != "last_used_at");
            let (texts, is) = if self.database_url().starts_with("sqlite:") {
                let texts = shown.map(|column| format!("'{column} ' || quote({column})"));
                (texts.collect::<Vec<_>>().join(" || ', ' || "), format!("x'{}'", tenant.0.simple()))
            } else {
                let texts = shown.map(String::as_str).collect::<Vec<_>>().join(", ");
                (format!("row_to_json(row({texts}))::text"), format!("'{tenant}'"))
            };
            let found =
                self.texts(&format!("SELECT {texts} FROM {table} WHERE {key} = {is} ORDER BY 1")).await;
            rows.insert(table, found);
        }
        rows
    }

    /// The tables with their columns.
    async fn tables(&self) -> BTreeMap<String, Vec<String>> {
        let sql = if self.database_url().starts_with("sqlite:") {
            "SELECT t.name || ' ' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'"
        } else {
            "SELECT table_name || ' ' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
        };
        let mut tables = BTreeMap::<String, Vec<String>>::new();
        for name in self.texts(sql).await {
            let (table, column) = name.split_once(' ').expect("a table and a column");
            tables.entry(table.to_owned()).or_default().push(column.to_owned());
        }
        tables
    }
}

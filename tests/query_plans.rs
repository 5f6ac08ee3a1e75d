//! SQLite uses the indexes that there are: it has no statistics of its own accord, and without any it reads a tenant's whole
//! table instead.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::support::{Backend, TestApp};

/// An index beside a table's key, by its second column: the first is the tenant.
struct Index {
    table: String,
    name: String,
    column: String,
    /// ` AND …` of an index of only some rows.
    only: String,
}

async fn indexes(connection: &mut SqliteConnection) -> Vec<Index> {
    let rows = sqlx::query(
        "SELECT m.tbl_name, m.name, second.name, coalesce(m.sql, '') FROM sqlite_master m \
         JOIN pragma_index_info(m.name) first ON first.seqno = 0 AND first.name = 'tenant_id' \
         JOIN pragma_index_info(m.name) second ON second.seqno = 1 WHERE m.type = 'index' ORDER BY m.name",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let index = |row: &SqliteRow| {
        let sql: String = row.get(3);
        let only = sql.split_once("WHERE ").map(|(_, only)| format!(" AND ({only})"));
        Index { table: row.get(0), name: row.get(1), column: row.get(2), only: only.unwrap_or_default() }
    };
    rows.iter().map(index).collect()
}

/// For each index there is a look-up by its second column that uses it, however small the tables are now.
#[tokio::test]
async fn every_index_is_used() {
    let app = TestApp::start(Backend::Sqlite).await;
    let mut connection = SqliteConnection::connect(app.database_url()).await.unwrap();
    let indexes = indexes(&mut connection).await;
    assert!(indexes.len() > 40, "{}", indexes.len());
    for Index { table, name, column, only } in indexes {
        // These two are read whole, for all that they have.
        if ["users_custom", "users_not_active"].contains(&&*name) {
            continue;
        }
        let lookup = format!(
            "EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE tenant_id = x'' AND {column} = x''{only}"
        );
        let plan = sqlx::query(AssertSqlSafe(lookup)).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|step| step.get(3)).collect();
        let wanted = format!("(tenant_id=? AND {column}=?)");
        assert!(steps.iter().any(|step| step.contains(&wanted)), "{name} is not used: {steps:?}");
    }
}

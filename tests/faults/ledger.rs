//! The books of a database, read past the server: everything that must agree with everything else.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// A connection of the test's own.
pub enum Ledger {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Each counts what must not be: the sentence says what it would be. The tenant's owner, whom the first start makes, has
/// neither address nor external id.
const NEVER: [(&str, &str); 11] = [
    (
        "users without an index row of their e-mail address",
        "SELECT count(*) FROM users u WHERE u.auth_provider = 'scim' AND NOT EXISTS (SELECT 1 FROM attribute_index a WHERE a.tenant_id = u.tenant_id \
         AND a.resource_kind = 'user' AND a.path = 'emails.value' AND a.value = u.email_key AND a.resource_id = u.id)",
    ),
    (
        "index rows that no user's address stands behind",
        "SELECT count(*) FROM attribute_index a WHERE a.path = 'emails.value' AND NOT EXISTS (SELECT 1 FROM users u \
         WHERE u.tenant_id = a.tenant_id AND u.id = a.resource_id AND u.email_key = a.value)",
    ),
    (
        "users without the externalId that they were made with",
        "SELECT count(*) FROM users u WHERE u.auth_provider = 'scim' AND NOT EXISTS (SELECT 1 FROM external_ids x WHERE x.tenant_id = u.tenant_id \
         AND x.resource_kind = 'user' AND x.resource_id = u.id AND x.external_id = u.user_name)",
    ),
    (
        "externalIds without a user",
        "SELECT count(*) FROM external_ids x WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = x.resource_id)",
    ),
    (
        "users without exactly one event of their creation",
        "SELECT count(*) FROM users u LEFT JOIN (SELECT tenant_id, target_id, count(*) AS events FROM audit_events \
         WHERE kind = 'user.created' GROUP BY tenant_id, target_id) e ON e.tenant_id = u.tenant_id AND e.target_id = u.id \
         WHERE coalesce(e.events, 0) <> 1",
    ),
    (
        "events of a creation without a user",
        "SELECT count(*) FROM audit_events e WHERE e.kind = 'user.created' \
         AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = e.target_id)",
    ),
    (
        "users whose version is not the number of their events",
        "SELECT count(*) FROM users u LEFT JOIN (SELECT tenant_id, target_id, count(*) AS events FROM audit_events \
         GROUP BY tenant_id, target_id) e ON e.tenant_id = u.tenant_id AND e.target_id = u.id \
         WHERE u.version <> coalesce(e.events, 0)",
    ),
    (
        "groups whose version is not the number of their events",
        "SELECT count(*) FROM groups g LEFT JOIN (SELECT tenant_id, target_id, count(*) AS events FROM audit_events \
         GROUP BY tenant_id, target_id) e ON e.tenant_id = g.tenant_id AND e.target_id = g.id \
         WHERE g.version <> coalesce(e.events, 0)",
    ),
    (
        "groups whose members are not as many as were told to have come",
        "SELECT count(*) FROM groups g WHERE (SELECT count(*) FROM memberships m WHERE m.group_id = g.id) <> \
         (SELECT count(*) FROM audit_events e WHERE e.target_id = g.id AND e.kind = 'group.updated')",
    ),
    (
        "users beside the count",
        "SELECT (SELECT count(*) FROM users) - (SELECT CAST(coalesce(sum(value), 0) AS bigint) FROM resource_counts \
         WHERE resource_kind = 'user')",
    ),
    (
        "groups beside the count",
        "SELECT (SELECT count(*) FROM groups) - (SELECT CAST(coalesce(sum(value), 0) AS bigint) FROM resource_counts \
         WHERE resource_kind = 'group')",
    ),
];

impl Ledger {
    pub async fn open(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            return Self::Sqlite(SqliteConnection::connect(url).await.expect("the file opens"));
        }
        Self::Postgres(PgConnection::connect(url).await.expect("the database answers"))
    }

    /// The one number that a query gives.
    pub async fn number(&mut self, query: impl Into<String>) -> i64 {
        let query = AssertSqlSafe(query.into());
        let row: Result<(i64,), _> = match self {
            Self::Sqlite(connection) => sqlx::query_as(query).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_as(query).fetch_one(connection).await,
        };
        row.expect("the query runs").0
    }

    /// Runs statements.
    pub async fn execute(&mut self, statements: impl Into<String>) {
        let statements = AssertSqlSafe(statements.into());
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(statements).execute(connection).await.map(|_| ()),
            Self::Postgres(connection) => sqlx::raw_sql(statements).execute(connection).await.map(|_| ()),
        }
        .expect("the statements run");
    }

    /// Waits until a server that was killed has nothing under way at PostgreSQL any more.
    pub async fn settled(&mut self) {
        if let Self::Sqlite(_) = self {
            return;
        }
        let query = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND application_name = 'provost'";
        while self.number(query).await > 0 {}
    }

    /// Every user's name and display name, as their documents say.
    pub async fn documents(&mut self) -> Vec<Value> {
        let query = "SELECT user_name, document FROM users";
        let rows: Result<Vec<(String, String)>, _> = match self {
            Self::Sqlite(connection) => sqlx::query_as(query).fetch_all(connection).await,
            Self::Postgres(connection) => sqlx::query_as(query).fetch_all(connection).await,
        };
        let read = |(name, document): (String, String)| {
            let document: Value = serde_json::from_str(&document).expect("a stored document is JSON");
            assert_eq!(document["userName"], name);
            document
        };
        rows.expect("the query runs").into_iter().map(read).collect()
    }

    /// Fails unless all books agree. Every user must have an `externalId` and an address of its own, and must never
    /// have been deleted; every event of a group must be one member's arrival.
    pub async fn assert_sound(&mut self) {
        for (sentence, query) in NEVER {
            assert_eq!(self.number(query).await, 0, "{sentence}");
        }
        self.documents().await;
    }
}

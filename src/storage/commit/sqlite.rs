//! Writing to SQLite: one task owns the one connection that writes. What arrives while a commit is on its way to disk
//! goes into the next one together, table by table, and each request is answered after the commit that holds it. So a
//! durable commit (`synchronous=FULL`) costs many requests what it would cost one.

use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Connection};
use tokio::sync::{mpsc, oneshot};

use super::super::engine::Engine;
use super::super::statement::{Arg, add_sqlite};
use super::credentials::{self, Step};
use super::plan::{Plan, RolesSet, Row};
use super::records;
use super::settings;
use super::tables::{self, Table, Type};
use crate::model::change::ChangeSet;
use crate::storage::StorageError;

/// How many change sets share a commit at the most.
const GROUP: usize = 256;
/// How many may wait; those beyond wait to be let in.
const QUEUE: usize = 1024;
/// Rows per INSERT; a row has at most 31 values, and SQLite binds 32,766 to a statement.
const CHUNK: usize = 64;
/// Statements per call at the most: what is kept prepared stays small, however many rows there are.
const CALL: usize = 16;

type Outcome = Result<(), StorageError>;

/// A change set on its way, and who waits for it.
struct Job {
    set: ChangeSet,
    answer: oneshot::Sender<Outcome>,
}

enum Message {
    Write(Box<Job>),
    Close(oneshot::Sender<()>),
}

/// Where change sets are handed in.
#[derive(Clone, Debug)]
pub struct Handle(mpsc::Sender<Message>);

/// Starts the writer's task; it ends when the last handle is gone or [`Handle::close`] was called.
pub fn start(connection: SqliteConnection) -> Handle {
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(run(connection, receiver));
    Handle(sender)
}

impl Handle {
    /// Hands in change sets and waits until each is on disk or refused.
    pub async fn write(&self, sets: Vec<ChangeSet>) -> Vec<Outcome> {
        let mut answers = Vec::with_capacity(sets.len());
        for set in sets {
            let (answer, receiver) = oneshot::channel();
            // A writer that is gone drops the sender, which the receiver then tells.
            let _ = self.0.send(Message::Write(Box::new(Job { set, answer }))).await;
            answers.push(receiver);
        }
        let mut outcomes = Vec::with_capacity(answers.len());
        for answer in answers {
            outcomes.push(answer.await.unwrap_or_else(|_| Err(gone())));
        }
        outcomes
    }

    /// Waits until everything handed in before is on disk, and closes the database.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.0.send(Message::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

fn gone() -> StorageError {
    StorageError::Unavailable("the server is shutting down".to_owned())
}

async fn run(mut connection: SqliteConnection, mut receiver: mpsc::Receiver<Message>) {
    while let Some(message) = receiver.recv().await {
        let mut jobs = Vec::new();
        let mut close = None;
        let mut next = Some(message);
        while let Some(message) = next {
            match message {
                Message::Write(job) => jobs.push(*job),
                Message::Close(done) => {
                    close = Some(done);
                    break;
                }
            }
            next = if jobs.len() < GROUP { receiver.try_recv().ok() } else { None };
        }
        write_group(&mut connection, jobs).await;
        if let Some(done) = close {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "closing the database failed");
            }
            let _ = done.send(());
            return;
        }
    }
}

/// Commits these jobs together, or, where one of them fails, in halves.
async fn write_group(connection: &mut SqliteConnection, mut jobs: Vec<Job>) {
    if jobs.is_empty() {
        return;
    }
    let outcome = try_write(connection, &jobs).await;
    match outcome {
        Err(ref error) if jobs.len() > 1 && !error.is_common() => {
            let right = jobs.split_off(jobs.len() / 2);
            Box::pin(write_group(connection, jobs)).await;
            Box::pin(write_group(connection, right)).await;
        }
        outcome => {
            for job in jobs {
                // A request that no longer waits has been answered by its time limit.
                let _ = job.answer.send(outcome.clone());
            }
        }
    }
}

async fn try_write(connection: &mut SqliteConnection, jobs: &[Job]) -> Outcome {
    let plan = Plan::new(jobs.iter().map(|job| &job.set));
    let written = run_plan(connection, &plan).await;
    if written.is_err()
        && let Err(error) = sqlx::query("ROLLBACK").execute(connection).await
    {
        tracing::debug!(%error, "nothing was left to roll back");
    }
    written
}

/// Runs a plan from BEGIN to COMMIT. Plain statements, because sqlx counts transactions and SQLite ends one by itself
/// when the disk fails.
async fn run_plan(connection: &mut SqliteConnection, plan: &Plan<'_>) -> Outcome {
    let mut script = Script::new(connection);
    script.push("BEGIN IMMEDIATE").await?;
    script.keep(&plan.users_kept).await?;
    if plan.has_outcomes() {
        script.run().await?;
        run_guarded(script.connection, plan).await?;
    }
    script.insert(&tables::USERS, &plan.users_inserted).await?;
    script.insert(&tables::GROUPS, &plan.groups_inserted).await?;
    script.delete("memberships", tables::MEMBERSHIP_KEY, &plan.members_removed).await?;
    script.insert(&tables::MEMBERSHIPS, &plan.members_added).await?;
    script.delete("attribute_index", tables::ATTRIBUTE_INDEX.columns, &plan.index_removed).await?;
    script.insert(&tables::ATTRIBUTE_INDEX, &plan.index_added).await?;
    script.delete("unique_values", tables::UNIQUE_VALUES.columns, &plan.unique_removed).await?;
    script.insert(&tables::UNIQUE_VALUES, &plan.unique_added).await?;
    script.delete("external_ids", tables::EXTERNAL_IDS_OF, &plan.external_ids_dropped).await?;
    script.delete("external_ids", tables::EXTERNAL_ID_KEY, &plan.external_ids_removed).await?;
    script.insert(&tables::EXTERNAL_IDS, &plan.external_ids_set).await?;
    script.insert(&tables::AUDIT_EVENTS, &plan.audit).await?;
    script.insert(&tables::OUTBOX, &plan.outbox).await?;
    script.insert(&tables::RESOURCE_COUNTS, &counts(plan)).await?;
    if !plan.credentials.is_empty() || !plan.records.is_empty() {
        script.run().await?;
        run_steps(script.connection, plan).await?;
    }
    script.push("COMMIT").await?;
    script.run().await
}

/// What has to be looked at statement by statement: guards, and the few settings.
async fn run_guarded(connection: &mut SqliteConnection, plan: &Plan<'_>) -> Outcome {
    for (tenant, change) in &plan.settings {
        for statement in settings::statements(Engine::Sqlite, *tenant, change) {
            let arguments = statement.sqlite_arguments().map_err(sqlx::Error::Encode)?;
            let met = execute(connection, statement.text.into_owned(), arguments).await?;
            if met == 0 && settings::is_guarded(change) {
                return Err(settings::unmet(change));
            }
        }
    }
    for statement in plan.roles_set.iter().flat_map(RolesSet::statements) {
        let arguments = statement.sqlite_arguments().map_err(sqlx::Error::Encode)?;
        if execute(connection, statement.text.into_owned(), arguments).await? == 0 {
            return Err(StorageError::Stale);
        }
    }
    touch_groups(connection, &plan.departures).await?;
    delete_guarded(connection, "users", &plan.users_deleted).await?;
    delete_guarded(connection, "groups", &plan.groups_deleted).await?;
    update_users(connection, &plan.users_updated).await?;
    update_groups(connection, &plan.groups_updated).await
}

async fn run_steps(connection: &mut SqliteConnection, plan: &Plan<'_>) -> Outcome {
    let credentials =
        plan.credentials.iter().flat_map(|(tenant, change)| credentials::steps(*tenant, change));
    let records = plan.records.iter().flat_map(|(tenant, change)| records::steps(*tenant, change));
    for Step { statement, must_meet } in credentials.chain(records) {
        let arguments = statement.sqlite_arguments().map_err(sqlx::Error::Encode)?;
        let text = statement.text.into_owned();
        if execute(connection, text, arguments).await? == 0 && must_meet {
            return Err(StorageError::Stale);
        }
    }
    Ok(())
}

fn counts<'a>(plan: &Plan<'_>) -> Vec<Row<'a>> {
    plan.counts
        .iter()
        .filter(|(_, _, net)| *net != 0)
        .map(|(tenant, kind, net)| Row {
            tenant: *tenant,
            values: vec![Arg::text(kind.word()), Arg::integer(0), Arg::integer(*net)],
        })
        .collect()
}

/// Statements that run one after another in one call. Each call is a trip to the connection's thread and back, which
/// takes longer than most of these statements do.
struct Script<'c> {
    connection: &'c mut SqliteConnection,
    text: String,
    arguments: SqliteArguments,
    statements: usize,
}

impl<'c> Script<'c> {
    fn new(connection: &'c mut SqliteConnection) -> Self {
        Self { connection, text: String::new(), arguments: SqliteArguments::default(), statements: 0 }
    }

    /// Adds a statement whose arguments were bound; runs those before it if there are many.
    async fn push(&mut self, statement: &str) -> Outcome {
        if !self.text.is_empty() {
            self.text.push(';');
        }
        self.text.push_str(statement);
        self.statements += 1;
        if self.statements < CALL { Ok(()) } else { self.run().await }
    }

    async fn run(&mut self) -> Outcome {
        self.statements = 0;
        let (text, arguments) = (std::mem::take(&mut self.text), std::mem::take(&mut self.arguments));
        if text.is_empty() {
            return Ok(());
        }
        execute(self.connection, text, arguments).await.map(|_| ())
    }

    async fn insert(&mut self, table: &Table, rows: &[Row<'_>]) -> Outcome {
        let Table { name, columns, on_conflict } = table;
        let names: String = columns.iter().map(|(name, _)| format!(", {name}")).collect();
        let tuple = format!("(?{})", ", ?".repeat(columns.len()));
        for chunk in rows.chunks(CHUNK) {
            for row in chunk {
                bind(&mut self.arguments, row)?;
            }
            let tuples = vec![&*tuple; chunk.len()].join(", ");
            self.push(&format!("INSERT INTO {name} (tenant_id{names}) VALUES {tuples}{on_conflict}")).await?;
        }
        Ok(())
    }

    /// Keeps users that go, before they do: what goes with them is read here. A user that is not there at its version any
    /// more is not kept; the deletion's own guard then undoes everything.
    async fn keep(&mut self, rows: &[Row<'_>]) -> Outcome {
        let text = format!(
            "INSERT INTO deleted_users (tenant_id, id, user_name, user_name_key, email, email_key, document, deleted_at, \
             purge_at, deleted_by_kind, deleted_by_id, deleted_by_name, avatar_media_type, avatar) \
             SELECT n.tenant_id, n.id, n.user_name, n.user_name_key, n.email, n.email_key, \
             '{{\"user\":' || n.document || ',\"memberships\":' || (\
             SELECT json_group_array(json_object('group_id', lower(hex(m.group_id)), 'role', m.role)) \
             FROM memberships m WHERE m.tenant_id = n.tenant_id AND m.user_id = n.id) || ',\"external_ids\":' || (\
             SELECT json_group_array(json_object('connection_id', lower(hex(x.connection_id)), 'external_id', x.external_id)) \
             FROM external_ids x WHERE x.tenant_id = n.tenant_id AND x.resource_kind = 'user' AND x.resource_id = n.id) || '}}', \
             n.deleted_at, n.purge_at, n.deleted_by_kind, n.deleted_by_id, n.deleted_by_name, a.media_type, a.bytes \
             FROM (SELECT ? AS tenant_id{}) AS n \
             JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.id AND u.version = n.version \
             LEFT JOIN avatars a ON a.tenant_id = n.tenant_id AND a.user_id = n.id",
            tables::KEPT.iter().map(|(column, _)| format!(", ? AS {column}")).collect::<String>()
        );
        for row in rows {
            bind(&mut self.arguments, row)?;
            self.push(&text).await?;
        }
        Ok(())
    }

    /// Row by row: SQLite would read the whole table for a list of keys.
    async fn delete(&mut self, table: &str, key: &[(&str, Type)], rows: &[Row<'_>]) -> Outcome {
        let matched: String = key.iter().map(|(column, _)| format!(" AND {column} = ?")).collect();
        let text = format!("DELETE FROM {table} WHERE tenant_id = ?{matched}");
        for row in rows {
            bind(&mut self.arguments, row)?;
            self.push(&text).await?;
        }
        Ok(())
    }
}

async fn execute(
    connection: &mut SqliteConnection,
    text: String,
    arguments: SqliteArguments,
) -> Result<u64, StorageError> {
    Ok(sqlx::query_with(AssertSqlSafe(text), arguments).execute(connection).await?.rows_affected())
}

fn bind(arguments: &mut SqliteArguments, row: &Row<'_>) -> Result<(), StorageError> {
    arguments.add(row.tenant.0).map_err(sqlx::Error::Encode)?;
    for value in &row.values {
        add_sqlite(arguments, value).map_err(sqlx::Error::Encode)?;
    }
    Ok(())
}

/// Executes once per row and fails if a row's guard does not hold.
async fn guarded(connection: &mut SqliteConnection, text: &str, rows: &[Row<'_>]) -> Outcome {
    for row in rows {
        let mut arguments = SqliteArguments::default();
        bind(&mut arguments, row)?;
        if execute(connection, text.to_owned(), arguments).await? != 1 {
            return Err(StorageError::Stale);
        }
    }
    Ok(())
}

async fn delete_guarded(connection: &mut SqliteConnection, table: &str, rows: &[Row<'_>]) -> Outcome {
    let text = format!("DELETE FROM {table} WHERE tenant_id = $1 AND id = $2 AND version = $3");
    guarded(connection, &text, rows).await
}

async fn update_users(connection: &mut SqliteConnection, rows: &[Row<'_>]) -> Outcome {
    let mut version = String::new();
    let set: Vec<String> = tables::USERS
        .columns
        .iter()
        .enumerate()
        // $1 is the tenant and $2 the id.
        .map(|(position, (column, _))| (position + 2, *column))
        .inspect(|(number, column)| {
            if *column == "version" {
                version = format!("${number} - 1");
            }
        })
        .filter(|(_, column)| *column != "id")
        .map(|(number, column)| format!("{column} = ${number}"))
        .collect();
    let text = format!(
        "UPDATE users SET {} WHERE tenant_id = $1 AND id = $2 AND version = {version}",
        set.join(", ")
    );
    guarded(connection, &text, rows).await
}

async fn update_groups(connection: &mut SqliteConnection, rows: &[Row<'_>]) -> Outcome {
    let text = "UPDATE groups SET version = version + 1, updated_at = $4, \
                display_name = coalesce($5, display_name), display_name_key = coalesce($6, display_name_key), \
                roles = coalesce($7, roles), \
                document = coalesce($8, document), search = coalesce($9, search) \
                WHERE tenant_id = $1 AND id = $2 AND ($3 IS NULL OR version = $3)";
    guarded(connection, text, rows).await
}

/// Groups whose members go are changed by that: their version covers their direct members. Those that go themselves are
/// left to their own guards.
async fn touch_groups(connection: &mut SqliteConnection, departures: &[Row<'_>]) -> Outcome {
    let text = "UPDATE groups SET version = version + 1, updated_at = $3 WHERE tenant_id = $1 \
                AND id NOT IN (SELECT unhex(value) FROM json_each($4)) AND id IN (\
                SELECT group_id FROM memberships WHERE tenant_id = $1 AND user_id = $2 \
                UNION SELECT group_id FROM memberships WHERE tenant_id = $1 AND subgroup_id = $2)";
    for row in departures {
        let mut arguments = SqliteArguments::default();
        bind(&mut arguments, row)?;
        let going =
            departures.iter().filter(|other| other.tenant == row.tenant).filter_map(Row::id).collect();
        add_sqlite(&mut arguments, &Arg::Ids(going)).map_err(sqlx::Error::Encode)?;
        execute(connection, text.to_owned(), arguments).await?;
    }
    Ok(())
}

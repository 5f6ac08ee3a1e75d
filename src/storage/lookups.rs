//! Look-ups on SQLite: those that wait together go together.
//!
//! Each trip to a connection's thread and back takes longer than finding a few rows by their keys. So one task owns a
//! connection, and what is asked while it looks things up goes with the next trip: as one script, in one read
//! transaction that begins after the last of them was asked.

use std::borrow::Cow;
use std::fmt::Write as _;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Either, Executor};
use tokio::sync::{mpsc, oneshot};

use super::StorageError;
use super::statement::{Arg, Statement, add_sqlite};

/// Look-ups a trip, at the most. Trips are of 1, 2, 4, 8 or 16, so that few scripts are kept prepared.
const TOGETHER: usize = 16;
/// How many may wait; those beyond wait to be let in.
const QUEUE: usize = 1024;

type Rows = Result<Vec<SqliteRow>, StorageError>;

/// A look-up on its way, and who waits for it.
struct Job {
    text: Cow<'static, str>,
    args: Vec<Arg<'static>>,
    answer: oneshot::Sender<Rows>,
}

enum Message {
    LookUp(Job),
    Close(oneshot::Sender<()>),
}

/// Where look-ups are handed in.
#[derive(Clone, Debug)]
pub(super) struct Lookups(mpsc::Sender<Message>);

/// Opens a connection and starts the task; it ends when the last handle is gone or [`Lookups::close`] was called.
///
/// # Errors
/// A database that cannot be opened.
pub(super) async fn start(options: SqliteConnectOptions) -> Result<Lookups, StorageError> {
    let connection = SqliteConnection::connect_with(&options).await?;
    let (sender, receiver) = mpsc::channel(QUEUE);
    tokio::spawn(run(connection, options, receiver));
    Ok(Lookups(sender))
}

impl Lookups {
    /// All rows of a statement that finds a few by their keys.
    ///
    /// # Errors
    /// The database's.
    pub async fn rows(&self, statement: Statement<'_>) -> Rows {
        let (answer, receiver) = oneshot::channel();
        let args = statement.args.into_iter().map(Arg::into_owned).collect();
        // A task that is gone drops the sender, which the receiver then tells.
        let _ = self.0.send(Message::LookUp(Job { text: statement.text, args, answer })).await;
        receiver
            .await
            .unwrap_or_else(|_| Err(StorageError::Unavailable("the server is shutting down".to_owned())))
    }

    /// Answers what was asked before, and closes the connection.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.0.send(Message::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

async fn run(
    mut connection: SqliteConnection,
    options: SqliteConnectOptions,
    mut receiver: mpsc::Receiver<Message>,
) {
    let mut jobs: Vec<Job> = Vec::new();
    let mut close = None;
    loop {
        if jobs.is_empty() {
            match close.take() {
                Some(done) => return end(connection, done).await,
                None => match receiver.recv().await {
                    Some(message) => note(message, &mut jobs, &mut close),
                    None => return,
                },
            }
        }
        // Whoever is about to ask is let ask first: the trip takes them along.
        tokio::task::yield_now().await;
        while jobs.len() < TOGETHER
            && close.is_none()
            && let Ok(message) = receiver.try_recv()
        {
            note(message, &mut jobs, &mut close);
        }
        // A request that no longer waits has been answered by its time limit.
        jobs.retain(|job| !job.answer.is_closed());
        let (trip, rest) = next_trip(jobs);
        jobs = rest;
        if !trip.is_empty() && look_up(&mut connection, trip).await.is_err_and(|error| error.is_common()) {
            connection = reopened(connection, &options).await;
        }
    }
}

fn note(message: Message, jobs: &mut Vec<Job>, close: &mut Option<oneshot::Sender<()>>) {
    match message {
        Message::LookUp(job) => jobs.push(job),
        Message::Close(done) => *close = Some(done),
    }
}

async fn end(connection: SqliteConnection, done: oneshot::Sender<()>) {
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "closing the database failed");
    }
    let _ = done.send(());
}

/// The first look-up and those like it, as many as make a power of two; and the rest. Of the rest the others come first,
/// or those who ask for something rare would wait for as long as the common is asked for.
fn next_trip(jobs: Vec<Job>) -> (Vec<Job>, Vec<Job>) {
    let Some(first) = jobs.first().map(|job| job.text.clone()) else { return (jobs, Vec::new()) };
    let (mut trip, mut rest): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| job.text == first);
    rest.extend(trip.split_off(1 << trip.len().ilog2()));
    (trip, rest)
}

/// Answers each look-up as soon as its rows are there; after a failure, those that are left with that.
async fn look_up(connection: &mut SqliteConnection, trip: Vec<Job>) -> Result<(), StorageError> {
    let mut trip = trip.into_iter();
    let outcome = match script(trip.as_slice()) {
        Ok((text, arguments)) => run_script(connection, text, arguments, &mut trip).await,
        Err(error) => Err(sqlx::Error::Encode(error).into()),
    };
    if let Err(error) = &outcome {
        for job in trip {
            let _ = job.answer.send(Err(StorageError::clone(error)));
        }
        // Ends the read transaction, if the script came that far.
        if let Err(error) = sqlx::query("ROLLBACK").execute(connection).await {
            tracing::debug!(%error, "nothing was left to roll back");
        }
    }
    outcome
}

/// Another connection in the place of one that failed; the same, if there is no other to be had.
async fn reopened(connection: SqliteConnection, options: &SqliteConnectOptions) -> SqliteConnection {
    match SqliteConnection::connect_with(options).await {
        Ok(another) => another,
        Err(error) => {
            tracing::warn!(%error, "the database could not be opened again");
            connection
        }
    }
}

async fn run_script(
    connection: &mut SqliteConnection,
    text: String,
    arguments: SqliteArguments,
    trip: &mut std::vec::IntoIter<Job>,
) -> Result<(), StorageError> {
    // BEGIN answers first, where there is more than one.
    let mut begun = trip.len() == 1;
    let mut rows = Vec::new();
    let mut steps = connection.fetch_many(sqlx::query_with(AssertSqlSafe(text), arguments));
    while let Some(step) = steps.try_next().await? {
        match step {
            Either::Right(row) => rows.push(row),
            Either::Left(_) if !begun => begun = true,
            Either::Left(_) => {
                let rows = std::mem::take(&mut rows);
                // COMMIT answers last, when nobody waits any more.
                if let Some(job) = trip.next() {
                    let _ = job.answer.send(Ok(rows));
                }
            }
        }
    }
    Ok(())
}

/// The statements of a trip one after another, each with its arguments' numbers moved behind those before it.
fn script(trip: &[Job]) -> Result<(String, SqliteArguments), sqlx::error::BoxDynError> {
    let mut arguments = SqliteArguments::default();
    let mut text = String::new();
    let mut before = 0;
    if trip.len() > 1 {
        text.push_str("BEGIN");
    }
    for job in trip {
        if !text.is_empty() {
            text.push(';');
        }
        push_moved(&mut text, &job.text, before);
        for arg in &job.args {
            add_sqlite(&mut arguments, arg)?;
        }
        before += job.args.len();
    }
    if trip.len() > 1 {
        text.push_str(";COMMIT");
    }
    Ok((text, arguments))
}

/// Appends a statement in which `$1` becomes `$4` if three arguments come before its own.
fn push_moved(out: &mut String, text: &str, before: usize) {
    let mut parts = text.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = part.split_at(digits);
        match number.parse::<usize>() {
            Ok(number) => {
                let _ = write!(out, "${}", number + before);
            }
            Err(_) => out.push('$'),
        }
        out.push_str(rest);
    }
}

//! `provost` as a process.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::Connection;
use tempfile::TempDir;

use crate::support::{Backend, TestDatabase};

/// How long anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A working directory, and what every command in it has in its environment.
pub struct Terminal {
    pub directory: TempDir,
    pub environment: Vec<(String, String)>,
    /// Dropped last: removes the database.
    _database: Option<TestDatabase>,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    /// The standard output of a command that succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The same, read as JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        let text = self.ok();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("the output is JSON ({error}): {text}"))
    }

    /// The standard error of a command that failed.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.stderr
    }
}

impl Terminal {
    /// A new, empty directory; nothing in the environment, so that the database is the default.
    pub fn new() -> Self {
        let directory = TempDir::new().expect("a directory for the test");
        Self { directory, environment: Vec::new(), _database: None }
    }

    /// The same with `DATABASE_URL` naming a new, empty database.
    pub async fn on(backend: Backend) -> Self {
        let database = TestDatabase::create(backend).await;
        let environment = vec![("DATABASE_URL".to_owned(), database.url.clone())];
        Self { environment, _database: Some(database), ..Self::new() }
    }

    /// The same with a PostgreSQL database that nobody has migrated.
    pub async fn on_unmigrated_postgres() -> Self {
        let terminal = Self::on(Backend::Postgres).await;
        let url = &terminal.environment[0].1;
        let mut connection = sqlx::PgConnection::connect(url).await.expect("the database opens");
        let emptied =
            sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public").execute(&mut connection);
        emptied.await.expect("the database is emptied");
        terminal
    }

    /// The same with one more variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
        command.args(arguments).current_dir(self.directory.path()).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program runs")
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Said {
        let mut child = Running(self.start(arguments));
        let stdout = whole(child.0.stdout.take().expect("its output is read"));
        let stderr = whole(child.0.stderr.take().expect("its errors are read"));
        let code = child.end().code();
        let text = |reader: JoinHandle<String>| reader.join().expect("the output is UTF-8");
        Said { code, stdout: text(stdout), stderr: text(stderr) }
    }

    /// Starts a server on a free port, and reads what it prints up to the line that holds `last`.
    pub fn serve(&self, arguments: &[&str], last: &str) -> Server {
        let mut child = Running(self.start(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat()));
        let lines = lines(child.0.stdout.take().expect("its output is read"));
        let errors = whole(child.0.stderr.take().expect("its errors are read"));
        let deadline = Instant::now() + PATIENCE;
        let mut printed = String::new();
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => printed.push_str(&(line.clone() + "\n")),
                Err(_) => {
                    drop(child);
                    panic!(
                        "the server did not print {last:?}: {printed}{}",
                        errors.join().unwrap_or_default()
                    );
                }
            }
            if printed.lines().last().is_some_and(|line| line.contains(last)) {
                return Server { child, printed, errors };
            }
        }
    }
}

/// What a process prints, read to the end beside it, so that it never waits for a reader.
fn whole(mut output: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).expect("the output is UTF-8");
        text
    })
}

/// The same line by line.
fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            // Nobody listens any more once the server has said that it is ready.
            let _ = sender.send(line.expect("the output is UTF-8"));
        }
    });
    receiver
}

/// A process that does not outlive the test.
struct Running(Child);

impl Running {
    fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.0.try_wait().expect("the process can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the process did not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or else it is to end now.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that is running.
pub struct Server {
    child: Running,
    /// What it printed when it started.
    pub printed: String,
    errors: JoinHandle<String>,
}

impl Server {
    /// What stands behind this label on a line of its own.
    #[track_caller]
    pub fn line(&self, label: &str) -> &str {
        let line = self.printed.lines().find_map(|line| line.trim_start().strip_prefix(label));
        line.unwrap_or_else(|| panic!("a line begins with {label:?}: {}", self.printed)).trim()
    }

    /// Sends SIGTERM and waits for the end; gives the exit code.
    pub fn terminate(self) -> Option<i32> {
        self.end().0
    }

    /// The same; gives the exit code, and what it said on standard error while it ran.
    pub fn end(mut self) -> (Option<i32>, String) {
        let id = self.child.0.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(sent.success());
        let code = self.child.end().code();
        (code, self.errors.join().expect("the output is UTF-8"))
    }
}

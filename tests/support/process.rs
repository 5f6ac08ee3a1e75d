//! The server as a process of its own, which can be killed.

use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running `provost serve`; killed when dropped.
pub struct ServerProcess {
    child: Child,
    pub base_url: String,
    /// The admin API's.
    pub admin_url: String,
    /// The token that the first start on a database shows.
    pub first_token: Option<String>,
    /// The admin API's key, shown then too.
    pub first_key: Option<String>,
    /// Where it runs: no settings file is there.
    _directory: TempDir,
}

impl ServerProcess {
    /// Starts the server on a free port and waits until it says that it is ready.
    pub async fn start(database_url: &str) -> Self {
        Self::start_in(database_url, &[]).await
    }

    /// The same with more in its environment.
    pub async fn start_in(database_url: &str, environment: &[(&str, &str)]) -> Self {
        let directory = TempDir::new().expect("a directory for the server");
        // What writes beyond a limit on files shall fail, not end the process.
        let ignoring = "trap '' XFSZ; exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", ignoring, env!("CARGO_BIN_EXE_provost"), "serve", "--json"])
            .args(["--listen", "127.0.0.1:0", "--database", database_url])
            .env("PROVOST_POSTGRES_CONNECTIONS", "16")
            .env("PROVOST_LOG_FILTER", "off")
            // The same for every server of a test, wherever it runs.
            .env("PROVOST_SECRET_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
            .envs(environment.iter().copied())
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is read")).lines();
        let line = lines.next_line().await.expect("its output is text");
        let line = line.expect("the server says where it is");
        let said: Value = serde_json::from_str(&line).expect("it says so in JSON");
        let text = |name: &str| said[name].as_str().map(str::to_owned);
        Self {
            child,
            base_url: text("scim_base_url").expect("a base URL"),
            admin_url: text("admin_base_url").expect("the admin API's base URL"),
            first_token: text("scim_token"),
            first_key: text("admin_key"),
            _directory: directory,
        }
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    /// `kill -9`: nothing is finished, nothing is closed.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the server is killed");
    }
}

//! A real mail server on loopback: `aiosmtpd`, which `conformance/python` installs from PyPI when it is not there yet.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// Far more than a mail takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Installed by one test for all.
static PYTHON: OnceCell<PathBuf> = OnceCell::const_new();

/// A running mail server; killed when dropped.
pub struct SmtpServer {
    pub port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

async fn python() -> &'static Path {
    PYTHON
        .get_or_init(|| async {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/python");
            let ready = Command::new(&script).args(["-c", "import aiosmtpd"]).output().await;
            let ready = ready.expect("conformance/python can be run");
            assert!(
                ready.status.success(),
                "The mail server for the tests (aiosmtpd, from PyPI) could not be installed by conformance/python:\n{}",
                String::from_utf8_lossy(&ready.stderr)
            );
            script
        })
        .await
}

impl SmtpServer {
    /// Without TLS.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With STARTTLS, given a certificate and its key.
    pub async fn start_with(certificate: &[&Path]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/delivery/smtp_server.py");
        let mut command = Command::new(python().await);
        command.arg(script).args(certificate).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the mail server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is read")).lines();
        let said = next(&mut lines).await;
        let port = said["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("it says its port");
        Self { port, lines, _child: child }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The next mail that it accepts.
    pub async fn mail(&mut self) -> Value {
        next(&mut self.lines).await
    }

    /// Whether it accepted none that was not asked for.
    pub async fn has_no_mail(&mut self) -> bool {
        timeout(Duration::from_millis(100), self.lines.next_line()).await.is_err()
    }
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    let line = timeout(PATIENCE, lines.next_line()).await.expect("the mail server says something");
    let line = line.expect("its output is text").expect("the mail server runs");
    serde_json::from_str(&line).expect("it speaks JSON")
}

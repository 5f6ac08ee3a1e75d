//! The server under test, as a process of its own.

use std::io::BufRead as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

/// Linux counts processor time in hundredths of a second (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// A running server; it ends when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts the release binary on a database and waits until it listens.
    ///
    /// # Errors
    /// A server that does not start.
    pub fn start(database: &str) -> Result<Self, Failure> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
        command
            .args(["--json", "--database", database, "serve", "--listen", "127.0.0.1:0"])
            .env("PROVOST_LOG_FILTER", "warn")
            // Nothing that is measured is secret, and no key file shall be left behind.
            .env("PROVOST_SECRET_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
            // Scenarios say where requests come from.
            .env("PROVOST_TRUSTED_PROXIES", r#"["127.0.0.1/32"]"#)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let (child, line) = first_line(command)?;
        let started: serde_json::Value = serde_json::from_str(&line)?;
        let address = started["listening"].as_str().ok_or("the server does not say where it listens")?;
        Ok(Self { child, address: address.parse()? })
    }

    /// Starts this program's own bare endpoint in a second process.
    ///
    /// # Errors
    /// A process that does not start.
    pub fn start_bare(answer: &std::path::Path) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(crate::bare::FLAG).arg(answer).stdin(Stdio::null()).stdout(Stdio::piped());
        let (child, line) = first_line(command)?;
        Ok(Self { child, address: line.trim().parse()? })
    }

    /// Processor time so far, in user and kernel mode.
    ///
    /// # Errors
    /// A process that is gone.
    pub fn processor_time(&self) -> Result<Duration, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        Ok(ticks.sum::<Result<u32, _>>()? * TICK)
    }

    /// The most memory that was ever resident, in MiB.
    ///
    /// # Errors
    /// A process that is gone.
    pub fn peak_memory(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A child that ended by itself cannot be killed; either way it is waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a process and reads its first line; nothing else goes on meanwhile.
fn first_line(mut command: Command) -> Result<(Child, String), Failure> {
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().ok_or("the process has no standard output")?;
    let mut line = String::new();
    std::io::BufReader::new(stdout).read_line(&mut line)?;
    if line.is_empty() {
        let _ = child.kill();
        let _ = child.wait();
        return Err("the process ended before it said where it listens".into());
    }
    Ok((child, line))
}

/// From the start of the server's process to its first good answer on `/readyz`, in milliseconds.
///
/// # Errors
/// A server that is not ready.
pub async fn time_to_ready(database: &str) -> Result<f64, Failure> {
    let started = Instant::now();
    let server = Server::start(database)?;
    let mut stream = TcpStream::connect(server.address).await?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if !answer.starts_with("HTTP/1.1 200") {
        return Err(format!("the server is not ready:\n{answer}").into());
    }
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

//! How long and how much: `PROVOST_BENCH_…` variables shrink a run.

use std::time::Duration;

use crate::Failure;

/// A run's size.
pub struct Settings {
    /// How long each side of a round lasts (`PROVOST_BENCH_SECONDS`).
    pub round: Duration,
    /// Rounds of each scenario (`PROVOST_BENCH_ROUNDS`).
    pub rounds: usize,
    /// Only scenarios whose name contains this (`PROVOST_BENCH_ONLY`).
    pub only: String,
    /// Users in the tenant (`PROVOST_BENCH_USERS`).
    pub users: u64,
    /// Users in the large tenant (`PROVOST_BENCH_MILLION`).
    pub million: u64,
    /// Keep the databases, and use those that an earlier run kept (`PROVOST_BENCH_KEEP`).
    pub keep: bool,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    /// A variable that is not a number.
    pub fn from_environment() -> Result<Self, Failure> {
        Ok(Self {
            round: Duration::from_secs_f64(number("SECONDS", 3.0)?),
            rounds: number("ROUNDS", 5.0)?.max(1.0) as usize,
            only: std::env::var("PROVOST_BENCH_ONLY").unwrap_or_default(),
            users: number("USERS", 100_000.0)? as u64,
            million: number("MILLION", 1_000_000.0)? as u64,
            keep: std::env::var_os("PROVOST_BENCH_KEEP").is_some(),
        })
    }

    /// Whether this scenario is asked for.
    pub fn wants(&self, name: &str) -> bool {
        name.contains(&self.only)
    }

    /// Whether any of these is.
    pub fn wants_some(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.wants(name) || self.only.contains(name))
    }
}

fn number(name: &str, default: f64) -> Result<f64, Failure> {
    let name = format!("PROVOST_BENCH_{name}");
    match std::env::var(&name) {
        Ok(text) => text.parse().map_err(|_| format!("{name} has to be a number, not '{text}'").into()),
        Err(_) => Ok(default),
    }
}

//! Alternating rounds: baseline, ours, baseline, ours, …, so that what else the machine does meets both.

use std::path::PathBuf;
use std::time::Duration;

use crate::Failure;
use crate::driver::{Driver, Load, Requests};
use crate::hashing;
use crate::pgbench::Pgbench;
use crate::process::Server;
use crate::report::{Comparison, Goal, Limit, Report, median};
use crate::settings::Settings;

/// Requests under way at a time.
const CONNECTIONS: usize = 16;

/// One side of a comparison.
pub enum Side<'s> {
    Pgbench {
        pgbench: &'s Pgbench,
        script: PathBuf,
    },
    Http {
        server: &'s Server,
        status: u16,
        requests: Requests,
    },
    /// Sign-ins, as many at a time as there are places.
    SignIns {
        server: &'s Server,
        connections: usize,
        requests: Requests,
    },
    /// Argon2 alone, on each core.
    Argon2,
    /// A server that gives the same answer to everybody.
    Bare {
        server: &'s Server,
        status: u16,
        requests: Requests,
    },
}

/// What one side did in one round.
struct Round {
    load: Load,
    /// The server's processor time per request, in microseconds.
    processor: f64,
}

impl Side<'_> {
    async fn round(&self, time: Duration) -> Result<Round, Failure> {
        match self {
            Self::Pgbench { pgbench, script } => {
                let load = Load { rate: pgbench.rate(script, time)?, ..Load::default() };
                Ok(Round { load, processor: 0.0 })
            }
            Self::Argon2 => {
                let load = Load { rate: hashing::rate(time)?, ..Load::default() };
                Ok(Round { load, processor: 0.0 })
            }
            Self::SignIns { server, connections, requests } => {
                driven(server, time, (*connections, 200, false), requests).await
            }
            Self::Http { server, status, requests } => {
                driven(server, time, (CONNECTIONS, *status, false), requests).await
            }
            Self::Bare { server, status, requests } => {
                driven(server, time, (CONNECTIONS, *status, true), requests).await
            }
        }
    }
}

async fn driven(
    server: &Server,
    time: Duration,
    (connections, status, bare): (usize, u16, bool),
    requests: &Requests,
) -> Result<Round, Failure> {
    let before = server.processor_time()?;
    let load = Driver { address: server.address, connections, status, bare }.run(time, requests).await?;
    let spent = server.processor_time()?.saturating_sub(before);
    let processor = spent.as_secs_f64() * 1e6 / load.requests.max(1) as f64;
    Ok(Round { load, processor })
}

/// A run under way.
pub struct Bench {
    pub settings: Settings,
    pub report: Report,
}

impl Bench {
    /// Measures both sides in turn and notes the medians. Nothing is measured if the scenario was not asked for.
    ///
    /// # Errors
    /// A side that fails.
    pub async fn compare(
        &mut self,
        goal: Goal<'_>,
        baseline: &Side<'_>,
        ours: &Side<'_>,
    ) -> Result<(), Failure> {
        if !self.settings.wants(goal.name) {
            return Ok(());
        }
        let time = self.settings.round;
        // Caches and prepared statements of both sides, the plans that PostgreSQL settles on after five runs included.
        baseline.round(time / 3).await?;
        ours.round(time / 3).await?;
        let (mut theirs, mut own) = (Vec::new(), Vec::new());
        for _ in 0..self.settings.rounds {
            theirs.push(baseline.round(time).await?);
            own.push(ours.round(time).await?);
        }
        let ratios: Vec<f64> =
            own.iter().zip(&theirs).map(|(own, their)| own.load.rate / their.load.rate).collect();
        let comparison = Comparison {
            name: goal.name.to_owned(),
            against: goal.against.to_owned(),
            ours: median(own.iter().map(|round| round.load.rate)),
            baseline: median(theirs.iter().map(|round| round.load.rate)),
            ratio: median(ratios.iter().copied()),
            ratios,
            at_least: goal.at_least,
            aim: goal.aim,
            p50_ms: median(own.iter().map(|round| round.load.p50)),
            p99_ms: median(own.iter().map(|round| round.load.p99)),
            processor_us: median(own.iter().map(|round| round.processor)),
        };
        eprintln!(
            "{}: {:.0}/s against {:.0}/s, ratio {:.2}, p99 {:.2} ms, {:.0} µs processor time a request",
            comparison.name,
            comparison.ours,
            comparison.baseline,
            comparison.ratio,
            comparison.p99_ms,
            comparison.processor_us
        );
        self.report.comparisons.push(comparison);
        Ok(())
    }

    /// Holds what a comparison measured on the side against a limit.
    pub fn limit_of(
        &mut self,
        scenario: &str,
        what: &str,
        at_most: f64,
        unit: &'static str,
        of: fn(&Comparison) -> f64,
    ) {
        let found = self.report.comparisons.iter().find(|row| row.name == scenario).map(of);
        if let Some(measured) = found {
            self.limit(format!("{scenario}: {what}"), measured, at_most, unit);
        }
    }

    /// Notes a value that has a limit.
    pub fn limit(&mut self, name: String, measured: f64, at_most: f64, unit: &'static str) {
        eprintln!("{name}: {measured:.1} {unit} (at most {at_most})");
        self.report.limits.push(Limit { name, measured, at_most, unit });
    }
}

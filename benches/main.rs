//! `make bench`: the release binary under load, against baselines measured in the same run. See docs/performance.md.

mod bare;
mod driver;
mod hashing;
mod person;
mod pgbench;
mod place;
mod process;
mod report;
mod requests;
mod rounds;
mod scenarios;
mod scripts;
mod seed;
mod settings;

use std::path::Path;
use std::process::ExitCode;

use rounds::Bench;
use settings::Settings;

/// Whatever ended the benchmark.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where the results are left for machines.
const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench/results.json");

// One thread: what the driver does not use, the server can.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let done = match (arguments.next().as_deref(), arguments.next()) {
        (Some(bare::FLAG), Some(answer)) => bare::serve(Path::new(&answer)).await,
        _ => run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("The benchmark failed: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let settings = Settings::from_environment()?;
    let mut bench = Bench { settings, report: report::Report::default() };
    let outcome = scenarios::run(&mut bench).await;
    // What was measured before a failure is shown all the same.
    println!("{}", bench.report.table());
    if let Some(directory) = Path::new(RESULTS).parent() {
        std::fs::create_dir_all(directory)?;
    }
    std::fs::write(RESULTS, format!("{:#}\n", bench.report.json()))?;
    outcome
}

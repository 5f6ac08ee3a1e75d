//! `provost`: parses the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;
use provost::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("provost: {error}");
            ExitCode::FAILURE
        }
    }
}

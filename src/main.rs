//! `provost`: parses the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;
use provost::cli::Cli;

/// Documents are built of many small pieces: with the C library's allocator a fifth of a write's processor time went
/// there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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

//! The scenarios, one file for each part of the table.

mod groups;
mod large;
mod lookups;
mod postgres;
mod sign_in;
mod sqlite;

use crate::Failure;
use crate::driver::Requests;
use crate::place::Engine;
use crate::process::Server;
use crate::rounds::{Bench, Side};

const ENGINES: [Engine; 2] = [Engine::Postgres, Engine::Sqlite];

/// Runs them all.
///
/// # Errors
/// The first that fails.
pub async fn run(bench: &mut Bench) -> Result<(), Failure> {
    postgres::run(bench).await?;
    sqlite::run(bench).await?;
    sign_in::run(bench).await?;
    for engine in ENGINES {
        large::run(bench, engine).await?;
    }
    Ok(())
}

/// A read on our server.
fn read(server: &Server, requests: Requests) -> Side<'_> {
    Side::Http { server, status: 200, requests }
}

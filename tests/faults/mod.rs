//! What goes wrong around the server: it is killed, its disk is full, its database is away.

mod kill;
mod kill_outbox;
pub mod ledger;
mod postgres;
#[cfg(target_os = "linux")]
mod sqlite;
mod statement;

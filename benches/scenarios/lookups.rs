//! The look-ups that identity providers send all day, against our own GET by id.

use super::read;
use crate::place::Engine;
use crate::process::Server;
use crate::report::Goal;
use crate::rounds::Bench;
use crate::seed::Tenant;
use crate::{Failure, requests};

/// In the names of all of these.
pub const NAME: &str = "filter";

/// Runs these scenarios.
///
/// # Errors
/// The first that fails.
pub async fn run(bench: &mut Bench, engine: Engine, server: &Server, tenant: &Tenant) -> Result<(), Failure> {
    let users = bench.settings.users;
    let by_id = read(server, requests::get(tenant, users, requests::by_id));
    let filters = [
        ("userName eq", requests::by_user_name as fn(u64) -> String),
        ("externalId eq", requests::by_external_id),
        ("emails.value eq", requests::by_email),
    ];
    for (filter, url) in filters {
        let name = format!("{} {NAME} {filter}", engine.name());
        let goal = Goal { name: &name, against: "our own GET by id", at_least: Some(0.8), aim: Some(0.95) };
        bench.compare(goal, &by_id, &read(server, requests::get(tenant, users, url))).await?;
    }
    Ok(())
}

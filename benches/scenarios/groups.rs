//! Adding one member costs what the change costs, not what the group holds.

use provost::model::GroupId;

use crate::driver::Driver;
use crate::place::Engine;
use crate::process::Server;
use crate::report::Goal;
use crate::rounds::{Bench, Side};
use crate::seed::{Seeder, Tenant};
use crate::{Failure, requests};

/// In the names of all of these.
pub const NAME: &str = "add one member";

/// Users beyond those that the large group holds, to be added one by one.
pub const SPARE: u64 = 50_000;
const SMALL: u64 = 1_000;

/// Runs these scenarios.
///
/// # Errors
/// The first that fails.
pub async fn run(
    bench: &mut Bench,
    engine: Engine,
    server: &Server,
    tenant: &Tenant,
    seeder: &Seeder,
) -> Result<(), Failure> {
    let name = format!("{} {NAME}", engine.name());
    if !bench.settings.wants(&name) {
        return Ok(());
    }
    let users = bench.settings.users;
    let large = group(server, tenant, seeder, users).await?;
    let small = group(server, tenant, seeder, SMALL.min(users)).await?;
    let side = |group: &str| Side::Http {
        server,
        status: 204,
        requests: requests::add_member(tenant, group, users, SPARE),
    };
    let goal = Goal { name: &name, against: "a group of 1,000", at_least: Some(0.9), aim: Some(1.0) };
    bench.compare(goal, &side(&small), &side(&large)).await
}

async fn group(server: &Server, tenant: &Tenant, seeder: &Seeder, members: u64) -> Result<String, Failure> {
    let driver = Driver { address: server.address, connections: 1, status: 201, bare: false };
    let answer = driver.once(requests::post_group(tenant, &format!("Group of {members}"))).await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    let id = answer["id"].as_str().ok_or("the group's answer has no id")?;
    let group: GroupId = id.parse()?;
    seeder.join(&tenant.connection, group, 0..members).await?;
    Ok(id.to_owned())
}

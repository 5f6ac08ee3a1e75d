//! A tenant with a million users beside one with a thousand; memory under load; the time to be ready.

use std::time::Duration;

use super::read;
use crate::Failure;
use crate::driver::Driver;
use crate::place::{Engine, Place};
use crate::process::{Server, time_to_ready};
use crate::report::{Goal, median};
use crate::requests;
use crate::rounds::Bench;
use crate::seed::{Seeder, Tenant};

const SMALL: u64 = 1_000;
const UNDER_LOAD: usize = 64;
const STARTS: usize = 5;

/// Runs these scenarios.
///
/// # Errors
/// The first that fails.
pub async fn run(bench: &mut Bench, engine: Engine) -> Result<(), Failure> {
    let many = bench.settings.million;
    let million = format!("{} {} users", engine.name(), thousands(many));
    let names = ["GET by id", "userName eq", "externalId eq", "emails.value eq", "userName sw", "first page"]
        .map(|what| format!("{million}: {what}"));
    let memory = format!("{million}: memory");
    let ready = format!("{million}: ready");
    if !bench.settings.wants_some(&names.each_ref().map(String::as_str))
        && !bench.settings.wants_some(&[&memory, &ready])
    {
        return Ok(());
    }
    let place = Place::make(engine, "million", bench.settings.keep).await?;
    let seeder = Seeder::open(&place.url).await?;
    let small = seeder.tenant("thousand", SMALL.min(many)).await?;
    let large = seeder.tenant("million", many).await?;
    seeder.close().await;
    if engine == Engine::Postgres {
        place.execute("VACUUM (ANALYZE)").await?;
    }
    if bench.settings.wants(&ready) {
        let mut starts = Vec::new();
        for _ in 0..STARTS {
            starts.push(time_to_ready(&place.url).await?);
        }
        bench.limit(ready, median(starts), 300.0, "ms");
    }
    let server = Server::start(&place.url)?;
    let urls: [fn(u64) -> String; 6] = [
        requests::by_id,
        requests::by_user_name,
        requests::by_external_id,
        requests::by_email,
        requests::by_prefix,
        requests::first_page,
    ];
    for (name, url) in names.iter().zip(urls) {
        let (at_least, aim) = if name.ends_with("first page") { (0.6, 0.75) } else { (0.7, 0.85) };
        let goal = Goal { name, against: "a tenant of 1,000", at_least: Some(at_least), aim: Some(aim) };
        let side = |tenant: &Tenant, users| read(&server, requests::get(tenant, users, url));
        bench.compare(goal, &side(&small, SMALL.min(many)), &side(&large, many)).await?;
    }
    if bench.settings.wants(&memory) {
        let driver = Driver { address: server.address, connections: UNDER_LOAD, status: 200, bare: false };
        driver.run(bench.settings.round * 2, &requests::mixed_reads(&large, many)).await?;
        let driver = Driver { address: server.address, connections: UNDER_LOAD, status: 201, bare: false };
        driver.run(bench.settings.round.max(Duration::from_secs(1)), &requests::post(&large)).await?;
        bench.limit(memory, server.peak_memory()?, 128.0, "MiB");
    }
    drop(server);
    place.remove().await
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
}

//! SQLite with 100,000 users, against a poem endpoint with nothing behind it.

use super::{groups, lookups, read};
use crate::driver::{Dice, Driver};
use crate::place::{Engine, Place};
use crate::process::Server;
use crate::report::Goal;
use crate::rounds::{Bench, Side};
use crate::seed::{Seeder, Tenant};
use crate::{Failure, requests};

const GET: &str = "SQLite GET by id";
const POST: &str = "SQLite POST";

/// Runs these scenarios.
///
/// # Errors
/// The first that fails.
pub async fn run(bench: &mut Bench) -> Result<(), Failure> {
    if !bench.settings.wants_some(&[GET, POST, groups::NAME, lookups::NAME]) {
        return Ok(());
    }
    let place = Place::make(Engine::Sqlite, "many", bench.settings.keep).await?;
    let seeder = Seeder::open(&place.url).await?;
    let tenant = seeder.tenant("many", bench.settings.users + groups::SPARE).await?;
    let server = Server::start(&place.url)?;
    against_bare(bench, &tenant, &server).await?;
    lookups::run(bench, Engine::Sqlite, &server, &tenant).await?;
    groups::run(bench, Engine::Sqlite, &server, &tenant, &seeder).await?;
    drop(server);
    seeder.close().await;
    place.remove().await
}

async fn against_bare(bench: &mut Bench, tenant: &Tenant, server: &Server) -> Result<(), Failure> {
    let get = requests::get(tenant, bench.settings.users, requests::by_id);
    let post = requests::post(tenant);
    let driver = Driver { address: server.address, connections: 1, status: 200, bare: false };
    let answer = driver.once(get(&mut Dice::new(1))).await?;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), answer)?;
    let bare = Server::start_bare(file.path())?;

    let goal =
        |name, against, at_least, aim| Goal { name, against, at_least: Some(at_least), aim: Some(aim) };
    let theirs = Side::Bare { server: &bare, status: 200, requests: get.clone() };
    bench
        .compare(goal(GET, "a bare endpoint, the same bytes", 0.55, 0.75), &theirs, &read(server, get))
        .await?;
    let theirs = Side::Bare { server: &bare, status: 201, requests: post.clone() };
    let ours = Side::Http { server, status: 201, requests: post };
    bench.compare(goal(POST, "a bare endpoint that echoes", 0.15, 0.3), &theirs, &ours).await
}

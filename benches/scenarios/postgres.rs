//! PostgreSQL with 100,000 users, against pgbench.

use sqlx::{Connection as _, PgConnection};

use super::{groups, lookups, read};
use crate::pgbench::Pgbench;
use crate::place::{Engine, Place};
use crate::process::Server;
use crate::report::Goal;
use crate::rounds::{Bench, Side};
use crate::scripts::Scripts;
use crate::seed::{Seeder, Tenant};
use crate::{Failure, requests};

const GET: &str = "PostgreSQL GET by id";
const POST: &str = "PostgreSQL POST";
const BARE: &str = "PostgreSQL POST, bare baseline";
const PAGE: &str = "PostgreSQL page of 100";
const PATCH: &str = "PostgreSQL PATCH active";

/// The document as jsonb, otherwise the same rows.
const JSONB_COPY: &str = "DROP TABLE IF EXISTS users_jsonb; \
     CREATE TABLE users_jsonb (LIKE users INCLUDING ALL); \
     INSERT INTO users_jsonb SELECT * FROM users; \
     ALTER TABLE users_jsonb ALTER COLUMN document TYPE jsonb USING document::jsonb; \
     ANALYZE users_jsonb";

/// Runs these scenarios.
///
/// # Errors
/// The first that fails.
pub async fn run(bench: &mut Bench) -> Result<(), Failure> {
    if !bench.settings.wants_some(&[GET, POST, BARE, PAGE, PATCH, groups::NAME, lookups::NAME]) {
        return Ok(());
    }
    let place = Place::make(Engine::Postgres, "many", bench.settings.keep).await?;
    let seeder = Seeder::open(&place.url).await?;
    let tenant = seeder.tenant("many", bench.settings.users + groups::SPARE).await?;
    place.execute("VACUUM (ANALYZE)").await?;
    let server = Server::start(&place.url)?;
    against_pgbench(bench, &place, &seeder, &tenant, &server).await?;
    lookups::run(bench, Engine::Postgres, &server, &tenant).await?;
    groups::run(bench, Engine::Postgres, &server, &tenant, &seeder).await?;
    drop(server);
    seeder.close().await;
    place.remove().await
}

async fn against_pgbench(
    bench: &mut Bench,
    place: &Place,
    seeder: &Seeder,
    tenant: &Tenant,
    server: &Server,
) -> Result<(), Failure> {
    let users = bench.settings.users;
    let pgbench = Pgbench::find(&place.url)?;
    let scripts = Scripts { tenant, users };
    let baseline = |name: &str, text: &str| {
        Ok::<_, Failure>(Side::Pgbench { pgbench: &pgbench, script: pgbench.script(name, text)? })
    };
    let goal = |name, against, at_least, aim| Goal { name, against, at_least, aim: Some(aim) };

    let ours = read(server, requests::get(tenant, users, requests::by_id));
    let theirs = baseline("get", &scripts.get())?;
    bench.compare(goal(GET, "pgbench, the same SELECT", Some(0.4), 0.55), &theirs, &ours).await?;

    if bench.settings.wants(PAGE) {
        place.execute(JSONB_COPY).await?;
    }
    let ours = read(server, requests::get(tenant, users, requests::first_page));
    let theirs = baseline("page", &scripts.page())?;
    bench.compare(goal(PAGE, "pgbench, document as jsonb", Some(0.9), 1.7), &theirs, &ours).await?;

    let half = users / 2;
    let inactive = inactive(place, tenant).await?;
    let ours = Side::Http { server, status: 200, requests: requests::patch_active(tenant, half, &inactive) };
    let theirs = baseline("patch", &scripts.patch(&seeder.deactivation(&tenant.connection, 0)?)?)?;
    bench.compare(goal(PATCH, "pgbench, the same statements", Some(0.5), 0.65), &theirs, &ours).await?;

    let sample = seeder.user(&tenant.connection, 0)?;
    let ours = Side::Http { server, status: 201, requests: requests::post(tenant) };
    let theirs = baseline("post", &scripts.post(&sample)?)?;
    bench.compare(goal(POST, "pgbench, the same statement", Some(0.5), 0.65), &theirs, &ours).await?;
    let theirs = baseline("bare", &scripts.bare(&sample)?)?;
    bench.compare(goal(BARE, "pgbench, user + audit insert", None, 0.6), &theirs, &ours).await?;

    bench.limit_of(POST, "processor time", 150.0, "µs", |row| row.processor_us);
    bench.limit_of(GET, "processor time", 60.0, "µs", |row| row.processor_us);
    bench.limit_of(POST, "p99", 20.0, "ms", |row| row.p99_ms);
    bench.limit_of(GET, "p99", 5.0, "ms", |row| row.p99_ms);
    Ok(())
}

/// The numbers of seeded users that an earlier run left inactive.
async fn inactive(place: &Place, tenant: &Tenant) -> Result<Vec<u64>, Failure> {
    let mut connection = PgConnection::connect(&place.url).await?;
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT id FROM users WHERE tenant_id = $1 AND NOT active")
        .bind(tenant.id.0)
        .fetch_all(&mut connection)
        .await?;
    connection.close().await?;
    Ok(ids.into_iter().map(|id| (id.as_u128() & 0xffff_ffff) as u64).collect())
}

//! Signing in on SQLite: against Argon2 alone, and what it does to everybody else's requests meanwhile.

use std::cell::Cell;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::driver::{Driver, Load, Request, Requests};
use crate::place::{Engine, Place};
use crate::process::Server;
use crate::report::{Goal, median};
use crate::rounds::{Bench, Side};
use crate::seed::{Seeder, Tenant};
use crate::{Failure, requests};

const RATE: &str = "SQLite sign-ins";
const BESIDE: &str = "SQLite GET by id beside 32 sign-ins";
const STRANGERS: &str = "SQLite sign-ins of names that nobody has";
/// Sign-ins under way at a time.
const AT_ONCE: usize = 32;
/// Users in the tenant, beside those who sign in.
const USERS: u64 = 1_000;
/// Users on whom wrong passwords are tried, four times each.
const KNOWN: usize = 250;
const PASSWORD: &str = "seventeen purple llamas";

/// Runs these scenarios.
///
/// # Errors
/// The first that fails.
pub async fn run(bench: &mut Bench) -> Result<(), Failure> {
    if !bench.settings.wants_some(&[RATE, BESIDE, STRANGERS]) {
        return Ok(());
    }
    let place = Place::make(Engine::Sqlite, "sign-in", false).await?;
    let seeder = Seeder::open(&place.url).await?;
    let tenant = seeder.tenant("people", USERS).await?;
    seeder.close().await;
    let key = key(&place.url)?;
    let server = Server::start(&place.url)?;
    people(&server, &key).await?;
    let sign_ins = sign_ins();
    let ours = Side::SignIns { server: &server, connections: AT_ONCE, requests: Rc::clone(&sign_ins) };
    let goal = Goal { name: RATE, against: "Argon2 alone on all cores", at_least: Some(0.9), aim: None };
    bench.compare(goal, &Side::Argon2, &ours).await?;
    if bench.settings.wants(BESIDE) {
        beside(bench, &server, &tenant, &sign_ins).await?;
    }
    if bench.settings.wants(STRANGERS) {
        strangers(bench, &server, &key).await?;
    }
    drop(server);
    place.remove().await
}

/// How much longer the slowest of a hundred reads takes while people sign in: one read at a time, in turn without and with
/// sign-ins beside it.
async fn beside(
    bench: &mut Bench,
    server: &Server,
    tenant: &Tenant,
    sign_ins: &Requests,
) -> Result<(), Failure> {
    let get = requests::get(tenant, USERS, requests::by_id);
    let reader = Driver { address: server.address, connections: 1, status: 200, bare: false };
    let people = Driver { connections: AT_ONCE, ..reader };
    let time = bench.settings.round;
    reader.run(time / 3, &get).await?;
    let mut ratios = Vec::new();
    for _ in 0..bench.settings.rounds {
        let idle = reader.run(time, &get).await?;
        // The sign-ins begin before the reads and end after them.
        let delay = Duration::from_millis(200);
        let (busy, _): (Load, Load) = tokio::try_join!(
            async {
                tokio::time::sleep(delay).await;
                reader.run(time, &get).await
            },
            people.run(time + 2 * delay, sign_ins),
        )?;
        eprintln!("{BESIDE}: p99 {:.2} ms, idle {:.2} ms", busy.p99, idle.p99);
        ratios.push(busy.p99 / idle.p99);
    }
    bench.limit(format!("{BESIDE}: p99 over its idle value"), median(ratios), 3.0, "times");
    Ok(())
}

/// How far apart the medians are of the time that a wrong password takes and the time that a name takes which nobody has:
/// a thousand of each, in turn. No user fails often enough to be locked, and no address does.
async fn strangers(bench: &mut Bench, server: &Server, key: &str) -> Result<(), Failure> {
    let driver = Driver { address: server.address, connections: 1, status: 201, bare: false };
    for number in 0..KNOWN {
        driver.once(new_person(key, &format!("known{number}"))?).await?;
    }
    let wrong = Driver { status: 401, ..driver };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..KNOWN * 4 {
        for (name, times) in
            [(format!("known{}", number % KNOWN), &mut known), (format!("nobody{number}"), &mut unknown)]
        {
            let body = json!({ "user_name": name, "password": "eleven yellow submarines" });
            let from =
                format!("10.{}.{}.{}", u8::from(name.starts_with('k')), number / KNOWN, number % KNOWN);
            let http = hyper::Request::post("/auth/login").header("x-forwarded-for", from);
            let began = Instant::now();
            wrong.once(Request { http: with(http, &body)?, holds: None }).await?;
            times.push(began.elapsed().as_secs_f64());
        }
    }
    let (known, unknown) = (median(known), median(unknown));
    eprintln!("{STRANGERS}: {:.2} ms, of users {:.2} ms", unknown * 1000.0, known * 1000.0);
    let apart = (known - unknown).abs() / known * 100.0;
    bench.limit(format!("{STRANGERS}: medians apart"), apart, 5.0, "%");
    Ok(())
}

/// An API key of the tenant.
fn key(database: &str) -> Result<String, Failure> {
    let made = Command::new(env!("CARGO_BIN_EXE_provost"))
        .args(["--json", "--database", database, "key", "create", "--tenant", "people"])
        .output()?;
    let made: Value = serde_json::from_slice(&made.stdout)?;
    Ok(made["key"].as_str().ok_or("no key was made")?.to_owned())
}

/// Makes those who sign in.
async fn people(server: &Server, key: &str) -> Result<(), Failure> {
    let driver = Driver { address: server.address, connections: 1, status: 201, bare: false };
    for number in 0..AT_ONCE {
        driver.once(new_person(key, &format!("person{number}"))?).await?;
    }
    Ok(())
}

fn new_person(key: &str, name: &str) -> Result<Request, Failure> {
    let body = json!({ "user_name": name, "password": PASSWORD });
    let http = hyper::Request::post("/v1/users").header("x-api-key", key);
    Ok(Request { http: with(http, &body)?, holds: Some(name.to_owned()) })
}

/// One after another signs in.
fn sign_ins() -> Requests {
    let next = Cell::new(0);
    Rc::new(move |_dice| {
        let number = next.replace((next.get() + 1) % AT_ONCE);
        let body = json!({ "user_name": format!("person{number}"), "password": PASSWORD });
        let http = with(hyper::Request::post("/auth/login"), &body).expect("a request of fixed parts is one");
        Request { http, holds: Some("refresh_token".to_owned()) }
    })
}

fn with(
    request: hyper::http::request::Builder,
    body: &Value,
) -> Result<hyper::Request<Full<Bytes>>, Failure> {
    let request = request.header("host", "bench").header("content-type", "application/json");
    Ok(request.body(Full::new(Bytes::from(body.to_string())))?)
}

//! PostgreSQL that goes away and comes back.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::ledger::Ledger;
use crate::support::{Answer, Backend, TestApp, crowd};

const AWAY: &str = "The database is not available at the moment; nothing was changed. Try again.";
const IN_DOUBT: &str = "The connection to the database broke while the change was being written, so it may or may not have been made. Read the resource before you try again.";

/// A connection to another database of the same server, from which this one can be shut.
async fn outside() -> PgConnection {
    let server = std::env::var("PROVOST_TEST_POSTGRES_URL").expect("`make test` sets it");
    PgConnection::connect(&server).await.expect("the PostgreSQL server answers")
}

async fn run(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.expect("the statement runs");
}

fn name(app: &TestApp) -> String {
    let name = app.database_url().rsplit('/').next().expect("a name");
    name.split('?').next().unwrap_or_default().to_owned()
}

fn terminate(name: &str) -> String {
    format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND application_name = 'provost'"
    )
}

/// `/readyz` until it says this; an answer is kept for half a second.
async fn until_ready_is(app: &TestApp, status: u16) {
    let url = app.client.base_url.replace("/scim/v2", "/readyz");
    loop {
        let found = reqwest::get(&url).await.expect("the server answers").status().as_u16();
        assert!([200, 503].contains(&found), "{found}");
        if found == status {
            return;
        }
    }
}

fn body(user_name: &str) -> Value {
    let emails = json!([{ "value": format!("{user_name}@example.com"), "primary": true }]);
    json!({ "userName": user_name, "externalId": user_name, "emails": emails })
}

/// While the database lets nobody in, `/readyz` and every request say so (503); when it does again, they work without a
/// restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_said_and_survived() {
    let app = TestApp::start(Backend::Postgres).await;
    let user = app.client.user("ada").await;
    let (mut outside, name) = (outside().await, name(&app));
    until_ready_is(&app, 200).await;

    run(&mut outside, format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    run(&mut outside, terminate(&name)).await;
    until_ready_is(&app, 503).await;
    for answer in [
        app.client.get(&format!("/Users/{user}")).await,
        app.client.get("/Users").await,
        app.client.post("/Users", &body("bob")).await,
        app.client.delete(&format!("/Users/{user}")).await,
    ] {
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert_eq!(answer.error(), (503, String::new(), AWAY.to_owned()));
    }

    run(&mut outside, format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    until_ready_is(&app, 200).await;
    app.client.get(&format!("/Users/{user}")).await.expect(200);
    app.client.post("/Users", &body("bob")).await.expect(201);
}

/// Connections that are cut under load cost at most a 503 each, which tells the truth: `nothing was changed` means so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_under_load_are_replaced() {
    const WRITERS: usize = 16;
    let app = TestApp::start(Backend::Postgres).await;
    let (mut outside, name) = (outside().await, name(&app));
    // Every tenth answer brings the next cut.
    let (answered, mut answers) = tokio::sync::mpsc::unbounded_channel();
    let cutting = tokio::spawn(async move {
        let mut count = 0;
        while answers.recv().await.is_some() {
            count += 1;
            if count % 10 == 0 {
                run(&mut outside, terminate(&name)).await;
            }
        }
    });
    let written = crowd(WRITERS, |writer| {
        let (client, answered) = (app.client.clone(), answered.clone());
        async move {
            let mut answers = Vec::new();
            for number in 0..25 {
                let user_name = format!("user{writer}.{number}");
                let answer = client.post("/Users", &body(&user_name)).await;
                answers.push((user_name, answer));
                answered.send(()).expect("somebody cuts");
            }
            answers
        }
    })
    .await;
    drop(answered);
    cutting.await.expect("the cutting ends");

    until_ready_is(&app, 200).await;
    let mut refused = 0;
    for (user_name, answer) in written.into_iter().flatten() {
        let filter = format!("userName eq \"{user_name}\"");
        let found = app.client.query("/Users", &[("filter", &filter)]).await.expect(200);
        match expected(answer) {
            Some(count) => assert_eq!(found["totalResults"], count, "{user_name}"),
            None => assert!([json!(0), json!(1)].contains(&found["totalResults"])),
        }
        refused += usize::from(found["totalResults"] == 0);
    }
    eprintln!("{refused} of {} writes were refused", WRITERS * 25);
    Ledger::open(app.database_url()).await.assert_sound().await;
}

/// How many users an answer says there are; nothing where it cannot know.
fn expected(answer: Answer) -> Option<usize> {
    if answer.status == 201 {
        return Some(1);
    }
    let (status, _, detail) = answer.error();
    assert_eq!(status, 503, "{detail}");
    match &*detail {
        AWAY => Some(0),
        IN_DOUBT => None,
        other => panic!("{other}"),
    }
}

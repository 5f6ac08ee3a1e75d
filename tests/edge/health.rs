//! `/healthz` and `/readyz`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use poem::Route;
use provost::http::edge::{EdgeSettings, Methods, liveness, readiness};

use super::support::{Gate, Server};

struct Database {
    is_up: AtomicBool,
    asked: AtomicUsize,
}

async fn server(database: &Arc<Database>) -> Server {
    let database = Arc::clone(database);
    let check = Arc::new(move || {
        database.asked.fetch_add(1, SeqCst);
        let is_up = database.is_up.load(SeqCst);
        let answer = if is_up { Ok(()) } else { Err("no route to 10.0.0.7".to_owned()) };
        Box::pin(async move { answer }) as _
    });
    let routes = Route::new()
        .at("/healthz", Methods::new().get(liveness()))
        .at("/readyz", Methods::new().get(readiness(check)));
    Server::run(EdgeSettings::default(), routes, Arc::new(Gate::default())).await
}

#[tokio::test]
async fn a_server_with_its_database_is_ready() {
    let database = Arc::new(Database { is_up: AtomicBool::new(true), asked: AtomicUsize::new(0) });
    let server = server(&database).await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/healthz").await.status, 200);
    assert_eq!(database.asked.load(SeqCst), 0);
    assert_eq!(wire.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_server_without_its_database_is_alive_but_not_ready() {
    let database = Arc::new(Database { is_up: AtomicBool::new(false), asked: AtomicUsize::new(0) });
    let server = server(&database).await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/healthz").await.status, 200);
    let answer = wire.get("/readyz").await;
    assert_eq!((answer.status, answer.body.contains("database does not answer")), (503, true));
    assert!(!answer.body.contains("10.0.0.7"), "{}", answer.body);
}

//! What remains of a request: metrics and one line in the log, without secrets.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use poem::Route;
use poem::endpoint::make;
use provost::http::edge::{self, EdgeSettings, Methods, install_recorder, serve_metrics};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::support::{FIXED_ID, Gate, PATIENCE, Server, Wire};

/// One recorder a process.
fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| install_recorder().unwrap()).clone()
}

#[tokio::test]
async fn requests_are_counted_by_method_route_and_status() {
    let handle = recorder();
    let routes = Route::new()
        .at("/counted/:id", Methods::new().get(make(|_| async { "one" })))
        .at("/named", Methods::new().get(make(named)));
    let settings = EdgeSettings { name: "counted", ..EdgeSettings::default() };
    let server = Server::run(settings, routes, Arc::new(Gate::default())).await;
    let mut wire = server.connect().await;
    wire.get("/counted/1").await;
    wire.get("/counted/2").await;
    wire.get("/named").await;
    wire.send("BREW /counted/1 HTTP/1.1\r\nHost: test\r\n\r\n").await;
    wire.answer().await;

    let page = handle.render();
    for line in [
        r#"provost_http_requests_total{method="GET",route="/counted/:id",status="200"} 2"#,
        r#"provost_http_requests_total{method="OTHER",route="/counted/:id",status="405"} 1"#,
        r#"provost_http_requests_total{method="GET",route="a name of its own",status="200"} 1"#,
        r#"provost_http_request_duration_seconds_count{method="GET",route="/counted/:id"} 2"#,
        r#"provost_http_open_connections{listener="counted"} 1"#,
    ] {
        assert!(page.contains(line), "{line} is missing from\n{page}");
    }
    assert!(page.contains("provost_http_request_duration_seconds_bucket"), "{page}");
}

async fn named(_: poem::Request) -> poem::Response {
    let mut response = poem::Response::from("named");
    response.set_data(edge::Route("a name of its own"));
    response
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(serve_metrics(listener, recorder(), async {
        let _ = stopped.await;
    }));
    let mut wire = Wire::new(tokio::net::TcpStream::connect(addr).await.unwrap());
    let answer = wire.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    assert_eq!(wire.get("/hello").await.status, 404);
    stop.send(()).unwrap();
    timeout(PATIENCE, task).await.unwrap().unwrap().unwrap();
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Collects what this thread logs; the tests' servers run on it.
    fn collect() -> (Self, tracing::subscriber::DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber =
            tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
        (lines, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn requests(&self) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"] == "request").collect()
    }
}

#[tokio::test]
async fn every_request_leaves_one_line_without_secrets() {
    let (lines, _guard) = Lines::collect();
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send(
        "GET /things/anna@example.com?filter=userName%20eq%20%22anna%22 HTTP/1.1\r\nHost: test\r\n\
         Authorization: Bearer sesame\r\n\r\n",
    )
    .await;
    wire.answer().await;
    wire.post("/echo", "application/json", br#"{"password":"sesame"}"#).await;

    let requests = lines.requests();
    assert_eq!(requests.len(), 2);
    let first = &requests[0];
    assert_eq!(
        (&first["level"], &first["method"], &first["status"]),
        (&"INFO".into(), &"GET".into(), &200.into())
    );
    assert_eq!((&first["route"], &first["path"]), (&"/things/:id".into(), &"/things/-".into()));
    assert_eq!(first["request_id"], FIXED_ID.to_string());
    assert!(first["duration_us"].is_u64());
    for secret in ["sesame", "anna", "filter"] {
        assert!(!lines.text().contains(secret), "{}", lines.text());
    }
}

#[tokio::test]
async fn without_an_access_log_only_the_servers_failures_are_logged_with_their_cause() {
    let (lines, _guard) = Lines::collect();
    let server = Server::start(EdgeSettings { access_log: false, ..EdgeSettings::default() }).await;
    let mut wire = server.connect().await;
    wire.get("/hello").await;
    wire.get("/nowhere").await;
    wire.get("/broken").await;
    wire.get("/panic").await;

    let requests = lines.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!((&requests[0]["level"], &requests[0]["status"]), (&"WARN".into(), &500.into()));
    assert_eq!(requests[0]["cause"], "disk 7 is on fire");
    assert!(requests[1]["cause"].as_str().unwrap().contains("flux capacitor"));
    assert!(lines.text().contains("a handler panicked"));
}

#[tokio::test]
async fn a_client_that_leaves_before_its_answer_is_recorded_too() {
    let (lines, _guard) = Lines::collect();
    let server = Server::start(EdgeSettings::default()).await;
    let mut wire = server.connect().await;
    wire.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n").await;
    server.gate.entered.notified().await;
    drop(wire);
    let recorded = async {
        while lines.requests().is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, recorded).await.unwrap();
    assert_eq!(lines.requests()[0]["status"], 499);
}

//! Counters for Prometheus, on a listener of their own.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use poem::http::Method;
use poem::http::header::CONTENT_TYPE;
use poem::{Response, Route, endpoint, get};
use tokio::net::TcpListener;
use tokio::time::interval;

use super::connection::serve;
use super::exchange::record::known;
use super::settings::EdgeSettings;

const REQUESTS: &str = "provost_http_requests_total";
const DURATION: &str = "provost_http_request_duration_seconds";
const OPEN: &str = "provost_http_open_connections";

/// From a read served from memory to the request time limit, in seconds.
const BUCKETS: [f64; 17] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    30.0,
];

/// Raw samples wait in memory until they are sorted into buckets.
const UPKEEP: Duration = Duration::from_secs(2);

/// Makes the process count. Every sample stays in memory until [`serve_metrics`] sorts it away, so a process that
/// installs a recorder must serve it.
///
/// # Errors
/// When the process already has a recorder.
pub fn install_recorder() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &BUCKETS)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Requests answered, by method, route and status (499: the client left).");
    describe_histogram!(DURATION, "Time from a request's header to its answer's, by method and route.");
    describe_gauge!(OPEN, "Connections that are open, by listener.");
    Ok(handle)
}

/// Serves `GET /metrics` until `shutdown` completes.
///
/// # Errors
/// When the listener's own address cannot be read.
pub async fn serve_metrics(
    listener: TcpListener,
    handle: PrometheusHandle,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let settings = EdgeSettings {
        name: "metrics",
        max_connections: 16,
        shutdown_grace: Duration::from_secs(1),
        access_log: false,
        ..EdgeSettings::default()
    };
    let page = handle.clone();
    let page = endpoint::make_sync(move |_| {
        Response::builder()
            .header(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
            .body(page.render())
    });
    let routes = Route::new().at("/metrics", get(page));
    let upkeep = async {
        let mut ticks = interval(UPKEEP);
        loop {
            ticks.tick().await;
            handle.run_upkeep();
        }
    };
    tokio::select! {
        done = serve(listener, Arc::new(routes), Arc::new(settings), shutdown) => done,
        () = upkeep => Ok(()),
    }
}

/// One more open connection, until dropped.
pub(super) struct OpenConnection(Gauge);

impl OpenConnection {
    pub(super) fn count(listener: &'static str) -> Self {
        let open = gauge!(OPEN, "listener" => listener);
        open.increment(1.0);
        Self(open)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// The series of every method, route and status met so far. Asking the recorder by name costs several allocations;
/// this costs a look-up.
#[derive(Default)]
pub(super) struct HttpMetrics {
    series: RwLock<HashMap<(&'static str, u16), Vec<Series>>>,
}

struct Series {
    route: Arc<str>,
    requests: Counter,
    duration: Histogram,
}

impl HttpMetrics {
    pub(super) fn record(&self, method: &Method, route: &str, status: u16, duration: Duration) {
        let key = (known(method), status);
        {
            let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(one) = series.get(&key).and_then(|all| all.iter().find(|one| *one.route == *route)) {
                one.requests.increment(1);
                one.duration.record(duration);
                return;
            }
        }
        let one = Series::new(key.0, route, status);
        one.requests.increment(1);
        one.duration.record(duration);
        self.series.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().push(one);
    }
}

impl Series {
    fn new(method: &'static str, route: &str, status: u16) -> Self {
        let route: Arc<str> = route.into();
        let requests = counter!(REQUESTS, "method" => method, "route" => Arc::clone(&route), "status" => status.to_string());
        let duration = histogram!(DURATION, "method" => method, "route" => Arc::clone(&route));
        Self { route, requests, duration }
    }
}

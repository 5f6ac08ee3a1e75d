//! The edge: what stands between a socket and the handlers.
//!
//! [`serve`] owns the sockets: TLS, the number of connections, slow clients, and an orderly end. [`wrap`] owns what
//! happens around every request: its id, who sent it, its time limit, panics, metrics and the log line.
//!
//! Not here: rate limits (they need the caller), compression and HTTP/3.

mod connection;
mod exchange;
mod health;
mod methods;
mod metrics;
mod settings;
mod telemetry;

pub use connection::{TlsError, load_tls, serve};
pub use exchange::{ClientAddr, Exchange, NewRequestId, RequestContext, RequestId, Route, wrap};
pub use health::{Check, liveness, readiness};
pub use methods::Methods;
pub use metrics::{install_recorder, serve_metrics};
pub use settings::EdgeSettings;
pub use telemetry::{LogFormat, TelemetryError, init_logging};

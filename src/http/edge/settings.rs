//! What the edge can be told.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use rustls::ServerConfig;

/// Limits, trust and logging of one listener.
#[derive(Clone, Debug)]
pub struct EdgeSettings {
    /// Names the listener in logs and in the label of `provost_http_open_connections`.
    pub name: &'static str,
    /// Connections that may be open at once; further ones wait in the kernel's queue.
    pub max_connections: usize,
    /// How long a client may take for a TLS handshake, and from the first byte of a request's header to its last.
    pub header_timeout: Duration,
    /// How long a connection may rest between requests.
    pub idle_timeout: Duration,
    /// How long no byte of a body may arrive before the request is answered 408.
    pub body_idle_timeout: Duration,
    /// The time limit of a request, body included (503); also how long a client may leave its answer unread.
    pub request_timeout: Duration,
    /// Bytes a request's body may have (413).
    pub max_body_bytes: usize,
    /// How long requests under way may still take once the server was told to stop.
    pub shutdown_grace: Duration,
    /// The proxies whose `Forwarded`, `X-Forwarded-*` and `X-Request-Id` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether every request leaves a line in the log, or only those that failed on the server's side.
    pub access_log: bool,
    /// Serves TLS if given; see [`load_tls`](super::load_tls).
    pub tls: Option<Arc<ServerConfig>>,
}

impl EdgeSettings {
    /// Whether this peer's word about the client is taken. IPv4 addresses in IPv6 clothes count as IPv4.
    pub(super) fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&peer))
    }
}

impl Default for EdgeSettings {
    fn default() -> Self {
        Self {
            name: "scim",
            // Below the usual limit of 1,024 open files, with room for the database's.
            max_connections: 768,
            header_timeout: Duration::from_secs(10),
            // Longer than the 60 s after which identity providers drop their pooled connections, so that the client
            // is the side that closes and no request meets a closing socket.
            idle_timeout: Duration::from_secs(75),
            body_idle_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            max_body_bytes: 1 << 20,
            shutdown_grace: Duration::from_secs(30),
            trusted_proxies: Vec::new(),
            access_log: true,
            tls: None,
        }
    }
}

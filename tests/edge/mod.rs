//! The edge, driven through real sockets.

mod connections;
mod health;
mod observability;
mod payload;
mod proxies;
mod refusals;
mod shutdown;
mod slow_clients;
mod support;
mod tls;

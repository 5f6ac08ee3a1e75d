//! One connection, from its handshake to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use poem::http::uri::Scheme;
use poem::http::{self, Version};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Phase;
use super::pulse::{Patience, Pulse, Verdict};
use super::socket::Socket;
use crate::http::edge::metrics::OpenConnection;
use crate::http::edge::settings::EdgeSettings;

/// Room for a request's header: a filter of 8 KiB in percent-encoding, a token, and what proxies add.
const MAX_HEADER_BYTES: usize = 64 * 1024;
const HTTP2_MAX_STREAMS: u32 = 128;
const HTTP2_PING: Duration = Duration::from_secs(20);

/// What all connections of a listener share.
pub(super) struct Server<E: ?Sized> {
    settings: Arc<EdgeSettings>,
    patience: Patience,
    local: LocalAddr,
    builder: Builder<TokioExecutor>,
    endpoint: Arc<E>,
}

impl<E> Server<E>
where
    E: Endpoint<Output = Response> + ?Sized + 'static,
{
    pub(super) fn new(endpoint: Arc<E>, settings: Arc<EdgeSettings>, local: SocketAddr) -> Self {
        let patience = Patience {
            header: settings.header_timeout,
            stall: settings.request_timeout,
            idle: settings.idle_timeout,
        };
        Self { settings, patience, local: LocalAddr(local.into()), builder: protocol(), endpoint }
    }

    /// Serves one connection until either side ends it. The place and the phase are given back by being dropped.
    pub(super) async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        mut phase: watch::Receiver<Phase>,
        _place: Option<OwnedSemaphorePermit>,
    ) {
        let _open = OpenConnection::count(self.settings.name);
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the client left before its first request");
            return;
        }
        let pulse = Arc::new(Pulse::new());
        let socket = Socket::new(stream, Arc::clone(&pulse));
        let Some(tls) = &self.settings.tls else {
            let builder = self.builder.clone();
            return self.requests(socket, builder, Scheme::HTTP, peer, pulse, phase).await;
        };
        let handshake = TlsAcceptor::from(Arc::clone(tls)).accept(socket);
        let handshake = tokio::select! {
            done = timeout(self.settings.header_timeout, handshake) => done,
            _ = phase.changed() => return,
        };
        match handshake {
            Ok(Ok(stream)) => {
                pulse.restart();
                let builder = negotiated(&stream, self.builder.clone());
                self.requests(stream, builder, Scheme::HTTPS, peer, pulse, phase).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_elapsed) => tracing::debug!("a TLS handshake did not end in time"),
        }
    }

    async fn requests<I>(
        self: Arc<Self>,
        io: I,
        builder: Builder<TokioExecutor>,
        scheme: Scheme,
        peer: SocketAddr,
        pulse: Arc<Pulse>,
        mut phase: watch::Receiver<Phase>,
    ) where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut patience = self.patience;
        let service = service_fn(|request: http::Request<Incoming>| {
            let (server, pulse, scheme) = (Arc::clone(&self), Arc::clone(&pulse), scheme.clone());
            async move {
                let has_body = !request.body().is_end_stream();
                let _under_way = pulse.request(request.version() == Version::HTTP_2, has_body);
                let request = (request, server.local.clone(), RemoteAddr(peer.into()), scheme).into();
                let response = server.endpoint.get_response(request).await;
                Ok::<_, Infallible>(http::Response::from(response))
            }
        });
        let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(io), service));
        loop {
            tokio::select! {
                // The connection comes first: what has arrived while this process was held up is not late.
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection ended in disorder");
                    }
                    return;
                }
                verdict = pulse.watch(&patience) => match verdict {
                    Verdict::Cut(reason) => {
                        tracing::debug!(reason, "a connection is cut off");
                        return;
                    }
                    // Told once already and still here: the next look cuts it off.
                    Verdict::Idle if patience.idle != self.patience.idle => return,
                    Verdict::Idle => {
                        patience.idle += patience.header;
                        connection.as_mut().graceful_shutdown();
                    }
                },
                changed = phase.changed() => {
                    if changed.is_err() || *phase.borrow_and_update() == Phase::Ended {
                        return;
                    }
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// hyper's own header timer is off: it would also end connections that rest between requests, and costs an allocation
/// a request. The [`Pulse`] does both, apart.
fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().header_read_timeout(None).max_buf_size(MAX_HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP2_PING)
        .keep_alive_timeout(HTTP2_PING)
        .max_concurrent_streams(HTTP2_MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX));
    builder
}

/// What the client chose by ALPN; without it, HTTP/1.1 (RFC 9113 §3.3 makes ALPN the only way to HTTP/2 over TLS).
fn negotiated(stream: &TlsStream<Socket>, builder: Builder<TokioExecutor>) -> Builder<TokioExecutor> {
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => builder.http2_only(),
        _ => builder.http1_only(),
    }
}

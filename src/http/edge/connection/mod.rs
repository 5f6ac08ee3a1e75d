//! Sockets: the accept loop, one task a connection, and an orderly end.

mod pulse;
mod serving;
mod socket;
mod tls;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::{Endpoint, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::settings::EdgeSettings;
use serving::Server;

pub use tls::{TlsError, load_tls};

/// How far a server has come; connections follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Finish what is under way.
    Draining,
    /// The grace is over.
    Ended,
}

/// How long the accept loop rests when the machine has no room for another socket.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves the endpoint on the listener until `shutdown` completes, then finishes what is under way, for at most
/// [`EdgeSettings::shutdown_grace`].
///
/// HTTP/1.1 and HTTP/2, the latter by ALPN or with prior knowledge. The sockets send without Nagle's delay.
///
/// # Errors
/// Only when the listener's own address cannot be read. A failed accept is logged and tried again.
pub async fn serve<E>(
    listener: TcpListener,
    endpoint: Arc<E>,
    settings: Arc<EdgeSettings>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    E: Endpoint<Output = Response> + ?Sized + 'static,
{
    let server = Arc::new(Server::new(endpoint, Arc::clone(&settings), listener.local_addr()?));
    let places = Arc::new(Semaphore::new(settings.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let (phase, _) = watch::channel(Phase::Serving);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, accept(&listener, settings.name).await)
        };
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            (place, (stream, peer)) = next => {
                tokio::spawn(Arc::clone(&server).connection(stream, peer, phase.subscribe(), place.ok()));
            }
        }
    }
    drop(listener);
    drain(&phase, &settings).await;
    Ok(())
}

/// The next connection, however often accepting fails before.
async fn accept(listener: &TcpListener, name: &'static str) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if concerns_one_client(&error) => {}
            Err(error) => {
                tracing::error!(listener = name, %error, "no connection can be accepted; trying again");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Whether the client went away before it was accepted. All else (no file descriptors, no memory) concerns the machine
/// and would return at once, so it calls for a pause.
fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Lets the connections end by themselves, then ends those that remain.
async fn drain(phase: &watch::Sender<Phase>, settings: &EdgeSettings) {
    phase.send_replace(Phase::Draining);
    if timeout(settings.shutdown_grace, phase.closed()).await.is_err() {
        let connections = phase.receiver_count();
        tracing::warn!(
            listener = settings.name,
            connections,
            "requests were still under way and are given up"
        );
        phase.send_replace(Phase::Ended);
        phase.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_of_files_calls_for_a_pause_and_a_client_that_left_does_not() {
        const EMFILE: i32 = 24;
        assert!(!concerns_one_client(&io::Error::from_raw_os_error(EMFILE)));
        assert!(concerns_one_client(&io::ErrorKind::ConnectionAborted.into()));
    }
}

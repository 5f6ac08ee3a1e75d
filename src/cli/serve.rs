//! `provost serve`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{CommandResult, Global, first_start};
use crate::app::App;
use crate::config::{self, Overrides};
use crate::http::edge;
use crate::model::Clock;

#[derive(Debug, Default, Args)]
pub struct Serve {
    /// Where SCIM is served; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// The server's URL as clients know it, without /scim/v2.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Where Prometheus metrics are served; nowhere by default.
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<SocketAddr>,
}

impl Serve {
    pub async fn run(self, global: &Global) -> CommandResult {
        let settings = global.settings(&Overrides {
            listen: self.listen,
            public_url: self.public_url,
            metrics_listen: self.metrics_listen,
            ..global.overrides()
        })?;
        let format = match settings.log_format {
            config::LogFormat::Text => edge::LogFormat::Text,
            config::LogFormat::Json => edge::LogFormat::Json,
        };
        edge::init_logging(format, &settings.log_filter)?;
        let (stop, stopped) = watch::channel(false);
        // From here on a signal ends the server in order: whoever reads that it is ready may send one at once.
        let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        let metrics = match settings.metrics_listen {
            Some(address) => Some(serve_metrics(address, stopped.clone()).await?),
            None => None,
        };
        let app = App::open(&settings, Clock::system()).await?;
        first_start::announce(&app, &settings, global.json).await?;
        tokio::spawn(async move {
            first_of(signals).await;
            let _ = stop.send(true);
        });
        app.serve(until(stopped)).await?;
        if let Some(metrics) = metrics {
            metrics.await??;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn serve_metrics(
    address: SocketAddr,
    stopped: watch::Receiver<bool>,
) -> Result<tokio::task::JoinHandle<std::io::Result<()>>, Box<dyn std::error::Error + Send + Sync>> {
    let handle = edge::install_recorder()?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("Cannot listen on {address} for metrics: {error}."))?;
    Ok(tokio::spawn(edge::serve_metrics(listener, handle, until(stopped))))
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone means the same.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn first_of([mut terminate, mut interrupt]: [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

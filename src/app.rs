//! The composition root: settings become a running server. Shared by the command line and the tests.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;

use crate::auth::password::{HashError, HasherSettings, PasswordHasher};
use crate::auth::{Authenticator, SecretKey, SecretKeyError};
use crate::config::Settings;
use crate::delivery::mail::MailSettingsError;
use crate::delivery::{DeliverySettings, Worker};
use crate::http::admin::Admin;
use crate::http::edge::{self, EdgeSettings, TlsError};
use crate::http::scim::Scim;
use crate::model::{Clock, random};
use crate::provisioning::Provisioning;
use crate::provisioning::directory::{Directory, DirectoryError};
use crate::provisioning::tenants::TenantError;
use crate::storage::{Migrate, PoolSizes, Storage, StorageError};

/// How often it is written down when tokens were last used.
const USES_WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// How often it is seen to that values of removed attributes go when their time is over.
const ATTRIBUTES_PURGED_EVERY: Duration = Duration::from_secs(60 * 60);

/// Why the server does not start or run.
#[derive(Debug, Error)]
pub enum AppError {
    #[error("The database cannot be opened: {0}.")]
    Storage(#[from] StorageError),
    #[error("Cannot listen on {address}: {source}.")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    SecretKey(#[from] SecretKeyError),
    #[error(transparent)]
    Mail(#[from] MailSettingsError),
    #[error(transparent)]
    Tenant(#[from] TenantError),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("Passwords cannot be hashed: {0}.")]
    Hash(#[from] HashError),
    #[error("The server failed: {0}.")]
    Serve(#[from] std::io::Error),
}

/// A server that is ready to serve.
pub struct App {
    pub provisioning: Provisioning,
    pub authenticator: Authenticator,
    pub directory: Directory,
    /// The admin API's base URL.
    pub admin_url: Arc<str>,
    pub secret_key: SecretKey,
    pub worker: Worker,
    listener: TcpListener,
    address: SocketAddr,
    edge: Arc<EdgeSettings>,
    shutdown_grace: Duration,
}

impl App {
    /// Opens the database and the socket.
    ///
    /// # Errors
    /// A database, secret key, mail server's URL, address or certificate that cannot be used.
    pub async fn open(settings: &Settings, clock: Clock) -> Result<Self, AppError> {
        use_ring();
        let storage = open_storage(settings).await?;
        let secret_key = open_secret_key(settings)?;
        let delivery = delivery_settings(settings);
        let worker = Worker::new(storage.clone(), clock.clone(), secret_key.clone(), &delivery)?;
        let edge = Arc::new(edge_settings(settings)?);
        let refused = |source| AppError::Listen { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let base_url = settings.scim_base_url(address);
        let provisioning = Provisioning::new(storage.clone(), clock.clone(), base_url);
        let authenticator = Authenticator::new(storage, clock);
        let hasher = PasswordHasher::new(HasherSettings::default())?;
        let directory =
            Directory { provisioning: provisioning.clone(), authenticator: authenticator.clone(), hasher };
        let base_url = settings.admin_base_url(address).into();
        Ok(Self {
            provisioning,
            authenticator,
            directory,
            admin_url: base_url,
            secret_key,
            worker,
            listener,
            address,
            edge,
            shutdown_grace: Settings::seconds(settings.shutdown_grace_seconds),
        })
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` completes, then finishes what is under way and closes the database.
    ///
    /// # Errors
    /// The listener's own failure.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), AppError> {
        let Self {
            provisioning,
            authenticator,
            directory,
            admin_url,
            worker,
            listener,
            edge,
            shutdown_grace,
            ..
        } = self;
        let storage = provisioning.storage.clone();
        let uses = tokio::spawn(write_uses(authenticator.clone()));
        let purges = tokio::spawn(purge_attributes(directory.clone()));
        if !worker.sends_mail() {
            tracing::warn!("no mail is sent: smtp_url is not set; links are shown to who asks for them");
        }
        let deliveries = worker.start();
        let scim = Arc::new(Scim { provisioning, authenticator: authenticator.clone() });
        let ping = storage.clone();
        let check: edge::Check = Arc::new(move || {
            let storage = ping.clone();
            Box::pin(async move { storage.ping().await.map_err(|error| error.to_string()) })
        });
        let admin = Arc::new(Admin { directory, authenticator: authenticator.clone(), base_url: admin_url });
        let routes = crate::http::scim::routes(&scim)
            .nest("/v1", crate::http::admin::routes(admin))
            .at("/healthz", edge::Methods::new().get(edge::liveness()))
            .at("/readyz", edge::Methods::new().get(edge::readiness(check)));
        let new_id: edge::NewRequestId = Arc::new(random::uuid_v7);
        let endpoint = Arc::new(edge::wrap(routes, Arc::clone(&edge), new_id));
        edge::serve(listener, endpoint, edge, shutdown).await?;
        uses.abort();
        purges.abort();
        deliveries.stop(shutdown_grace).await;
        if let Err(error) = authenticator.write_uses().await {
            tracing::warn!(%error, "when tokens were last used could not be written down");
        }
        storage.close().await;
        Ok(())
    }
}

/// Names the one cryptography provider of this process: the crates that speak TLS leave the choice to it. Where one was
/// named before, that is this one.
pub fn use_ring() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Opens the database that the settings name.
///
/// # Errors
/// A database that cannot be reached or brought up to date.
pub async fn open_storage(settings: &Settings) -> Result<Storage, StorageError> {
    let sizes =
        PoolSizes { postgres: settings.postgres_connections, sqlite_readers: settings.sqlite_readers };
    let migrate = if settings.migrate { Migrate::Apply } else { Migrate::Refuse };
    Storage::open(&settings.database, sizes, migrate).await
}

/// The secret that is kept outside the database; made if its file is not there.
///
/// # Errors
/// A key that is none, or a file that cannot be read or made.
pub fn open_secret_key(settings: &Settings) -> Result<SecretKey, SecretKeyError> {
    match &settings.secret_key {
        Some(text) => SecretKey::parse(text),
        None => SecretKey::load_or_create(&settings.secret_key_path()),
    }
}

fn delivery_settings(settings: &Settings) -> DeliverySettings {
    DeliverySettings {
        smtp_url: settings.smtp_url.clone(),
        mail_from: settings.mail_from.clone(),
        webhook_allow_private: settings.webhook_allow_private,
    }
}

/// The use cases without a server, for the command line.
///
/// # Errors
/// A database that cannot be reached or brought up to date.
pub async fn open_provisioning(settings: &Settings, clock: Clock) -> Result<Provisioning, StorageError> {
    let storage = open_storage(settings).await?;
    Ok(Provisioning::new(storage, clock, settings.scim_base_url(settings.listen)))
}

/// The directory's use cases without a server, for the command line.
///
/// # Errors
/// A database that cannot be reached or brought up to date.
pub async fn open_directory(settings: &Settings, clock: Clock) -> Result<Directory, AppError> {
    let provisioning = open_provisioning(settings, clock.clone()).await?;
    let authenticator = Authenticator::new(provisioning.storage.clone(), clock);
    let hasher = PasswordHasher::new(HasherSettings::default())?;
    Ok(Directory { provisioning, authenticator, hasher })
}

fn edge_settings(settings: &Settings) -> Result<EdgeSettings, TlsError> {
    let tls = match (&settings.tls_certificate, &settings.tls_key) {
        (Some(certificate), Some(key)) => Some(Arc::new(edge::load_tls(certificate, key)?)),
        _ => None,
    };
    Ok(EdgeSettings {
        max_connections: settings.max_connections,
        header_timeout: Settings::seconds(settings.header_timeout_seconds),
        body_idle_timeout: Settings::seconds(settings.body_idle_timeout_seconds),
        request_timeout: Settings::seconds(settings.request_timeout_seconds),
        max_body_bytes: settings.max_body_bytes,
        shutdown_grace: Settings::seconds(settings.shutdown_grace_seconds),
        trusted_proxies: settings.trusted_proxies.clone(),
        access_log: settings.access_log,
        tls,
        ..EdgeSettings::default()
    })
}

async fn write_uses(authenticator: Authenticator) {
    let mut interval = tokio::time::interval(USES_WRITTEN_EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = authenticator.write_uses().await {
            tracing::warn!(%error, "when tokens were last used could not be written down");
        }
    }
}

async fn purge_attributes(directory: Directory) {
    let mut interval = tokio::time::interval(ATTRIBUTES_PURGED_EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = directory.purge_attributes(directory.provisioning.clock.now()).await {
            tracing::warn!(%error, "values of removed attributes could not be taken away");
        }
    }
}

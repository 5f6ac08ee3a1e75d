//! The composition root: settings become a running server. Shared by the command line and the tests.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;

use crate::auth::password::{
    HashError, HashParameters, HasherSettings, PasswordHasher, PepperError, Peppers,
};
use crate::auth::signer::{Signer, SignerError, SignerSettings};
use crate::auth::{Authenticator, SecretKey, SecretKeyError};
use crate::config::Settings;
use crate::delivery::mail::MailSettingsError;
use crate::delivery::{DeliverySettings, Worker};
use crate::http::admin::Admin;
use crate::http::edge::{self, EdgeSettings, TlsError};
use crate::http::scim::Scim;
use crate::model::{Clock, random};
use crate::provisioning::Provisioning;
use crate::provisioning::audit::Sealer;
use crate::provisioning::directory::{Directory, DirectoryError, Outgoing, SessionLifetimes, SignIn, stats};
use crate::provisioning::tenants::TenantError;
use crate::storage::{Migrate, PoolSizes, Storage, StorageError};

/// How often it is written down when tokens were last used.
const USES_WRITTEN_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked at what was kept for a time: deleted users, values of removed attributes, what has expired.
const PURGED_EVERY: Duration = Duration::from_secs(3600);

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
    Signer(#[from] SignerError),
    #[error(transparent)]
    Tenant(#[from] TenantError),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("Passwords cannot be hashed: {0}.")]
    Hash(#[from] HashError),
    #[error("The setting 'password_peppers' is not valid: {0}")]
    Pepper(#[from] PepperError),
    #[error("The server failed: {0}.")]
    Serve(#[from] std::io::Error),
}

/// A server that is ready to serve.
pub struct App {
    pub provisioning: Provisioning,
    pub authenticator: Authenticator,
    pub directory: Directory,
    pub sign_in: SignIn,
    /// The admin API's base URL.
    pub admin_url: Arc<str>,
    /// The secret that is kept outside the database.
    pub secret_key: SecretKey,
    pub worker: Worker,
    pub sealer: Sealer,
    listener: TcpListener,
    address: SocketAddr,
    edge: Arc<EdgeSettings>,
    shutdown_grace: Duration,
}

impl App {
    /// Opens the database and the socket.
    ///
    /// # Errors
    /// A database, secret key, mail server's URL, address, certificate, or way of hashing passwords that cannot be used.
    pub async fn open(settings: &Settings, clock: Clock) -> Result<Self, AppError> {
        use_ring();
        let hasher = PasswordHasher::new(hasher_settings(settings)?)?;
        let storage = open_storage(settings).await?;
        let secret_key = open_secret_key(settings)?;
        let delivery = delivery_settings(settings);
        let sealer = Sealer::new(storage.clone(), clock.clone(), &secret_key);
        let worker = Worker::new(storage.clone(), clock.clone(), secret_key.clone(), &delivery)?;
        let edge = Arc::new(edge_settings(settings)?);
        let refused = |source| AppError::Listen { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let base_url = settings.scim_base_url(address);
        let provisioning =
            Provisioning::new(storage.clone(), clock.clone(), base_url).with_hasher(hasher.clone());
        let root_url = settings.root_url(address);
        let lifetime = Settings::seconds(settings.access_token_seconds);
        let signer = open_signer(&storage, &secret_key, &clock, (&root_url, lifetime)).await?;
        let authenticator = Authenticator::new(storage, clock).with_signer(signer.clone());
        let outgoing = Outgoing {
            root_url: settings.root_url(address).into(),
            mail_key: worker.sends_mail().then(|| secret_key.clone()),
            secret_key: Some(secret_key.clone()),
            webhook_allow_private: settings.webhook_allow_private,
        };
        let directory = Directory {
            provisioning: provisioning.clone(),
            authenticator: authenticator.clone(),
            hasher,
            outgoing,
        };
        let base_url = settings.admin_base_url(address).into();
        let lifetimes = SessionLifetimes {
            session: Settings::seconds(settings.session_seconds),
            refresh_token: Settings::seconds(settings.refresh_token_seconds),
        };
        let sign_in = SignIn { directory: directory.clone(), signer, lifetimes };
        Ok(Self {
            provisioning,
            authenticator,
            directory,
            sign_in,
            admin_url: base_url,
            secret_key,
            worker,
            sealer,
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
            sign_in,
            admin_url,
            secret_key,
            worker,
            sealer,
            listener,
            edge,
            shutdown_grace,
            ..
        } = self;
        let storage = provisioning.storage.clone();
        let background = [
            tokio::spawn(write_uses(authenticator.clone())),
            tokio::spawn(stats::keep(storage.clone(), provisioning.clock.clone())),
            tokio::spawn(provisioning.clone().keep_removing()),
            tokio::spawn(purge(directory.clone())),
        ];
        if !worker.sends_mail() {
            tracing::warn!("no mail is sent: smtp_url is not set; links are shown to who asks for them");
        }
        let deliveries = worker.start();
        let seals = sealer.start();
        let scim = Arc::new(Scim { provisioning, authenticator: authenticator.clone() });
        let ping = storage.clone();
        let check: edge::Check = Arc::new(move || {
            let storage = ping.clone();
            Box::pin(async move { storage.ping().await.map_err(|error| error.to_string()) })
        });
        let admin = Admin {
            directory,
            sign_in,
            authenticator: authenticator.clone(),
            secret_key,
            base_url: admin_url,
        };
        let routes = crate::http::admin::mount(crate::http::scim::routes(&scim), Arc::new(admin))
            .at("/healthz", edge::Methods::new().get(edge::liveness()))
            .at("/readyz", edge::Methods::new().get(edge::readiness(check)));
        let new_id: edge::NewRequestId = Arc::new(random::uuid_v7);
        let endpoint = Arc::new(edge::wrap(routes, Arc::clone(&edge), new_id));
        edge::serve(listener, endpoint, edge, shutdown).await?;
        background.iter().for_each(tokio::task::JoinHandle::abort);
        deliveries.stop(shutdown_grace).await;
        if let Err(error) = authenticator.write_uses().await {
            tracing::warn!(%error, "when tokens were last used could not be written down");
        }
        seals.stop(shutdown_grace).await;
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

/// Who makes access tokens, and knows them again. They are for the admin API, and for SCIM with it.
async fn open_signer(
    storage: &Storage,
    secret_key: &SecretKey,
    clock: &Clock,
    (root_url, lifetime): (&str, Duration),
) -> Result<Signer, SignerError> {
    let settings = SignerSettings { lifetime, ..SignerSettings::new(root_url, format!("{root_url}/v1")) };
    Signer::open(storage.clone(), secret_key.clone(), clock.clone(), settings).await
}

/// What makes access tokens without a server, and its database, for the command line.
///
/// # Errors
/// A database that cannot be reached or brought up to date; a secret key that is none, or not the one of these keys.
pub async fn open_signing(settings: &Settings, clock: Clock) -> Result<(Storage, Signer), AppError> {
    let storage = open_storage(settings).await?;
    let secret_key = open_secret_key(settings)?;
    let root_url = settings.root_url(settings.listen);
    let lifetime = Settings::seconds(settings.access_token_seconds);
    let signer = open_signer(&storage, &secret_key, &clock, (&root_url, lifetime)).await?;
    Ok((storage, signer))
}

/// How passwords are hashed.
///
/// # Errors
/// A pepper that is none.
pub fn hasher_settings(settings: &Settings) -> Result<HasherSettings, PepperError> {
    Ok(HasherSettings {
        parameters: HashParameters {
            memory_kib: settings.argon2_memory_kib,
            passes: settings.argon2_passes,
            lanes: settings.argon2_lanes,
        },
        peppers: Peppers::parse(&settings.password_peppers.0)?,
        ..HasherSettings::default()
    })
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
    let hasher = PasswordHasher::new(hasher_settings(settings)?)?;
    let provisioning = open_provisioning(settings, clock.clone()).await?;
    let authenticator = Authenticator::new(provisioning.storage.clone(), clock);
    let outgoing = Outgoing {
        root_url: settings.root_url(settings.listen).into(),
        mail_key: None,
        secret_key: None,
        webhook_allow_private: settings.webhook_allow_private,
    };
    Ok(Directory { provisioning, authenticator, hasher, outgoing })
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

async fn purge(directory: Directory) {
    let mut interval = tokio::time::interval(PURGED_EVERY);
    loop {
        interval.tick().await;
        let now = directory.provisioning.clock.now();
        match directory.purge_deleted_users(now).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deleted users were purged"),
            Err(error) => tracing::warn!(%error, "deleted users could not be purged"),
        }
        if let Err(error) = directory.purge_attributes(now).await {
            tracing::warn!(%error, "values of removed attributes could not be taken away");
        }
    }
}

//! Settings: defaults, then the settings file, then `DATABASE_URL` and `PROVOST_…` variables, then flags.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Everything the server can be told. The settings file has these names, the environment has them in capitals behind
/// `PROVOST_`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub database: String,
    /// Where SCIM is served; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The server's URL as clients know it, without `/scim/v2`. Default: `http(s)://` and the address listened on.
    pub public_url: Option<String>,
    /// Where Prometheus metrics are served; nowhere by default.
    pub metrics_listen: Option<SocketAddr>,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// For example `info` or `warn,provost=debug`.
    pub log_filter: String,
    /// Whether each request leaves a line in the log, or only those that failed here.
    pub access_log: bool,
    /// The certificate chain and the key, PEM files; both or neither.
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// Proxies whose `Forwarded`, `X-Forwarded-*` and `X-Request-Id` are believed: addresses or networks.
    pub trusted_proxies: Vec<IpNet>,
    pub max_connections: usize,
    pub max_body_bytes: usize,
    pub request_timeout_seconds: u64,
    pub header_timeout_seconds: u64,
    pub body_idle_timeout_seconds: u64,
    pub shutdown_grace_seconds: u64,
    /// Connections to PostgreSQL at the most.
    pub postgres_connections: u32,
    /// SQLite connections that read; one more writes.
    pub sqlite_readers: u32,
    /// Whether missing migrations are applied at start (`--no-migrate` refuses instead).
    pub migrate: bool,
    /// The secret that is kept outside the database: 32 bytes in base64. Without it, it is in `secret_key_file`.
    pub secret_key: Option<String>,
    /// Made at the first start if it is not there. Default: `provost.key`, beside SQLite's file or in the working
    /// directory.
    pub secret_key_file: Option<PathBuf>,
    /// `smtps://USER:PASSWORD@HOST`, `smtp://…?tls=required` (STARTTLS) or `smtp://HOST` (plain). Without it no mail is
    /// sent.
    pub smtp_url: Option<String>,
    /// Whom mails come from, for example `Provost <no-reply@example.com>`.
    pub mail_from: Option<String>,
    /// Whether webhooks may lead to private addresses, and be plain `http`.
    pub webhook_allow_private: bool,
    /// Argon2id's memory, in KiB. `provost doctor --tune-argon2` finds what suits a machine.
    pub argon2_memory_kib: u32,
    /// Its passes over the memory.
    pub argon2_passes: u32,
    /// Its lanes.
    pub argon2_lanes: u32,
    /// How long an access token works: a minute to an hour. What has ended a session shows by then.
    pub access_token_seconds: u64,
    /// How long a refresh token works that is not used, up to the session's end.
    pub refresh_token_seconds: u64,
    /// How long somebody stays signed in at the most, up to a year.
    pub session_seconds: u64,
    /// `ID:SECRET` each, with 32 bytes in base64. The first is the one that new hashes are made with.
    pub password_peppers: PepperTexts,
}

/// Peppers as they are set: one text, a comma between two, or a list of texts. `Debug` does not show them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "PeppersSaid")]
pub struct PepperTexts(pub Vec<String>);

/// Whatever is said is taken here, so that no message about its kind quotes it; what is wrong with it is found later.
#[derive(Deserialize)]
#[serde(untagged)]
enum PeppersSaid {
    One(String),
    Many(Vec<String>),
}

impl From<PeppersSaid> for PepperTexts {
    fn from(said: PeppersSaid) -> Self {
        Self(match said {
            PeppersSaid::One(text) => {
                text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
            }
            PeppersSaid::Many(texts) => texts,
        })
    }
}

impl fmt::Debug for PepperTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} of them]", self.0.len())
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: "sqlite:provost.db".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            metrics_listen: None,
            log_format: LogFormat::Text,
            log_filter: "info".to_owned(),
            access_log: true,
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            max_connections: 768,
            max_body_bytes: 1 << 20,
            request_timeout_seconds: 30,
            header_timeout_seconds: 10,
            body_idle_timeout_seconds: 10,
            shutdown_grace_seconds: 30,
            postgres_connections: 32,
            sqlite_readers: 8,
            migrate: true,
            secret_key: None,
            secret_key_file: None,
            smtp_url: None,
            mail_from: None,
            webhook_allow_private: false,
            argon2_memory_kib: 19 * 1024,
            argon2_passes: 2,
            argon2_lanes: 1,
            access_token_seconds: 10 * 60,
            refresh_token_seconds: 14 * 24 * 60 * 60,
            session_seconds: 30 * 24 * 60 * 60,
            password_peppers: PepperTexts::default(),
        }
    }
}

/// What flags say; what they leave out is not written over.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Overrides {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migrate: Option<bool>,
}

/// A setting that cannot be.
#[derive(Debug, Error)]
pub enum SettingsError {
    #[error("The settings cannot be read: {0}")]
    Unreadable(#[from] Box<figment::Error>),
    #[error("There is no settings file at '{0}'.")]
    NoFile(PathBuf),
    #[error("The setting '{name}' is not valid: {reason}")]
    Invalid { name: &'static str, reason: String },
}

/// Looked for in the working directory when no file is named.
const FILE: &str = "provost.toml";
/// Where the secret key is unless something else is said.
const KEY_FILE: &str = "provost.key";

/// A year.
const LONGEST_SESSION: u64 = 365 * 24 * 60 * 60;

const VARIABLES: [&str; 31] = [
    "database",
    "listen",
    "public_url",
    "metrics_listen",
    "log_format",
    "log_filter",
    "access_log",
    "tls_certificate",
    "tls_key",
    "trusted_proxies",
    "max_connections",
    "max_body_bytes",
    "request_timeout_seconds",
    "header_timeout_seconds",
    "body_idle_timeout_seconds",
    "shutdown_grace_seconds",
    "postgres_connections",
    "sqlite_readers",
    "migrate",
    "secret_key",
    "secret_key_file",
    "smtp_url",
    "mail_from",
    "webhook_allow_private",
    "argon2_memory_kib",
    "argon2_passes",
    "argon2_lanes",
    "access_token_seconds",
    "refresh_token_seconds",
    "session_seconds",
    "password_peppers",
];

impl Settings {
    /// Gathers the settings from everywhere.
    ///
    /// # Errors
    /// A named file that is not there, a value of the wrong kind, or values that contradict each other.
    pub fn load(file: Option<&PathBuf>, overrides: &Overrides) -> Result<Self, SettingsError> {
        if let Some(file) = file.filter(|file| !file.is_file()) {
            return Err(SettingsError::NoFile(file.clone()));
        }
        let path = file.cloned().unwrap_or_else(|| PathBuf::from(FILE));
        let settings: Self = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(path))
            .merge(Env::raw().only(&["DATABASE_URL"]).map(|_| "database".into()))
            .merge(Env::prefixed("PROVOST_").only(&VARIABLES))
            .merge(Serialized::defaults(overrides))
            .extract()
            .map_err(Box::new)?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), SettingsError> {
        let invalid = |name, reason: &str| Err(SettingsError::Invalid { name, reason: reason.to_owned() });
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| self.database.starts_with(scheme))
        {
            return invalid("database", "it has to begin with 'sqlite:' or 'postgres://'.");
        }
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            return invalid("tls_key", "TLS needs both tls_certificate and tls_key.");
        }
        if let Some(url) = &self.public_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            return invalid("public_url", "it has to begin with 'https://' or 'http://'.");
        }
        if self.secret_key.is_some() && self.secret_key_file.is_some() {
            return invalid("secret_key_file", "secret_key says it already; set one of them.");
        }
        if self.smtp_url.is_some() != self.mail_from.is_some() {
            return invalid("smtp_url", "sending mail needs both smtp_url and mail_from.");
        }
        let connections =
            [("max_connections", self.max_connections == 0), ("sqlite_readers", self.sqlite_readers == 0)];
        if let Some((name, _)) = connections.into_iter().find(|(_, none)| *none) {
            return invalid(name, "it has to be at least 1.");
        }
        if !(60..=3600).contains(&self.access_token_seconds) {
            return invalid("access_token_seconds", "it has to be 60 to 3600.");
        }
        if !(self.access_token_seconds..=LONGEST_SESSION).contains(&self.session_seconds) {
            return invalid(
                "session_seconds",
                "it has to be at least access_token_seconds, and at most 31536000.",
            );
        }
        if !(self.access_token_seconds..=self.session_seconds).contains(&self.refresh_token_seconds) {
            let reason = "it has to be at least access_token_seconds, and at most session_seconds.";
            return invalid("refresh_token_seconds", reason);
        }
        // Some wait for rows, one of those who hold them looks something up, and somebody reads.
        if self.postgres_connections < 4 {
            return invalid("postgres_connections", "it has to be at least 4.");
        }
        Ok(())
    }

    /// The server's URL as clients know it, without a slash at the end, given the address that is really listened on.
    pub fn root_url(&self, listening: SocketAddr) -> String {
        let scheme = if self.tls_certificate.is_some() { "https" } else { "http" };
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{listening}"),
        }
    }

    /// The SCIM base URL.
    pub fn scim_base_url(&self, listening: SocketAddr) -> String {
        format!("{}/scim/v2", self.root_url(listening))
    }

    /// The admin API's base URL.
    pub fn admin_base_url(&self, listening: SocketAddr) -> String {
        format!("{}/v1", self.root_url(listening))
    }

    /// The base URL of signing in and joining.
    pub fn auth_base_url(&self, listening: SocketAddr) -> String {
        format!("{}/auth", self.root_url(listening))
    }

    /// Where the secret key is, if it is not a setting itself: where the settings say, or beside SQLite's file, or in the
    /// working directory.
    pub fn secret_key_path(&self) -> PathBuf {
        if let Some(path) = &self.secret_key_file {
            return path.clone();
        }
        let file = self.database.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
        let file = file.map(|rest| rest.split('?').next().unwrap_or(rest)).filter(|file| *file != ":memory:");
        file.map_or_else(|| PathBuf::from(KEY_FILE), |file| PathBuf::from(file).with_file_name(KEY_FILE))
    }

    /// A setting in seconds as a duration.
    pub fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }
}

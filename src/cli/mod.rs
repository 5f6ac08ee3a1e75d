//! The command line: one file a command.

/// Prints a line; a reader that is gone is an error of the command, where `println!` would panic.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        writeln!(std::io::stdout(), $($text)*)?
    }};
}

mod audit;
mod doctor;
mod first_start;
mod key;
mod keys;
mod serve;
mod tenant;
mod token;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app;
use crate::config::{Overrides, Settings, SettingsError};
use crate::model::Clock;
use crate::provisioning::Provisioning;
use crate::provisioning::directory::Directory;

/// A SCIM 2.0 provisioning endpoint: identity providers push users and groups into it.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that every command knows.
#[derive(Debug, Args)]
struct Global {
    /// The settings file; `provost.toml` in the working directory if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// `sqlite:FILE` or `postgres://…`; also DATABASE_URL and PROVOST_DATABASE.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Refuse to start when the database lacks migrations, instead of applying them.
    #[arg(long, global = true)]
    no_migrate: bool,
    /// Print JSON for machines.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve SCIM; what happens when no command is given.
    Serve(serve::Serve),
    /// Create and list tenants.
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Create, list and revoke SCIM tokens.
    #[command(subcommand)]
    Token(token::Token),
    /// Create, list and revoke API keys.
    #[command(subcommand)]
    Key(key::Key),
    /// Rotate and list the keys that sign access tokens.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Check the audit log against its seals.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Say what is wrong with the settings, the database or the set-up.
    Doctor(doctor::Doctor),
}

type CommandResult = Result<ExitCode, Box<dyn Error + Send + Sync>>;

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// A sentence for the person at the terminal.
    pub async fn run(self) -> CommandResult {
        match self.command.unwrap_or_else(|| Command::Serve(serve::Serve::default())) {
            Command::Serve(serve) => serve.run(&self.global).await,
            Command::Tenant(tenant) => tenant.run(&self.global).await,
            Command::Token(token) => token.run(&self.global).await,
            Command::Key(key) => key.run(&self.global).await,
            Command::Keys(keys) => keys.run(&self.global).await,
            Command::Audit(audit) => audit.run(&self.global).await,
            Command::Doctor(doctor) => doctor.run(&self.global).await,
        }
    }
}

impl Global {
    fn overrides(&self) -> Overrides {
        Overrides {
            database: self.database.clone(),
            migrate: self.no_migrate.then_some(false),
            ..Overrides::default()
        }
    }

    fn settings(&self, overrides: &Overrides) -> Result<Settings, SettingsError> {
        Settings::load(self.config.as_ref(), overrides)
    }

    async fn directory(&self) -> Result<Directory, Box<dyn Error + Send + Sync>> {
        let settings = self.settings(&self.overrides())?;
        Ok(app::open_directory(&settings, Clock::system()).await?)
    }

    async fn provisioning(&self) -> Result<Provisioning, Box<dyn Error + Send + Sync>> {
        let settings = self.settings(&self.overrides())?;
        Ok(app::open_provisioning(&settings, Clock::system()).await?)
    }
}

//! `provost keys rotate|list`: the keys that sign access tokens.

use std::error::Error;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{CommandResult, Global};
use crate::app;
use crate::auth::signer::Signer;
use crate::model::Clock;

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Sign access tokens with a new key. Tokens that were signed before go on working until they expire; running servers
    /// follow within a minute.
    Rotate,
    /// Show the public keys that tokens are verified with, the one that signs first.
    List,
}

impl Keys {
    pub async fn run(self, global: &Global) -> CommandResult {
        let settings = global.settings(&global.overrides())?;
        let (storage, signer) = app::open_signing(&settings, Clock::system()).await?;
        match self {
            Self::Rotate => {
                let id = signer.rotate().await?;
                if global.json {
                    say!("{}", json!({ "kid": id }));
                } else {
                    say!("Access tokens are signed with the key {id} from now on.");
                    say!("Tokens of the key before it work until they expire.");
                }
            }
            Self::List => list(&signer, global.json).await?,
        }
        storage.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(signer: &Signer, as_json: bool) -> Result<(), Box<dyn Error + Send + Sync>> {
    let keys = signer.jwks().await?;
    if as_json {
        say!("{keys}");
        return Ok(());
    }
    for key in keys.get("keys").and_then(Value::as_array).into_iter().flatten() {
        say!("{}", key.get("kid").and_then(Value::as_str).unwrap_or_default());
    }
    Ok(())
}

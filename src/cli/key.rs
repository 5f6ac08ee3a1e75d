//! `provost key create`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{CommandResult, Global};
use crate::model::{TenantId, Timestamp};
use crate::provisioning::directory::KeyDraft;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make an API key and show it, once.
    Create(Create),
}

#[derive(Debug, Args)]
pub struct Create {
    /// The tenant whose key it is.
    #[arg(long, default_value = "default", value_name = "SLUG", conflicts_with = "instance")]
    tenant: String,
    /// The key is the instance's: it may act in every tenant, and has to say in which.
    #[arg(long)]
    instance: bool,
    /// What the key is for, in your words.
    #[arg(long, default_value = "created on the command line")]
    name: String,
    /// What the key is bounded to: names of permissions, joined by commas; everything if left out.
    #[arg(long, value_delimiter = ',', value_name = "PERMISSIONS")]
    permissions: Option<Vec<String>>,
    /// Days after which the key ends; it lasts until it is revoked if left out.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=36500))]
    expires_in_days: Option<i64>,
}

impl Key {
    pub async fn run(self, global: &Global) -> CommandResult {
        let Self::Create(create) = self;
        let directory = global.directory().await?;
        let provisioning = &directory.provisioning;
        let tenant = match create.instance {
            true => TenantId::INSTANCE,
            false => provisioning.tenant(&create.tenant).await?.id,
        };
        let days = |days: i64| Timestamp(provisioning.clock.now().0 + days * DAY_MS);
        let draft = KeyDraft {
            name: create.name,
            user_id: None,
            permissions: create.permissions,
            expires_at: create.expires_in_days.map(days),
        };
        let key = directory.create_operator_key(tenant, draft).await?;
        if global.json {
            say!("{}", json!({ "key": key.text.expose(), "id": key.record.id, "name": key.record.name }));
        } else {
            say!("API key: {}", key.text.expose());
            say!("It is shown only now; its id is {}.", key.record.id);
        }
        provisioning.storage.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

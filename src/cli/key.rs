//! `provost key create|list|revoke`.

use std::error::Error;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde_json::{Value, json};

use super::{CommandResult, Global};
use crate::model::{ApiKey, KeyId, Permission, TenantId, Timestamp};
use crate::provisioning::directory::{Directory, KeyDraft};
use crate::scim::schema::datetime::format_datetime;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How many keys are read at a time.
const PAGE: i64 = 200;

type Failure = Box<dyn Error + Send + Sync>;

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make an API key and show it, once.
    Create(Create),
    /// Show the API keys (never the keys themselves).
    List {
        #[command(flatten)]
        whose: Whose,
    },
    /// End an API key; it stops working within a second.
    Revoke {
        /// The key's id, as `provost key list` shows it.
        id: String,
        #[command(flatten)]
        whose: Whose,
    },
}

/// Whose keys are meant.
#[derive(Debug, Args)]
pub struct Whose {
    /// The tenant whose key it is.
    #[arg(long, default_value = "default", value_name = "SLUG", conflicts_with = "instance")]
    tenant: String,
    /// The key is the instance's: it may act in every tenant, and has to say in which.
    #[arg(long)]
    instance: bool,
}

#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    whose: Whose,
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
        let directory = global.directory().await?;
        match self {
            Self::Create(create) => create.run(&directory, global.json).await?,
            Self::List { whose } => {
                let keys = keys(&directory, whose.id(&directory).await?).await?;
                if global.json {
                    let records: Vec<Value> = keys.iter().map(record).collect();
                    say!("{}", json!(records));
                } else {
                    say!("{}", table(keys));
                }
            }
            Self::Revoke { id, whose } => {
                revoke(&directory, &whose, &id).await?;
                if global.json {
                    say!("{}", json!({ "revoked": id }));
                } else {
                    say!("API key {id} is revoked.");
                }
            }
        }
        directory.provisioning.storage.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

impl Whose {
    async fn id(&self, directory: &Directory) -> Result<TenantId, Failure> {
        match self.instance {
            true => Ok(TenantId::INSTANCE),
            false => Ok(directory.provisioning.tenant(&self.tenant).await?.id),
        }
    }
}

impl Create {
    async fn run(self, directory: &Directory, as_json: bool) -> Result<(), Failure> {
        let tenant = self.whose.id(directory).await?;
        let days = |days: i64| Timestamp(directory.provisioning.clock.now().0 + days * DAY_MS);
        let draft = KeyDraft {
            name: self.name,
            user_id: None,
            permissions: self.permissions,
            expires_at: self.expires_in_days.map(days),
        };
        let key = directory.create_operator_key(tenant, draft).await?;
        if as_json {
            say!("{}", json!({ "key": key.text.expose(), "id": key.record.id, "name": key.record.name }));
        } else {
            say!("API key: {}", key.text.expose());
            say!("It is shown only now; its id is {}.", key.record.id);
        }
        Ok(())
    }
}

async fn revoke(directory: &Directory, whose: &Whose, text: &str) -> Result<(), Failure> {
    let tenant = whose.id(directory).await?;
    let known = match text.parse::<KeyId>() {
        Ok(id) => directory.provisioning.storage.lookup_api_key(tenant, id).await?,
        Err(_) => None,
    };
    let Some(key) = known else {
        return Err(match whose.instance {
            true => format!("The instance has no API key '{text}'; `provost key list --instance` shows them."),
            false => {
                let slug = &whose.tenant;
                format!(
                    "The tenant '{slug}' has no API key '{text}'; `provost key list --tenant {slug}` shows them."
                )
            }
        }
        .into());
    };
    Ok(directory.revoke_operator_key(tenant, key.id).await?)
}

async fn keys(directory: &Directory, tenant: TenantId) -> Result<Vec<ApiKey>, Failure> {
    let mut keys: Vec<ApiKey> = Vec::new();
    loop {
        let after = keys.last().map(|key| key.id);
        let page = directory.provisioning.storage.list_api_keys(tenant, after, PAGE).await?;
        if page.is_empty() {
            return Ok(keys);
        }
        keys.extend(page);
    }
}

fn record(key: &ApiKey) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "user_id": key.user_id,
        "permissions": key.permissions,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    })
}

fn table(keys: Vec<ApiKey>) -> Table {
    let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| format_datetime(at.0));
    let mut table = Table::new();
    table.load_style(comfy_table::TableStyle::new()).set_header([
        "ID",
        "NAME",
        "USER",
        "PERMISSIONS",
        "CREATED",
        "EXPIRES",
        "REVOKED",
        "LAST USED",
    ]);
    for key in keys {
        let permissions = key.permissions.map_or_else(
            || "all".to_owned(),
            |bound| bound.iter().map(Permission::as_str).collect::<Vec<_>>().join(","),
        );
        table.add_row([
            key.id.to_string(),
            key.name,
            key.user_id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
            permissions,
            time(Some(key.created_at)),
            time(key.expires_at),
            time(key.revoked_at),
            time(key.last_used_at),
        ]);
    }
    table
}

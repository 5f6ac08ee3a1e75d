//! `provost token create|list|revoke`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{CommandResult, Global};
use crate::model::{AccessToken, Scopes, Timestamp};
use crate::provisioning::Provisioning;
use crate::provisioning::tenants::FIRST_CONNECTION;
use crate::scim::schema::datetime::format_datetime;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and show it, once.
    Create(Create),
    /// Show a tenant's tokens (never the tokens themselves).
    List {
        #[arg(long, default_value = "default", value_name = "SLUG")]
        tenant: String,
    },
    /// End a token; it stops working within a second.
    Revoke {
        /// The token's id, as `provost token list` shows it.
        id: String,
        #[arg(long, default_value = "default", value_name = "SLUG")]
        tenant: String,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    #[arg(long, default_value = "default", value_name = "SLUG")]
    tenant: String,
    /// The connection that the token is for; made if there is none of this name.
    #[arg(long, default_value = FIRST_CONNECTION, value_name = "NAME")]
    connection: String,
    /// A new connection reads requests by the letter of the RFCs.
    #[arg(long)]
    strict: bool,
    /// What the token is for, in your words.
    #[arg(long, default_value = "created on the command line")]
    name: String,
    /// `read`, `write`, or both joined by a comma.
    #[arg(long, default_value = "read,write", value_name = "SCOPES")]
    scopes: Scopes,
    /// Days after which the token ends; it lasts until it is revoked if left out.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=36500))]
    expires_in_days: Option<i64>,
}

impl Token {
    pub async fn run(self, global: &Global) -> CommandResult {
        let provisioning = global.provisioning().await?;
        match self {
            Self::Create(create) => create.run(&provisioning, global.json).await?,
            Self::List { tenant } => {
                let tenant = provisioning.tenant(&tenant).await?;
                let tokens = provisioning.storage.list_tokens(tenant.id).await?;
                if global.json {
                    say!("{}", json!(tokens));
                } else {
                    say!("{}", table(tokens));
                }
            }
            Self::Revoke { id, tenant } => {
                let tenant = provisioning.tenant(&tenant).await?;
                provisioning.revoke_token(&tenant, &id).await?;
                if global.json {
                    say!("{}", json!({ "revoked": id }));
                } else {
                    say!("Token {id} is revoked.");
                }
            }
        }
        provisioning.storage.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    async fn run(
        &self,
        provisioning: &Provisioning,
        as_json: bool,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let tenant = provisioning.tenant(&self.tenant).await?;
        let connection = provisioning.connection_named(tenant.id, &self.connection, self.strict).await?;
        let expires_at =
            self.expires_in_days.map(|days| Timestamp(provisioning.clock.now().0 + days * DAY_MS));
        let token = provisioning.create_token(&connection, &self.name, self.scopes, expires_at).await?;
        if as_json {
            say!(
                "{}",
                json!({ "token": token.text.expose(), "record": token.record, "connection": connection })
            );
        } else {
            say!("SCIM token: {}", token.text.expose());
            say!("It is shown only now; its id is {}.", token.record.id);
        }
        Ok(())
    }
}

fn table(tokens: Vec<AccessToken>) -> comfy_table::Table {
    let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| format_datetime(at.0));
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::TableStyle::new()).set_header([
        "ID",
        "NAME",
        "SCOPES",
        "CREATED",
        "EXPIRES",
        "REVOKED",
        "LAST USED",
    ]);
    for token in tokens {
        table.add_row([
            token.id.to_string(),
            token.name,
            token.scopes.to_string(),
            time(Some(token.created_at)),
            time(token.expires_at),
            time(token.revoked_at),
            time(token.last_used_at),
        ]);
    }
    table
}

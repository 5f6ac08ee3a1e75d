//! `provost tenant create|list`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{CommandResult, Global};
use crate::scim::schema::datetime::format_datetime;

#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// Make a tenant with its first connection.
    Create {
        /// Lower-case letters, digits and hyphens.
        slug: String,
        /// The name for people; the slug if left out.
        #[arg(long)]
        name: Option<String>,
    },
    /// Show all tenants.
    List,
}

impl Tenant {
    pub async fn run(self, global: &Global) -> CommandResult {
        let provisioning = global.provisioning().await?;
        match self {
            Self::Create { slug, name } => {
                let (tenant, connection) =
                    provisioning.create_tenant(&slug, name.as_deref().unwrap_or(&slug)).await?;
                if global.json {
                    say!("{}", json!({ "tenant": tenant, "connection": connection }));
                } else {
                    say!("Tenant '{slug}' ({}) has the connection '{}'.", tenant.id, connection.name);
                    say!("Next: provost token create --tenant {slug}");
                }
            }
            Self::List => {
                let tenants = provisioning.storage.list_tenants().await?;
                if global.json {
                    say!("{}", json!(tenants));
                } else {
                    let mut table = comfy_table::Table::new();
                    table
                        .load_style(comfy_table::TableStyle::new())
                        .set_header(["SLUG", "NAME", "ID", "CREATED"]);
                    for tenant in tenants {
                        let created = format_datetime(tenant.created_at.0);
                        table.add_row([tenant.slug, tenant.name, tenant.id.to_string(), created]);
                    }
                    say!("{table}");
                }
            }
        }
        provisioning.storage.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

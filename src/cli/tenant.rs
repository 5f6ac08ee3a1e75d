//! `provost tenant create|list`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{CommandResult, Global};
use crate::provisioning::directory::OwnerDraft;
use crate::scim::schema::datetime::format_datetime;

#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// Make a tenant with its first connection and its owner, whose password is shown once.
    Create {
        /// Lower-case letters, digits and hyphens.
        slug: String,
        /// The name for people; the slug if left out.
        #[arg(long)]
        name: Option<String>,
        /// The owner's user name.
        #[arg(long, default_value = "owner", value_name = "USER_NAME")]
        owner: String,
    },
    /// Show all tenants.
    List,
}

impl Tenant {
    pub async fn run(self, global: &Global) -> CommandResult {
        let directory = global.directory().await?;
        let provisioning = &directory.provisioning;
        match self {
            Self::Create { slug, name, owner } => {
                let owner = OwnerDraft { user_name: owner, email: None, password: None };
                let name = name.as_deref().unwrap_or(&slug);
                let made = directory.create_operator_tenant(&slug, name, owner).await?;
                let (tenant, connection, owner) =
                    (&made.view.tenant, &made.connection, &made.owner.user_name);
                let password = made.password.as_deref().unwrap_or_default();
                if global.json {
                    let owner = json!({ "user_name": owner, "password": password });
                    say!("{}", json!({ "tenant": tenant, "connection": connection, "owner": owner }));
                } else {
                    say!("Tenant '{slug}' ({}) has the connection '{}'.", tenant.id, connection.name);
                    say!("Owner: {owner}");
                    say!("Owner's password: {password}");
                    say!("The password is shown only now.");
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

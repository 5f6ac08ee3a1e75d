//! What a start prints; the first one also makes a tenant, its connection and a token, its owner and a key, and shows
//! their secrets once.

use serde_json::json;

use crate::app::{App, AppError};
use crate::config::Settings;
use crate::model::Scopes;
use crate::provisioning::directory::{DirectoryError, KeyDraft, NewKey, OwnerDraft, RefusalKind};
use crate::provisioning::tenants::NewToken;

/// The first owner's user name.
const OWNER: &str = "owner";

/// What is shown once.
struct First {
    token: NewToken,
    password: String,
    key: NewKey,
}

/// Prints where the server is and, on a database without tenants, how to use it.
///
/// # Errors
/// The database's.
pub async fn announce(app: &App, settings: &Settings, as_json: bool) -> Result<(), AppError> {
    let base_url = settings.scim_base_url(app.address());
    let first = first_start(app).await?;
    if as_json {
        say!(
            "{}",
            json!({
                "listening": app.address(),
                "scim_base_url": base_url,
                "admin_base_url": *app.admin_url,
                "scim_token": first.as_ref().map(|first| first.token.text.expose()),
                "owner": first.as_ref().map(|first| json!({ "user_name": OWNER, "password": first.password })),
                "admin_key": first.as_ref().map(|first| first.key.text.expose()),
            })
        );
        return Ok(());
    }
    say!("Provost {} is ready.\n", env!("CARGO_PKG_VERSION"));
    say!("  Listening on http{}://{}", if settings.tls_key.is_some() { "s" } else { "" }, app.address());
    say!("  SCIM base URL: {base_url}");
    say!("  Admin API: {} (its document is at {0}/docs)", app.admin_url);
    match &first {
        Some(first) => {
            let text = first.token.text.expose();
            say!("  SCIM token: {text}");
            say!("  Owner: {OWNER}");
            say!("  Owner's password: {}", first.password);
            say!("  Admin key: {}\n", first.key.text.expose());
            say!("Token, password and key are shown only now. Create a first user with the token:\n");
            say!(
                "curl -sS -X POST '{base_url}/Users' -H 'Authorization: Bearer {text}' -H 'Content-Type: application/scim+json' -d '{{\"userName\":\"ada@example.com\",\"displayName\":\"Ada Lovelace\"}}'\n"
            );
        }
        None => {
            say!("\nNew tokens: provost token create --tenant default");
            say!("New keys: provost key create --tenant default\n");
        }
    }
    Ok(())
}

/// Makes the first tenant with all that it needs, where there is no tenant yet. Servers that start together on one database
/// make one tenant between them: its slug is unique.
async fn first_start(app: &App) -> Result<Option<First>, AppError> {
    let provisioning = &app.provisioning;
    if !provisioning.storage.list_tenants().await?.is_empty() {
        return Ok(None);
    }
    let owner = OwnerDraft { user_name: OWNER.to_owned(), email: None, password: None };
    let made = match app.directory.create_operator_tenant("default", "Default", owner).await {
        Ok(made) => made,
        Err(DirectoryError::Refused(refusal)) if refusal.kind == RefusalKind::Conflict => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let token = provisioning.create_token(&made.connection, "first start", Scopes::ALL, None).await?;
    let tenant = &made.view.tenant;
    let password = made.password.unwrap_or_default();
    let draft =
        KeyDraft { name: "first start".to_owned(), user_id: None, permissions: None, expires_at: None };
    let key = app.directory.create_operator_key(tenant.id, draft).await?;
    Ok(Some(First { token, password, key }))
}

//! What a start prints; the first one also makes a tenant, its connection and a token, and shows the token once.

use serde_json::json;

use crate::app::{App, AppError};
use crate::config::Settings;
use crate::model::Scopes;
use crate::provisioning::tenants::NewToken;

/// Prints where the server is and, on a database without tenants, how to use it.
///
/// # Errors
/// The database's.
pub async fn announce(app: &App, settings: &Settings, as_json: bool) -> Result<(), AppError> {
    let base_url = settings.scim_base_url(app.address());
    let token = first_token(app).await?;
    if as_json {
        let token = token.as_ref().map(|token| token.text.expose());
        say!("{}", json!({ "listening": app.address(), "scim_base_url": base_url, "scim_token": token }));
        return Ok(());
    }
    say!("Provost {} is ready.\n", env!("CARGO_PKG_VERSION"));
    say!("  Listening on http{}://{}", if settings.tls_key.is_some() { "s" } else { "" }, app.address());
    say!("  SCIM base URL: {base_url}");
    match &token {
        Some(token) => {
            let text = token.text.expose();
            say!("  SCIM token: {text}\n");
            say!("The token is shown only now. Create a first user with it:\n");
            say!(
                "curl -sS -X POST '{base_url}/Users' -H 'Authorization: Bearer {text}' -H 'Content-Type: application/scim+json' -d '{{\"userName\":\"ada@example.com\",\"displayName\":\"Ada Lovelace\"}}'\n"
            );
        }
        None => say!("\nNew tokens: provost token create --tenant default\n"),
    }
    Ok(())
}

/// Makes the first tenant's first token, where there is no tenant yet. Servers that start together on one database
/// make one tenant between them: its slug is unique.
async fn first_token(app: &App) -> Result<Option<NewToken>, AppError> {
    let provisioning = &app.provisioning;
    if !provisioning.storage.list_tenants().await?.is_empty() {
        return Ok(None);
    }
    let connection = match provisioning.create_tenant("default", "Default").await {
        Ok((_, connection)) => connection,
        Err(crate::provisioning::tenants::TenantError::SlugTaken(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(Some(provisioning.create_token(&connection, "first start", Scopes::ALL, None).await?))
}

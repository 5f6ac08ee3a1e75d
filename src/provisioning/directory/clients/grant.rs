//! `POST /oauth/token`: the client credentials grant (RFC 6749 §4.4). There is no refresh token: the client asks again
//! (§4.4.3).

use super::super::error::{DirectoryError, Kind};
use super::super::sign_in::{SignIn, Visit};
use super::ShownProof;
use crate::auth::client::ClientIdText;
use crate::auth::signer::{ClientGrant, IssuedClientToken, SignerError};
use crate::model::{Client, Permission, Scopes};
use crate::provisioning::ProvisioningError;

impl SignIn {
    /// Gives a client an access token with these scopes, or with all that it may have. That a token was given is not
    /// written down: clients come for one every few minutes.
    ///
    /// # Errors
    /// 401 `invalid_client`; 400 `invalid_scope` for a scope that there is not, or that is not the client's.
    pub async fn grant_client(
        &self,
        visit: &Visit,
        shown: &ShownProof,
        scope: Option<&str>,
    ) -> Result<IssuedClientToken, DirectoryError> {
        let (client, view) = self.client_of(visit, shown).await?;
        let scope = granted(&client, scope)?.map(Scopes::to_oauth);
        let caller = self.directory.authenticator.client_caller(&client, &view, scope.as_deref()).await?;
        let caller = caller.ok_or(ProvisioningError::Contended)?;
        let grant = ClientGrant {
            tenant_id: client.tenant_id,
            client_id: ClientIdText::of(&client).to_string(),
            scope,
            permissions: caller.permissions.iter().map(Permission::as_str).map(str::to_owned).collect(),
        };
        self.signer.issue_for_client(grant).await.map_err(|error| match error {
            SignerError::Storage(error) => error.into(),
            error => DirectoryError::Failed(ProvisioningError::Internal(error.to_string())),
        })
    }
}

/// What a client gets that asks for these scopes; `None` where nothing bounds it.
fn granted(client: &Client, scope: Option<&str>) -> Result<Option<Scopes>, DirectoryError> {
    let Some(text) = scope else { return Ok(client.scopes) };
    let invalid = |message: &str| DirectoryError::refused(Kind::Malformed, "invalid_scope", message);
    let asked = Scopes::of_oauth(text)
        .ok_or_else(|| invalid("The scopes that there are: scim.read and scim.write."))?;
    match client.scopes {
        Some(bound) if !bound.covers(asked) => Err(invalid("The client may not have all of these scopes.")),
        _ => Ok(Some(asked)),
    }
}

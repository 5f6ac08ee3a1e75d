//! `POST /auth/introspect` (RFC 7662): whether a token works, for somebody who was shown it. Sessions, users and clients are
//! read from the database each time: nothing is believed of a second ago, so that what has ended has ended at once.

use std::sync::Arc;

use super::super::error::DirectoryError;
use super::super::sign_in::SignIn;
use super::super::view::role_names;
use crate::auth::TenantView;
use crate::auth::client::ClientIdText;
use crate::auth::signer::{AnyClaims, Claims, ClientClaims, SignerError, TokenError};
use crate::model::{Permissions, TenantId, TenantStatus};
use crate::provisioning::ProvisioningError;
use crate::storage::StorageError;

/// A token that works.
#[derive(Clone, Debug)]
pub enum Introspected {
    /// A user's access token.
    User { claims: Box<Claims>, user_name: String, roles: Vec<String>, permissions: Permissions },
    /// A client's.
    Client { claims: ClientClaims, permissions: Permissions },
}

impl SignIn {
    /// What there is to know of a token of this tenant; nothing of one that does not work, or of another tenant's.
    ///
    /// # Errors
    /// The database's failure; keys that cannot be read.
    pub async fn introspect(
        &self,
        tenant: TenantId,
        token: &str,
    ) -> Result<Option<Introspected>, DirectoryError> {
        // Keys, secrets and refresh tokens are no JWTs, and nothing is told of them: whoever was given one was not to show it
        // around.
        let claims = match self.signer.verify_any(token).await {
            Ok(claims) => claims,
            Err(TokenError::Signer(SignerError::Storage(error))) => return Err(error.into()),
            Err(TokenError::Signer(error)) => {
                return Err(DirectoryError::Failed(ProvisioningError::Internal(error.to_string())));
            }
            Err(_) => return Ok(None),
        };
        let of = match &claims {
            AnyClaims::User(claims) => claims.tenant_id,
            AnyClaims::Client(claims) => claims.tenant_id,
        };
        let row = self.directory.provisioning.storage.find_tenant(tenant).await?;
        let serves = row.is_some_and(|row| row.status == TenantStatus::Active);
        let view = self.directory.authenticator.tenant(tenant).await?;
        let Some(view) = view.filter(|_| serves && of == tenant) else { return Ok(None) };
        Ok(match claims {
            AnyClaims::User(claims) => self.introspect_user(&view, claims).await?,
            AnyClaims::Client(claims) => self.introspect_client(&view, claims).await?,
        })
    }

    async fn introspect_user(
        &self,
        view: &TenantView,
        claims: Box<Claims>,
    ) -> Result<Option<Introspected>, StorageError> {
        let Some(id) = claims.sid else { return Ok(None) };
        let session = self.directory.provisioning.storage.find_session(view.tenant.id, id).await?;
        let now = self.directory.now();
        if !session.is_some_and(|session| session.is_live(now) && session.user_id == claims.sub) {
            return Ok(None);
        }
        let Some((user, permissions)) = self.directory.authenticator.holder(view, claims.sub).await? else {
            return Ok(None);
        };
        let roles = role_names(view, &user.account.roles);
        Ok(Some(Introspected::User { claims, user_name: user.user_name, roles, permissions }))
    }

    async fn introspect_client(
        &self,
        view: &Arc<TenantView>,
        claims: ClientClaims,
    ) -> Result<Option<Introspected>, StorageError> {
        let Some(named) = ClientIdText::parse(&claims.client_id) else { return Ok(None) };
        let found = self.directory.provisioning.storage.find_client(view.tenant.id, named.client_id).await?;
        let now = self.directory.now();
        let Some(client) = found.filter(|client| client.is_live(now)) else { return Ok(None) };
        let caller =
            self.directory.authenticator.client_caller(&client, view, claims.scope.as_deref()).await?;
        Ok(caller.map(|caller| Introspected::Client { claims, permissions: caller.permissions }))
    }
}

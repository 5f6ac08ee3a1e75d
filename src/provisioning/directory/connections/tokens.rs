//! A connection's bearer tokens. A token's text is shown once and never stored.

use serde_json::json;

use super::super::Directory;
use super::super::error::DirectoryError;
use super::{check_ceiling, check_scopes};
use crate::auth::{CredentialKind, TokenText};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{AccessToken, ConnectionId, Permission, Scopes, Timestamp, TokenId};
use crate::provisioning::tenants::NewToken;
use crate::provisioning::{ProvisioningError, Request};
use crate::storage::StorageError;

/// What is said of a token.
#[derive(Clone, Debug)]
pub struct TokenDraft {
    pub name: String,
    pub scopes: Scopes,
    pub expires_at: Option<Timestamp>,
}

impl Directory {
    /// Makes a bearer token for a connection. Nobody makes one that reaches further than they do.
    ///
    /// # Errors
    /// No such connection (404), one that reaches further than the caller (403), an end that is past (422).
    pub async fn create_connection_token(
        &self,
        request: &Request,
        id: ConnectionId,
        draft: TokenDraft,
    ) -> Result<NewToken, DirectoryError> {
        let connection = self.allowed_connection(request, id, Permission::ConnectionsWrite).await?;
        let view = Self::tenant(request)?;
        check_ceiling(request, view, &connection)?;
        self.check_end(draft.expires_at)?;
        check_scopes(request, draft.scopes, "The token's scopes hold permissions that you lack")?;
        let internal = |error: String| DirectoryError::Failed(ProvisioningError::Internal(error));
        let text = TokenText::generate(CredentialKind::Scim, view.tenant.id)
            .map_err(|error| internal(error.to_string()))?;
        let record = AccessToken {
            tenant_id: view.tenant.id,
            id: TokenId::generate(),
            connection_id: id,
            name: draft.name,
            hash: text.hash(),
            scopes: draft.scopes,
            created_at: self.now(),
            expires_at: draft.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.settings.push(SettingsChange::InsertToken(Box::new(record.clone())));
        let details = json!({ "name": record.name, "connection": connection.name, "scopes": record.scopes.to_string() });
        changes.audit.push(self.event(request, AuditType::TokenCreated, Target::Token(record.id.0), details));
        self.provisioning.storage.commit(changes).await?;
        Ok(NewToken { record, text })
    }

    /// A connection's tokens, oldest first; never their text.
    ///
    /// # Errors
    /// No such connection (404), a missing permission (403).
    pub async fn list_connection_tokens(
        &self,
        request: &Request,
        id: ConnectionId,
    ) -> Result<Vec<AccessToken>, DirectoryError> {
        self.allowed_connection(request, id, Permission::ConnectionsRead).await?;
        Ok(self.tokens_of(request, id).await?)
    }

    /// Revokes a connection's token; it stops working everywhere within a second.
    ///
    /// # Errors
    /// No such connection or token (404), a missing permission (403).
    pub async fn revoke_connection_token(
        &self,
        request: &Request,
        id: ConnectionId,
        token: TokenId,
    ) -> Result<(), DirectoryError> {
        self.allowed_connection(request, id, Permission::ConnectionsWrite).await?;
        let tokens = self.tokens_of(request, id).await?;
        let record = tokens.into_iter().find(|record| record.id == token);
        let record = record.ok_or_else(|| DirectoryError::missing("Token", token))?;
        let mut changes = ChangeSet::new(record.tenant_id);
        changes.settings.push(SettingsChange::RevokeToken { id: token, at: self.now() });
        let (target, details) = (Target::Token(token.0), json!({ "name": record.name }));
        changes.audit.push(self.event(request, AuditType::TokenRevoked, target, details));
        self.provisioning.storage.commit(changes).await?;
        self.authenticator.forget(record.tenant_id).await;
        Ok(())
    }

    async fn tokens_of(&self, request: &Request, id: ConnectionId) -> Result<Vec<AccessToken>, StorageError> {
        let mut tokens = self.provisioning.storage.list_tokens(request.caller.tenant_id).await?;
        tokens.retain(|token| token.connection_id == id);
        Ok(tokens)
    }
}

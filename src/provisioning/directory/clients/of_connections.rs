//! `/v1/connections/{id}/clients`. They do what the connection's bearer tokens do, and are dealt with as those are.

use super::super::Directory;
use super::super::connections::{check_ceiling, check_scopes};
use super::super::error::DirectoryError;
use super::{ClientDraft, NewClient};
use crate::model::{Client, ClientId, ClientOwner, ConnectionId, Permission, Scopes};
use crate::provisioning::Request;

impl Directory {
    /// Makes a client of a connection. Nobody makes one that reaches further than they do.
    ///
    /// # Errors
    /// No such connection (404), one that reaches further than the caller (403), keys that are none, an end that is past
    /// (422).
    pub async fn create_connection_client(
        &self,
        request: &Request,
        id: ConnectionId,
        draft: ClientDraft,
    ) -> Result<NewClient, DirectoryError> {
        let connection = self.allowed_connection(request, id, Permission::ConnectionsWrite).await?;
        check_ceiling(request, Self::tenant(request)?, &connection)?;
        let scopes = draft.scopes.unwrap_or(Scopes::ALL);
        check_scopes(request, scopes, "The client's scopes hold permissions that you lack")?;
        self.insert_client(request, ClientOwner::Connection(id), Some(scopes), draft).await
    }

    /// A connection's clients, oldest first; never their secrets.
    ///
    /// # Errors
    /// No such connection (404), a missing permission (403).
    pub async fn list_connection_clients(
        &self,
        request: &Request,
        id: ConnectionId,
    ) -> Result<Vec<Client>, DirectoryError> {
        self.allowed_connection(request, id, Permission::ConnectionsRead).await?;
        let owner = ClientOwner::Connection(id);
        Ok(self.provisioning.storage.list_clients(request.caller.tenant_id, owner).await?)
    }

    /// Revokes a connection's client; its tokens stop working everywhere within a second.
    ///
    /// # Errors
    /// No such connection or client (404), a missing permission (403).
    pub async fn revoke_connection_client(
        &self,
        request: &Request,
        id: ConnectionId,
        client: ClientId,
    ) -> Result<(), DirectoryError> {
        self.allowed_connection(request, id, Permission::ConnectionsWrite).await?;
        let client = self.client_of_owner(request, ClientOwner::Connection(id), client).await?;
        self.remove_client(request, &client).await
    }
}

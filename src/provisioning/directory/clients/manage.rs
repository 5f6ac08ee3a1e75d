//! What making and revoking have in common, whosever clients they are.

use serde_json::{Value, json};

use super::super::Directory;
use super::super::error::{DirectoryError, Kind, Problem};
use super::{ClientDraft, NewClient};
use crate::auth::client::ClientKeys;
use crate::auth::{CredentialKind, TokenText};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{Client, ClientChange, ClientId, ClientOwner, ClientProof, Scopes};
use crate::provisioning::{ProvisioningError, Request};
use crate::storage::StorageError;

/// How many clients a connection or a service account may have: enough to replace each while it is used.
const MOST_CLIENTS: usize = 50;

impl Directory {
    /// Makes a client for somebody who was found to have the right to it.
    ///
    /// # Errors
    /// Keys that are none, an end that is past, too many clients (422).
    pub(super) async fn insert_client(
        &self,
        request: &Request,
        owner: ClientOwner,
        scopes: Option<Scopes>,
        draft: ClientDraft,
    ) -> Result<NewClient, DirectoryError> {
        self.check_end(draft.expires_at)?;
        let (tenant_id, storage) = (request.caller.tenant_id, &self.provisioning.storage);
        if storage.list_clients(tenant_id, owner).await?.len() >= MOST_CLIENTS {
            let message =
                format!("There are {MOST_CLIENTS} clients already; revoke one that is not used any more.");
            return Err(DirectoryError::refused(Kind::Impossible, "too_many_clients", message));
        }
        let (proof, secret) = match &draft.keys {
            Some(keys) => {
                let keys = ClientKeys::read(keys).map_err(|error| {
                    DirectoryError::impossible(vec![Problem::new("/jwks", "invalid_keys", error)])
                })?;
                (ClientProof::Keys(keys.to_json().to_string()), None)
            }
            None => {
                let secret = TokenText::generate(CredentialKind::ClientSecret, tenant_id)
                    .map_err(|error| ProvisioningError::Internal(error.to_string()))?;
                (ClientProof::Secret(secret.hash()), Some(secret))
            }
        };
        let record = Client {
            tenant_id,
            id: ClientId::generate(),
            owner,
            name: draft.name,
            proof,
            scopes,
            created_at: self.now(),
            expires_at: draft.expires_at,
            last_used_at: None,
        };
        let mut changes = ChangeSet::new(tenant_id);
        changes.credentials.push(CredentialChange::Client(ClientChange::Insert(Box::new(record.clone()))));
        let (target, details) = (Target::Client(record.id), told(&record));
        changes.audit.push(self.event(request, AuditType::ClientCreated, target, details));
        storage.commit(changes).await?;
        Ok(NewClient { record, secret })
    }

    /// The client of this owner with this id.
    ///
    /// # Errors
    /// There is none (404).
    pub(super) async fn client_of_owner(
        &self,
        request: &Request,
        owner: ClientOwner,
        id: ClientId,
    ) -> Result<Client, DirectoryError> {
        let client = self.provisioning.storage.find_client(request.caller.tenant_id, id).await?;
        client.filter(|client| client.owner == owner).ok_or_else(|| DirectoryError::missing("Client", id))
    }

    /// Revokes a client; its tokens stop working everywhere within a second.
    ///
    /// # Errors
    /// Somebody else has done so (404).
    pub(super) async fn remove_client(
        &self,
        request: &Request,
        client: &Client,
    ) -> Result<(), DirectoryError> {
        let mut changes = ChangeSet::new(client.tenant_id);
        changes.credentials.push(CredentialChange::Client(ClientChange::Delete { id: client.id }));
        let (target, details) = (Target::Client(client.id), told(client));
        changes.audit.push(self.event(request, AuditType::ClientRevoked, target, details));
        match self.provisioning.storage.commit(changes).await {
            Err(StorageError::Stale) => return Err(DirectoryError::missing("Client", client.id)),
            written => written?,
        }
        self.authenticator.forget(client.tenant_id).await;
        Ok(())
    }
}

/// What audit events tell of a client.
fn told(client: &Client) -> Value {
    let (kind, owner) = match client.owner {
        ClientOwner::Connection(id) => ("connection", id.0),
        ClientOwner::User(id) => ("user", id.0),
    };
    let proof = match client.proof {
        ClientProof::Secret(_) => "client_secret",
        ClientProof::Keys(_) => "private_key_jwt",
    };
    let scopes = client.scopes.map(Scopes::to_oauth);
    json!({ "name": client.name, kind: owner, "scopes": scopes, "proof": proof })
}

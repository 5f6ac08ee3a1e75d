//! `/v1/users/{id}/clients`: those of service accounts. They do what a key of the user does, and are dealt with as keys
//! are: by the same permissions, and as keys where policies speak of them.

use uuid::Uuid;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use super::super::keys::of_key;
use super::{ClientDraft, NewClient};
use crate::access::Thing;
use crate::auth::client_permissions;
use crate::model::{Client, ClientId, ClientOwner, KeyId, Permission, UserId};
use crate::provisioning::{ProvisioningError, Request};

const READ: (Permission, Permission) = (Permission::ApiKeysRead, Permission::SelfRead);
const WRITE: (Permission, Permission) = (Permission::ApiKeysWrite, Permission::SelfUpdate);

impl Directory {
    /// Makes a client of a service account. It never does more than its user, and ends with it. Nobody makes one that may
    /// do more than they may.
    ///
    /// # Errors
    /// No such user (404), one that is no active service account, keys that are none, an end that is past (422),
    /// permissions that the caller lacks (403).
    pub async fn create_user_client(
        &self,
        request: &Request,
        user: UserId,
        draft: ClientDraft,
    ) -> Result<NewClient, DirectoryError> {
        // What is yet to be made has no id.
        let thing = of_key(KeyId(Uuid::nil()), &draft.name, Some(user));
        self.authorize_key(request, WRITE, is_own(request, user), thing).await?;
        let view = Self::tenant(request)?;
        let current = self.view_of(view, user).await?;
        if !current.user.account.service_account {
            let message = "Only service accounts have clients; people sign in.";
            return Err(DirectoryError::refused(Kind::Impossible, "not_a_service_account", message));
        }
        let Some((_, owners)) = self.authenticator.holder(view, user).await? else {
            let message =
                "The service account is deactivated or suspended, so a client of it would open nothing.";
            return Err(DirectoryError::refused(Kind::Impossible, "inactive_user", message));
        };
        let bound = draft.scopes.map(client_permissions);
        let what = "The client would hold permissions that you lack";
        self.check_reach_of_key(request, Some(user), bound, owners, what).await?;
        self.insert_client(request, ClientOwner::User(user), draft.scopes, draft).await
    }

    /// A user's clients, oldest first; never their secrets, and not those that a policy hides.
    ///
    /// # Errors
    /// No such user (404), a missing permission (403).
    pub async fn list_user_clients(
        &self,
        request: &Request,
        user: UserId,
    ) -> Result<Vec<Client>, DirectoryError> {
        let own = is_own(request, user);
        self.authorize_key(request, READ, own, of_key(KeyId(Uuid::nil()), "", Some(user))).await?;
        let tenant = request.caller.tenant_id;
        let storage = &self.provisioning.storage;
        if storage.existing_users(tenant, vec![user.0]).await?.is_empty() {
            return Err(DirectoryError::missing("User", user));
        }
        let mut readable = Vec::new();
        for client in storage.list_clients(tenant, ClientOwner::User(user)).await? {
            match self.authorize_key(request, READ, own, of_client(&client, user)).await {
                Ok(()) => readable.push(client),
                Err(DirectoryError::Failed(ProvisioningError::Denied(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(readable)
    }

    /// Revokes a user's client; its tokens stop working everywhere within a second. One that may do more than the caller
    /// is revoked too: nobody gets anything by that, and a client whose secret leaked has to end.
    ///
    /// # Errors
    /// No such user or client (404), a missing permission (403).
    pub async fn revoke_user_client(
        &self,
        request: &Request,
        user: UserId,
        client: ClientId,
    ) -> Result<(), DirectoryError> {
        let own = is_own(request, user);
        let rights = [WRITE.0, WRITE.1];
        self.admit(request, rights.get(..1 + usize::from(own)).unwrap_or_default()).await?;
        let tenant = request.caller.tenant_id;
        if self.provisioning.storage.existing_users(tenant, vec![user.0]).await?.is_empty() {
            return Err(DirectoryError::missing("User", user));
        }
        let client = self.client_of_owner(request, ClientOwner::User(user), client).await?;
        self.authorize_key(request, WRITE, own, of_client(&client, user)).await?;
        self.remove_client(request, &client).await
    }
}

fn is_own(request: &Request, user: UserId) -> bool {
    request.caller.user_id() == Some(user)
}

fn of_client(client: &Client, user: UserId) -> Thing {
    of_key(KeyId(client.id.0), &client.name, Some(user))
}

//! As whom a client's tokens act: its connection, or its service account. Both are asked of the database as they are now,
//! not of the token.

use std::sync::Arc;

use super::{Authenticator, Credential, Known};
use crate::auth::caller::{Caller, Subject, TenantView, client_permissions, permissions_of_scopes};
use crate::auth::client::ClientIdText;
use crate::auth::signer::ClientClaims;
use crate::model::{Client, ClientOwner, KeyId, Permissions, Scopes, TokenId};
use crate::storage::StorageError;

impl Authenticator {
    pub(super) async fn look_up_client(
        &self,
        claims: &ClientClaims,
    ) -> Result<Option<Arc<Known>>, StorageError> {
        let tenant = claims.tenant_id;
        let named = ClientIdText::parse(&claims.client_id).filter(|named| named.tenant_id == tenant);
        let Some(named) = named else { return Ok(None) };
        let Some(client) = self.storage.find_client(tenant, named.client_id).await? else { return Ok(None) };
        let Some(view) = self.tenant(tenant).await? else { return Ok(None) };
        let caller = self.client_caller(&client, &view, claims.scope.as_deref()).await?;
        Ok(caller.map(|caller| {
            Arc::new(Known { credential: Credential::Client(client), caller: Arc::new(caller) })
        }))
    }

    /// As whom a token of a client acts that has these scopes, in the words of OAuth 2.0; `None` bounds it to those of the
    /// client. Nothing where its connection is gone, or its service account may not act.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn client_caller(
        &self,
        client: &Client,
        view: &Arc<TenantView>,
        scope: Option<&str>,
    ) -> Result<Option<Caller>, StorageError> {
        // What no scope is called is none.
        let asked = scope.map(|text| Scopes::of_oauth(text).unwrap_or(Scopes { read: false, write: false }));
        let scopes = match (client.scopes, asked) {
            (Some(bound), Some(asked)) => Some(bound.intersection(asked)),
            (bound, asked) => bound.or(asked),
        };
        let tenant_id = client.tenant_id;
        let (subject, permissions) = match client.owner {
            ClientOwner::Connection(id) => {
                let connections = self.storage.list_connections(tenant_id).await?;
                let Some(connection) = connections.into_iter().find(|connection| connection.id == id) else {
                    return Ok(None);
                };
                let scopes = scopes.unwrap_or(Scopes::ALL);
                let name = Arc::from(&*connection.name);
                let token_id = TokenId(client.id.0);
                (Subject::Connection { connection, name, token_id, scopes }, permissions_of_scopes(scopes))
            }
            ClientOwner::User(id) => {
                let holder = self.holder(view, id).await?;
                let Some((user, owners)) = holder.filter(|(user, _)| user.account.service_account) else {
                    return Ok(None);
                };
                let bound = scopes.map_or_else(Permissions::all, client_permissions);
                // It is bounded as a key of its user's is, and policies see it as one.
                let subject = Subject::Key {
                    id: KeyId(client.id.0),
                    name: Arc::from(&*client.name),
                    user_id: Some(user.id),
                    instance: false,
                };
                (subject, owners.intersection(bound))
            }
        };
        Ok(Some(Caller { tenant_id, subject, permissions, tenant: Some(Arc::clone(view)) }))
    }
}

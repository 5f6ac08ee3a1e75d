//! Reading OAuth 2.0 clients.

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{Client, ClientId, ClientOwner, TenantId};

/// `SELECT … FROM clients`, in the order of [`Client`]'s fields.
macro_rules! clients {
    ($rest:literal) => {
        concat!(
            "SELECT tenant_id, id, connection_id, user_id, name, secret_hash, jwks, scopes, created_at, expires_at, \
             last_used_at FROM clients ",
            $rest
        )
    };
}

impl Storage {
    /// The client with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_client(&self, tenant: TenantId, id: ClientId) -> Result<Option<Client>, StorageError> {
        let args = [Arg::id(tenant.0), Arg::id(id.0)];
        let statement = Statement::lookup(clients!("WHERE tenant_id = $1 AND id = $2"), args);
        self.database.fetch_optional(statement).await
    }

    /// The clients of a connection or of a service account, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_clients(
        &self,
        tenant: TenantId,
        owner: ClientOwner,
    ) -> Result<Vec<Client>, StorageError> {
        let (text, owner) = match owner {
            ClientOwner::Connection(id) => {
                (clients!("WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id LIMIT 1000"), id.0)
            }
            ClientOwner::User(id) => {
                (clients!("WHERE tenant_id = $1 AND user_id = $2 ORDER BY id LIMIT 1000"), id.0)
            }
        };
        self.database.fetch_all(Statement::fixed(text, [Arg::id(tenant.0), Arg::id(owner)])).await
    }
}

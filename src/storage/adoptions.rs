//! Reading requests to adopt users.

use uuid::Uuid;

use super::statement::{Arg, Statement};
use super::{Storage, StorageError};
use crate::model::{AdoptionRequest, AdoptionRequestId, AdoptionState, ConnectionId, TenantId, UserId};

/// `SELECT … FROM adoption_requests r`, in the order of [`AdoptionRequest`]'s fields.
macro_rules! adoption_requests {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.connection_id, c.name, r.user_id, u.user_name, r.state, r.requested_at, r.decided_at \
             FROM adoption_requests r JOIN users u ON u.tenant_id = $1 AND u.id = r.user_id \
             JOIN connections c ON c.tenant_id = $1 AND c.id = r.connection_id WHERE r.tenant_id = $1 ",
            $rest
        )
    };
}

impl Storage {
    /// The request with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn lookup_adoption_request(
        &self,
        tenant: TenantId,
        id: AdoptionRequestId,
    ) -> Result<Option<AdoptionRequest>, StorageError> {
        let args = [Arg::id(tenant.0), Arg::id(id.0)];
        self.database.fetch_optional(Statement::fixed(adoption_requests!("AND r.id = $2"), args)).await
    }

    /// What this connection asked for this user.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_adoption_request(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        user: UserId,
    ) -> Result<Option<AdoptionRequest>, StorageError> {
        let statement = Statement::fixed(
            adoption_requests!("AND r.user_id = $2 AND r.connection_id = $3"),
            [Arg::id(tenant.0), Arg::id(user.0), Arg::id(connection.0)],
        );
        self.database.fetch_optional(statement).await
    }

    /// The tenant's requests in this state, oldest first, from behind `after` on; not those for users who became the
    /// connection's in another way.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_adoption_requests(
        &self,
        tenant: TenantId,
        state: AdoptionState,
        after: Option<AdoptionRequestId>,
        limit: i64,
    ) -> Result<Vec<AdoptionRequest>, StorageError> {
        let statement = Statement::fixed(
            adoption_requests!(
                "AND r.state = $2 AND r.id > $3 AND (u.connection_id IS NULL OR u.connection_id <> r.connection_id) \
                 ORDER BY r.id LIMIT $4"
            ),
            [
                Arg::id(tenant.0),
                Arg::text(state.as_str()),
                Arg::id(after.map_or(Uuid::nil(), |id| id.0)),
                Arg::integer(limit),
            ],
        );
        self.database.fetch_all(statement).await
    }
}

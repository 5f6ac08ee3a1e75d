//! `GET /Users/{id}` (RFC 7644 §3.4.1).

use super::super::{Answer, Preconditions, Provisioning, ProvisioningError, Request};
use super::RESOURCE_TYPE;
use super::answer::is_computed;
use crate::access::Changes;
use crate::model::query::StoredUser;
use crate::model::{Permission, UserId};
use crate::scim::projection::Projection;

impl Provisioning {
    /// Reads a user.
    ///
    /// # Errors
    /// No such user in the caller's tenant (404), unmet preconditions (304, 412), a missing scope (403).
    pub async fn read_user(
        &self,
        request: &Request,
        id: &str,
        preconditions: &Preconditions,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.admit(request, Permission::UsersRead).await?;
        let stored = self.stored_user(request, id).await?;
        self.authorize_user(request, Permission::UsersRead, &stored, Changes::default).await?;
        preconditions.check_read(stored.version, is_computed(projection))?;
        self.answer(request, &stored, projection).await
    }

    /// The stored user that an id from a URL names.
    pub(super) async fn stored_user(
        &self,
        request: &Request,
        id: &str,
    ) -> Result<StoredUser, ProvisioningError> {
        let missing = || ProvisioningError::not_found(RESOURCE_TYPE, id);
        let user: UserId = id.parse().map_err(|_| missing())?;
        self.storage
            .lookup_user(request.caller.tenant_id, request.caller.connection_id(), user)
            .await?
            .ok_or_else(missing)
    }
}

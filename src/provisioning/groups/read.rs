//! `GET /Groups/{id}` (RFC 7644 §3.4.1).

use super::super::{Answer, Preconditions, Provisioning, ProvisioningError, Request};
use super::RESOURCE_TYPE;
use crate::model::query::StoredGroup;
use crate::model::{GroupId, Permission};
use crate::scim::projection::Projection;

impl Provisioning {
    /// Reads a group. Its members are read only if they are wanted.
    ///
    /// # Errors
    /// No such group in the caller's tenant (404), unmet preconditions (304, 412), a missing scope (403).
    pub async fn read_group(
        &self,
        request: &Request,
        id: &str,
        preconditions: &Preconditions,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.admit(request, Permission::GroupsRead).await?;
        let stored = self.stored_group(request, id).await?;
        self.authorize_reading_group(request, &stored).await?;
        // What members are called is theirs to change, without a new version of the group.
        let computed = projection.wants("members") && projection.wants_sub("members", "display");
        preconditions.check_read(stored.version, computed)?;
        self.group_answer(request, stored, projection).await
    }

    /// The stored group that an id from a URL names.
    pub(super) async fn stored_group(
        &self,
        request: &Request,
        id: &str,
    ) -> Result<StoredGroup, ProvisioningError> {
        let missing = || ProvisioningError::not_found(RESOURCE_TYPE, id);
        let group: GroupId = id.parse().map_err(|_| missing())?;
        self.storage
            .lookup_group(request.caller.tenant_id, request.caller.connection_id(), group)
            .await?
            .ok_or_else(missing)
    }
}

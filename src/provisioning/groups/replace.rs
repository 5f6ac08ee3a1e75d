//! `PUT /Groups/{id}` (RFC 7644 §3.5.1).

use serde_json::{Map, Value};

use super::super::{Answer, Preconditions, Provisioning, ProvisioningError, Request};
use super::patch::Decision;
use crate::mapping::group::{restore, to_scim};
use crate::model::Permission;
use crate::scim::patch::member_references;
use crate::scim::projection::Projection;
use crate::scim::schema::{AttributeMap, validate};
use crate::storage::Resource;

impl Provisioning {
    /// Puts a body in a group's place; its members become exactly those of the body.
    ///
    /// # Errors
    /// What validation refuses (400), no such group (404), unmet preconditions (412), a missing scope (403).
    pub async fn replace_group(
        &self,
        request: &Request,
        id: &str,
        body: Map<String, Value>,
        preconditions: &Preconditions,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.admit(request, Permission::GroupsWrite).await?;
        let resource = id.parse().ok().map(Resource::Group);
        let _turn = self.storage.turn(resource).await;
        let body = &body;
        self.attempt(request.caller.tenant_id, resource, |this| async move {
            this.try_replace_group(request, id, body, preconditions).await
        })
        .await?;
        let stored = self.stored_group(request, id).await?;
        self.group_answer(request, stored, projection).await
    }

    async fn try_replace_group(
        &self,
        request: &Request,
        id: &str,
        body: &Map<String, Value>,
        preconditions: &Preconditions,
    ) -> Result<Option<i64>, ProvisioningError> {
        let stored = self.stored_group(request, id).await?;
        preconditions.check_write(stored.version)?;
        let before = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let validated =
            validate::replace(self.schemas.group(), &to_scim(&before), body.clone(), request.strictness())?;
        let mut attributes = validated.attributes.into_map();
        let members = member_references(self.schemas.group(), attributes.shift_remove("members"))?;
        let members = self.resolve_members(request.caller.tenant_id, &members).await?;
        let turnover = self.replacement(request.caller.tenant_id, before.id, members).await?;
        let attributes = AttributeMap::from_stored(attributes);
        self.write_group(
            request,
            Decision { before: &before, attributes, turnover, ignored: validated.ignored, guarded: true },
        )
        .await
    }
}

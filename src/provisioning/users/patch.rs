//! `PATCH /Users/{id}` (RFC 7644 §3.5.2).

use super::super::authorize::differences;
use super::super::role_mappings::{map_roles, with_roles};
use super::super::{Answer, Preconditions, Provisioning, ProvisioningError, Request};
use super::password::{note_password, told_of_password};
use super::write::changed;
use crate::mapping::user::{Occasion, restore, to_model, to_scim};
use crate::model::Permission;
use crate::scim::error::ScimError;
use crate::scim::message::PatchOperation;
use crate::scim::patch;
use crate::scim::projection::Projection;
use crate::storage::Resource;

impl Provisioning {
    /// Changes a user: all of the operations, or none. What changes nothing leaves version and times alone.
    ///
    /// # Errors
    /// What PATCH refuses (400), no such user (404), a taken userName or the last owner (409), unmet preconditions
    /// (412), a missing scope or a user beyond the caller's reach (403).
    pub async fn patch_user(
        &self,
        request: &Request,
        id: &str,
        operations: &[PatchOperation],
        preconditions: &Preconditions,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.admit(request, Permission::UsersUpdate).await?;
        let resource = id.parse().ok().map(Resource::User);
        let _turn = self.storage.turn(resource).await;
        self.attempt(request.caller.tenant_id, resource, |this| async move {
            this.try_patch_user(request, id, operations, preconditions, projection).await
        })
        .await
    }

    async fn try_patch_user(
        &self,
        request: &Request,
        id: &str,
        operations: &[PatchOperation],
        preconditions: &Preconditions,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        let stored = self.stored_user(request, id).await?;
        preconditions.check_write(stored.version)?;
        let before = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let schema = request.user_schema();
        let attributes = schema.with_extension(to_scim(&before), &before.custom);
        let patched = patch::apply(schema.scim(), id, &attributes, operations)?;
        let said = Self::meant(request, &before, patched.password.as_ref()).cloned();
        let attributes_changed = differences(&attributes, &patched.attributes);
        let (patched, custom) = schema
            .take_extension(Some(&before.custom), patched.attributes)
            .map_err(|problems| ScimError::from(&problems))?;
        let (now, order) = (self.clock.now(), request.name_order());
        let mut after = to_model(patched, before.id, now, Occasion::Patch(&before), order)?;
        after.custom = custom;
        let mapped = map_roles(&request.caller, Some(&before), &mut after);
        let is_same = attributes_changed.attributes.is_empty() && after.account == before.account;
        let said = said.as_ref();
        let changes = || with_roles(request, told_of_password(attributes_changed, said), &before, &after);
        self.authorize_user(request, Permission::UsersUpdate, &stored, changes).await?;
        if is_same && said.is_none() {
            return self.answer(request, &stored, projection).await;
        }
        let mut details = changed(&before, &after, &[], &mapped);
        let settled = self.settle_update(request, &stored, &before, &mut after, &mut details).await?;
        let password = self.next_password(request, &after, said).await?;
        if is_same && password.is_empty() {
            return self.answer(request, &stored, projection).await;
        }
        note_password(&password, &mut details);
        let document = self
            .commit_user(request, &mut after, |after| {
                let mut changes = settled.with(self.update(request, &before, after, details.clone()));
                changes.credentials.extend(password.iter().cloned());
                changes
            })
            .await?;
        self.written(request, &after, document, stored.in_groups, projection).await
    }
}

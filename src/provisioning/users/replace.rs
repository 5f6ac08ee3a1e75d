//! `PUT /Users/{id}` (RFC 7644 §3.5.1).

use serde_json::{Map, Value};

use super::super::authorize::differences;
use super::super::role_mappings::{map_roles, with_roles};
use super::super::{Answer, Preconditions, Provisioning, ProvisioningError, Request};
use super::password::{note_password, told_of_password};
use super::write::changed;
use crate::mapping::user::{Occasion, restore, to_model, to_scim};
use crate::model::Permission;
use crate::scim::error::ScimError;
use crate::scim::projection::Projection;
use crate::scim::schema::validate;
use crate::storage::Resource;

impl Provisioning {
    /// Puts a body in a user's place.
    ///
    /// # Errors
    /// What validation refuses (400), no such user (404), a taken userName or the last owner (409), unmet
    /// preconditions (412), a missing scope or a user beyond the caller's reach (403).
    pub async fn replace_user(
        &self,
        request: &Request,
        id: &str,
        body: Map<String, Value>,
        preconditions: &Preconditions,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.admit(request, Permission::UsersUpdate).await?;
        let resource = id.parse().ok().map(Resource::User);
        let _turn = self.storage.turn(resource).await;
        let body = &body;
        self.attempt(request.caller.tenant_id, resource, |this| async move {
            this.try_replace_user(request, id, body, preconditions, projection).await
        })
        .await
    }

    async fn try_replace_user(
        &self,
        request: &Request,
        id: &str,
        body: &Map<String, Value>,
        preconditions: &Preconditions,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        let stored = self.stored_user(request, id).await?;
        preconditions.check_write(stored.version)?;
        let before = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let schema = request.user_schema();
        let attributes = schema.with_extension(to_scim(&before), &before.custom);
        let validated = validate::replace(schema.scim(), &attributes, body.clone(), request.strictness())?;
        let (given, custom) = schema
            .take_extension(Some(&before.custom), validated.attributes)
            .map_err(|problems| ScimError::from(&problems))?;
        let (now, order) = (self.clock.now(), request.name_order());
        let mut after = to_model(given, before.id, now, Occasion::Replace(&before), order)?;
        after.custom = custom;
        let new_attributes = schema.with_extension(to_scim(&after), &after.custom);
        let mapped = map_roles(&request.caller, Some(&before), &mut after);
        let said = Self::meant(request, &before, validated.password.as_ref());
        let changes = || {
            let changes = told_of_password(differences(&attributes, &new_attributes), said);
            with_roles(request, changes, &before, &after)
        };
        self.authorize_user(request, Permission::UsersUpdate, &stored, changes).await?;
        let is_same = after.custom == before.custom && after.account == before.account;
        let is_same = is_same && new_attributes == attributes;
        if is_same && said.is_none() {
            return self.answer(request, &stored, projection).await;
        }
        let mut details = changed(&before, &after, &validated.ignored, &mapped);
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

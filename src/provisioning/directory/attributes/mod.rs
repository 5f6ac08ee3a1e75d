//! The tenant's own attributes: their definitions, and what a change of one means for the values that users have.

mod distinct;
mod patch;
mod purge;
mod remove;
mod rewrite;
mod settle;

pub use patch::AttributePatch;
pub use remove::Values;

use std::sync::Arc;

use serde_json::json;

use self::settle::{Gain, gains};
use super::Directory;
use super::custom::told;
use super::error::{DirectoryError, Kind};
use crate::access::{Changes, Thing};
use crate::mapping::custom::{AttributeDraft, define, redefine};
use crate::mapping::rows::custom_path;
use crate::model::audit::{AuditEvent, AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{AttributeDefinition, Permission, TenantId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;
use crate::storage::{StorageError, Taken};

impl Directory {
    /// The tenant's attributes by name; with those that were removed and whose values are still kept, if asked for.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_attributes(
        &self,
        request: &Request,
        removed: bool,
    ) -> Result<Vec<AttributeDefinition>, DirectoryError> {
        self.authorize(request, Permission::AttributesRead, Thing::Tenant).await?;
        let mut known = self.definitions(Self::tenant(request)?.tenant.id).await?;
        known.retain(|definition| removed || definition.is_live());
        self.keep_readable(request, Permission::AttributesRead, &mut known, of_attribute).await?;
        Ok(known)
    }

    /// One attribute, removed or not.
    ///
    /// # Errors
    /// No such attribute (404), a missing permission (403).
    pub async fn read_attribute(
        &self,
        request: &Request,
        name: &str,
    ) -> Result<AttributeDefinition, DirectoryError> {
        self.admit(request, &[Permission::AttributesRead]).await?;
        let found = self.definition(Self::tenant(request)?.tenant.id, name).await?;
        self.authorize(request, Permission::AttributesRead, of_attribute(&found)).await?;
        Ok(found)
    }

    /// Defines an attribute. Users who are there have no value of it; those who are made later have its default.
    ///
    /// # Errors
    /// Every problem of the draft at once (422), a taken name (409), a missing permission (403).
    pub async fn create_attribute(
        &self,
        request: &Request,
        draft: AttributeDraft,
    ) -> Result<AttributeDefinition, DirectoryError> {
        let named = Thing::Attribute(Arc::from(&*draft.name));
        self.authorize(request, Permission::AttributesWrite, named).await?;
        let (tenant, draft) = (Self::tenant(request)?.tenant.id, &draft);
        self.attempt(tenant, None, |this| async move {
            this.try_create_attribute(request, tenant, draft.clone()).await
        })
        .await
    }

    async fn try_create_attribute(
        &self,
        request: &Request,
        tenant: TenantId,
        draft: AttributeDraft,
    ) -> Result<AttributeDefinition, DirectoryError> {
        let known = self.definitions(tenant).await?;
        if known.iter().any(|other| other.name == draft.name) {
            return Err(name_taken(&draft.name));
        }
        let made = define(draft, &known, self.now())
            .map_err(|problems| DirectoryError::impossible(told(problems)))?;
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::InsertAttribute(Box::new(made.clone())));
        changes.audit.push(self.attribute_event(request, AuditType::AttributeCreated, &made));
        self.write_attribute(changes, &made).await?;
        Ok(made)
    }

    /// Changes what is said of an attribute. Values that users have stay as they are, whether they still match or not;
    /// where the attribute becomes searchable, unique or visible to SCIM they are brought into the index first.
    ///
    /// # Errors
    /// Every problem at once (422), two users with one value of what shall be unique (409), no such attribute (404),
    /// another version than `If-Match` names (412).
    pub async fn update_attribute(
        &self,
        request: &Request,
        name: &str,
        patch: AttributePatch,
        preconditions: &Preconditions,
    ) -> Result<AttributeDefinition, DirectoryError> {
        self.admit(request, &[Permission::AttributesWrite]).await?;
        let (tenant, patch) = (Self::tenant(request)?.tenant.id, &patch);
        let (before, after) = self
            .attempt(tenant, None, |this| async move {
                this.try_update_attribute(request, (tenant, name), patch.clone(), preconditions).await
            })
            .await?;
        match after {
            Some(after) => self.settled(tenant, before, after).await,
            None => Ok(before),
        }
    }

    /// Writes the change; gives the definition as it was, and as it is where that is something else.
    async fn try_update_attribute(
        &self,
        request: &Request,
        (tenant, name): (TenantId, &str),
        patch: AttributePatch,
        preconditions: &Preconditions,
    ) -> Result<(AttributeDefinition, Option<AttributeDefinition>), DirectoryError> {
        let before = self.live_definition(tenant, name).await?;
        let draft = patch.apply(AttributeDraft::from(&before));
        let mut after = redefine(&before, draft, self.now())
            .map_err(|problems| DirectoryError::impossible(told(problems)))?;
        let changed = Changes::of(patch::changed(&before, &after));
        self.authorize_change(request, Permission::AttributesWrite, of_attribute(&before), changed).await?;
        preconditions.check_write(before.version)?;
        let same =
            AttributeDefinition { version: before.version, updated_at: before.updated_at, ..after.clone() };
        if same == before {
            return Ok((before, None));
        }
        if after.unique && !before.unique {
            self.check_distinct(tenant, &after).await?;
        }
        let gain = gains(&before, &after);
        after.indexing = gain == Gain::Some;
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::UpdateAttribute {
            definition: Box::new(after.clone()),
            expected: before.version,
        });
        changes.settings.extend(emptied(&before, &after));
        changes.audit.push(self.attribute_event(request, AuditType::AttributeUpdated, &after));
        self.write_attribute(changes, &after).await?;
        Ok((before, Some(after)))
    }

    /// Every attribute of the tenant, the removed ones among them, as the database has them now.
    async fn definitions(&self, tenant: TenantId) -> Result<Vec<AttributeDefinition>, StorageError> {
        self.provisioning.storage.list_attributes(tenant).await
    }

    async fn definition(&self, tenant: TenantId, name: &str) -> Result<AttributeDefinition, DirectoryError> {
        let known = self.definitions(tenant).await?;
        let found = known.into_iter().find(|definition| definition.name == name);
        found.ok_or_else(|| DirectoryError::missing("Attribute", name))
    }

    async fn live_definition(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Result<AttributeDefinition, DirectoryError> {
        let found = self.definition(tenant, name).await?;
        if found.is_live() { Ok(found) } else { Err(DirectoryError::missing("Attribute", name)) }
    }

    /// Writes a change of a definition, of which every compiled snapshot then hears.
    async fn write_attribute(
        &self,
        mut changes: ChangeSet,
        definition: &AttributeDefinition,
    ) -> Result<(), DirectoryError> {
        changes.settings.push(SettingsChange::NextGeneration);
        let tenant = changes.tenant_id;
        let written = self.provisioning.storage.commit(changes).await;
        self.authenticator.forget(tenant).await;
        match written {
            Err(StorageError::Taken(Taken::AttributeName)) => Err(name_taken(&definition.name)),
            written => Ok(written?),
        }
    }

    fn attribute_event(
        &self,
        request: &Request,
        kind: AuditType,
        definition: &AttributeDefinition,
    ) -> AuditEvent {
        let details = json!({ "name": definition.name, "version": definition.version });
        self.event(request, kind, Target::Tenant(request.caller.tenant_id), details)
    }
}

/// Empties what the index holds of an attribute that it begins or ceases to serve. Where it begins nothing should be
/// there; a change that was written in the same breath as its end may have left something all the same.
fn emptied(before: &AttributeDefinition, after: &AttributeDefinition) -> Vec<SettingsChange> {
    let flags = [(false, before.searchable, after.searchable), (true, before.unique, after.unique)];
    let moved = flags
        .into_iter()
        .filter(|(_, was, is)| (*was && before.is_live()) != (*is && after.is_live()))
        .map(|(unique, _, _)| SettingsChange::DropIndex { path: custom_path(&before.name), unique });
    moved.collect()
}

fn of_attribute(definition: &AttributeDefinition) -> Thing {
    Thing::Attribute(Arc::from(&*definition.name))
}

fn name_taken(name: &str) -> DirectoryError {
    let message = format!(
        "An attribute '{name}' exists already, or was removed and its values are still kept; give another name, or restore that one."
    );
    DirectoryError::refused(Kind::Conflict, "attribute_exists", message)
}

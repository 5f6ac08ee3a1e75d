//! Removing an attribute, and taking that back.

use serde_json::json;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use super::{emptied, of_attribute};
use crate::model::audit::AuditType;
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{AttributeDefinition, Permission, TenantId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;

/// What is known about the values when an attribute is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// That there are values may be news: then nothing is removed.
    Unasked,
    /// They may go.
    Confirmed,
}

impl Directory {
    /// Removes an attribute. Values that users have are kept for the tenant's retention time, and come back with the
    /// attribute if it is restored by then; nobody sees them meanwhile.
    ///
    /// # Errors
    /// 409 with the number of users who have a value, unless that was confirmed; no such attribute (404), another
    /// version than `If-Match` names (412), a missing permission (403).
    pub async fn remove_attribute(
        &self,
        request: &Request,
        name: &str,
        values: Values,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        self.admit(request, &[Permission::AttributesWrite]).await?;
        let view = Self::tenant(request)?;
        let tenant = view.tenant.id;
        let removed = self
            .attempt(tenant, None, |this| async move {
                this.try_remove_attribute(request, (tenant, name), values, preconditions).await
            })
            .await?;
        // Nobody gives it a value any more, so what is not there now will not be.
        let kept = self.provisioning.storage.count_custom_values(tenant, name).await?;
        if kept == 0 || view.tenant.settings.retention_days == 0 {
            match self.purge_attribute(tenant, &removed).await {
                // Somebody restored it, or purged it, a moment before.
                Err(DirectoryError::Refused(_)) => {}
                done => done?,
            }
        }
        Ok(())
    }

    /// Writes that the attribute is removed; gives its definition as it is then.
    async fn try_remove_attribute(
        &self,
        request: &Request,
        (tenant, name): (TenantId, &str),
        values: Values,
        preconditions: &Preconditions,
    ) -> Result<AttributeDefinition, DirectoryError> {
        let before = self.live_definition(tenant, name).await?;
        self.authorize(request, Permission::AttributesWrite, of_attribute(&before)).await?;
        preconditions.check_write(before.version)?;
        let count = self.provisioning.storage.count_custom_values(tenant, name).await?;
        if count > 0 && values == Values::Unasked {
            let users = if count == 1 { "1 user has" } else { &format!("{count} users have") };
            let message = format!("{users} a value of '{name}'. To remove it all the same, confirm it.");
            return Err(DirectoryError::refused(Kind::Conflict, "values_exist", message).with("count", count));
        }
        let at = self.now();
        let removed = AttributeDefinition {
            removed_at: Some(at),
            updated_at: at,
            version: before.version + 1,
            indexing: false,
            ..before.clone()
        };
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::UpdateAttribute {
            definition: Box::new(removed.clone()),
            expected: before.version,
        });
        changes.settings.extend(emptied(&before, &removed));
        let mut event = self.attribute_event(request, AuditType::AttributeRemoved, &removed);
        event.details = json!({ "name": name, "version": removed.version, "values": count });
        changes.audit.push(event);
        self.write_attribute(changes, &removed).await?;
        Ok(removed)
    }

    /// Brings a removed attribute back, with the values that are still kept.
    ///
    /// # Errors
    /// No such removed attribute (404), a missing permission (403), values that have to differ and do not (409).
    pub async fn restore_attribute(
        &self,
        request: &Request,
        name: &str,
    ) -> Result<AttributeDefinition, DirectoryError> {
        self.admit(request, &[Permission::AttributesWrite]).await?;
        let tenant = Self::tenant(request)?.tenant.id;
        let (before, restored) =
            self.attempt(tenant, None, |this| async move {
                this.try_restore_attribute(request, tenant, name).await
            })
            .await?;
        self.settled(tenant, before, restored).await
    }

    /// Writes that the attribute is there again; gives its definition as it was, and as it is then.
    async fn try_restore_attribute(
        &self,
        request: &Request,
        tenant: TenantId,
        name: &str,
    ) -> Result<(AttributeDefinition, AttributeDefinition), DirectoryError> {
        let before = self.definition(tenant, name).await?;
        if before.is_live() {
            return Err(DirectoryError::missing("Removed attribute", name));
        }
        self.authorize(request, Permission::AttributesWrite, of_attribute(&before)).await?;
        if before.unique {
            self.check_distinct(tenant, &before).await?;
        }
        let restored = AttributeDefinition {
            removed_at: None,
            updated_at: self.now(),
            version: before.version + 1,
            indexing: true,
            ..before.clone()
        };
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::UpdateAttribute {
            definition: Box::new(restored.clone()),
            expected: before.version,
        });
        changes.settings.extend(emptied(&before, &restored));
        changes.audit.push(self.attribute_event(request, AuditType::AttributeRestored, &restored));
        self.write_attribute(changes, &restored).await?;
        Ok((before, restored))
    }
}

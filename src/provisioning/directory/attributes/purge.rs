//! What is left to do when nobody asks: values of attributes that were removed long enough ago go for good, and
//! indexing that was broken off comes to its end.

use serde_json::json;

use super::super::Directory;
use super::super::error::DirectoryError;
use super::rewrite::Rewrite;
use crate::mapping::rows::custom_path;
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{AttributeDefinition, EventId, Tenant, TenantId, Timestamp};
use crate::provisioning::attempt::Lost as _;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// After how long, in milliseconds, indexing counts as broken off. Whoever is still at it loses nothing by another.
const BROKEN_OFF_MS: i64 = 10 * 60 * 1000;

impl Directory {
    /// Takes away the values of attributes whose retention time is over at `now`, and their definitions; gives how many
    /// attributes that were. Brings indexing that was broken off to its end.
    ///
    /// # Errors
    /// The database's failure. What was done stays done.
    pub async fn purge_attributes(&self, now: Timestamp) -> Result<u64, DirectoryError> {
        let mut purged = 0;
        for tenant in self.provisioning.storage.list_tenants().await? {
            for definition in self.definitions(tenant.id).await? {
                if is_over(&tenant, &definition, now) {
                    match self.purge_attribute(tenant.id, &definition).await {
                        Ok(()) => purged += 1,
                        // Somebody restored it, or purged it, a moment before.
                        Err(DirectoryError::Refused(_)) => {}
                        Err(error) => return Err(error),
                    }
                } else if definition.indexing && now.0 - definition.updated_at.0 > BROKEN_OFF_MS {
                    self.resume_indexing(tenant.id, definition).await?;
                }
            }
        }
        Ok(purged)
    }

    /// Takes away the values of a removed attribute, and its definition.
    ///
    /// # Errors
    /// No such removed attribute any more (404); the database's failure.
    pub(super) async fn purge_attribute(
        &self,
        tenant: TenantId,
        definition: &AttributeDefinition,
    ) -> Result<(), DirectoryError> {
        self.rewrite_holders(tenant, &definition.name, Rewrite::Strip).await?;
        let mut changes = ChangeSet::new(tenant);
        changes.settings.extend(
            [false, true]
                .map(|unique| SettingsChange::DropIndex { path: custom_path(&definition.name), unique }),
        );
        changes.settings.push(SettingsChange::DeleteAttribute {
            name: definition.name.clone(),
            expected: definition.version,
        });
        changes.audit.push(AuditEvent {
            id: EventId::generate(),
            at: self.now(),
            kind: AuditType::AttributePurged,
            origin: Origin::system(),
            target: Target::Tenant(tenant),
            details: json!({ "name": definition.name }),
        });
        match self.write_attribute(changes, definition).await {
            Err(error) if error.is_lost_race() => Err(DirectoryError::missing("Attribute", &definition.name)),
            written => written,
        }
    }

    async fn resume_indexing(
        &self,
        tenant: TenantId,
        definition: AttributeDefinition,
    ) -> Result<(), DirectoryError> {
        // What it was before is not known any more: without what needs the index it can stand in any case.
        let before = AttributeDefinition { unique: false, searchable: false, ..definition.clone() };
        match self.finish_indexing(tenant, before, definition).await {
            // Values do not differ; the definition says so now.
            Err(DirectoryError::Refused(_)) => Ok(()),
            done => done.map(|_| ()),
        }
    }
}

fn is_over(tenant: &Tenant, definition: &AttributeDefinition, now: Timestamp) -> bool {
    let retention = i64::from(tenant.settings.retention_days) * DAY_MS;
    definition.removed_at.is_some_and(|at| at.0.saturating_add(retention) <= now.0)
}

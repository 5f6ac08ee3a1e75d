//! A definition that was just written: the values that users have are brought into the index, and then filters rely
//! on it. Until then whatever users are written takes part already, so that nothing is missed.

use serde_json::json;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use super::emptied;
use super::rewrite::Rewrite;
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{AttributeDefinition, Audience, EventId, TenantId};
use crate::provisioning::ProvisioningError;
use crate::provisioning::attempt::Lost as _;

/// Whether values have to be brought into the index, or into what SCIM searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gain {
    None,
    Some,
}

/// What an attribute gains by a change.
pub(super) fn gains(before: &AttributeDefinition, after: &AttributeDefinition) -> Gain {
    let scim = |definition: &AttributeDefinition| definition.is_visible_to(Audience::Scim);
    let gained = before.indexing
        || (!before.is_live() && after.is_live())
        || (after.searchable && !before.searchable)
        || (after.unique && !before.unique)
        || (scim(after) && !scim(before));
    if gained { Gain::Some } else { Gain::None }
}

impl Directory {
    /// Brings a definition's change to its end; `before` is what stands again where it cannot be. It goes on when the
    /// client goes away.
    ///
    /// # Errors
    /// 409 where values that have to differ do not; the database's failure.
    pub(super) async fn settled(
        &self,
        tenant: TenantId,
        before: AttributeDefinition,
        after: AttributeDefinition,
    ) -> Result<AttributeDefinition, DirectoryError> {
        if !after.indexing {
            return Ok(after);
        }
        let this = self.clone();
        let work = tokio::spawn(async move { this.finish_indexing(tenant, before, after).await });
        let stopped = |error| ProvisioningError::Internal(format!("indexing an attribute stopped: {error}"));
        work.await.map_err(stopped)?
    }

    /// Indexes what users have, and says so in the definition.
    pub(super) async fn finish_indexing(
        &self,
        tenant: TenantId,
        before: AttributeDefinition,
        after: AttributeDefinition,
    ) -> Result<AttributeDefinition, DirectoryError> {
        let indexed = self.rewrite_holders(tenant, &after.name, Rewrite::Index).await;
        let definition = match &indexed {
            Ok(()) => AttributeDefinition { indexing: false, ..after.clone() },
            // The values that were given up or written in the meantime do not differ after all.
            Err(DirectoryError::Refused(refusal)) if refusal.kind == Kind::Conflict => AttributeDefinition {
                version: after.version + 1,
                updated_at: self.now(),
                indexing: false,
                ..before
            },
            Err(_) => return indexed.map(|()| after),
        };
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(SettingsChange::UpdateAttribute {
            definition: Box::new(definition.clone()),
            expected: after.version,
        });
        if indexed.is_err() {
            changes.settings.extend(emptied(&after, &definition));
            changes.audit.push(AuditEvent {
                id: EventId::generate(),
                at: definition.updated_at,
                kind: AuditType::AttributeUpdated,
                origin: Origin::system(),
                target: Target::Tenant(tenant),
                details: json!({ "name": definition.name, "version": definition.version, "undone": true }),
            });
        }
        match self.write_attribute(changes, &definition).await {
            // Another change has followed, which was made of this one and indexes for both.
            Err(error) if error.is_lost_race() => {
                indexed?;
                self.live_definition(tenant, &after.name).await
            }
            written => {
                written?;
                indexed.map(|()| definition)
            }
        }
    }
}

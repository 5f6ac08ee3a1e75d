//! `PATCH /Groups/{id}` (RFC 7644 §3.5.2).

use super::super::preconditions::etag;
use super::super::{Answer, Body, Preconditions, Provisioning, ProvisioningError, Request};
use super::members::Turnover;
use super::updated;
use crate::access::Changes;
use crate::mapping::group::{restore, to_model, to_scim};
use crate::mapping::rows::group_row;
use crate::model::change::{ChangeSet, ExternalIdChange, GroupChange, GroupUpdate};
use crate::model::{Group, Permission};
use crate::scim::message::PatchOperation;
use crate::scim::patch::{self, MemberOperation};
use crate::scim::projection::Projection;
use crate::scim::schema::AttributeMap;
use crate::storage::Resource;

/// What a group is to become.
pub(super) struct Decision<'g> {
    pub before: &'g Group,
    pub attributes: AttributeMap,
    pub turnover: Turnover,
    /// What the client sent and no schema has.
    pub ignored: Vec<String>,
    /// Whether the client asked for a certain version, or what it asked depends on the stored one.
    pub guarded: bool,
}

impl Provisioning {
    /// Changes a group: all of the operations, or none. The answer is empty (204) unless the client asked for
    /// attributes: its cost must not grow with the group.
    ///
    /// # Errors
    /// What PATCH refuses (400), no such group (404), unmet preconditions (412), a missing scope (403).
    pub async fn patch_group(
        &self,
        request: &Request,
        id: &str,
        operations: Vec<PatchOperation>,
        preconditions: &Preconditions,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.admit(request, Permission::GroupsWrite).await?;
        let (attributes, members) = patch::split_members(self.schemas.group(), operations)?;
        let independent = attributes.is_empty()
            && (members.iter().all(|operation| matches!(operation, MemberOperation::Add(_)))
                || members.iter().all(|operation| matches!(operation, MemberOperation::Remove(_))));
        let (_alone, _together);
        let resource = id.parse().ok().map(Resource::Group);
        if independent {
            _together = self.storage.shared_turn(resource).await;
        } else {
            _alone = self.storage.turn(resource).await;
        }
        let (attributes, members) = (&attributes, &members);
        let version = self
            .attempt(request.caller.tenant_id, resource, |this| async move {
                this.try_patch_group(request, id, attributes, members, preconditions).await
            })
            .await?;
        if projection.is_default() {
            return Ok(Answer { location: None, etag: version.map(etag), body: Body::Empty });
        }
        let stored = self.stored_group(request, id).await?;
        self.group_answer(request, stored, projection).await
    }

    async fn try_patch_group(
        &self,
        request: &Request,
        id: &str,
        operations: &[PatchOperation],
        members: &[MemberOperation],
        preconditions: &Preconditions,
    ) -> Result<Option<i64>, ProvisioningError> {
        let stored = self.stored_group(request, id).await?;
        preconditions.check_write(stored.version)?;
        let before = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let attributes = to_scim(&before);
        let attributes = match operations {
            [] => attributes,
            operations => patch::apply(self.schemas.group(), id, &attributes, operations)?.attributes,
        };
        let turnover = self.turnover(request.caller.tenant_id, &stored, members).await?;
        let guarded = preconditions.if_match.is_some() || turnover.guarded;
        self.write_group(
            request,
            Decision { before: &before, attributes, turnover, ignored: Vec::new(), guarded },
        )
        .await
    }

    /// Writes what was decided, unless it changes nothing. Gives the new version where that is known: members that
    /// others add at the same time count too.
    pub(super) async fn write_group(
        &self,
        request: &Request,
        decision: Decision<'_>,
    ) -> Result<Option<i64>, ProvisioningError> {
        let Decision { before, attributes, turnover, ignored, guarded } = decision;
        let old = to_scim(before);
        let changed: Vec<String> = changed_names(&old, &attributes);
        let moves = !turnover.add.is_empty() || !turnover.remove.is_empty();
        let names = changed.iter().map(String::as_str).chain(moves.then_some("members"));
        self.authorize_group(request, Permission::GroupsWrite, before, Changes::of(names)).await?;
        if changed.is_empty() && turnover.add.is_empty() && turnover.remove.is_empty() {
            return Ok(Some(before.version));
        }
        self.check_turnover(request, before.id, &before.roles, &turnover).await?;
        let now = self.clock.now();
        let after = to_model(attributes, before.id, now, Some(before))?;
        let guarded = guarded || !changed.is_empty();
        let update = GroupUpdate {
            id: before.id,
            expected: guarded.then_some(before.version),
            row: (!changed.is_empty()).then(|| group_row(self.schemas.group(), &after)),
            add: turnover.add,
            remove: turnover.remove,
            external_id: (before.external_id != after.external_id).then(|| ExternalIdChange {
                connection_id: request.caller.connection_id(),
                value: after.external_id.clone(),
            }),
            at: now,
        };
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        changes.audit.push(updated(request, &update, &changed, &ignored));
        changes.groups.push(GroupChange::Update(Box::new(update)));
        self.storage.commit(changes).await?;
        Ok(guarded.then_some(after.version))
    }
}

fn changed_names(before: &AttributeMap, after: &AttributeMap) -> Vec<String> {
    let (before, after) = (before.as_map(), after.as_map());
    let set = after.iter().filter(|(name, value)| before.get(*name) != Some(value)).map(|(name, _)| name);
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    set.chain(gone).cloned().collect()
}

//! `POST /Groups` (RFC 7644 §3.3).

use serde_json::{Map, Value, json};

use super::super::users::note_ignored;
use super::super::{Answer, Provisioning, ProvisioningError, Request};
use super::{RESOURCE_TYPE, Turnover};
use crate::mapping::group::to_model;
use crate::mapping::rows::group_row;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, ExternalIdChange, GroupChange};
use crate::model::{Group, GroupId, Permission};
use crate::scim::patch::{MemberReference, member_references};
use crate::scim::projection::Projection;
use crate::scim::schema::{AttributeMap, validate};

impl Provisioning {
    /// Makes a group with its members.
    ///
    /// # Errors
    /// What validation refuses, members that do not exist among it (400), a missing scope (403).
    pub async fn create_group(
        &self,
        request: &Request,
        body: Map<String, Value>,
        projection: &Projection,
    ) -> Result<Answer, ProvisioningError> {
        self.admit(request, Permission::GroupsWrite).await?;
        let validated = validate::create(self.schemas.group(), body, request.strictness())?;
        let mut attributes = validated.attributes.into_map();
        let members = member_references(self.schemas.group(), attributes.shift_remove("members"))?;
        let attributes = AttributeMap::from_stored(attributes);
        let group = to_model(attributes, GroupId::generate(), self.clock.now(), None)?;
        self.authorize_new_group(request, &group).await?;
        let (group, members, ignored) = (&group, &members, &validated.ignored);
        self.attempt(request.caller.tenant_id, None, |this| async move {
            this.try_create_group(request, group, members, ignored).await
        })
        .await?;
        let stored = self
            .storage
            .lookup_group(request.caller.tenant_id, request.caller.connection_id(), group.id)
            .await?
            .ok_or_else(|| ProvisioningError::not_found(RESOURCE_TYPE, group.id))?;
        self.group_answer(request, stored, projection).await
    }

    async fn try_create_group(
        &self,
        request: &Request,
        group: &Group,
        members: &[MemberReference],
        ignored: &[String],
    ) -> Result<(), ProvisioningError> {
        let joining = self.resolve_members(request.caller.tenant_id, members).await?;
        let turnover = Turnover { add: joining.members, weighty: joining.weighty, ..Turnover::default() };
        self.check_turnover(request, group.id, &group.roles, &turnover).await?;
        let members = turnover.add;
        let mut changes = ChangeSet::new(request.caller.tenant_id);
        let mut details = Map::new();
        details.insert("displayName".to_owned(), json!(group.display_name));
        details.insert("members".to_owned(), members.iter().map(|member| json!(member.id())).collect());
        note_ignored(&mut details, ignored);
        changes.audit.push(request.event(
            group.created_at,
            AuditType::GroupCreated,
            Target::Group(group.id),
            Value::Object(details),
        ));
        changes.groups.push(GroupChange::Insert {
            row: Box::new(group_row(self.schemas.group(), group)),
            members,
            external_id: group.external_id.clone().map(|value| ExternalIdChange {
                connection_id: request.caller.connection_id(),
                value: Some(value),
            }),
        });
        Ok(self.storage.commit(changes).await?)
    }
}

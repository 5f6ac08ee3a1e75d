//! Who joins and who leaves.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Provisioning, ProvisioningError};
use crate::model::group::{Member, MemberRow};
use crate::model::query::StoredGroup;
use crate::model::{GroupId, RoleId, TenantId, UserId};
use crate::scim::error::ScimError;
use crate::scim::filter::ValidFilter;
use crate::scim::patch::{MemberDelta, MemberOperation, MemberReference};

/// What a change does to a group's membership.
#[derive(Debug, Default)]
pub(in crate::provisioning) struct Turnover {
    pub add: Vec<Member>,
    pub remove: Vec<Uuid>,
    /// The users among them who have more than the role `user`, with their roles.
    pub weighty: Vec<(Uuid, Vec<RoleId>)>,
    /// Whether it was decided on what the group held, so that it stands only while the group's version does.
    pub guarded: bool,
}

/// Whom a request names as members.
#[derive(Debug, Default)]
pub(super) struct Joining {
    pub members: Vec<Member>,
    /// The users among them who have more than the role `user`, with their roles.
    pub weighty: Vec<(Uuid, Vec<RoleId>)>,
}

impl Provisioning {
    /// Finds the users and groups that references name, and who of them has more than the role `user`. Each must exist
    /// in the tenant, and a group be one that SCIM shows.
    ///
    /// # Errors
    /// `invalidValue`, naming the first that does not.
    pub(super) async fn resolve_members(
        &self,
        tenant: TenantId,
        references: &[MemberReference],
    ) -> Result<Joining, ProvisioningError> {
        let mut seen = HashSet::with_capacity(references.len());
        let mut ids = Vec::with_capacity(references.len());
        for reference in references {
            let id = Uuid::try_parse(&reference.value).map_err(|_| no_such_member(&reference.value))?;
            if seen.insert(id) {
                ids.push(id);
            }
        }
        let found = self.storage.existing_users(tenant, ids.clone()).await?;
        let users: HashSet<Uuid> = found.iter().map(|(id, _)| *id).collect();
        let weighty = found.into_iter().filter(|(_, roles)| !roles.is_empty()).collect();
        let others: Vec<Uuid> = ids.iter().filter(|id| !users.contains(id)).copied().collect();
        let groups: HashSet<Uuid> = self.storage.existing_groups(tenant, others).await?.into_iter().collect();
        let members = ids
            .into_iter()
            .map(|id| match (users.contains(&id), groups.contains(&id)) {
                (true, _) => Ok(Member::User(UserId(id))),
                (_, true) => Ok(Member::Group(GroupId(id))),
                _ => Err(no_such_member(id)),
            })
            .collect::<Result<_, _>>()?;
        Ok(Joining { members, weighty })
    }

    /// What PATCH operations on `members` do to the group, in their order.
    pub(super) async fn turnover(
        &self,
        tenant: TenantId,
        group: &StoredGroup,
        operations: &[MemberOperation],
    ) -> Result<Turnover, ProvisioningError> {
        let (operations, filtered) = self.without_filters(tenant, group, operations).await?;
        let delta = MemberDelta::fold(&operations);
        let id = GroupId(group.id);
        let joining = self.resolve_members(tenant, &delta.add).await?;
        // An id that is none, or nobody's, is no member: leaving is done.
        let leaving: Vec<Uuid> = delta.remove.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
        if delta.clear {
            return self.replacement(tenant, id, joining).await;
        }
        let asked: Vec<Uuid> =
            joining.members.iter().map(|member| member.id()).chain(leaving.iter().copied()).collect();
        let present: HashMap<Uuid, Vec<RoleId>> =
            self.storage.existing_members(tenant, id, asked).await?.into_iter().collect();
        let mut weighty = joining.weighty;
        weighty.retain(|(id, _)| !present.contains_key(id));
        let add: Vec<Member> =
            joining.members.into_iter().filter(|member| !present.contains_key(&member.id())).collect();
        let remove: Vec<Uuid> = leaving.into_iter().filter(|id| present.contains_key(id)).collect();
        let leaving = remove.iter().filter_map(|id| Some((*id, present.get(id)?.clone())));
        weighty.extend(leaving.filter(|(_, roles)| !roles.is_empty()));
        // A change that both adds and removes must not slip between another one's two halves.
        let guarded = filtered || (!add.is_empty() && !remove.is_empty());
        Ok(Turnover { add, remove, weighty, guarded })
    }

    /// What makes `members` the group's exact membership.
    pub(super) async fn replacement(
        &self,
        tenant: TenantId,
        group: GroupId,
        joining: Joining,
    ) -> Result<Turnover, ProvisioningError> {
        let current: HashSet<Uuid> = self.storage.member_ids(tenant, group).await?.into_iter().collect();
        let Joining { members, mut weighty } = joining;
        let wanted: HashSet<Uuid> = members.iter().map(|member| member.id()).collect();
        let remove: Vec<Uuid> = current.difference(&wanted).copied().collect();
        weighty.retain(|(id, _)| !current.contains(id));
        let leaving = self.storage.existing_users(tenant, remove.clone()).await?;
        weighty.extend(leaving.into_iter().filter(|(_, roles)| !roles.is_empty()));
        Ok(Turnover {
            add: members.into_iter().filter(|member| !current.contains(&member.id())).collect(),
            remove,
            weighty,
            guarded: true,
        })
    }

    /// Turns removals by filter into removals by id: the one case in which members are read to change them.
    async fn without_filters(
        &self,
        tenant: TenantId,
        group: &StoredGroup,
        operations: &[MemberOperation],
    ) -> Result<(Vec<MemberOperation>, bool), ProvisioningError> {
        let mut plain = Vec::with_capacity(operations.len());
        let mut filtered = false;
        for operation in operations {
            plain.push(match operation {
                MemberOperation::RemoveWhere(filter) => {
                    filtered = true;
                    MemberOperation::Remove(self.members_where(tenant, group, filter).await?)
                }
                other => other.clone(),
            });
        }
        Ok((plain, filtered))
    }

    async fn members_where(
        &self,
        tenant: TenantId,
        group: &StoredGroup,
        filter: &ValidFilter,
    ) -> Result<Vec<String>, ProvisioningError> {
        let Some(attribute) = self.schemas.group().core.attribute("members") else { return Ok(Vec::new()) };
        let mut members = self.storage.members(tenant, GroupId(group.id))?;
        let mut matching = Vec::new();
        while let Some(row) = members.try_next().await? {
            if filter.matches_element(attribute, &self.member_value(&row)) {
                matching.push(row.member.id().to_string());
            }
        }
        Ok(matching)
    }

    fn member_value(&self, row: &MemberRow) -> Value {
        let (kind, location) = self.member_kind(row.member);
        let mut value = json!({ "value": row.member.id(), "$ref": location, "type": kind });
        if let Some(display) = &row.display {
            value["display"] = json!(display);
        }
        value
    }

    /// A member's `type` and `$ref`.
    pub(super) fn member_kind(&self, member: Member) -> (&'static str, String) {
        match member {
            Member::User(id) => ("User", self.user_location(id.0)),
            Member::Group(id) => ("Group", self.group_location(id.0)),
        }
    }
}

fn no_such_member(id: impl std::fmt::Display) -> ProvisioningError {
    ProvisioningError::Scim(ScimError::invalid_value(format!(
        "'members' names '{id}', which is not the id of a user or group of this tenant."
    )))
}

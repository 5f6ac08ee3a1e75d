//! Groups as bodies and answers hold them.

use poem_openapi::types::{MaybeUndefined, ToJSON as _};
use poem_openapi::{Enum, Object};
use serde_json::Value;
use uuid::Uuid;

use super::super::values::{names, time};
use crate::model::{GroupKind, MemberRole};
use crate::provisioning::directory::{GroupDraft, GroupView, MemberDraft, Said};

/// What a group is for.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "GroupKind", rename_all = "snake_case")]
pub(in crate::http::admin) enum Kind {
    /// Holds users and other groups; the kind that SCIM shows.
    Group,
    /// Holds users, each with a role in it.
    Organization,
    /// Part of a tree; holds users and groups.
    ResourceGroup,
}

/// A member's role in an organization, the mightiest first.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub(in crate::http::admin) enum OrganizationRole {
    Owner,
    Admin,
    Manager,
    Evaluator,
}

/// A group, an organization or a resource group.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct Group {
    id: Uuid,
    tenant_id: Uuid,
    name: String,
    kind: Kind,
    /// The resource group that it lies in.
    parent_id: Option<Uuid>,
    external_id: Option<String>,
    /// How many direct members it has.
    member_count: i64,
    /// The names of its own roles.
    roles: Vec<String>,
    /// What membership allows, through it and the groups that it is in.
    permissions: Vec<String>,
    created_at: String,
    updated_at: String,
    /// 1 at first, one more with each change of it or its direct members.
    version: i64,
}

/// A page of groups.
#[derive(Debug, Object)]
pub(super) struct GroupList {
    pub groups: Vec<Group>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    pub next_cursor: Option<String>,
}

/// Who is to be a member.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub(super) struct NewMember {
    /// The id of a user or a group.
    id: Uuid,
    /// In an organization; `evaluator` where it is left out.
    role: Option<OrganizationRole>,
}

/// A group to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub(super) struct NewGroup {
    #[oai(validator(min_length = 1, max_length = 255))]
    name: String,
    /// `group` where it is left out.
    kind: Option<Kind>,
    /// The resource group that a resource group lies in.
    parent_id: Option<Uuid>,
    /// Names of roles, which every member has through it.
    #[oai(validator(max_items = 100))]
    roles: Option<Vec<String>>,
    #[oai(validator(max_length = 255))]
    external_id: Option<String>,
    #[oai(validator(max_items = 1000))]
    members: Option<Vec<NewMember>>,
}

/// What changes of a group.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub(super) struct GroupPatch {
    #[oai(validator(min_length = 1, max_length = 255))]
    name: Option<String>,
    /// The resource group that a resource group lies in; `null` makes it a root.
    #[oai(nullable)]
    parent_id: MaybeUndefined<Uuid>,
    #[oai(validator(max_items = 100))]
    roles: Option<Vec<String>>,
    #[oai(nullable, validator(max_length = 255))]
    external_id: MaybeUndefined<String>,
}

impl Group {
    /// The answer as JSON.
    pub(super) fn json(&self) -> Value {
        self.to_json().unwrap_or(Value::Null)
    }
}

impl From<GroupView> for Group {
    fn from(view: GroupView) -> Self {
        let group = view.group;
        Self {
            id: group.id.0,
            tenant_id: view.tenant_id.0,
            name: group.display_name,
            kind: group.kind.into(),
            parent_id: view.parent_id.map(|id| id.0),
            external_id: group.external_id,
            member_count: view.member_count,
            roles: view.roles,
            permissions: names(view.permissions),
            created_at: time(group.created_at),
            updated_at: time(group.updated_at),
            version: group.version,
        }
    }
}

impl From<NewGroup> for GroupDraft {
    fn from(new: NewGroup) -> Self {
        Self {
            name: Some(new.name),
            kind: new.kind.map(GroupKind::from),
            parent_id: new.parent_id.map(Some),
            roles: new.roles,
            external_id: new.external_id.map(Some),
            members: drafts(new.members.unwrap_or_default()),
        }
    }
}

impl From<GroupPatch> for GroupDraft {
    fn from(patch: GroupPatch) -> Self {
        Self {
            name: patch.name,
            kind: None,
            parent_id: said(patch.parent_id),
            roles: patch.roles,
            external_id: said(patch.external_id),
            members: Vec::new(),
        }
    }
}

/// The members without the protocol.
pub(super) fn drafts(members: Vec<NewMember>) -> Vec<MemberDraft> {
    let draft = |member: NewMember| MemberDraft { id: member.id, role: member.role.map(MemberRole::from) };
    members.into_iter().map(draft).collect()
}

fn said<T>(said: MaybeUndefined<T>) -> Said<T> {
    match said {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

impl From<Kind> for GroupKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Group => Self::Group,
            Kind::Organization => Self::Organization,
            Kind::ResourceGroup => Self::ResourceGroup,
        }
    }
}

impl From<GroupKind> for Kind {
    fn from(kind: GroupKind) -> Self {
        match kind {
            GroupKind::Group => Self::Group,
            GroupKind::Organization => Self::Organization,
            GroupKind::ResourceGroup => Self::ResourceGroup,
        }
    }
}

impl From<OrganizationRole> for MemberRole {
    fn from(role: OrganizationRole) -> Self {
        match role {
            OrganizationRole::Owner => Self::Owner,
            OrganizationRole::Admin => Self::Admin,
            OrganizationRole::Manager => Self::Manager,
            OrganizationRole::Evaluator => Self::Evaluator,
        }
    }
}

impl From<MemberRole> for OrganizationRole {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Owner => Self::Owner,
            MemberRole::Admin => Self::Admin,
            MemberRole::Manager => Self::Manager,
            MemberRole::Evaluator => Self::Evaluator,
        }
    }
}

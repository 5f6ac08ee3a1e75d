//! Groups and who is in them.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::clock::Timestamp;
use super::ids::{GroupId, RoleId, UserId};

/// A group of a tenant. Its members are rows of their own, never part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub id: GroupId,
    pub kind: GroupKind,
    pub display_name: String,
    /// The id that the connection through which this group is seen gave it (RFC 7643 §3.1).
    pub external_id: Option<String>,
    /// The roles that whoever is in the group has through it.
    pub roles: Vec<RoleId>,
    /// The rest, under the schemas' own names.
    pub profile: Map<String, Value>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// 1 at first, one more with each change of its attributes or direct members.
    pub version: i64,
}

/// What a group is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// What SCIM `/Groups` shows.
    Group,
    /// Members hold a role in it.
    Organization,
    /// A tree of what users are assigned to.
    ResourceGroup,
}

impl GroupKind {
    /// The word that the database holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Organization => "organization",
            Self::ResourceGroup => "resource_group",
        }
    }

    /// The kind that this word means.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Group, Self::Organization, Self::ResourceGroup].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a member may do inside an organization. The greater one is the mightier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberRole {
    /// Reads.
    Evaluator,
    /// Changes the members below it.
    Manager,
    /// Changes settings and members.
    Admin,
    /// The same, and says who else owns the organization. An organization keeps its last one.
    Owner,
}

impl MemberRole {
    /// All of them, the mightiest first: the order in which an organization is handed over.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Manager, Self::Evaluator];

    /// The word that the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Evaluator => "evaluator",
        }
    }

    /// The role that this word means.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// A member with what a list of members tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDetails {
    pub member: Member,
    /// What the member is called: its display name, or else a user's user name.
    pub name: String,
    /// Of a member of an organization.
    pub role: Option<MemberRole>,
}

/// One member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Member {
    User(UserId),
    Group(GroupId),
}

impl Member {
    /// The member's id, whichever kind it is of.
    pub fn id(self) -> Uuid {
        match self {
            Self::User(id) => id.0,
            Self::Group(id) => id.0,
        }
    }
}

/// A member as a group's answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    pub member: Member,
    /// The member's displayName, if it has one.
    pub display: Option<String>,
}

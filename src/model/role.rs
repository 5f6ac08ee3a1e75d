//! Roles: named sets of permissions, given to users and to groups.

use super::clock::Timestamp;
use super::ids::{RoleId, TenantId};
use super::permission::{Permission, Permissions};

/// A role of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub tenant_id: TenantId,
    pub id: RoleId,
    /// Unique in the tenant, compared without case.
    pub name: String,
    pub description: String,
    pub permissions: Permissions,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// 1 at first, one more with each change.
    pub version: i64,
}

/// The roles that every tenant has. Their ids are the same in every tenant, and they can neither be changed nor removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BuiltInRole {
    /// May do everything in the tenant.
    Owner,
    /// Everything but change owners.
    Admin,
    /// Manages users and groups; not roles, policies or keys.
    Manager,
    /// Reads everything.
    ReadOnly,
    /// Sees and edits itself.
    User,
}

impl BuiltInRole {
    /// All of them, the mightiest first.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Manager, Self::ReadOnly, Self::User];

    /// The role's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::ReadOnly => "read_only",
            Self::User => "user",
        }
    }

    /// What the role is for, in a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Owner => "May do everything in the tenant.",
            Self::Admin => "May do everything in the tenant but change its owners.",
            Self::Manager => "Manages users and groups, but not roles, policies or keys.",
            Self::ReadOnly => "Reads everything in the tenant.",
            Self::User => "Sees and edits itself.",
        }
    }

    /// The role's id: 1 to 5, which no generated id is.
    pub fn id(self) -> RoleId {
        RoleId(uuid::Uuid::from_u128(match self {
            Self::Owner => 1,
            Self::Admin => 2,
            Self::Manager => 3,
            Self::ReadOnly => 4,
            Self::User => 5,
        }))
    }

    /// The built-in role with this id.
    pub fn of_id(id: RoleId) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    /// What the role allows.
    pub fn permissions(self) -> Permissions {
        use Permission as P;
        match self {
            Self::Owner => Permissions::all(),
            Self::Admin => Permission::ALL.iter().copied().filter(|which| *which != P::OwnersWrite).collect(),
            Self::Manager => Permissions::from_iter([
                P::UsersRead,
                P::UsersCreate,
                P::UsersInvite,
                P::UsersUpdate,
                P::UsersDelete,
                P::GroupsRead,
                P::GroupsWrite,
                P::RolesRead,
                P::RolesAssign,
                P::AttributesRead,
                P::TenantRead,
                P::StatsRead,
            ])
            .union(Self::User.permissions()),
            Self::ReadOnly => Permission::ALL
                .iter()
                .copied()
                .filter(|which| which.as_str().ends_with(".read"))
                .chain([P::SelfUpdate])
                .collect(),
            Self::User => Permissions::from_iter([P::SelfRead, P::SelfUpdate]),
        }
    }
}

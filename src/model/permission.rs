//! What may be done in a tenant: a closed list, which roles are sets of.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! permissions {
    ($($variant:ident $name:literal $description:literal,)*) => {
        /// One thing that the product checks before it does it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Permission {
            $(#[doc = $description] $variant,)*
        }

        impl Permission {
            /// Every permission, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The permission's name, such as `users.read`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it allows, in a sentence.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => $description,)*
                }
            }
        }
    };
}

permissions! {
    SelfRead "self.read" "Read one's own user, groups, roles and sessions.",
    SelfUpdate "self.update" "Change one's own profile and password.",
    UsersRead "users.read" "Read users.",
    UsersCreate "users.create" "Create users directly.",
    UsersInvite "users.invite" "Invite users; resend and revoke invitations.",
    UsersUpdate "users.update" "Change users, suspend and deactivate them.",
    UsersDelete "users.delete" "Delete users, restore and purge deleted ones.",
    GroupsRead "groups.read" "Read groups, organizations and resource groups, and who is in them.",
    GroupsWrite "groups.write" "Create, change and delete groups, and say who is in them.",
    RolesRead "roles.read" "Read roles and permissions.",
    RolesWrite "roles.write" "Create, change and delete roles.",
    RolesAssign "roles.assign" "Give roles to users and groups, and take them away.",
    OwnersWrite "owners.write" "Make a user an owner, or no longer one.",
    PoliciesRead "policies.read" "Read policies and have decisions explained.",
    PoliciesWrite "policies.write" "Create, change and delete policies.",
    AttributesRead "attributes.read" "Read the definitions of the tenant's own attributes.",
    AttributesWrite "attributes.write" "Define, change and remove the tenant's own attributes.",
    ApiKeysRead "api_keys.read" "Read API keys, never their secrets.",
    ApiKeysWrite "api_keys.write" "Create, rotate and revoke API keys.",
    ConnectionsRead "connections.read" "Read the connections of identity providers.",
    ConnectionsWrite "connections.write" "Create and change connections and their tokens.",
    AuditRead "audit.read" "Read and export the audit log.",
    WebhooksRead "webhooks.read" "Read webhooks and their deliveries, never their secrets.",
    WebhooksWrite "webhooks.write" "Create, change and delete webhooks, and send again.",
    TenantRead "tenant.read" "Read the tenant and its settings.",
    TenantUpdate "tenant.update" "Change the tenant's settings.",
    StatsRead "stats.read" "Read the tenant's statistics.",
}

impl Permission {
    /// The permission of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == name)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u64);

const _: () = assert!(Permission::ALL.len() <= u64::BITS as usize);

impl Permissions {
    /// No permission.
    pub const NONE: Self = Self(0);

    /// Every permission.
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Whether the set holds this permission.
    pub fn holds(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// Whether the set holds all of another one.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What either set holds.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both sets hold.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What this set holds and the other does not.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether nothing is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The permissions, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.holds(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | 1 << permission as u8))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Permission::as_str))
    }
}

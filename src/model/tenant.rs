//! The wall and the doors in it.

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::ids::{ConnectionId, RoleId, TenantId};
use super::password_policy::PasswordPolicy;
use super::role::BuiltInRole;

/// The wall: every user, group, token and event belongs to exactly one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tenant {
    pub id: TenantId,
    /// Lower-case letters, digits and hyphens; unique in the instance.
    pub slug: String,
    pub name: String,
    pub status: TenantStatus,
    pub settings: TenantSettings,
    /// Moves with each change that a compiled snapshot holds.
    #[serde(skip)]
    pub generation: i64,
    /// Moves with each change to who owns or administers the tenant.
    #[serde(skip)]
    pub guard: i64,
    /// 1 at first, one more with each change.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whether a tenant is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    Active,
    /// None of its credentials works.
    Suspended,
    /// The same, for good: all that belongs to it is being removed.
    Deleting,
}

impl TenantStatus {
    /// The word that the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
        }
    }

    /// The status that this word means.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Deleting].into_iter().find(|status| status.as_str() == word)
    }
}

/// What a tenant decides for itself. What is not stored has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    /// The roles of a user who is created without any; never none.
    pub default_roles: Vec<RoleId>,
    /// Whether somebody who registers has to give a name.
    pub names_required: bool,
    /// The region by which phone numbers without a country code are read: two letters (ISO 3166-1).
    pub default_region: Option<String>,
    /// Whether the family name comes first in whole names whose language does not say.
    pub name_order: NameOrder,
    /// Whether an address has to be verified before its user may sign in.
    pub email_verification_required: bool,
    /// Whether everybody who signs in by a password needs a second factor.
    pub mfa_required: bool,
    /// How long an invitation can be accepted.
    pub invitation_hours: u32,
    /// How long deleted users, and the values of removed attributes, can be restored.
    pub retention_days: u32,
    pub self_registration: SelfRegistration,
    pub sign_in_names: SignInNames,
    pub password_policy: PasswordPolicy,
}

/// In which order names are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameOrder {
    #[default]
    GivenFirst,
    FamilyFirst,
}

/// Whether people may make accounts for themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SelfRegistration {
    pub enabled: bool,
    /// Domains that addresses must belong to; all where none is named.
    pub domains: Vec<String>,
}

/// By which names of the network a tenant is found where people sign in without naming it. Each leads to one tenant of the
/// instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInNames {
    /// Host names at which the server is reached, in lower case and A-labels.
    pub hosts: Vec<String>,
    /// What stands behind the `@` of its people's addresses, in the form that addresses are stored in.
    pub email_domains: Vec<String>,
}

impl SignInNames {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (SignInNameKind, &str)> {
        let hosts = self.hosts.iter().map(|name| (SignInNameKind::Host, name.as_str()));
        hosts.chain(self.email_domains.iter().map(|name| (SignInNameKind::EmailDomain, name.as_str())))
    }
}

/// What kind of name leads to a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInNameKind {
    Host,
    EmailDomain,
}

impl SignInNameKind {
    /// The word that the database uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::EmailDomain => "email_domain",
        }
    }
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            default_roles: vec![BuiltInRole::User.id()],
            names_required: false,
            default_region: None,
            name_order: NameOrder::default(),
            email_verification_required: false,
            mfa_required: false,
            invitation_hours: 7 * 24,
            retention_days: 30,
            self_registration: SelfRegistration::default(),
            sign_in_names: SignInNames::default(),
            password_policy: PasswordPolicy::default(),
        }
    }
}

/// One identity provider's link into a tenant. Its tokens, and the `externalId`s that it gave, are its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    pub tenant_id: TenantId,
    pub id: ConnectionId,
    /// Unique in the tenant.
    pub name: String,
    /// Whether requests are read by the letter of the RFCs, or what clients really send is understood too.
    pub strict: bool,
    pub settings: ConnectionSettings,
    pub created_at: Timestamp,
    #[serde(skip)]
    pub updated_at: Timestamp,
    /// 1 at first, one more with each change.
    #[serde(skip)]
    pub version: i64,
}

/// What a connection may do to people whom it did not bring. What is not stored has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionSettings {
    /// Who holds more than this role is out of the connection's reach, and it joins nobody to more. Where the role is no
    /// more, `user` is meant.
    pub role_ceiling: RoleId,
    pub on_existing_user: OnExistingUser,
    /// What values of users' `roles` and `entitlements` give. A role that is no more is given by nothing.
    pub role_mappings: Vec<RoleMapping>,
    /// Whether a `password` that it sends becomes one. Most identity providers send placeholders.
    pub accept_passwords: bool,
}

/// A value that gives a role to the users who have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleMapping {
    pub attribute: MappedAttribute,
    /// Compared without case.
    pub value: String,
    pub role: RoleId,
}

/// An attribute of users whose values may give roles (RFC 7643 §4.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappedAttribute {
    Roles,
    Entitlements,
}

impl MappedAttribute {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Roles, Self::Entitlements];

    /// The attribute's name, in SCIM and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Entitlements => "entitlements",
        }
    }
}

/// What happens when a connection writes to a user that it did not bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExistingUser {
    /// The user becomes the connection's.
    #[default]
    Adopt,
    /// It is refused, and administrators are told that the connection asked.
    Ask,
    /// It is refused.
    Refuse,
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self {
            role_ceiling: BuiltInRole::User.id(),
            on_existing_user: OnExistingUser::default(),
            role_mappings: Vec::new(),
            accept_passwords: false,
        }
    }
}

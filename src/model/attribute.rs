//! The tenant's own attributes of users: what each is called, what it takes, and who may see and change it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::clock::Timestamp;

/// The definition of one attribute. Its name is its key in the tenant and never changes, nor does its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeDefinition {
    /// In snake case, unique in the tenant.
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub kind: AttributeKind,
    /// Whether a new user must have a value. Those who were there before need none.
    pub required: bool,
    /// What a new user has where nobody gives a value.
    pub default: Option<Value>,
    /// Whether no two users of the tenant may have the same value.
    pub unique: bool,
    /// The values that are accepted; empty for any.
    pub allowed_values: Vec<Value>,
    /// A regular expression that a text must match as a whole.
    pub pattern: Option<String>,
    /// The least length of a text in characters, the least number, or the least count of several values.
    pub min: Option<Number>,
    /// The same for the most.
    pub max: Option<Number>,
    /// Whether a user has a list of values. [`AttributeKind::Strings`] always is one.
    pub multi_valued: bool,
    /// Whether filters on it are served from an index.
    pub searchable: bool,
    pub mutability: AttributeMutability,
    pub visible_to: BTreeSet<Audience>,
    pub editable_by: BTreeSet<Audience>,
    /// Whether access tokens tell its value.
    pub in_tokens: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// 1 at first, one more with each change.
    pub version: i64,
    /// Whether the values that users have are still being brought into the index: until that is done filters do not rely
    /// on it.
    #[serde(default)]
    pub indexing: bool,
    /// When it was removed. Its values are kept for the tenant's retention time after that.
    pub removed_at: Option<Timestamp>,
}

/// What values an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AttributeKind {
    #[serde(rename = "string")]
    String,
    #[serde(rename = "number")]
    Number,
    /// A whole number of 64 bits.
    #[serde(rename = "integer")]
    Integer,
    #[serde(rename = "boolean")]
    Boolean,
    /// A day of the calendar, `2026-01-31`.
    #[serde(rename = "date")]
    Date,
    /// An absolute URI.
    #[serde(rename = "reference")]
    Reference,
    /// A list of strings.
    #[serde(rename = "array<string>")]
    Strings,
}

/// When a value may change, for those who may edit it at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeMutability {
    #[default]
    ReadWrite,
    /// Once there is a value it stays (RFC 7643 §7, "immutable").
    Immutable,
    /// Admins alone set it; for everybody else it is there to be read.
    ReadOnly,
}

/// Through which door a value is seen or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Admins: the admin API, the console, import.
    Admin,
    /// The user itself.
    User,
    /// Identity providers.
    Scim,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Admin, Self::User, Self::Scim];
}

impl AttributeKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::String,
        Self::Number,
        Self::Integer,
        Self::Boolean,
        Self::Date,
        Self::Reference,
        Self::Strings,
    ];

    /// The kind's name, as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Reference => "reference",
            Self::Strings => "array<string>",
        }
    }
}

impl AttributeDefinition {
    /// Whether a user has a list of values.
    pub fn is_multi_valued(&self) -> bool {
        self.multi_valued || self.kind == AttributeKind::Strings
    }

    /// Whether the attribute is in use: it was not removed.
    pub fn is_live(&self) -> bool {
        self.removed_at.is_none()
    }

    /// Whether this audience sees the values.
    pub fn is_visible_to(&self, audience: Audience) -> bool {
        self.visible_to.contains(&audience)
    }

    /// Whether this audience may set values; an immutable one only once.
    pub fn is_editable_by(&self, audience: Audience) -> bool {
        let open = self.mutability != AttributeMutability::ReadOnly || audience == Audience::Admin;
        open && self.editable_by.contains(&audience) && self.is_visible_to(audience)
    }
}

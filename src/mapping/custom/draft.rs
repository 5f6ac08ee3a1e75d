//! What an admin says of an attribute, before it is checked.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Number, Value};

use crate::model::{AttributeDefinition, AttributeKind, AttributeMutability, Audience};

/// The fields of [`AttributeDefinition`] that an admin sets; what is left out has the defaults of the API.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeDraft {
    pub name: String,
    /// The name, with spaces for underscores, where there is none.
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub description: String,
    #[serde(rename = "type")]
    pub kind: AttributeKind,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub default: Option<Value>,
    #[serde(default)]
    pub unique: bool,
    #[serde(default)]
    pub allowed_values: Vec<Value>,
    #[serde(default)]
    pub pattern: Option<String>,
    #[serde(default)]
    pub min: Option<Number>,
    #[serde(default)]
    pub max: Option<Number>,
    #[serde(default)]
    pub multi_valued: bool,
    #[serde(default)]
    pub searchable: bool,
    #[serde(default)]
    pub mutability: AttributeMutability,
    /// Everybody, where it is left out.
    #[serde(default)]
    pub visible_to: Option<BTreeSet<Audience>>,
    /// Admins, and identity providers where they see it and the attribute is not read-only, where it is left out.
    #[serde(default)]
    pub editable_by: Option<BTreeSet<Audience>>,
    #[serde(default)]
    pub in_tokens: bool,
}

impl AttributeDraft {
    /// An attribute of this name and kind, and nothing else said of it.
    pub fn new(name: impl Into<String>, kind: AttributeKind) -> Self {
        Self {
            name: name.into(),
            display_name: None,
            description: String::new(),
            kind,
            required: false,
            default: None,
            unique: false,
            allowed_values: Vec::new(),
            pattern: None,
            min: None,
            max: None,
            multi_valued: false,
            searchable: false,
            mutability: AttributeMutability::ReadWrite,
            visible_to: None,
            editable_by: None,
            in_tokens: false,
        }
    }

    /// Who sees the values.
    pub(super) fn audience(&self) -> BTreeSet<Audience> {
        self.visible_to.clone().unwrap_or_else(|| BTreeSet::from(Audience::ALL))
    }

    /// Who changes them.
    pub(super) fn editors(&self) -> BTreeSet<Audience> {
        self.editable_by.clone().unwrap_or_else(|| {
            let mut editors = BTreeSet::from([Audience::Admin]);
            let by_scim = self.mutability != AttributeMutability::ReadOnly;
            if by_scim && self.audience().contains(&Audience::Scim) {
                editors.insert(Audience::Scim);
            }
            editors
        })
    }
}

/// What stands, to be changed in part.
impl From<&AttributeDefinition> for AttributeDraft {
    fn from(definition: &AttributeDefinition) -> Self {
        let definition = definition.clone();
        Self {
            name: definition.name,
            display_name: Some(definition.display_name),
            description: definition.description,
            kind: definition.kind,
            required: definition.required,
            default: definition.default,
            unique: definition.unique,
            allowed_values: definition.allowed_values,
            pattern: definition.pattern,
            min: definition.min,
            max: definition.max,
            multi_valued: definition.multi_valued,
            searchable: definition.searchable,
            mutability: definition.mutability,
            visible_to: Some(definition.visible_to),
            editable_by: Some(definition.editable_by),
            in_tokens: definition.in_tokens,
        }
    }
}

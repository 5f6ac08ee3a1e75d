//! What changes of an attribute.

use std::collections::BTreeSet;

use serde_json::{Number, Value};

use super::super::Said;
use crate::mapping::custom::AttributeDraft;
use crate::model::{AttributeDefinition, AttributeMutability, Audience};

/// What is said of an attribute; `None` says nothing. Name, type and whether there are several values never change.
#[derive(Clone, Debug, Default)]
pub struct AttributePatch {
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub required: Option<bool>,
    pub default: Said<Value>,
    pub unique: Option<bool>,
    pub allowed_values: Option<Vec<Value>>,
    pub pattern: Said<String>,
    pub min: Said<Number>,
    pub max: Said<Number>,
    pub searchable: Option<bool>,
    pub mutability: Option<AttributeMutability>,
    pub visible_to: Option<BTreeSet<Audience>>,
    pub editable_by: Option<BTreeSet<Audience>>,
    pub in_tokens: Option<bool>,
}

impl AttributePatch {
    /// Puts it on what stands.
    #[must_use]
    pub fn apply(self, draft: AttributeDraft) -> AttributeDraft {
        AttributeDraft {
            display_name: self.display_name.or(draft.display_name),
            description: self.description.unwrap_or(draft.description),
            required: self.required.unwrap_or(draft.required),
            default: self.default.unwrap_or(draft.default),
            unique: self.unique.unwrap_or(draft.unique),
            allowed_values: self.allowed_values.unwrap_or(draft.allowed_values),
            pattern: self.pattern.unwrap_or(draft.pattern),
            min: self.min.unwrap_or(draft.min),
            max: self.max.unwrap_or(draft.max),
            searchable: self.searchable.unwrap_or(draft.searchable),
            mutability: self.mutability.unwrap_or(draft.mutability),
            visible_to: self.visible_to.or(draft.visible_to),
            editable_by: self.editable_by.or(draft.editable_by),
            in_tokens: self.in_tokens.unwrap_or(draft.in_tokens),
            ..draft
        }
    }
}

/// The names of the fields in which two definitions of an attribute differ.
pub(super) fn changed(before: &AttributeDefinition, after: &AttributeDefinition) -> Vec<&'static str> {
    let fields = [
        ("display_name", before.display_name != after.display_name),
        ("description", before.description != after.description),
        ("required", before.required != after.required),
        ("default", before.default != after.default),
        ("unique", before.unique != after.unique),
        ("allowed_values", before.allowed_values != after.allowed_values),
        ("pattern", before.pattern != after.pattern),
        ("min", before.min != after.min),
        ("max", before.max != after.max),
        ("searchable", before.searchable != after.searchable),
        ("mutability", before.mutability != after.mutability),
        ("visible_to", before.visible_to != after.visible_to),
        ("editable_by", before.editable_by != after.editable_by),
        ("in_tokens", before.in_tokens != after.in_tokens),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

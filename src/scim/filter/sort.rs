//! Sorting (RFC 7644 §3.4.2.3): what may be sorted by, and a resource's place in the order.

use serde_json::{Map, Value};

use super::resolve::{VALUE, is_secret, names};
use crate::scim::error::ScimError;
use crate::scim::path::{AttributePath, CanonicalPath};
use crate::scim::schema::{AttributeType, Resolved, ResourceSchema};

/// The attribute that `sortBy` names; of a complex one its `value`.
///
/// # Errors
/// `invalidValue`: not a path, not an attribute, never returned, or complex without a `value`.
pub fn resolve_sort(schema: &ResourceSchema, sort_by: &str) -> Result<CanonicalPath, ScimError> {
    let path: AttributePath = sort_by.parse().map_err(|error| refusal(format!("{error}")))?;
    sortable(&path, schema.resolve(&path).map_err(|error| refusal(error.detail))?)
}

/// What is compared of an attribute that `sortBy` names.
pub(super) fn sortable(path: &AttributePath, mut resolved: Resolved<'_>) -> Result<CanonicalPath, ScimError> {
    if resolved.leaf().kind == AttributeType::Complex {
        let complex = resolved.leaf();
        resolved.sub_attribute = complex.sub_attribute(VALUE);
        if resolved.sub_attribute.is_none() {
            return Err(refusal(format!(
                "'{path}' is complex; name one of its sub-attributes: {}.",
                names(complex)
            )));
        }
    }
    if is_secret(resolved.attribute) || is_secret(resolved.leaf()) {
        return Err(refusal(format!("'{path}' is never returned and cannot be sorted by.")));
    }
    Ok(CanonicalPath::from_resolved(resolved))
}

pub(super) fn refusal(detail: impl std::fmt::Display) -> ScimError {
    ScimError::invalid_value(format!("sortBy: {detail}"))
}

/// What a resource is sorted by, given its search document: of a multi-valued attribute the primary element, else the
/// first. `None` comes last in ascending order, and first in descending.
pub fn sort_key(path: &CanonicalPath, search_document: &Map<String, Value>) -> Option<Value> {
    let holder = match &path.extension {
        None => search_document,
        Some(urn) => search_document.get(urn)?.as_object()?,
    };
    let value = holder.get(&path.attribute)?;
    let element = match value {
        Value::Array(elements) => elements.iter().find(|element| is_primary(element)).or(elements.first())?,
        single => single,
    };
    let key = match &path.sub_attribute {
        None => element,
        Some(sub) => element.get(sub)?,
    };
    (!key.is_null()).then(|| key.clone())
}

/// RFC 7643 §2.4.
fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

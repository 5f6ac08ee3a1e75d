//! What a PUT leaves as it is (RFC 7644 §3.5.1, `immutable`).

use serde_json::{Map, Value};

use super::body::{member, set_member};
use crate::scim::error::ScimError;
use crate::scim::schema::definition::{Attribute, AttributeType, Mutability};
use crate::scim::schema::resource_type::ResourceSchema;
use crate::scim::schema::search::normalise;

/// Keeps what `current` has of immutable attributes in `attributes`.
///
/// Sub-attributes of multi-valued attributes are not held against anything: an element that differs is another element.
pub(super) fn keep(
    schema: &ResourceSchema,
    current: &Map<String, Value>,
    attributes: &mut Map<String, Value>,
) -> Result<(), ScimError> {
    for (extension, attribute) in schema.attributes() {
        let Some(kept) = member(current, extension, &attribute.name) else {
            continue;
        };
        let new = member(attributes, extension, &attribute.name);
        if let Some(value) = kept_value(attribute, kept, new)? {
            set_member(attributes, extension, &attribute.name, value);
        }
    }
    Ok(())
}

/// What to set the attribute to; `None` leaves what the client sent.
fn kept_value(attribute: &Attribute, kept: &Value, new: Option<&Value>) -> Result<Option<Value>, ScimError> {
    if attribute.mutability == Mutability::Immutable {
        return same(&attribute.name, attribute, kept, new).map(Some);
    }
    if attribute.multi_valued || attribute.kind != AttributeType::Complex {
        return Ok(None);
    }
    let immutable = attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable);
    let mut object = new.and_then(Value::as_object).cloned().unwrap_or_default();
    let mut changed = false;
    for sub_attribute in immutable {
        let name = &sub_attribute.name;
        if let Some(kept) = kept.get(name) {
            let path = format!("{}.{name}", attribute.name);
            object.insert(name.clone(), same(&path, sub_attribute, kept, object.get(name))?);
            changed = true;
        }
    }
    Ok(changed.then_some(Value::Object(object)))
}

fn same(path: &str, attribute: &Attribute, kept: &Value, new: Option<&Value>) -> Result<Value, ScimError> {
    match new {
        Some(new) if normalise(attribute, new) != normalise(attribute, kept) => Err(ScimError::mutability(
            format!("'{path}' is immutable: once it has a value, it cannot be changed."),
        )),
        _ => Ok(kept.clone()),
    }
}

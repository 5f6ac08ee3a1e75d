//! `remove` (RFC 7644 §3.5.2.2).

use serde_json::{Map, Value};

use super::element::change_element;
use super::object::{equal, keep_immutable};
use super::target::AttributeTarget;
use super::values::matched;
use crate::scim::error::ScimError;
use crate::scim::schema::{Attribute, validate};

/// What is left of a single-valued attribute.
pub(super) fn from_single(
    target: &AttributeTarget<'_>,
    current: Option<Value>,
) -> Result<Option<Value>, ScimError> {
    let attribute = target.resolved.attribute;
    match (target.resolved.sub_attribute, current) {
        (Some(sub_attribute), Some(Value::Object(mut object))) => {
            take(attribute, sub_attribute, &mut object)?;
            Ok((!object.is_empty()).then_some(Value::Object(object)))
        }
        (Some(_), current) => Ok(current),
        (None, current) => {
            for sub_attribute in &attribute.sub_attributes {
                let present = current.as_ref().and_then(|current| current.get(&sub_attribute.name));
                keep_immutable(attribute, sub_attribute, present, None)?;
            }
            Ok(None)
        }
    }
}

/// What is left of the elements of a multi-valued attribute. `listed` is the operation's value.
pub(super) fn from_values(
    target: &AttributeTarget<'_>,
    mut elements: Vec<Value>,
    listed: Option<&Value>,
) -> Result<Vec<Value>, ScimError> {
    let attribute = target.resolved.attribute;
    match (&target.selection, target.resolved.sub_attribute) {
        (None, None) => return without(attribute, elements, listed),
        (None, Some(sub_attribute)) => {
            for element in &mut elements {
                take_from_element(attribute, sub_attribute, element)?;
            }
        }
        (Some(selection), sub_attribute) => {
            for index in matched(attribute, &elements, selection) {
                let Some(element) = elements.get_mut(index) else {
                    continue;
                };
                match sub_attribute {
                    Some(sub_attribute) => take_from_element(attribute, sub_attribute, element)?,
                    None => *element = Value::Null,
                }
            }
        }
    }
    elements.retain(|element| !element.is_null());
    Ok(elements)
}

/// Without a list everything goes; with one, only what it lists (some clients name the elements in `value`, and the
/// literal reading would remove all others with them).
fn without(
    attribute: &Attribute,
    mut elements: Vec<Value>,
    listed: Option<&Value>,
) -> Result<Vec<Value>, ScimError> {
    let listed = match listed {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(listed)) => listed.clone(),
        Some(single) => vec![single.clone()],
    };
    for value in listed {
        if let Some(listed) = validate::element(attribute, value)? {
            elements.retain(|element| !lists(attribute, &listed, element));
        }
    }
    Ok(elements)
}

/// Whether `listed` means `element`: everything that it says is true of the element.
fn lists(attribute: &Attribute, listed: &Value, element: &Value) -> bool {
    match (listed, element) {
        (Value::Object(listed), Value::Object(element)) => {
            attribute.sub_attributes.iter().all(|sub_attribute| {
                let name = &sub_attribute.name;
                listed.get(name).is_none_or(|listed| {
                    element.get(name).is_some_and(|present| equal(sub_attribute, listed, present))
                })
            })
        }
        _ => equal(attribute, listed, element),
    }
}

fn take_from_element(
    attribute: &Attribute,
    sub_attribute: &Attribute,
    element: &mut Value,
) -> Result<(), ScimError> {
    change_element(element, |object| take(attribute, sub_attribute, object))
}

fn take(
    attribute: &Attribute,
    sub_attribute: &Attribute,
    object: &mut Map<String, Value>,
) -> Result<(), ScimError> {
    let name = &sub_attribute.name;
    keep_immutable(attribute, sub_attribute, object.get(name), None)?;
    if object.contains_key(name) && sub_attribute.required {
        return Err(ScimError::mutability(format!(
            "'{}.{name}' is required and cannot be removed.",
            attribute.name
        )));
    }
    object.shift_remove(name);
    Ok(())
}

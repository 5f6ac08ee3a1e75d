//! Writing into one value: of a single-valued attribute, or one element of a multi-valued one.

use std::fmt;

use serde_json::{Map, Value};

use super::Write;
use crate::scim::error::ScimError;
use crate::scim::schema::search::normalise;
use crate::scim::schema::{Attribute, AttributeType, Mutability, Resolved, ResourceSchema, validate};

/// What `add` or `replace` makes of a single-valued attribute. `None`: it has no value any more.
pub(super) fn write_single(
    schema: &ResourceSchema,
    resolved: Resolved<'_>,
    current: Option<Value>,
    value: Value,
    write: Write,
) -> Result<Option<Value>, ScimError> {
    if resolved.sub_attribute.is_none() && resolved.attribute.kind != AttributeType::Complex {
        return validate::value(schema, resolved, value);
    }
    let mut object = into_object(current);
    match resolved.sub_attribute {
        Some(sub_attribute) => set(schema, resolved, sub_attribute, &mut object, value, write)?,
        None => match sub_values(resolved.attribute, value)? {
            Some(given) => merge(schema, resolved, &mut object, given, write)?,
            None => {
                for sub_attribute in &resolved.attribute.sub_attributes {
                    keep_immutable(resolved.attribute, sub_attribute, object.get(&sub_attribute.name), None)?;
                }
                object.clear();
            }
        },
    }
    Ok((!object.is_empty()).then_some(Value::Object(object)))
}

/// The sub-attributes that `value` gives for a complex attribute; `None` clears the attribute. A plain string stands
/// for the sub-attribute `value` (clients send a manager's id so).
pub(super) fn sub_values(
    attribute: &Attribute,
    value: Value,
) -> Result<Option<Map<String, Value>>, ScimError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(object) => Ok(Some(object)),
        Value::String(text) if attribute.sub_attribute("value").is_some() => {
            let blank = text.trim().is_empty();
            Ok((!blank).then(|| Map::from_iter([("value".to_owned(), Value::String(text))])))
        }
        _ => Err(ScimError::invalid_value(format!(
            "'{}' needs an object of its sub-attributes as the value.",
            attribute.name
        ))),
    }
}

/// Sets the sub-attributes that are given and leaves the others (RFC 7644 §3.5.2.3). What is readOnly comes back from
/// clients with the rest and is passed over, as are names that the schema doesn't have.
pub(super) fn merge(
    schema: &ResourceSchema,
    resolved: Resolved<'_>,
    object: &mut Map<String, Value>,
    given: Map<String, Value>,
    write: Write,
) -> Result<(), ScimError> {
    for (name, value) in given {
        match resolved.attribute.sub_attribute(&name) {
            Some(sub) if sub.mutability != Mutability::ReadOnly => {
                set(schema, resolved, sub, object, value, write)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Sets one sub-attribute of `object`; a value that is empty clears it.
pub(super) fn set(
    schema: &ResourceSchema,
    resolved: Resolved<'_>,
    sub_attribute: &Attribute,
    object: &mut Map<String, Value>,
    value: Value,
    write: Write,
) -> Result<(), ScimError> {
    let nothing_to_add = write == Write::Add && value.as_array().is_some_and(Vec::is_empty);
    if nothing_to_add && sub_attribute.multi_valued {
        return Ok(());
    }
    let value = validate::value(schema, Resolved { sub_attribute: Some(sub_attribute), ..resolved }, value)?;
    put(resolved.attribute, sub_attribute, object, value, write)
}

/// Puts a value that passed validation into `object`.
pub(super) fn put(
    attribute: &Attribute,
    sub_attribute: &Attribute,
    object: &mut Map<String, Value>,
    value: Option<Value>,
    write: Write,
) -> Result<(), ScimError> {
    let name = &sub_attribute.name;
    let value = match (object.get(name), value) {
        (Some(Value::Array(current)), Some(Value::Array(added))) if write == Write::Add => {
            Some(append_simple(sub_attribute, current, added))
        }
        (_, value) => value,
    };
    keep_immutable(attribute, sub_attribute, object.get(name), value.as_ref())?;
    if sub_attribute.mutability == Mutability::Immutable && object.contains_key(name) {
        return Ok(());
    }
    match value {
        Some(value) => {
            object.insert(name.clone(), value);
        }
        None if sub_attribute.required => {
            return Err(ScimError::invalid_value(format!(
                "'{}.{name}' is required and cannot be cleared.",
                attribute.name
            )));
        }
        None => {
            object.shift_remove(name);
        }
    }
    Ok(())
}

/// An immutable value may be set where there is none, and sent again as it is (RFC 7643 §7, RFC 7644 §3.5.2).
pub(super) fn keep_immutable(
    attribute: &Attribute,
    sub_attribute: &Attribute,
    current: Option<&Value>,
    next: Option<&Value>,
) -> Result<(), ScimError> {
    let changes =
        current.is_some_and(|current| !next.is_some_and(|next| equal(sub_attribute, current, next)));
    if changes && sub_attribute.mutability == Mutability::Immutable {
        let path = format!("{}.{}", attribute.name, sub_attribute.name);
        return Err(immutable(path));
    }
    Ok(())
}

/// `mutability`: a change of what is immutable and has a value.
pub(super) fn immutable(path: impl fmt::Display) -> ScimError {
    ScimError::mutability(format!("'{path}' is immutable and already has a value."))
}

/// Whether two values are the same as filters compare them.
pub(super) fn equal(attribute: &Attribute, left: &Value, right: &Value) -> bool {
    left == right || normalise(attribute, left) == normalise(attribute, right)
}

pub(super) fn into_object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

fn append_simple(attribute: &Attribute, current: &[Value], added: Vec<Value>) -> Value {
    let mut values = current.to_vec();
    for value in added {
        if !values.iter().any(|present| equal(attribute, present, &value)) {
            values.push(value);
        }
    }
    Value::Array(values)
}

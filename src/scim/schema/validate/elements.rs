//! Rules over all elements of a multi-valued attribute (RFC 7643 §2.4).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Map, Value};

use super::place::Place;
use crate::scim::error::ScimError;
use crate::scim::schema::definition::{Attribute, AttributeType};
use crate::scim::schema::search::normalise;

/// The most elements that a multi-valued attribute takes.
const ELEMENTS: usize = 1000;
/// The most elements where they are references to resources: a group's members.
const RESOURCES: usize = 100_000;

/// Refuses more elements than the attribute takes.
pub(super) fn limit(place: Place<'_>, attribute: &Attribute, count: usize) -> Result<(), ScimError> {
    let most = if refers_to_resources(attribute) { RESOURCES } else { ELEMENTS };
    if count > most {
        return Err(place.invalid(format_args!("must not have more than {most} elements")));
    }
    Ok(())
}

/// Joins elements that say the same: of a complex attribute, those with one type and one value (RFC 7643 §2.4: they
/// SHOULD NOT be there twice); without a value, those that are equal. What only the later one has is added to the first.
pub(super) fn distinct(attribute: &Attribute, elements: Vec<Value>) -> Vec<Value> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(elements.len());
    let mut distinct: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements {
        match places.entry(identity(attribute, &element)) {
            Entry::Vacant(entry) => {
                entry.insert(distinct.len());
                distinct.push(element);
            }
            Entry::Occupied(entry) => {
                if let Some(first) = distinct.get_mut(*entry.get()) {
                    join(first, element);
                }
            }
        }
    }
    distinct
}

/// At most one element is primary (RFC 7643 §2.4).
pub(super) fn one_primary(place: Place<'_>, elements: &[Value]) -> Result<(), ScimError> {
    let primary = elements.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true)));
    if primary.count() > 1 {
        return Err(place.invalid("must not have more than one element whose 'primary' is true"));
    }
    Ok(())
}

fn refers_to_resources(attribute: &Attribute) -> bool {
    attribute.sub_attribute("$ref").is_some_and(|reference| reference.kind == AttributeType::Reference)
}

/// What makes two elements the same: their type and value, as they compare.
fn identity(attribute: &Attribute, element: &Value) -> String {
    let part = |name: &str| {
        let sub_attribute = attribute.sub_attribute(name)?;
        Some(normalise(sub_attribute, element.get(&sub_attribute.name)?))
    };
    match part("value") {
        Some(value) => Value::from_iter([part("type").unwrap_or_default(), value]).to_string(),
        None => sorted(normalise(attribute, element)).to_string(),
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(mut object) => {
            object.sort_keys();
            Value::Object(object)
        }
        other => other,
    }
}

fn join(first: &mut Value, later: Value) {
    let (Value::Object(first), Value::Object(later)) = (first, later) else {
        return;
    };
    for (name, value) in later {
        set_if_missing(first, name, value);
    }
}

fn set_if_missing(object: &mut Map<String, Value>, name: String, value: Value) {
    // `primary` is the one sub-attribute that says something about the element and not about what it names.
    if value == Value::Bool(true) {
        object.insert(name, value);
    } else {
        object.entry(name).or_insert(value);
    }
}

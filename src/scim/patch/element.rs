//! What is particular to an element of a multi-valued attribute (RFC 7643 §2.4).

use serde_json::{Map, Value};

use super::Write;
use super::object::{self, equal};
use crate::scim::error::ScimError;
use crate::scim::schema::Attribute;
use crate::scim::schema::search::normalise;

/// RFC 7643 §2.4.
pub(super) const PRIMARY: &str = "primary";

/// Whether nothing is in an element but what describes a value.
fn says_nothing(object: &Map<String, Value>) -> bool {
    object.keys().all(|name| matches!(name.as_str(), "type" | "display" | PRIMARY))
}

/// Changes an element, which becomes null if it has lost all that it said.
pub(super) fn change_element(
    element: &mut Value,
    change: impl FnOnce(&mut Map<String, Value>) -> Result<(), ScimError>,
) -> Result<(), ScimError> {
    let Value::Object(object) = element else {
        return Ok(());
    };
    let said_something = !says_nothing(object);
    change(object)?;
    if object.is_empty() || said_something && says_nothing(object) {
        *element = Value::Null;
    }
    Ok(())
}

/// What an added element has in common with the one that is there already; see [`super`] for what counts.
pub(super) fn identity(attribute: &Attribute, element: &Value) -> String {
    let part = |name: &str| {
        let sub_attribute = attribute.sub_attribute(name)?;
        Some(normalise(sub_attribute, element.get(&sub_attribute.name)?))
    };
    match part("value") {
        Some(value) => Value::from_iter([part("type").unwrap_or_default(), value]).to_string(),
        None => {
            let mut whole = normalise(attribute, element);
            whole.sort_all_objects();
            whole.to_string()
        }
    }
}

/// Sets in the element that is there what the added one says beyond or against it.
pub(super) fn join(
    attribute: &Attribute,
    present: &mut Map<String, Value>,
    added: Map<String, Value>,
) -> Result<(), ScimError> {
    for sub_attribute in &attribute.sub_attributes {
        let Some(value) = added.get(&sub_attribute.name) else {
            continue;
        };
        let unchanged =
            present.get(&sub_attribute.name).is_some_and(|present| equal(sub_attribute, present, value));
        if !unchanged {
            object::put(attribute, sub_attribute, present, Some(value.clone()), Write::Add)?;
        }
    }
    Ok(())
}

pub(super) fn is_primary(element: &Value) -> bool {
    element.get(PRIMARY) == Some(&Value::Bool(true))
}

/// An element that becomes primary takes that from the one that was (RFC 7644 §3.5.2). `claims` are the indices of those
/// that an operation makes primary.
pub(super) fn one_primary(
    attribute: &Attribute,
    elements: &mut [Value],
    mut claims: Vec<usize>,
) -> Result<(), ScimError> {
    claims.retain(|&index| elements.get(index).is_some_and(is_primary));
    claims.dedup();
    let Some(&primary) = claims.first() else {
        return Ok(());
    };
    if claims.len() > 1 {
        return Err(ScimError::invalid_value(format!(
            "'{}' must not have more than one element whose 'primary' is true.",
            attribute.name
        )));
    }
    for (index, element) in elements.iter_mut().enumerate() {
        if index != primary
            && let Some(flag @ Value::Bool(true)) = element.get_mut(PRIMARY)
        {
            *flag = Value::Bool(false);
        }
    }
    Ok(())
}

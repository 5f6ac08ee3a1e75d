//! Reads the members that a client names in an operation's value.

use serde_json::{Map, Value};

use crate::scim::error::ScimError;
use crate::scim::schema::{Attribute, Resolved, ResourceSchema, validate};

/// A member as a client names it (RFC 7643 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberReference {
    /// The member's `id`, as the client wrote it.
    pub value: String,
    /// The member's `type`, `User` or `Group`, if the client says so.
    pub kind: Option<String>,
}

/// Reads the `members` of a Group's whole body: each has its id as `value`, or in its `$ref`.
///
/// # Errors
/// `invalidValue`, naming the element that tells no id.
pub fn member_references(
    schema: &ResourceSchema,
    members: Option<Value>,
) -> Result<Vec<MemberReference>, ScimError> {
    match (schema.core.attribute("members"), members) {
        (Some(attribute), Some(value)) => self::members(schema, attribute, value),
        _ => Ok(Vec::new()),
    }
}

/// Reads an array of members, or one: objects, or plain ids.
pub(super) fn members(
    schema: &ResourceSchema,
    attribute: &Attribute,
    value: Value,
) -> Result<Vec<MemberReference>, ScimError> {
    let elements = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(elements) => elements,
        single => vec![single],
    };
    let read = |(index, element)| {
        member(schema, attribute, element).map_err(|error| {
            let detail = format!("element {} of 'members': {}", index + 1, error.detail);
            ScimError { detail, ..error }
        })
    };
    elements.into_iter().enumerate().map(read).collect()
}

fn member(
    schema: &ResourceSchema,
    attribute: &Attribute,
    element: Value,
) -> Result<MemberReference, ScimError> {
    let mut object = match element {
        Value::Object(object) => object,
        Value::String(id) => Map::from_iter([("value".to_owned(), Value::String(id))]),
        _ => {
            return Err(ScimError::invalid_value(
                "a member is an object with a 'value', or an id as a string.",
            ));
        }
    };
    let kind = match take(&mut object, "type") {
        Some(kind) => kind_of(schema, attribute, kind)?,
        None => None,
    };
    match (take(&mut object, "value"), take(&mut object, "$ref")) {
        (Some(Value::String(value)), _) if !value.trim().is_empty() => Ok(MemberReference { value, kind }),
        (None, Some(Value::String(reference))) => from_reference(&reference, kind),
        _ => Err(ScimError::invalid_value("a member needs its id, a string, as 'value'.")),
    }
}

/// The member with this name, whatever its case, unless it is null.
fn take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    object.swap_remove(&key).filter(|value| !value.is_null())
}

fn kind_of(schema: &ResourceSchema, attribute: &Attribute, kind: Value) -> Result<Option<String>, ScimError> {
    let Some(sub_attribute) = attribute.sub_attribute("type") else {
        return Ok(None);
    };
    let resolved = Resolved { extension: None, attribute, sub_attribute: Some(sub_attribute) };
    match validate::value(schema, resolved, kind)? {
        Some(Value::String(kind)) if !kind.is_empty() => Ok(Some(kind)),
        _ => Ok(None),
    }
}

/// Takes type and id from `…/Users/{id}` or `…/Groups/{id}`.
fn from_reference(reference: &str, kind: Option<String>) -> Result<MemberReference, ScimError> {
    let mut segments = reference.trim_end_matches('/').rsplit('/');
    let id = segments.next().filter(|id| !id.is_empty());
    let named = match segments.next() {
        Some("Users") => Some("User"),
        Some("Groups") => Some("Group"),
        _ => None,
    };
    match (id, named) {
        (Some(id), Some(named)) => {
            Ok(MemberReference { value: id.to_owned(), kind: kind.or_else(|| Some(named.to_owned())) })
        }
        _ => Err(ScimError::invalid_value(
            "a member without 'value' needs a '$ref' that ends in /Users/{id} or /Groups/{id}.",
        )),
    }
}

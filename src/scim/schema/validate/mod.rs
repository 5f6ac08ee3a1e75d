//! The one way in which a client's JSON becomes attributes: names resolved, types checked, readOnly left out
//! (RFC 7643 §2, RFC 7644 §3.3, §3.5.1).
//!
//! `create` and `replace` read whole bodies. PATCH puts single values together with `value` and `element`, and gives the
//! result to `finish`.

mod body;
mod elements;
mod immutable;
mod place;
mod reader;
mod simple;

use std::fmt;

use serde_json::{Map, Value};

use self::place::Place;
use self::reader::Reader;
use super::attributes::AttributeMap;
use super::definition::Attribute;
use super::resource_type::{Resolved, ResourceSchema};
use crate::scim::error::ScimError;

/// How literally the RFCs are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// What clients really send is accepted where it cannot be misunderstood.
    #[default]
    Lenient,
    /// What the RFCs do not allow is refused.
    Strict,
}

/// A value that must not be shown: `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The value itself, for those who have to use it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A body that passed.
#[derive(Clone, Debug, PartialEq)]
pub struct Validated {
    /// What the body says of the resource.
    pub attributes: AttributeMap,
    /// The password is never among the attributes.
    pub password: Option<Secret>,
    /// Names that no schema has and that were skipped, sorted.
    pub ignored: Vec<String>,
}

/// Reads the body of a POST (RFC 7644 §3.3).
///
/// # Errors
/// `invalidValue` for a value of the wrong type or length, a required attribute without a value, or more than one
/// primary element; `invalidSyntax` for an attribute given twice. In strict reading also `invalidSyntax` for an attribute
/// that no schema has, and `invalidValue` for `schemas` that do not say what the body is.
pub fn create(
    schema: &ResourceSchema,
    body: Map<String, Value>,
    strictness: Strictness,
) -> Result<Validated, ScimError> {
    let validated = body::read(schema, body, strictness)?;
    body::required(schema, &Map::new(), validated.attributes.as_map())?;
    Ok(validated)
}

/// Reads the body of a PUT (RFC 7644 §3.5.1) that replaces `current`: what the body lacks is cleared, except that
/// immutable attributes stay.
///
/// # Errors
/// As [`create`], and `mutability` for another value of an immutable attribute that has one.
pub fn replace(
    schema: &ResourceSchema,
    current: &AttributeMap,
    body: Map<String, Value>,
    strictness: Strictness,
) -> Result<Validated, ScimError> {
    let Validated { attributes, password, ignored } = body::read(schema, body, strictness)?;
    let mut attributes = attributes.into_map();
    immutable::keep(schema, current.as_map(), &mut attributes)?;
    body::required(schema, current.as_map(), &attributes)?;
    Ok(Validated { attributes: AttributeMap::new(attributes), password, ignored })
}

/// Reads the value that a PATCH gives for the attribute or sub-attribute `resolved`; of a multi-valued attribute an array
/// or a single element, and the answer is an array. `None` clears it. Mutability is the caller's affair.
///
/// # Errors
/// `invalidValue` for a value of the wrong type or length, or more than one primary element; `invalidSyntax` for a
/// sub-attribute given twice.
pub fn value(
    schema: &ResourceSchema,
    resolved: Resolved<'_>,
    value: Value,
) -> Result<Option<Value>, ScimError> {
    let Resolved { extension, attribute, sub_attribute } = resolved;
    debug_assert!(schema.attribute(extension, &attribute.name).is_some());
    let place = Place::new(extension, &attribute.name);
    let mut reader = Reader::new(Strictness::Lenient);
    match sub_attribute {
        Some(sub_attribute) => {
            reader.sub_attribute(place.sub_attribute(&sub_attribute.name), attribute, sub_attribute, value)
        }
        None => reader.attribute(place, attribute, value),
    }
}

/// Reads one element of a multi-valued attribute. `None`: it has no value at all.
///
/// # Errors
/// As [`value`].
pub fn element(attribute: &Attribute, value: Value) -> Result<Option<Value>, ScimError> {
    Reader::new(Strictness::Lenient).single(Place::new(None, &attribute.name), attribute, value)
}

/// Reads the outcome of a PATCH of `current`: what is required must still be there, one element at most is primary, and
/// what has become empty goes. A password and the attributes that the server itself keeps (`id`, `meta`, …) are left out.
///
/// # Errors
/// As [`create`] in lenient reading.
pub fn finish(
    schema: &ResourceSchema,
    current: &AttributeMap,
    attributes: Map<String, Value>,
) -> Result<AttributeMap, ScimError> {
    let attributes = body::read(schema, attributes, Strictness::Lenient)?.attributes;
    body::required(schema, current.as_map(), attributes.as_map())?;
    Ok(attributes)
}

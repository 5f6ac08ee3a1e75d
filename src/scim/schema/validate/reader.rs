//! Reads one attribute's value: its shape, then its parts.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::place::Place;
use super::{Strictness, elements, simple};
use crate::scim::error::ScimError;
use crate::scim::schema::definition::{Attribute, AttributeType, Mutability};

/// Reads values, and notes the names that it skips.
pub(super) struct Reader {
    strictness: Strictness,
    ignored: BTreeSet<String>,
}

impl Reader {
    pub(super) fn new(strictness: Strictness) -> Self {
        Self { strictness, ignored: BTreeSet::new() }
    }

    pub(super) fn lenient(&self) -> bool {
        self.strictness == Strictness::Lenient
    }

    pub(super) fn into_ignored(self) -> Vec<String> {
        self.ignored.into_iter().collect()
    }

    /// A name that no schema has: skipped, or in strict reading refused.
    pub(super) fn unknown(&mut self, place: Place<'_>) -> Result<(), ScimError> {
        if !self.lenient() {
            return Err(ScimError::invalid_syntax(format!(
                "{place} is not an attribute that any schema has."
            )));
        }
        self.ignored.insert(place.path());
        Ok(())
    }

    /// An attribute's whole value. `None` is unassigned: null, an empty array, an object without values (RFC 7643 §2.5),
    /// or blank where a value is required.
    pub(super) fn attribute(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        if attribute.multi_valued {
            return self.elements(place, attribute, value);
        }
        // An empty password is none: nobody could mean to sign in with it.
        let empty_secret = attribute.mutability == Mutability::WriteOnly && value == "";
        if empty_secret || attribute.required && is_blank(&value) {
            return Ok(None);
        }
        self.single(place, attribute, value)
    }

    /// The value of a sub-attribute of a complex value.
    pub(super) fn sub_attribute(
        &mut self,
        place: Place<'_>,
        parent: &Attribute,
        sub_attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        // Clients send blank name parts, and a blank manager, for "there is none".
        if self.lenient() && !parent.multi_valued && is_blank(&value) {
            return Ok(None);
        }
        self.attribute(place, sub_attribute, value)
    }

    /// One value of an attribute; of a multi-valued one, an element.
    pub(super) fn single(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        match value {
            Value::Null => Ok(None),
            Value::Array(elements) if elements.is_empty() && !attribute.multi_valued => Ok(None),
            Value::Array(_) => Err(place.must_be("a single value", &value)),
            value if attribute.kind == AttributeType::Complex => self.complex(place, attribute, value),
            value => simple::check(place, attribute, value).map(Some),
        }
    }

    fn elements(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        let values = match value {
            Value::Null => return Ok(None),
            Value::Array(values) => values,
            single if self.lenient() => vec![single],
            other => return Err(place.must_be("an array", &other)),
        };
        elements::limit(place, attribute, values.len())?;
        let mut read = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            read.extend(self.single(place.element(index + 1), attribute, value)?);
        }
        let read = elements::distinct(attribute, read);
        elements::one_primary(place, &read)?;
        Ok((!read.is_empty()).then_some(Value::Array(read)))
    }

    fn complex(
        &mut self,
        place: Place<'_>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        let object = match value {
            Value::Object(object) => object,
            Value::String(text) if self.lenient() && attribute.sub_attribute("value").is_some() => {
                if text.trim().is_empty() {
                    return Ok(None);
                }
                Map::from_iter([("value".to_owned(), Value::String(text))])
            }
            other => return Err(place.must_be("an object", &other)),
        };
        let mut read = Map::new();
        let mut seen: Vec<&str> = Vec::with_capacity(object.len().min(attribute.sub_attributes.len()));
        let mut told = false;
        for (name, value) in object {
            let Some(sub_attribute) = attribute.sub_attribute(&name) else {
                self.unknown(place.sub_attribute(&name))?;
                continue;
            };
            let place = place.sub_attribute(&sub_attribute.name);
            once(place, &mut seen, &sub_attribute.name)?;
            if sub_attribute.mutability == Mutability::ReadOnly {
                told = true;
                continue;
            }
            if let Some(value) = self.sub_attribute(place, attribute, sub_attribute, value)? {
                read.insert(sub_attribute.name.clone(), value);
            }
        }
        if read.is_empty() {
            // A member of whom nothing but the display name is told is nobody; that is not passed over in silence.
            if told {
                self.ignored.insert(place.path());
            }
            return Ok(None);
        }
        required_parts(place, attribute, &read)?;
        Ok(Some(Value::Object(read)))
    }
}

/// Whether the value is a string of nothing but white space.
pub(super) fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Names compare without case, so two spellings of one name are the same member twice (RFC 7643 §2.1).
fn once<'s>(place: Place<'_>, seen: &mut Vec<&'s str>, name: &'s str) -> Result<(), ScimError> {
    if seen.contains(&name) {
        return Err(twice(place));
    }
    seen.push(name);
    Ok(())
}

/// `invalidSyntax`: an attribute that the body has twice.
pub(super) fn twice(place: Place<'_>) -> ScimError {
    ScimError::invalid_syntax(format!("{place} is given twice; names differ by more than their case."))
}

fn required_parts(
    place: Place<'_>,
    attribute: &Attribute,
    object: &Map<String, Value>,
) -> Result<(), ScimError> {
    let mut required = attribute
        .sub_attributes
        .iter()
        .filter(|sub_attribute| sub_attribute.required && sub_attribute.mutability != Mutability::ReadOnly);
    match required.find(|sub_attribute| !object.contains_key(&sub_attribute.name)) {
        Some(missing) => Err(place.sub_attribute(&missing.name).invalid("is required")),
        None => Ok(()),
    }
}

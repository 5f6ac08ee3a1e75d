//! Reads a whole body: its names, its `schemas`, its extensions, and what it must have.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::place::Place;
use super::reader::{Reader, is_blank, twice};
use super::{Secret, Strictness, Validated};
use crate::scim::error::ScimError;
use crate::scim::schema::attributes::AttributeMap;
use crate::scim::schema::definition::{Attribute, Mutability};
use crate::scim::schema::names::Named;
use crate::scim::schema::resource_type::{Resolved, ResourceSchema};

const PASSWORD: &str = "password";
const SCHEMAS: &str = "schemas";

/// Reads `body`; what is required is not asked for yet.
pub(super) fn read(
    schema: &ResourceSchema,
    body: Map<String, Value>,
    strictness: Strictness,
) -> Result<Validated, ScimError> {
    let mut reader = BodyReader {
        schema,
        reader: Reader::new(strictness),
        seen: HashSet::with_capacity(body.len()),
        attributes: Map::new(),
        password: None,
        listed: Vec::new(),
    };
    let mut extensions: Vec<&str> = Vec::new();
    for (name, value) in body {
        match schema.named(&name) {
            Some(Named::Attribute(Resolved { extension, attribute, sub_attribute: None })) => {
                reader.attribute(extension, attribute, value)?;
            }
            Some(Named::Extension(extension)) => {
                if extensions.contains(&extension.id.as_str()) {
                    return Err(twice(Place::new(None, &extension.id)));
                }
                extensions.push(&extension.id);
                reader.extension(&extension.id, value)?;
            }
            _ => reader.reader.unknown(Place::new(None, &name))?,
        }
    }
    if strictness == Strictness::Strict {
        listed(schema, &reader.listed, &reader.attributes)?;
    }
    Ok(Validated {
        attributes: AttributeMap::new(reader.attributes),
        password: reader.password,
        ignored: reader.reader.into_ignored(),
    })
}

/// Everything that is required has a value (RFC 7643 §7, `required`; §6 for extensions). An extension may come to
/// require more after resources have it: what a resource lacked in the extension `before` is not asked for now.
pub(super) fn required(
    schema: &ResourceSchema,
    before: &Map<String, Value>,
    attributes: &Map<String, Value>,
) -> Result<(), ScimError> {
    let lacked = |extension: Option<&str>, name: &str| {
        extension.is_some_and(|urn| before.contains_key(urn)) && member(before, extension, name).is_none()
    };
    let needed = |attribute: &&(Option<&str>, &Attribute)| {
        let (extension, attribute) = attribute;
        let writable = matches!(attribute.mutability, Mutability::ReadWrite | Mutability::Immutable);
        let applies =
            extension.is_none_or(|urn| attributes.contains_key(urn) || extension_required(schema, urn));
        attribute.required && writable && applies && !lacked(*extension, &attribute.name)
    };
    let missing = schema
        .attributes()
        .filter(|attribute| needed(&attribute))
        .find(|(extension, attribute)| member(attributes, *extension, &attribute.name).is_none());
    if let Some((extension, attribute)) = missing {
        return Err(Place::new(extension, &attribute.name).invalid("is required and must not be empty"));
    }
    let extensions = schema.resource_type.schema_extensions.iter();
    match extensions
        .filter(|extension| extension.required)
        .find(|extension| !attributes.contains_key(&extension.schema))
    {
        Some(missing) => Err(Place::new(None, &missing.schema).invalid("is required")),
        None => Ok(()),
    }
}

/// The value of a top-level attribute or of an extension's.
pub(super) fn member<'a>(
    attributes: &'a Map<String, Value>,
    extension: Option<&str>,
    name: &str,
) -> Option<&'a Value> {
    match extension {
        Some(urn) => attributes.get(urn)?.get(name),
        None => attributes.get(name),
    }
}

/// Sets a top-level attribute or an extension's; makes the extension's object if it is the first there.
pub(super) fn set_member(
    attributes: &mut Map<String, Value>,
    extension: Option<&str>,
    name: &str,
    value: Value,
) {
    match extension {
        Some(urn) => {
            let object = attributes.entry(urn).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(object) = object {
                object.insert(name.to_owned(), value);
            }
        }
        None => {
            attributes.insert(name.to_owned(), value);
        }
    }
}

struct BodyReader<'s> {
    schema: &'s ResourceSchema,
    reader: Reader,
    seen: HashSet<(Option<&'s str>, &'s str)>,
    attributes: Map<String, Value>,
    password: Option<Secret>,
    /// What the body has in `schemas`.
    listed: Vec<String>,
}

impl<'s> BodyReader<'s> {
    fn attribute(
        &mut self,
        extension: Option<&'s str>,
        attribute: &'s Attribute,
        value: Value,
    ) -> Result<(), ScimError> {
        let place = Place::new(extension, &attribute.name);
        if !self.seen.insert((extension, &attribute.name)) {
            return Err(twice(place));
        }
        // RFC 7644 §3.3 and §3.5.1: a value for something readOnly is ignored, whatever it is.
        if attribute.mutability == Mutability::ReadOnly {
            return Ok(());
        }
        let Some(value) = self.reader.attribute(place, attribute, value)? else {
            return Ok(());
        };
        match (extension, attribute.name.as_str(), value) {
            (None, SCHEMAS, Value::Array(urns)) => {
                self.listed = urns.into_iter().filter_map(into_text).collect()
            }
            (None, PASSWORD, value) => self.password = into_text(value).map(Secret::new),
            (extension, name, value) => set_member(&mut self.attributes, extension, name, value),
        }
        Ok(())
    }

    fn extension(&mut self, urn: &'s str, value: Value) -> Result<(), ScimError> {
        let object = match value {
            Value::Object(object) => object,
            Value::Null => return Ok(()),
            blank if self.reader.lenient() && is_blank(&blank) => return Ok(()),
            other => return Err(Place::new(None, urn).must_be("an object", &other)),
        };
        for (name, value) in object {
            match self.schema.attribute(Some(urn), &name) {
                Some((extension, attribute)) => self.attribute(extension, attribute, value)?,
                // Some clients give each extension a `schemas` of its own, which says nothing new.
                None if self.reader.lenient() && name.eq_ignore_ascii_case("schemas") => {}
                None => self.reader.unknown(Place::new(Some(urn), &name))?,
            }
        }
        Ok(())
    }
}

/// Strict reading: `schemas` is there, names the resource type's own schema and every extension that the body has, and
/// nothing else (RFC 7643 §3, `schemas`; RFC 7644 §3.1).
fn listed(
    schema: &ResourceSchema,
    listed: &[String],
    attributes: &Map<String, Value>,
) -> Result<(), ScimError> {
    let place = Place::new(None, SCHEMAS);
    let lists = |urn: &str| listed.iter().any(|listed| listed.eq_ignore_ascii_case(urn));
    let own = schema.core.id.as_str();
    if !lists(own) {
        return Err(place.invalid(format_args!("is required and must contain '{own}'")));
    }
    let known = |urn: &&String| urn.eq_ignore_ascii_case(own) || schema.extension(urn).is_some();
    if let Some(position) = listed.iter().position(|urn| !known(&urn)) {
        let place = place.element(position + 1);
        return Err(place.invalid(format_args!("is not a schema of {}", schema.resource_type.name)));
    }
    match schema
        .extensions
        .iter()
        .find(|extension| attributes.contains_key(&extension.id) && !lists(&extension.id))
    {
        Some(extension) => {
            Err(place.invalid(format_args!("must contain '{}', which the body has", extension.id)))
        }
        None => Ok(()),
    }
}

fn extension_required(schema: &ResourceSchema, urn: &str) -> bool {
    schema
        .resource_type
        .schema_extensions
        .iter()
        .any(|extension| extension.required && extension.schema == urn)
}

fn into_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

//! The copy of a resource's attributes that a PATCH works on.

use serde_json::{Map, Value};

use super::target::{AttributeTarget, Target};
use super::{Write, object, remove, required_value, values};
use crate::scim::error::ScimError;
use crate::scim::message::PatchOperation;
use crate::scim::schema::validate::Secret;
use crate::scim::schema::{AttributeMap, Mutability, ResourceSchema, Schema};

/// The one writeOnly attribute of RFC 7643 §4.1.1.
const PASSWORD: &str = "password";

/// The most attributes that one PATCH writes, and values that it lists for removal. Each may have to look at every element
/// of an attribute, and a body has room for very many.
const WRITES: usize = 5000;

/// See the module.
pub(super) struct Document<'s> {
    schema: &'s ResourceSchema,
    resource_id: &'s str,
    attributes: Map<String, Value>,
    writes: usize,
}

impl<'s> Document<'s> {
    pub fn new(schema: &'s ResourceSchema, resource_id: &'s str, current: &AttributeMap) -> Self {
        Self { schema, resource_id, attributes: current.as_map().clone(), writes: 0 }
    }

    /// The attributes, and the password apart from them.
    pub fn into_parts(self) -> (Map<String, Value>, Option<Secret>) {
        let mut attributes = self.attributes;
        let password = match attributes.shift_remove(PASSWORD) {
            Some(Value::String(text)) if !text.is_empty() => Some(Secret::new(text)),
            _ => None,
        };
        (attributes, password)
    }

    /// Applies one operation. After an error the document is of no use any more.
    pub fn perform(&mut self, operation: &PatchOperation) -> Result<(), ScimError> {
        match (Write::of(operation.op), operation.path.as_deref()) {
            (Some(write), Some(path)) => {
                let value = required_value(write, operation)?.clone();
                match Target::parse(self.schema, path)? {
                    Target::Extension(extension) => self.write_extension(write, extension, value),
                    Target::Attribute(target) => self.write(write, &target, value),
                }
            }
            (Some(write), None) => self.write_resource(write, required_value(write, operation)?),
            (None, Some(path)) => match Target::parse(self.schema, path)? {
                Target::Extension(extension) => self.remove_extension(extension),
                Target::Attribute(target) => self.remove(&target, operation.value.as_ref()),
            },
            // RFC 7644 §3.5.2.2
            (None, None) => Err(ScimError::no_target("'remove' needs a 'path'.")),
        }
    }

    /// Without a path the value holds attributes (RFC 7644 §3.5.2.1, §3.5.2.3). Its keys may be paths too.
    fn write_resource(&mut self, write: Write, value: &Value) -> Result<(), ScimError> {
        let Value::Object(members) = value else {
            return Err(ScimError::invalid_value(format!(
                "'{}' without a 'path' needs an object of attributes as its 'value'.",
                write.name()
            )));
        };
        for (key, value) in members {
            if self.is_envelope(key, value)? {
                continue;
            }
            match Target::parse(self.schema, key)? {
                Target::Extension(extension) => self.write_extension(write, extension, value.clone())?,
                Target::Attribute(target) => self.write(write, &target, value.clone())?,
            }
        }
        Ok(())
    }

    /// Whether `key` is one of the attributes that clients send back with the rest of a resource, and that a PATCH
    /// passes over: `schemas`, `meta`, and the resource's own `id`.
    fn is_envelope(&self, key: &str, value: &Value) -> Result<bool, ScimError> {
        if key.eq_ignore_ascii_case("schemas") || key.eq_ignore_ascii_case("meta") {
            return Ok(true);
        }
        if !key.eq_ignore_ascii_case("id") {
            return Ok(false);
        }
        if value.as_str() == Some(self.resource_id) {
            return Ok(true);
        }
        Err(ScimError::mutability("'id' is readOnly; leave it out, or send the resource's own."))
    }

    /// An extension behaves as a complex attribute: what is given is written, the rest stays.
    fn write_extension(
        &mut self,
        write: Write,
        extension: &'s Schema,
        value: Value,
    ) -> Result<(), ScimError> {
        match value {
            Value::Null => self.remove_extension(extension),
            Value::Object(members) => {
                for (key, value) in members {
                    // Some clients give each extension a `schemas` of its own, which says nothing new.
                    if key.eq_ignore_ascii_case("schemas") && extension.attribute("schemas").is_none() {
                        continue;
                    }
                    let target = AttributeTarget::parse_within(self.schema, extension, &key)?;
                    self.write(write, &target, value)?;
                }
                Ok(())
            }
            _ => Err(ScimError::invalid_value(format!(
                "'{}' needs an object of its attributes.",
                extension.id
            ))),
        }
    }

    fn write(&mut self, write: Write, target: &AttributeTarget<'_>, value: Value) -> Result<(), ScimError> {
        // Which schemas a resource has follows from its attributes; clients add the URN beside them.
        if is_schemas(target) {
            return Ok(());
        }
        target.check_writable()?;
        self.count(1)?;
        let schema = self.schema;
        self.update(target, |current| {
            let next = if target.resolved.attribute.multi_valued {
                values::write(schema, target, elements(current), value, write).map(array)?
            } else {
                object::write_single(schema, target.resolved, current, value, write)?
            };
            match next {
                None if target.resolved.attribute.required => {
                    Err(ScimError::invalid_value(format!("'{target}' is required and cannot be cleared.")))
                }
                next => Ok(next),
            }
        })
    }

    fn remove(&mut self, target: &AttributeTarget<'_>, listed: Option<&Value>) -> Result<(), ScimError> {
        if is_schemas(target) {
            return Err(ScimError::mutability(
                "'schemas' follows the attributes; remove an extension by its URN as the path.",
            ));
        }
        target.check_writable()?;
        let attribute = target.resolved.attribute;
        if attribute.mutability == Mutability::WriteOnly {
            return Err(ScimError::mutability(format!("'{target}' can be replaced but not removed.")));
        }
        self.count(listed.and_then(Value::as_array).map_or(1, Vec::len))?;
        self.update(target, |current| {
            let next = if attribute.multi_valued {
                remove::from_values(target, elements(current), listed).map(array)?
            } else {
                remove::from_single(target, current)?
            };
            match next {
                // RFC 7644 §3.5.2.2
                None if attribute.required => {
                    Err(ScimError::mutability(format!("'{target}' is required and cannot be removed.")))
                }
                next => Ok(next),
            }
        })
    }

    fn count(&mut self, writes: usize) -> Result<(), ScimError> {
        self.writes += writes;
        if self.writes > WRITES {
            return Err(ScimError::invalid_value(format!(
                "a PATCH must not set more than {WRITES} attributes or remove more than {WRITES} values."
            )));
        }
        Ok(())
    }

    fn remove_extension(&mut self, extension: &Schema) -> Result<(), ScimError> {
        let urn = &extension.id;
        let mut listed = self.schema.resource_type.schema_extensions.iter();
        if listed.any(|listed| listed.required && listed.schema.eq_ignore_ascii_case(urn)) {
            return Err(ScimError::mutability(format!("'{urn}' is required and cannot be removed.")));
        }
        let present = |name: &str| self.attributes.get(urn).and_then(|holder| holder.get(name));
        let fixed = extension.attributes.iter().find(|attribute| {
            attribute.mutability == Mutability::Immutable && present(&attribute.name).is_some()
        });
        if let Some(attribute) = fixed {
            return Err(object::immutable(format_args!("{urn}:{}", attribute.name)));
        }
        self.attributes.shift_remove(urn);
        Ok(())
    }

    /// Puts what `change` makes of the attribute's value in the value's place.
    fn update(
        &mut self,
        target: &AttributeTarget<'_>,
        change: impl FnOnce(Option<Value>) -> Result<Option<Value>, ScimError>,
    ) -> Result<(), ScimError> {
        let attribute = target.resolved.attribute;
        let Some(holder) = self.holder(target.resolved.extension) else {
            return Ok(());
        };
        let kept = match attribute.mutability {
            Mutability::Immutable => holder.get(&attribute.name).cloned(),
            _ => None,
        };
        let mut next = change(holder.get_mut(&attribute.name).map(Value::take))?;
        if let Some(kept) = kept {
            if !next.as_ref().is_some_and(|next| object::equal(attribute, &kept, next)) {
                return Err(object::immutable(target));
            }
            next = Some(kept);
        }
        match next {
            Some(value) => holder.insert(attribute.name.clone(), value),
            None => holder.shift_remove(&attribute.name),
        };
        if let Some(urn) = target.resolved.extension
            && self.attributes.get(urn).and_then(Value::as_object).is_some_and(Map::is_empty)
        {
            self.attributes.shift_remove(urn);
        }
        Ok(())
    }

    /// The object that holds the attribute: the document, or an extension's object.
    fn holder(&mut self, extension: Option<&str>) -> Option<&mut Map<String, Value>> {
        match extension {
            None => Some(&mut self.attributes),
            Some(urn) => {
                self.attributes.entry(urn).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
            }
        }
    }
}

fn is_schemas(target: &AttributeTarget<'_>) -> bool {
    target.resolved.extension.is_none() && target.resolved.attribute.name == "schemas"
}

fn elements(value: Option<Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(elements)) => elements,
        Some(single) => vec![single],
    }
}

fn array(elements: Vec<Value>) -> Option<Value> {
    if elements.is_empty() { None } else { Some(Value::Array(elements)) }
}

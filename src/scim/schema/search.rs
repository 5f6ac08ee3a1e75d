//! The search document: attributes in the form in which values compare, so that SQL and the evaluator read the same.

use serde_json::{Map, Value};

use super::attributes::AttributeMap;
use super::datetime::parse_datetime;
use super::definition::{Attribute, AttributeType, Mutability, Returned, Schema};
use super::resource_type::ResourceSchema;
use crate::scim::fold::fold_unless;

/// The attributes with every value normalised, and without those that nobody may ask for (writeOnly, or returned never:
/// a filter would tell what an answer must not).
pub fn search_document(schema: &ResourceSchema, attributes: &AttributeMap) -> Map<String, Value> {
    let mut document = Map::new();
    for (name, value) in attributes.as_map() {
        let normalised = match (schema.extension(name), value) {
            (Some(extension), Value::Object(object)) => {
                Some(Value::Object(extension_document(extension, object)))
            }
            _ => schema.attribute(None, name).and_then(|(_, attribute)| searchable(attribute, value)),
        };
        if let Some(normalised) = normalised {
            document.insert(name.clone(), normalised);
        }
    }
    document
}

/// A value in the form in which it compares: strings folded unless the attribute is caseExact (RFC 7643 §2.2), and
/// date-times as UTC milliseconds (RFC 7644 §3.4.2.2). Goes into arrays and complex values; idempotent.
pub fn normalise(attribute: &Attribute, value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(|element| normalise(attribute, element)).collect(),
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter_map(|(name, value)| {
                    let sub_attribute = attribute.sub_attribute(name)?;
                    Some((sub_attribute.name.clone(), searchable(sub_attribute, value)?))
                })
                .collect(),
        ),
        Value::String(text) => normalised_text(attribute, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn extension_document(extension: &Schema, object: &Map<String, Value>) -> Map<String, Value> {
    object
        .iter()
        .filter_map(|(name, value)| {
            let attribute = extension.attribute(name)?;
            Some((attribute.name.clone(), searchable(attribute, value)?))
        })
        .collect()
}

fn searchable(attribute: &Attribute, value: &Value) -> Option<Value> {
    let hidden = attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never;
    (!hidden).then(|| normalise(attribute, value))
}

fn normalised_text(attribute: &Attribute, text: &str) -> Value {
    match attribute.kind {
        // Base64 is compared as it stands: the table of RFC 7644 §3.4.2.2 knows no other order for it.
        AttributeType::Binary => Value::from(text),
        AttributeType::DateTime => match parse_datetime(text) {
            Some(ms) => Value::from(ms),
            None => Value::from(text),
        },
        _ => Value::from(fold_unless(attribute.case_exact, text)),
    }
}

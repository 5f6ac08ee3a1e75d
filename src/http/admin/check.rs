//! A body against the schema that the OpenAPI document gives for it: every problem at once, each with its place.
//!
//! poem-openapi stops at the first problem and passes over what it does not know. What is checked here is read out of the
//! same schema that is published, so the two cannot differ.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::Value;

use crate::provisioning::directory::Problem;

/// The code of a field that is not in the schema.
pub const UNKNOWN: &str = "unknown";

/// A type's schema, with those that it refers to.
struct Published {
    root: MetaSchemaRef,
    registry: Registry,
}

static PUBLISHED: LazyLock<RwLock<HashMap<TypeId, Arc<Published>>>> = LazyLock::new(RwLock::default);

/// Everything about `value` that the published schema of `T` does not allow.
pub fn problems<T: Type + 'static>(value: &Value) -> Vec<Problem> {
    let published = published::<T>();
    let mut found = Vec::new();
    published.check(&published.root, value, &mut String::new(), &mut found);
    found
}

fn published<T: Type + 'static>() -> Arc<Published> {
    let id = TypeId::of::<T>();
    if let Some(known) = PUBLISHED.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Arc::clone(known);
    }
    let mut registry = Registry::new();
    T::register(&mut registry);
    let made = Arc::new(Published { root: T::schema_ref(), registry });
    let mut all = PUBLISHED.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(id).or_insert(made))
}

impl Published {
    fn schema<'s>(&'s self, reference: &'s MetaSchemaRef) -> Option<&'s MetaSchema> {
        match reference {
            MetaSchemaRef::Inline(schema) => Some(schema),
            MetaSchemaRef::Reference(name) => self.registry.schemas.get(name),
        }
    }

    fn check(&self, reference: &MetaSchemaRef, value: &Value, place: &mut String, found: &mut Vec<Problem>) {
        let Some(schema) = self.schema(reference) else { return };
        if value.is_null() && schema.nullable {
            return;
        }
        // A reference with something said beside it is published as `allOf`.
        for part in &schema.all_of {
            let before = found.len();
            self.check(part, value, place, found);
            if found.len() > before {
                return;
            }
        }
        if let Some(expected) = mistyped(schema.ty, value) {
            found.push(Problem::new(place, "type", format!("has to be {expected}")));
            return;
        }
        if !schema.enum_items.is_empty() && !schema.enum_items.contains(value) {
            let words: Vec<String> = schema.enum_items.iter().map(Value::to_string).collect();
            found.push(Problem::new(place, "enum", format!("has to be one of {}", words.join(", "))));
            return;
        }
        match value {
            Value::Object(object) => self.check_object(schema, object, place, found),
            Value::Array(array) => self.check_array(schema, array, place, found),
            Value::String(text) => check_text(schema, text, place, found),
            Value::Number(number) => check_number(schema, number.as_f64(), place, found),
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn check_object(
        &self,
        schema: &MetaSchema,
        object: &serde_json::Map<String, Value>,
        place: &mut String,
        found: &mut Vec<Problem>,
    ) {
        for name in schema.required.iter().filter(|name| !object.contains_key(**name)) {
            within(place, name, |place| found.push(Problem::new(place, "required", "is required")));
        }
        for (name, value) in object {
            let property =
                schema.properties.iter().find(|(known, _)| known == name).map(|(_, schema)| schema);
            within(place, name, |place| match (property, &schema.additional_properties) {
                (Some(property), _) => self.check(property, value, place, found),
                (None, Some(any)) => self.check(any, value, place, found),
                (None, None) if schema.properties.is_empty() => {}
                (None, None) => found.push(Problem::new(place, UNKNOWN, "is not known here")),
            });
        }
    }

    fn check_array(
        &self,
        schema: &MetaSchema,
        array: &[Value],
        place: &mut String,
        found: &mut Vec<Problem>,
    ) {
        if let Some(most) = schema.max_items.filter(|most| array.len() > *most) {
            found.push(Problem::new(place, "too_many", format!("may hold {most} elements at the most")));
            return;
        }
        if let Some(least) = schema.min_items.filter(|least| array.len() < *least) {
            found.push(Problem::new(place, "too_few", format!("has to hold at least {least} elements")));
        }
        if let Some(items) = &schema.items {
            for (position, value) in array.iter().enumerate() {
                within(place, &position.to_string(), |place| self.check(items, value, place, found));
            }
        }
    }
}

/// Runs `then` with one more step of a JSON pointer (RFC 6901 §3).
fn within(place: &mut String, step: &str, then: impl FnOnce(&mut String)) {
    let length = place.len();
    place.push('/');
    place.push_str(&step.replace('~', "~0").replace('/', "~1"));
    then(place);
    place.truncate(length);
}

/// What was expected instead of this value's JSON type.
fn mistyped(expected: &str, value: &Value) -> Option<&'static str> {
    let (fits, words) = match expected {
        "string" => (value.is_string(), "a string"),
        "boolean" => (value.is_boolean(), "true or false"),
        "integer" => (value.is_i64() || value.is_u64(), "a whole number"),
        "number" => (value.is_number(), "a number"),
        "array" => (value.is_array(), "an array"),
        "object" => (value.is_object(), "an object"),
        _ => return None,
    };
    (!fits).then_some(words)
}

fn check_text(schema: &MetaSchema, text: &str, place: &str, found: &mut Vec<Problem>) {
    let length = text.chars().count();
    if let Some(most) = schema.max_length.filter(|most| length > *most) {
        found.push(Problem::new(place, "too_long", format!("may have {most} characters at the most")));
    }
    if let Some(least) = schema.min_length.filter(|least| length < *least) {
        let characters = if least == 1 { "character" } else { "characters" };
        found.push(Problem::new(place, "too_short", format!("has to have at least {least} {characters}")));
    }
    if text.contains('\0') {
        found.push(Problem::new(place, "invalid_character", "must not contain U+0000"));
    }
    if schema.format == Some("uuid") && uuid::Uuid::try_parse(text).is_err() {
        found.push(Problem::new(place, "format", "has to be a UUID"));
    }
}

fn check_number(schema: &MetaSchema, number: Option<f64>, place: &str, found: &mut Vec<Problem>) {
    let Some(number) = number else { return };
    if let Some(most) = schema.maximum.filter(|most| number > *most) {
        found.push(Problem::new(place, "too_large", format!("may be {most} at the most")));
    }
    if let Some(least) = schema.minimum.filter(|least| number < *least) {
        found.push(Problem::new(place, "too_small", format!("has to be at least {least}")));
    }
}

//! The OpenAPI document, with what poem-openapi leaves out of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What every string of a request's body matches: U+0000 is refused everywhere.
const NO_NUL: &str = r"^[^\x00]*$";

/// What a list's `next_cursor` looks like.
const CURSOR: &str = "^[0-9a-f]{32}$";

/// What the types of bodies cannot say about fields that stand together: who signs in has one name, and a password policy
/// is a preset alone or says how long a password has to be.
const TOGETHER: [(&str, &str); 2] = [
    ("Login", r#"[{ "required": ["user_name"] }, { "required": ["email"] }]"#),
    (
        "NewPasswordPolicy",
        r#"[{ "required": ["preset"], "maxProperties": 1 }, { "required": ["min_length"], "not": { "required": ["preset"] } }]"#,
    ),
];

/// Says of every object that a request's body is made of that it takes no other properties, and of every text that it has
/// no U+0000 in it: what is refused has to be told.
pub(super) fn closed(document: &str) -> String {
    let Ok(Value::Object(mut document)) = serde_json::from_str(document) else { return document.to_owned() };
    let mut names = BTreeSet::new();
    for item in document.get("paths").and_then(Value::as_object).into_iter().flatten().map(|(_, item)| item) {
        for operation in item.as_object().into_iter().flatten().map(|(_, operation)| operation) {
            // Forms of OAuth 2.0 take what they do not know (RFC 6749 §3.2).
            if let Some(body) = operation.pointer("/requestBody/content/application~1json") {
                gather(body, &document, &mut names);
            }
        }
    }
    document.get_mut("paths").into_iter().for_each(with_cursors);
    if let Some(Value::Object(schemas)) =
        document.get_mut("components").and_then(|parts| parts.get_mut("schemas"))
    {
        for name in names {
            if let Some(Value::Object(schema)) = schemas.get_mut(&name)
                && schema.get("type").is_some_and(|kind| kind == "object")
                && schema.contains_key("properties")
            {
                schema.insert("additionalProperties".to_owned(), Value::Bool(false));
                schema.get_mut("properties").into_iter().for_each(without_nul);
            }
        }
        for (name, alternatives) in TOGETHER {
            if let Some(Value::Object(schema)) = schemas.get_mut(name)
                && let Ok(alternatives) = serde_json::from_str(alternatives)
            {
                schema.insert("oneOf".to_owned(), alternatives);
            }
        }
    }
    Value::Object(document).to_string()
}

/// Says of every parameter `cursor` what one looks like, where nothing is said of it yet.
fn with_cursors(part: &mut Value) {
    match part {
        Value::Object(object) if object.get("name").is_some_and(|name| name == "cursor") => {
            if let Some(Value::Object(schema)) = object.get_mut("schema") {
                schema.entry("pattern").or_insert_with(|| Value::from(CURSOR));
            }
        }
        Value::Object(object) => object.values_mut().for_each(with_cursors),
        Value::Array(array) => array.iter_mut().for_each(with_cursors),
        _ => {}
    }
}

/// Gives every string in a schema's properties its pattern, where it has none of its own.
fn without_nul(part: &mut Value) {
    match part {
        Value::Object(object) => {
            let bound = ["pattern", "format", "enum"].iter().any(|name| object.contains_key(*name));
            if object.get("type").is_some_and(|kind| kind == "string") && !bound {
                object.insert("pattern".to_owned(), Value::from(NO_NUL));
            }
            object.values_mut().for_each(without_nul);
        }
        Value::Array(array) => array.iter_mut().for_each(without_nul),
        _ => {}
    }
}

/// The names of the schemas that a part of the document refers to, those that they refer to included.
fn gather(part: &Value, document: &Map<String, Value>, names: &mut BTreeSet<String>) {
    match part {
        Value::Object(object) => {
            if let Some(name) = object
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|path| path.strip_prefix("#/components/schemas/"))
                && names.insert(name.to_owned())
                && let Some(schema) =
                    document.get("components").and_then(|parts| parts.get("schemas")?.get(name))
            {
                gather(schema, document, names);
            }
            object.values().for_each(|value| gather(value, document, names));
        }
        Value::Array(array) => array.iter().for_each(|value| gather(value, document, names)),
        _ => {}
    }
}

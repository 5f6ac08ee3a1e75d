//! The OpenAPI document, with what poem-openapi leaves out of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Says of every object that a request's body is made of that it takes no other properties: unknown ones are refused.
pub(super) fn closed(document: &str) -> String {
    let Ok(Value::Object(mut document)) = serde_json::from_str(document) else { return document.to_owned() };
    let mut names = BTreeSet::new();
    for item in document.get("paths").and_then(Value::as_object).into_iter().flatten().map(|(_, item)| item) {
        for operation in item.as_object().into_iter().flatten().map(|(_, operation)| operation) {
            if let Some(body) = operation.get("requestBody") {
                gather(body, &document, &mut names);
            }
        }
    }
    if let Some(Value::Object(schemas)) =
        document.get_mut("components").and_then(|parts| parts.get_mut("schemas"))
    {
        for name in names {
            if let Some(Value::Object(schema)) = schemas.get_mut(&name)
                && schema.get("type").is_some_and(|kind| kind == "object")
                && schema.contains_key("properties")
            {
                schema.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
    }
    Value::Object(document).to_string()
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

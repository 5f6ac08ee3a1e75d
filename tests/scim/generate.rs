//! Bodies of users for property tests, made from the schema itself.

use proptest::collection::{hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use provost::scim::schema::{Attribute, AttributeType, Mutability, ResourceSchema, SchemaSet};
use serde_json::{Map, Value, json};

/// A user with any of the writable attributes, written as the schema writes them, with values that are all different.
pub fn user() -> BoxedStrategy<Map<String, Value>> {
    let set = SchemaSet::built_in();
    let core = object(&set.user().core.attributes, true);
    let extension = object(&set.user().extensions[0].attributes, false);
    let urn = set.user().extensions[0].id.clone();
    (core, option::of(text()), extension)
        .prop_map(move |(mut body, external_id, extension)| {
            body.extend(external_id.map(|id| ("externalId".to_owned(), Value::String(id))));
            if !extension.is_empty() {
                body.insert(urn.clone(), Value::Object(extension));
            }
            body
        })
        .boxed()
}

/// Names of a user's attributes over whatever JSON.
pub fn anything_under_user_names() -> BoxedStrategy<Map<String, Value>> {
    let set = SchemaSet::built_in();
    let names = names(set.user());
    let schemas = json!([set.user().core.id, set.user().extensions[0].id]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text().prop_map(Value::from),
        prop::sample::select(vec!["", " ", "Work", "work", "a@B.c"]).prop_map(Value::from),
    ];
    let keys = prop::sample::select(names);
    let json = leaf.prop_recursive(3, 24, 5, {
        let keys = keys.clone();
        move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                hash_map(keys.clone(), inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        }
    });
    (text(), hash_map(keys, json, 0..5))
        .prop_map(move |(user_name, members)| {
            let mut body: Map<String, Value> = members.into_iter().collect();
            body.insert("userName".to_owned(), Value::String(user_name));
            body.insert("schemas".to_owned(), schemas.clone());
            body
        })
        .boxed()
}

/// The same document with the case of its names changed where `flips` says so.
pub fn recased(value: &Value, flips: &mut impl Iterator<Item = bool>) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (flip_case(name, flips), recased(value, flips))).collect(),
        ),
        Value::Array(elements) => elements.iter().map(|element| recased(element, flips)).collect(),
        other => other.clone(),
    }
}

fn flip_case(name: &str, flips: &mut impl Iterator<Item = bool>) -> String {
    name.chars()
        .zip(flips)
        .map(|(letter, upper)| if upper { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() })
        .collect()
}

/// Some of the writable attributes; those that are required always.
fn object(attributes: &[Attribute], with_required: bool) -> BoxedStrategy<Map<String, Value>> {
    let members: Vec<BoxedStrategy<Option<(String, Value)>>> = attributes
        .iter()
        .filter(|attribute| matches!(attribute.mutability, Mutability::ReadWrite | Mutability::Immutable))
        .map(|attribute| {
            let name = attribute.name.clone();
            let member = value(attribute).prop_map(move |value| (name.clone(), value));
            if attribute.required && with_required {
                member.prop_map(Some).boxed()
            } else {
                option::of(member).boxed()
            }
        })
        .collect();
    members
        .prop_map(|members| members.into_iter().flatten().filter(|(_, value)| !is_empty(value)).collect())
        .boxed()
}

fn value(attribute: &Attribute) -> BoxedStrategy<Value> {
    if attribute.multi_valued {
        let single = Attribute { multi_valued: false, ..attribute.clone() };
        let elements = vec(value(&single), 0..4);
        return elements.prop_map(move |elements| Value::Array(told_apart(&single, elements))).boxed();
    }
    match attribute.kind {
        AttributeType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        AttributeType::Complex => object(&attribute.sub_attributes, false).prop_map(Value::Object).boxed(),
        AttributeType::Binary => "[A-Za-z0-9+/]{4}".prop_map(Value::from).boxed(),
        _ if attribute.canonical_values.is_empty() => text().prop_map(Value::from).boxed(),
        _ => prop_oneof![
            prop::sample::select(attribute.canonical_values.clone()),
            text().prop_map(|text| format!("own {text}")),
        ]
        .prop_map(Value::from)
        .boxed(),
    }
}

/// Makes elements that could be taken for one another different, and one of them primary at most.
fn told_apart(attribute: &Attribute, elements: Vec<Value>) -> Vec<Value> {
    // Addresses have no `value`.
    let name = if attribute.sub_attribute("value").is_some() { "value" } else { "formatted" };
    let elements = elements.into_iter().enumerate();
    elements
        .map(|(number, mut element)| {
            element[name] = json!(format!("AAA{number}"));
            if number > 0 && element.get("primary").is_some() {
                element["primary"] = json!(false);
            }
            element
        })
        .collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// At least one character that is no space.
fn text() -> impl Strategy<Value = String> + Clone {
    "[!-~äöüÅßéИ漢🦀][ -~äöüÅßéИ漢🦀]{0,12}"
}

fn names(schema: &ResourceSchema) -> Vec<String> {
    let mut names = vec!["externalId".to_owned(), "unknown".to_owned()];
    for (extension, attribute) in schema.attributes() {
        names.extend(extension.map(str::to_owned));
        names.push(attribute.name.clone());
        names.extend(attribute.sub_attributes.iter().map(|sub| sub.name.clone()));
    }
    names.sort();
    names.dedup();
    names
}

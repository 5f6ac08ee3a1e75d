//! Filters (RFC 7644 §3.4.2.2).

mod elements;
mod errors;
mod evaluate;
pub mod generate;
mod operators;
mod parse;
mod properties;
mod resolve;
mod sort;

use std::sync::Arc;

use provost::scim::filter::Filter;
use provost::scim::schema::search::{normalise, search_document};
use provost::scim::schema::{Attribute, AttributeMap, ResourceSchema, Schema, SchemaSet};
use serde_json::{Map, Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn user() -> Arc<ResourceSchema> {
    Arc::clone(SchemaSet::built_in().user())
}

fn filter(text: &str) -> Filter {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A user whose schema has these attributes instead.
fn user_with(attributes: Vec<Attribute>) -> ResourceSchema {
    let user = user();
    let core = Arc::new(Schema { attributes, ..Schema::clone(&user.core) });
    ResourceSchema { core, ..ResourceSchema::clone(&user) }
}

/// An attribute of this type; `changes` are to what is usual.
fn attribute(name: &str, kind: &str, changes: Value) -> Attribute {
    let mut attribute = json!({
        "name": name, "type": kind, "multiValued": false, "description": "", "required": false, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        attribute[name] = value.clone();
    }
    serde_json::from_value(attribute).unwrap()
}

/// Whether `text` matches a resource with these attributes.
fn matches(schema: &ResourceSchema, attributes: Value, text: &str) -> bool {
    let valid = filter(text).resolve(schema).unwrap_or_else(|error| panic!("{text}: {error}"));
    valid.matches(&document(schema, attributes))
}

/// The search document of a resource, with `schemas`, `id` and `meta` as the storage adds them.
fn document(schema: &ResourceSchema, attributes: Value) -> Map<String, Value> {
    let Value::Object(mut attributes) = attributes else { panic!("{attributes} is no object") };
    let mut added = Map::new();
    for name in ["schemas", "id", "meta"] {
        if let (Some(value), Some(attribute)) = (attributes.remove(name), schema.common.attribute(name)) {
            added.insert(name.to_owned(), normalise(attribute, &value));
        }
    }
    let mut document = search_document(schema, &AttributeMap::from_stored(attributes));
    document.extend(added);
    document
}

/// What the and the RFC's examples look for.
fn jensen() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "externalId": "701984",
        "userName": "bJensen@example.com",
        "name": { "formatted": "Barbara O'Malley", "familyName": "O'Malley", "givenName": "Barbara" },
        "title": "Tour Guide",
        "userType": "Employee",
        "active": true,
        "emails": [
            { "value": "bjensen@example.com", "type": "work", "primary": true },
            { "value": "babs@jensen.org", "type": "home" },
        ],
        "ims": [{ "value": "bj@foo.com", "type": "xmpp" }],
        "addresses": [{ "type": "work", "locality": "Hollywood" }],
        "x509Certificates": [{ "value": "MIIDQzCC" }],
        "meta": { "resourceType": "User", "lastModified": "2011-05-13T06:42:34.500+02:00" },
        ENTERPRISE: { "department": "Tours", "manager": { "value": "Boss-1", "displayName": "J. Smith" } },
    })
}

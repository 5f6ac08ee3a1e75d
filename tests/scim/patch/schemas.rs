//! A resource type with what the built-in ones lack: immutable attributes, simple multi-valued ones, required parts.

use std::sync::Arc;

use provost::scim::schema::{ResourceSchema, ResourceType, Schema, SchemaSet};
use serde_json::{Value, json};

pub const BADGE: &str = "urn:example:schemas:2.0:Badge";

pub fn device() -> ResourceSchema {
    let core = schema(
        "urn:example:schemas:2.0:Device",
        vec![
            attribute("name", json!({"required": true})),
            attribute("serial", json!({"mutability": "immutable"})),
            attribute("tags", json!({"multiValued": true})),
            attribute("keys", json!({"multiValued": true, "mutability": "immutable"})),
            attribute("ports", json!({"multiValued": true, "type": "integer"})),
            attribute("installed", json!({"multiValued": true, "type": "dateTime"})),
            attribute(
                "site",
                json!({"type": "complex", "subAttributes": [
                    attribute("building", json!({"mutability": "immutable"})),
                    attribute("room", json!({})),
                    attribute("doors", json!({"multiValued": true})),
                ]}),
            ),
            attribute(
                "parts",
                json!({"type": "complex", "multiValued": true, "subAttributes": [
                    attribute("value", json!({"required": true})),
                    attribute("maker", json!({"mutability": "immutable"})),
                    attribute("checked", json!({"mutability": "readOnly"})),
                ]}),
            ),
            attribute("owners", json!({"multiValued": true, "required": true})),
        ],
    );
    let badge = schema(
        BADGE,
        vec![
            attribute("number", json!({"required": true})),
            attribute("color", json!({})),
            attribute("issued", json!({"type": "dateTime", "mutability": "immutable"})),
        ],
    );
    let resource_type: ResourceType = serde_json::from_value(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "Device", "name": "Device", "description": "A device.", "endpoint": "/Devices",
        "schema": core.id, "schemaExtensions": [{"schema": BADGE, "required": false}],
    }))
    .expect("a resource type");
    let common = Arc::clone(&SchemaSet::built_in().user().common);
    ResourceSchema { resource_type, common, core: Arc::new(core), extensions: vec![Arc::new(badge)] }
}

fn schema(id: &str, attributes: Vec<Value>) -> Schema {
    serde_json::from_value(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": id, "name": id, "description": id, "attributes": attributes,
    }))
    .expect("a schema")
}

fn attribute(name: &str, but: Value) -> Value {
    let mut attribute = json!({
        "name": name, "type": "string", "multiValued": false, "description": name, "required": false,
        "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    });
    for (key, value) in but.as_object().into_iter().flatten() {
        attribute[key] = value.clone();
    }
    attribute
}

//! Bodies of PUT, and the values and the outcome of a PATCH.

use provost::scim::error::{ScimError, ScimType};
use provost::scim::schema::validate::{self, Strictness};
use provost::scim::schema::{AttributeMap, Named, Resolved, ResourceSchema, SchemaSet};
use serde_json::{Value, json};

use super::{ENTERPRISE, USER, object};

/// RFC 7644 §3.5.1: a PUT clears what it lacks; readOnly is ignored; immutable stays or must be the same.
#[test]
fn replace_keeps_what_is_immutable() {
    let schema = with_badge();
    let current = json!({
        "userName": "a",
        "title": "Old",
        "badge": "B-1",
        "desk": { "floor": "3", "room": "12" },
        ENTERPRISE: { "division": "D" },
    });
    let current = AttributeMap::from_stored(object(current));
    let put = |body: Value| {
        let validated = validate::replace(&schema, &current, object(body), Strictness::Lenient)?;
        Ok::<_, ScimError>(Value::Object(validated.attributes.into_map()))
    };
    assert_eq!(
        put(json!({ "userName": "b", "groups": [], "meta": 1 })),
        Ok(json!({ "userName": "b", "badge": "B-1", "desk": { "floor": "3" } }))
    );
    assert_eq!(
        put(json!({ "userName": "b", "badge": "b-1", "desk": { "floor": "3", "room": "14" } })),
        Ok(json!({ "userName": "b", "badge": "B-1", "desk": { "floor": "3", "room": "14" } }))
    );
    let refused = |path: &str| {
        Err(ScimError::mutability(format!(
            "'{path}' is immutable: once it has a value, it cannot be changed."
        )))
    };
    assert_eq!(put(json!({ "userName": "b", "badge": "B-2" })), refused("badge"));
    assert_eq!(put(json!({ "userName": "b", "desk": { "floor": "4" } })), refused("desk.floor"));
    assert_eq!(put(json!({ "title": "New" })).unwrap_err().scim_type, ScimType::InvalidValue);
}

/// RFC 7644 §3.5.2: one attribute's value as an operation gives it.
#[test]
fn value_reads_what_a_patch_gives() {
    let read = |name: &str, value: Value| {
        let set = SchemaSet::built_in();
        validate::value(set.user(), resolved(set.user(), name), value)
    };
    assert_eq!(read("emails", json!({ "Value": "a" })), Ok(Some(json!([{ "value": "a" }]))));
    assert_eq!(
        read("emails", json!([{ "value": "a" }, "b"])),
        Ok(Some(json!([{ "value": "a" }, { "value": "b" }])))
    );
    assert_eq!(read("emails", json!([])), Ok(None));
    assert_eq!(read("emails.type", json!("WORK")), Ok(Some(json!("work"))));
    assert_eq!(read("name", json!({ "familyName": null })), Ok(None));
    assert_eq!(read("name.familyName", json!("")), Ok(None));
    assert_eq!(read("title", Value::Null), Ok(None));
    assert_eq!(read("userName", json!("  ")), Ok(None));
    assert_eq!(read("password", json!("")), Ok(None));
    assert_eq!(read("password", json!(" ")), Ok(Some(json!(" "))));
    assert_eq!(read("groups.display", json!("G")), Ok(Some(json!("G"))));
    assert_eq!(read(&format!("{ENTERPRISE}:manager"), json!("271")), Ok(Some(json!({ "value": "271" }))));
    assert_eq!(read(&format!("{ENTERPRISE}:manager"), json!("")), Ok(None));
    assert_eq!(read(&format!("{ENTERPRISE}:manager.value"), json!("")), Ok(None));
    let detail = "'emails.primary' must be a boolean (true or false), not a string.";
    assert_eq!(read("emails.primary", json!("x")), Err(ScimError::invalid_value(detail)));
}

/// RFC 7644 §3.5.2: the outcome of a PATCH holds no more than attributes, and all that is required.
#[test]
fn finish_leaves_a_valid_resource() {
    let finish = |attributes: Value| {
        let attributes =
            validate::finish(SchemaSet::built_in().user(), &AttributeMap::default(), object(attributes))?;
        Ok::<_, ScimError>(Value::Object(attributes.into_map()))
    };
    assert_eq!(
        finish(json!({
            "schemas": [USER],
            "id": "1",
            "meta": {},
            "userName": "a",
            "password": "p",
            "name": { "givenName": null },
            "emails": [{}, { "value": "a" }, { "value": "a" }],
            "roles": [],
            ENTERPRISE: { "manager": {} },
        })),
        Ok(json!({ "userName": "a", "emails": [{ "value": "a" }] }))
    );
    assert_eq!(
        finish(json!({ "userName": null })),
        Err(ScimError::invalid_value("'userName' is required and must not be empty."))
    );
    assert_eq!(
        finish(
            json!({ "userName": "a", "ims": [{ "value": "a", "primary": true }, { "value": "b", "primary": true }] })
        ),
        Err(ScimError::invalid_value("'ims' must not have more than one element whose 'primary' is true."))
    );
}

fn resolved<'s>(schema: &'s ResourceSchema, name: &str) -> Resolved<'s> {
    match schema.named(name) {
        Some(Named::Attribute(resolved)) => resolved,
        other => panic!("{name} is an attribute: {other:?}"),
    }
}

/// The User resource type with an immutable attribute, and a complex one with an immutable part.
fn with_badge() -> ResourceSchema {
    let characteristics = |name: &str, kind: &str, mutability: &str| {
        json!({
            "name": name, "type": kind, "multiValued": false, "description": "For the test.", "required": false,
            "caseExact": false, "mutability": mutability, "returned": "default", "uniqueness": "none",
        })
    };
    let mut desk = characteristics("desk", "complex", "readWrite");
    desk["subAttributes"] = json!([
        characteristics("floor", "string", "immutable"),
        characteristics("room", "string", "readWrite")
    ]);
    let mut schema = ResourceSchema::clone(SchemaSet::built_in().user());
    let mut core = (*schema.core).clone();
    core.attributes.push(serde_json::from_value(characteristics("badge", "string", "immutable")).unwrap());
    core.attributes.push(serde_json::from_value(desk).unwrap());
    schema.core = core.into();
    schema
}

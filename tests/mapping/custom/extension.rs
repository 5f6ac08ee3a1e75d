//! Custom values from SCIM and to it: validation, then the definitions, and what stays unseen.

use provost::mapping::custom::{CustomAttributes, add_extension, schema_set, take_extension};
use provost::model::Audience;
use provost::scim::error::{ScimError, ScimType};
use provost::scim::message::PatchRequest;
use provost::scim::patch;
use provost::scim::schema::AttributeMap;
use provost::scim::schema::validate::{self, Strictness};
use serde_json::{Map, Value, json};

use super::{EXTENSION, SLUG, object, tenant};

fn acme() -> CustomAttributes {
    tenant([
        json!({ "name": "cost_center", "type": "string", "required": true, "pattern": "[A-Z]{2}\\d{4}" }),
        json!({ "name": "started", "type": "date" }),
        json!({ "name": "badge", "type": "integer", "mutability": "immutable" }),
        json!({ "name": "risk", "type": "number", "mutability": "read_only" }),
        json!({ "name": "notes", "type": "string", "visible_to": ["admin"] }),
    ])
}

/// What the user's custom values become with a POST, PUT or PATCH of this body.
fn post(body: Value) -> Result<Map<String, Value>, ScimError> {
    let set = schema_set(SLUG, &acme());
    let validated = validate::create(set.user(), object(body), Strictness::Strict)?;
    let (rest, values) =
        take_extension(SLUG, &acme(), None, validated.attributes).map_err(|all| ScimError::from(&all))?;
    assert_eq!(rest.as_map(), &object(json!({ "userName": "babs" })));
    Ok(values)
}

fn put(before: &Map<String, Value>, extension: Value) -> Result<Map<String, Value>, ScimError> {
    let set = schema_set(SLUG, &acme());
    let body = object(json!({ "userName": "babs", EXTENSION: extension }));
    let validated = validate::replace(set.user(), &shown(before), body, Strictness::Lenient)?;
    Ok(take_extension(SLUG, &acme(), Some(before), validated.attributes)
        .map_err(|all| ScimError::from(&all))?
        .1)
}

fn patched(before: &Map<String, Value>, operations: Value) -> Result<Map<String, Value>, ScimError> {
    let set = schema_set(SLUG, &acme());
    let request =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let operations = PatchRequest::parse(request, Strictness::Lenient)?.operations;
    let patched = patch::apply(set.user(), "1", &shown(before), &operations)?;
    Ok(take_extension(SLUG, &acme(), Some(before), patched.attributes)
        .map_err(|all| ScimError::from(&all))?
        .1)
}

fn shown(values: &Map<String, Value>) -> AttributeMap {
    let core = AttributeMap::from_stored(object(json!({ "userName": "babs" })));
    add_extension(SLUG, &acme(), values, core)
}

fn body(extension: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", EXTENSION], "userName": "babs", EXTENSION: extension })
}

fn full() -> Map<String, Value> {
    object(json!({ "cost_center": "CC1234", "started": "2026-01-31", "badge": 7, "risk": 0.5, "notes": "N" }))
}

#[test]
fn a_user_is_made() {
    assert_eq!(
        post(body(json!({ "COST_CENTER": "CC1234", "started": "2026-01-31", "risk": 9 }))),
        Ok(object(json!({ "cost_center": "CC1234", "started": "2026-01-31" })))
    );
    let refused = |detail: &str| Err(ScimError::invalid_value(detail));
    assert_eq!(
        post(body(json!({ "cost_center": "x", "started": "today" }))),
        refused(
            "'cost_center' must match the pattern [A-Z]{2}\\d{4} as a whole. \
             'started' must be a day of the calendar, such as 2026-01-31."
        )
    );
    assert_eq!(
        post(body(json!({ "started": "2026-01-31" }))),
        refused(&format!("'{EXTENSION}:cost_center' is required and must not be empty."))
    );
    assert_eq!(
        post(body(json!({ "cost_center": "CC1234", "notes": "N" }))),
        Err(ScimError::invalid_syntax(format!(
            "'{EXTENSION}:notes' is not an attribute that any schema has."
        )))
    );
}

/// RFC 7643 §6: the extension is optional.
#[test]
fn a_user_without_the_extension_is_made() {
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "babs" });
    assert_eq!(post(body), Ok(Map::new()));
}

/// What SCIM does not see or may not change stays through a PUT and a PATCH.
#[test]
fn what_is_unseen_stays() {
    let expected = object(json!({ "cost_center": "DD1234", "badge": 7, "risk": 0.5, "notes": "N" }));
    assert_eq!(put(&full(), json!({ "cost_center": "DD1234", "risk": 9 })), Ok(expected.clone()));
    let operations = json!([
        { "op": "replace", "path": format!("{EXTENSION}:cost_center"), "value": "DD1234" },
        { "op": "remove", "path": format!("{EXTENSION}:started") },
    ]);
    assert_eq!(patched(&full(), operations), Ok(expected));
}

#[test]
fn what_is_immutable_is_refused_in_scims_terms() {
    let put = put(&full(), json!({ "cost_center": "CC1234", "badge": 8 })).unwrap_err();
    let patch = json!([{ "op": "replace", "value": { EXTENSION: { "badge": 8 } } }]);
    let patched = patched(&full(), patch).unwrap_err();
    assert_eq!((put.scim_type, patched.scim_type), (ScimType::Mutability, ScimType::Mutability));
    let custom = acme().merge(&full(), object(json!({ "badge": 8 })), Audience::Scim).unwrap_err();
    assert_eq!(
        ScimError::from(&custom),
        ScimError::mutability("'badge' is immutable: once it has a value, it cannot be changed.")
    );
}

/// An attribute that became required later is not asked of those who were there before; nobody loses it any more.
#[test]
fn required_is_not_retroactive() {
    let before = object(json!({ "started": "2026-01-31" }));
    let after = object(json!({ "started": "2026-02-01" }));
    assert_eq!(put(&before, json!({ "started": "2026-02-01" })), Ok(after.clone()));
    let path = format!("{EXTENSION}:started");
    let change = json!([{ "op": "replace", "path": path, "value": "2026-02-01" }]);
    assert_eq!(patched(&before, change.clone()), Ok(after));
    // Who had nothing of the extension gets all that it requires, or none of it.
    assert_eq!(patched(&Map::new(), change).unwrap_err().scim_type, ScimType::InvalidValue);
    assert_eq!(
        put(&full(), json!({ "started": "2026-02-01" })).unwrap_err().scim_type,
        ScimType::InvalidValue
    );
    let removal = json!([{ "op": "remove", "path": format!("{EXTENSION}:cost_center") }]);
    assert_eq!(patched(&full(), removal).unwrap_err().scim_type, ScimType::Mutability);
}

/// SCIM's answer holds what SCIM may see, and no empty extension.
#[test]
fn what_is_shown() {
    let mut expected = full();
    expected.shift_remove("notes");
    assert_eq!(shown(&full()).get(EXTENSION), Some(&Value::Object(expected)));
    assert_eq!(shown(&object(json!({ "notes": "N" }))).get(EXTENSION), None);
}

//! The tenant's extension schema, and that everything which reads schemas treats it like the built-in ones.

use std::sync::Arc;

use provost::mapping::custom::{CustomAttributes, schema_set};
use provost::scim::filter::Filter;
use provost::scim::message::PatchRequest;
use provost::scim::patch;
use provost::scim::projection::Projection;
use provost::scim::schema::search::search_document;
use provost::scim::schema::validate::{self, Strictness};
use provost::scim::schema::{AttributeMap, SchemaSet};
use serde_json::{Value, json};

use super::{EXTENSION, SLUG, object, tenant};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn acme() -> CustomAttributes {
    tenant([
        json!({ "name": "cost_center", "display_name": "Cost center", "type": "string", "required": true,
                "unique": true }),
        json!({ "name": "shift", "description": "When the person works.", "type": "string", "default": "day",
                "required": true, "allowed_values": ["day", "night"] }),
        json!({ "name": "level", "type": "integer", "mutability": "immutable", "allowed_values": [1, 2, 3] }),
        json!({ "name": "rate", "type": "number", "mutability": "read_only", "required": true }),
        json!({ "name": "remote", "type": "boolean", "editable_by": ["admin", "user"] }),
        json!({ "name": "started", "type": "date" }),
        json!({ "name": "desk", "type": "reference" }),
        json!({ "name": "tags", "type": "array<string>" }),
        json!({ "name": "floors", "type": "integer", "multi_valued": true }),
        json!({ "name": "notes", "type": "string", "visible_to": ["admin", "user"] }),
    ])
}

fn set() -> Arc<SchemaSet> {
    schema_set(SLUG, &acme())
}

fn created(extension: Value) -> AttributeMap {
    let body = json!({ "userName": "babs", EXTENSION: extension });
    validate::create(set().user(), object(body), Strictness::Lenient).unwrap().attributes
}

/// RFC 7643 §7: every attribute that SCIM may see, with the characteristics that it has.
#[test]
fn the_schema_document() {
    let attribute = |name: &str, kind: &str, changes: Value| {
        let mut attribute = json!({
            "name": name, "type": kind, "multiValued": false, "description": name, "required": false,
            "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
        });
        attribute.as_object_mut().unwrap().extend(object(changes));
        attribute
    };
    let document = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": EXTENSION,
        "name": "CustomUser",
        "description": "What this tenant knows about a user besides.",
        "attributes": [
            attribute("cost_center", "string", json!({
                "description": "Cost center", "required": true, "uniqueness": "server",
            })),
            attribute("shift", "string", json!({
                "description": "When the person works.", "canonicalValues": ["day", "night"],
            })),
            attribute("level", "integer", json!({ "mutability": "immutable" })),
            attribute("rate", "decimal", json!({ "mutability": "readOnly" })),
            attribute("remote", "boolean", json!({ "mutability": "readOnly" })),
            attribute("started", "string", json!({})),
            attribute("desk", "reference", json!({ "caseExact": true, "referenceTypes": ["external"] })),
            attribute("tags", "string", json!({ "multiValued": true })),
            attribute("floors", "integer", json!({ "multiValued": true })),
        ],
    });
    assert_eq!(serde_json::to_value(&**set().schema(EXTENSION).unwrap()).unwrap(), document);
}

/// RFC 7643 §6: User has one more optional extension; everything else is what it was.
#[test]
fn the_resource_type() {
    let (set, built_in) = (set(), SchemaSet::built_in());
    let user = set.resource_type("User").unwrap();
    assert!(Arc::ptr_eq(user, set.user()));
    assert_eq!(
        serde_json::to_value(&user.resource_type.schema_extensions).unwrap(),
        json!([{ "schema": ENTERPRISE, "required": false }, { "schema": EXTENSION, "required": false }])
    );
    assert!(
        Arc::ptr_eq(set.group(), built_in.group()) && Arc::ptr_eq(&set.resource_types[1], built_in.group())
    );
    assert!(Arc::ptr_eq(&user.core, &built_in.user().core));
    assert_eq!(set.schemas.len(), built_in.schemas.len() + 1);
    assert!(built_in.schema(EXTENSION).is_none() && built_in.user().extension(EXTENSION).is_none());
}

/// A tenant without attributes that SCIM may see has the built-in schemas themselves.
#[test]
fn nothing_to_show() {
    let hidden = tenant([json!({ "name": "notes", "type": "string", "visible_to": ["admin"] })]);
    for attributes in [CustomAttributes::default(), hidden] {
        assert!(Arc::ptr_eq(&schema_set(SLUG, &attributes), &SchemaSet::built_in()));
    }
}

/// Validation: names in any case, types, canonical values, readOnly left out, `schemas` in strict reading.
#[test]
fn validation() {
    let upper = EXTENSION.to_uppercase();
    let body = json!({
        "schemas": [USER, EXTENSION],
        "userName": "babs",
        &upper: {
            "Cost_Center": "CC1", "shift": "NIGHT", "rate": 1.5, "started": "2026-01-31", "tags": ["a", "A", "b"],
            "floors": [1, 2],
        },
    });
    let validated = validate::create(set().user(), object(body), Strictness::Strict).unwrap();
    assert_eq!(
        validated.attributes.as_map(),
        &object(json!({
            "userName": "babs",
            EXTENSION: {
                "cost_center": "CC1", "shift": "night", "started": "2026-01-31", "tags": ["a", "b"], "floors": [1, 2],
            },
        }))
    );
    assert_eq!(validated.attributes.schemas(set().user()), [USER, EXTENSION]);
    let refused = |extension: Value| {
        let body = object(json!({ "userName": "babs", EXTENSION: extension }));
        validate::create(set().user(), body, Strictness::Lenient).unwrap_err().detail
    };
    assert_eq!(
        refused(json!({ "cost_center": 1 })),
        format!("'{EXTENSION}:cost_center' must be a string, not a number.")
    );
    assert_eq!(
        refused(json!({ "cost_center": "CC1", "floors": [1, "2"] })),
        format!("'{EXTENSION}:floors' (element 2) must be an integer, not a string.")
    );
    assert_eq!(
        refused(json!({ "tags": ["a"] })),
        format!("'{EXTENSION}:cost_center' is required and must not be empty.")
    );
}

/// A name that SCIM may not see is one that no schema has.
#[test]
fn what_is_hidden_is_unknown() {
    let body = json!({ "userName": "babs", EXTENSION: { "cost_center": "CC1", "notes": "N" } });
    let validated = validate::create(set().user(), object(body), Strictness::Lenient).unwrap();
    assert_eq!(validated.ignored, [format!("{EXTENSION}:notes")]);
    assert_eq!(validated.attributes.get(EXTENSION), Some(&json!({ "cost_center": "CC1" })));
    let filter: Filter = format!("{EXTENSION}:notes pr").parse().unwrap();
    assert_eq!(
        filter.resolve(set().user()).unwrap_err().detail,
        format!("'{EXTENSION}:notes' is not an attribute of User.")
    );
}

#[test]
fn projection() {
    let document = object(json!({
        "schemas": [USER, EXTENSION], "id": "1", "userName": "babs",
        EXTENSION: { "cost_center": "CC1", "tags": ["a"], "notes": "N" },
    }));
    let shown = |attributes: &str, excluded: &str| {
        let projection = Projection::parse(set().user(), &[attributes], &[excluded]).unwrap();
        let mut shown = projection.apply(set().user(), document.clone());
        (shown.shift_remove(EXTENSION).unwrap_or_default(), shown.contains_key("userName"))
    };
    let whole = json!({ "cost_center": "CC1", "tags": ["a"] });
    assert_eq!(shown("", ""), (whole.clone(), true));
    assert_eq!(shown(EXTENSION, ""), (whole, false));
    assert_eq!(shown(&format!("{EXTENSION}:TAGS"), ""), (json!({ "tags": ["a"] }), false));
    assert_eq!(shown("", &format!("{EXTENSION}:tags")), (json!({ "cost_center": "CC1" }), true));
    assert_eq!(shown("", EXTENSION), (Value::Null, true));
    assert_eq!(shown(&format!("{EXTENSION}:notes"), ""), (Value::Null, false));
}

/// Filters resolve and hold as they do on built-in attributes; days compare as their texts do.
#[test]
fn filters() {
    let attributes = created(json!({
        "cost_center": "CC1", "shift": "night", "level": 2, "started": "2026-01-31", "tags": ["a", "b"],
        "desk": "https://x.org/A", "floors": [1, 2],
    }));
    let document = search_document(set().user(), &attributes);
    let matches = |test: &str| {
        let filter: Filter = format!("{EXTENSION}:{test}").parse().unwrap();
        filter.resolve(set().user()).unwrap_or_else(|error| panic!("{test}: {error}")).matches(&document)
    };
    for test in [
        "cost_center eq \"cc1\"",
        "COST_CENTER sw \"c\"",
        "shift ne \"day\"",
        "level ge 2",
        "started gt \"2025-12-31\"",
        "started le \"2026-01-31\"",
        "tags eq \"B\"",
        "floors eq 2",
        "desk eq \"https://x.org/A\"",
        "level pr",
    ] {
        assert!(matches(test), "{test}");
    }
    for test in [
        "cost_center eq \"CC2\"",
        "level gt 2",
        "started lt \"2026-01-31\"",
        "tags eq \"c\"",
        "desk eq \"https://x.org/a\"",
        "remote pr",
    ] {
        assert!(!matches(test), "{test}");
    }
    let refused =
        |test: &str| format!("{EXTENSION}:{test}").parse::<Filter>().unwrap().resolve(set().user()).is_err();
    assert!(refused("level eq \"2\"") && refused("shoe_size eq 4") && refused("level co \"2\""));
}

/// RFC 7644 §3.5.2, each operation, on one attribute, on the extension, and on the resource.
#[test]
fn patches() {
    let before = created(json!({ "cost_center": "CC1", "level": 2, "tags": ["a"], "shift": "day" }));
    let apply = |operations: Value| {
        let request =
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        let operations = PatchRequest::parse(request, Strictness::Lenient).unwrap().operations;
        patch::apply(set().user(), "1", &before, &operations)
            .map(|patched| patched.attributes.get(EXTENSION).cloned().unwrap_or_default())
            .map_err(|error| error.detail)
    };
    assert_eq!(
        apply(json!([
            { "op": "replace", "path": format!("{EXTENSION}:cost_center"), "value": "CC2" },
            { "op": "add", "path": format!("{EXTENSION}:tags"), "value": ["A", "b"] },
            { "op": "remove", "path": format!("{EXTENSION}:shift") },
            { "op": "add", "value": { EXTENSION: { "floors": [3] } } },
        ])),
        Ok(json!({ "cost_center": "CC2", "level": 2, "tags": ["a", "b"], "floors": [3] }))
    );
    let at = |name: &str| format!("{EXTENSION}:{name}");
    for (operation, detail) in [
        (json!({ "op": "replace", "path": at("rate"), "value": 2 }), "readOnly"),
        (json!({ "op": "replace", "path": at("level"), "value": 3 }), "immutable"),
        (json!({ "op": "remove", "path": at("cost_center") }), "required"),
        (json!({ "op": "replace", "path": at("floors"), "value": ["x"] }), "must be an integer"),
        (json!({ "op": "add", "path": at("shoe_size"), "value": 4 }), "shoe_size"),
    ] {
        let refusal = apply(json!([operation])).unwrap_err();
        assert!(refusal.contains(detail), "{operation}: {refusal}");
    }
}

/// Names are found with the URN and without regard to case, as those of the enterprise extension are.
#[test]
fn names() {
    let set = set();
    for name in [
        EXTENSION.to_owned(),
        format!("{EXTENSION}:cost_center"),
        format!("{}:TAGS", EXTENSION.to_lowercase()),
    ] {
        assert!(set.user().named(&name).is_some(), "{name}");
    }
    assert!(set.user().named("cost_center").is_none());
    assert_eq!(
        created(json!({ "cost_center": "CC1" })).into_map().keys().collect::<Vec<_>>(),
        ["userName", EXTENSION]
    );
}

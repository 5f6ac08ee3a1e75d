//! PATCHes as clients send them, and what becomes of the resource.

use provost::scim::error::{ScimError, ScimType};
use provost::scim::message::{PatchOperation, PatchRequest};
use provost::scim::patch::{Patched, apply};
use provost::scim::schema::validate::Strictness;
use provost::scim::schema::{AttributeMap, ResourceSchema, SchemaSet};
use serde_json::{Map, Value, json};

pub const USER_ID: &str = "0192f0c1-7a10-7000-8000-00000000a001";

/// The enterprise extension's URN.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The operations of a request whose `Operations` are `operations`.
pub fn operations(operations: Value) -> Vec<PatchOperation> {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    });
    PatchRequest::parse(body, Strictness::Lenient).expect("the body is a PATCH request").operations
}

pub fn attributes(value: Value) -> AttributeMap {
    match value {
        Value::Object(map) => AttributeMap::from_stored(map),
        other => panic!("attributes are an object, not {other}"),
    }
}

pub fn try_patch(schema: &ResourceSchema, current: Value, patch: Value) -> Result<Patched, ScimError> {
    apply(schema, USER_ID, &attributes(current), &operations(patch))
}

/// The User `current` after the PATCH. `userName` is added before and taken away afterwards where the test has none.
pub fn patch_user(current: Value, patch: Value) -> Value {
    let (current, named) = with_user_name(current);
    let patched = try_patch(SchemaSet::built_in().user(), current, patch).expect("the PATCH applies");
    assert_eq!(patched.password, None);
    let mut after: Map<String, Value> = patched.attributes.into_map();
    if !named {
        assert_eq!(after.shift_remove("userName"), Some(json!("ines")));
    }
    Value::Object(after)
}

/// The refusal of a PATCH of the User `current`.
pub fn refuse_user(current: Value, patch: Value) -> ScimError {
    let (current, _) = with_user_name(current);
    try_patch(SchemaSet::built_in().user(), current, patch).expect_err("the PATCH is refused")
}

pub fn error(scim_type: ScimType, detail: &str) -> ScimError {
    ScimError::new(scim_type, detail)
}

fn with_user_name(mut current: Value) -> (Value, bool) {
    let named = current.get("userName").is_some();
    if !named {
        current["userName"] = json!("ines");
    }
    (current, named)
}

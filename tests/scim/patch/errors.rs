//! What a PATCH is refused for (RFC 7644 §3.5.2, §3.12 Table 9).

use provost::scim::error::ScimType;
use provost::scim::message::{PatchOp, PatchOperation};
use provost::scim::patch::apply;
use provost::scim::schema::SchemaSet;
use serde_json::json;

use super::request::{ENTERPRISE, USER_ID, attributes, error, patch_user, refuse_user};

/// `invalidPath`: a text that is no path; the position is told.
#[test]
fn a_text_that_is_no_path() {
    assert_eq!(
        refuse_user(
            json!({}),
            json!([
                {"op": "add", "path": "title", "value": "Head"},
                {"op": "add", "path": "name..givenName", "value": "Ines"},
            ])
        ),
        error(
            ScimType::InvalidPath,
            "Operation 2: The path is wrong at character 6: expected a sub-attribute name, which begins with a letter or '$'.",
        )
    );
}

/// `invalidPath`: no schema of the resource type has the attribute, as a path and as a key.
#[test]
fn an_unknown_attribute() {
    for (path, detail) in [
        ("favouriteColour", "'favouriteColour' is not an attribute of User."),
        ("name.nick", "'nick' in 'name.nick' is not a sub-attribute of 'name'."),
        ("urn:example:none:title", "'urn:example:none:title' is not an attribute of User."),
    ] {
        let expected = error(ScimType::InvalidPath, &format!("Operation 1: {detail}"));
        assert_eq!(refuse_user(json!({}), json!([{"op": "replace", "path": path, "value": "x"}])), expected);
        assert_eq!(refuse_user(json!({}), json!([{"op": "replace", "value": {path: "x"}}])), expected);
        assert_eq!(refuse_user(json!({}), json!([{"op": "remove", "path": path}])), expected);
    }
    let unknown = format!("Operation 1: '{ENTERPRISE}:shoeSize' is not an attribute of User.");
    let expected = error(ScimType::InvalidPath, &unknown);
    assert_eq!(
        refuse_user(json!({}), json!([{"op": "add", "path": ENTERPRISE, "value": {"shoeSize": 41}}])),
        expected
    );
}

/// `invalidPath`: a filter selects values of a multi-valued attribute (RFC 7644 §3.5.2, `valuePath`).
#[test]
fn a_filter_on_a_single_value() {
    for (path, name) in [("title[value eq \"x\"]", "title"), ("name[givenName eq \"x\"].familyName", "name")]
    {
        let detail = format!(
            "Operation 1: '{name}' has a single value, so no filter can select from it; write the path without brackets."
        );
        for op in ["add", "replace", "remove"] {
            let operation = json!({"op": op, "path": path, "value": "x"});
            assert_eq!(refuse_user(json!({}), json!([operation])), error(ScimType::InvalidPath, &detail));
        }
    }
}

/// `invalidFilter`: the filter in the path does not fit the attribute (RFC 7644 §3.12, "PATCH (path filter)").
#[test]
fn a_filter_that_does_not_fit() {
    let refusal = refuse_user(json!({}), json!([{"op": "remove", "path": "emails[colour eq \"x\"]"}]));
    assert_eq!(refusal.scim_type, ScimType::InvalidFilter);
    assert!(refusal.detail.starts_with("Operation 1: ") && refusal.detail.contains("colour"), "{refusal}");
}

/// `invalidValue`: a value of another type than the attribute's.
#[test]
fn a_value_of_the_wrong_type() {
    for (operation, detail) in [
        (json!({"op": "replace", "path": "title", "value": 7}), "'title' must be a string, not a number."),
        (
            json!({"op": "replace", "path": "name", "value": "Ines"}),
            "'name' needs an object of its sub-attributes as the value.",
        ),
        (
            json!({"op": "add", "path": "name.givenName", "value": ["Ines"]}),
            "'name.givenName' must be a single value, not an array.",
        ),
        (
            json!({"op": "add", "path": "emails", "value": [{"value": "a@x.example"}, {"value": {}}]}),
            "'emails.value' (element 2) must be a string, not an object.",
        ),
        (
            json!({"op": "replace", "path": ENTERPRISE, "value": "Sales"}),
            "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' needs an object of its attributes.",
        ),
        (
            json!({"op": "replace", "value": "Head"}),
            "'replace' without a 'path' needs an object of attributes as its 'value'.",
        ),
        (
            json!({"op": "add", "value": [{"title": "Head"}]}),
            "'add' without a 'path' needs an object of attributes as its 'value'.",
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"]", "value": [{"value": "b"}, {"value": "c"}]}),
            "'emails[type eq \"work\"]' needs one value, not an array.",
        ),
    ] {
        let refusal = refuse_user(json!({"emails": [{"value": "a", "type": "work"}]}), json!([operation]));
        assert_eq!(refusal, error(ScimType::InvalidValue, &format!("Operation 1: {detail}")), "{operation}");
    }
}

/// The message about a password does not repeat it.
#[test]
fn a_password_of_the_wrong_type() {
    let refusal =
        refuse_user(json!({}), json!([{"op": "replace", "path": "password", "value": ["hunter-2222"]}]));
    let expected = "Operation 1: 'password' must be a single value, not an array.";
    assert_eq!(refusal, error(ScimType::InvalidValue, expected));
}

/// `invalidValue`: `add` and `replace` need a value (RFC 7644 §3.5.2.1); null is one.
#[test]
fn a_value_that_is_missing() {
    for op in ["add", "replace"] {
        let expected = format!("Operation 1: '{op}' needs a 'value'; null clears the target.");
        let expected = error(ScimType::InvalidValue, &expected);
        assert_eq!(refuse_user(json!({}), json!([{"op": op, "path": "title"}])), expected);
        assert_eq!(refuse_user(json!({}), json!([{"op": op}])), expected);
    }
}

/// RFC 7644 §3.5.2: "the original SCIM resource MUST be restored": the attributes that went in are what they were.
#[test]
fn all_or_nothing() {
    let before =
        attributes(json!({"userName": "ines", "emails": [{"value": "a@x.example", "type": "work"}]}));
    let current = before.clone();
    let operation = |op, path: &str, value| PatchOperation { op, path: Some(path.to_owned()), value };
    let refusal = apply(
        SchemaSet::built_in().user(),
        USER_ID,
        &current,
        &[
            operation(PatchOp::Replace, "userName", Some(json!("rui"))),
            operation(PatchOp::Remove, "emails", None),
            operation(PatchOp::Replace, "id", Some(json!("x"))),
        ],
    );
    assert_eq!(refusal, Err(error(ScimType::Mutability, "Operation 3: 'id' is readOnly.")));
    assert_eq!(current, before);
}

/// More elements than an attribute takes are refused as soon as there are too many.
#[test]
fn too_many_elements() {
    let roles = |from: usize| {
        json!((from..from + 600).map(|number| json!({"value": format!("r{number}")})).collect::<Vec<_>>())
    };
    let refusal = refuse_user(
        json!({}),
        json!([
            {"op": "add", "path": "roles", "value": roles(0)},
            {"op": "add", "path": "roles", "value": roles(600)},
            {"op": "remove", "path": "roles"},
        ]),
    );
    assert_eq!(refusal.scim_type, ScimType::InvalidValue);
    assert!(refusal.detail.starts_with("Operation 2: 'roles' must not have more than "), "{refusal}");
}

/// A body has room for very many paths and values, each of which is held against every element; there is an end to it.
#[test]
fn too_many_attributes() {
    let clearing = |count: usize| {
        let key = |number: usize| format!("emails[type eq \"t{number}\"].display");
        let object = (0..count).map(|number| (key(number), json!(null))).collect();
        json!([{"op": "add", "value": serde_json::Value::Object(object)}])
    };
    let listing = |count: usize| {
        let listed: Vec<_> = (0..count).map(|number| json!({"value": format!("r{number}")})).collect();
        json!([{"op": "remove", "path": "roles", "value": listed}])
    };
    let before = json!({"title": "Head"});
    let expected = error(
        ScimType::InvalidValue,
        "Operation 1: a PATCH must not set more than 5000 attributes or remove more than 5000 values.",
    );
    assert_eq!(patch_user(before.clone(), clearing(5000)), before);
    assert_eq!(refuse_user(before.clone(), clearing(5001)), expected);
    assert_eq!(patch_user(before.clone(), listing(5000)), before);
    assert_eq!(refuse_user(before, listing(5001)), expected);
}

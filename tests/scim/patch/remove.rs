//! `remove` (RFC 7644 §3.5.2.2).

use provost::scim::error::ScimType;
use serde_json::json;

use super::request::{ENTERPRISE, attributes, error, patch_user, refuse_user, try_patch};
use super::schemas::device;

/// RFC 7644 §3.5.2.2: the attribute, its sub-attribute, or an extension's is unassigned.
#[test]
fn unassigns_the_target() {
    let after = patch_user(
        json!({
            "title": "Head", "nickName": "Nes", "emails": [{"value": "a@x.example"}],
            "name": {"givenName": "Ines", "familyName": "Duarte"},
            ENTERPRISE: {"department": "Sales", "division": "South", "manager": {"value": "m1"}},
        }),
        json!([
            {"op": "remove", "path": "TITLE"},
            {"op": "remove", "path": "emails"},
            {"op": "remove", "path": "name.givenName"},
            {"op": "remove", "path": format!("{ENTERPRISE}:division")},
            {"op": "remove", "path": format!("{ENTERPRISE}:manager.value")},
        ]),
    );
    assert_eq!(
        after,
        json!({
            "nickName": "Nes", "name": {"familyName": "Duarte"}, ENTERPRISE: {"department": "Sales"},
        })
    );
}

/// RFC 7644 §3.5.2.2: what has no value any more is unassigned: a complex attribute, an extension.
#[test]
fn leaves_nothing_empty() {
    let before = json!({"name": {"givenName": "Ines"}, ENTERPRISE: {"department": "Sales"}});
    let after = patch_user(
        before.clone(),
        json!([
            {"op": "remove", "path": "name.givenName"},
            {"op": "remove", "path": format!("{ENTERPRISE}:department")},
        ]),
    );
    assert_eq!(after, json!({}));
    assert_eq!(
        patch_user(before, json!([{"op": "remove", "path": ENTERPRISE}])),
        json!({"name": {"givenName": "Ines"}})
    );
}

/// RFC 7644 §3.5.2.2, the example with `emails[type eq "work" and value ew "…"]`.
#[test]
fn removes_the_elements_that_match() {
    let after = patch_user(
        json!({"emails": [
            {"value": "ines@corp.example", "type": "work"},
            {"value": "ines@other.test", "type": "work"},
            {"value": "home@corp.example", "type": "home"},
        ]}),
        json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"corp.example\"]"}]),
    );
    assert_eq!(
        after,
        json!({"emails": [
            {"value": "ines@other.test", "type": "work"},
            {"value": "home@corp.example", "type": "home"},
        ]})
    );
}

/// RFC 7644 §3.5.2.2: "if no other values remain", the attribute is unassigned.
#[test]
fn removing_the_last_element_unassigns() {
    let after = patch_user(
        json!({"emails": [{"value": "a@x.example", "type": "work"}]}),
        json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]),
    );
    assert_eq!(after, json!({}));
}

/// RFC 7644 §3.5.2.2 with a sub-attribute behind the filter; an element without what it was about goes.
#[test]
fn removes_a_sub_attribute_of_the_elements_that_match() {
    let after = patch_user(
        json!({"emails": [
            {"value": "a@x.example", "type": "work", "display": "A", "primary": true},
            {"value": "b@x.example", "type": "home", "display": "B"},
            {"value": "c@x.example", "type": "other", "display": "C"},
        ]}),
        json!([
            {"op": "remove", "path": "emails[type eq \"work\"].display"},
            {"op": "remove", "path": "emails[type eq \"home\"].value"},
        ]),
    );
    assert_eq!(
        after,
        json!({"emails": [
            {"value": "a@x.example", "type": "work", "primary": true},
            {"value": "c@x.example", "type": "other", "display": "C"},
        ]})
    );
}

/// A sub-attribute without a filter means that of every element.
#[test]
fn removes_a_sub_attribute_of_every_element() {
    let after = patch_user(
        json!({"roles": [{"value": "a", "display": "A"}, {"value": "b", "display": "B"}, {"display": "C"}]}),
        json!([{"op": "remove", "path": "roles.display"}]),
    );
    assert_eq!(after, json!({"roles": [{"value": "a"}, {"value": "b"}]}));
}

/// RFC 7644 §3.5.2.2 knows no error for what is not there: nothing changes.
#[test]
fn removing_what_is_not_there_succeeds() {
    let before = json!({"emails": [{"value": "a@x.example", "type": "home"}]});
    let after = patch_user(
        before.clone(),
        json!([
            {"op": "remove", "path": "title"},
            {"op": "remove", "path": "name.givenName"},
            {"op": "remove", "path": "emails[type eq \"work\"]"},
            {"op": "remove", "path": "emails[type eq \"work\"].value"},
            {"op": "remove", "path": "roles[value eq \"x\"]"},
            {"op": "remove", "path": ENTERPRISE},
            {"op": "remove", "path": format!("{ENTERPRISE}:manager")},
        ]),
    );
    assert_eq!(after, before);
}

/// Interop `remove-member-by-value`, for any multi-valued attribute: only what `value` lists goes.
#[test]
fn removes_only_the_listed_elements() {
    let before = json!({"emails": [
        {"value": "a@x.example", "type": "work", "primary": true},
        {"value": "a@x.example", "type": "home"},
        {"value": "b@x.example", "type": "work"},
    ]});
    for (listed, left) in [
        (json!([{"value": "A@x.example"}]), json!([{"value": "b@x.example", "type": "work"}])),
        (
            json!({"value": "a@x.example", "type": "home"}),
            json!([
                {"value": "a@x.example", "type": "work", "primary": true},
                {"value": "b@x.example", "type": "work"},
            ]),
        ),
        (
            json!(["b@x.example"]),
            json!([
                {"value": "a@x.example", "type": "work", "primary": true},
                {"value": "a@x.example", "type": "home"},
            ]),
        ),
        (json!([{"value": "z@x.example"}]), before["emails"].clone()),
        (json!([]), before["emails"].clone()),
    ] {
        let after = patch_user(before.clone(), json!([{"op": "remove", "path": "emails", "value": listed}]));
        assert_eq!(after, json!({"emails": left}), "{listed}");
    }
    let all = patch_user(before, json!([{"op": "remove", "path": "emails", "value": null}]));
    assert_eq!(all, json!({}));
}

/// The same for simple values.
#[test]
fn removes_simple_values() {
    let current = json!({"name": "lamp", "owners": ["ines"], "tags": ["red", "blue", "green"]});
    let patched = try_patch(
        &device(),
        current,
        json!([
            {"op": "remove", "path": "tags", "value": ["RED"]},
            {"op": "remove", "path": "tags[value sw \"gr\"]"},
        ]),
    );
    assert_eq!(
        patched.expect("applies").attributes,
        attributes(json!({"name": "lamp", "owners": ["ines"], "tags": ["blue"]}))
    );
}

/// RFC 7644 §3.5.2.2: "If 'path' is unspecified", `noTarget`.
#[test]
fn needs_a_path() {
    let expected = error(ScimType::NoTarget, "Operation 1: 'remove' needs a 'path'.");
    assert_eq!(refuse_user(json!({"title": "Head"}), json!([{"op": "remove"}])), expected);
    assert_eq!(
        refuse_user(json!({"title": "Head"}), json!([{"op": "remove", "value": {"title": "Head"}}])),
        expected
    );
}

//! `replace` (RFC 7644 §3.5.2.3).

use provost::scim::error::ScimType;
use serde_json::json;

use super::request::{ENTERPRISE, attributes, error, patch_user, refuse_user, try_patch};
use super::schemas::device;

/// RFC 7644 §3.5.2.3, the example with `addresses[type eq "work"]`: the whole element is replaced.
#[test]
fn replaces_the_element_that_matches() {
    let after = patch_user(
        json!({"addresses": [
            {"type": "home", "locality": "Braga"},
            {"type": "work", "locality": "Porto", "region": "North", "primary": true},
        ]}),
        json!([{"op": "replace", "path": "addresses[type eq \"work\"]", "value": {
            "type": "work", "streetAddress": "Rua das Flores 12", "locality": "Lisboa", "country": "PT", "primary": true,
        }}]),
    );
    assert_eq!(
        after,
        json!({"addresses": [
            {"type": "home", "locality": "Braga"},
            {"type": "work", "streetAddress": "Rua das Flores 12", "locality": "Lisboa", "country": "PT", "primary": true},
        ]})
    );
}

/// RFC 7644 §3.5.2.3, the example with `addresses[type eq "work"].streetAddress`: every matching element's is set.
#[test]
fn replaces_a_sub_attribute_of_the_elements_that_match() {
    let after = patch_user(
        json!({"addresses": [
            {"type": "work", "streetAddress": "Rua A 1"},
            {"type": "work", "locality": "Porto"},
            {"type": "home", "streetAddress": "Rua C 3"},
        ]}),
        json!([{"op": "replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "Rua B 2"}]),
    );
    assert_eq!(
        after,
        json!({"addresses": [
            {"type": "work", "streetAddress": "Rua B 2"},
            {"type": "work", "locality": "Porto", "streetAddress": "Rua B 2"},
            {"type": "home", "streetAddress": "Rua C 3"},
        ]})
    );
}

/// RFC 7644 §3.5.2.3, the example without a path: attributes in the value are replaced, the others stay.
#[test]
fn without_path_replaces_what_the_value_holds() {
    let after = patch_user(
        json!({
            "nickName": "Nes", "title": "Head",
            "emails": [{"value": "old@x.example", "type": "work"}, {"value": "older@x.example", "type": "home"}],
        }),
        json!([{"op": "replace", "value": {
            "emails": [
                {"value": "ines@work.example", "type": "work", "primary": true},
                {"value": "ines@home.example", "type": "home"},
            ],
            "nickName": "Nini",
        }}]),
    );
    assert_eq!(
        after,
        json!({
            "nickName": "Nini", "title": "Head",
            "emails": [
                {"value": "ines@work.example", "type": "work", "primary": true},
                {"value": "ines@home.example", "type": "home"},
            ],
        })
    );
}

/// RFC 7644 §3.5.2.3: of a complex attribute, sub-attributes that are not given stay.
#[test]
fn keeps_sub_attributes_that_are_not_given() {
    let after = patch_user(
        json!({
            "name": {"givenName": "Ines", "familyName": "Duarte"},
            ENTERPRISE: {"department": "Sales", "manager": {"value": "m1", "$ref": "../Users/m1"}},
        }),
        json!([
            {"op": "replace", "path": "name", "value": {"familyName": "Matos"}},
            {"op": "replace", "path": ENTERPRISE, "value": {"manager": {"value": "m2"}, "division": "South"}},
        ]),
    );
    assert_eq!(
        after,
        json!({
            "name": {"givenName": "Ines", "familyName": "Matos"},
            ENTERPRISE: {"department": "Sales", "manager": {"value": "m2", "$ref": "../Users/m1"}, "division": "South"},
        })
    );
}

/// RFC 7644 §3.5.2.3: an attribute that does not exist is added.
#[test]
fn adds_what_is_not_there() {
    let after = patch_user(
        json!({}),
        json!([
            {"op": "replace", "path": "title", "value": "Head"},
            {"op": "replace", "path": "name.givenName", "value": "Ines"},
            {"op": "replace", "path": "roles", "value": [{"value": "clerk"}]},
            {"op": "replace", "path": format!("{ENTERPRISE}:costCenter"), "value": "7"},
        ]),
    );
    assert_eq!(
        after,
        json!({
            "title": "Head", "name": {"givenName": "Ines"}, "roles": [{"value": "clerk"}],
            ENTERPRISE: {"costCenter": "7"},
        })
    );
}

/// RFC 7644 §3.5.2.3 with RFC 7643 §2.5: null and an empty array unassign, and an extension may go whole.
#[test]
fn null_clears() {
    let after = patch_user(
        json!({
            "title": "Head", "active": true,
            "roles": [{"value": "a"}], "ims": [{"value": "b"}],
            "name": {"familyName": "Duarte"},
            "emails": [{"value": "a@x.example", "type": "work"}, {"value": "b@x.example", "type": "home"}],
            ENTERPRISE: {"department": "Sales"},
        }),
        json!([
            {"op": "replace", "path": "title", "value": null},
            {"op": "replace", "path": "roles", "value": []},
            {"op": "replace", "path": "ims", "value": null},
            {"op": "replace", "path": "name.familyName", "value": ""},
            {"op": "replace", "path": "emails[type eq \"home\"]", "value": null},
            {"op": "replace", "value": {ENTERPRISE: null}},
        ]),
    );
    assert_eq!(after, json!({"active": true, "emails": [{"value": "a@x.example", "type": "work"}]}));
}

/// RFC 7644 §3.5.2.3: a filter that matches nothing is `noTarget`, and nothing at all has changed.
#[test]
fn refuses_a_filter_without_match() {
    for (path, value) in [
        ("emails[type eq \"work\"]", json!({"value": "a@x.example", "type": "work"})),
        ("emails[type ne \"home\"].value", json!("a@x.example")),
        ("emails[type eq \"work\" or type eq \"other\"].value", json!("a@x.example")),
        ("emails[type eq \"work\" and type eq \"other\"].value", json!("a@x.example")),
        ("emails[value eq \"b@x.example\"].value", json!("a@x.example")),
    ] {
        let refusal = refuse_user(
            json!({"emails": [{"value": "c@x.example", "type": "home"}]}),
            json!([
                {"op": "replace", "path": "title", "value": "Head"},
                {"op": "replace", "path": path, "value": value},
            ]),
        );
        let detail = format!("Operation 2: nothing matches '{path}'.");
        assert_eq!(refusal, error(ScimType::NoTarget, &detail));
    }
}

/// RFC 7643 §2.4: several matching elements that are replaced by one value leave that value once.
#[test]
fn several_matches_become_one_value() {
    let after = patch_user(
        json!({"roles": [{"value": "a", "type": "x"}, {"value": "b"}, {"value": "c", "type": "x"}]}),
        json!([{"op": "replace", "path": "roles[type eq \"x\"]", "value": [{"value": "d", "type": "x"}]}]),
    );
    assert_eq!(after, json!({"roles": [{"value": "d", "type": "x"}, {"value": "b"}]}));
}

/// RFC 7644 errata 7122: a filter may select values of a simple multi-valued attribute by `value`.
#[test]
fn selects_simple_values() {
    let current = json!({"name": "lamp", "owners": ["ines"], "tags": ["red", "blue"]});
    let patched = try_patch(
        &device(),
        current,
        json!([
            {"op": "replace", "path": "tags[value eq \"RED\"]", "value": "green"},
        ]),
    );
    assert_eq!(
        patched.expect("applies").attributes,
        attributes(json!({"name": "lamp", "owners": ["ines"], "tags": ["green", "blue"]}))
    );
}

/// RFC 7644 §3.5.2: a PATCH that changes nothing leaves the very same attributes, whatever order its values come in.
#[test]
fn replacing_by_the_same_changes_nothing() {
    let before = json!({
        "userName": "ines", "active": true, "name": {"givenName": "Ines", "familyName": "Duarte"},
        "emails": [
            {"value": "a@x.example", "type": "work", "primary": true},
            {"value": "b@x.example", "type": "home"},
        ],
        ENTERPRISE: {"department": "Sales", "manager": {"value": "m1"}},
    });
    let after = patch_user(
        before.clone(),
        json!([
            {"op": "remove", "path": "emails[type eq \"work\"]"},
            {"op": "add", "path": "emails", "value": [{"primary": true, "type": "work", "value": "a@x.example"}]},
            {"op": "replace", "value": {
                "emails": [{"type": "home", "value": "b@x.example"}, {"type": "work", "primary": true, "value": "a@x.example"}],
                "name": {"familyName": "Duarte"},
                "active": true,
                ENTERPRISE: {"manager": {"value": "m1", "displayName": "Someone"}},
            }},
            {"op": "remove", "path": "nickName"},
            {"op": "add", "path": "title", "value": "Head"},
            {"op": "remove", "path": "title"},
        ]),
    );
    assert_eq!(after, before);
}

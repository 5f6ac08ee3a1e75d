//! What identity providers send, each test named after its rule.

use provost::scim::patch::{MemberDelta, MemberOperation, MemberReference, split_members};
use provost::scim::schema::SchemaSet;
use serde_json::{Value, json};

use super::request::{ENTERPRISE, USER_ID, operations, patch_user};

/// The operations on members of a Group's PATCH; the PATCH has no others.
fn members(patch: Value) -> Vec<MemberOperation> {
    let (rest, members) = split_members(SchemaSet::built_in().group(), operations(patch)).expect("applies");
    assert_eq!(rest, []);
    members
}

fn member(id: &str) -> MemberReference {
    MemberReference { value: id.to_owned(), kind: None }
}

#[test]
fn op_case() {
    let after = patch_user(
        json!({"nickName": "Nes"}),
        json!([
            {"op": "Replace", "path": "title", "value": "Head"},
            {"op": "Add", "path": "displayName", "value": "Ines Duarte"},
            {"op": "Remove", "path": "nickName"},
        ]),
    );
    assert_eq!(after, json!({"title": "Head", "displayName": "Ines Duarte"}));
}

#[test]
fn dotted_keys() {
    let after = patch_user(
        json!({"name": {"familyName": "Duarte"}, "emails": [{"value": "a@x.example", "type": "work"}]}),
        json!([{"op": "replace", "value": {
            "displayName": "Ines",
            "name.givenName": "Ines",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "77",
            "emails[type eq \"work\"].value": "b@x.example",
        }}]),
    );
    assert_eq!(
        after,
        json!({
            "displayName": "Ines",
            "name": {"familyName": "Duarte", "givenName": "Ines"},
            "emails": [{"value": "b@x.example", "type": "work"}],
            ENTERPRISE: {"employeeNumber": "77"},
        })
    );
}

#[test]
fn create_by_filter() {
    for op in ["Replace", "Add"] {
        let after = patch_user(
            json!({"emails": [{"value": "h@x.example", "type": "home"}]}),
            json!([
                {"op": op, "path": "emails[type eq \"work\"].value", "value": "w@x.example"},
            ]),
        );
        assert_eq!(
            after,
            json!({"emails": [
                {"value": "h@x.example", "type": "home"},
                {"type": "work", "value": "w@x.example"},
            ]})
        );
        let both = patch_user(
            json!({}),
            json!([
                {"op": op, "path": "phoneNumbers[type eq \"fax\" and primary eq true].value", "value": "2"},
            ]),
        );
        assert_eq!(both, json!({"phoneNumbers": [{"type": "fax", "primary": true, "value": "2"}]}));
        let nothing = patch_user(
            json!({}),
            json!([{"op": op, "path": "emails[type eq \"work\"].value", "value": null}]),
        );
        assert_eq!(nothing, json!({}));
    }
}

#[test]
fn one_element() {
    let after = patch_user(
        json!({}),
        json!([
            {"op": "Add", "path": "addresses[type eq \"work\"].formatted", "value": "Rua A 1, Porto"},
            {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Porto"},
            {"op": "Add", "path": "addresses[type eq \"work\"].region", "value": "North"},
        ]),
    );
    assert_eq!(
        after,
        json!({"addresses": [
            {"type": "work", "formatted": "Rua A 1, Porto", "locality": "Porto", "region": "North"},
        ]})
    );
}

#[test]
fn manager_as_string() {
    let path = format!("{ENTERPRISE}:manager");
    for op in ["Add", "Replace"] {
        let after = patch_user(
            json!({ENTERPRISE: {"manager": {"value": "12"}}}),
            json!([{"op": op, "path": path, "value": "271"}]),
        );
        assert_eq!(after, json!({ENTERPRISE: {"manager": {"value": "271"}}}));
        for nobody in [json!(""), json!(null)] {
            let cleared = patch_user(
                json!({ENTERPRISE: {"manager": {"value": "12"}, "department": "Sales"}}),
                json!([{"op": op, "path": path, "value": nobody}]),
            );
            assert_eq!(cleared, json!({ENTERPRISE: {"department": "Sales"}}));
        }
    }
    let in_object =
        patch_user(json!({}), json!([{"op": "replace", "value": {ENTERPRISE: {"manager": "271"}}}]));
    assert_eq!(in_object, json!({ENTERPRISE: {"manager": {"value": "271"}}}));
}

#[test]
fn extension_path() {
    let after = patch_user(
        json!({}),
        json!([{"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Sales"}]),
    );
    assert_eq!(after, json!({ENTERPRISE: {"department": "Sales"}}));
}

#[test]
fn bool_filter_string() {
    let after = patch_user(
        json!({"roles": [{"value": "clerk", "primary": true}, {"value": "guest"}]}),
        json!([{"op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "head"}]),
    );
    assert_eq!(after, json!({"roles": [{"value": "head", "primary": true}, {"value": "guest"}]}));
    let created = patch_user(
        json!({}),
        json!([
            {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "head"},
        ]),
    );
    assert_eq!(created, json!({"roles": [{"primary": true, "value": "head"}]}));
}

#[test]
fn null_clears() {
    let after = patch_user(
        json!({"name": {"givenName": "Ines", "familyName": "Duarte"}}),
        json!([{"op": "replace", "path": "name", "value": {"familyName": null}}]),
    );
    assert_eq!(after, json!({"name": {"givenName": "Ines"}}));
}

#[test]
fn blank_name_parts() {
    let after = patch_user(
        json!({"name": {"givenName": "Ines", "familyName": "Duarte"}}),
        json!([{"op": "replace", "value": {"name": {"familyName": " "}}}]),
    );
    assert_eq!(after, json!({"name": {"givenName": "Ines"}}));
}

#[test]
fn same_id_in_patch() {
    let after =
        patch_user(json!({}), json!([{"op": "replace", "value": {"id": USER_ID, "displayName": "Ines"}}]));
    assert_eq!(after, json!({"displayName": "Ines"}));
}

#[test]
fn deactivate() {
    let after = patch_user(json!({"active": true}), json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!(after, json!({"active": false}));
}

#[test]
fn remove_member_by_value() {
    assert_eq!(
        members(json!([{"op": "Remove", "path": "members", "value": [{"value": "u1"}]}])),
        [MemberOperation::Remove(vec!["u1".to_owned()])]
    );
}

#[test]
fn remove_all_members() {
    assert_eq!(members(json!([{"op": "remove", "path": "members"}])), [MemberOperation::RemoveAll]);
}

#[test]
fn remove_absent_member() {
    assert_eq!(
        members(json!([{"op": "remove", "path": "members[value eq \"u\"]"}])),
        [MemberOperation::Remove(vec!["u".to_owned()])]
    );
}

#[test]
fn null_ref() {
    assert_eq!(
        members(json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "u"}]}])),
        [MemberOperation::Add(vec![member("u")])]
    );
}

#[test]
fn add_then_remove() {
    let there = members(json!([
        {"op": "Remove", "path": "members[value eq \"u\"]"},
        {"op": "Add", "path": "members", "value": [{"value": "u"}]},
    ]));
    assert_eq!(
        MemberDelta::fold(&there),
        MemberDelta { clear: false, add: vec![member("u")], remove: vec![] }
    );
    let gone = members(json!([
        {"op": "Add", "path": "members", "value": [{"value": "u"}]},
        {"op": "Remove", "path": "members[value eq \"u\"]"},
    ]));
    assert_eq!(
        MemberDelta::fold(&gone),
        MemberDelta { clear: false, add: vec![], remove: vec!["u".to_owned()] }
    );
}

#[test]
fn replace_members() {
    let replaced = members(json!([
        {"op": "replace", "path": "members", "value": [{"value": "b"}, {"value": "c"}, {"value": "d"}]},
    ]));
    assert_eq!(
        MemberDelta::fold(&replaced),
        MemberDelta { clear: true, add: vec![member("b"), member("c"), member("d")], remove: vec![] }
    );
}

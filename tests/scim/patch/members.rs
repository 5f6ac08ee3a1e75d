//! A Group's members apart from its other attributes (RFC 7643 §4.2, RFC 7644 §3.5.2).

use provost::scim::error::{ScimError, ScimType};
use provost::scim::message::{PatchOp, PatchOperation};
use provost::scim::patch::{MemberOperation, MemberReference, apply, split_members};
use provost::scim::schema::SchemaSet;
use serde_json::{Value, json};

use super::request::{attributes, error, operations};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

type Split = (Vec<PatchOperation>, Vec<MemberOperation>);

fn split(patch: Value) -> Result<Split, ScimError> {
    split_members(SchemaSet::built_in().group(), operations(patch))
}

/// The one operation on members that `operation` is.
fn only(operation: Value) -> MemberOperation {
    let (rest, mut members) = split(json!([operation])).expect("applies");
    assert_eq!((rest.len(), members.len()), (0, 1), "{operation}");
    members.remove(0)
}

fn user(id: &str) -> MemberReference {
    MemberReference { value: id.to_owned(), kind: Some("User".to_owned()) }
}

fn plain(id: &str) -> MemberReference {
    MemberReference { value: id.to_owned(), kind: None }
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

/// RFC 7644 §3.5.2.1, the first example: a member is added, with what a client knows of it.
#[test]
fn adds_members() {
    let value = json!([{
        "display": "Ines Duarte", "$ref": "https://scim.example/v2/Users/u1", "value": "u1", "type": "user",
    }]);
    assert_eq!(
        only(json!({"op": "add", "path": "members", "value": value})),
        MemberOperation::Add(vec![user("u1")])
    );
}

/// RFC 7644 §3.5.2.2, the examples: one member, all members.
#[test]
fn removes_members() {
    assert_eq!(
        only(json!({"op": "remove", "path": "members[value eq \"u1\"]"})),
        MemberOperation::Remove(ids(&["u1"]))
    );
    assert_eq!(only(json!({"op": "remove", "path": "members"})), MemberOperation::RemoveAll);
    assert_eq!(only(json!({"op": "remove", "path": "members", "value": null})), MemberOperation::RemoveAll);
}

/// RFC 7644 §3.5.2.2, the examples that exchange a member: remove and add in one request, in this order.
#[test]
fn keeps_the_order() {
    let split = split(json!([
        {"op": "remove", "path": "members[value eq \"u1\"]"},
        {"op": "add", "path": "members", "value": [{"value": "u2"}]},
        {"op": "remove", "path": "members"},
        {"op": "add", "path": "members", "value": [{"value": "u3"}, {"value": "u4"}]},
    ]));
    assert_eq!(
        split,
        Ok((
            vec![],
            vec![
                MemberOperation::Remove(ids(&["u1"])),
                MemberOperation::Add(vec![plain("u2")]),
                MemberOperation::RemoveAll,
                MemberOperation::Add(vec![plain("u3"), plain("u4")]),
            ]
        ))
    );
}

/// RFC 7644 §3.5.2.3, the first example: all members are replaced.
#[test]
fn replaces_members() {
    assert_eq!(
        only(json!({"op": "replace", "path": "members", "value": [{"value": "u1"}, {"value": "u2"}]})),
        MemberOperation::Replace(vec![plain("u1"), plain("u2")])
    );
    for nobody in [json!(null), json!([])] {
        assert_eq!(
            only(json!({"op": "replace", "path": "members", "value": nobody})),
            MemberOperation::RemoveAll
        );
    }
}

/// RFC 7643 §2.5: adding nobody changes nothing.
#[test]
fn adds_nobody() {
    for nobody in [json!(null), json!([])] {
        assert_eq!(split(json!([{"op": "add", "path": "members", "value": nobody}])), Ok((vec![], vec![])));
    }
}

/// Interop `remove-member-by-value`: only those that are listed go, and of an empty list nobody.
#[test]
fn removes_the_listed_members() {
    for (listed, removed) in [
        (json!([{"value": "u1"}, {"value": "u2"}]), ids(&["u1", "u2"])),
        (json!({"value": "u1"}), ids(&["u1"])),
        (json!(["u1", "u2"]), ids(&["u1", "u2"])),
        (json!("u1"), ids(&["u1"])),
        (json!([]), ids(&[])),
    ] {
        assert_eq!(
            only(json!({"op": "remove", "path": "members", "value": listed})),
            MemberOperation::Remove(removed)
        );
    }
}

/// Filters that name ids become those ids; every other one is kept as a filter.
#[test]
fn knows_filters_that_name_ids() {
    for (filter, removed) in [
        ("VALUE EQ \"u1\"", ids(&["u1"])),
        ("value eq \"u1\" or value eq \"u2\" or value eq \"u3\"", ids(&["u1", "u2", "u3"])),
        ("(value eq \"u1\" or value eq \"u2\") or value eq \"u3\"", ids(&["u1", "u2", "u3"])),
    ] {
        let path = format!("members[{filter}]");
        assert_eq!(only(json!({"op": "remove", "path": path})), MemberOperation::Remove(removed), "{filter}");
    }
    let members = SchemaSet::built_in().group().core.attribute("members").expect("Group has members").clone();
    for (filter, nested_goes) in [
        ("type eq \"Group\"", true),
        ("value eq \"g1\" and type eq \"group\"", true),
        ("value eq \"g1\" or type eq \"User\"", true),
        ("value ne \"g1\"", false),
        ("value sw \"g\"", true),
    ] {
        let path = format!("members[{filter}]");
        match only(json!({"op": "remove", "path": path})) {
            MemberOperation::RemoveWhere(valid) => {
                let nested = json!({"value": "g1", "type": "Group"});
                assert_eq!(valid.matches_element(&members, &nested), nested_goes, "{filter}");
            }
            other => panic!("{filter} became {other:?}"),
        }
    }
}

/// Clients name members in several ways: an id alone, other cases, a `$ref` alone, a `$ref` that is null.
#[test]
fn reads_members_as_clients_name_them() {
    let group = MemberReference { value: "g1".to_owned(), kind: Some("Group".to_owned()) };
    for (element, expected) in [
        (json!("u1"), plain("u1")),
        (json!({"VALUE": "u1", "Type": "USER"}), user("u1")),
        (json!({"value": "u1", "$ref": null, "type": null, "display": null}), plain("u1")),
        (json!({"value": "u1", "$ref": "anything", "nickName": "x"}), plain("u1")),
        (json!({"$ref": "https://scim.example/v2/Users/u1"}), user("u1")),
        (json!({"$ref": "../Groups/g1/", "value": null}), group.clone()),
    ] {
        let operation = json!({"op": "add", "path": "members", "value": [element]});
        assert_eq!(only(operation), MemberOperation::Add(vec![expected]), "{element}");
    }
}

/// `invalidValue`: who is meant cannot be told; the element is named.
#[test]
fn refuses_members_without_id() {
    let no_id = "Operation 2: element 2 of 'members': a member needs its id, a string, as 'value'.";
    let no_member =
        "Operation 2: element 2 of 'members': a member is an object with a 'value', or an id as a string.";
    let no_reference = "Operation 2: element 2 of 'members': \
        a member without 'value' needs a '$ref' that ends in /Users/{id} or /Groups/{id}.";
    for (element, detail) in [
        (json!({"display": "Ines"}), no_id),
        (json!({"value": 7}), no_id),
        (json!({"value": ""}), no_id),
        (json!("  "), no_id),
        (json!(7), no_member),
        (json!(null), no_member),
        (json!({"$ref": "https://scim.example/v2/Devices/d1"}), no_reference),
        (json!({"$ref": "https://scim.example/v2/Users/"}), no_reference),
        (
            json!({"value": "u1", "type": 7}),
            "Operation 2: element 2 of 'members': 'members.type' must be a string, not a number.",
        ),
    ] {
        for op in ["add", "replace", "remove"] {
            let refusal = split(json!([
                {"op": "replace", "path": "displayName", "value": "Staff"},
                {"op": op, "path": "members", "value": [{"value": "u0"}, element]},
            ]));
            assert_eq!(refusal, Err(error(ScimType::InvalidValue, detail)), "{element}");
        }
    }
}

/// RFC 7643 §8.7.1: what makes up a member is immutable, so a member is added or removed but not changed.
#[test]
fn refuses_changes_inside_a_member() {
    for (op, path, shown) in [
        ("replace", "members[value eq \"u1\"]", "members[value eq \"u1\"]"),
        ("add", "members[value eq \"u1\"]", "members[value eq \"u1\"]"),
        ("replace", "Members.VALUE", "members.value"),
        ("add", "members.value", "members.value"),
        ("remove", "members.type", "members.type"),
        ("remove", "members.display", "members.display"),
        ("replace", "members[value eq \"u1\"].display", "members[value eq \"u1\"].display"),
        ("remove", "members[value eq \"u1\"].display", "members[value eq \"u1\"].display"),
    ] {
        let detail = format!(
            "Operation 1: '{shown}' is immutable; a member can be added and removed, but not changed."
        );
        let refusal = split(json!([{"op": op, "path": path, "value": "u2"}]));
        assert_eq!(refusal, Err(error(ScimType::Mutability, &detail)));
    }
}

/// `add` and `replace` need a value here, too.
#[test]
fn refuses_an_operation_without_value() {
    let detail = "Operation 1: 'add' needs a 'value'; null clears the target.";
    assert_eq!(split(json!([{"op": "add", "path": "members"}])), Err(error(ScimType::InvalidValue, detail)));
}

/// Paths compare without case and may be qualified by the URN (RFC 7644 §3.10).
#[test]
fn knows_the_path_in_every_form() {
    let qualified = format!("{GROUP}:members");
    let shouted = qualified.to_uppercase();
    for path in ["members", "MEMBERS", &qualified, &shouted] {
        let expected = MemberOperation::Add(vec![plain("u1")]);
        assert_eq!(only(json!({"op": "add", "path": path, "value": [{"value": "u1"}]})), expected);
        assert_eq!(only(json!({"op": "add", "value": {path: [{"value": "u1"}]}})), expected);
    }
    let filtered = format!("{GROUP}:members[value eq \"u1\"]");
    assert_eq!(only(json!({"op": "remove", "path": filtered})), MemberOperation::Remove(ids(&["u1"])));
}

/// Without a path, `members` is taken out of the object and the other keys stay.
#[test]
fn takes_members_out_of_an_object() {
    let patch = json!([{"op": "replace", "value": {
        "displayName": "Staff", "members": [{"value": "u1"}], "externalId": "g-7",
    }}]);
    let rest = PatchOperation {
        op: PatchOp::Replace,
        path: None,
        value: Some(json!({"displayName": "Staff", "externalId": "g-7"})),
    };
    assert_eq!(split(patch), Ok((vec![rest], vec![MemberOperation::Replace(vec![plain("u1")])])));
}

/// What does not concern members is left as it is: other operations, right or wrong, and other resource types.
#[test]
fn leaves_other_operations() {
    let patch = json!([
        {"op": "replace", "path": "displayName", "value": "members"},
        {"op": "add", "path": "members.colour", "value": "x"},
        {"op": "add", "path": "members[", "value": "x"},
        {"op": "remove", "path": "externalId"},
        {"op": "remove", "value": {"members": []}},
        {"op": "add", "value": "members"},
    ]);
    assert_eq!(split(patch.clone()), Ok((operations(patch), vec![])));
    let user = json!([{"op": "add", "path": "members", "value": [{"value": "u1"}]}]);
    assert_eq!(
        split_members(SchemaSet::built_in().user(), operations(user.clone())),
        Ok((operations(user), vec![]))
    );
}

/// What is left applies to the Group, and its errors still count the operations as the client does.
#[test]
fn the_rest_applies_and_keeps_its_numbers() {
    let schemas = SchemaSet::built_in();
    let current = attributes(json!({"displayName": "Staff"}));
    let (rest, members) = split(json!([
        {"op": "add", "path": "members", "value": [{"value": "u1"}]},
        {"op": "replace", "value": {"id": "g1", "displayName": "Crew"}},
        {"op": "add", "path": "members", "value": [{"value": "u2"}]},
    ]))
    .expect("applies");
    assert_eq!(members, [MemberOperation::Add(vec![plain("u1")]), MemberOperation::Add(vec![plain("u2")])]);
    let patched = apply(schemas.group(), "g1", &current, &rest).expect("applies");
    assert_eq!(patched.attributes, attributes(json!({"displayName": "Crew"})));

    let (rest, _) = split(json!([
        {"op": "add", "path": "members", "value": [{"value": "u1"}]},
        {"op": "remove", "path": "displayName"},
    ]))
    .expect("splits");
    assert_eq!(
        apply(schemas.group(), "g1", &current, &rest),
        Err(error(ScimType::Mutability, "Operation 2: 'displayName' is required and cannot be removed."))
    );
}

//! readOnly, immutable and required targets (RFC 7644 §3.5.2, RFC 7643 §7).

use provost::scim::error::ScimType;
use serde_json::{Value, json};

use super::request::{ENTERPRISE, USER_ID, attributes, error, patch_user, refuse_user, try_patch};
use super::schemas::{BADGE, device};

/// RFC 7644 §3.5.2: "readOnly" targets are refused, for each operation.
#[test]
fn read_only_targets_are_refused() {
    let manager_name = format!("{ENTERPRISE}:manager.displayName");
    for path in
        ["id", "meta", "meta.created", "groups", "groups[value eq \"g\"]", "groups.display", &manager_name]
    {
        let expected = error(ScimType::Mutability, &format!("Operation 1: '{path}' is readOnly."));
        for op in ["add", "replace", "remove"] {
            let operation = json!({"op": op, "path": path, "value": "x"});
            assert_eq!(refuse_user(json!({}), json!([operation])), expected, "{operation}");
        }
    }
    let refusal = refuse_user(
        json!({}),
        json!([{"op": "add", "value": {"title": "Head", "groups": [{"value": "g"}]}}]),
    );
    assert_eq!(refusal, error(ScimType::Mutability, "Operation 1: 'groups' is readOnly."));
}

/// What comes back with a resource that a client read is passed over: `schemas`, `meta`, the resource's own `id`.
#[test]
fn the_envelope_is_passed_over() {
    let after = patch_user(
        json!({"title": "Clerk"}),
        json!([{"op": "replace", "value": {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
            "ID": USER_ID,
            "meta": {"resourceType": "User", "created": "2026-01-02T03:04:05Z"},
            "title": "Head",
        }}]),
    );
    assert_eq!(after, json!({"title": "Head"}));
}

/// RFC 7643 §3.1: `id` SHALL NOT be changed by the client.
#[test]
fn another_id_is_refused() {
    let expected = error(
        ScimType::Mutability,
        "Operation 1: 'id' is readOnly; leave it out, or send the resource's own.",
    );
    for id in [json!("0192f0c1-0000-7000-8000-000000000000"), json!(null), json!(7)] {
        assert_eq!(refuse_user(json!({}), json!([{"op": "replace", "value": {"id": id}}])), expected);
    }
}

/// `schemas` follows the attributes (RFC 7643 §3): adding a URN to it changes nothing, removing one is refused.
#[test]
fn schemas_follows_the_attributes() {
    for op in ["add", "replace"] {
        let after = patch_user(json!({}), json!([{"op": op, "path": "schemas", "value": [ENTERPRISE]}]));
        assert_eq!(after, json!({}));
    }
    assert_eq!(
        refuse_user(json!({}), json!([{"op": "remove", "path": "schemas", "value": [ENTERPRISE]}])),
        error(
            ScimType::Mutability,
            "Operation 1: 'schemas' follows the attributes; remove an extension by its URN as the path.",
        )
    );
}

/// readOnly sub-attributes inside a value come back from clients with the rest and are dropped.
#[test]
fn read_only_parts_of_a_value_are_dropped() {
    let manager = format!("{ENTERPRISE}:manager");
    let after = patch_user(
        json!({}),
        json!([{"op": "add", "path": manager, "value":
            {"value": "m1", "displayName": "Rui Matos", "$ref": "https://scim.example/Users/m1"},
        }]),
    );
    assert_eq!(
        after,
        json!({ENTERPRISE: {
            "manager": {"value": "m1", "$ref": "https://scim.example/Users/m1"},
        }})
    );
    let unchanged =
        patch_user(json!({}), json!([{"op": "add", "path": manager, "value": {"displayName": "Rui"}}]));
    assert_eq!(unchanged, json!({}));
}

/// RFC 7644 §3.5.2.2: what is required cannot be removed; RFC 7644 §3.12 `invalidValue`: nor set to nothing.
#[test]
fn required_attributes_stay() {
    let cleared = error(ScimType::InvalidValue, "Operation 1: 'userName' is required and cannot be cleared.");
    for operation in [
        json!({"op": "replace", "path": "userName", "value": null}),
        json!({"op": "add", "path": "userName", "value": "  "}),
        json!({"op": "replace", "value": {"userName": null}}),
    ] {
        assert_eq!(refuse_user(json!({}), json!([operation])), cleared);
    }
    assert_eq!(
        refuse_user(json!({}), json!([{"op": "remove", "path": "userName"}])),
        error(ScimType::Mutability, "Operation 1: 'userName' is required and cannot be removed.")
    );
    let schemas = provost::scim::schema::SchemaSet::built_in();
    assert_eq!(
        try_patch(
            schemas.group(),
            json!({"displayName": "Staff"}),
            json!([{"op": "remove", "path": "displayName"}])
        ),
        Err(error(ScimType::Mutability, "Operation 1: 'displayName' is required and cannot be removed."))
    );
}

/// RFC 7643 §4.1.1: a password can be set again, but a PATCH cannot take it away.
#[test]
fn the_password_cannot_be_removed() {
    assert_eq!(
        refuse_user(json!({}), json!([{"op": "remove", "path": "password"}])),
        error(ScimType::Mutability, "Operation 1: 'password' can be replaced but not removed.")
    );
}

fn lamp() -> Value {
    json!({
        "name": "lamp", "owners": ["ines"], "serial": "S1", "keys": ["k1", "k2"],
        "site": {"building": "B1", "room": "7"},
        "parts": [{"value": "bulb", "maker": "Luz"}, {"value": "cord"}],
    })
}

/// RFC 7643 §7 `immutable`: another value, or none, is refused once there is one.
#[test]
fn immutable_values_stay() {
    let taken = |path: &str| format!("Operation 1: '{path}' is immutable and already has a value.");
    for (operation, path) in [
        (json!({"op": "replace", "path": "serial", "value": "S2"}), "serial"),
        (json!({"op": "replace", "path": "serial", "value": null}), "serial"),
        (json!({"op": "remove", "path": "serial"}), "serial"),
        (json!({"op": "add", "path": "keys", "value": ["k3"]}), "keys"),
        (json!({"op": "remove", "path": "keys[value eq \"k1\"]"}), "keys[value eq \"k1\"]"),
        (json!({"op": "add", "path": "site.building", "value": "B2"}), "site.building"),
        (json!({"op": "replace", "path": "site", "value": {"building": "B2"}}), "site.building"),
        (json!({"op": "replace", "path": "site", "value": null}), "site.building"),
        (json!({"op": "remove", "path": "site"}), "site.building"),
        (json!({"op": "remove", "path": "site.building"}), "site.building"),
        (json!({"op": "replace", "path": "parts[value eq \"bulb\"].maker", "value": "Sol"}), "parts.maker"),
        (
            json!({"op": "replace", "path": "parts[value eq \"bulb\"]", "value": {"value": "bulb"}}),
            "parts.maker",
        ),
        (json!({"op": "add", "path": "parts", "value": [{"value": "bulb", "maker": "Sol"}]}), "parts.maker"),
        (json!({"op": "remove", "path": "parts.maker"}), "parts.maker"),
    ] {
        let refusal = try_patch(&device(), lamp(), json!([operation]));
        assert_eq!(refusal, Err(error(ScimType::Mutability, &taken(path))), "{operation}");
    }
}

/// RFC 7643 §7 `immutable`: set where there is none, sent again as it is, and gone with its element.
#[test]
fn immutable_values_can_be_set_once() {
    let patched = try_patch(
        &device(),
        lamp(),
        json!([
            {"op": "replace", "path": "serial", "value": "S1"},
            {"op": "add", "path": "keys", "value": ["K1"]},
            {"op": "add", "path": "site", "value": {"building": "b1", "room": "8"}},
            {"op": "add", "path": "parts[value eq \"cord\"].maker", "value": "Fio"},
            {"op": "remove", "path": "parts[value eq \"bulb\"]"},
        ]),
    );
    assert_eq!(
        patched.expect("applies").attributes,
        attributes(json!({
            "name": "lamp", "owners": ["ines"], "serial": "S1", "keys": ["k1", "k2"],
            "site": {"building": "B1", "room": "8"},
            "parts": [{"value": "cord", "maker": "Fio"}],
        }))
    );
}

/// RFC 7643 §7 `required`, of a multi-valued attribute, of a sub-attribute, and in an extension.
#[test]
fn required_parts_stay() {
    for (operation, scim_type, detail) in [
        (
            json!({"op": "remove", "path": "owners[value eq \"ines\"]"}),
            ScimType::Mutability,
            "'owners[value eq \"ines\"]' is required and cannot be removed.",
        ),
        (
            json!({"op": "replace", "path": "owners", "value": []}),
            ScimType::InvalidValue,
            "'owners' is required and cannot be cleared.",
        ),
        (
            json!({"op": "remove", "path": "parts[maker eq \"Luz\"].value"}),
            ScimType::Mutability,
            "'parts.value' is required and cannot be removed.",
        ),
        (
            json!({"op": "replace", "path": "parts.value", "value": null}),
            ScimType::InvalidValue,
            "'parts.value' is required and cannot be cleared.",
        ),
        (
            json!({"op": "add", "path": BADGE, "value": {"color": "red"}}),
            ScimType::InvalidValue,
            "the resource would not be valid after it: 'urn:example:schemas:2.0:Badge:number' is required and must not be empty.",
        ),
    ] {
        let refusal = try_patch(&device(), lamp(), json!([operation]));
        assert_eq!(refusal, Err(error(scim_type, &format!("Operation 1: {detail}"))), "{operation}");
    }
}

/// RFC 7643 §6 `required` of an extension, and what is immutable in one: it cannot be removed whole.
#[test]
fn extensions_stay() {
    let mut current = lamp();
    current[BADGE] = json!({"number": "7", "issued": "2026-01-02T03:04:05Z"});
    let removed = json!([{"op": "remove", "path": BADGE}]);
    let issued = "Operation 1: 'urn:example:schemas:2.0:Badge:issued' is immutable and already has a value.";
    assert_eq!(
        try_patch(&device(), current.clone(), removed.clone()),
        Err(error(ScimType::Mutability, issued))
    );
    let mut required = device();
    for extension in &mut required.resource_type.schema_extensions {
        extension.required = true;
    }
    let badge = "Operation 1: 'urn:example:schemas:2.0:Badge' is required and cannot be removed.";
    for operation in [removed, json!([{"op": "replace", "value": {BADGE: null}}])] {
        assert_eq!(try_patch(&required, current.clone(), operation), Err(error(ScimType::Mutability, badge)));
    }
}

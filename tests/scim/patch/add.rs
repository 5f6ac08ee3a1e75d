//! `add` (RFC 7644 §3.5.2.1).

use serde_json::json;

use super::request::{ENTERPRISE, USER_ID, attributes, operations, patch_user, try_patch};
use super::schemas::device;
use provost::scim::patch::apply;

/// RFC 7644 §3.5.2.1, the example without a path: a value joins a multi-valued attribute, a simple one is set.
#[test]
fn without_path_adds_what_the_value_holds() {
    let after = patch_user(
        json!({"emails": [{"value": "ines@home.example", "type": "home"}]}),
        json!([{"op": "add", "value": {
            "emails": [{"value": "ines@work.example", "type": "work", "primary": true}],
            "nickName": "Nes",
        }}]),
    );
    assert_eq!(
        after,
        json!({
            "emails": [
                {"value": "ines@home.example", "type": "home"},
                {"value": "ines@work.example", "type": "work", "primary": true},
            ],
            "nickName": "Nes",
        })
    );
}

/// RFC 7644 §3.5.2.1: "If the target location does not exist, the attribute and value are added."
#[test]
fn creates_what_is_not_there() {
    let after = patch_user(
        json!({}),
        json!([
            {"op": "add", "path": "displayName", "value": "Ines Duarte"},
            {"op": "add", "path": "name.familyName", "value": "Duarte"},
            {"op": "add", "path": "phoneNumbers", "value": {"value": "+351 21 000", "type": "work"}},
            {"op": "add", "path": "externalId", "value": "hr-17"},
        ]),
    );
    assert_eq!(
        after,
        json!({
            "displayName": "Ines Duarte",
            "name": {"familyName": "Duarte"},
            "phoneNumbers": [{"value": "+351 21 000", "type": "work"}],
            "externalId": "hr-17",
        })
    );
}

/// RFC 7644 §3.5.2.1: the value of a single-valued attribute is replaced.
#[test]
fn replaces_a_single_value() {
    let after =
        patch_user(json!({"title": "Clerk"}), json!([{"op": "add", "path": "title", "value": "Head"}]));
    assert_eq!(after, json!({"title": "Head"}));
}

/// RFC 7644 §3.5.2.1: of a complex attribute, the given sub-attributes are set.
#[test]
fn merges_into_a_complex_attribute() {
    let after = patch_user(
        json!({"name": {"givenName": "Ines", "familyName": "Duarte"}}),
        json!([{"op": "add", "path": "name", "value": {"FAMILYNAME": "Matos", "middleName": "Sofia"}}]),
    );
    assert_eq!(after, json!({"name": {"givenName": "Ines", "familyName": "Matos", "middleName": "Sofia"}}));
}

/// RFC 7644 §3.5.2.1: "If the value already exists" nothing changes; values compare as in filters (RFC 7643 §2.2).
#[test]
fn leaves_a_value_that_is_there() {
    let before = json!({
        "emails": [
            {"value": "Ines@Work.example", "type": "work", "primary": true},
            {"value": "ines@home.example", "type": "home"},
        ],
        "addresses": [{"type": "work", "locality": "Porto"}],
        "roles": [{"value": "clerk"}],
    });
    let after = patch_user(
        before.clone(),
        json!([
            {"op": "add", "path": "emails", "value": [{"type": "WORK", "value": "ines@work.example"}]},
            {"op": "add", "path": "addresses", "value": [{"locality": "porto", "type": "work"}]},
            {"op": "add", "value": {"roles": [{"value": "CLERK"}]}},
        ]),
    );
    assert_eq!(after, before);
}

/// RFC 7643 §2.4: a pair of type and value SHOULD NOT be there twice, so what is new goes into the one that is there.
#[test]
fn completes_an_element_with_the_same_type_and_value() {
    let after = patch_user(
        json!({"emails": [{"value": "a@x.example", "type": "work", "display": "old"}]}),
        json!([{"op": "add", "path": "emails", "value": [
            {"value": "A@x.example", "type": "work", "display": "new", "primary": true},
            {"value": "a@x.example", "type": "home"},
        ]}]),
    );
    assert_eq!(
        after,
        json!({"emails": [
            {"value": "a@x.example", "type": "work", "display": "new", "primary": true},
            {"value": "a@x.example", "type": "home"},
        ]})
    );
}

/// RFC 7644 §3.5.2.1, of simple multi-valued attributes (errata 7122 calls them to mind).
#[test]
fn appends_simple_values() {
    let current = json!({
        "name": "lamp", "owners": ["ines"], "tags": ["Red"], "ports": [1],
        "installed": ["2026-01-02T03:04:05Z"], "site": {"doors": ["n"]},
    });
    let patched = try_patch(
        &device(),
        current,
        json!([
            {"op": "add", "path": "tags", "value": ["red", "blue"]},
            {"op": "add", "path": "ports", "value": 2},
            {"op": "add", "path": "installed", "value": ["2026-01-02T04:04:05+01:00", "2026-01-03T00:00:00Z"]},
            {"op": "add", "path": "site.doors", "value": ["N", "s"]},
            {"op": "add", "path": "site", "value": {"doors": ["w"], "room": "7"}},
        ]),
    );
    assert_eq!(
        patched.expect("applies").attributes,
        attributes(json!({
            "name": "lamp", "owners": ["ines"], "tags": ["Red", "blue"], "ports": [1, 2],
            "installed": ["2026-01-02T03:04:05Z", "2026-01-03T00:00:00Z"],
            "site": {"doors": ["n", "s", "w"], "room": "7"},
        }))
    );
}

/// RFC 7644 §3.5.2.1 behind a value path: the given sub-attributes are set in every element that matches.
#[test]
fn merges_into_the_elements_that_match() {
    let after = patch_user(
        json!({"addresses": [
            {"type": "work", "locality": "Porto"},
            {"type": "home", "locality": "Braga"},
            {"type": "work", "locality": "Faro", "region": "South"},
        ]}),
        json!([{"op": "add", "path": "addresses[type eq \"work\"]", "value": {"country": "PT", "region": null}}]),
    );
    assert_eq!(
        after,
        json!({"addresses": [
            {"type": "work", "locality": "Porto", "country": "PT"},
            {"type": "home", "locality": "Braga"},
            {"type": "work", "locality": "Faro", "country": "PT"},
        ]})
    );
}

/// RFC 7644 §3.5.2.1 behind a value path with a sub-attribute.
#[test]
fn sets_a_sub_attribute_of_the_elements_that_match() {
    let after = patch_user(
        json!({"emails": [{"value": "a@x.example", "type": "work"}, {"value": "b@x.example", "type": "home"}]}),
        json!([{"op": "add", "path": "emails[value ew \"x.example\" and type eq \"home\"].display", "value": "B"}]),
    );
    assert_eq!(
        after,
        json!({"emails": [
            {"value": "a@x.example", "type": "work"},
            {"value": "b@x.example", "type": "home", "display": "B"},
        ]})
    );
}

/// A sub-attribute without a filter means every element; where there is none, one is added.
#[test]
fn sets_a_sub_attribute_of_every_element() {
    let patch = json!([{"op": "add", "path": "roles.display", "value": "R"}]);
    assert_eq!(
        patch_user(json!({"roles": [{"value": "a"}, {"value": "b"}]}), patch.clone()),
        json!({"roles": [{"value": "a", "display": "R"}, {"value": "b", "display": "R"}]})
    );
    assert_eq!(patch_user(json!({}), patch), json!({"roles": [{"display": "R"}]}));
}

/// RFC 7644 §3.5.2 with RFC 7643 §3.3: paths into an extension, the extension's URN as a path, and as a key.
#[test]
fn writes_into_an_extension() {
    let enterprise = |attributes| json!({ENTERPRISE: attributes});
    let upper = ENTERPRISE.to_uppercase();
    for (patch, expected) in [
        (
            json!({"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Sales"}),
            json!({"department": "Sales"}),
        ),
        (
            json!({"op": "add", "path": format!("{upper}:DEPARTMENT"), "value": "Sales"}),
            json!({"department": "Sales"}),
        ),
        (
            json!({"op": "add", "path": format!("{ENTERPRISE}:manager.value"), "value": "m1"}),
            json!({"manager": {"value": "m1"}}),
        ),
        (
            json!({"op": "add", "path": ENTERPRISE, "value": {"Department": "Sales", "manager.value": "m1"}}),
            json!({"department": "Sales", "manager": {"value": "m1"}}),
        ),
        (json!({"op": "add", "path": upper, "value": {"costCenter": "7"}}), json!({"costCenter": "7"})),
        (
            json!({"op": "add", "value": {ENTERPRISE: {"division": "South", "manager": {"value": "m1"}}}}),
            json!({"division": "South", "manager": {"value": "m1"}}),
        ),
        (
            json!({"op": "add", "value": {format!("{ENTERPRISE}:organization"): "Duarte Lda"}}),
            json!({"organization": "Duarte Lda"}),
        ),
    ] {
        assert_eq!(patch_user(json!({}), json!([patch])), enterprise(expected), "{patch}");
    }
}

/// RFC 7644 §3.10: the resource type's own URN may stand before an attribute's name.
#[test]
fn takes_paths_with_the_core_urn() {
    let after = patch_user(
        json!({}),
        json!([
            {"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "value": "Ines"},
            {"op": "add", "value": {"urn:ietf:params:scim:schemas:core:2.0:User:title": "Head"}},
        ]),
    );
    assert_eq!(after, json!({"name": {"givenName": "Ines"}, "title": "Head"}));
}

/// RFC 7643 §2.5: null and "unassigned" are the same; adding it clears, while adding no elements adds none.
#[test]
fn null_clears() {
    let before = json!({
        "title": "Head",
        "name": {"givenName": "Ines", "familyName": "Duarte"},
        "roles": [{"value": "a"}],
        "emails": [{"value": "a@x.example", "type": "work", "display": "A"}],
        "nickName": "Nes",
        ENTERPRISE: {"department": "Sales", "division": "South"},
    });
    let after = patch_user(
        before,
        json!([
            {"op": "add", "path": "title", "value": null},
            {"op": "add", "path": "name.familyName", "value": null},
            {"op": "add", "path": "roles", "value": null},
            {"op": "add", "path": "emails", "value": []},
            {"op": "add", "path": "emails[type eq \"work\"].display", "value": null},
            {"op": "add", "path": ENTERPRISE, "value": {"department": null}},
            {"op": "add", "value": {"nickName": null}},
        ]),
    );
    assert_eq!(
        after,
        json!({
            "name": {"givenName": "Ines"},
            "emails": [{"value": "a@x.example", "type": "work"}],
            ENTERPRISE: {"division": "South"},
        })
    );
}

/// RFC 7643 §7 `canonicalValues`: stored as the schema spells them.
#[test]
fn spells_canonical_values_canonically() {
    let after = patch_user(
        json!({}),
        json!([
            {"op": "add", "path": "emails", "value": [{"value": "a@x.example", "type": "WORK"}]},
            {"op": "add", "path": "phoneNumbers[TYPE eq \"MOBILE\"].value", "value": "1"},
        ]),
    );
    assert_eq!(
        after,
        json!({
            "emails": [{"value": "a@x.example", "type": "work"}],
            "phoneNumbers": [{"type": "mobile", "value": "1"}],
        })
    );
}

/// RFC 7643 §4.1.1: the password is written and never among the attributes; the last one counts.
#[test]
fn takes_the_password_apart() {
    let schemas = provost::scim::schema::SchemaSet::built_in();
    let before = attributes(json!({"userName": "ines"}));
    let patched = apply(
        schemas.user(),
        USER_ID,
        &before,
        &operations(json!([
            {"op": "add", "path": "password", "value": "first-0001"},
            {"op": "replace", "value": {"password": "second-0002"}},
        ])),
    )
    .expect("applies");
    assert_eq!(patched.attributes, before);
    assert_eq!(patched.password.as_ref().map(|password| password.expose()), Some("second-0002"));
    let nothing = apply(
        schemas.user(),
        USER_ID,
        &before,
        &operations(json!([
            {"op": "replace", "value": {"password": null}},
        ])),
    );
    assert_eq!(nothing.expect("applies").password, None);
}

//! Whole bodies: names, `schemas`, what is required, what is skipped.

use provost::scim::error::ScimError;
use provost::scim::schema::SchemaSet;
use provost::scim::schema::validate::{self, Secret, Strictness};
use serde_json::{Map, Value, json};

use super::{ENTERPRISE, USER, create_user, object};

/// RFC 7644 §3.3, RFC 7643 §8.3: a whole user, its names in any case, what the server keeps left out.
#[test]
fn create_takes_a_whole_user() {
    let validated = create_user(json!({
        "schemas": [USER, ENTERPRISE],
        "id": "mine",
        "ID2": "unknown",
        "externalId": "701984",
        "USERNAME": "bjensen@example.com",
        "name": { "FamilyName": "Jensen", "givenName": "Barbara", "middleName": " ", "petName": "Babs" },
        "nickName": "",
        "active": true,
        "password": "t1meMa$heen",
        "emails": [
            { "value": "bjensen@example.com", "TYPE": "Work", "primary": true, "display": null },
            { "value": "babs@jensen.org", "type": "cottage", "primary": false },
            {},
            null,
        ],
        "photos": [],
        "title": null,
        "groups": [{ "value": "g", "display": "Admins" }],
        "meta": { "resourceType": "Nonsense" },
        "urn:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:User": {
            "employeeNumber": "701984",
            "manager": { "value": "26118915", "$ref": "../Users/26118915", "displayName": "John Smith" },
            "shoeSize": "38",
        },
    }))
    .unwrap();
    assert_eq!(
        Value::Object(validated.attributes.into_map()),
        json!({
            "externalId": "701984",
            "userName": "bjensen@example.com",
            "name": { "familyName": "Jensen", "givenName": "Barbara" },
            "nickName": "",
            "active": true,
            "emails": [
                { "value": "bjensen@example.com", "type": "work", "primary": true },
                { "value": "babs@jensen.org", "type": "cottage", "primary": false },
            ],
            ENTERPRISE: {
                "employeeNumber": "701984",
                "manager": { "value": "26118915", "$ref": "../Users/26118915" },
            },
        })
    );
    assert_eq!(validated.password.as_ref().map(Secret::expose), Some("t1meMa$heen"));
    assert_eq!(validated.ignored, ["ID2", "name.petName", &format!("{ENTERPRISE}:shoeSize")]);
}

/// RFC 7643 §4.2: members are named by `value`; `display` is readOnly.
#[test]
fn create_takes_a_group() {
    let validated = validate::create(
        SchemaSet::built_in().group(),
        object(json!({
            "schemas": ["http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "displayName": "Tour Guides",
            "members": [
                { "value": "u1", "display": "Babs", "$ref": null },
                { "value": "g1", "type": "group" },
                { "value": "U1" },
            ],
        })),
        Strictness::Lenient,
    );
    assert_eq!(
        Value::Object(validated.unwrap().attributes.into_map()),
        json!({ "displayName": "Tour Guides", "members": [{ "value": "u1" }, { "value": "g1", "type": "Group" }] })
    );
}

/// RFC 7644 §3.10: names can be prefixed with their schema's URN.
#[test]
fn create_takes_qualified_names() {
    let validated = create_user(json!({
        format!("{USER}:userName"): "a",
        format!("{ENTERPRISE}:Department"): "Tours",
        ENTERPRISE: { "division": "Theme Park" },
    }));
    assert_eq!(
        Value::Object(validated.unwrap().attributes.into_map()),
        json!({ "userName": "a", ENTERPRISE: { "department": "Tours", "division": "Theme Park" } })
    );
}

/// RFC 7643 §2.1: names that differ by case are one name.
#[test]
fn an_attribute_cannot_be_given_twice() {
    let twice = |body: Value| create_user(body).unwrap_err();
    for (body, place) in [
        (json!({ "userName": "a", "username": "b" }), "'userName'"),
        (json!({ "userName": "a", format!("{USER}:userName"): "a" }), "'userName'"),
        (json!({ "userName": "a", "ID": "1", "id": "1" }), "'id'"),
        (json!({ "userName": "a", "name": { "givenName": "B", "GIVENNAME": null } }), "'name.givenName'"),
        (
            json!({ "userName": "a", "emails": [{}, { "value": "B", "Value": "C" }] }),
            "'emails.value' (element 2)",
        ),
        (
            json!({ "userName": "a", ENTERPRISE: {}, ENTERPRISE.to_uppercase(): {} }),
            &format!("'{ENTERPRISE}'"),
        ),
        (
            json!({ "userName": "a", ENTERPRISE: { "division": "A" }, format!("{ENTERPRISE}:division"): "B" }),
            &format!("'{ENTERPRISE}:division'"),
        ),
    ] {
        let detail = format!("{place} is given twice; names differ by more than their case.");
        assert_eq!(twice(body), ScimError::invalid_syntax(detail));
    }
}

/// RFC 7643 §7, `required`; §2.5: null, blank and absent are all no value.
#[test]
fn required_attributes_have_values() {
    let required =
        |path: &str| ScimError::invalid_value(format!("'{path}' is required and must not be empty."));
    for body in
        [json!({}), json!({ "userName": null }), json!({ "userName": " " }), json!({ "userName": [] })]
    {
        assert_eq!(create_user(body.clone()).unwrap_err(), required("userName"), "{body}");
        let strict = [("schemas".to_owned(), json!([USER]))].into_iter().chain(object(body)).collect();
        assert_eq!(
            validate::create(SchemaSet::built_in().user(), strict, Strictness::Strict).unwrap_err(),
            required("userName")
        );
    }
    let group = validate::create(SchemaSet::built_in().group(), Map::new(), Strictness::Lenient);
    assert_eq!(group.unwrap_err(), required("displayName"));
}

/// What clients send beside the RFC, each of it with one meaning only.
#[test]
fn lenient_reading_accepts_what_is_plain() {
    let validated = create_user(json!({
        "schemas": USER,
        "userName": "a",
        "emails": "a@example.com",
        "phoneNumbers": { "value": "tel:+1" },
        "roles": ["admin", ""],
        ENTERPRISE: { "manager": "271" },
    }));
    assert_eq!(
        Value::Object(validated.unwrap().attributes.into_map()),
        json!({
            "userName": "a",
            "emails": [{ "value": "a@example.com" }],
            "phoneNumbers": [{ "value": "tel:+1" }],
            "roles": [{ "value": "admin" }],
            ENTERPRISE: { "manager": { "value": "271" } },
        })
    );
    let blank =
        create_user(json!({ "userName": "a", ENTERPRISE: { "manager": "" }, "name": { "familyName": "" } }));
    assert_eq!(Value::Object(blank.unwrap().attributes.into_map()), json!({ "userName": "a" }));
}

/// RFC 7643 §3 and RFC 7644 §3.1 to the letter.
#[test]
fn strict_reading_refuses_what_the_rfc_does_not_allow() {
    let schemas = format!("'schemas' is required and must contain '{USER}'.");
    let unlisted = format!("'schemas' must contain '{ENTERPRISE}', which the body has.");
    for (body, error) in [
        (json!({ "userName": "a" }), ScimError::invalid_value(&schemas)),
        (json!({ "schemas": [ENTERPRISE], "userName": "a" }), ScimError::invalid_value(&schemas)),
        (
            json!({ "schemas": [USER, "urn:example"], "userName": "a" }),
            ScimError::invalid_value("'schemas' (element 2) is not a schema of User."),
        ),
        (
            json!({ "schemas": [USER], "userName": "a", ENTERPRISE: { "division": "b" } }),
            ScimError::invalid_value(&unlisted),
        ),
        (json!({ "schemas": USER }), ScimError::invalid_value("'schemas' must be an array, not a string.")),
        (
            json!({ "schemas": [USER], "shoeSize": 38 }),
            ScimError::invalid_syntax("'shoeSize' is not an attribute that any schema has."),
        ),
        (
            json!({ "emails": [{ "kind": "work" }] }),
            ScimError::invalid_syntax("'emails.kind' (element 1) is not an attribute that any schema has."),
        ),
        (
            json!({ "emails": { "value": "a" } }),
            ScimError::invalid_value("'emails' must be an array, not an object."),
        ),
        (
            json!({ "emails": ["a"] }),
            ScimError::invalid_value("'emails' (element 1) must be an object, not a string."),
        ),
    ] {
        let strict = validate::create(SchemaSet::built_in().user(), object(body), Strictness::Strict);
        assert_eq!(strict.unwrap_err(), error);
    }
    let body = json!({ "schemas": [USER, ENTERPRISE], "userName": "a", "name": { "givenName": " " } });
    let strict = validate::create(SchemaSet::built_in().user(), object(body), Strictness::Strict).unwrap();
    assert_eq!(
        Value::Object(strict.attributes.into_map()),
        json!({ "userName": "a", "name": { "givenName": " " } })
    );
}

/// A message repeats a client's own text only as far as it can be read, and a password not at all.
#[test]
fn messages_and_debug_show_no_secret_and_no_flood() {
    let validated = create_user(json!({ "userName": "a", "password": "s3cret" })).unwrap();
    assert!(!format!("{validated:?}").contains("s3cret"));
    let empty = create_user(json!({ "userName": "a", "password": "" }));
    assert_eq!(empty.unwrap().password, None);
    let error = create_user(json!({ "password": { "clear": "s3cret" } })).unwrap_err();
    assert!(!error.detail.contains("s3cret"));
    let name = "x".repeat(100_000);
    let body = object(json!({ "schemas": [USER], name: 1 }));
    let error = validate::create(SchemaSet::built_in().user(), body, Strictness::Strict).unwrap_err();
    assert!(error.detail.len() < 200);
}

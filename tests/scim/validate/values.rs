//! Values: types, sizes, and the rules of multi-valued attributes.

use provost::scim::error::ScimError;
use provost::scim::schema::SchemaSet;
use provost::scim::schema::validate::{self, Strictness};
use serde_json::{Value, json};

use super::{ENTERPRISE, create_user, object};

/// RFC 7643 §2.3: each type takes its own JSON, and the message says what it takes.
#[test]
fn values_have_the_type_of_their_attribute() {
    for (body, detail) in [
        (json!({ "userName": 1 }), "'userName' must be a string, not a number."),
        (json!({ "active": "true" }), "'active' must be a boolean (true or false), not a string."),
        (json!({ "title": true }), "'title' must be a string, not a boolean."),
        (json!({ "title": ["Tour Guide"] }), "'title' must be a single value, not an array."),
        (json!({ "title": { "a": 1 } }), "'title' must be a string, not an object."),
        (json!({ "name": "Babs Jensen" }), "'name' must be an object, not a string."),
        (json!({ "name": [{ "givenName": "B" }] }), "'name' must be a single value, not an array."),
        (json!({ "name": { "givenName": 1 } }), "'name.givenName' must be a string, not a number."),
        (json!({ "profileUrl": 1 }), "'profileUrl' must be a URI as a string, not a number."),
        (json!({ "emails": [["a"]] }), "'emails' (element 1) must be a single value, not an array."),
        (json!({ "emails": [{}, 5] }), "'emails' (element 2) must be an object, not a number."),
        (
            json!({ "emails": [{ "primary": 1 }] }),
            "'emails.primary' (element 1) must be a boolean (true or false), not a number.",
        ),
        (
            json!({ "x509Certificates": [{ "value": "a b" }] }),
            "'x509Certificates.value' (element 1) must be base64 (RFC 4648 §4 or §5).",
        ),
        (json!({ "password": 12345 }), "'password' must be a string, not a number."),
        (json!({ "title": "a\0b" }), "'title' must not contain the character U+0000."),
        (
            json!({ ENTERPRISE: { "department": false } }),
            "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department' must be a string, not a boolean.",
        ),
        (
            json!({ ENTERPRISE: "Tours" }),
            "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' must be an object, not a string.",
        ),
        (json!({ "schemas": 5 }), "'schemas' (element 1) must be a string, not a number."),
    ] {
        assert_eq!(create_user(body).unwrap_err(), ScimError::invalid_value(detail));
    }
}

/// RFC 7643 §2.3.3, §2.3.4, §2.3.5: the types that the built-in resources have only where they are readOnly.
#[test]
fn numbers_and_date_times_are_checked() {
    let set = SchemaSet::built_in();
    let created = set.user().common.attribute("meta").unwrap().sub_attribute("created").unwrap();
    let element = |value: Value| validate::element(created, value);
    assert_eq!(element(json!("2026-01-02T03:04:05+01:00")), Ok(Some(json!("2026-01-02T03:04:05+01:00"))));
    let detail = "'created' must be a date-time with an offset, such as 2026-01-02T03:04:05Z.";
    assert_eq!(element(json!("2026-01-02T03:04:05")), Err(ScimError::invalid_value(detail)));
    let config = set.schema("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig").unwrap();
    let limit = config.attribute("bulk").unwrap().sub_attribute("maxOperations").unwrap();
    assert_eq!(validate::element(limit, json!(50)), Ok(Some(json!(50))));
    let detail = "'maxOperations' must be an integer, without a fraction or an exponent.";
    assert_eq!(validate::element(limit, json!(5.5)), Err(ScimError::invalid_value(detail)));
    let detail = "'maxOperations' must be an integer, not a string.";
    assert_eq!(validate::element(limit, json!("5")), Err(ScimError::invalid_value(detail)));
}

/// RFC 7643 §2.3.6: base64 in either alphabet, with padding or without.
#[test]
fn binary_values_are_base64() {
    for value in ["TWE=", "TWE", "-_-_", "+/+/", ""] {
        let body = json!({ "userName": "a", "x509Certificates": [{ "value": value }] });
        let expected = json!([{ "value": value }]);
        assert_eq!(
            create_user(body.clone()).unwrap().attributes.get("x509Certificates"),
            Some(&expected),
            "{body}"
        );
    }
}

/// RFC 7643 §2.4: one primary value at most, and no pair of type and value twice.
#[test]
fn multi_valued_attributes_keep_their_rules() {
    let emails = |emails: Value| {
        let validated = create_user(json!({ "userName": "a", "emails": emails }))?;
        Ok(validated.attributes.get("emails").cloned())
    };
    assert_eq!(
        emails(
            json!([{ "value": "a", "primary": true }, { "value": "b" }, { "value": "c", "primary": true }])
        ),
        Err(ScimError::invalid_value(
            "'emails' must not have more than one element whose 'primary' is true."
        ))
    );
    assert_eq!(
        emails(json!([
            { "value": "A@b.c", "type": "work" },
            { "value": "a@B.c", "type": "Work", "primary": true, "display": "A" },
            { "value": "a@b.c", "type": "home" },
            { "value": "a@b.c" },
            { "display": "none" },
            { "display": "None" },
        ])),
        Ok(Some(json!([
            { "value": "A@b.c", "type": "work", "primary": true, "display": "A" },
            { "value": "a@b.c", "type": "home" },
            { "value": "a@b.c" },
            { "display": "none" },
        ])))
    );
    assert_eq!(emails(json!([{ "value": null }, null, {}])), Ok(None));
}

/// A limit is named with its attribute, and what is within it passes.
#[test]
fn sizes_are_limited() {
    let mut body = json!({
        "userName": "ä".repeat(4096),
        "photos": [{ "value": format!("data:image/png;base64,{}", "A".repeat(500 * 1024)) }],
        "x509Certificates": [{ "value": "A".repeat(512 * 1024) }],
        "roles": (0..1000).map(|number| json!({ "value": number.to_string() })).collect::<Vec<_>>(),
    });
    assert!(create_user(body.clone()).is_ok());
    body["title"] = json!("a".repeat(4097));
    let refused = |body: &Value, detail: &str| {
        assert_eq!(create_user(body.clone()).unwrap_err(), ScimError::invalid_value(detail));
    };
    refused(&body, "'title' must not be longer than 4096 characters.");
    refused(
        &json!({ "photos": [{ "value": format!("http://{}", "a".repeat(4096)) }] }),
        "'photos.value' (element 1) must not be longer than 4096 characters.",
    );
    refused(
        &json!({ "x509Certificates": [{ "value": "A".repeat(512 * 1024 + 4) }] }),
        "'x509Certificates.value' (element 1) must not be longer than 524288 bytes.",
    );
    refused(&json!({ "roles": vec![json!({}); 1001] }), "'roles' must not have more than 1000 elements.");
    let group = |members: usize| {
        let members: Vec<_> = (0..members).map(|number| json!({ "value": number.to_string() })).collect();
        let body = object(json!({ "displayName": "All", "members": members }));
        validate::create(SchemaSet::built_in().group(), body, Strictness::Lenient)
    };
    assert!(group(100_000).is_ok());
    let detail = "'members' must not have more than 100000 elements.";
    assert_eq!(group(100_001).unwrap_err(), ScimError::invalid_value(detail));
}

//! Sorting (RFC 7644 §3.4.2.3).

use provost::scim::error::ScimError;
use provost::scim::filter::{resolve_sort, sort_key};
use serde_json::{Value, json};

use super::{ENTERPRISE, document, jensen, user};

fn key(sort_by: &str, attributes: Value) -> Option<Value> {
    let path = resolve_sort(&user(), sort_by).unwrap();
    sort_key(&path, &document(&user(), attributes))
}

/// Keys are what the search document compares; a complex attribute stands for its `value`.
#[test]
fn keys() {
    for (sort_by, expected) in [
        ("USERNAME".to_owned(), json!("bjensen@example.com")),
        ("name.familyName".to_owned(), json!("o'malley")),
        ("emails".to_owned(), json!("bjensen@example.com")),
        ("emails.type".to_owned(), json!("work")),
        ("active".to_owned(), json!(true)),
        ("meta.lastModified".to_owned(), json!(1_305_261_754_500_i64)),
        ("urn:ietf:params:scim:schemas:core:2.0:User:title".to_owned(), json!("tour guide")),
        (format!("{ENTERPRISE}:manager"), json!("Boss-1")),
        (format!("{ENTERPRISE}:department"), json!("tours")),
        ("schemas".to_owned(), json!("urn:ietf:params:scim:schemas:core:2.0:User")),
    ] {
        assert_eq!(key(&sort_by, jensen()), Some(expected), "{sort_by}");
    }
}

/// The primary element counts, else the first; what has no value has no key.
#[test]
fn primary_or_first() {
    let emails = |primary: bool| json!({ "emails": [{ "value": "a@x.de" }, { "value": "B@x.de", "primary": primary }] });
    assert_eq!(key("emails.value", emails(true)), Some(json!("b@x.de")));
    assert_eq!(key("emails.value", emails(false)), Some(json!("a@x.de")));
    assert_eq!(key("emails.type", emails(true)), None);
    assert_eq!(key("emails", json!({})), None);
    assert_eq!(key("name.familyName", json!({ "name": { "givenName": "Anita" } })), None);
    assert_eq!(key(&format!("{ENTERPRISE}:department"), json!({})), None);
}

#[test]
fn refusals() {
    for (sort_by, detail) in [
        (
            "name",
            "sortBy: 'name' is complex; name one of its sub-attributes: formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix.",
        ),
        ("shoeSize", "sortBy: 'shoeSize' is not an attribute of User."),
        (
            "emails[type eq \"work\"]",
            "sortBy: The path is wrong at character 7: expected a letter, a digit, '-', '_' or '$', or the end of the path.",
        ),
        ("password", "sortBy: 'password' is never returned and cannot be sorted by."),
    ] {
        assert_eq!(resolve_sort(&user(), sort_by), Err(ScimError::invalid_value(detail)), "{sort_by}");
    }
}

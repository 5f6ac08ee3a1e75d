//! The value filters of PATCH paths (RFC 7644 §3.5.2).

use provost::scim::error::ScimError;
use serde_json::json;

use super::{ENTERPRISE, filter, user};

/// The elements, as stored, that `text` selects.
fn selects(path: &str, text: &str, elements: &[serde_json::Value]) -> Result<Vec<usize>, ScimError> {
    let user = user();
    let attribute = user.resolve(&path.parse().unwrap()).unwrap().attribute;
    let valid = filter(text).resolve_element(attribute)?;
    let selected =
        elements.iter().enumerate().filter(|(_, element)| valid.matches_element(attribute, element));
    Ok(selected.map(|(index, _)| index).collect())
}

/// Values are normalised on both sides.
#[test]
fn of_a_complex_attribute() {
    let emails = [
        json!({ "value": "A@Example.com", "type": "Work", "primary": true }),
        json!({ "value": "b@example.com", "type": "home" }),
        json!({ "value": "c@example.com" }),
    ];
    for (text, expected) in [
        ("type eq \"work\"", vec![0]),
        ("value eq \"B@EXAMPLE.COM\"", vec![1]),
        ("primary eq true", vec![0]),
        ("primary ne true", vec![1, 2]),
        ("type pr", vec![0, 1]),
        ("type eq null", vec![2]),
        ("not (type eq \"work\") and value sw \"B\" or type eq \"WORK\"", vec![0, 1]),
        ("value co \"EXAMPLE\"", vec![0, 1, 2]),
    ] {
        assert_eq!(selects("emails", text, &emails), Ok(expected), "{text}");
    }
}

/// Erratum 7122: `value` names a simple element.
#[test]
fn of_a_simple_attribute() {
    let schemas = [json!("urn:a"), json!("urn:B")];
    assert_eq!(selects("schemas", "value eq \"urn:B\"", &schemas), Ok(vec![1]));
    assert_eq!(selects("schemas", "VALUE sw \"urn:\"", &schemas), Ok(vec![0, 1]));
    assert_eq!(selects("schemas", "not (value eq \"urn:b\")", &schemas), Ok(vec![0, 1]));
    assert_eq!(
        selects("schemas", "type eq \"x\"", &schemas),
        Err(ScimError::invalid_filter("'type' does not name a part of 'schemas'; its filter can use value."))
    );
}

/// A single complex attribute has one element, also in an extension.
#[test]
fn of_a_single_object() {
    let path = format!("{ENTERPRISE}:manager");
    let manager = [json!({ "value": "Boss-1", "displayName": "J. Smith" })];
    assert_eq!(selects(&path, "displayName eq \"j. smith\"", &manager), Ok(vec![0]));
    assert_eq!(selects(&path, "value eq \"boss-1\"", &manager), Ok(vec![]));
}

/// RFC 7643 §7 (returned "never").
#[test]
fn of_a_secret() {
    assert_eq!(
        selects("password", "value eq \"x\"", &[]),
        Err(ScimError::invalid_filter("'password' is never returned and cannot be used in a filter."))
    );
}

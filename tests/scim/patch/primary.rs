//! One primary value (RFC 7644 §3.5.2, RFC 7643 §2.4).

use provost::scim::error::ScimType;
use serde_json::{Value, json};

use super::request::{error, patch_user, refuse_user};

fn emails() -> Value {
    json!({"emails": [
        {"value": "a@x.example", "type": "work", "primary": true},
        {"value": "b@x.example", "type": "home"},
    ]})
}

/// RFC 7644 §3.5.2: a new primary value takes that from the old one, however it comes.
#[test]
fn a_new_primary_takes_over() {
    let home_is_primary = json!({"emails": [
        {"value": "a@x.example", "type": "work", "primary": false},
        {"value": "b@x.example", "type": "home", "primary": true},
    ]});
    for operation in [
        json!({"op": "add", "path": "emails[type eq \"home\"].primary", "value": true}),
        json!({"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}),
        json!({"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": true}}),
        json!({"op": "replace", "path": "emails[type eq \"home\"]",
            "value": {"value": "b@x.example", "type": "home", "primary": true}}),
        json!({"op": "add", "path": "emails", "value": [{"value": "b@x.example", "type": "home", "primary": true}]}),
        json!({"op": "add", "value": {"emails": [{"value": "B@x.example", "type": "home", "primary": true}]}}),
    ] {
        assert_eq!(patch_user(emails(), json!([operation])), home_is_primary, "{operation}");
    }
}

/// The same for an element that is new.
#[test]
fn an_added_primary_takes_over() {
    for operation in [
        json!({"op": "add", "path": "emails", "value": {"value": "c@x.example", "type": "other", "primary": true}}),
        json!({"op": "add", "path": "emails[type eq \"other\" and primary eq true].value", "value": "c@x.example"}),
    ] {
        assert_eq!(
            patch_user(emails(), json!([operation])),
            json!({"emails": [
                {"value": "a@x.example", "type": "work", "primary": false},
                {"value": "b@x.example", "type": "home"},
                {"value": "c@x.example", "type": "other", "primary": true},
            ]})
        );
    }
}

/// What is not about `primary` leaves it where it is.
#[test]
fn other_changes_leave_the_primary() {
    let after = patch_user(
        emails(),
        json!([
            {"op": "replace", "path": "emails[type eq \"home\"].value", "value": "d@x.example"},
            {"op": "add", "path": "emails", "value": [{"value": "e@x.example", "primary": false}]},
            {"op": "replace", "path": "emails[type eq \"work\"].primary", "value": true},
        ]),
    );
    assert_eq!(
        after,
        json!({"emails": [
            {"value": "a@x.example", "type": "work", "primary": true},
            {"value": "d@x.example", "type": "home"},
            {"value": "e@x.example", "primary": false},
        ]})
    );
}

/// RFC 7643 §2.4: `primary` is true at most once, so one operation cannot give it to two.
#[test]
fn two_primaries_are_refused() {
    let expected = error(
        ScimType::InvalidValue,
        "Operation 1: 'emails' must not have more than one element whose 'primary' is true.",
    );
    for operation in [
        json!({"op": "replace", "path": "emails", "value": [
            {"value": "c@x.example", "primary": true}, {"value": "d@x.example", "primary": true},
        ]}),
        json!({"op": "add", "path": "emails.primary", "value": true}),
        json!({"op": "replace", "path": "emails[value ew \"x.example\"].primary", "value": true}),
    ] {
        assert_eq!(refuse_user(emails(), json!([operation])), expected, "{operation}");
    }
}

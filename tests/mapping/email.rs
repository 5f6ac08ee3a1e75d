//! Which e-mail address and phone number become the user's own (the primary entry, else the first), and the manager.

use serde_json::{Value, json};

use super::{created, patched, replaced};

fn email(value: &str) -> Option<String> {
    created(&json!({ "userName": "x", "emails": [{ "value": value }] })).email
}

/// Only what is an address (RFC 5321 §4.1.2) becomes one; the entry itself is kept in any case.
#[test]
fn what_is_an_address() {
    for valid in ["a@example.com", "A.B+c@sub.example.org", "jürgen@straße.example", "x@a-b.example"] {
        assert_eq!(email(valid).as_deref(), Some(valid));
    }
    let long = format!("{}@example.com", "a".repeat(65));
    for invalid in [
        "user",
        "a@b",
        "@example.com",
        "a@",
        "a@@example.com",
        "a b@example.com",
        "a@-x.example",
        "a@x..example",
        &long,
    ] {
        assert_eq!(email(invalid), None, "{invalid}");
        let user = created(&json!({ "userName": "x", "emails": [{ "value": invalid }] }));
        assert_eq!(user.profile["emails"][0]["value"], invalid);
    }
}

/// RFC 7643 §2.4: the primary one, else the first.
#[test]
fn the_primary_entry() {
    let of = |emails: Value, phones: Value| {
        let user = created(&json!({ "userName": "x", "emails": emails, "phoneNumbers": phones }));
        (user.email, user.phone)
    };
    let found = of(
        json!([{ "value": "a@x.example" }, { "value": "b@x.example", "primary": true }]),
        json!([{ "value": "1" }, { "value": "2", "primary": true }]),
    );
    assert_eq!(found, (Some("b@x.example".to_owned()), Some("2".to_owned())));
    let found =
        of(json!([{ "value": "a@x.example" }, { "value": "b@x.example" }]), json!([{ "value": "1" }]));
    assert_eq!(found, (Some("a@x.example".to_owned()), Some("1".to_owned())));
    assert_eq!(of(json!([]), json!([])), (None, None));
}

/// An address that somebody else holds stays empty until another one comes.
#[test]
fn an_address_that_was_decided_stays_decided() {
    let body = json!({ "userName": "x", "emails": [{ "value": "a@x.example" }] });
    let mut user = created(&body);
    user.email = None;
    assert_eq!(patched(&user, &body).email, None);
    assert_eq!(replaced(&user, &body).email, None);
    let other = json!({ "userName": "x", "emails": [{ "value": "b@x.example" }] });
    assert_eq!(replaced(&user, &other).email.as_deref(), Some("b@x.example"));
    assert_eq!(replaced(&user, &json!({ "userName": "x" })).email, None);
}

/// A manager is linked where the value has the form of an id; any other value is kept all the same.
#[test]
fn the_manager() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let of =
        |value: &str| created(&json!({ "userName": "x", ENTERPRISE: { "manager": { "value": value } } }));
    let id = "01990000-0000-7000-8000-000000000000";
    assert_eq!(of(id).manager.map(|id| id.to_string()).as_deref(), Some(id));
    assert_eq!(of("26118915").manager, None);
    assert_eq!(of("26118915").profile[ENTERPRISE]["manager"]["value"], "26118915");
}

//! Which e-mail address and phone number become the user's own (the primary entry, else the first), and the manager.

use serde_json::{Value, json};

use super::{created, patched, replaced};

/// Only what is an address becomes the account's, in its canonical form; the entry itself stays as it was sent.
#[test]
fn what_is_an_address() {
    for (sent, own) in [
        ("a@example.com", Some("a@example.com")),
        ("A.B+c@Sub.Example.ORG", Some("A.B+c@sub.example.org")),
        (" jürgen@straße.de ", Some("jürgen@xn--strae-oqa.de")),
        ("user", None),
        ("a@b", None),
        ("a@@example.com", None),
        ("a b@example.com", None),
        ("a@corp.local", None),
        ("shared@mailbox.example", None),
        ("Babs <babs@example.com>", None),
    ] {
        let user = created(&json!({ "userName": "x", "emails": [{ "value": sent }] }));
        assert_eq!(user.email.as_deref(), own, "{sent}");
        assert_eq!(user.profile["emails"][0]["value"], sent);
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
        json!([{ "value": "a@example.com" }, { "value": "b@example.com", "primary": true }]),
        json!([{ "value": "1" }, { "value": "2", "primary": true }]),
    );
    assert_eq!(found, (Some("b@example.com".to_owned()), Some("2".to_owned())));
    let found =
        of(json!([{ "value": "a@example.com" }, { "value": "b@example.com" }]), json!([{ "value": "1" }]));
    assert_eq!(found, (Some("a@example.com".to_owned()), Some("1".to_owned())));
    assert_eq!(of(json!([]), json!([])), (None, None));
}

/// An address that somebody else holds stays empty until another one comes.
#[test]
fn an_address_that_was_decided_stays_decided() {
    let body = json!({ "userName": "x", "emails": [{ "value": "a@example.com" }] });
    let mut user = created(&body);
    user.email = None;
    assert_eq!(patched(&user, &body).email, None);
    assert_eq!(replaced(&user, &body).email, None);
    let other = json!({ "userName": "x", "emails": [{ "value": "b@example.com" }] });
    assert_eq!(replaced(&user, &other).email.as_deref(), Some("b@example.com"));
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

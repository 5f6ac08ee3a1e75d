//! Filters held against a schema: what they become, and what is refused.

use provost::scim::error::ScimError;
use provost::scim::filter::{Filter, Operand, Test, ValidFilter, resolve_sort};
use provost::scim::path::{AttributePath, CanonicalPath};
use provost::scim::schema::AttributeType;
use serde_json::json;

use super::{ENTERPRISE, attribute, filter, user, user_with};

fn canonical(text: &str, kind: AttributeType) -> CanonicalPath {
    let path: AttributePath = text.parse().unwrap();
    CanonicalPath {
        extension: path.schema,
        attribute: path.attribute,
        sub_attribute: path.sub_attribute,
        multi_valued: false,
        kind,
        case_exact: false,
    }
}

fn test(path: CanonicalPath, test: Test) -> ValidFilter {
    ValidFilter::Test { path, test }
}

fn equals(text: &str) -> Test {
    Test::Eq(Operand::String(text.to_owned()))
}

fn not(filter: ValidFilter) -> ValidFilter {
    ValidFilter::Not(Box::new(filter))
}

/// RFC 7643 §2.1, RFC 7644 §3.4.2.2: names as the schema has them, operands as the search document has them, and
/// neither `ne` nor null left.
#[test]
fn canonical_forms() {
    let string = AttributeType::String;
    let user_name = || canonical("userName", string);
    let emails = |sub: Option<&str>, kind| CanonicalPath {
        sub_attribute: sub.map(str::to_owned),
        multi_valued: true,
        ..canonical("emails", kind)
    };
    for (text, expected) in [
        ("USERNAME eq \"ÅSA\"".to_owned(), test(user_name(), equals("åsa"))),
        ("userName ne \"x\"".to_owned(), not(test(user_name(), equals("x")))),
        ("userName ne null".to_owned(), test(user_name(), Test::Present)),
        ("userName eq null".to_owned(), not(test(user_name(), Test::Present))),
        ("emails eq \"X\"".to_owned(), test(emails(Some("value"), string), equals("x"))),
        ("emails pr".to_owned(), test(emails(None, AttributeType::Complex), Test::Present)),
        (
            "meta.lastModified gt \"1970-01-01T01:00:01+01:00\"".to_owned(),
            test(canonical("meta.lastModified", AttributeType::DateTime), Test::Gt(Operand::DateTime(1_000))),
        ),
        (
            format!("{}:DEPARTMENT sw \"T\"", ENTERPRISE.to_lowercase()),
            test(canonical(&format!("{ENTERPRISE}:department"), string), Test::Sw("t".to_owned())),
        ),
        (
            "emails[TYPE eq \"Work\"].Value ne \"U\"".to_owned(),
            ValidFilter::Element {
                path: emails(None, AttributeType::Complex),
                filter: Box::new(ValidFilter::And(vec![
                    test(canonical("type", string), equals("work")),
                    not(test(canonical("value", string), equals("u"))),
                ])),
            },
        ),
        (
            "name[familyName eq \"X\"]".to_owned(),
            ValidFilter::And(vec![
                test(canonical("name", AttributeType::Complex), Test::Present),
                test(canonical("name.familyName", string), equals("x")),
            ]),
        ),
    ] {
        assert_eq!(filter(&text).resolve(&user()), Ok(expected), "{text}");
    }
}

/// RFC 7644 §3.4.2.2, §3.12: `invalidFilter`, and the sentence names the attribute.
#[test]
fn refusals() {
    for (text, detail) in [
        ("shoeSize eq 43", "'shoeSize' is not an attribute of User."),
        ("name.shoeSize eq 43", "'shoeSize' in 'name.shoeSize' is not a sub-attribute of 'name'."),
        ("urn:x:y:department pr", "'urn:x:y:department' is not an attribute of User."),
        ("department pr", "'department' is not an attribute of User."),
        ("userName.x pr", "'x' in 'userName.x' is not a sub-attribute of 'userName'."),
        (
            "emails[shoeSize eq 43]",
            "'shoeSize' does not name a part of 'emails'; its filter can use value, display, type, primary.",
        ),
        (
            "emails[emails.type pr]",
            "'emails.type' does not name a part of 'emails'; its filter can use value, display, type, primary.",
        ),
        (
            "emails[type pr].x pr",
            "'x' does not name a part of 'emails'; its filter can use value, display, type, primary.",
        ),
        (
            "userName[value eq \"x\"]",
            "'userName' is not complex and takes no filter in brackets; compare it directly.",
        ),
        (
            "emails.type[value eq \"x\"]",
            "'emails.type' is not complex and takes no filter in brackets; compare it directly.",
        ),
        (
            "name eq \"x\"",
            "'name' is complex and cannot be compared; name one of its sub-attributes: formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix.",
        ),
        ("userName gt null", "'userName' can be compared with null by eq and ne only, not by gt."),
        ("active gt true", "'active' is a boolean and cannot be compared by gt; use eq, ne or pr."),
        ("active co \"t\"", "'active' is a boolean and cannot be compared by co; use eq, ne or pr."),
        (
            "x509Certificates.value lt \"x\"",
            "'x509Certificates.value' is binary and cannot be compared by lt; use eq, ne, co, sw, ew or pr.",
        ),
        (
            "meta.created sw \"2011\"",
            "'meta.created' is a date-time and cannot be compared by sw; use eq, ne, gt, ge, lt, le or pr.",
        ),
        ("active eq \"yes\"", "'active' cannot be compared with this value; expected true or false."),
        (
            "userName eq true",
            "'userName' cannot be compared with this value; expected a string in double quotes.",
        ),
        (
            "emails eq true",
            "'emails.value' cannot be compared with this value; expected a string in double quotes.",
        ),
        (
            "meta.created gt \"yesterday\"",
            "'meta.created' cannot be compared with this value; expected a date-time with its offset, such as \"2026-01-31T13:45:00Z\".",
        ),
        (
            "meta.created gt 2011",
            "'meta.created' cannot be compared with this value; expected a date-time with its offset, such as \"2026-01-31T13:45:00Z\".",
        ),
    ] {
        assert_eq!(filter(text).resolve(&user()), Err(ScimError::invalid_filter(detail)), "{text}");
    }
}

/// RFC 7643 §4.1.1, §7 (returned "never"): no filter tells anything about a password, not even whether there is one.
#[test]
fn secrets() {
    let detail = "'password' is never returned and cannot be used in a filter.";
    for text in [
        "password eq \"hunter2\"",
        "PASSWORD sw \"h\"",
        "password pr",
        "password eq null",
        "not (password pr)",
        "userName pr or urn:ietf:params:scim:schemas:core:2.0:User:password pr",
    ] {
        assert_eq!(filter(text).resolve(&user()), Err(ScimError::invalid_filter(detail)), "{text}");
    }
}

/// RFC 7643 §7 (returned "never", mutability "writeOnly"): neither a part of a secret, nor a secret part.
#[test]
fn secret_parts() {
    let never = json!({ "returned": "never" });
    let write_only = json!({ "mutability": "writeOnly" });
    let vault = json!({ "subAttributes": [attribute("value", "string", never.clone()), attribute("hint", "string", json!({}))] });
    let safe = json!({ "returned": "never", "multiValued": true, "subAttributes": [attribute("code", "string", json!({}))] });
    let schema = user_with(vec![
        attribute("vault", "complex", vault),
        attribute("safe", "complex", safe),
        attribute("pin", "string", write_only),
    ]);
    for (text, name) in [
        ("vault.value pr", "value"),
        ("vault eq \"x\"", "value"),
        ("vault[value sw \"x\"]", "value"),
        ("safe pr", "safe"),
        ("safe.code pr", "safe"),
        ("safe[code pr]", "safe"),
        ("pin eq \"1\"", "pin"),
    ] {
        let detail = format!("'{name}' is never returned and cannot be used in a filter.");
        assert_eq!(filter(text).resolve(&schema), Err(ScimError::invalid_filter(detail)), "{text}");
    }
    for sort_by in ["vault", "vault.value", "safe.code", "pin"] {
        let detail = format!("sortBy: '{sort_by}' is never returned and cannot be sorted by.");
        assert_eq!(resolve_sort(&schema, sort_by), Err(ScimError::invalid_value(detail)));
    }
    assert!(filter("vault.hint pr").resolve(&schema).is_ok());
}

/// RFC 7644, erratum 7122: the path in an element of a simple attribute is `value`, of which there is one.
#[test]
fn value_of_a_simple_element() {
    let user = user();
    let schemas = user.common.attribute("schemas").unwrap();
    let path = CanonicalPath { case_exact: true, ..canonical("value", AttributeType::String) };
    assert_eq!(filter("VALUE eq \"urn:X\"").resolve_element(schemas), Ok(test(path, equals("urn:X"))));
}

/// RFC 7644, erratum 4690: also a tree that no text gives has no value path in a value path.
#[test]
fn nested_value_path() {
    let Filter::ValuePath(mut outer) = filter("emails[type pr]") else { panic!() };
    outer.filter = Box::new(filter("emails[type pr]"));
    assert_eq!(
        Filter::ValuePath(outer).resolve(&user()),
        Err(ScimError::invalid_filter("'emails' cannot have a filter in brackets inside of another one."))
    );
}

//! One value of each type, and what the definition says of it.

use proptest::prelude::*;
use provost::model::{AttributeKind, Audience};
use serde_json::{Map, Value, json};

use super::{invalid, object, tenant};

/// What becomes of one value: what is kept, or the sentences.
fn kept(definition: Value, value: Value) -> Result<Value, Vec<String>> {
    let mut body = json!({ "name": "x" });
    body.as_object_mut().unwrap().extend(definition.as_object().unwrap().clone());
    let created = tenant([body]).create(Map::from_iter([("x".to_owned(), value)]), Audience::Admin);
    created
        .map(|mut values| values.remove("x").unwrap_or_default())
        .map_err(|problems| problems.0.into_iter().map(|problem| problem.message).collect())
}

#[test]
fn values_that_are_taken() {
    for (definition, value, expected) in [
        (json!({ "type": "string" }), json!("Ünï"), json!("Ünï")),
        (json!({ "type": "string" }), json!(""), json!("")),
        (json!({ "type": "string", "min": 2, "max": 3 }), json!("äöü"), json!("äöü")),
        (json!({ "type": "string", "pattern": "[A-Z]{2}\\d{4}" }), json!("CC1234"), json!("CC1234")),
        (json!({ "type": "string", "pattern": "a|b" }), json!("b"), json!("b")),
        (json!({ "type": "string", "pattern": "(?x) a b # both" }), json!("ab"), json!("ab")),
        (json!({ "type": "string", "allowed_values": ["Small", "Large"] }), json!("LARGE"), json!("Large")),
        (json!({ "type": "number" }), json!(1.5), json!(1.5)),
        (json!({ "type": "number" }), json!(-3), json!(-3)),
        (json!({ "type": "number", "min": 0.5, "max": 2 }), json!(2.0), json!(2.0)),
        (json!({ "type": "number", "allowed_values": [1, 2.5] }), json!(2.5), json!(2.5)),
        (json!({ "type": "number", "allowed_values": [1, 2.5] }), json!(1.0), json!(1)),
        (json!({ "type": "integer" }), json!(i64::MIN), json!(i64::MIN)),
        (json!({ "type": "integer", "min": i64::MAX - 1 }), json!(i64::MAX), json!(i64::MAX)),
        (json!({ "type": "boolean" }), json!(false), json!(false)),
        (json!({ "type": "date" }), json!("2024-02-29"), json!("2024-02-29")),
        (json!({ "type": "date" }), json!("0001-01-01"), json!("0001-01-01")),
        (
            json!({ "type": "reference" }),
            json!("https://x.org/%7Ea?b=c#d"),
            json!("https://x.org/%7Ea?b=c#d"),
        ),
        (json!({ "type": "reference" }), json!("urn:isbn:0451450523"), json!("urn:isbn:0451450523")),
        (json!({ "type": "array<string>" }), json!(["a", "b", "A"]), json!(["a", "b"])),
        (json!({ "type": "array<string>", "min": 1, "max": 2 }), json!(["a", "b"]), json!(["a", "b"])),
        (json!({ "type": "integer", "multi_valued": true, "max": 2 }), json!([9, 8]), json!([9, 8])),
        (json!({ "type": "array<string>" }), json!([]), Value::Null),
        (json!({ "type": "string" }), Value::Null, Value::Null),
    ] {
        assert_eq!(kept(definition.clone(), value.clone()), Ok(expected), "{definition} {value}");
    }
}

fn refused(cases: &[(Value, Value, &str)]) {
    for (definition, value, sentence) in cases {
        let found = kept(definition.clone(), value.clone());
        assert_eq!(found, Err(vec![(*sentence).to_owned()]), "{definition} {value}");
    }
}

#[test]
fn texts_that_are_refused() {
    refused(&[
        (json!({ "type": "string" }), json!(1), "'x' must be a string, not a number."),
        (json!({ "type": "string" }), json!({}), "'x' must be a string, not an object."),
        (json!({ "type": "string" }), json!(["a"]), "'x' must be a string, not an array."),
        (json!({ "type": "string" }), json!("a\0"), "'x' must not contain the character U+0000."),
        (
            json!({ "type": "string" }),
            json!("a".repeat(4097)),
            "'x' must not be longer than 4096 characters.",
        ),
        (json!({ "type": "string", "min": 2 }), json!("a"), "'x' must have at least 2 characters."),
        (json!({ "type": "string", "max": 2 }), json!("aaa"), "'x' must have at most 2 characters."),
        (
            json!({ "type": "string", "pattern": "a|b" }),
            json!("ab"),
            "'x' must match the pattern a|b as a whole.",
        ),
        (
            json!({ "type": "string", "pattern": "^a$" }),
            json!("a\n"),
            "'x' must match the pattern ^a$ as a whole.",
        ),
        (
            json!({ "type": "string", "allowed_values": ["a", "b"] }),
            json!("c"),
            "'x' must be one of \"a\", \"b\".",
        ),
    ]);
}

#[test]
fn numbers_that_are_refused() {
    refused(&[
        (json!({ "type": "number" }), json!("1"), "'x' must be a number, not a string."),
        (json!({ "type": "number", "min": 0.5 }), json!(0.25), "'x' must be at least 0.5."),
        (json!({ "type": "number", "max": 1 }), json!(1.5), "'x' must be at most 1."),
        (json!({ "type": "integer" }), json!("1"), "'x' must be an integer, not a string."),
        (
            json!({ "type": "integer" }),
            json!(1.0),
            "'x' must be an integer of 64 bits, without a fraction or an exponent.",
        ),
        (
            json!({ "type": "integer" }),
            json!(u64::MAX),
            "'x' must be an integer of 64 bits, without a fraction or an exponent.",
        ),
        (
            json!({ "type": "integer", "max": i64::MAX - 1 }),
            json!(i64::MAX),
            "'x' must be at most 9223372036854775806.",
        ),
        (json!({ "type": "boolean" }), json!("true"), "'x' must be a boolean (true or false), not a string."),
    ]);
}

#[test]
fn days_and_references_that_are_refused() {
    let uri = "'x' must be an absolute URI, such as https://example.com/badge/7.";
    let day = "'x' must be a day of the calendar, such as 2026-01-31.";
    refused(&[
        (
            json!({ "type": "date" }),
            json!(20_260_131),
            "'x' must be a date as a string, such as \"2026-01-31\", not a number.",
        ),
        (json!({ "type": "date" }), json!("2026-02-29"), day),
        (json!({ "type": "date" }), json!("2026-1-31"), day),
        (json!({ "type": "date" }), json!("0000-01-01"), day),
        (json!({ "type": "date" }), json!("2026-01-31T00:00:00Z"), day),
        (json!({ "type": "date" }), json!("+026-01-31"), day),
        (json!({ "type": "reference" }), json!("/relative"), uri),
        (json!({ "type": "reference" }), json!("example.com"), uri),
        (json!({ "type": "reference" }), json!("https:"), uri),
        (json!({ "type": "reference" }), json!("https://x.org/a b"), uri),
        (json!({ "type": "reference" }), json!("https://münchen.de"), uri),
        (json!({ "type": "reference" }), json!("1http://x"), uri),
        (
            json!({ "type": "reference" }),
            json!("JavaScript:alert(1)"),
            "'x' must not be a URI of the scheme 'javascript', which browsers run.",
        ),
        (
            json!({ "type": "reference" }),
            json!(format!("https://x.org/{}", "a".repeat(2048))),
            "'x' must not be longer than 2048 octets.",
        ),
    ]);
}

#[test]
fn lists_that_are_refused() {
    refused(&[
        (json!({ "type": "array<string>" }), json!("a"), "'x' must be an array, not a string."),
        (
            json!({ "type": "array<string>" }),
            json!(vec!["a"; 1001]),
            "'x' must not have more than 1000 values.",
        ),
        (json!({ "type": "array<string>", "min": 2 }), json!(["a", "A"]), "'x' must have at least 2 values."),
        (json!({ "type": "array<string>", "max": 1 }), json!(["a", "b"]), "'x' must have at most 1 values."),
        (
            json!({ "type": "array<string>" }),
            json!(["a", null]),
            "'x' (element 2) must be a string, not null.",
        ),
        (
            json!({ "type": "array<string>" }),
            json!([["a"]]),
            "'x' (element 1) must be a string, not an array.",
        ),
    ]);
}

/// Each element's place is told.
#[test]
fn elements_have_pointers() {
    let tenant = tenant([json!({ "name": "tags", "type": "array<string>", "pattern": "[a-z]+" })]);
    let refused = tenant.create(object(json!({ "tags": ["ok", "NO", 3] })), Audience::Admin).unwrap_err();
    assert_eq!(
        refused.0,
        [
            invalid("/custom/tags/1", "'tags' (element 2) must match the pattern [a-z]+ as a whole."),
            invalid("/custom/tags/2", "'tags' (element 3) must be a string, not a number."),
        ]
    );
}

proptest! {
    /// Whatever the value, it is refused with a sentence, or what is kept of it is kept the same again.
    #[test]
    fn reading_is_idempotent(value in any_json(), kind in prop::sample::select(&AttributeKind::ALL[..]), many: bool) {
        let tenant = tenant([json!({ "name": "x", "type": kind, "multi_valued": many })]);
        let create = |values| tenant.create(values, Audience::Admin);
        if let Ok(once) = create(Map::from_iter([("x".to_owned(), value)])) {
            prop_assert_eq!(create(once.clone()), Ok(once));
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]{1,5}:[!-~]{0,10}".prop_map(Value::from),
    ];
    prop_oneof![leaf.clone(), prop::collection::vec(leaf, 0..5).prop_map(Value::from)]
}

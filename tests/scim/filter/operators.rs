//! Every operator on every type (RFC 7644 §3.4.2.2, Table 3).

use provost::scim::filter::CompareOp;
use provost::scim::schema::{Attribute, ResourceSchema};
use serde_json::{Value, json};

use super::{attribute, filter, matches, user_with};

const TYPES: [&str; 7] = ["string", "reference", "binary", "boolean", "integer", "decimal", "dateTime"];

/// A user whose schema has an attribute of each type, named after it; and the caseExact string `exact`.
fn every_type() -> ResourceSchema {
    let of_type = |kind: &&str| attribute(kind, kind, json!({ "caseExact": *kind == "binary" }));
    let mut attributes: Vec<Attribute> = TYPES.iter().map(of_type).collect();
    attributes.push(attribute("exact", "string", json!({ "caseExact": true })));
    user_with(attributes)
}

fn stored() -> Value {
    json!({
        "string": "Melon", "exact": "Melon", "reference": "Melon", "binary": "TWVsb24=", "boolean": true,
        "integer": 42, "decimal": 4.5, "dateTime": "2026-01-31T14:00:00+01:00",
    })
}

/// One letter for each of eq ne co sw ew gt lt ge le: T and F as the filter answers, `-` where it is refused.
fn answers(name: &str, literal: &str) -> String {
    let schema = every_type();
    CompareOp::ALL
        .into_iter()
        .map(|op| {
            let text = format!("{name} {op} {literal}");
            match filter(&text).resolve(&schema) {
                Err(error) => {
                    assert!(error.detail.starts_with(&format!("'{name}' ")), "{text}: {error}");
                    '-'
                }
                Ok(_) if matches(&schema, stored(), &text) => 'T',
                Ok(_) => 'F',
            }
        })
        .collect()
}

#[test]
fn table() {
    #[rustfmt::skip]
    let table = [
        //                                             =!cse><ge
        ("string",    "\"melon\"",                    "TFTTTFFTT"),
        ("string",    "\"MEL\"",                      "FTTTFTFTF"),
        ("string",    "\"lon\"",                      "FTTFTTFTF"),
        ("string",    "\"zebra\"",                    "FTFFFFTFT"),
        ("string",    "\"\"",                         "FTTTTTFTF"),
        ("string",    "42",                           "FTFFFTFTF"),
        ("string",    "true",                         "---------"),
        ("string",    "null",                         "FT-------"),
        ("exact",     "\"Melon\"",                    "TFTTTFFTT"),
        ("exact",     "\"melon\"",                    "FTFFFFTFT"),
        ("exact",     "\"lon\"",                      "FTTFTFTFT"),
        ("reference", "\"melon\"",                    "TFTTTFFTT"),
        ("reference", "\"N\"",                        "FTTFTFTFT"),
        ("reference", "false",                        "---------"),
        ("binary",    "\"TWVsb24=\"",                 "TFTTT----"),
        ("binary",    "\"twvsb24=\"",                 "FTFFF----"),
        ("binary",    "\"TWV\"",                      "FTTTF----"),
        ("binary",    "1",                            "---------"),
        ("boolean",   "true",                         "TF-------"),
        ("boolean",   "false",                        "FT-------"),
        ("boolean",   "\"TRUE\"",                     "TF-------"),
        ("boolean",   "\"yes\"",                      "---------"),
        ("boolean",   "1",                            "---------"),
        ("boolean",   "null",                         "FT-------"),
        ("integer",   "42",                           "TF---FFTT"),
        ("integer",   "42.0",                         "TF---FFTT"),
        ("integer",   "-7",                           "FT---TFTF"),
        ("integer",   "18446744073709551615",         "FT---FTFT"),
        ("integer",   "4.2e1",                        "TF---FFTT"),
        ("integer",   "\"42\"",                       "---------"),
        ("integer",   "true",                         "---------"),
        ("decimal",   "4.5",                          "TF---FFTT"),
        ("decimal",   "4",                            "FT---TFTF"),
        ("decimal",   "5e0",                          "FT---FTFT"),
        ("decimal",   "\"x\"",                        "---------"),
        ("dateTime",  "\"2026-01-31T13:00:00Z\"",     "TF---FFTT"),
        ("dateTime",  "\"2026-01-31T12:59:59.999Z\"", "FT---TFTF"),
        ("dateTime",  "\"2026-01-31T13:30:00Z\"",     "FT---FTFT"),
        ("dateTime",  "\"2026-01-31\"",               "---------"),
        ("dateTime",  "1769864400000",                "---------"),
        ("dateTime",  "null",                         "FT-------"),
    ];
    for (name, literal, expected) in table {
        assert_eq!(answers(name, literal), expected, "{name} … {literal}");
    }
}

/// RFC 7644 §3.4.2.2, `pr`: on every type.
#[test]
fn presence() {
    let schema = every_type();
    for name in TYPES {
        let text = format!("{name} pr");
        assert!(matches(&schema, stored(), &text), "{text}");
        assert!(!matches(&schema, json!({}), &text), "{text}");
    }
    assert!(!matches(&schema, json!({ "string": "" }), "string pr"));
    assert!(matches(&schema, json!({ "boolean": false, "integer": 0 }), "boolean pr and integer pr"));
}

/// RFC 7644 §3.4.2.2: strings are ordered by their code points.
#[test]
fn order_of_strings() {
    let schema = every_type();
    for (left, right) in [("a", "b"), ("a", "ab"), ("z", "é"), ("\u{ffff}", "😀"), ("", "a"), ("Z", "a")] {
        let text = format!("exact lt {}", json!(right));
        assert!(matches(&schema, json!({ "exact": left }), &text), "{left} {text}");
    }
}

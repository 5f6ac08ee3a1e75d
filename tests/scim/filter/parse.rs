//! From text to tree and back.

use provost::scim::filter::{AttrExp, CompareOp, CompareValue, Filter, SubExp, ValuePath};
use provost::scim::schema::validate::Strictness;

use super::filter;

fn eq(path: &str, value: CompareValue) -> Filter {
    Filter::AttrExp(AttrExp::Compare { path: path.parse().unwrap(), op: CompareOp::Eq, value })
}

fn pr(path: &str) -> Filter {
    Filter::AttrExp(AttrExp::Present(path.parse().unwrap()))
}

fn string(text: &str) -> CompareValue {
    CompareValue::String(text.to_owned())
}

/// RFC 7644 §3.4.2.2: `not` before `and` before `or`; parentheses change that.
#[test]
fn precedence() {
    for (text, canonical) in [
        ("a pr or b pr and c pr", Filter::Or(vec![pr("a"), Filter::And(vec![pr("b"), pr("c")])])),
        ("a pr and b pr or c pr", Filter::Or(vec![Filter::And(vec![pr("a"), pr("b")]), pr("c")])),
        ("(a pr or b pr) and c pr", Filter::And(vec![Filter::Or(vec![pr("a"), pr("b")]), pr("c")])),
        ("not (a pr) and b pr", Filter::And(vec![Filter::Not(Box::new(pr("a"))), pr("b")])),
        ("not (a pr and b pr)", Filter::Not(Box::new(Filter::And(vec![pr("a"), pr("b")])))),
        ("not (not (a pr))", Filter::Not(Box::new(Filter::Not(Box::new(pr("a")))))),
        ("a pr and b pr and c pr", Filter::And(vec![pr("a"), pr("b"), pr("c")])),
    ] {
        assert_eq!(filter(text), canonical, "{text}");
        assert_eq!(canonical.to_string(), text);
    }
}

/// RFC 7644 §3.4.2.2: grouping that changes nothing is not kept; nor are further spaces, or the case of keywords.
#[test]
fn canonical_text() {
    for (text, canonical) in [
        ("((a pr))", "a pr"),
        ("a pr and (b pr and c pr)", "a pr and b pr and c pr"),
        ("(a pr or b pr) or c pr", "a pr or b pr or c pr"),
        ("a pr or (b pr and c pr)", "a pr or b pr and c pr"),
        ("  a   PR  AnD\tb\r\nEQ  1 ", "a pr and b eq 1"),
        ("NOT(a Pr)oR(b pr)", "not (a pr) or b pr"),
        ("a eq \"\\u0041\\/\\n\\ud83d\\ude00\\\"\"", "a eq \"A/\\n😀\\\"\""),
        ("a[ b pr ]", "a[b pr]"),
        ("userName eq bjensen", "userName eq \"bjensen\""),
    ] {
        assert_eq!(filter(text).to_string(), canonical, "{text}");
    }
}

/// RFC 7644 §3.4.2.2 `compValue`: JSON's literals.
#[test]
fn literals() {
    for (text, value) in [
        ("a eq null", CompareValue::Null),
        ("a eq true", CompareValue::Boolean(true)),
        ("a eq false", CompareValue::Boolean(false)),
        ("a eq 0", CompareValue::Number(0.into())),
        ("a eq -12", CompareValue::Number((-12).into())),
        ("a eq 18446744073709551615", CompareValue::Number(u64::MAX.into())),
        ("a eq 1.5", CompareValue::Number(serde_json::Number::from_f64(1.5).unwrap())),
        ("a eq \"\"", string("")),
        ("a eq \"true\"", string("true")),
        ("a eq \"x ) ] and y\"", string("x ) ] and y")),
        (r#"a eq "\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#, string("\"\\/\u{8}\u{c}\n\r\té😀")),
    ] {
        for strictness in [Strictness::Lenient, Strictness::Strict] {
            assert_eq!(Filter::parse(text, strictness), Ok(eq("a", value.clone())), "{text}");
        }
    }
    let exponent = CompareValue::Number(serde_json::Number::from_f64(1e5).unwrap());
    assert_eq!(Filter::parse("a eq 1e5", Strictness::Strict), Ok(eq("a", exponent)));
}

/// Interop rule `unquoted-filter-value`.
#[test]
fn unquoted_values() {
    for (text, value) in [
        ("externalId eq jyoung", "jyoung"),
        ("externalId eq u@example.com", "u@example.com"),
        ("externalId eq 2819c223-7f76-453a-919d-413861904646", "2819c223-7f76-453a-919d-413861904646"),
        ("externalId eq 007", "007"),
        ("externalId eq 1234e56", "1234e56"),
        ("externalId eq 12345678901234567890123", "12345678901234567890123"),
        ("externalId eq 2011-05-13T04:42:34Z", "2011-05-13T04:42:34Z"),
        ("externalId eq Jürgen", "Jürgen"),
        ("externalId eq True", "True"),
        ("(externalId eq jyoung)", "jyoung"),
    ] {
        assert_eq!(filter(text), eq("externalId", string(value)), "{text}");
        Filter::parse(text, Strictness::Strict).unwrap_err_or_number(text);
    }
    assert_eq!(filter("externalId eq 123"), eq("externalId", CompareValue::Number(123.into())));
    assert_eq!(filter("a eq x and b eq y").to_string(), "a eq \"x\" and b eq \"y\"");
}

/// The grammar knows numbers, but no words.
trait OnlyNumbers {
    fn unwrap_err_or_number(self, text: &str);
}

impl<E> OnlyNumbers for Result<Filter, E> {
    fn unwrap_err_or_number(self, text: &str) {
        if let Ok(filter) = self {
            let Filter::AttrExp(AttrExp::Compare { value: CompareValue::Number(_), .. }) = filter else {
                panic!("{text} is read as {filter}")
            };
        }
    }
}

/// RFC 7644 §3.4.2.2 `valuePath`; interop rule `filter-with-subattr`.
#[test]
fn value_paths() {
    let work = || Box::new(eq("type", string("work")));
    let path = || "emails".parse().unwrap();
    let plain = Filter::ValuePath(ValuePath { path: path(), filter: work(), sub: None });
    assert_eq!(filter("emails[type eq \"work\"]"), plain);
    let text = "emails[type eq \"work\"].value sw \"u\"";
    let compare = Some((CompareOp::Sw, string("u")));
    let sub = Some(SubExp { sub_attribute: "value".to_owned(), compare });
    let with_sub = Filter::ValuePath(ValuePath { path: path(), filter: work(), sub });
    assert_eq!(filter(text), with_sub);
    assert_eq!(with_sub.to_string(), text);
    let text = "emails[type eq \"work\"].value pr or a pr";
    assert_eq!(filter(text).to_string(), text);
    let text = "urn:ietf:params:scim:schemas:core:2.0:User:emails[not (type eq \"work\")] and a pr";
    assert_eq!(filter(text).to_string(), text);
}

/// Words are keywords only where the grammar has them.
#[test]
fn keywords_as_names() {
    for text in ["and pr and or pr or eq pr", "pr pr", "eq eq \"eq\"", "notes pr", "order eq 1"] {
        assert_eq!(filter(text).to_string(), text);
    }
}

/// Interop rule `create-by-filter`: only `eq` joined by `and` says what a new element holds.
#[test]
fn equalities() {
    let equalities = |text| {
        filter(text)
            .equalities()
            .map(|pairs| pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>())
    };
    let of = |pairs: &[&str]| Some(pairs.iter().map(|pair| (*pair).to_owned()).collect());
    assert_eq!(equalities("type eq \"Work\""), of(&["type=\"Work\""]));
    assert_eq!(
        equalities("Type eq \"w\" and (primary eq true and n eq 1)"),
        of(&["Type=\"w\"", "primary=true", "n=1"])
    );
    for text in [
        "type ne \"w\"",
        "type pr",
        "type eq null",
        "not (type eq \"w\")",
        "type eq \"w\" or type eq \"h\"",
        "type eq \"w\" and value sw \"x\"",
        "type eq \"w\" and TYPE eq \"h\"",
        "type.x eq \"w\"",
        "urn:a:type eq \"w\"",
    ] {
        assert_eq!(equalities(text), None, "{text}");
    }
}

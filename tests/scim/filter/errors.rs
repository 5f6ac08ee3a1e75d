//! What is no filter, where it stops being one, and the budgets.

use provost::scim::error::{ScimError, ScimType};
use provost::scim::filter::{Filter, FilterError, MAX_BYTES, MAX_DEPTH, MAX_TERMS};
use provost::scim::schema::validate::Strictness;

fn refused(text: &str, strictness: Strictness) -> FilterError {
    match Filter::parse(text, strictness) {
        Ok(filter) => panic!("{text} is read as {filter}"),
        Err(error) => error,
    }
}

const TERM: &str = "an attribute, 'not (' or '('";
const OPERATOR: &str = "one of eq, ne, co, sw, ew, gt, ge, lt, le or pr";
const VALUE: &str = "a value: a string in double quotes, a number, true, false or null";
const END: &str = "'and', 'or' or the end of the filter; a value with spaces needs double quotes";
const ESCAPE: &str = r#"one of the escapes \" \\ \/ \b \f \n \r \t or \u with four hexadecimal digits"#;
const SURROGATES: &str = "a high surrogate and a low one behind it";
const PRINTABLE: &str = "no control character; write it as an escape in a quoted string";
const NAME: &str = "a letter, a digit, '-', '_' or '$', or the end of the path";

/// RFC 7644 §3.4.2.2, §3.12: 400 `invalidFilter`, with the place and the expectation. (text, offset, character, expected)
#[test]
fn syntax() {
    for (text, offset, character, expected) in [
        ("", 0, 1, TERM),
        ("   ", 3, 4, TERM),
        ("\"a\" eq 1", 0, 1, TERM),
        ("()", 1, 2, TERM),
        ("a pr and", 8, 9, TERM),
        ("a pr and and", 12, 13, OPERATOR),
        ("a pr or )", 8, 9, TERM),
        ("a", 1, 2, OPERATOR),
        ("userName is \"x\"", 9, 10, OPERATOR),
        ("userName \"hunter2\"", 9, 10, OPERATOR),
        ("a = 1", 2, 3, OPERATOR),
        ("a eq", 4, 5, VALUE),
        ("a eq \"é\" x", 10, 10, END),
        ("displayName eq Bob Smith", 19, 20, END),
        ("a pr)", 4, 5, END),
        ("a pr]", 4, 5, END),
        ("(a pr", 5, 6, "'and', 'or' or ')'"),
        ("(a pr]", 5, 6, "'and', 'or' or ')'"),
        ("a[b pr)", 6, 7, "'and', 'or' or ']'"),
        ("not a pr", 4, 5, "'(' after 'not'"),
        ("not", 3, 4, "'(' after 'not'"),
        ("a eq \"é", 5, 6, "a closing double quote for the string that begins here"),
        ("a eq \"é\\\"", 5, 6, "a closing double quote for the string that begins here"),
        ("a eq \"\\x\"", 6, 7, ESCAPE),
        ("a eq \"é\\u00g0\"", 8, 8, ESCAPE),
        ("a eq \"\\u+123\"", 6, 7, ESCAPE),
        ("a eq \"\\", 6, 7, ESCAPE),
        ("a eq \"\\ud83d\"", 6, 7, SURROGATES),
        ("a eq \"\\ud83d\\n\"", 6, 7, SURROGATES),
        ("a eq \"\\ud83d\\u0041\"", 6, 7, SURROGATES),
        ("a eq \"\\ude00\"", 6, 7, SURROGATES),
        ("a eq \"x\\u0000\"", 7, 8, "a string without U+0000"),
        ("a eq \"x\0\"", 7, 8, PRINTABLE),
        ("a eq \"x\ny\"", 7, 8, PRINTABLE),
        ("a eq x\0", 6, 7, PRINTABLE),
        ("a\0 eq 1", 1, 2, NAME),
        ("größe eq 1", 2, 3, NAME),
        ("a pr and name.größe pr", 16, 17, NAME),
        ("1a eq 1", 0, 1, "an attribute name, which begins with a letter or '$'"),
        ("x:y eq 1", 0, 1, "a schema URN such as 'urn:ietf:params:scim:schemas:core:2.0:User'"),
        ("a[b[c pr]]", 3, 4, "no second filter in brackets inside of the first"),
        ("a eq (1)", 5, 6, VALUE),
        ("a eq x\"y\"", 6, 7, VALUE),
        ("a[b pr].c.d pr", 8, 9, OPERATOR),
        ("a[b pr].", 8, 9, TERM),
        ("a[b pr].c", 9, 10, OPERATOR),
    ] {
        let error = refused(text, Strictness::Lenient);
        let sentence = format!("The filter is wrong at character {character}: expected {expected}.");
        assert_eq!(
            (error.offset, error.character, error.to_string()),
            (offset, character, sentence),
            "{text}"
        );
        assert_eq!(ScimError::from(error).scim_type, ScimType::InvalidFilter);
    }
}

/// RFC 7644 §3.4.2.2 read literally: neither of the lenient forms.
#[test]
fn strict() {
    for (text, offset, expected) in [
        ("externalId eq jyoung", 14, VALUE),
        ("active eq True", 10, VALUE),
        ("a eq 007", 5, VALUE),
        ("emails[type eq \"work\"].value eq \"u@c\"", 22, END),
    ] {
        let error = refused(text, Strictness::Strict);
        let sentence = format!("The filter is wrong at character {}: expected {expected}.", offset + 1);
        assert_eq!((error.offset, error.to_string()), (offset, sentence), "{text}");
    }
}

/// A secret in a filter must not come back in the error.
#[test]
fn quotes_nothing() {
    for text in ["password eq \"hunter2", "password hunter2", "password eq hunter2 hunter2", "hunter2é"] {
        assert!(!refused(text, Strictness::Lenient).to_string().contains("hunter2"), "{text}");
    }
}

#[test]
fn at_most_8_kib() {
    let text = |bytes: usize| format!("a eq \"{}\"", "x".repeat(bytes - 7));
    assert!(text(MAX_BYTES).parse::<Filter>().is_ok());
    let error = refused(&text(MAX_BYTES + 1), Strictness::Lenient);
    assert_eq!(error.to_string(), "The filter has 8193 bytes; at most 8192 are accepted.");
}

#[test]
fn at_most_64_levels() {
    let text = |depth: usize, open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    assert!(text(MAX_DEPTH, "not (", "a pr", ")").parse::<Filter>().is_ok());
    assert!(text(MAX_DEPTH - 1, "(", "a[b pr]", ")").parse::<Filter>().is_ok());
    let side_by_side = vec!["(a[b pr])"; 2 * MAX_DEPTH].join(" and ");
    assert!(side_by_side.parse::<Filter>().is_ok());
    for (text, character) in [
        (text(MAX_DEPTH + 1, "(", "a pr", ")"), 65),
        (text(MAX_DEPTH, "(", "a[b pr]", ")"), 66),
        (text(1_300, "not (", "a pr", ")"), 64 * 5 + 5),
        ("(".repeat(MAX_BYTES), 65),
    ] {
        let error = refused(&text, Strictness::Lenient);
        let sentence = format!("The filter nests deeper than 64 levels at character {character}.");
        assert_eq!((error.offset, error.to_string()), (character - 1, sentence));
    }
}

#[test]
fn at_most_256_expressions() {
    let text = |terms: usize| vec!["a pr"; terms].join(" or ");
    assert!(text(MAX_TERMS).parse::<Filter>().is_ok());
    let error = refused(&text(MAX_TERMS + 1), Strictness::Lenient);
    assert_eq!(
        error.to_string(),
        "The filter has more than 256 expressions; the first too many is at character 2049."
    );
    let with_sub = vec!["a[b pr].c pr"; MAX_TERMS / 2].join(" or ");
    assert!(with_sub.parse::<Filter>().is_ok());
    assert!(format!("{with_sub} or a pr").parse::<Filter>().is_err());
}

//! Attribute paths (RFC 7644 §3.4.2.2, Figure 1) and PATCH paths (§3.5.2, Figure 7).

use proptest::prelude::*;
use provost::scim::error::{ScimError, ScimType};
use provost::scim::filter::Filter;
use provost::scim::path::{AttributePath, CanonicalPath, PatchPath, PatchPathError, PathError};
use provost::scim::schema::validate::Strictness;
use provost::scim::schema::{AttributeType, SchemaSet};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn path(schema: Option<&str>, attribute: &str, sub: Option<&str>) -> AttributePath {
    AttributePath {
        schema: schema.map(str::to_owned),
        attribute: attribute.to_owned(),
        sub_attribute: sub.map(str::to_owned),
    }
}

/// RFC 7644 §3.4.2.2 `attrPath`, §3.10: attribute notation; case stays as written.
#[test]
fn attribute_paths() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let other = "http://example.com/scim/2.0/User";
    for (text, expected) in [
        ("userName".to_owned(), path(None, "userName", None)),
        ("USERname".to_owned(), path(None, "USERname", None)),
        ("name.givenName".to_owned(), path(None, "name", Some("givenName"))),
        ("members.$ref".to_owned(), path(None, "members", Some("$ref"))),
        ("x509-Cert_2$".to_owned(), path(None, "x509-Cert_2$", None)),
        (format!("{core}:name.givenName"), path(Some(core), "name", Some("givenName"))),
        (format!("{ENTERPRISE}:department"), path(Some(ENTERPRISE), "department", None)),
        (format!("{ENTERPRISE}:manager.displayName"), path(Some(ENTERPRISE), "manager", Some("displayName"))),
        (format!("{other}:shoe.size"), path(Some(other), "shoe", Some("size"))),
    ] {
        assert_eq!(text.parse(), Ok(expected), "{text}");
        let parsed: AttributePath = text.parse().unwrap();
        assert_eq!(parsed.to_string(), text);
    }
}

/// RFC 7644 §3.10: the error says where, and what would be accepted there.
#[test]
fn attribute_path_errors() {
    let letters = "expected a letter, a digit, '-', '_' or '$', or the end of the path.";
    for (text, offset, detail) in [
        ("", 0, "character 1: expected an attribute name, which begins with a letter or '$'.".to_owned()),
        ("1st", 0, "character 1: expected an attribute name, which begins with a letter or '$'.".to_owned()),
        ("user name", 4, format!("character 5: {letters}")),
        (
            "name.",
            5,
            "character 6: expected a sub-attribute name, which begins with a letter or '$'.".to_owned(),
        ),
        ("name.given.x", 10, format!("character 11: {letters}")),
        ("größe", 2, format!("character 3: {letters}")),
        ("name.größe", 7, format!("character 8: {letters}")),
        (
            "urn:größe:size:",
            6,
            "character 7: expected a schema URN such as 'urn:ietf:params:scim:schemas:core:2.0:User'."
                .to_owned(),
        ),
        (
            "User:userName",
            0,
            "character 1: expected a schema URN such as 'urn:ietf:params:scim:schemas:core:2.0:User'."
                .to_owned(),
        ),
        (
            "urn:a:1.0",
            6,
            "character 7: expected an attribute name, which begins with a letter or '$'.".to_owned(),
        ),
        ("a\0", 1, format!("character 2: {letters}")),
    ] {
        let error: PathError = text.parse::<AttributePath>().unwrap_err();
        assert_eq!(
            (error.offset, error.to_string()),
            (offset, format!("The path is wrong at {detail}")),
            "{text}"
        );
        assert_eq!(ScimError::from(error).scim_type, ScimType::InvalidPath);
    }
}

/// RFC 7644 §3.5.2, Figure 7 with its examples, qualified, and the sub-attribute behind the brackets.
#[test]
fn patch_paths() {
    for (text, expected, filter, sub) in [
        ("members", path(None, "members", None), None, None),
        ("name.familyName", path(None, "name", Some("familyName")), None, None),
        ("addresses[type eq \"work\"]", path(None, "addresses", None), Some("type eq \"work\""), None),
        (
            "members[value eq \"2819c223-7f76-453a-919d-413861904646\"].displayName",
            path(None, "members", None),
            Some("value eq \"2819c223-7f76-453a-919d-413861904646\""),
            Some("displayName"),
        ),
        (
            "a[b eq \"]\" and c eq \"[.\"].$ref",
            path(None, "a", None),
            Some("b eq \"]\" and c eq \"[.\""),
            Some("$ref"),
        ),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value",
            path(Some("urn:ietf:params:scim:schemas:core:2.0:User"), "emails", None),
            Some("type eq \"work\""),
            Some("value"),
        ),
    ] {
        let filter = filter.map(|filter| filter.parse::<Filter>().unwrap());
        let expected = PatchPath { path: expected, filter, sub_attribute: sub.map(str::to_owned) };
        assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
        assert_eq!(expected.to_string(), text);
    }
}

/// RFC 7644 §3.5.2, erratum 7122: a simple element is called `value`.
#[test]
fn filter_on_simple_elements() {
    let parsed: PatchPath = "schemas[value eq \"x\"]".parse().unwrap();
    assert_eq!(parsed.filter, Some("value eq \"x\"".parse().unwrap()));
}

/// Interop rule `unquoted-filter-value`, in brackets too, unless the connection is strict.
#[test]
fn bare_value_in_a_patch_path() {
    let text = "emails[type eq work].value";
    assert_eq!(
        PatchPath::parse(text, Strictness::Lenient).unwrap().to_string(),
        "emails[type eq \"work\"].value"
    );
    let error = PatchPath::parse(text, Strictness::Strict).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The filter is wrong at character 16: expected a value: a string in double quotes, a number, true, false or null."
    );
}

/// RFC 7644 §3.5.2: a bare schema URN, which stands for the extension, is a path.
#[test]
fn bare_schema_urn() {
    let parsed: PatchPath = ENTERPRISE.parse().unwrap();
    assert_eq!(parsed.to_string(), ENTERPRISE);
}

/// RFC 7644 §3.12, Table 9: a wrong filter in a PATCH path is `invalidFilter`, a wrong path `invalidPath`. Places count
/// from the start of the path.
#[test]
fn patch_path_errors() {
    use ScimType::{InvalidFilter, InvalidPath};
    for (text, offset, scim_type, detail) in [
        (
            "",
            0,
            InvalidPath,
            "The path is wrong at character 1: expected an attribute name, which begins with a letter or '$'.",
        ),
        (
            "[type eq \"x\"]",
            0,
            InvalidPath,
            "The path is wrong at character 1: expected an attribute name, which begins with a letter or '$'.",
        ),
        (
            "name.x[type eq \"x\"]",
            4,
            InvalidPath,
            "The path is wrong at character 5: expected the filter in brackets before the sub-attribute.",
        ),
        (
            "emails[type eq \"é\"]value",
            20,
            InvalidPath,
            "The path is wrong at character 20: expected '.' and a sub-attribute name, or the end of the path.",
        ),
        (
            "emails[type eq \"é\"].",
            21,
            InvalidPath,
            "The path is wrong at character 21: expected a sub-attribute name, which begins with a letter or '$'.",
        ),
        (
            "emails[type eq \"x\"].a.b",
            21,
            InvalidPath,
            "The path is wrong at character 22: expected a letter, a digit, '-', '_' or '$', or the end of the path.",
        ),
        (
            "emails[]",
            7,
            InvalidFilter,
            "The filter is wrong at character 8: expected an attribute, 'not (' or '('.",
        ),
        (
            "emails[type eq \"x\"",
            18,
            InvalidFilter,
            "The filter is wrong at character 19: expected 'and', 'or' or ']'.",
        ),
        (
            "emails[a[b pr] pr]",
            8,
            InvalidFilter,
            "The filter is wrong at character 9: expected no second filter in brackets inside of the first.",
        ),
    ] {
        let error = text.parse::<PatchPath>().unwrap_err();
        let found = match &error {
            PatchPathError::Path(error) => error.offset,
            PatchPathError::Filter(error) => error.offset,
        };
        assert_eq!((found, ScimError::from(error)), (offset, ScimError::new(scim_type, detail)), "{text}");
    }
}

/// RFC 7643 §2.1: names have no case; the canonical path has the schema's.
#[test]
fn canonical_paths() {
    let set = SchemaSet::built_in();
    let canonical =
        |text: &str| CanonicalPath::from_resolved(set.user().resolve(&text.parse().unwrap()).unwrap());
    assert_eq!(
        canonical("EMAILS.Value"),
        CanonicalPath {
            extension: None,
            attribute: "emails".to_owned(),
            sub_attribute: Some("value".to_owned()),
            multi_valued: true,
            kind: AttributeType::String,
            case_exact: false,
        }
    );
    assert_eq!(
        canonical(&format!("{}:MANAGER.value", ENTERPRISE.to_lowercase())),
        CanonicalPath {
            extension: Some(ENTERPRISE.to_owned()),
            attribute: "manager".to_owned(),
            sub_attribute: Some("value".to_owned()),
            multi_valued: false,
            kind: AttributeType::String,
            case_exact: true,
        }
    );
    assert_eq!(
        canonical("urn:ietf:params:scim:schemas:core:2.0:user:META.lastmodified").to_string(),
        "meta.lastModified"
    );
    assert_eq!(canonical(&format!("{ENTERPRISE}:Manager")).to_string(), format!("{ENTERPRISE}:manager"));
}

proptest! {
    /// RFC 7644 §3.5.2, Figure 7: what is written as a path is read as the same.
    #[test]
    fn round_trip(
        urn in proptest::option::of("urn:[a-z0-9]{1,8}(:[a-zA-Z0-9._-]{1,8}){0,3}"),
        attribute in "[a-zA-Z][a-zA-Z0-9$_-]{0,8}",
        sub in proptest::option::of("[a-zA-Z$][a-zA-Z0-9$_-]{0,8}"),
        bracket in any::<bool>(),
    ) {
        let filter = bracket.then(|| "value eq \"]\" or not (type pr)".parse::<Filter>().unwrap());
        let (inner, behind) = if bracket { (None, sub) } else { (sub, None) };
        let path = AttributePath { schema: urn, attribute, sub_attribute: inner };
        let path = PatchPath { path, filter, sub_attribute: behind };
        prop_assert_eq!(path.to_string().parse(), Ok(path));
    }

    /// Whatever the text, there is an answer, and an error's place lies in the text.
    #[test]
    fn never_panics(text in "(\\PC|[\\[\\].:\"\\\\\0$a]){0,40}") {
        if let Err(error) = text.parse::<AttributePath>() {
            prop_assert!(text.is_char_boundary(error.offset));
        }
        match text.parse::<PatchPath>() {
            Ok(path) => prop_assert_eq!(path.to_string().parse(), Ok(path)),
            Err(PatchPathError::Path(error)) => prop_assert!(text.is_char_boundary(error.offset)),
            Err(PatchPathError::Filter(error)) => prop_assert!(text.is_char_boundary(error.offset)),
        }
    }
}

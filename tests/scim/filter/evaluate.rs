//! Which resources a filter finds.

use serde_json::json;

use super::{ENTERPRISE, jensen, matches, user};

fn finds(text: &str) -> bool {
    matches(&user(), jensen(), text)
}

/// RFC 7644 §3.4.2.2, the examples of Figure 2 in their order.
#[test]
fn examples_of_the_rfc() {
    for (text, found) in [
        ("userName Eq \"bjensen@EXAMPLE.com\"", true),
        ("userName Eq \"bjensen\"", false),
        ("name.familyName co \"O'Malley\"", true),
        ("userName sw \"J\"", false),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"B\"", true),
        ("title pr", true),
        ("nickName pr", false),
        ("meta.lastModified gt \"2011-05-13T04:42:34Z\"", true),
        ("meta.lastModified ge \"2011-05-13T04:42:34Z\"", true),
        ("meta.lastModified lt \"2011-05-13T04:42:34Z\"", false),
        ("meta.lastModified le \"2011-05-13T04:42:34Z\"", false),
        ("title pr and userType eq \"Employee\"", true),
        ("title pr or userType eq \"Intern\"", true),
        ("schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"", true),
        ("schemas eq \"urn:ietf:params:scim:schemas:core:2.0:Group\"", false),
        ("userType eq \"Employee\" and (emails co \"example.com\" or emails.value co \"example.org\")", true),
        (
            "userType ne \"Employee\" and not (emails co \"example.com\" or emails.value co \"example.org\")",
            false,
        ),
        ("userType eq \"Employee\" and (emails.type eq \"work\")", true),
        ("userType eq \"Employee\" and emails[type eq \"work\" and value co \"@example.com\"]", true),
        (
            "emails[type eq \"work\" and value co \"@example.org\"] or ims[type eq \"xmpp\" and value co \"@foo.com\"]",
            true,
        ),
    ] {
        assert_eq!(finds(text), found, "{text}");
    }
}

/// RFC 7643 §2.5, RFC 7644 §3.4.2.2: what is missing is null; every comparison but `ne` fails on it.
#[test]
fn missing_is_null() {
    for (text, found) in [
        ("nickName eq null", true),
        ("nickName ne null", false),
        ("title eq null", false),
        ("title ne null", true),
        ("nickName ne \"x\"", true),
        ("nickName eq \"\"", false),
        ("nickName lt \"x\"", false),
        ("nickName ge \"\"", false),
        ("not (nickName lt \"x\")", true),
        ("phoneNumbers eq null", true),
        ("emails eq null", false),
        ("emails ne null", true),
        ("phoneNumbers.type ne \"work\"", true),
        ("name.middleName eq null", true),
        ("name eq null", false),
    ] {
        assert_eq!(finds(text), found, "{text}");
    }
}

/// RFC 7644 §3.4.2.2: any value of a multi-valued attribute may match; `ne` is the opposite of `eq`, so none may.
#[test]
fn multi_valued() {
    for (text, found) in [
        ("emails.type eq \"home\"", true),
        ("emails.type ne \"home\"", false),
        ("emails.type ne \"other\"", true),
        ("emails eq \"babs@jensen.org\"", true),
        ("emails.type eq \"home\" and emails.value co \"example.com\"", true),
        ("emails[type eq \"home\" and value co \"example.com\"]", false),
        ("emails[not (type eq \"home\")]", true),
        ("emails[type ne \"home\"]", true),
        ("not (emails[type eq \"home\"])", false),
        ("emails[primary eq null]", true),
        ("emails[primary ne null and type eq \"home\"]", false),
        ("phoneNumbers[not (type eq \"home\")]", false),
        ("addresses pr", true),
        ("addresses.locality eq \"hollywood\"", true),
        ("x509Certificates eq \"MIIDQzCC\"", true),
        ("x509Certificates eq \"miidqzcc\"", false),
    ] {
        assert_eq!(finds(text), found, "{text}");
    }
}

/// Interop rule `filter-with-subattr`: both parts are about one element.
#[test]
fn value_path_with_sub_attribute() {
    for (text, found) in [
        ("emails[type eq \"work\"].value eq \"BJENSEN@example.com\"", true),
        ("emails[type eq \"home\"].value eq \"bjensen@example.com\"", false),
        ("emails[type eq \"home\"].value ne \"bjensen@example.com\"", true),
        ("emails[type eq \"other\"].value ne \"bjensen@example.com\"", false),
        ("emails[type eq \"home\"].primary pr", false),
        ("emails[type eq \"home\"].primary eq null", true),
        ("name[familyName sw \"O\"].givenName eq \"barbara\"", true),
    ] {
        assert_eq!(finds(text), found, "{text}");
    }
}

/// A value path on a single complex attribute is about its one object, here and in an extension.
#[test]
fn value_path_on_a_single_object() {
    for (text, found) in [
        ("name[familyName eq \"O'Malley\" and givenName eq \"Barbara\"]".to_owned(), true),
        ("name[familyName eq \"O'Malley\" and givenName eq \"Bob\"]".to_owned(), false),
        ("name[not (familyName eq \"Jensen\")]".to_owned(), true),
        (format!("{ENTERPRISE}:manager[displayName co \"smith\"]"), true),
        (format!("{ENTERPRISE}:manager[value eq \"boss-1\"]"), false),
    ] {
        assert_eq!(finds(&text), found, "{text}");
    }
    assert!(!matches(&user(), json!({ "userName": "x" }), "name[not (familyName eq \"Jensen\")]"));
}

/// RFC 7643 §3.3, RFC 7644 §3.10: extension attributes by their URN; a complex one stands for its `value`.
#[test]
fn extensions() {
    for (text, found) in [
        (format!("{ENTERPRISE}:department eq \"tours\""), true),
        (format!("{}:Department EQ \"tours\"", ENTERPRISE.to_uppercase()), true),
        (format!("{ENTERPRISE}:costCenter pr"), false),
        (format!("{ENTERPRISE}:manager eq \"Boss-1\""), true),
        (format!("{ENTERPRISE}:manager eq \"boss-1\""), false),
        (format!("{ENTERPRISE}:manager.displayName co \"SMITH\""), true),
        (format!("{ENTERPRISE}:manager pr"), true),
    ] {
        assert_eq!(finds(&text), found, "{text}");
    }
    assert!(!matches(&user(), json!({ "userName": "x" }), &format!("{ENTERPRISE}:department pr")));
}

/// RFC 7643 §2.2, §3.1: `id` and `externalId` are caseExact, `userName` is not; names never are (§2.1).
#[test]
fn case() {
    for (text, found) in [
        ("USERNAME eq \"BJENSEN@EXAMPLE.COM\"", true),
        ("id eq \"2819c223-7f76-453a-919d-413861904646\"", true),
        ("id eq \"2819C223-7F76-453A-919D-413861904646\"", false),
        ("externalId eq 701984", true),
        ("externalId sw 70", true),
    ] {
        assert_eq!(finds(text), found, "{text}");
    }
    let strauss = || json!({ "userName": "STRAUß", "externalId": "Strauß" });
    for (text, found) in [
        ("userName eq \"strauss\"", true),
        ("userName sw \"Straus\"", true),
        ("userName eq \"ſtrauß\"", true),
        ("externalId eq \"Strauß\"", true),
        ("externalId eq \"STRAUSS\"", false),
    ] {
        assert_eq!(matches(&user(), strauss(), text), found, "{text}");
    }
}

/// RFC 7644 §3.4.2.2: date-times compare as instants, whatever their offset.
#[test]
fn date_times() {
    for (text, found) in [
        ("meta.lastModified eq \"2011-05-13T04:42:34.5Z\"", true),
        ("meta.lastModified eq \"2011-05-12T22:42:34.500-06:00\"", true),
        ("meta.lastModified eq \"2011-05-13T04:42:34.500999Z\"", true),
        ("meta.lastModified ne \"2011-05-13T04:42:34.501Z\"", true),
        ("meta.lastModified gt \"2011-05-13T06:42:34+02:00\"", true),
        ("meta.lastModified lt \"2011-05-13T04:42:34.501Z\"", true),
        ("meta.lastModified ge 2011-05-13T04:42:34.500Z", true),
    ] {
        assert_eq!(finds(text), found, "{text}");
    }
}

/// Interop rule `bool-filter-string`.
#[test]
fn booleans_as_strings() {
    for (text, found) in [
        ("active eq true", true),
        ("active eq \"True\"", true),
        ("active eq \"FALSE\"", false),
        ("active eq True", true),
        ("active ne false", true),
        ("emails[primary eq \"True\"].value sw \"bjensen\"", true),
    ] {
        assert_eq!(finds(text), found, "{text}");
    }
}

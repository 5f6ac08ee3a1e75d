//! A filter's values are data: never a wildcard, never SQL, never cut (RFC 7644 §3.4.2.2, §7.5).

use serde_json::json;

use super::directory::{ALL, Row, find_users, found, seed};
use crate::support::on_both;

const MUELLER: &str = "müller@straße.example";

/// Characters that mean something to SQL, to LIKE, to JSON paths or to the filter's own grammar.
const SPECIAL: &[Row] = &[
    (r#"title co "%""#, &[MUELLER]),
    (r#"title co "_""#, &[MUELLER]),
    (r#"title eq "%""#, &[]),
    (r#"title sw "t%""#, &[]),
    (r#"userName eq "b_ensen""#, &[]),
    (r#"userName sw "%""#, &[]),
    (r#"userName co "%""#, &[]),
    (r#"title sw "100% \"SURE\"""#, &[MUELLER]),
    (r#"title co "\\""#, &[MUELLER]),
    (r#"title co "\\\\""#, &[]),
    (r#"title co "'""#, &[MUELLER]),
    (r#"title ew "'drop""#, &[MUELLER]),
    (r#"title eq "100% \"sure\"_\\o/ 'DROP""#, &[MUELLER]),
    (r#"title eq "100% \u0022sure\u0022_\u005co\/ 'DROP""#, &[MUELLER]),
    (r#"userName eq "x' OR '1'='1""#, &[]),
    (r#"userName eq "'; DROP TABLE users; --""#, &[]),
    (r#"emails.value eq "x' OR 1=1 --""#, &[]),
    (r#"externalId eq "' OR ''='""#, &[]),
    (r#"id eq "' OR ''='""#, &[]),
    (r#"title co "*""#, &[]),
    (r#"title co "?""#, &[]),
    (r#"title eq "$1""#, &[]),
    (r#"displayName eq "M\u00fcller""#, &[]),
    (r#"displayName ew "M\u00FCLLER""#, &[MUELLER]),
    (r#"displayName co "🦀""#, &[]),
    (r#"userName eq "bjensen\n""#, &[]),
    (r#"userName eq " bjensen""#, &[]),
    ("userName pr", ALL),
];

on_both! {
    /// RFC 7644 §7.5 (protecting against injection) and §3.4.2.2.
    async fn special_characters_stand_for_themselves(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, SPECIAL).await;
    }

    /// Values longer than what the index of e-mail addresses holds (256 characters) are told apart all the same.
    async fn long_values(app: TestApp) {
        let client = &app.client;
        let long = "ä".repeat(300);
        for (name, email) in [
            ("x", format!("{long}@x")),
            ("y", format!("{long}@y")),
            ("at256", "b".repeat(256)),
            ("at255", "b".repeat(255)),
            ("at257", "b".repeat(257)),
        ] {
            client.post("/Users", &json!({ "userName": name, "emails": [{ "value": email }] })).await.created();
        }
        let (upper, long) = (long.to_uppercase(), &long);
        for (filter, expected) in [
            (format!(r#"emails.value eq "{long}@x""#), vec!["x"]),
            (format!(r#"emails.value eq "{upper}@Y""#), vec!["y"]),
            (format!(r#"emails eq "{long}@y""#), vec!["y"]),
            (format!(r#"emails eq "{long}""#), vec![]),
            (format!(r#"emails.value ne "{long}@x""#), vec!["y", "at256", "at255", "at257"]),
            (format!(r#"emails.value sw "{long}""#), vec!["x", "y"]),
            (format!(r#"emails.value sw "{long}@X""#), vec!["x"]),
            (format!(r#"emails[value eq "{long}@y"]"#), vec!["y"]),
            (format!(r#"emails[value sw "{long}@" and not (value ew "x")]"#), vec!["y"]),
            (format!(r#"emails.value eq "{}""#, "b".repeat(255)), vec!["at255"]),
            (format!(r#"emails.value eq "{}""#, "b".repeat(256)), vec!["at256"]),
            (format!(r#"emails.value eq "{}""#, "b".repeat(257)), vec!["at257"]),
            (format!(r#"emails.value eq "{}""#, "b".repeat(258)), vec![]),
            (format!(r#"emails.value sw "{}""#, "b".repeat(255)), vec!["at256", "at255", "at257"]),
            (format!(r#"emails.value sw "{}""#, "b".repeat(256)), vec!["at256", "at257"]),
            (format!(r#"emails.value sw "{}""#, "b".repeat(257)), vec!["at257"]),
        ] {
            assert_eq!(found(client, "/Users", &filter).await, expected, "{filter}");
        }
    }

    /// RFC 7644 §3.4.2.2: a prefix is a prefix at the very end of what characters there are, too.
    async fn prefixes_at_the_edge_of_unicode(app: TestApp) {
        let client = &app.client;
        for name in ["a\u{10ffff}", "a\u{10ffff}b", "b", "a\u{d7ff}x", "a\u{e000}"] {
            client.user(name).await;
        }
        for (prefix, expected) in [
            ("a\u{10ffff}", vec!["a\u{10ffff}", "a\u{10ffff}b"]),
            ("a\u{d7ff}", vec!["a\u{d7ff}x"]),
            ("a", vec!["a\u{10ffff}", "a\u{10ffff}b", "a\u{d7ff}x", "a\u{e000}"]),
            ("\u{10ffff}", vec![]),
        ] {
            assert_eq!(found(client, "/Users", &format!(r#"userName sw "{prefix}""#)).await, expected, "{prefix:?}");
        }
    }
}

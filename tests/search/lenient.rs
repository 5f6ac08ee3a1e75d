//! What clients send beyond the grammar, and what a strict connection answers to it (rows of the interoperability table).

use super::directory::{ALL, Row, find_users, found, names, refuse, seed};
use crate::support::on_both;

/// Interop rules `unquoted-filter-value`, `filter-with-subattr` and `bool-filter-string`.
const LENIENT: &[Row] = &[
    ("userName eq bjensen", &["bjensen"]),
    ("externalId eq bj-1", &["JSmith"]),
    ("emails.value eq bjensen@example.com", &["bjensen"]),
    ("userName eq bjensen or userName eq zoe", &["bjensen", "zoe"]),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq 701984", &["bjensen"]),
    (r#"emails[type eq "work"].value eq "bjensen@example.com""#, &["bjensen"]),
    (r#"emails[type eq "home"].value eq "bjensen@example.com""#, &[]),
    (r#"emails[type eq "home"].value co "jensen""#, &["bjensen"]),
    (r#"emails[type eq "home"].display pr"#, &["bjensen"]),
    (r#"emails[type eq "work"].value ne "bjensen@example.com""#, &["JSmith"]),
    (r#"roles[primary eq "True"].value eq "admin""#, &["bjensen"]),
    (r#"emails[primary eq "true"]"#, &["bjensen"]),
    (r#"active eq "False""#, &["JSmith"]),
    (r#"active ne "TRUE""#, &["JSmith"]),
];

on_both! {
    /// Interop rules `unquoted-filter-value`, `filter-with-subattr`, `bool-filter-string`: read as they are meant.
    async fn lenient_filters(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, LENIENT).await;
    }

    /// The same on a strict connection: RFC 7644 §3.4.2.2, Figure 1 has neither bare words nor a part behind a bracket.
    async fn a_strict_connection_keeps_to_the_grammar(app: TestApp) {
        let strict = app.other_connection("strict", true).await;
        refuse(&strict, "/Users", &[
            ("userName eq bjensen", "The filter is wrong at character 13: expected a value: a string in double quotes, a number, true, false or null."),
            (r#"emails[type eq "work"].value eq "x""#, "The filter is wrong at character 23: expected 'and', 'or' or the end of the filter; a value with spaces needs double quotes."),
        ]).await;
        assert_eq!(found(&strict, "/Users", r#"userName eq "nobody""#).await, Vec::<String>::new());
    }

    /// Interop rule `connection-test`: a random name is no error.
    async fn nobody_is_found(app: TestApp) {
        let answer = app.client.query("/Users", &[("filter", r#"userName eq "6e7b04b2-probe""#)]).await;
        assert_eq!(answer.expect(200), serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 0,
            "startIndex": 1,
            "itemsPerPage": 0,
            "Resources": [],
        }));
    }

    /// A blank filter counts as none, as do blank sort keys.
    async fn blank_parameters_count_as_not_given(app: TestApp) {
        seed(&app.client).await;
        for query in ["filter=&sortBy=&sortOrder=&startIndex=&count=&attributes=&excludedAttributes=", "filter=%20", ""] {
            let list = app.client.get(&format!("/Users?{query}")).await.expect(200);
            assert_eq!(names(&list), ALL, "{query}");
        }
    }

    /// Interop rule `external-id-scope`, RFC 7643 §3.1: each connection sees and filters its own externalIds.
    async fn external_ids_belong_to_a_connection(app: TestApp) {
        let people = seed(&app.client).await;
        let other = app.other_connection("other", false).await;
        assert_eq!(found(&other, "/Users", "externalId pr").await, Vec::<String>::new());
        other.patch(&format!("/Users/{}", people.zoe), &serde_json::json!({
            "Operations": [{ "op": "add", "path": "externalId", "value": "BJ-1" }],
        })).await.expect(200);
        assert_eq!(found(&other, "/Users", r#"externalId eq "BJ-1""#).await, ["zoe"]);
        assert_eq!(found(&app.client, "/Users", r#"externalId eq "BJ-1""#).await, ["bjensen"]);
        assert_eq!(found(&other, "/Users", r#"externalId ne "BJ-1""#).await, ["bjensen", "JSmith", "müller@straße.example"]);
    }
}

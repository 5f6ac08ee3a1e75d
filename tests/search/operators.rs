//! Operators and what joins them (RFC 7644 §3.4.2.2, Tables 3 to 5).

use super::directory::{ALL, Row, find_users, seed};
use crate::support::on_both;

const MUELLER: &str = "müller@straße.example";

/// Table 3: attribute operators on strings.
const STRINGS: &[Row] = &[
    (r#"userName eq "bjensen""#, &["bjensen"]),
    (r#"userName ne "bjensen""#, &["JSmith", MUELLER, "zoe"]),
    (r#"userName co "ens""#, &["bjensen"]),
    (r#"userName co "S""#, &["bjensen", "JSmith", MUELLER]),
    (r#"userName sw "j""#, &["JSmith"]),
    (r#"userName ew "n""#, &["bjensen"]),
    (r#"userName gt "bjensen""#, &["JSmith", MUELLER, "zoe"]),
    (r#"userName ge "bjensen""#, ALL),
    (r#"userName lt "jsmith""#, &["bjensen"]),
    (r#"userName le "jsmith""#, &["bjensen", "JSmith"]),
    ("userName pr", ALL),
    (r#"title eq "tour guide""#, &["bjensen"]),
    (r#"title ne "tour guide""#, &["JSmith", MUELLER, "zoe"]),
    (r#"title co "OU""#, &["bjensen"]),
    (r#"title sw "BO""#, &["JSmith"]),
    (r#"title ew "SS""#, &["JSmith"]),
    (r#"title gt "boss""#, &["bjensen"]),
    (r#"title ge "boss""#, &["bjensen", "JSmith"]),
    (r#"title lt "boss""#, &[MUELLER]),
    (r#"title le "BOSS""#, &["JSmith", MUELLER]),
    ("title pr", &["bjensen", "JSmith", MUELLER]),
    // Operators are read without regard to case (Figure 1).
    (r#"userName EQ "bjensen" AND title Pr"#, &["bjensen"]),
];

/// An attribute without a value is null: it equals nothing else, and is neither less nor greater.
const MISSING: &[Row] = &[
    ("not (title pr)", &["zoe"]),
    ("title eq null", &["zoe"]),
    ("title ne null", &["bjensen", "JSmith", MUELLER]),
    (r#"nickName ne "x""#, ALL),
    (r#"nickName lt "zzz""#, &["bjensen"]),
    (r#"not (nickName lt "zzz")"#, &["JSmith", MUELLER, "zoe"]),
    (r#"nickName co """#, &["bjensen"]),
    (r#"nickName sw """#, &["bjensen"]),
    (r#"nickName ew """#, &["bjensen"]),
    ("emails pr", &["bjensen", "JSmith", MUELLER]),
    ("emails eq null", &["zoe"]),
    ("name pr", &["bjensen", "JSmith", MUELLER]),
    ("name.givenName pr", &["bjensen", "JSmith"]),
    ("addresses pr", &["bjensen"]),
];

/// Table 4 and the precedence beneath Table 6: grouping, then not, then and, then or.
const LOGIC: &[Row] = &[
    (r#"title pr and userType eq "Employee""#, &["bjensen"]),
    (r#"title eq "boss" or userType eq "Employee""#, &["bjensen", "JSmith"]),
    (r#"userName eq "zoe" or title pr and active eq false"#, &["JSmith", "zoe"]),
    (r#"(userName eq "zoe" or title pr) and active eq false"#, &["JSmith"]),
    (r#"not (userName eq "zoe")"#, &["bjensen", "JSmith", MUELLER]),
    (r#"not (userName eq "zoe" or title pr)"#, &[]),
    (r#"not (not (userName eq "zoe"))"#, &["zoe"]),
    (r#"not (title pr) or not (active eq true)"#, &["JSmith", "zoe"]),
    (r#"((((userName eq "zoe"))))"#, &["zoe"]),
    (
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        &["bjensen"],
    ),
    (
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "jensen.org")"#,
        &[MUELLER, "zoe"],
    ),
];

/// Table 5: within brackets one and the same element passes.
const VALUE_PATHS: &[Row] = &[
    (r#"emails[type eq "work"]"#, &["bjensen", "JSmith"]),
    (r#"emails[type eq "work" and value co "@example.com"]"#, &["bjensen", "JSmith"]),
    (r#"emails[type eq "home" and value co "@example.com"]"#, &[]),
    (r#"emails.type eq "home" and emails.value co "@example.com""#, &["bjensen"]),
    (
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        &["bjensen", "JSmith"],
    ),
    (r#"emails[value eq "babs@jensen.org" and type eq "home"]"#, &["bjensen"]),
    (r#"emails[value eq "babs@jensen.org" or type eq "home"]"#, &["bjensen", MUELLER]),
    (r#"emails[not (type eq "work")]"#, &["bjensen", MUELLER]),
    (r#"not (emails[type eq "work"])"#, &[MUELLER, "zoe"]),
    ("emails[primary eq true]", &["bjensen"]),
    ("emails[primary pr]", &["bjensen"]),
    ("emails[not (primary eq true)]", &["bjensen", "JSmith", MUELLER]),
    (r#"emails[display co "home" and value pr]"#, &["bjensen"]),
    (r#"addresses[locality eq "burbank" and postalCode sw "9150"]"#, &["bjensen"]),
    (r#"addresses[locality eq "burbank" and postalCode sw "9160"]"#, &[]),
    (r#"name[familyName eq "smith" and givenName eq "john"]"#, &["JSmith"]),
    // Where there is no object, nothing in it passes.
    (r#"name[not (familyName eq "smith")]"#, &["bjensen", MUELLER]),
    (r#"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "home"]"#, &["bjensen", MUELLER]),
];

/// Of a multi-valued attribute any value may pass; a complex one stands for its `value`. `ne` is the opposite of `eq`.
const MULTI_VALUED: &[Row] = &[
    (r#"emails eq "babs@jensen.org""#, &["bjensen"]),
    (r#"emails ne "babs@jensen.org""#, &["JSmith", MUELLER, "zoe"]),
    (r#"emails.value sw "b""#, &["bjensen"]),
    (r#"emails.value sw "babs""#, &["bjensen"]),
    (r#"emails.value gt "c""#, &["JSmith", MUELLER]),
    (r#"emails.type eq "home" and emails.type eq "work""#, &["bjensen"]),
    (r#"emails.type ne "home""#, &["JSmith", "zoe"]),
    (r#"phoneNumbers co "4444""#, &["bjensen"]),
    (r#"roles eq "guide""#, &["bjensen"]),
    (r#"roles.primary eq true"#, &["bjensen"]),
];

on_both! {
    /// RFC 7644 §3.4.2.2, Table 3: eq, ne, co, sw, ew, gt, ge, lt, le, pr.
    async fn attribute_operators(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, STRINGS).await;
    }

    /// RFC 7644 §3.4.2.2; RFC 7643 §2.5: unassigned and null are the same.
    async fn what_is_missing_is_null(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, MISSING).await;
    }

    /// RFC 7644 §3.4.2.2, Table 4: and, or, not, and grouping, in their order of precedence.
    async fn logical_operators(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, LOGIC).await;
    }

    /// RFC 7644 §3.4.2.2, Table 5: complex attribute filter grouping.
    async fn value_paths(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, VALUE_PATHS).await;
    }

    /// RFC 7644 §3.4.2.2: a multi-valued attribute passes if one of its values does.
    async fn one_of_several_values_is_enough(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, MULTI_VALUED).await;
    }
}

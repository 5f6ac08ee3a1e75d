//! Filters that cannot be: 400 `invalidFilter` and a sentence that says why (RFC 7644 §3.4.2.2, §3.12).

use super::directory::refuse;
use crate::support::on_both;

const GRAMMAR: &[(&str, &str)] = &[
    (
        "userName",
        "The filter is wrong at character 9: expected one of eq, ne, co, sw, ew, gt, ge, lt, le or pr.",
    ),
    (
        "userName eq",
        "The filter is wrong at character 12: expected a value: a string in double quotes, a number, true, false or null.",
    ),
    (
        r#"userName is "x""#,
        "The filter is wrong at character 10: expected one of eq, ne, co, sw, ew, gt, ge, lt, le or pr.",
    ),
    (
        r#"userName eq "x"#,
        "The filter is wrong at character 13: expected a closing double quote for the string that begins here.",
    ),
    (
        r#"userName eq "x" xor title pr"#,
        "The filter is wrong at character 17: expected 'and', 'or' or the end of the filter; a value with spaces needs double quotes.",
    ),
    (r#"(userName eq "x""#, "The filter is wrong at character 17: expected 'and', 'or' or ')'."),
    (
        r#"userName eq "x")"#,
        "The filter is wrong at character 16: expected 'and', 'or' or the end of the filter; a value with spaces needs double quotes.",
    ),
    (r#"not userName eq "x""#, "The filter is wrong at character 5: expected '(' after 'not'."),
    ("and", "The filter is wrong at character 4: expected one of eq, ne, co, sw, ew, gt, ge, lt, le or pr."),
    (
        r#"userName eq "\x""#,
        r#"The filter is wrong at character 14: expected one of the escapes \" \\ \/ \b \f \n \r \t or \u with four hexadecimal digits."#,
    ),
    (r#"userName eq "\u0000""#, "The filter is wrong at character 14: expected a string without U+0000."),
    (
        r#"emails[type eq "work" and value[x pr]]"#,
        "The filter is wrong at character 32: expected no second filter in brackets inside of the first.",
    ),
    (r#"emails[type eq "work""#, "The filter is wrong at character 22: expected 'and', 'or' or ']'."),
    (
        "user name eq 1",
        "The filter is wrong at character 6: expected one of eq, ne, co, sw, ew, gt, ge, lt, le or pr.",
    ),
];

const MEANING: &[(&str, &str)] = &[
    (r#"shoeSize eq "44""#, "'shoeSize' is not an attribute of User."),
    (r#"name.shoeSize eq "44""#, "'shoeSize' in 'name.shoeSize' is not a sub-attribute of 'name'."),
    (
        r#"emails[shoeSize eq "44"]"#,
        "'shoeSize' does not name a part of 'emails'; its filter can use value, display, type, primary.",
    ),
    (r#"urn:example:none:userName eq "x""#, "'urn:example:none:userName' is not an attribute of User."),
    (r#"members eq "x""#, "'members' is not an attribute of User."),
    (r#"password eq "x""#, "'password' is never returned and cannot be used in a filter."),
    ("password pr", "'password' is never returned and cannot be used in a filter."),
    ("active gt true", "'active' is a boolean and cannot be compared by gt; use eq, ne or pr."),
    (r#"active co "tr""#, "'active' is a boolean and cannot be compared by co; use eq, ne or pr."),
    (r#"active eq "maybe""#, "'active' cannot be compared with this value; expected true or false."),
    (
        r#"x509Certificates.value gt "A""#,
        "'x509Certificates.value' is binary and cannot be compared by gt; use eq, ne, co, sw, ew or pr.",
    ),
    (
        r#"meta.created sw "2011""#,
        "'meta.created' is a date-time and cannot be compared by sw; use eq, ne, gt, ge, lt, le or pr.",
    ),
    (
        r#"meta.created gt "yesterday""#,
        r#"'meta.created' cannot be compared with this value; expected a date-time with its offset, such as "2026-01-31T13:45:00Z"."#,
    ),
    (
        r#"name eq "Jensen""#,
        "'name' is complex and cannot be compared; name one of its sub-attributes: formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix.",
    ),
    (
        r#"addresses eq "x""#,
        "'addresses' is complex and cannot be compared; name one of its sub-attributes: formatted, streetAddress, locality, region, postalCode, country, type, primary.",
    ),
    ("userName gt null", "'userName' can be compared with null by eq and ne only, not by gt."),
    (
        "userName eq true",
        "'userName' cannot be compared with this value; expected a string in double quotes.",
    ),
    (
        r#"userName[value eq "x"]"#,
        "'userName' is not complex and takes no filter in brackets; compare it directly.",
    ),
];

on_both! {
    /// RFC 7644 §3.4.2.2, Figure 1: what the grammar does not have is refused, with its place.
    async fn what_is_no_filter(app: TestApp) {
        refuse(&app.client, "/Users", GRAMMAR).await;
    }

    /// RFC 7644 §3.4.2.2: unknown attributes and operators that a type does not have; interop rule `unmapped-filter`.
    async fn what_makes_no_sense(app: TestApp) {
        refuse(&app.client, "/Users", MEANING).await;
    }

    /// RFC 7644 §3.4.2.2, §7.7: a filter is bounded in length, depth and number of expressions.
    async fn what_is_too_much(app: TestApp) {
        let nested = format!("{}userName pr{}", "(".repeat(65), ")".repeat(65));
        let long = format!(r#"userName eq "{}""#, "x".repeat(8192));
        let many = vec!["userName pr"; 257].join(" or ");
        refuse(&app.client, "/Users", &[
            (&nested, "The filter nests deeper than 64 levels at character 65."),
            (&long, "The filter has 8206 bytes; at most 8192 are accepted."),
            (&many, "The filter has more than 256 expressions; the first too many is at character 3841."),
        ]).await;
        let fits = format!("{}userName pr{}", "(".repeat(64), ")".repeat(64));
        app.client.query("/Users", &[("filter", &fits)]).await.expect(200);
        let fits = vec![r#"not (emails[value eq "x" and type eq "work"])"#; 128].join(" and ");
        app.client.query("/Users", &[("filter", &fits)]).await.expect(200);
    }
}

//! Filters on every kind of attribute (RFC 7644 §3.4.2.2; RFC 7643 §2.3).

use serde_json::json;

use super::directory::{ALL, ENTERPRISE, Row, find_users, found, seed};
use crate::support::on_both;

const MUELLER: &str = "müller@straße.example";

/// RFC 7643 §4.1: a user's own attributes, with names in any case (§2.1) and with the schema's URN (RFC 7644 §3.10).
const CORE: &[Row] = &[
    (r#"name.familyName eq "JENSEN""#, &["bjensen"]),
    (r#"NAME.FAMILYNAME co "s""#, &["bjensen", "JSmith"]),
    (r#"name.honorificPrefix eq "ms.""#, &["bjensen"]),
    (r#"displayName sw "babs j""#, &["bjensen"]),
    (r#"userType eq "employee""#, &["bjensen"]),
    (r#"preferredLanguage eq "EN-us""#, &["bjensen"]),
    (r#"locale eq "en-us""#, &["bjensen"]),
    (r#"timezone sw "america/""#, &["bjensen"]),
    (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, &["JSmith"]),
    (r#"URN:IETF:params:scim:schemas:core:2.0:user:name.familyName eq "Smith""#, &["JSmith"]),
    ("active eq true", &["bjensen", MUELLER, "zoe"]),
    ("active eq false", &["JSmith"]),
    ("active ne true", &["JSmith"]),
    ("active pr", ALL),
    (r#"phoneNumbers.value eq "555-555-4444""#, &["bjensen"]),
    (r#"ims.value eq "SOMEAIMHANDLE""#, &["bjensen"]),
    (r#"addresses.region eq "ca""#, &["bjensen"]),
    (r#"entitlements eq "e1""#, &["bjensen"]),
    (r#"x509Certificates.value eq "TUlJRFF6Q0M=""#, &["bjensen"]),
    (r#"x509Certificates.value co "JRFF""#, &["bjensen"]),
    (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, ALL),
    (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, &["bjensen", "JSmith"]),
    (r#"schemas co "enterprise""#, &["bjensen", "JSmith"]),
    ("schemas pr", ALL),
];

/// RFC 7643 §2.2, §7: caseExact attributes compare as they are written, the others without case, in every script.
const CASE: &[Row] = &[
    (r#"userName eq "BJENSEN""#, &["bjensen"]),
    (r#"userName eq "MÜLLER@STRASSE.EXAMPLE""#, &[MUELLER]),
    (r#"userName sw "MÜ""#, &[MUELLER]),
    (r#"displayName eq "JÜRGEN MÜLLER""#, &[MUELLER]),
    (r#"emails.value eq "JÜRGEN@STRASSE.EXAMPLE""#, &[MUELLER]),
    (r#"emails.value sw "JÜRGEN@STRAß""#, &[MUELLER]),
    (r#"emails.type eq "WORK""#, &["bjensen", "JSmith"]),
    (r#"externalId eq "BJ-1""#, &["bjensen"]),
    (r#"externalId eq "bj-1""#, &["JSmith"]),
    (r#"externalId sw "b""#, &["JSmith"]),
    (r#"externalId ne "bj-1""#, &["bjensen", MUELLER, "zoe"]),
    ("externalId pr", &["bjensen", "JSmith"]),
    ("not (externalId pr)", &[MUELLER, "zoe"]),
    (r#"externalId lt "a""#, &["bjensen"]),
    (r#"profileUrl co "BJensen""#, &["bjensen"]),
    (r#"profileUrl co "bjensen""#, &[]),
    (r#"photos.value ew "F.jpg""#, &["bjensen"]),
    (r#"photos.value ew "f.jpg""#, &[]),
    (r#"x509Certificates.value eq "tuljrff6q0m=""#, &[]),
];

/// RFC 7643 §4.3, RFC 7644 §3.10: an extension's attributes go by its URN.
const EXTENSION: &[&str] = &[
    "employeeNumber eq \"701984\"",
    "costCenter sw \"41\"",
    "organization co \"STUDIOS\"",
    "division eq \"theme park\"",
    "department eq \"tour operations\"",
];

on_both! {
    /// RFC 7644 §3.4.2.2, §3.10; RFC 7643 §4.1.
    async fn core_attributes(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, CORE).await;
    }

    /// RFC 7643 §2.2; interop rule `user-name-case`.
    async fn case_counts_where_the_schema_says_so(app: TestApp) {
        seed(&app.client).await;
        find_users(&app.client, CASE).await;
    }

    /// RFC 7644 §3.10, RFC 7643 §4.3: department and the rest behind the extension's URN, in any case.
    async fn extension_attributes(app: TestApp) {
        seed(&app.client).await;
        for filter in EXTENSION {
            assert_eq!(found(&app.client, "/Users", &format!("{ENTERPRISE}:{filter}")).await, ["bjensen"], "{filter}");
        }
        let lower = ENTERPRISE.to_lowercase();
        let filter = format!(r#"{lower}:DEPARTMENT sw "tour""#);
        assert_eq!(found(&app.client, "/Users", &filter).await, ["bjensen", "JSmith"]);
        let filter = format!("not ({ENTERPRISE}:department pr)");
        assert_eq!(found(&app.client, "/Users", &filter).await, [MUELLER, "zoe"]);
    }

    /// RFC 7643 §4.3: the manager's id, and the name and URL that the server computes from it.
    async fn the_manager(app: TestApp) {
        let people = seed(&app.client).await;
        let (boss, base) = (&people.bjensen, &app.client.base_url);
        for (test, expected) in [
            (format!(".value eq \"{boss}\""), vec!["JSmith"]),
            (format!(" eq \"{boss}\""), vec!["JSmith"]),
            (format!(".$ref eq \"{base}/Users/{boss}\""), vec!["JSmith"]),
            (".displayName eq \"BABS jensen\"".to_owned(), vec!["JSmith"]),
            (".displayName sw \"babs\"".to_owned(), vec!["JSmith"]),
            (".$ref pr".to_owned(), vec!["JSmith"]),
            (".displayName ne \"Babs Jensen\"".to_owned(), vec!["bjensen", MUELLER, "zoe"]),
            (" pr".to_owned(), vec!["JSmith"]),
            (".displayName pr".to_owned(), vec!["JSmith"]),
            ("[value pr and displayName co \"jen\"]".to_owned(), vec!["JSmith"]),
        ] {
            let filter = format!("{ENTERPRISE}:manager{test}");
            assert_eq!(found(&app.client, "/Users", &filter).await, expected, "{filter}");
        }
    }

    /// RFC 7643 §4.3: the URL of a manager whom this server does not know is the client's.
    async fn a_manager_elsewhere(app: TestApp) {
        let manager = json!({ "value": "26118915", "$ref": "https://example.org/Users/26118915" });
        app.client.post("/Users", &json!({ "userName": "zoe", ENTERPRISE: { "manager": manager } })).await.created();
        for (test, expected) in [
            ("$ref eq \"https://example.org/Users/26118915\"", vec!["zoe"]),
            ("$ref pr", vec!["zoe"]),
            ("value eq \"26118915\"", vec!["zoe"]),
            ("displayName pr", vec![]),
        ] {
            let filter = format!("{ENTERPRISE}:manager.{test}");
            assert_eq!(found(&app.client, "/Users", &filter).await, expected, "{filter}");
        }
    }

    /// RFC 7643 §3.1: `id` is caseExact and unique.
    async fn the_id(app: TestApp) {
        let people = seed(&app.client).await;
        let id = &people.mueller;
        let (start, end) = (&id[..13], &id[14..]);
        let upper = id.to_uppercase();
        for (filter, expected) in [
            (format!(r#"id eq "{id}""#), vec![MUELLER]),
            (format!(r#"id ne "{id}""#), vec!["bjensen", "JSmith", "zoe"]),
            (format!(r#"id ew "{end}" and id sw "{start}""#), vec![MUELLER]),
            (format!(r#"id co "{}""#, &id[20..]), vec![MUELLER]),
            (format!(r#"id gt "{id}""#), vec!["zoe"]),
            (format!(r#"id lt "{id}""#), vec!["bjensen", "JSmith"]),
            (format!(r#"id eq "{upper}""#), vec![]),
            (r#"id eq "nobody""#.to_owned(), vec![]),
            (format!(r#"id eq "{{{id}}}""#), vec![]),
            (r#"id eq "01990000-0000-7000-8000-000000000000""#.to_owned(), vec![]),
            ("id pr".to_owned(), ALL.to_vec()),
        ] {
            assert_eq!(found(&app.client, "/Users", &filter).await, expected, "{filter}");
        }
    }

    /// RFC 7643 §3.1: what the server notes about a resource. Times compare as instants (RFC 7644 §3.4.2.2).
    async fn meta(app: TestApp) {
        let people = seed(&app.client).await;
        let zoe = app.client.get(&format!("/Users/{}", people.zoe)).await.body;
        let (created, base) = (zoe["meta"]["created"].as_str().unwrap(), &app.client.base_url);
        let ms = provost::scim::schema::datetime::parse_datetime(created).unwrap();
        let elsewhere = provost::scim::schema::datetime::format_datetime(ms + 7_200_000).replace('Z', "+02:00");
        // Times are kept in milliseconds: the change has to fall into a later one.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        app.client.patch(&format!("/Users/{}", people.jsmith), &json!({
            "Operations": [{ "op": "replace", "path": "title", "value": "Boss!" }],
        })).await.expect(200);
        for (filter, expected) in [
            (format!(r#"userName eq "zoe" and meta.created eq "{created}""#), vec!["zoe"]),
            (format!(r#"userName eq "zoe" and meta.created eq "{elsewhere}""#), vec!["zoe"]),
            (format!(r#"meta.created le "{elsewhere}""#), ALL.to_vec()),
            (format!(r#"meta.lastModified gt "{created}""#), vec!["JSmith"]),
            (r#"meta.created gt "2011-05-13T04:42:34Z""#.to_owned(), ALL.to_vec()),
            (r#"meta.created lt "2011-05-13T04:42:34+02:00""#.to_owned(), vec![]),
            (r#"meta.version eq "W/\"2\"""#.to_owned(), vec!["JSmith"]),
            (r#"meta.version ne "W/\"2\"""#.to_owned(), vec!["bjensen", MUELLER, "zoe"]),
            (format!(r#"meta.location eq "{base}/Users/{}""#, people.zoe), vec!["zoe"]),
            (format!(r#"meta.location ew "{}""#, people.zoe), vec!["zoe"]),
            (r#"meta.resourceType eq "User""#.to_owned(), ALL.to_vec()),
            (r#"meta.resourceType eq "user""#.to_owned(), vec![]),
            (r#"meta.resourceType ne "User""#.to_owned(), vec![]),
            (r#"meta.resourceType co "se""#.to_owned(), ALL.to_vec()),
            (r#"meta[resourceType eq "User" and version eq "W/\"2\""]"#.to_owned(), vec!["JSmith"]),
            ("meta pr".to_owned(), ALL.to_vec()),
            ("meta.created pr".to_owned(), ALL.to_vec()),
        ] {
            assert_eq!(found(&app.client, "/Users", &filter).await, expected, "{filter}");
        }
    }
}

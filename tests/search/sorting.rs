//! Sorting (RFC 7644 §3.4.2.3).

use serde_json::{Value, json};

use super::directory::{ENTERPRISE, names, seed};
use crate::support::{Client, on_both};

const MUELLER: &str = "müller@straße.example";

/// Holds both orders of `/Users` by this attribute against names.
async fn order(client: &Client, sort_by: &str, ascending: &[&str], descending: &[&str]) {
    for (sort_order, expected) in [("ascending", ascending), ("descending", descending)] {
        let parameters = [("sortBy", sort_by), ("sortOrder", sort_order)];
        let list = client.query("/Users", &parameters).await.expect(200);
        assert_eq!(names(&list), expected, "{sort_by} {sort_order}");
    }
}

async fn ids(client: &Client, sort_by: &str, sort_order: &str) -> Vec<Value> {
    let parameters = [("sortBy", sort_by), ("sortOrder", sort_order), ("attributes", "id")];
    let list = client.query("/Users", &parameters).await.expect(200);
    list["Resources"].as_array().unwrap().iter().map(|user| user["id"].clone()).collect()
}

on_both! {
    /// RFC 7644 §3.4.2.3: any attribute that has an order, core or extension; without case unless it is caseExact;
    /// who has no value comes last in ascending order and first in descending; ties go by id.
    async fn by_every_kind_of_attribute(app: TestApp) {
        let client = &app.client;
        seed(client).await;
        let all = ["bjensen", "JSmith", MUELLER, "zoe"];
        for (sort_by, ascending, descending) in [
            ("userName", all, ["zoe", MUELLER, "JSmith", "bjensen"]),
            ("USERNAME", all, ["zoe", MUELLER, "JSmith", "bjensen"]),
            ("urn:ietf:params:scim:schemas:core:2.0:User:userName", all, ["zoe", MUELLER, "JSmith", "bjensen"]),
            ("name.familyName", ["bjensen", MUELLER, "JSmith", "zoe"], ["zoe", "JSmith", MUELLER, "bjensen"]),
            ("title", [MUELLER, "JSmith", "bjensen", "zoe"], ["zoe", "bjensen", "JSmith", MUELLER]),
            ("displayName", ["bjensen", MUELLER, "JSmith", "zoe"], ["JSmith", "zoe", MUELLER, "bjensen"]),
            // caseExact: capitals come before small letters.
            ("externalId", ["bjensen", "JSmith", MUELLER, "zoe"], [MUELLER, "zoe", "JSmith", "bjensen"]),
            ("nickName", all, ["JSmith", MUELLER, "zoe", "bjensen"]),
            ("active", ["JSmith", "bjensen", MUELLER, "zoe"], ["bjensen", MUELLER, "zoe", "JSmith"]),
            ("id", all, ["zoe", MUELLER, "JSmith", "bjensen"]),
            ("meta.location", all, ["zoe", MUELLER, "JSmith", "bjensen"]),
            ("meta.version", all, all),
            ("meta.resourceType", all, all),
            ("schemas", all, all),
            // The primary value, else the first (§3.4.2.3); of a complex attribute its `value`.
            ("emails", ["bjensen", "JSmith", MUELLER, "zoe"], ["zoe", MUELLER, "JSmith", "bjensen"]),
            ("emails.type", [MUELLER, "bjensen", "JSmith", "zoe"], ["zoe", "bjensen", "JSmith", MUELLER]),
            ("addresses.locality", all, ["JSmith", MUELLER, "zoe", "bjensen"]),
        ] {
            order(client, sort_by, &ascending, &descending).await;
        }
        let department = format!("{ENTERPRISE}:department");
        order(client, &department, &["bjensen", "JSmith", MUELLER, "zoe"], &[MUELLER, "zoe", "JSmith", "bjensen"]).await;
        let manager = format!("{ENTERPRISE}:manager");
        order(client, &manager, &["JSmith", "bjensen", MUELLER, "zoe"], &["bjensen", MUELLER, "zoe", "JSmith"]).await;
    }

    /// RFC 7644 §3.4.2.3: "if there's no sortOrder, ascending"; a sortOrder alone orders nothing; its case is free.
    async fn the_default_is_ascending(app: TestApp) {
        let client = &app.client;
        for name in ["c", "a", "b"] {
            client.user(name).await;
        }
        for (query, expected) in [
            ("sortBy=userName", ["a", "b", "c"]),
            ("sortBy=userName&sortOrder=", ["a", "b", "c"]),
            ("sortBy=userName&sortOrder=DESCENDING", ["c", "b", "a"]),
            ("sortOrder=descending", ["c", "a", "b"]),
            ("", ["c", "a", "b"]),
        ] {
            assert_eq!(names(&client.get(&format!("/Users?{query}")).await.expect(200)), expected, "{query}");
        }
    }

    /// RFC 7644 §3.4.2.3: of several values the primary one counts, else the first.
    async fn the_primary_value_counts(app: TestApp) {
        let client = &app.client;
        for (name, emails) in [
            ("first-is-z", json!([{ "value": "z@x.de" }, { "value": "a@x.de" }])),
            ("primary-is-b", json!([{ "value": "y@x.de" }, { "value": "B@x.de", "primary": true }])),
            ("only-is-c", json!([{ "value": "c@x.de", "primary": false }])),
        ] {
            client.post("/Users", &json!({ "userName": name, "emails": emails })).await.created();
        }
        order(client, "emails.value", &["primary-is-b", "only-is-c", "first-is-z"], &["first-is-z", "only-is-c", "primary-is-b"]).await;
    }

    /// RFC 7644 §3.4.2.3: times are ordered as times, and pages stay stable: ties go by id in both directions.
    async fn by_time_and_ties(app: TestApp) {
        let client = &app.client;
        let mut created = Vec::new();
        for name in ["a", "b", "c", "d"] {
            created.push(client.post("/Users", &json!({ "userName": name, "title": "same" })).await.created());
        }
        // Times are kept in milliseconds: the change has to fall into a later one.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        client.patch(&format!("/Users/{}", created[1]), &json!({
            "Operations": [{ "op": "replace", "path": "title", "value": "Same" }],
        })).await.expect(200);
        let by = |places: [usize; 4]| places.map(|place| json!(created[place]));
        assert_eq!(ids(client, "meta.created", "ascending").await, by([0, 1, 2, 3]));
        assert_eq!(ids(client, "meta.lastModified", "ascending").await, by([0, 2, 3, 1]));
        assert_eq!(ids(client, "meta.lastModified", "descending").await[0], json!(created[1]));
        assert_eq!(ids(client, "title", "ascending").await, by([0, 1, 2, 3]));
        assert_eq!(ids(client, "title", "descending").await, by([0, 1, 2, 3]));
    }

    /// RFC 7644 §3.4.2.3 on groups, and together with a filter and a page.
    async fn groups_are_sorted_too(app: TestApp) {
        let client = &app.client;
        seed(client).await;
        let list = client.query("/Groups", &[("sortBy", "displayName")]).await.expect(200);
        assert_eq!(names(&list), ["Empty", "Tour Guides", "Trainees"]);
        let list = client.query("/Groups", &[
            ("sortBy", "displayName"), ("sortOrder", "descending"), ("filter", "members pr"), ("startIndex", "2"), ("count", "1"),
        ]).await.expect(200);
        assert_eq!((names(&list), &list["totalResults"]), (vec!["Tour Guides".to_owned()], &json!(2)));
    }

    /// RFC 7644 §3.4.2.3, §3.12: what cannot be sorted by is refused with a sentence.
    async fn what_cannot_be_sorted_by(app: TestApp) {
        for (parameters, sentence) in [
            ([("sortBy", "shoeSize"), ("", "")], "sortBy: 'shoeSize' is not an attribute of User."),
            ([("sortBy", "password"), ("", "")], "sortBy: 'password' is never returned and cannot be sorted by."),
            ([("sortBy", "name"), ("", "")], "sortBy: 'name' is complex; name one of its sub-attributes: formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix."),
            ([("sortBy", "userName desc"), ("", "")], "sortBy: The path is wrong at character 9: expected a letter, a digit, '-', '_' or '$', or the end of the path."),
            ([("sortBy", "userName"), ("sortOrder", "down")], "'sortOrder' must be 'ascending' or 'descending'."),
        ] {
            let refused = app.client.query("/Users", &parameters).await.error();
            assert_eq!(refused, (400, "invalidValue".to_owned(), sentence.to_owned()));
        }
    }
}

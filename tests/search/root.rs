//! `POST /.search`: users and groups together (RFC 7644 §3.4.2.1, §3.4.3).

use serde_json::{Value, json};

use super::directory::{ENTERPRISE, names, search, seed};
use crate::support::on_both;

const MUELLER: &str = "müller@straße.example";
const USERS: [&str; 4] = ["bjensen", "JSmith", MUELLER, "zoe"];
const GROUPS: [&str; 3] = ["Trainees", "Tour Guides", "Empty"];

fn everything() -> Vec<&'static str> {
    [&USERS[..], &GROUPS[..]].concat()
}

on_both! {
    /// RFC 7644 §3.4.2.1: all resource types in one list, each resource as reading it gives it; users, then groups.
    async fn all_types_in_one_list(app: TestApp) {
        let client = &app.client;
        seed(client).await;
        let list = search(client, "/.search", &json!({})).await.expect(200);
        assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert_eq!((&list["totalResults"], &list["startIndex"], &list["itemsPerPage"]), (&json!(7), &json!(1), &json!(7)));
        let sorted = search(client, "/.search", &json!({ "sortBy": "meta.location", "sortOrder": "descending" })).await.expect(200);
        for list in [list, sorted] {
            for resource in list["Resources"].as_array().unwrap() {
                let location = resource["meta"]["location"].as_str().unwrap();
                let path = location.strip_prefix(&*client.base_url).unwrap();
                assert_eq!(*resource, client.get(path).await.expect(200));
            }
        }
        let list = search(client, "/.search", &json!({ "attributes": ["userName", "displayName"] })).await.expect(200);
        assert_eq!(list["Resources"][6], json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "id": list["Resources"][6]["id"], "displayName": "Empty",
        }));
    }

    /// RFC 7644 §3.4.2.1: "filtered attributes that are not part of a particular resource type" have no value there.
    async fn filters_over_all_types(app: TestApp) {
        let client = &app.client;
        seed(client).await;
        for (filter, expected) in [
            (r#"meta.resourceType eq "User""#, USERS.to_vec()),
            (r#"meta.resourceType eq "Group""#, GROUPS.to_vec()),
            (r#"meta.resourceType eq "Device""#, vec![]),
            (r#"(meta.resourceType eq "User") or (meta.resourceType eq "Group")"#, everything()),
            ("userName pr", USERS.to_vec()),
            ("not (userName pr)", GROUPS.to_vec()),
            ("userName eq null", GROUPS.to_vec()),
            (r#"userName eq "zoe""#, vec!["zoe"]),
            (r#"userName ne "zoe""#, [&USERS[..3], &GROUPS[..]].concat()),
            (r#"not (userName eq "zoe" or displayName eq "Empty")"#, [&USERS[..3], &GROUPS[..2]].concat()),
            (r#"displayName sw "t" or userName eq "zoe""#, vec!["zoe", "Trainees", "Tour Guides"]),
            (r#"displayName co "e""#, vec!["bjensen", MUELLER, "Trainees", "Tour Guides", "Empty"]),
            (r#"emails[type eq "work"]"#, vec!["bjensen", "JSmith"]),
            (r#"not (emails[type eq "work"])"#, [&USERS[2..], &GROUPS[..]].concat()),
            ("members pr", vec!["Trainees", "Tour Guides"]),
            ("groups pr or members pr", vec!["bjensen", "JSmith", "Trainees", "Tour Guides"]),
            (r#"externalId eq "G-1" or externalId eq "BJ-1""#, vec!["bjensen", "Empty"]),
            (r#"urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr"#, GROUPS.to_vec()),
            (r#"urn:ietf:params:scim:schemas:core:2.0:User:displayName pr"#, vec!["bjensen", MUELLER]),
            (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department sw "tour""#, vec!["bjensen", "JSmith"]),
            (r#"name[not (familyName eq "Smith")]"#, vec!["bjensen", MUELLER]),
            (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:Group""#, GROUPS.to_vec()),
        ] {
            let body = json!({ "filter": filter, "attributes": ["userName", "displayName"] });
            let list = search(client, "/.search", &body).await.expect(200);
            assert_eq!((names(&list), &list["totalResults"]), (expected.iter().map(|name| (*name).to_owned()).collect(), &json!(expected.len())), "{filter}");
        }
    }

    /// RFC 7644 §3.4.2.4 over several types: pages lie on users, on groups, and on both.
    async fn pages_over_all_types(app: TestApp) {
        let client = &app.client;
        seed(client).await;
        let all = everything();
        for (body, from, to) in [
            (json!({ "count": 3 }), 0, 3),
            (json!({ "startIndex": 3, "count": 3 }), 2, 5),
            (json!({ "startIndex": 5, "count": 3 }), 4, 7),
            (json!({ "startIndex": 6 }), 5, 7),
            (json!({ "startIndex": 8, "count": 3 }), 0, 0),
            (json!({ "startIndex": 0, "count": 1 }), 0, 1),
            (json!({ "count": 0 }), 0, 0),
            (json!({ "count": -1 }), 0, 0),
        ] {
            let list = search(client, "/.search", &body).await.expect(200);
            assert_eq!((names(&list), &list["totalResults"], &list["itemsPerPage"]), (all[from..to].iter().map(|name| (*name).to_owned()).collect(), &json!(7), &json!(to - from)), "{body}");
        }
    }

    /// RFC 7644 §3.4.2.3 over several types: one order; who lacks the attribute comes last, and first in descending order.
    async fn one_order_over_all_types(app: TestApp) {
        let client = &app.client;
        seed(client).await;
        let by_name = ["bjensen", "Empty", MUELLER, "Tour Guides", "Trainees", "JSmith", "zoe"];
        for (sort_by, ascending, descending) in [
            ("displayName", by_name, ["JSmith", "zoe", "Trainees", "Tour Guides", MUELLER, "Empty", "bjensen"]),
            ("userName", ["bjensen", "JSmith", MUELLER, "zoe", "Trainees", "Tour Guides", "Empty"],
                ["Trainees", "Tour Guides", "Empty", "zoe", MUELLER, "JSmith", "bjensen"]),
            ("meta.resourceType", ["Trainees", "Tour Guides", "Empty", "bjensen", "JSmith", MUELLER, "zoe"],
                ["bjensen", "JSmith", MUELLER, "zoe", "Trainees", "Tour Guides", "Empty"]),
            ("externalId", ["bjensen", "Empty", "JSmith", MUELLER, "zoe", "Trainees", "Tour Guides"],
                [MUELLER, "zoe", "Trainees", "Tour Guides", "JSmith", "Empty", "bjensen"]),
            ("id", ["bjensen", "JSmith", MUELLER, "zoe", "Trainees", "Tour Guides", "Empty"],
                ["Empty", "Tour Guides", "Trainees", "zoe", MUELLER, "JSmith", "bjensen"]),
            ("emails.value", ["bjensen", "JSmith", MUELLER, "zoe", "Trainees", "Tour Guides", "Empty"],
                ["zoe", "Trainees", "Tour Guides", "Empty", MUELLER, "JSmith", "bjensen"]),
        ] {
            for (order, expected) in [("ascending", ascending), ("descending", descending)] {
                let body = json!({ "sortBy": sort_by, "sortOrder": order, "attributes": ["userName", "displayName"] });
                assert_eq!(names(&search(client, "/.search", &body).await.expect(200)), expected, "{body}");
            }
        }
        for sort_by in ["meta.created", "meta.lastModified", "active", "members", "groups", &format!("{ENTERPRISE}:department")] {
            search(client, "/.search", &json!({ "sortBy": sort_by })).await.expect(200);
        }
        let body = json!({ "sortBy": "displayName", "startIndex": 2, "count": 3, "filter": "displayName pr" });
        let list = search(client, "/.search", &body).await.expect(200);
        assert_eq!((names(&list), &list["totalResults"]), (by_name[1..4].iter().map(|name| (*name).to_owned()).collect(), &json!(5)));
    }

    /// RFC 7644 §3.4.2.2, §3.12: an attribute that no type has is a mistake, and so is a wrong use of one that a type has.
    async fn what_no_type_has(app: TestApp) {
        let sort = |path: &str| json!({ "sortBy": path, "count": 0 });
        let filter = |text: &str| json!({ "filter": text });
        for (body, kind, sentence) in [
            (filter("shoeSize pr"), "invalidFilter", "'shoeSize' is not an attribute of User or Group."),
            (filter("name.shoeSize pr"), "invalidFilter", "'shoeSize' in 'name.shoeSize' is not a sub-attribute of 'name'."),
            (filter("userName pr or shoeSize pr"), "invalidFilter", "'shoeSize' is not an attribute of User or Group."),
            (filter("password pr"), "invalidFilter", "'password' is never returned and cannot be used in a filter."),
            (filter("active gt true"), "invalidFilter", "'active' is a boolean and cannot be compared by gt; use eq, ne or pr."),
            (filter("userName"), "invalidFilter", "The filter is wrong at character 9: expected one of eq, ne, co, sw, ew, gt, ge, lt, le or pr."),
            (sort("shoeSize"), "invalidValue", "sortBy: 'shoeSize' is not an attribute of User or Group."),
            (sort("password"), "invalidValue", "sortBy: 'password' is never returned and cannot be sorted by."),
            (sort("addresses"), "invalidValue", "sortBy: 'addresses' is complex; name one of its sub-attributes: formatted, streetAddress, locality, region, postalCode, country, type, primary."),
        ] {
            let refused = search(&app.client, "/.search", &body).await.error();
            assert_eq!(refused, (400, kind.to_owned(), sentence.to_owned()), "{body}");
        }
    }

    /// RFC 7644 §3.4.3: the media type, a token and the scope are asked for as everywhere.
    async fn the_usual_conditions(app: TestApp) {
        let http = reqwest::Client::new();
        let url = format!("{}/.search", app.client.base_url);
        assert_eq!(http.post(&url).body("{}").send().await.unwrap().status(), 401);
        let write_only = app.client_of(&app.connection, "write".parse().unwrap()).await;
        assert_eq!(search(&write_only, "/.search", &json!({})).await.error().0, 403);
        let empty: Value = search(&app.client, "/.search", &json!({})).await.expect(200);
        assert_eq!(empty, json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
        }));
    }
}

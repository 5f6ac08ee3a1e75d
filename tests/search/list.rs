//! Reading one resource and listing many (RFC 7644 §3.4.1, §3.4.2), by `GET` and by `POST …/.search` (§3.4.3).

use serde_json::{Value, json};

use super::directory::{ALL, ENTERPRISE, names, seed};
use crate::support::on_both;

on_both! {
    /// RFC 7644 §3.4.1: 200 with the resource, its location and its entity tag.
    async fn a_known_resource(app: TestApp) {
        let client = &app.client;
        let people = seed(client).await;
        for path in [format!("/Users/{}", people.jsmith), format!("/Groups/{}", people.guides)] {
            let answer = client.get(&path).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("location"), Some(&*format!("{}{path}", client.base_url)));
            assert_eq!(answer.header("location"), answer.body["meta"]["location"].as_str());
            assert_eq!(answer.header("etag"), answer.body["meta"]["version"].as_str());
            assert_eq!(answer.header("content-type"), Some("application/scim+json"));
        }
    }

    /// RFC 7644 §3.4.1, RFC 7643 §4.1.2, §4.2: what the server computes: groups, the manager, members.
    async fn computed_attributes(app: TestApp) {
        let client = &app.client;
        let people = seed(client).await;
        let jsmith = client.get(&format!("/Users/{}", people.jsmith)).await;
        assert_eq!(jsmith.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
            "id": "[id]",
            "externalId": "bj-1",
            "userName": "JSmith",
            "name": { "familyName": "Smith", "givenName": "John" },
            "active": false,
            "title": "boss",
            "emails": [{ "value": "JSMITH@EXAMPLE.COM", "type": "work" }],
            ENTERPRISE: {
                "department": "Tours",
                "manager": { "value": "[id]", "$ref": "[base]/Users/[id]", "displayName": "Babs Jensen" },
            },
            "groups": [
                { "value": "[id]", "$ref": "[base]/Groups/[id]", "display": "Trainees", "type": "direct" },
                { "value": "[id]", "$ref": "[base]/Groups/[id]", "display": "Tour Guides", "type": "indirect" },
            ],
            "meta": {
                "resourceType": "User", "created": "[time]", "lastModified": "[time]",
                "version": "W/\"1\"", "location": "[base]/Users/[id]",
            },
        }));
        let guides = client.get(&format!("/Groups/{}", people.guides)).await;
        assert_eq!(guides.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "id": "[id]",
            "displayName": "Tour Guides",
            "meta": {
                "resourceType": "Group", "created": "[time]", "lastModified": "[time]",
                "version": "W/\"1\"", "location": "[base]/Groups/[id]",
            },
            "members": [
                { "value": "[id]", "$ref": "[base]/Users/[id]", "type": "User", "display": "Babs Jensen" },
                { "value": "[id]", "$ref": "[base]/Groups/[id]", "type": "Group", "display": "Trainees" },
            ],
        }));
    }

    /// RFC 7644 §3.4.1, §3.12: 404 for an id that is nobody's, for one that is no id, and for one of the other type.
    async fn an_unknown_resource(app: TestApp) {
        let people = seed(&app.client).await;
        for (path, sentence) in [
            ("/Users/01990000-0000-7000-8000-000000000000".to_owned(), "User '01990000-0000-7000-8000-000000000000' was not found.".to_owned()),
            ("/Users/nobody".to_owned(), "User 'nobody' was not found.".to_owned()),
            ("/Groups/nobody".to_owned(), "Group 'nobody' was not found.".to_owned()),
            (format!("/Groups/{}", people.zoe), format!("Group '{}' was not found.", people.zoe)),
            (format!("/Users/{}", people.guides), format!("User '{}' was not found.", people.guides)),
        ] {
            assert_eq!(app.client.get(&path).await.error(), (404, String::new(), sentence), "{path}");
        }
    }

    /// RFC 7644 §3.4.2: a list is a ListResponse whose resources are what reading each of them gives.
    async fn a_list(app: TestApp) {
        let client = &app.client;
        seed(client).await;
        for (path, total) in [("/Users", 4), ("/Groups", 3)] {
            let list = client.get(path).await.expect(200);
            assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
            assert_eq!((&list["totalResults"], &list["startIndex"], &list["itemsPerPage"]), (&json!(total), &json!(1), &json!(total)));
            for resource in list["Resources"].as_array().unwrap() {
                let read = client.get(&format!("{path}/{}", resource["id"].as_str().unwrap())).await.expect(200);
                assert_eq!(*resource, read);
            }
        }
    }

    /// RFC 7644 §3.4.2: no results are 200 with `totalResults` 0.
    async fn an_empty_list(app: TestApp) {
        for path in ["/Users", "/Groups"] {
            assert_eq!(app.client.get(path).await.expect(200), json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
            }));
        }
    }

    /// RFC 7644 §3.4.3: `POST …/.search` answers as the same query by `GET` does.
    async fn a_search_by_post(app: TestApp) {
        let client = &app.client;
        seed(client).await;
        for (path, parameters, body) in [
            ("/Users", vec![], json!({})),
            ("/Users", vec![("filter", "title pr"), ("attributes", "userName,title")], json!({ "filter": "title pr", "attributes": ["userName", "title"] })),
            ("/Users", vec![("sortBy", "title"), ("sortOrder", "descending"), ("startIndex", "2"), ("count", "2")],
                json!({ "sortBy": "title", "sortOrder": "descending", "startIndex": 2, "count": 2 })),
            ("/Users", vec![("excludedAttributes", "emails")], json!({ "ExcludedAttributes": "emails" })),
            ("/Groups", vec![("filter", "members pr")], json!({ "filter": "members pr" })),
            ("/Groups", vec![("count", "0")], json!({ "count": 0 })),
        ] {
            let mut body = body;
            body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
            let by_get = client.query(path, &parameters).await.expect(200);
            assert_eq!(client.post(&format!("{path}/.search"), &body).await.expect(200), by_get, "{body}");
        }
        let list = client.post("/Users/.search", &Value::Object(serde_json::Map::new())).await.expect(200);
        assert_eq!(names(&list), ALL);
    }

    /// RFC 7644 §3.4.3, §3.12: a body that is no search is refused; `.search` takes nothing but POST (RFC 9110 §15.5.6).
    async fn what_is_no_search(app: TestApp) {
        for (body, kind, sentence) in [
            (json!({ "count": "ten" }), "invalidSyntax", "'count' of the request must be an integer."),
            (json!({ "filter": 1 }), "invalidSyntax", "'filter' of the request must be a string."),
            (json!({ "attributes": [1] }), "invalidSyntax", "'attributes' of the request must be an array of strings."),
            (json!({ "sortOrder": "up" }), "invalidValue", "'sortOrder' must be 'ascending' or 'descending'."),
            (json!({ "filter": "shoeSize pr" }), "invalidFilter", "'shoeSize' is not an attribute of User."),
        ] {
            let refused = app.client.post("/Users/.search", &body).await.error();
            assert_eq!(refused, (400, kind.to_owned(), sentence.to_owned()), "{body}");
        }
        for path in ["/.search", "/Users/.search", "/Groups/.search"] {
            let refused = app.client.get(path).await;
            assert_eq!((refused.status, refused.header("allow")), (405, Some("POST, OPTIONS")), "{path}");
        }
    }

    /// RFC 7644 §6.1: one tenant's users and groups are no other tenant's, in lists, totals, filters and searches.
    async fn tenants_do_not_see_each_other(app: TestApp) {
        let people = seed(&app.client).await;
        let other = app.other_tenant("globex").await;
        let id = &people.bjensen;
        let mine = other.user("bjensen").await;
        for (path, filter, total) in [
            ("/Users", "userName pr".to_owned(), 1),
            ("/Users", format!(r#"id eq "{id}""#), 0),
            ("/Users", r#"emails.value eq "bjensen@example.com""#.to_owned(), 0),
            ("/Users", r#"externalId eq "BJ-1""#.to_owned(), 0),
            ("/Users", r#"groups.display eq "Trainees""#.to_owned(), 0),
            ("/Groups", "displayName pr".to_owned(), 0),
            ("/Groups", format!(r#"members eq "{id}""#), 0),
        ] {
            let list = other.query(path, &[("filter", &filter)]).await.expect(200);
            assert_eq!(list["totalResults"], total, "{filter}");
        }
        let list = other.post("/.search", &json!({ "sortBy": "displayName" })).await.expect(200);
        assert_eq!((&list["totalResults"], &list["Resources"][0]["id"]), (&json!(1), &json!(mine)));
        assert_eq!(other.get("/Groups").await.expect(200)["totalResults"], 0);
        for path in [format!("/Users/{id}"), format!("/Groups/{}", people.guides)] {
            assert_eq!(other.get(&path).await.error().0, 404);
        }
    }
}

//! Names and values of attributes (RFC 7643 §2, §3).

use serde_json::{Value, json};

use crate::support::{on_both, refusal};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

on_both! {
    /// RFC 7643 §2.1: names are read without regard to case, and answered in the schema's spelling.
    async fn names_are_read_in_any_case(app: TestApp) {
        let created = app.client.post("/Users", &json!({
            "SCHEMAS": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "USERNAME": "bjensen",
            "externalid": "bj-1",
            "Name": { "GIVENNAME": "Barbara", "familyname": "Jensen" },
            "eMails": [{ "VALUE": "b@example.com", "Type": "work" }],
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": { "DEPARTMENT": "Tours" },
        })).await.expect(201);
        assert_eq!(created["userName"], "bjensen");
        assert_eq!(created["externalId"], "bj-1");
        assert_eq!(created["name"], json!({ "givenName": "Barbara", "familyName": "Jensen" }));
        assert_eq!(created["emails"], json!([{ "value": "b@example.com", "type": "work" }]));
        assert_eq!(created[ENTERPRISE], json!({ "department": "Tours" }));
    }

    /// RFC 7643 §2.1: two spellings of one name are the same attribute twice.
    async fn one_attribute_in_two_spellings_is_refused(app: TestApp) {
        assert_eq!(
            app.client.post("/Users", &json!({ "userName": "a", "USERNAME": "b" })).await.error(),
            refusal(400, "invalidSyntax", "'userName' is given twice; names differ by more than their case."),
        );
    }

    /// RFC 7643 §2.5: null and an empty array are unassigned; what is unassigned is not in the answer.
    async fn null_and_empty_are_unassigned(app: TestApp) {
        let created = app.client.post("/Users", &json!({
            "userName": "bjensen",
            "displayName": null,
            "emails": [],
            "roles": null,
            "name": { "givenName": null },
            ENTERPRISE: { "department": null },
        })).await.expect(201);
        let names: Vec<&String> = created.as_object().unwrap().keys().collect();
        assert_eq!(names, ["schemas", "id", "userName", "active", "meta"]);
        assert_eq!(created["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    }

    /// RFC 7643 §3, `schemas`: it names the schemas of the attributes that are there, extensions among them.
    async fn schemas_names_the_extension_that_is_there(app: TestApp) {
        let created = app.client.post("/Users", &json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
            "userName": "bjensen",
            ENTERPRISE: { "employeeNumber": "701984" },
        })).await.expect(201);
        assert_eq!(created["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]));
        assert_eq!(created[ENTERPRISE], json!({ "employeeNumber": "701984" }));
    }

    /// RFC 7643 §2.3: each simple type has its JSON form; the sentence names the attribute and what it takes.
    async fn values_of_another_type_are_refused_by_name(app: TestApp) {
        let refused = [
            (json!({ "userName": 1 }), "'userName' must be a string, not a number."),
            (json!({ "userName": "a", "name": "Babs" }), "'name' must be an object, not a string."),
            (json!({ "userName": "a", "title": ["x"] }), "'title' must be a single value, not an array."),
            (json!({ "userName": "a", "active": 1 }), "'active' must be a boolean (true or false), not a number."),
            (
                json!({ "userName": "a", "x509Certificates": [{ "value": "???" }] }),
                "'x509Certificates.value' (element 1) must be base64 (RFC 4648 §4 or §5).",
            ),
            (json!({ "userName": "a\u{0}b" }), "'userName' must not contain the character U+0000."),
            (
                json!({ "userName": "a", ENTERPRISE: "Tours" }),
                "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' must be an object, not a string.",
            ),
        ];
        for (body, detail) in refused {
            assert_eq!(app.client.post("/Users", &body).await.error(), refusal(400, "invalidValue", detail), "{body}");
        }
    }

    /// RFC 7643 §2.3: what was sent is what is answered, unusual characters and all.
    async fn values_come_back_as_they_were_sent(app: TestApp) {
        let sent = json!({
            "userName": "Zoë 🐈 \"quoted\" \\ / \u{7f}\n\t",
            "displayName": "李小龙",
            "profileUrl": "https://example.com/%7Ebabs?x=1#y",
            "x509Certificates": [{ "value": "TUlJRA==" }],
            "addresses": [{ "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA", "country": "US" }],
        });
        let created = app.client.post("/Users", &sent).await.expect(201);
        let id = created["id"].as_str().unwrap();
        let read = app.client.get(&format!("/Users/{id}")).await.expect(200);
        for (name, value) in sent.as_object().unwrap() {
            assert_eq!(&read[name], value, "{name}");
        }
    }

    /// RFC 7643 §7, `canonicalValues`: suggestions, spelt as the schema spells them; other values are kept.
    async fn other_than_canonical_values_are_kept(app: TestApp) {
        let created = app.client.post("/Users", &json!({
            "userName": "bjensen",
            "phoneNumbers": [{ "value": "1", "type": "WORK" }, { "value": "2", "type": "Boat" }],
        })).await.expect(201);
        let types: Vec<&Value> = created["phoneNumbers"].as_array().unwrap().iter().map(|phone| &phone["type"]).collect();
        assert_eq!(types, ["work", "Boat"]);
    }

    /// RFC 7643 §3.1, `meta`: type, times in UTC, version and location; they are the same in every answer.
    async fn meta_tells_type_times_version_and_location(app: TestApp) {
        let created = app.client.post("/Users", &json!({ "userName": "bjensen" })).await.expect(201);
        let (id, meta) = (created["id"].as_str().unwrap(), &created["meta"]);
        assert_eq!(meta["resourceType"], "User");
        assert_eq!(meta["location"], format!("{}/Users/{id}", app.client.base_url));
        assert_eq!(meta["version"], "W/\"1\"");
        assert_eq!(meta["created"], meta["lastModified"]);
        let created_at = meta["created"].as_str().unwrap();
        assert!(created_at.len() == 24 && created_at.ends_with('Z'), "{created_at}");
        let listed = app.client.get("/Users").await.expect(200);
        assert_eq!(listed["Resources"][0]["meta"], *meta);
    }

    /// RFC 7643 §3.1, `id`: the server gives it, it is unique, and it stays when the resource changes.
    async fn an_id_is_the_servers_and_stays(app: TestApp) {
        let (first, second) = (app.client.user("a").await, app.client.user("b").await);
        assert_ne!(first, second);
        let path = format!("/Users/{first}");
        let replaced = app.client.put(&path, &json!({ "userName": "c", "id": second })).await.expect(200);
        assert_eq!(replaced["id"], *first);
        assert_eq!(app.client.get(&path).await.expect(200)["userName"], "c");
    }
}

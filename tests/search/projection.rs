//! Which attributes an answer holds (RFC 7644 §3.4.2.5, §3.9; RFC 7643 §7 `returned`).

use serde_json::{Value, json};

use super::directory::{ENTERPRISE, seed};
use crate::support::{Client, on_both};

async fn user(client: &Client, id: &str, query: &str) -> Value {
    client.get(&format!("/Users/{id}?{query}")).await.expect(200)
}

/// The names at the top of a resource, in alphabetical order: an object's own order means nothing (RFC 8259 §4).
fn keys(resource: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = resource.as_object().unwrap().keys().map(|name| &**name).collect();
    keys.sort_unstable();
    keys
}

on_both! {
    /// RFC 7644 §3.9: `attributes` names what is returned besides what always is (`id`, `schemas`).
    async fn attributes_choose(app: TestApp) {
        let client = &app.client;
        let people = seed(client).await;
        let (id, schemas) = (&people.bjensen, json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]));
        for (query, expected) in [
            ("attributes=userName", json!({ "userName": "bjensen" })),
            ("attributes=USERNAME,title", json!({ "userName": "bjensen", "title": "Tour Guide" })),
            ("attributes=userName&attributes=title", json!({ "userName": "bjensen", "title": "Tour Guide" })),
            ("attributes=userName%20,%20title,", json!({ "userName": "bjensen", "title": "Tour Guide" })),
            ("attributes=name.familyName", json!({ "name": { "familyName": "Jensen" } })),
            ("attributes=emails.type", json!({ "emails": [{ "type": "work" }, { "type": "home" }] })),
            ("attributes=emails.display", json!({ "emails": [{ "display": "Babs at home" }] })),
            ("attributes=urn:ietf:params:scim:schemas:core:2.0:User:title", json!({ "title": "Tour Guide" })),
            ("attributes=externalId", json!({ "externalId": "BJ-1" })),
            ("attributes=id", json!({})),
            ("attributes=shoeSize", json!({})),
            ("attributes=password", json!({})),
        ] {
            let mut expected = expected;
            (expected["schemas"], expected["id"]) = (schemas.clone(), json!(id));
            assert_eq!(user(client, id, query).await, expected, "{query}");
        }
    }

    /// RFC 7644 §3.10, RFC 7643 §3.3: an extension, or a part of it, by its URN.
    async fn extensions_are_chosen_by_urn(app: TestApp) {
        let client = &app.client;
        let people = seed(client).await;
        let answer = user(client, &people.bjensen, &format!("attributes={ENTERPRISE}:costCenter")).await;
        assert_eq!(answer[ENTERPRISE], json!({ "costCenter": "4130" }));
        let answer = user(client, &people.bjensen, &format!("attributes={ENTERPRISE}")).await;
        assert_eq!((answer[ENTERPRISE]["division"].as_str(), keys(&answer)), (Some("Theme Park"), vec!["id", "schemas", ENTERPRISE]));
        let answer = user(client, &people.jsmith, &format!("attributes={ENTERPRISE}:manager.displayName")).await;
        assert_eq!(answer[ENTERPRISE], json!({ "manager": { "displayName": "Babs Jensen" } }));
        let answer = user(client, &people.bjensen, &format!("excludedAttributes={ENTERPRISE}")).await;
        assert_eq!(answer.get(ENTERPRISE), None);
        let answer = user(client, &people.jsmith, &format!("excludedAttributes={ENTERPRISE}:manager")).await;
        assert_eq!(answer[ENTERPRISE], json!({ "department": "Tours" }));
    }

    /// RFC 7644 §3.9: `excludedAttributes` takes away, but nothing that is always returned.
    async fn excluded_attributes_take_away(app: TestApp) {
        let client = &app.client;
        let people = seed(client).await;
        let whole = user(client, &people.jsmith, "").await;
        for (query, missing) in [
            ("excludedAttributes=title", vec!["title"]),
            ("excludedAttributes=TITLE,emails,groups", vec!["title", "emails", "groups"]),
            ("excludedAttributes=meta", vec!["meta"]),
            ("excludedAttributes=id,schemas", vec![]),
            ("excludedAttributes=shoeSize", vec![]),
        ] {
            let mut expected = whole.clone();
            for name in missing {
                assert!(expected.as_object_mut().unwrap().shift_remove(name).is_some(), "{name}");
            }
            assert_eq!(user(client, &people.jsmith, query).await, expected, "{query}");
        }
        let answer = user(client, &people.jsmith, "excludedAttributes=name.givenName,emails.type").await;
        assert_eq!((&answer["name"], &answer["emails"]), (&json!({ "familyName": "Smith" }), &json!([{ "value": "JSMITH@EXAMPLE.COM" }])));
    }

    /// RFC 7644 §3.4.2.5: both at once is refused, on reads, lists and searches.
    async fn both_at_once(app: TestApp) {
        let people = seed(&app.client).await;
        let sentence = "'attributes' and 'excludedAttributes' are mutually exclusive; give one of them.";
        let query = "attributes=userName&excludedAttributes=title";
        for path in [format!("/Users?{query}"), format!("/Groups?{query}"), format!("/Users/{}?{query}", people.zoe)] {
            assert_eq!(app.client.get(&path).await.error(), (400, "invalidValue".to_owned(), sentence.to_owned()), "{path}");
        }
        for path in ["/Users/.search", "/Groups/.search", "/.search"] {
            let body = json!({ "attributes": ["userName"], "excludedAttributes": ["title"] });
            assert_eq!(app.client.post(path, &body).await.error(), (400, "invalidValue".to_owned(), sentence.to_owned()), "{path}");
        }
    }

    /// RFC 7643 §7 `returned`: a password is never there, whatever is asked for.
    async fn a_password_is_never_returned(app: TestApp) {
        let people = seed(&app.client).await;
        for query in ["", "attributes=password", "attributes=userName,password", "excludedAttributes=title"] {
            assert_eq!(user(&app.client, &people.bjensen, query).await.get("password"), None, "{query}");
            let list = app.client.get(&format!("/Users?{query}")).await.expect(200);
            assert!(!list.to_string().contains("t1meMa"), "{query}");
        }
    }

    /// RFC 7644 §3.9 on groups; interop rule `members-excluded`.
    async fn groups(app: TestApp) {
        let client = &app.client;
        let people = seed(client).await;
        let (path, schemas) = (format!("/Groups/{}", people.guides), json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]));
        let answer = client.get(&format!("{path}?excludedAttributes=members")).await.expect(200);
        assert_eq!(keys(&answer), ["displayName", "id", "meta", "schemas"]);
        let answer = client.get(&format!("{path}?attributes=displayName")).await.expect(200);
        assert_eq!(answer, json!({ "schemas": schemas, "id": people.guides, "displayName": "Tour Guides" }));
        let answer = client.get(&format!("{path}?attributes=members.value")).await.expect(200);
        assert_eq!(answer["members"], json!([{ "value": people.bjensen }, { "value": people.trainees }]));
        let answer = client.get(&format!("{path}?excludedAttributes=members.display,members.$ref")).await.expect(200);
        assert_eq!(answer["members"], json!([
            { "value": people.bjensen, "type": "User" }, { "value": people.trainees, "type": "Group" },
        ]));
        let list = client.query("/Groups", &[("excludedAttributes", "members"), ("filter", r#"displayName eq "trainees""#)]).await.expect(200);
        assert_eq!(keys(&list["Resources"][0]), ["displayName", "id", "meta", "schemas"]);
    }
}

//! The served schemas held against RFC 7643 §7 and §8.7, and against what the server does.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn schemas(app: &TestApp) -> Vec<Value> {
    let list = app.client.get("/Schemas").await.expect(200);
    list["Resources"].as_array().unwrap().clone()
}

/// Every attribute and sub-attribute with its path.
fn attributes(schema: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for attribute in schema["attributes"].as_array().unwrap() {
        let name = attribute["name"].as_str().unwrap().to_owned();
        for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
            all.push((format!("{name}.{}", sub["name"].as_str().unwrap()), sub.clone()));
        }
        all.push((name, attribute.clone()));
    }
    all
}

on_both! {
    /// RFC 7643 §8.7: the schemas of the standard under their URNs.
    async fn the_standard_schemas(app: TestApp) {
        let ids: Vec<Value> = schemas(&app).await.iter().map(|schema| schema["id"].clone()).collect();
        assert_eq!(ids, [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            ENTERPRISE,
            "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
            "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
            "urn:ietf:params:scim:schemas:core:2.0:Schema",
        ]);
    }

    /// RFC 7643 §7: each attribute has all characteristics, each with a value that §2.2 and §7 know.
    async fn characteristics(app: TestApp) {
        for schema in schemas(&app).await {
            for (path, attribute) in attributes(&schema) {
                let one_of = |name: &str, known: &[&str]| {
                    assert!(attribute[name].as_str().is_some_and(|value| known.contains(&value)), "{path}: {name}");
                };
                one_of("type", &["string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary"]);
                one_of("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"]);
                one_of("returned", &["always", "never", "default", "request"]);
                one_of("uniqueness", &["none", "server", "global"]);
                assert!(attribute["multiValued"].is_boolean() && attribute["required"].is_boolean(), "{path}");
                assert!(attribute["caseExact"].is_boolean(), "{path}");
                assert!(attribute["description"].as_str().is_some_and(|text| !text.is_empty()), "{path}");
                assert_eq!(attribute["type"] == "complex", attribute["subAttributes"].is_array(), "{path}");
                assert_eq!(attribute["type"] == "reference", attribute["referenceTypes"].is_array(), "{path}");
            }
        }
    }

    /// RFC 7643 §4.1, §8.7.1: what some attributes are told apart by.
    async fn what_the_standard_says_of_some(app: TestApp) {
        let all: Vec<(String, Value)> = schemas(&app).await[..3].iter().flat_map(attributes).collect();
        let of = |path: &str| &all.iter().find(|(known, _)| known == path).unwrap_or_else(|| panic!("no {path}")).1;
        assert_eq!((&of("userName")["required"], &of("userName")["uniqueness"], &of("userName")["caseExact"]), (&json!(true), &json!("server"), &json!(false)));
        assert_eq!((&of("password")["returned"], &of("password")["mutability"]), (&json!("never"), &json!("writeOnly")));
        assert_eq!(of("groups")["mutability"], "readOnly");
        assert_eq!(of("members.value")["mutability"], "immutable");
        assert_eq!(of("members.$ref")["referenceTypes"], json!(["User", "Group"]));
        assert_eq!(of("manager.displayName")["mutability"], "readOnly");
        assert_eq!(of("emails.type")["canonicalValues"], json!(["work", "home", "other"]));
        assert_eq!(of("x509Certificates.value")["type"], "binary");
        assert_eq!(of("active")["type"], "boolean");
    }

    /// RFC 7643 §7 `returned`, `mutability`: every attribute that is said to be readWrite and returned comes back as it
    /// was sent; one that is readOnly is not taken from the client; one that is never returned is not.
    async fn the_server_does_what_they_say(app: TestApp) {
        let schemas = schemas(&app).await;
        let mut body = json!({ "userName": "x" });
        for (place, schema) in [(None, &schemas[0]), (Some(ENTERPRISE), &schemas[2])] {
            for attribute in schema["attributes"].as_array().unwrap() {
                let name = attribute["name"].as_str().unwrap();
                let value = sample(attribute);
                match place {
                    None => body[name] = value,
                    Some(urn) => body[urn][name] = value,
                }
            }
        }
        let answer = app.client.post("/Users", &body).await.expect(201);
        for (place, schema) in [(None, &schemas[0]), (Some(ENTERPRISE), &schemas[2])] {
            for attribute in schema["attributes"].as_array().unwrap() {
                let name = attribute["name"].as_str().unwrap();
                let (sent, got) = place.map_or((&body[name], &answer[name]), |urn| (&body[urn][name], &answer[urn][name]));
                let expected = match (attribute["mutability"].as_str(), attribute["returned"].as_str()) {
                    (Some("readWrite"), Some("default")) => without_read_only(attribute, sent),
                    _ => Value::Null,
                };
                assert_eq!(*got, expected, "{name}");
            }
        }
    }
}

/// A value that the attribute's type takes.
fn sample(attribute: &Value) -> Value {
    let single = match attribute["type"].as_str().unwrap() {
        "boolean" => json!(true),
        "complex" => attribute["subAttributes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|sub| (sub["name"].as_str().unwrap().to_owned(), sample(sub)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        "binary" => json!("TUlJRFF6Q0M="),
        "reference" => json!("https://example.com/sample"),
        _ => match attribute["canonicalValues"].get(0) {
            Some(value) => value.clone(),
            None => json!(format!("a {}", attribute["name"].as_str().unwrap())),
        },
    };
    if attribute["multiValued"] == true { json!([single]) } else { single }
}

/// What of a value a client may set.
fn without_read_only(attribute: &Value, value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            elements.iter().map(|element| without_read_only(attribute, element)).collect()
        }
        Value::Object(object) => {
            let read_only = |name: &str| {
                let subs = attribute["subAttributes"].as_array().into_iter().flatten();
                subs.into_iter().any(|sub| sub["name"] == name && sub["mutability"] == "readOnly")
            };
            let kept = object.iter().filter(|(name, _)| !read_only(name));
            kept.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

//! 400 and 409 with each `scimType` (RFC 7644 §3.12, Table 9).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, on_both, refusal};

async fn raw(app: &TestApp, method: Method, path: &str, body: &str) -> Answer {
    let request = app.client.request(method, path).header("content-type", "application/scim+json");
    Answer::of(request.body(body.to_owned())).await
}

/// What a PATCH of a new user with this one operation is refused with.
async fn patch_refusal(app: &TestApp, operation: Value) -> (u16, String, String) {
    let listed = app.client.get("/Users?count=1").await.expect(200);
    let id = match listed["Resources"][0]["id"].as_str() {
        Some(id) => id.to_owned(),
        None => app.client.user("bjensen").await,
    };
    app.client.operations(&format!("/Users/{id}"), json!([operation])).await.error()
}

on_both! {
    /// RFC 7644 §3.12: the body of an error: its schema, the status as a string, `scimType`, `detail`; nothing else.
    async fn an_error_has_its_schema_status_type_and_detail(app: TestApp) {
        let refused = app.client.post("/Users", &json!({})).await;
        assert_eq!(refused.body, json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "400",
            "scimType": "invalidValue",
            "detail": "'userName' is required and must not be empty.",
        }));
    }

    /// RFC 7644 §3.12 `invalidSyntax`: what is no JSON object, for every method with a body.
    async fn invalid_syntax_for_what_is_no_json(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        for (method, path) in [(Method::POST, "/Users"), (Method::PUT, &*path), (Method::PATCH, &*path), (Method::POST, "/Groups")] {
            for (body, detail) in [
                ("", "The request body is empty; a JSON object is accepted."),
                ("[]", "The request body is JSON, but not an object; a JSON object is accepted."),
                (
                    "{\"userName\":",
                    "The request body is not acceptable JSON: EOF while parsing a value at line 1 column 12.",
                ),
            ] {
                let refused = raw(&app, method.clone(), path, body).await;
                assert_eq!(refused.error(), refusal(400, "invalidSyntax", detail), "{method} {path} {body}");
            }
        }
    }

    /// RFC 7644 §3.12 `invalidSyntax`: a PATCH body that is none; the sentence names the operation.
    async fn invalid_syntax_for_what_is_no_patch(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        for (body, detail) in [
            (json!({}), "'Operations' of the request must be an array of 1 to 1000 operations."),
            (json!({ "Operations": [] }), "'Operations' of the request must be an array of 1 to 1000 operations."),
            (
                json!({ "Operations": [{ "op": "remove", "path": "title" }, { "op": "move" }] }),
                "'op' of operation 2 must be 'add', 'remove' or 'replace'.",
            ),
            (json!({ "Operations": [{ "path": "title" }] }), "'op' of operation 1 must be 'add', 'remove' or 'replace'."),
            (json!({ "Operations": [{ "op": "add", "path": 7 }] }), "'path' of operation 1 must be a string."),
        ] {
            assert_eq!(app.client.patch(&path, &body).await.error(), refusal(400, "invalidSyntax", detail), "{body}");
        }
    }

    /// RFC 7644 §3.12 `invalidPath`: what is no path, and what no schema has.
    async fn invalid_path(app: TestApp) {
        for (path, detail) in [
            (
                "name..givenName",
                "Operation 1: The path is wrong at character 6: expected a sub-attribute name, which begins with a letter or '$'.",
            ),
            ("shoeSize", "Operation 1: 'shoeSize' is not an attribute of User."),
            ("name.shoe", "Operation 1: 'shoe' in 'name.shoe' is not a sub-attribute of 'name'."),
            (
                "name[givenName eq \"x\"]",
                "Operation 1: 'name' has a single value, so no filter can select from it; write the path without brackets.",
            ),
        ] {
            let operation = json!({ "op": "replace", "path": path, "value": "x" });
            assert_eq!(patch_refusal(&app, operation).await, refusal(400, "invalidPath", detail), "{path}");
        }
    }

    /// RFC 7644 §3.12 `invalidFilter`: in a PATCH path as in a query, naming what would be accepted.
    async fn invalid_filter(app: TestApp) {
        let operation = json!({ "op": "remove", "path": "emails[shoe eq \"x\"]" });
        assert_eq!(patch_refusal(&app, operation).await, refusal(
            400,
            "invalidFilter",
            "Operation 1: 'shoe' does not name a part of 'emails'; its filter can use value, display, type, primary.",
        ));
        let refused = app.client.query("/Users", &[("filter", "active gt true")]).await;
        let (status, scim_type, detail) = refused.error();
        assert_eq!((status, &*scim_type), (400, "invalidFilter"));
        assert!(detail.contains("'active' is"), "{detail}");
    }

    /// RFC 7644 §3.12 `noTarget`: a filter in a path that matches nothing, and a `remove` without a path (§3.5.2.2).
    async fn no_target(app: TestApp) {
        let operation = json!({ "op": "replace", "path": "emails[value sw \"x\"].display", "value": "x" });
        let (status, scim_type, detail) = patch_refusal(&app, operation).await;
        assert_eq!((status, &*scim_type), (400, "noTarget"));
        assert!(detail.starts_with("Operation 1: nothing matches 'emails["), "{detail}");
        assert_eq!(
            patch_refusal(&app, json!({ "op": "remove" })).await,
            refusal(400, "noTarget", "Operation 1: 'remove' needs a 'path'."),
        );
    }

    /// RFC 7644 §3.12 `invalidValue`: a value that is missing or of another type.
    async fn invalid_value(app: TestApp) {
        for (operation, detail) in [
            (json!({ "op": "add", "path": "title" }), "Operation 1: 'add' needs a 'value'; null clears the target."),
            (
                json!({ "op": "replace", "value": "x" }),
                "Operation 1: 'replace' without a 'path' needs an object of attributes as its 'value'.",
            ),
            (json!({ "op": "replace", "path": "title", "value": 7 }), "Operation 1: 'title' must be a string, not a number."),
        ] {
            assert_eq!(patch_refusal(&app, operation.clone()).await, refusal(400, "invalidValue", detail), "{operation}");
        }
    }

    /// RFC 7644 §3.12 `mutability`: a PATCH of what clients cannot set.
    async fn mutability(app: TestApp) {
        assert_eq!(
            patch_refusal(&app, json!({ "op": "remove", "path": "schemas" })).await,
            refusal(
                400,
                "mutability",
                "Operation 1: 'schemas' follows the attributes; remove an extension by its URN as the path.",
            ),
        );
        assert_eq!(
            patch_refusal(&app, json!({ "op": "remove", "path": "groups" })).await,
            refusal(400, "mutability", "Operation 1: 'groups' is readOnly."),
        );
    }

    /// RFC 7644 §3.12 `uniqueness` is 409 (§3.3).
    async fn uniqueness(app: TestApp) {
        app.client.user("bjensen").await;
        let refused = app.client.post("/Users", &json!({ "userName": "bjensen" })).await;
        assert_eq!(refused.body, json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "409",
            "scimType": "uniqueness",
            "detail": "A user with this userName already exists in the tenant; userName is unique, without regard to case.",
        }));
    }

    /// RFC 7644 §3.5.2: the strict reading refuses what the lenient one skips: attributes that no schema has.
    async fn a_strict_connection_refuses_unknown_attributes(app: TestApp) {
        let strict = app.other_connection("strict", true).await;
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen", "shoeSize": 43,
        });
        assert_eq!(
            strict.post("/Users", &body).await.error(),
            refusal(400, "invalidSyntax", "'shoeSize' is not an attribute that any schema has."),
        );
        let created = app.client.post("/Users", &body).await.expect(201);
        assert_eq!(created.get("shoeSize"), None);
        let events = app.audit().await;
        assert!(events[0].contains("shoeSize"), "{events:?}");
    }
}

//! The protocol's messages.

use provost::scim::error::ScimError;
use provost::scim::message::{
    BulkSupport, ErrorMessage, ListResponse, Meta, PatchOp, PatchOperation, PatchRequest, SearchRequest,
    ServerSettings, ServiceProviderConfig, SortOrder,
};
use provost::scim::schema::validate::Strictness;
use provost::scim::schema::{Attribute, SchemaSet};
use serde_json::{Value, json};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// RFC 7644 §3.4.2: numbers are numbers, and `Resources` is there even if it is empty.
#[test]
fn list_response() {
    assert_eq!(
        json!(ListResponse::new(250, 101, vec![json!({ "id": "1" }), json!({ "id": "2" })])),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 250,
            "startIndex": 101,
            "itemsPerPage": 2,
            "Resources": [{ "id": "1" }, { "id": "2" }],
        })
    );
    assert_eq!(
        json!(ListResponse::<Value>::new(0, 1, vec![])),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 0,
            "startIndex": 1,
            "itemsPerPage": 0,
            "Resources": [],
        })
    );
}

/// RFC 7644 §3.12: the status is a string.
#[test]
fn error_message() {
    assert_eq!(
        json!(ErrorMessage::new(404, "There is no such user.")),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "404",
            "detail": "There is no such user.",
        })
    );
    assert_eq!(
        json!(ErrorMessage::refusal(400, ScimError::invalid_path("'x' is not an attribute of User."))),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "400",
            "scimType": "invalidPath",
            "detail": "'x' is not an attribute of User.",
        })
    );
}

/// RFC 7643 §3.1, `meta`.
#[test]
fn meta() {
    let times = Meta {
        created: Some("2026-01-02T03:04:05.678Z".to_owned()),
        last_modified: Some("2026-01-02T03:04:06.000Z".to_owned()),
        version: Some("W/\"2\"".to_owned()),
        ..Meta::of_document("User", "https://example.com/scim/v2/Users/1")
    };
    assert_eq!(
        json!(times),
        json!({
            "resourceType": "User",
            "created": "2026-01-02T03:04:05.678Z",
            "lastModified": "2026-01-02T03:04:06.000Z",
            "location": "https://example.com/scim/v2/Users/1",
            "version": "W/\"2\"",
        })
    );
}

/// RFC 7643 §5: what the server says of itself, in the terms of its own schema (§8.7.2).
#[test]
fn service_provider_config() {
    let config = json!(ServiceProviderConfig::new(ServerSettings {
        documentation_uri: Some("https://example.com/docs".to_owned()),
        bulk: BulkSupport { supported: false, max_operations: 0, max_payload_size: 0 },
        change_password: false,
        max_results: 200,
        location: "https://example.com/scim/v2/ServiceProviderConfig".to_owned(),
    }));
    assert_eq!(
        config,
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "documentationUri": "https://example.com/docs",
            "patch": { "supported": true },
            "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
            "filter": { "supported": true, "maxResults": 200 },
            "changePassword": { "supported": false },
            "sort": { "supported": true },
            "etag": { "supported": true },
            "authenticationSchemes": [{
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token of this server in the Authorization header, after the word Bearer.",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": true,
            }],
            "meta": {
                "resourceType": "ServiceProviderConfig",
                "location": "https://example.com/scim/v2/ServiceProviderConfig",
            },
        })
    );
    let set = SchemaSet::built_in();
    let schema = set.schema("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig").unwrap();
    assert_described(&schema.attributes, &config, &["schemas", "meta"]);
}

/// RFC 7644 §3.5.2, with what identity providers send: any case, null values, no path.
#[test]
fn patch_request() {
    let request = PatchRequest::parse(
        json!({
            "Schemas": [PATCH_OP],
            "operations": [
                { "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "u" }] },
                { "OP": "REMOVE", "Path": "title" },
                { "op": "replace", "path": null, "value": { "active": false } },
                { "op": "replace", "path": " ", "value": null, "note": "unknown" },
            ],
        }),
        Strictness::Strict,
    );
    let operation =
        |op, path: Option<&str>, value| PatchOperation { op, path: path.map(str::to_owned), value };
    assert_eq!(
        request,
        Ok(PatchRequest {
            operations: vec![
                operation(PatchOp::Add, Some("members"), Some(json!([{ "$ref": null, "value": "u" }]))),
                operation(PatchOp::Remove, Some("title"), None),
                operation(PatchOp::Replace, None, Some(json!({ "active": false }))),
                operation(PatchOp::Replace, None, Some(Value::Null)),
            ],
        })
    );
}

/// RFC 7644 §3.5.2, §3.12 (invalidSyntax): the message names the operation.
#[test]
fn patch_request_errors() {
    let parse = |body: Value| PatchRequest::parse(body, Strictness::Lenient).unwrap_err();
    let operations = "'Operations' of the request must be an array of 1 to 1000 operations.";
    for (body, detail) in [
        (json!([]), "The request must be a JSON object."),
        (json!({}), operations),
        (json!({ "Operations": {} }), operations),
        (json!({ "Operations": [] }), operations),
        (json!({ "Operations": vec![json!({ "op": "remove", "path": "title" }); 1001] }), operations),
        (
            json!({ "Operations": [], "operations": [] }),
            "The request has 'Operations' twice; names differ by more than their case.",
        ),
        (json!({ "Operations": [{ "op": "add" }, 5] }), "Operation 2 must be a JSON object."),
        (
            json!({ "Operations": [{ "path": "a" }] }),
            "'op' of operation 1 must be 'add', 'remove' or 'replace'.",
        ),
        (
            json!({ "Operations": [{ "op": "move" }] }),
            "'op' of operation 1 must be 'add', 'remove' or 'replace'.",
        ),
        (json!({ "Operations": [{ "op": 1 }] }), "'op' of operation 1 must be a string."),
        (
            json!({ "Operations": [{ "op": "add", "path": ["a"] }] }),
            "'path' of operation 1 must be a string.",
        ),
        (
            json!({ "Operations": [{ "op": "add", "OP": "add" }] }),
            "Operation 1 has 'op' twice; names differ by more than their case.",
        ),
        (json!({ "schemas": [1] }), "'schemas' of the request must be an array of strings."),
    ] {
        assert_eq!(parse(body), ScimError::invalid_syntax(detail));
    }
    let unnamed = json!({ "Operations": [{ "op": "remove", "path": "title" }] });
    assert!(PatchRequest::parse(unnamed.clone(), Strictness::Lenient).is_ok());
    let detail = format!("'schemas' is required and must contain '{PATCH_OP}'.");
    assert_eq!(PatchRequest::parse(unnamed, Strictness::Strict), Err(ScimError::invalid_value(detail)));
}

/// RFC 7644 §3.4.3.
#[test]
fn search_request() {
    let request = SearchRequest::parse(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["displayName", "userName"],
        "Filter": "displayName sw \"smith\"",
        "sortBy": "displayName",
        "sortOrder": "Descending",
        "startIndex": 0,
        "COUNT": -1,
        "excludedAttributes": null,
    }));
    assert_eq!(
        request,
        Ok(SearchRequest {
            attributes: vec!["displayName".to_owned(), "userName".to_owned()],
            excluded_attributes: vec![],
            filter: Some("displayName sw \"smith\"".to_owned()),
            sort_by: Some("displayName".to_owned()),
            sort_order: SortOrder::Descending,
            start_index: Some(0),
            count: Some(-1),
        })
    );
    assert_eq!(SearchRequest::parse(json!({})), Ok(SearchRequest::default()));
    let one = SearchRequest { excluded_attributes: vec!["members".to_owned()], ..SearchRequest::default() };
    assert_eq!(SearchRequest::parse(json!({ "excludedAttributes": "members" })), Ok(one));
}

/// RFC 7644 §3.4.3: the message names the field.
#[test]
fn search_request_errors() {
    for (body, detail) in [
        (json!("x"), "The request must be a JSON object."),
        (json!({ "count": "10" }), "'count' of the request must be an integer."),
        (json!({ "startIndex": 1.5 }), "'startIndex' of the request must be an integer."),
        (json!({ "filter": ["a"] }), "'filter' of the request must be a string."),
        (json!({ "attributes": [1] }), "'attributes' of the request must be an array of strings."),
        (
            json!({ "count": 1, "Count": 2 }),
            "The request has 'count' twice; names differ by more than their case.",
        ),
    ] {
        assert_eq!(SearchRequest::parse(body), Err(ScimError::invalid_syntax(detail)));
    }
    let detail = "'sortOrder' must be 'ascending' or 'descending'.";
    assert_eq!(SearchRequest::parse(json!({ "sortOrder": "up" })), Err(ScimError::invalid_value(detail)));
}

/// Every member is an attribute of the schema, and what is required is there.
fn assert_described(attributes: &[Attribute], document: &Value, common: &[&str]) {
    let members = document.as_object().unwrap();
    for (name, value) in members.iter().filter(|(name, _)| !common.contains(&name.as_str())) {
        let attribute = attributes.iter().find(|attribute| attribute.name == *name).unwrap();
        assert_eq!(value.is_array(), attribute.multi_valued, "{name}");
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values.iter().filter(|value| value.is_object()) {
            assert_described(&attribute.sub_attributes, value, &[]);
        }
    }
    for attribute in attributes.iter().filter(|attribute| attribute.required) {
        assert!(members.contains_key(&attribute.name), "{}", attribute.name);
    }
}

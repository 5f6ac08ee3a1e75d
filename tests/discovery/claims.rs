//! Each claim of `/ServiceProviderConfig` and `/ResourceTypes` held against what the server does (RFC 7643 §5, §6).

use serde_json::{Value, json};

use crate::support::on_both;

on_both! {
    /// RFC 7643 §5 `patch`, `sort`, `etag`, `changePassword`.
    async fn what_is_supported_works(app: TestApp) {
        let client = &app.client;
        let config = client.get("/ServiceProviderConfig").await.expect(200);
        for (name, supported) in [("patch", true), ("filter", true), ("sort", true), ("etag", true), ("bulk", false), ("changePassword", false)] {
            assert_eq!(config[name]["supported"], supported, "{name}");
        }
        let id = client.user("zoe").await;
        let path = format!("/Users/{id}");
        let title = json!({ "Operations": [{ "op": "add", "path": "title", "value": "Boss" }] });
        let patched = client.patch(&path, &title).await;
        let etag = patched.header("etag").unwrap().to_owned();
        assert_eq!(etag, r#"W/"2""#);
        let stale = client.request(reqwest::Method::DELETE, &path).header("if-match", r#"W/"1""#);
        assert_eq!(stale.send().await.unwrap().status(), 412);
        let fresh = client.request(reqwest::Method::DELETE, &path).header("if-match", etag);
        assert_eq!(fresh.send().await.unwrap().status(), 204);
        assert_eq!(client.query("/Users", &[("sortBy", "userName")]).await.status, 200);
        assert_eq!(client.query("/Users", &[("filter", "userName pr")]).await.status, 200);
        assert_eq!(client.post("/Bulk", &json!({})).await.error().0, 501);
    }

    /// RFC 7643 §5 `bulk.maxPayloadSize`, `bulk.maxOperations` (interop rule `bulk-limits`): always there, and the size
    /// is the one that bodies are held to.
    async fn payload_limit(app: TestApp) {
        let config = app.client.get("/ServiceProviderConfig").await.expect(200);
        assert_eq!(config["bulk"]["maxOperations"], 0);
        let limit = usize::try_from(config["bulk"]["maxPayloadSize"].as_u64().unwrap()).unwrap();
        // White space behind the object is part of the body, too.
        let user = r#"{"userName":"x"}"#;
        let body = |length: usize| user.to_owned() + &" ".repeat(length - user.len());
        for (length, status) in [(limit + 1, 413), (limit, 201)] {
            let request = app.client.request(reqwest::Method::POST, "/Users").header("content-type", "application/scim+json");
            let answer = request.body(body(length)).send().await.unwrap();
            assert_eq!(answer.status(), status, "{length} bytes");
        }
    }

    /// RFC 7643 §5 `authenticationSchemes`: a bearer token, as RFC 6750 has it.
    async fn authentication(app: TestApp) {
        let config = app.client.get("/ServiceProviderConfig").await.expect(200);
        let schemes = config["authenticationSchemes"].as_array().unwrap();
        let kinds: Vec<&Value> = schemes.iter().map(|scheme| &scheme["type"]).collect();
        assert_eq!(kinds, ["oauthbearertoken"]);
        for scheme in schemes {
            for required in ["type", "name", "description"] {
                assert!(scheme[required].as_str().is_some_and(|text| !text.is_empty()), "{required}");
            }
        }
    }

    /// RFC 7643 §6: `endpoint` is where the resources are, and `schema` and `schemaExtensions` are served.
    async fn resource_types(app: TestApp) {
        let types = app.client.get("/ResourceTypes").await.expect(200);
        for kind in types["Resources"].as_array().unwrap() {
            let endpoint = kind["endpoint"].as_str().unwrap();
            assert_eq!(app.client.get(endpoint).await.status, 200, "{endpoint}");
            let extensions = kind["schemaExtensions"].as_array().into_iter().flatten();
            let schemas = extensions.map(|extension| {
                assert_eq!(extension["required"], false);
                &extension["schema"]
            });
            for urn in schemas.chain([&kind["schema"]]) {
                app.client.get(&format!("/Schemas/{}", urn.as_str().unwrap())).await.expect(200);
            }
        }
    }
}

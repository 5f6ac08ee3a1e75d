//! What a token allows (RFC 6750 §3.1 `insufficient_scope`).

use provost::model::Scopes;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, on_both, refusal};

const CHALLENGE: &str = r#"Bearer realm="provost", error="insufficient_scope""#;

on_both! {
    /// A token that only reads: 403 for every change, and nothing changes.
    async fn a_reading_token_changes_nothing(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let group = app.client.group("guides", &[&user]).await;
        let reader = app.client_of(&app.connection, Scopes { read: true, write: false }).await;
        let patch = json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": "x" }] });
        for (method, path, body) in [
            (Method::POST, "/Users".to_owned(), json!({ "userName": "x" })),
            (Method::PUT, format!("/Users/{user}"), json!({ "userName": "x" })),
            (Method::PATCH, format!("/Users/{user}"), patch.clone()),
            (Method::DELETE, format!("/Users/{user}"), json!({})),
            (Method::POST, "/Groups".to_owned(), json!({ "displayName": "x" })),
            (Method::PUT, format!("/Groups/{group}"), json!({ "displayName": "x" })),
            (Method::PATCH, format!("/Groups/{group}"), patch),
            (Method::DELETE, format!("/Groups/{group}"), json!({})),
        ] {
            let request = reader.request(method.clone(), &path).header("content-type", "application/scim+json");
            let refused = Answer::of(request.body(body.to_string())).await;
            assert_eq!(refused.header("www-authenticate"), Some(CHALLENGE), "{method} {path}");
            assert_eq!(refused.error(), refusal(403, "", "This token lacks the scope 'write'."), "{method} {path}");
        }
        assert_eq!(reader.get(&format!("/Users/{user}")).await.expect(200)["userName"], "bjensen");
        assert_eq!(reader.get("/Groups").await.expect(200)["totalResults"], 1);
    }

    /// A token that only writes: 403 for every read.
    async fn a_writing_token_reads_nothing(app: TestApp) {
        let writer = app.client_of(&app.connection, Scopes { read: false, write: true }).await;
        let user = writer.user("bjensen").await;
        let group = writer.group("guides", &[&user]).await;
        for path in ["/Users".to_owned(), format!("/Users/{user}"), "/Groups".to_owned(), format!("/Groups/{group}")] {
            let refused = writer.get(&path).await;
            assert_eq!(refused.header("www-authenticate"), Some(CHALLENGE), "{path}");
            assert_eq!(refused.error(), refusal(403, "", "This token lacks the scope 'read'."), "{path}");
        }
        for path in ["/Users/.search", "/Groups/.search"] {
            let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
            assert_eq!(writer.post(path, &search).await.error(), refusal(403, "", "This token lacks the scope 'read'."));
        }
    }

    /// RFC 7644 §3.12: 403 says nothing of whether the resource exists.
    async fn a_missing_scope_comes_before_the_resource(app: TestApp) {
        let reader = app.client_of(&app.connection, Scopes { read: true, write: false }).await;
        let refused = reader.delete("/Users/nobody").await;
        assert_eq!(refused.error(), refusal(403, "", "This token lacks the scope 'write'."));
    }
}

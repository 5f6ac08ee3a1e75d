//! What discovery endpoints refuse, and the parts of the protocol that are not served (RFC 7644 §3.2, §3.7, §3.11, §4).

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, on_both};

const DOCUMENTS: [&str; 5] = [
    "/ServiceProviderConfig",
    "/Schemas",
    "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
    "/ResourceTypes",
    "/ResourceTypes/User",
];

on_both! {
    /// RFC 7644 §4: "the service provider SHALL respond with 403" to a filter.
    async fn filters_are_forbidden(app: TestApp) {
        for path in DOCUMENTS {
            let refused = app.client.query(path, &[("filter", r#"name eq "User""#)]).await.error();
            assert_eq!(refused, (
                403, String::new(), "Discovery documents cannot be filtered (RFC 7644 §4); ask for one by its id.".to_owned(),
            ), "{path}");
        }
    }

    /// RFC 7644 §4: the documents are read and never written: 405 with `Allow` (RFC 9110 §15.5.6).
    async fn nothing_can_be_written(app: TestApp) {
        for path in DOCUMENTS {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let request = app.client.request(method.clone(), path);
                let answer = Answer::of(request.header("content-type", "application/scim+json").body("{}")).await;
                assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {path}");
                assert_eq!(answer.error(), (
                    405, String::new(),
                    "This method is not served at this path; GET, HEAD, OPTIONS may be used.".to_owned(),
                ), "{method} {path}");
            }
        }
    }

    /// RFC 7644 §3.12: 404 for a schema or resource type that there is not, and for a path that nothing is at.
    async fn unknown_documents_and_paths(app: TestApp) {
        for (path, sentence) in [
            ("/Schemas/urn:example:none", "Schema 'urn:example:none' was not found."),
            ("/Schemas/User", "Schema 'User' was not found."),
            ("/ResourceTypes/Device", "ResourceType 'Device' was not found."),
            ("/Devices", "Nothing is served at this path."),
            ("/Users/a/b", "Nothing is served at this path."),
            ("/", "Nothing is served at this path."),
        ] {
            assert_eq!(app.client.get(path).await.error(), (404, String::new(), sentence.to_owned()), "{path}");
        }
    }

    /// RFC 7644 §3.11: `/Me` may be answered with 501 where no resource stands for the caller; §3.7: Bulk is optional.
    async fn what_is_not_implemented(app: TestApp) {
        for (path, sentence) in [
            ("/Me", "/Me stands for the user behind a token; the tokens of this server stand for connections."),
            ("/Bulk", "Bulk requests are not served; ServiceProviderConfig says so."),
        ] {
            let expected = (501, String::new(), sentence.to_owned());
            let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [] });
            assert_eq!(app.client.post(path, &body).await.error(), expected, "{path}");
            assert_eq!(app.client.get(path).await.error(), expected, "{path}");
            assert_eq!(app.client.patch(path, &body).await.error(), expected, "{path}");
        }
    }

    /// RFC 7644 §2, §4: these endpoints, too, ask for a token here.
    async fn a_token_is_needed(app: TestApp) {
        let http = reqwest::Client::new();
        for path in DOCUMENTS.into_iter().chain(["/Me", "/Bulk"]) {
            let answer = Answer::of(http.get(format!("{}{path}", app.client.base_url))).await;
            assert!(answer.header("www-authenticate").is_some_and(|text| text.starts_with("Bearer")), "{path}");
            assert_eq!(answer.error().0, 401, "{path}");
        }
    }
}

//! Media types and headers (RFC 7644 §3.1, §8.1).

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, on_both, refusal};

const BODY: &str = r#"{"userName":"bjensen"}"#;

on_both! {
    /// RFC 7644 §3.1: both `application/scim+json` and `application/json` are read, parameters and all.
    async fn both_media_types_are_read(app: TestApp) {
        for (number, media_type) in [
            "application/scim+json",
            "application/json",
            "Application/SCIM+JSON; charset=UTF-8",
            "application/json;charset=utf-8",
        ].into_iter().enumerate() {
            let body = json!({ "userName": format!("user{number}") }).to_string();
            let request = app.client.request(Method::POST, "/Users").header("content-type", media_type).body(body);
            assert_eq!(Answer::of(request).await.status, 201, "{media_type}");
        }
    }

    /// RFC 7644 §3.1: another media type is 415, and the answer says what is read.
    async fn other_media_types_are_refused(app: TestApp) {
        for media_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            for method in [Method::POST, Method::PUT, Method::PATCH] {
                let path = if method == Method::POST { "/Users" } else { "/Users/x" };
                let request = app.client.request(method, path).header("content-type", media_type).body(BODY);
                let refused = Answer::of(request).await;
                assert_eq!(refused.header("accept"), Some("application/scim+json, application/json"));
                assert_eq!(refused.error(), refusal(
                    415,
                    "",
                    "The request body's media type is not read here; application/scim+json, application/json are accepted.",
                ));
            }
        }
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 0);
    }

    /// RFC 7644 §3.1, §8.1: every body of ours is `application/scim+json`, whatever `Accept` says.
    async fn answers_are_scim_json(app: TestApp) {
        let id = app.client.user("bjensen").await;
        for accept in ["application/scim+json", "application/json", "*/*", "application/json;q=0.5, */*;q=0.1", ""] {
            for path in ["/Users".to_owned(), format!("/Users/{id}"), "/Users/nobody".to_owned(), "/Schemas".to_owned()] {
                let answer = app.client.with_header(Method::GET, &path, "accept", accept).await;
                assert_eq!(answer.header("content-type"), Some("application/scim+json"), "{accept} {path}");
            }
        }
    }

    /// RFC 7644 §3.1: bodies are UTF-8; another charset is 415, other bytes are 400.
    async fn bodies_are_utf_8(app: TestApp) {
        let post = |media_type: &'static str, body: &[u8]| {
            let request = app.client.request(Method::POST, "/Users").header("content-type", media_type);
            Answer::of(request.body(body.to_vec()))
        };
        assert_eq!(
            post("application/scim+json; charset=iso-8859-1", BODY.as_bytes()).await.error(),
            refusal(
                415,
                "",
                "The request body's charset is not read here; application/scim+json, application/json in UTF-8 are accepted.",
            ),
        );
        assert_eq!(
            post("application/scim+json", b"{\"userName\":\"\xe9\"}").await.error(),
            refusal(400, "invalidSyntax", "The request body is not UTF-8 at byte offset 13; UTF-8 is accepted."),
        );
    }

    /// RFC 7644 §3.13: the version in the path is that of the protocol, 2.0; another is not served.
    async fn the_path_names_the_version(app: TestApp) {
        assert!(app.client.base_url.ends_with("/scim/v2"));
        let v1 = format!("{}/Users", app.client.base_url.replace("/scim/v2", "/scim/v1"));
        let answer = Answer::of(reqwest::Client::new().get(v1)).await;
        assert_eq!(answer.error(), refusal(404, "", "Nothing is served at this path."));
    }

    /// RFC 9110 §9.3.2: HEAD answers as GET does, without the body.
    async fn head_is_get_without_a_body(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let get = app.client.get(&path).await;
        let head = app.client.request(Method::HEAD, &path).send().await.expect("the server answers");
        assert_eq!(head.status(), 200);
        for name in ["content-type", "content-length", "etag", "location"] {
            assert_eq!(head.headers().get(name), get.headers.get(name), "{name}");
        }
        assert_eq!(head.text().await.unwrap(), "");
    }
}

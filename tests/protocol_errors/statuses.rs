//! The other statuses: 404, 405, 413, 501 (RFC 7644 §3.12, Table 8; RFC 9110 §15.5). 401 and 403 are in `auth`, 412 in
//! `etags`, 415 in `media_types`.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Backend, TestApp, on_both, refusal};
use provost::model::Clock;

on_both! {
    /// RFC 7644 §3.12: 404 for a resource that is not there, whatever its id looks like.
    async fn an_unknown_resource_is_404(app: TestApp) {
        for id in ["0190d2a5-0000-7000-8000-000000000000", "nobody", "a%20b", "..%2fUsers", "%F0%9F%90%88"] {
            for path in ["/Users", "/Groups"] {
                let refused = app.client.get(&format!("{path}/{id}")).await;
                let (status, scim_type, detail) = refused.error();
                assert_eq!((status, &*scim_type), (404, ""), "{path}/{id}");
                assert!(detail.ends_with(" was not found.") || detail == "Nothing is served at this path.", "{detail}");
            }
        }
    }

    /// RFC 7644 §3.12: 404 for a path that nothing is behind.
    async fn an_unknown_path_is_404(app: TestApp) {
        let user = app.client.user("bjensen").await;
        for path in ["/Robots", "/Robots/1", "/", "", &format!("/Users/{user}/emails")] {
            assert_eq!(
                app.client.get(path).await.error(),
                refusal(404, "", "Nothing is served at this path."),
                "{path}",
            );
        }
    }

    /// RFC 9110 §15.5.6: 405 names the methods that are served, for each kind of path.
    async fn a_method_that_is_not_served_is_405(app: TestApp) {
        let id = app.client.user("bjensen").await;
        for (method, path, allow) in [
            (Method::DELETE, "/Users".to_owned(), "GET, POST, HEAD, OPTIONS"),
            (Method::PATCH, "/Groups".to_owned(), "GET, POST, HEAD, OPTIONS"),
            (Method::POST, format!("/Users/{id}"), "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
            (Method::GET, "/Users/.search".to_owned(), "POST, OPTIONS"),
            (Method::POST, "/Schemas".to_owned(), "GET, HEAD, OPTIONS"),
            (Method::PUT, "/ServiceProviderConfig".to_owned(), "GET, HEAD, OPTIONS"),
            (Method::DELETE, "/ResourceTypes/User".to_owned(), "GET, HEAD, OPTIONS"),
        ] {
            let refused = Answer::of(app.client.request(method.clone(), &path)).await;
            assert_eq!(refused.header("allow"), Some(allow), "{method} {path}");
            let detail = format!("This method is not served at this path; {allow} may be used.");
            assert_eq!(refused.error(), refusal(405, "", &detail), "{method} {path}");
        }
    }

    /// RFC 7644 §3.11: `/Me` is 501 where no user stands behind a credential.
    async fn me_is_not_implemented(app: TestApp) {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(
                Answer::of(app.client.request(method, "/Me")).await.error(),
                refusal(501, "", "/Me stands for the user behind a token; the tokens of this server stand for connections."),
            );
        }
    }

    /// RFC 7644 §3.12: 501 for Bulk, which ServiceProviderConfig says is not supported.
    async fn bulk_is_not_implemented(app: TestApp) {
        assert_eq!(
            app.client.post("/Bulk", &json!({ "Operations": [] })).await.error(),
            refusal(501, "", "Bulk requests are not served; ServiceProviderConfig says so."),
        );
        let config = app.client.get("/ServiceProviderConfig").await.expect(200);
        assert_eq!(config["bulk"]["supported"], false);
    }

    /// RFC 7644 §3.12: 413 names the limit; ServiceProviderConfig tells the same.
    async fn a_large_body_is_413(app: TestApp) {
        let body = json!({ "userName": "bjensen", "displayName": "x".repeat(1 << 20) });
        let refused = app.client.post("/Users", &body).await;
        assert_eq!(refused.header("connection"), Some("close"));
        assert_eq!(
            refused.error(),
            refusal(413, "", "The request body is larger than the 1048576 bytes that are accepted."),
        );
        let config = app.client.get("/ServiceProviderConfig").await.expect(200);
        assert_eq!(config["bulk"]["maxPayloadSize"], 1 << 20);
    }

    /// RFC 7644 §3.12: 404, not 403, for another tenant's resources; they stay as they are.
    async fn another_tenants_resources_are_404(app: TestApp) {
        let other = app.other_tenant("other").await;
        let user = app.client.user("bjensen").await;
        let group = app.client.group("guides", &[&user]).await;
        for (path, id, kind, body) in [
            (format!("/Users/{user}"), &user, "User", json!({ "userName": "x" })),
            (format!("/Groups/{group}"), &group, "Group", json!({ "displayName": "x" })),
        ] {
            let before = app.client.get(&path).await.expect(200);
            let gone = refusal(404, "", &format!("{kind} '{id}' was not found."));
            let operations = json!([{ "op": "replace", "path": "displayName", "value": "x" }]);
            assert_eq!(other.get(&path).await.error(), gone);
            assert_eq!(other.put(&path, &body).await.error(), gone);
            assert_eq!(other.operations(&path, operations).await.error(), gone);
            assert_eq!(other.delete(&path).await.error(), gone);
            assert_eq!(app.client.get(&path).await.expect(200), before);
        }
        assert_eq!(other.get("/Users").await.expect(200)["totalResults"], 0);
        assert_eq!(other.get("/Groups").await.expect(200)["totalResults"], 0);
        other.user("bjensen").await;
    }
}

/// The limit is a setting; the sentence names the one that is set.
#[tokio::test]
async fn the_largest_body_is_a_setting() {
    let app =
        TestApp::start_with(Backend::Sqlite, Clock::system(), |settings| settings.max_body_bytes = 100).await;
    assert_eq!(
        app.client.post("/Users", &json!({ "userName": "x".repeat(100) })).await.error(),
        refusal(413, "", "The request body is larger than the 100 bytes that are accepted."),
    );
}

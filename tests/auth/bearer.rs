//! Who is let in (RFC 6750 §2.1, §3).

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Client, TestApp, on_both, refusal};

/// A request to `/Users` with this `Authorization` header, or without one.
async fn get(app: &TestApp, authorization: Option<&str>) -> Answer {
    let request = reqwest::Client::new().get(format!("{}/Users", app.client.base_url));
    Answer::of(match authorization {
        Some(value) => request.header("authorization", value),
        None => request,
    })
    .await
}

const CHALLENGE: &str = r#"Bearer realm="provost""#;
const INVALID: &str = r#"Bearer realm="provost", error="invalid_token""#;

on_both! {
    /// RFC 6750 §3: without a credential 401 with a challenge that has no error code; the body is SCIM's.
    async fn without_a_token_401(app: TestApp) {
        let refused = get(&app, None).await;
        assert_eq!(refused.header("www-authenticate"), Some(CHALLENGE));
        assert_eq!(refused.body, json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "401",
            "detail": "A bearer token is required: send 'Authorization: Bearer <token>'.",
        }));
    }

    /// RFC 6750 §3.1 `invalid_token`: what is no token, an unknown one, one with a changed character; all are told the
    /// same, and never what they sent.
    async fn with_a_wrong_token_401(app: TestApp) {
        let tenant = app.tenant.id.to_string().replace('-', "");
        let unknown = format!("Bearer pvs_{tenant}_{}", "A".repeat(43));
        let nowhere = format!("Bearer pvs_{}_{}", "0".repeat(32), "A".repeat(43));
        for authorization in ["Bearer x", "Bearer pvs_x_y", &*unknown, &*nowhere] {
            let refused = get(&app, Some(authorization)).await;
            assert_eq!(refused.header("www-authenticate"), Some(INVALID), "{authorization}");
            assert_eq!(
                refused.error(),
                refusal(401, "", "The bearer token is not valid: it is unknown, expired or revoked."),
                "{authorization}",
            );
        }
    }

    /// RFC 6750 §2.1: other schemes are not served.
    async fn with_another_scheme_401(app: TestApp) {
        for authorization in ["Basic dXNlcjpwYXNz", "Digest x", "pvs_token", "Bearer"] {
            let refused = get(&app, Some(authorization)).await;
            assert_eq!(refused.header("www-authenticate"), Some(INVALID), "{authorization}");
            assert_eq!(
                refused.error(),
                refusal(401, "", "The Authorization header has to be 'Bearer <token>'."),
                "{authorization}",
            );
        }
    }

    /// RFC 9110 §11.1: the scheme's name is compared without regard to case.
    async fn the_schemes_case_does_not_matter(app: TestApp) {
        let token = app.provisioning.create_token(&app.connection, "t", provost::model::Scopes::ALL, None).await.unwrap();
        for scheme in ["Bearer", "bearer", "BEARER"] {
            assert_eq!(get(&app, Some(&format!("{scheme} {}", token.text.expose()))).await.status, 200, "{scheme}");
        }
    }

    /// RFC 6750 §2.3: a token in the URL is not read: URLs are logged.
    async fn a_token_in_the_url_is_not_read(app: TestApp) {
        let token = app.provisioning.create_token(&app.connection, "t", provost::model::Scopes::ALL, None).await.unwrap();
        let url = format!("{}/Users?access_token={}", app.client.base_url, token.text.expose());
        assert_eq!(Answer::of(reqwest::Client::new().get(url)).await.status, 401);
    }

    /// RFC 7644 §2: every route asks for the token before anything else, discovery too.
    async fn every_route_asks_for_the_token(app: TestApp) {
        let stranger = Client::new(&app.client.base_url, "none");
        for (method, path) in [
            (Method::GET, "/Users"), (Method::POST, "/Users"), (Method::POST, "/Users/.search"),
            (Method::GET, "/Users/x"), (Method::PUT, "/Users/x"), (Method::PATCH, "/Users/x"), (Method::DELETE, "/Users/x"),
            (Method::GET, "/Groups"), (Method::POST, "/Groups"), (Method::POST, "/Groups/.search"),
            (Method::GET, "/Groups/x"), (Method::PUT, "/Groups/x"), (Method::PATCH, "/Groups/x"), (Method::DELETE, "/Groups/x"),
            (Method::GET, "/ServiceProviderConfig"), (Method::GET, "/Schemas"), (Method::GET, "/Schemas/x"),
            (Method::GET, "/ResourceTypes"), (Method::GET, "/ResourceTypes/User"), (Method::GET, "/Me"), (Method::POST, "/Bulk"),
        ] {
            let refused = Answer::of(stranger.request(method.clone(), path).body("nonsense")).await;
            assert_eq!(refused.status, 401, "{method} {path}");
            assert_eq!(refused.header("www-authenticate"), Some(INVALID), "{method} {path}");
        }
    }

    /// RFC 7644 §2: a token speaks for its tenant alone, though it stands in the same database.
    async fn a_token_speaks_for_its_tenant(app: TestApp) {
        let other = app.other_tenant("other").await;
        app.client.user("bjensen").await;
        assert_eq!(other.get("/Users").await.expect(200)["totalResults"], 0);
        other.user("bjensen").await;
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 1);
    }

    /// RFC 7644 §2: the tenant in a token's text is part of what is checked: another tenant's id in it opens nothing.
    async fn a_token_cannot_be_moved_to_another_tenant(app: TestApp) {
        let (tenant, _) = app.provisioning.create_tenant("other", "Other").await.unwrap();
        let token = app.provisioning.create_token(&app.connection, "t", provost::model::Scopes::ALL, None).await.unwrap();
        let simple = |id: String| id.replace('-', "");
        let moved = token.text.expose().replace(&simple(app.tenant.id.to_string()), &simple(tenant.id.to_string()));
        assert_ne!(moved, token.text.expose());
        assert_eq!(get(&app, Some(&format!("Bearer {moved}"))).await.status, 401);
    }

    /// RFC 9112 §9.6: a refusal that leaves a large body unread ends the connection, and says so; a small one does not.
    async fn a_refusal_of_a_large_body_ends_the_connection(app: TestApp) {
        let stranger = Client::new(&app.client.base_url, "none");
        for (size, connection) in [(100, None), (500_000, Some("close"))] {
            let refused = stranger.post("/Users", &json!({ "userName": "x".repeat(size) })).await;
            assert_eq!((refused.status, refused.header("connection")), (401, connection));
        }
        assert_eq!(get(&app, None).await.status, 401);
    }
}

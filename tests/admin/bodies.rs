//! Bodies that are not what the document says.

use crate::support::{Answer, TestApp, on_both};

async fn post(app: &TestApp, body: impl Into<reqwest::Body>) -> Answer {
    let request =
        app.admin.request(reqwest::Method::POST, "/users").header("content-type", "application/json");
    Answer::of(request.body(body)).await
}

on_both! {
    /// Unknown fields, wrong types, lengths and words: all at once, each with its place.
    async fn every_problem_is_told(app: TestApp) {
        let body = r#"{"user_name":7,"email":"a@example.com","nickname":"x","roles":["a",1],"action":"conjure","entity_id":"no",
            "given_name":"","is_active":"yes","locale":"LONG"}"#.replace("LONG", &"x".repeat(65));
        let answer = post(&app, body).await;
        assert_eq!((answer.refusal().0, answer.refusal().1), (400, "invalid_request"));
        assert_eq!(answer.problems(), [
            ("/user_name", "type"), ("/nickname", "unknown"), ("/roles/1", "type"), ("/action", "enum"),
            ("/entity_id", "format"), ("/is_active", "type"), ("/locale", "too_long"),
        ]);
    }

    /// What is no acceptable JSON is refused before anything is looked at.
    async fn malformed_json_is_refused(app: TestApp) {
        let deep = format!("{}{}", r#"{"custom":"#.repeat(40), "}".repeat(40));
        for body in [
            b"".to_vec(), b"[]".to_vec(), b"{".to_vec(), br#"{"user_name":"a","user_name":"b"}"#.to_vec(),
            br#"{"user_name":"\ud800"}"#.to_vec(), b"{\"user_name\":\"\xff\"}".to_vec(), deep.into_bytes(),
            br#"{"user_name":"a\u0000b"}"#.to_vec(),
        ] {
            let shown = String::from_utf8_lossy(&body).into_owned();
            let answer = post(&app, body).await;
            assert_eq!((answer.refusal().0, answer.refusal().1), (400, "invalid_request"), "{shown}");
        }
        let large = format!(r#"{{"user_name":"{}"}}"#, "x".repeat(2 << 20));
        assert_eq!(post(&app, large).await.refusal().1, "payload_too_large");
        let request = app.admin.request(reqwest::Method::POST, "/users").header("content-type", "text/plain").body("x");
        assert_eq!(Answer::of(request).await.refusal().1, "unsupported_media_type");
        assert_eq!(app.admin.get("/users").await.expect(200)["users"], serde_json::json!([]));
    }

    /// Paths and methods that are not served, in the same shape.
    async fn what_is_not_served_says_so(app: TestApp) {
        assert_eq!(app.admin.get("/nothing").await.refusal().1, "not_found");
        let answer = app.admin.delete("/users").await;
        assert_eq!((answer.refusal().1, answer.header("allow")), ("method_not_allowed", Some("POST, GET")));
        // `evaluate` is no policy's id.
        let answer = app.admin.get("/policies/evaluate").await;
        assert_eq!((answer.refusal().1, answer.header("allow")), ("method_not_allowed", Some("POST")));
        let message = "The path names something by an id that is none: ids are UUIDs.";
        assert_eq!(app.admin.get("/users/x").await.refusal(), (400, "invalid_request", message));
        let answer = app.admin.get("/users?limit=many").await;
        let message = "The parameter 'limit' is not valid: invalid digit found in string.";
        assert_eq!(answer.refusal(), (400, "invalid_request", message));
    }
}

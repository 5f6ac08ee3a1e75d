//! Versions of resources (RFC 7644 §3.14; RFC 9110 §8.8.3, §13.1).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, on_both, refusal};

const STALE: &str =
    "The resource is at version W/\"1\"; If-Match does not name that version. Read it again, then decide.";

async fn send(client: &Client, method: Method, path: &str, header: (&str, &str), body: &Value) -> Answer {
    let request = client
        .request(method, path)
        .header(header.0, header.1)
        .header("content-type", "application/scim+json")
        .body(body.to_string());
    Answer::of(request).await
}

on_both! {
    /// RFC 7644 §3.14: the `ETag` header is `meta.version`, for users and groups, on every answer with one.
    async fn etag_is_meta_version(app: TestApp) {
        let user = app.client.post("/Users", &json!({ "userName": "bjensen" })).await;
        let group = app.client.post("/Groups", &json!({ "displayName": "guides" })).await;
        for (created, path) in [(user, "/Users"), (group, "/Groups")] {
            assert_eq!(created.header("etag"), created.body["meta"]["version"].as_str());
            let read = app.client.get(&format!("{path}/{}", created.body["id"].as_str().unwrap())).await;
            assert_eq!((read.status, read.header("etag")), (200, Some("W/\"1\"")));
            assert_eq!(read.body["meta"]["version"], "W/\"1\"");
        }
    }

    /// RFC 7644 §3.14: a PUT or PATCH with `If-Match` of another version is 412 and changes nothing.
    async fn a_write_to_another_version_is_refused(app: TestApp) {
        let user = format!("/Users/{}", app.client.user("bjensen").await);
        let group = format!("/Groups/{}", app.client.group("guides", &[]).await);
        let patch = json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": "x" }] });
        for (path, method, body) in [
            (&user, Method::PUT, &json!({ "userName": "x" })),
            (&user, Method::PATCH, &patch),
            (&group, Method::PUT, &json!({ "displayName": "x" })),
            (&group, Method::PATCH, &patch),
        ] {
            for tags in ["W/\"2\"", "\"0\", W/\"17\"", "\"nonsense\"", "\"\""] {
                let refused = send(&app.client, method.clone(), path, ("if-match", tags), body).await;
                assert_eq!(refused.error(), refusal(412, "", STALE), "{method} {path} {tags}");
            }
        }
        assert_eq!(app.client.get(&user).await.expect(200)["userName"], "bjensen");
        assert_eq!(app.client.get(&group).await.expect(200)["displayName"], "guides");
    }

    /// RFC 7644 §3.14: `If-Match` that names the version, among others or by `*`, lets the change pass.
    async fn a_write_to_the_version_that_was_read_passes(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        for (tags, next) in [("W/\"1\"", "W/\"2\""), ("\"x\", W/\"2\"", "W/\"3\""), ("*", "W/\"4\"")] {
            let body = json!({ "userName": "bjensen", "title": next });
            let answer = send(&app.client, Method::PUT, &path, ("if-match", tags), &body).await;
            assert_eq!((answer.status, answer.header("etag")), (200, Some(next)), "{tags}");
        }
    }

    /// RFC 9110 §13.1.2: `If-None-Match` on a change is 412 where the version is named.
    async fn a_write_unless_the_version_stands(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let body = json!({ "userName": "bjensen", "title": "x" });
        for tags in ["*", "W/\"1\""] {
            send(&app.client, Method::PUT, &path, ("if-none-match", tags), &body).await.expect(412);
        }
        send(&app.client, Method::PUT, &path, ("if-none-match", "W/\"9\""), &body).await.expect(200);
    }

    /// RFC 7644 §3.14: a read of what the client has is 304 without a body, with its tag, where all that is asked for is
    /// what the version covers.
    async fn a_read_of_a_known_version_is_304(app: TestApp) {
        let user = format!("/Users/{}?attributes=userName,emails", app.client.user("bjensen").await);
        let group = format!("/Groups/{}?excludedAttributes=members", app.client.group("guides", &[]).await);
        let ids = format!("{}?attributes=members.value", group.split('?').next().unwrap());
        for path in [&user, &group, &ids] {
            for tags in ["W/\"1\"", "\"7\", W/\"1\"", "*", "\"1\""] {
                let answer = app.client.with_header(Method::GET, path, "if-none-match", tags).await;
                assert_eq!((answer.status, answer.header("etag")), (304, Some("W/\"1\"")), "{path} {tags}");
                assert_eq!(answer.body, json!(null));
            }
            let answer = app.client.with_header(Method::GET, path, "if-none-match", "W/\"2\"").await;
            assert_eq!(answer.status, 200);
        }
    }

    /// RFC 9110 §13.1.2: an answer that holds what others can change (groups, a manager's name, a member's) is given
    /// whole, for its tag cannot tell whether it is the same.
    async fn a_read_of_computed_attributes_is_never_304(app: TestApp) {
        let id = app.client.user("bjensen").await;
        let user = format!("/Users/{id}");
        let group = format!("/Groups/{}", app.client.group("guides", &[&id]).await);
        for path in [
            user.clone(),
            format!("{user}?attributes=groups"),
            format!("{user}?attributes=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"),
            group.clone(),
            format!("{group}?attributes=members.display"),
        ] {
            app.client.with_header(Method::GET, &path, "if-none-match", "W/\"1\"").await.expect(200);
        }
    }

    /// RFC 9110 §13.1.1: a read with `If-Match` of another version is 412.
    async fn a_read_of_another_version_is_refused(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let refused = app.client.with_header(Method::GET, &path, "if-match", "W/\"2\"").await;
        assert_eq!(refused.error(), refusal(412, "", STALE));
        app.client.with_header(Method::GET, &path, "if-match", "W/\"1\"").await.expect(200);
    }

    /// RFC 7644 §3.14: the version covers a resource's own attributes and direct members, and nothing that is another's.
    async fn the_version_covers_attributes_and_direct_members(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let inner = app.client.group("inner", &[]).await;
        let outer = app.client.group("outer", &[&inner]).await;
        let version = async |path: String| app.client.get(&path).await.expect(200)["meta"]["version"].clone();
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
        app.client.operations(&format!("/Groups/{inner}"), add).await.expect(204);
        assert_eq!(version(format!("/Groups/{inner}")).await, "W/\"2\"");
        assert_eq!(version(format!("/Groups/{outer}")).await, "W/\"1\"");
        assert_eq!(version(format!("/Users/{user}")).await, "W/\"1\"");
    }
}

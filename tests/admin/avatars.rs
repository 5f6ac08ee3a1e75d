//! Pictures of users.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost::mapping::values::avatar::MOST_BYTES;
use provost::model::UserId;
use provost::provisioning::directory::KeyDraft;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, on_both};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0";

fn uri(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

fn new_user(name: &str) -> Value {
    json!({ "user_name": name, "auth_provider": "oidc" })
}

/// Status, content type, entity tag and bytes.
async fn picture(client: &Client, id: &str, known: &str) -> (u16, Option<String>, Option<String>, Vec<u8>) {
    let request = client.request(Method::GET, &format!("/users/{id}/avatar")).header("If-None-Match", known);
    let answer = request.send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    if answer.status().as_u16() < 400 {
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        let policy = header("content-security-policy");
        assert_eq!(policy.as_deref(), Some("default-src 'none'; frame-ancestors 'none'; sandbox"));
    }
    let (status, media_type, tag) = (answer.status().as_u16(), header("content-type"), header("etag"));
    (status, media_type, tag, answer.bytes().await.unwrap().to_vec())
}

on_both! {
    /// Set with the user, shown with it, served by itself, changed and taken away; the version moves each time.
    async fn a_user_has_a_picture(app: TestApp) {
        let mut body = new_user("ada");
        body["avatar"] = json!(uri("image/png", PNG));
        let user = app.admin.post("/users", &body).await.expect(201);
        assert_eq!((&user["avatar"], &user["has_avatar"]), (&body["avatar"], &json!(true)));
        let id = user["id"].as_str().unwrap();
        let path = format!("/users/{id}");
        assert_eq!(app.admin.get(&path).await.expect(200), user);
        let (status, media_type, tag, bytes) = picture(&app.admin, id, "\"other\"").await;
        assert_eq!((status, media_type.as_deref(), &*bytes), (200, Some("image/png"), PNG));
        let tag = tag.unwrap();
        for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let (status, _, again, bytes) = picture(&app.admin, id, &known).await;
            assert_eq!((status, again, bytes.len()), (304, Some(tag.clone()), 0));
        }

        // The same picture is no change, and neither is what was read.
        let same = app.admin.patch(&path, &json!({ "avatar": uri("image/png", PNG), "has_avatar": true })).await;
        assert_eq!(same.expect(200)["version"], 1);
        let changed = app.admin.patch(&path, &json!({ "avatar": uri("image/gif", GIF) })).await;
        assert_eq!(changed.header("etag"), Some("W/\"2\""));
        assert_eq!(changed.expect(200)["avatar"], uri("image/gif", GIF));
        let (_, media_type, other, bytes) = picture(&app.admin, id, &tag).await;
        assert_eq!((media_type.as_deref(), &*bytes), (Some("image/gif"), GIF));
        assert_ne!(other, Some(tag));
        assert!(app.audit().await.last().unwrap().contains("\"changed\":[\"avatar\"]"));

        let removed = app.admin.patch(&path, &json!({ "avatar": null })).await.expect(200);
        assert_eq!((removed.get("avatar"), &removed["has_avatar"], &removed["version"]), (None, &json!(false), &json!(3)));
        assert_eq!(picture(&app.admin, id, "").await.0, 404);
        app.admin.patch(&path, &json!({ "avatar": uri("image/gif", GIF) })).await.expect(200);
        let replaced = app.admin.put(&path, &json!({ "display_name": "Ada" })).await.expect(200);
        assert_eq!((replaced.get("avatar"), &replaced["version"]), (None, &json!(5)));
    }

    /// Lists and SCIM say nothing of the picture but that there is one, and that the user changed.
    async fn lists_and_scim_do_not_hold_it(app: TestApp) {
        let id = app.client.user("ada").await;
        app.client.user("bob").await;
        app.admin.patch(&format!("/users/{id}"), &json!({ "avatar": uri("image/png", PNG) })).await.expect(200);
        let users = app.admin.get("/users").await.expect(200)["users"].as_array().unwrap().clone();
        let shown: Vec<_> = users.iter().map(|user| (user["user_name"].as_str().unwrap(), &user["has_avatar"], user.get("avatar"))).collect();
        assert_eq!(shown, [("ada", &json!(true), None), ("bob", &json!(false), None)]);
        let seen = app.client.get(&format!("/Users/{id}")).await;
        assert_eq!(seen.header("etag"), Some("W/\"2\""));
        assert!(!seen.expect(200).to_string().contains("image/png"));
        app.admin.delete(&format!("/users/{id}")).await.expect(204);
        assert_eq!(app.texts("SELECT media_type FROM avatars").await, Vec::<String>::new());
    }

    /// What is no picture, or too large a one, is refused, and nothing is made.
    async fn what_is_no_picture_is_refused(app: TestApp) {
        let sized = |bytes: usize| uri("image/png", &[PNG, &vec![0; bytes - PNG.len()]].concat());
        for (avatar, status, code) in [
            ("https://example.com/me.png".to_owned(), 422, "invalid"),
            (uri("image/svg+xml", b"<svg/>"), 422, "invalid"),
            (uri("image/png", GIF), 422, "invalid"),
            (uri("image/png", b"<script>"), 422, "invalid"),
            (sized(MOST_BYTES + 1), 422, "invalid"),
            (sized(2 * MOST_BYTES), 400, "too_long"),
        ] {
            let mut body = new_user("ada");
            body["avatar"] = json!(avatar);
            let refused = app.admin.post("/users", &body).await;
            assert_eq!((refused.refusal().0, refused.problems()), (status, vec![("/avatar", code)]));
        }
        let mut body = new_user("ada");
        body["avatar"] = json!(sized(MOST_BYTES));
        let user = app.admin.post("/users", &body).await.expect(201);
        assert_eq!(user["avatar"], body["avatar"]);
        let refused = app.admin.patch(&format!("/users/{}", user["id"].as_str().unwrap()), &json!({ "avatar": "x" })).await;
        assert_eq!(refused.problems(), [("/avatar", "invalid")]);
    }

    /// Everybody sees and changes their own, readers see everybody's, nobody another tenant's.
    async fn who_sees_it(app: TestApp) {
        let mut ids = Vec::new();
        for name in ["ada", "bob"] {
            let mut body = new_user(name);
            body["avatar"] = json!(uri("image/png", PNG));
            ids.push(app.admin.post("/users", &body).await.created());
        }
        let user_id = Some(UserId(ids[0].parse().unwrap()));
        let draft = KeyDraft { name: "ada".to_owned(), user_id, permissions: None, expires_at: None };
        let key = app.directory.create_operator_key(app.tenant.id, draft).await.unwrap();
        let ada = Client::new(&app.admin.base_url, key.text.expose());
        assert_eq!(picture(&ada, &ids[0], "").await.0, 200);
        assert_eq!(picture(&ada, &ids[1], "").await.0, 403);
        assert_eq!(ada.patch(&format!("/users/{}", ids[0]), &json!({ "avatar": null })).await.status, 200);
        let other = app.other_admin("other").await;
        assert_eq!(picture(&other, &ids[1], "").await.0, 404);
    }
}

//! `PUT /Users/{id}` (RFC 7644 §3.5.1).

use provost::model::{Clock, Timestamp};
use serde_json::json;

use crate::support::{Backend, TestApp, on_both, refusal};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

on_both! {
    /// RFC 7644 §3.5.1: 200 with the whole resource, `Location`, `ETag`; what is readOnly is ignored.
    async fn a_put_replaces_the_resource(app: TestApp) {
        let id = app.client.post("/Users", &json!({
            "userName": "bjensen", "title": "Guide", "emails": [{ "value": "b@example.com" }],
        })).await.created();
        let path = format!("/Users/{id}");
        let replaced = app.client.put(&path, &json!({
            "userName": "barbara",
            "nickName": "Babs",
            "groups": [{ "value": "x" }],
            "meta": { "created": "2001-01-01T00:00:00Z" },
            "id": "another",
        })).await;
        assert_eq!(replaced.status, 200);
        assert_eq!(replaced.header("etag"), Some("W/\"2\""));
        assert_eq!(replaced.header("location"), Some(&*format!("{}{path}", app.client.base_url)));
        assert_eq!(replaced.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "[id]",
            "userName": "barbara",
            "nickName": "Babs",
            "active": true,
            "meta": {
                "resourceType": "User",
                "created": "[time]",
                "lastModified": "[time]",
                "version": "W/\"2\"",
                "location": "[base]/Users/[id]",
            },
        }));
        assert_eq!(app.client.get(&path).await.expect(200), replaced.body);
    }

    /// RFC 7644 §3.5.1: what the body leaves out, or sends as null or empty, is cleared, extensions too.
    async fn what_the_body_leaves_out_is_cleared(app: TestApp) {
        let id = app.client.post("/Users", &json!({
            "userName": "bjensen",
            "displayName": "Babs",
            "title": "Guide",
            "externalId": "bj-1",
            "emails": [{ "value": "b@example.com" }],
            ENTERPRISE: { "department": "Tours" },
        })).await.created();
        let body = json!({ "userName": "bjensen", "title": null, "emails": [] });
        let replaced = app.client.put(&format!("/Users/{id}"), &body).await.expect(200);
        let names: Vec<&String> = replaced.as_object().unwrap().keys().collect();
        assert_eq!(names, ["schemas", "id", "userName", "active", "meta"]);
        assert_eq!(replaced["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    }

    /// RFC 7644 §3.5.1: what is required has to be in the body; nothing changes without it.
    async fn what_is_required_is_required(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        assert_eq!(
            app.client.put(&path, &json!({ "displayName": "Babs" })).await.error(),
            refusal(400, "invalidValue", "'userName' is required and must not be empty."),
        );
        assert_eq!(app.client.get(&path).await.expect(200)["meta"]["version"], "W/\"1\"");
    }

    /// RFC 7644 §3.5.1: a client may send back what it read; that changes nothing, not even version or lastModified.
    async fn a_put_of_what_was_read_changes_nothing(app: TestApp) {
        let created = app.client.post("/Users", &json!({
            "userName": "bjensen",
            "externalId": "bj-1",
            "name": { "formatted": "Ms. Barbara J Jensen III" },
            "emails": [{ "value": "b@example.com", "type": "work", "primary": true }],
            ENTERPRISE: { "department": "Tours", "manager": { "value": "26118915" } },
        })).await.expect(201);
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        let replaced = app.client.put(&path, &created).await;
        assert_eq!(replaced.header("etag"), Some("W/\"1\""));
        assert_eq!(replaced.expect(200), created);
        assert_eq!(app.audit().await.len(), 1);
    }

    /// RFC 7644 §3.5.1, §3.12: a userName that another user holds is 409 `uniqueness`; one's own in another case is not.
    async fn a_user_name_that_another_holds_is_refused(app: TestApp) {
        app.client.user("bjensen").await;
        let path = format!("/Users/{}", app.client.user("mandy").await);
        assert_eq!(
            app.client.put(&path, &json!({ "userName": "BJENSEN" })).await.error(),
            refusal(
                409,
                "uniqueness",
                "A user with this userName already exists in the tenant; userName is unique, without regard to case.",
            ),
        );
        assert_eq!(app.client.get(&path).await.expect(200)["userName"], "mandy");
        assert_eq!(app.client.put(&path, &json!({ "userName": "Mandy" })).await.expect(200)["userName"], "Mandy");
        assert_eq!(app.client.put(&path, &json!({ "userName": "pepper" })).await.expect(200)["userName"], "pepper");
        app.client.user("mandy").await;
    }

    /// RFC 7644 §3.5.1: PUT makes no new resource.
    async fn a_put_of_an_unknown_id_is_404(app: TestApp) {
        let refused = app.client.put("/Users/0190d2a5-0000-7000-8000-000000000000", &json!({ "userName": "bjensen" })).await;
        assert_eq!(refused.error(), refusal(404, "", "User '0190d2a5-0000-7000-8000-000000000000' was not found."));
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 0);
    }

    /// RFC 7644 §3.5.1, §3.9: `attributes` shapes the answer, whether anything changed or not.
    async fn attributes_shape_the_answer_of_a_put(app: TestApp) {
        let path = format!("/Users/{}?attributes=displayName", app.client.user("bjensen").await);
        for _ in 0..2 {
            let replaced = app.client.put(&path, &json!({ "userName": "bjensen", "displayName": "Babs" })).await;
            assert_eq!(replaced.redacted(), json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "[id]", "displayName": "Babs",
            }));
        }
    }

    /// RFC 7644 §3.5.1: a PUT that leaves `active` out gives it its default again.
    async fn a_put_without_active_activates(app: TestApp) {
        let id = app.client.post("/Users", &json!({ "userName": "bjensen", "active": false })).await.created();
        let replaced = app.client.put(&format!("/Users/{id}"), &json!({ "userName": "bjensen" })).await.expect(200);
        assert_eq!(replaced["active"], true);
    }
}

/// RFC 7643 §3.1: `lastModified` moves with a change and only with it; `created` stays.
async fn last_modified_moves_with_a_change(backend: Backend) {
    let clock = Clock::manual(Timestamp(1_767_225_600_000));
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let path = format!("/Users/{}", app.client.user("bjensen").await);
    let created = "2026-01-01T00:00:00.000Z";
    let later = "2026-01-01T01:00:00.000Z";

    clock.set(Timestamp(1_767_229_200_000));
    let same = app.client.put(&path, &json!({ "userName": "bjensen" })).await.expect(200);
    assert_eq!((&same["meta"]["created"], &same["meta"]["lastModified"]), (&json!(created), &json!(created)));
    let changed = app.client.put(&path, &json!({ "userName": "barbara" })).await.expect(200);
    assert_eq!(
        (&changed["meta"]["created"], &changed["meta"]["lastModified"]),
        (&json!(created), &json!(later))
    );

    clock.set(Timestamp(1_767_232_800_000));
    let operations = json!([{ "op": "replace", "path": "userName", "value": "barbara" }]);
    let same = app.client.operations(&path, operations).await.expect(200);
    assert_eq!(same["meta"], changed["meta"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn last_modified_moves_with_a_change_on_sqlite() {
    last_modified_moves_with_a_change(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn last_modified_moves_with_a_change_on_postgres() {
    last_modified_moves_with_a_change(Backend::Postgres).await;
}

//! `PATCH /Users/{id}` (RFC 7644 §3.5.2).

use serde_json::{Value, json};

use crate::support::{Client, on_both, refusal};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Makes a user and gives its path.
async fn babs(client: &Client) -> String {
    let id = client
        .post(
            "/Users",
            &json!({
                "userName": "bjensen",
                "displayName": "Babs",
                "name": { "givenName": "Barbara", "familyName": "Jensen" },
                "emails": [
                    { "value": "work@example.com", "type": "work", "primary": true },
                    { "value": "home@example.com", "type": "home" },
                ],
                ENTERPRISE: { "department": "Tours" },
            }),
        )
        .await
        .created();
    format!("/Users/{id}")
}

async fn patched(client: &Client, operations: Value) -> Value {
    let path = babs(client).await;
    let answer = client.operations(&path, operations).await;
    assert_eq!(answer.header("etag"), answer.body["meta"]["version"].as_str());
    let body = answer.expect(200);
    assert_eq!(client.get(&path).await.expect(200), body);
    body
}

on_both! {
    /// RFC 7644 §3.5.2: 200 with the whole resource, `ETag` and `Location`.
    async fn a_patch_answers_with_the_resource(app: TestApp) {
        let path = format!("/Users/{}", app.client.user("bjensen").await);
        let answer = app.client.operations(&path, json!([{ "op": "add", "path": "nickName", "value": "Babs" }])).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("etag"), Some("W/\"2\""));
        assert_eq!(answer.header("location"), Some(&*format!("{}{path}", app.client.base_url)));
        assert_eq!(answer.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "[id]",
            "userName": "bjensen",
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
    }

    /// RFC 7644 §3.5.2.1: `add` without a path adds each attribute of the value; values join those that are there.
    async fn add_without_a_path(app: TestApp) {
        let user = patched(&app.client, json!([{ "op": "add", "value": {
            "nickName": "B", "emails": [{ "value": "other@example.com", "type": "other" }],
        } }])).await;
        assert_eq!(user["nickName"], "B");
        assert_eq!(user["emails"].as_array().unwrap().len(), 3);
    }

    /// RFC 7644 §3.5.2.1: `add` to a single value replaces it, to a complex one sets its parts, to an extension too.
    async fn add_with_a_path(app: TestApp) {
        let user = patched(&app.client, json!([
            { "op": "add", "path": "displayName", "value": "Barbara" },
            { "op": "add", "path": "name", "value": { "middleName": "J" } },
            { "op": "add", "path": format!("{ENTERPRISE}:costCenter"), "value": "4130" },
        ])).await;
        assert_eq!(user["displayName"], "Barbara");
        assert_eq!(user["name"], json!({ "givenName": "Barbara", "middleName": "J", "familyName": "Jensen" }));
        assert_eq!(user[ENTERPRISE], json!({ "department": "Tours", "costCenter": "4130" }));
    }

    /// RFC 7644 §3.5.2.2: `remove` of an attribute, of a part, of one value, and of a whole extension.
    async fn remove_by_path(app: TestApp) {
        let user = patched(&app.client, json!([
            { "op": "remove", "path": "displayName" },
            { "op": "remove", "path": "name.givenName" },
            { "op": "remove", "path": "emails[type eq \"work\"]" },
            { "op": "remove", "path": format!("{ENTERPRISE}:department") },
        ])).await;
        assert_eq!(user.get("displayName"), None);
        assert_eq!(user["name"], json!({ "familyName": "Jensen" }));
        assert_eq!(user["emails"], json!([{ "value": "home@example.com", "type": "home" }]));
        assert_eq!(user["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
        assert_eq!(user.get(ENTERPRISE), None);
    }

    /// RFC 7644 §3.5.2.3: `replace` of a single value, of all values, of a part of those that a filter selects.
    async fn replace_by_path(app: TestApp) {
        let user = patched(&app.client, json!([
            { "op": "replace", "path": "userName", "value": "barbara" },
            { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com" },
            { "op": "replace", "path": "phoneNumbers", "value": [{ "value": "1", "type": "work" }] },
        ])).await;
        assert_eq!(user["userName"], "barbara");
        assert_eq!(user["emails"], json!([
            { "value": "new@example.com", "type": "work", "primary": true },
            { "value": "home@example.com", "type": "home" },
        ]));
        assert_eq!(user["phoneNumbers"], json!([{ "value": "1", "type": "work" }]));
    }

    /// RFC 7644 §3.5.2: the operations are done in their order, each on what the one before left.
    async fn operations_are_done_in_order(app: TestApp) {
        let user = patched(&app.client, json!([
            { "op": "remove", "path": "emails" },
            { "op": "add", "path": "emails", "value": [{ "value": "a@example.com", "type": "work" }] },
            { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@example.com" },
        ])).await;
        assert_eq!(user["emails"], json!([{ "value": "b@example.com", "type": "work" }]));
    }

    /// RFC 7644 §3.5.2: if one operation fails, none has happened.
    async fn one_failure_undoes_all(app: TestApp) {
        let path = babs(&app.client).await;
        let before = app.client.get(&path).await.expect(200);
        let refused = app.client.operations(&path, json!([
            { "op": "replace", "path": "displayName", "value": "Gone" },
            { "op": "remove", "path": "emails" },
            { "op": "replace", "path": "emails[type eq \"fax\" or type eq \"x\"].value", "value": "x" },
        ])).await;
        let (status, scim_type, detail) = refused.error();
        assert_eq!((status, &*scim_type), (400, "noTarget"));
        assert!(detail.starts_with("Operation 3: nothing matches 'emails["), "{detail}");
        assert_eq!(app.client.get(&path).await.expect(200), before);
        assert_eq!(app.audit().await.len(), 1);
    }

    /// RFC 7644 §3.5.2.1: what is there already is not added again, and version and lastModified stay.
    async fn a_patch_that_changes_nothing_changes_no_version(app: TestApp) {
        let path = babs(&app.client).await;
        let before = app.client.get(&path).await.expect(200);
        let answer = app.client.operations(&path, json!([
            { "op": "add", "path": "emails", "value": [{ "value": "home@example.com", "type": "home" }] },
            { "op": "replace", "path": "displayName", "value": "Babs" },
            { "op": "remove", "path": "title" },
            { "op": "remove", "path": "emails[type eq \"fax\"]" },
            { "op": "add", "value": { "name": { "givenName": "Barbara" } } },
        ])).await;
        assert_eq!(answer.header("etag"), Some("W/\"1\""));
        assert_eq!(answer.expect(200), before);
        assert_eq!(app.audit().await.len(), 1);
    }

    /// RFC 7644 §3.5.2.2: what is required cannot be removed, nor cleared.
    async fn what_is_required_cannot_be_removed(app: TestApp) {
        let path = babs(&app.client).await;
        assert_eq!(
            app.client.operations(&path, json!([{ "op": "remove", "path": "userName" }])).await.error(),
            refusal(400, "mutability", "Operation 1: 'userName' is required and cannot be removed."),
        );
        assert_eq!(
            app.client.operations(&path, json!([{ "op": "replace", "path": "userName", "value": "" }])).await.error(),
            refusal(400, "invalidValue", "Operation 1: 'userName' is required and cannot be cleared."),
        );
    }

    /// RFC 7644 §3.5.2, §3.12: a userName that another user holds is 409 `uniqueness`.
    async fn a_user_name_that_another_holds_is_refused(app: TestApp) {
        let path = babs(&app.client).await;
        app.client.user("mandy").await;
        assert_eq!(
            app.client.operations(&path, json!([{ "op": "replace", "path": "userName", "value": "Mandy" }])).await.error(),
            refusal(
                409,
                "uniqueness",
                "A user with this userName already exists in the tenant; userName is unique, without regard to case.",
            ),
        );
        assert_eq!(app.client.get(&path).await.expect(200)["userName"], "bjensen");
    }

    /// RFC 7644 §3.5.2, §3.9: `attributes` and `excludedAttributes` shape the answer.
    async fn attributes_shape_the_answer_of_a_patch(app: TestApp) {
        let path = babs(&app.client).await;
        let operations = json!([{ "op": "replace", "path": "displayName", "value": "B" }]);
        let only = app.client.operations(&format!("{path}?attributes=displayName"), operations.clone()).await;
        assert_eq!(only.redacted(), json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE], "id": "[id]", "displayName": "B",
        }));
        let without = app.client.operations(&format!("{path}?excludedAttributes=emails,name,meta"), operations).await;
        let names: Vec<String> = without.expect(200).as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["schemas", "id", "userName", "displayName", "active", ENTERPRISE]);
    }

    /// RFC 7644 §3.5.2: there is nobody to change.
    async fn a_patch_of_an_unknown_id_is_404(app: TestApp) {
        let operations = json!([{ "op": "replace", "path": "displayName", "value": "B" }]);
        assert_eq!(
            app.client.operations("/Users/nobody", operations).await.error(),
            refusal(404, "", "User 'nobody' was not found."),
        );
    }

    /// RFC 7644 §3.5.2.2: an attribute with a default can be removed as well; it is unassigned then.
    async fn active_can_be_removed(app: TestApp) {
        let user = patched(&app.client, json!([{ "op": "remove", "path": "active" }])).await;
        assert_eq!(user.get("active"), None);
    }
}

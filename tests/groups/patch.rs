//! `PATCH /Groups/{id}`, what is not about members (RFC 7644 §3.5.2).

use serde_json::json;

use crate::support::{on_both, refusal};

on_both! {
    /// RFC 7644 §3.5.2: 204 without a body; the change is there.
    async fn a_patch_answers_204(app: TestApp) {
        let path = format!("/Groups/{}", app.client.group("guides", &[]).await);
        let answer = app.client.operations(&path, json!([{ "op": "replace", "path": "displayName", "value": "Guides" }])).await;
        assert_eq!(answer.header("etag"), Some("W/\"2\""));
        assert_eq!(answer.expect(204), json!(null));
        let read = app.client.get(&path).await.expect(200);
        assert_eq!((&read["displayName"], &read["meta"]["version"]), (&json!("Guides"), &json!("W/\"2\"")));
    }

    /// RFC 7644 §3.5.2: with `attributes` the answer is 200 with them.
    async fn attributes_give_the_answer_of_a_patch_a_body(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let path = format!("/Groups/{}", app.client.group("guides", &[&user]).await);
        let operations = json!([{ "op": "replace", "path": "displayName", "value": "Guides" }]);
        let answer = app.client.operations(&format!("{path}?attributes=displayName"), operations.clone()).await;
        assert_eq!((answer.status, answer.redacted()), (200, json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "[id]", "displayName": "Guides",
        })));
        let answer = app.client.operations(&format!("{path}?excludedAttributes=meta"), operations).await.expect(200);
        assert_eq!((answer.get("meta"), &answer["members"][0]["value"]), (None, &json!(user)));
    }

    /// RFC 7644 §3.5.2: if one operation fails, none has happened, be it to members or to attributes.
    async fn one_failure_undoes_all(app: TestApp) {
        let user = app.client.user("bjensen").await;
        let path = format!("/Groups/{}", app.client.group("guides", &[]).await);
        let before = app.client.get(&path).await.expect(200);
        let add = json!({ "op": "add", "path": "members", "value": [{ "value": user }] });
        let rename = json!({ "op": "replace", "path": "displayName", "value": "x" });
        let unnamed = json!({ "op": "remove", "path": "displayName" });
        let nobody = json!({ "op": "add", "path": "members", "value": [{ "value": "nobody" }] });
        let refused = [
            (json!([add, unnamed]), "mutability", "Operation 2: 'displayName' is required and cannot be removed."),
            (
                json!([rename, add, nobody]),
                "invalidValue",
                "'members' names 'nobody', which is not the id of a user or group of this tenant.",
            ),
        ];
        for (operations, scim_type, detail) in refused {
            assert_eq!(app.client.operations(&path, operations).await.error(), refusal(400, scim_type, detail));
        }
        assert_eq!(app.client.get(&path).await.expect(200), before);
    }

    /// RFC 7644 §3.5.2: what changes nothing leaves version, lastModified and the audit log alone.
    async fn a_patch_that_changes_nothing_changes_no_version(app: TestApp) {
        let (user, other) = (app.client.user("a").await, app.client.user("b").await);
        let path = format!("/Groups/{}", app.client.group("guides", &[&user]).await);
        let before = app.client.get(&path).await.expect(200);
        let events = app.audit().await.len();
        for operation in [
            json!({ "op": "add", "path": "members", "value": [{ "value": user }] }),
            json!({ "op": "replace", "path": "members", "value": [{ "value": user }] }),
            json!({ "op": "remove", "path": format!("members[value eq \"{other}\"]") }),
            json!({ "op": "replace", "path": "displayName", "value": "guides" }),
        ] {
            let answer = app.client.operations(&path, json!([operation])).await;
            assert_eq!((answer.status, answer.header("etag")), (204, Some("W/\"1\"")), "{operation}");
        }
        assert_eq!(app.client.get(&path).await.expect(200), before);
        assert_eq!(app.audit().await.len(), events);
    }

    /// RFC 7643 §3.1: a group's externalId is set and cleared by PATCH.
    async fn an_external_id_is_set_and_cleared(app: TestApp) {
        let path = format!("/Groups/{}", app.client.group("guides", &[]).await);
        app.client.operations(&path, json!([{ "op": "add", "value": { "externalId": "g-1" } }])).await.expect(204);
        assert_eq!(app.client.get(&path).await.expect(200)["externalId"], "g-1");
        app.client.operations(&path, json!([{ "op": "remove", "path": "externalId" }])).await.expect(204);
        assert_eq!(app.client.get(&path).await.expect(200).get("externalId"), None);
    }

    /// RFC 7644 §3.5.2: there is nothing to change.
    async fn a_patch_of_an_unknown_id_is_404(app: TestApp) {
        let operations = json!([{ "op": "replace", "path": "displayName", "value": "x" }]);
        assert_eq!(
            app.client.operations("/Groups/nothing", operations).await.error(),
            refusal(404, "", "Group 'nothing' was not found."),
        );
    }
}

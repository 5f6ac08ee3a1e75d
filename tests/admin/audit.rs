//! `/v1/audit-events`: who did what to whom, found by each filter, page by page, and exported whole.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both};

fn events(list: &Value) -> &[Value] {
    list["audit_events"].as_array().expect("a list")
}

fn types(list: &Value) -> Vec<&str> {
    events(list).iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

/// The events that these parameters find, as their types.
async fn found(app: &TestApp, parameters: &[(&str, &str)]) -> Vec<String> {
    let list = app.admin.query("/audit-events", parameters).await.expect(200);
    types(&list).into_iter().map(str::to_owned).collect()
}

/// What an export with this query is, line by line.
async fn exported(client: &Client, query: &str) -> Vec<Value> {
    let answer =
        client.request(reqwest::Method::GET, &format!("/audit-events/export{query}")).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
        (200, "application/x-ndjson")
    );
    let text = answer.text().await.unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What every test's tenant begins with, newest first.
const BEGINNING: [&str; 4] = ["api_key.created", "token.created", "connection.created", "tenant.created"];

on_both! {
    /// Everything that is known of an event.
    async fn an_event_is_told_whole(app: TestApp) {
        let made = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc" })).await;
        let request_id = made.header("x-request-id").unwrap().to_owned();
        let user = made.expect(201);
        let list = app.admin.query("/audit-events", &[("limit", "1")]).await.expect(200);
        let event = &events(&list)[0];
        let keys = app.admin.get("/api-keys").await.expect(200);
        assert_eq!(event, &json!({
            "id": event["id"],
            "time": user["created_at"],
            "type": "user.created",
            "actor": { "kind": "key", "id": keys["api_keys"][0]["id"], "name": "test" },
            "target": { "kind": "user", "id": user["id"] },
            "tenant": app.tenant.id,
            "request_id": request_id,
            "ip": "127.0.0.1",
            "details": event["details"],
        }));
        assert!(event["details"].is_object(), "{event}");
    }

    /// Newest first, or oldest first.
    async fn events_are_paged_in_either_order(app: TestApp) {
        for order in ["newest_first", "oldest_first"] {
            let whole = app.admin.query("/audit-events", &[("order", order)]).await.expect(200);
            let mut expected = BEGINNING;
            if order == "oldest_first" {
                expected.reverse();
            }
            assert_eq!((types(&whole), whole.get("next_cursor")), (expected.to_vec(), None));
            let first = app.admin.query("/audit-events", &[("order", order), ("limit", "3")]).await.expect(200);
            let cursor = first["next_cursor"].as_str().unwrap();
            let second = app.admin.query("/audit-events", &[("order", order), ("cursor", cursor)]).await.expect(200);
            assert_eq!((types(&first), types(&second)), (expected[..3].to_vec(), expected[3..].to_vec()));
            assert_eq!(second.get("next_cursor"), None);
        }
        let refused = app.admin.query("/audit-events", &[("cursor", "x")]).await;
        assert_eq!(refused.refusal().1, "invalid_request");
    }

    /// By type, actor, target and time, and by several of them.
    async fn events_are_found_by_each_filter(app: TestApp) {
        let by_scim = app.client.user("bjensen").await;
        let user = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc" })).await.expect(201);
        let id = user["id"].as_str().unwrap();
        app.admin.post(&format!("/users/{id}/suspend"), &json!({})).await.expect(200);
        let key = app.admin.get("/api-keys").await.expect(200)["api_keys"][0]["id"].as_str().unwrap().to_owned();
        let connection = app.connection.id.to_string();

        assert_eq!(found(&app, &[("type", "user.created")]).await, ["user.created", "user.created"]);
        assert_eq!(found(&app, &[("type", "user.suspended")]).await, ["user.suspended"]);
        assert_eq!(found(&app, &[("type", "user.deleted")]).await, [""; 0]);
        assert_eq!(found(&app, &[("actor", &key)]).await, ["user.suspended", "user.created"]);
        assert_eq!(found(&app, &[("actor", &connection)]).await, ["user.created"]);
        assert_eq!(found(&app, &[("actor", id)]).await, [""; 0]);
        assert_eq!(found(&app, &[("target", id)]).await, ["user.suspended", "user.created"]);
        assert_eq!(found(&app, &[("target", id), ("actor", &key), ("type", "user.created")]).await, ["user.created"]);
        assert_eq!(found(&app, &[("target", &by_scim), ("actor", &key)]).await, [""; 0]);
        assert_eq!(found(&app, &[("target", id), ("actor", &key), ("type", "user.suspended"), ("order", "oldest_first")]).await, ["user.suspended"]);

        let at = user["created_at"].as_str().unwrap();
        assert_eq!(found(&app, &[("target", id), ("from", at)]).await, ["user.suspended", "user.created"]);
        assert_eq!(found(&app, &[("target", id), ("to", at)]).await, [""; 0]);
        assert_eq!(found(&app, &[("to", at)]).await.last().unwrap(), "tenant.created");
        assert_eq!(found(&app, &[("from", "2999-01-01T00:00:00Z")]).await, [""; 0]);
        assert_eq!(found(&app, &[("to", "1970-01-01T00:00:00Z")]).await, [""; 0]);
    }

    /// What cannot be meant is refused, with its place.
    async fn filters_that_are_none_are_refused(app: TestApp) {
        for (name, value, status, code) in [
            ("type", "user.eaten", 400, "enum"), ("from", "yesterday", 422, "format"), ("to", "1", 422, "format"),
        ] {
            for path in ["/audit-events", "/audit-events/export"] {
                let refused = app.admin.query(path, &[(name, value)]).await;
                assert_eq!((refused.status, refused.problems()), (status, vec![(&*format!("/{name}"), code)]));
            }
        }
        for (name, value) in [("actor", "x"), ("target", "1"), ("limit", "201"), ("order", "sideways")] {
            assert_eq!(app.admin.query("/audit-events", &[(name, value)]).await.refusal().0, 400, "{name}");
        }
    }

    /// A user's own path; it stays when the user goes.
    async fn a_users_events(app: TestApp) {
        let user = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc" })).await.expect(201);
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        let events = format!("{path}/audit-events");
        assert_eq!(types(&app.admin.get(&events).await.expect(200)), ["user.created"]);
        assert_eq!(app.admin.delete(&path).await.status, 204);
        assert_eq!(types(&app.admin.get(&events).await.expect(200)), ["user.deleted", "user.created"]);
        let list = app.admin.query(&events, &[("type", "user.created"), ("order", "oldest_first")]).await.expect(200);
        assert_eq!(types(&list), ["user.created"]);
        assert_eq!(types(&app.admin.query(&events, &[("type", "user.suspended")]).await.expect(200)), [""; 0]);

        let nobody = format!("/users/{}/audit-events", uuid::Uuid::nil());
        assert_eq!(app.admin.get(&nobody).await.refusal().0, 404);
        let key = app.admin.get("/api-keys").await.expect(200)["api_keys"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(app.admin.get(&format!("/users/{key}/audit-events")).await.refusal().0, 404);
        assert_eq!(app.other_admin("other").await.get(&events).await.refusal().0, 404);
    }

    /// One JSON object a line, each as the list has it.
    async fn the_log_is_exported(app: TestApp) {
        app.client.user("bjensen").await;
        let list = app.admin.query("/audit-events", &[("order", "oldest_first")]).await.expect(200);
        assert_eq!(exported(&app.admin, "").await, events(&list));
        let newest = exported(&app.admin, "?order=newest_first").await;
        assert_eq!(newest, events(&list).iter().rev().cloned().collect::<Vec<_>>());
        assert_eq!(exported(&app.admin, "?type=user.created").await, events(&list)[4..]);
        assert_eq!(exported(&app.admin, "?type=user.deleted").await, [] as [Value; 0]);
    }

    /// More than fits into one page of the export comes whole, and each event once.
    async fn a_long_log_is_exported_whole(app: TestApp) {
        let ids: Vec<_> = (0..2500).map(|_| provost::model::EventId::generate()).collect();
        for ids in ids.chunks(500) {
            let mut changes = provost::model::change::ChangeSet::new(app.tenant.id);
            changes.audit.extend(ids.iter().map(|id| provost::model::AuditEvent {
                id: *id,
                at: id.made_at(),
                kind: provost::model::AuditType::RoleUpdated,
                origin: provost::model::Origin::system(),
                target: provost::model::Target::Token(id.0),
                details: Value::Null,
            }));
            app.provisioning.storage.commit(changes).await.unwrap();
        }
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let exported = exported(&app.admin, "?type=role.updated").await;
        let found: Vec<&str> = exported.iter().map(|event| event["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids);
    }

    /// Each tenant has a log of its own, and only who may read it does.
    async fn nobody_reads_what_is_not_theirs(app: TestApp) {
        let other = app.other_admin("other").await;
        app.client.user("bjensen").await;
        let list = other.get("/audit-events").await.expect(200);
        let tenants: Vec<&Value> = events(&list).iter().map(|event| &event["tenant"]).collect();
        assert!(tenants.iter().all(|tenant| **tenant != json!(app.tenant.id)) && !types(&list).contains(&"user.created"));
        assert_eq!(exported(&other, "?type=user.created").await, [] as [Value; 0]);
        assert_eq!(types(&other.query("/audit-events", &[("actor", &app.connection.id.to_string())]).await.expect(200)), [""; 0]);

        let made = app.admin.post("/api-keys", &json!({ "name": "k", "permissions": ["users.read"] })).await.expect(201);
        let client = Client::new(&app.admin.base_url, made["key"].as_str().unwrap());
        for path in ["/audit-events", "/audit-events/export", &format!("/users/{}/audit-events", uuid::Uuid::nil())] {
            assert_eq!(
                client.get(path).await.refusal(),
                (403, "forbidden", "This needs the permission 'audit.read', which you do not have.")
            );
        }
    }
}

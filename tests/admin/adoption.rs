//! `/v1/adoption-requests`: connections that ask to be let have users whom they did not bring.

use provost::model::change::ChangeSet;
use provost::model::{AdoptionChange, AdoptionRequestId, RecordChange, Timestamp, UserId};
use provost::storage::StorageError;
use serde_json::{Value, json};

use super::ranks::holder;
use crate::support::{Answer, TestApp, on_both, refusal};

/// A user of nobody's, and the connection set to ask.
async fn asking(app: &TestApp) -> String {
    let body = json!({ "on_existing_user": "ask" });
    app.admin.patch(&format!("/connections/{}", app.connection.id), &body).await.expect(200);
    app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc" })).await.created()
}

async fn title(app: &TestApp, user: &str, title: &str) -> Answer {
    let set = json!([{ "op": "replace", "path": "title", "value": title }]);
    app.client.operations(&format!("/Users/{user}"), set).await
}

async fn requests(app: &TestApp, query: &str) -> Vec<Value> {
    let list = app.admin.get(&format!("/adoption-requests{query}")).await.expect(200);
    list["adoption_requests"].as_array().unwrap().clone()
}

/// The audit events about adoption.
async fn told(app: &TestApp) -> Vec<String> {
    app.texts("SELECT kind FROM audit_events WHERE kind LIKE 'adoption.%' ORDER BY id").await
}

fn not_its_own(user: &str, what: &str) -> (u16, String, String) {
    refusal(403, "", &format!("The user '{user}' was not created by the connection 'default'; {what}."))
}

const ASKED: &str = "an administrator was asked to let it have the user";
const DENIED: &str = "an administrator refused to let it have the user";

on_both! {
    /// Asked once; approved, the next request of the connection has the user, and the approval is used up.
    async fn an_approved_request_lets_the_connection_have_the_user(app: TestApp) {
        let user = asking(&app).await;
        for _ in 0..2 {
            assert_eq!(title(&app, &user, "x").await.error(), not_its_own(&user, ASKED));
        }
        assert_eq!(told(&app).await, ["adoption.requested"]);
        let mut asked = requests(&app, "").await;
        assert_eq!(asked.len(), 1);
        let id = asked[0]["id"].as_str().unwrap().to_owned();
        let at = asked[0].as_object_mut().unwrap().shift_remove("requested_at").unwrap();
        assert_eq!(asked[0], json!({
            "id": id,
            "connection": { "id": app.connection.id, "name": "default" },
            "user_id": user,
            "user_name": "ada",
            "state": "pending",
        }));
        let path = format!("/adoption-requests/{id}/approve");
        let approved = app.admin.post(&path, &Value::Null).await.expect(200);
        assert_eq!((&approved["state"], &approved["requested_at"]), (&json!("approved"), &at));
        assert_eq!(app.admin.post(&path, &Value::Null).await.expect(200), approved);
        assert_eq!(requests(&app, "").await, Vec::<Value>::new());
        assert_eq!(requests(&app, "?state=approved").await, [approved]);

        assert_eq!(title(&app, &user, "x").await.expect(200)["title"], "x");
        let read = app.admin.get(&format!("/users/{user}")).await.expect(200);
        assert_eq!((&read["connection_id"], &read["auth_provider"]), (&json!(app.connection.id), &json!("oidc")));
        assert_eq!(requests(&app, "?state=approved").await, Vec::<Value>::new());
        assert_eq!(app.admin.post(&path, &Value::Null).await.refusal().0, 404);
        title(&app, &user, "y").await.expect(200);
        let details = format!(r#"{{"userName":"ada","connection":"{}","request":"{id}"}}"#, app.connection.id);
        let events = app.audit().await;
        assert_eq!(events[events.len() - 4..], [
            format!("adoption.requested {details}"),
            format!("adoption.approved {details}"),
            r#"user.updated {"changed":["title"],"adopted":true}"#.to_owned(),
            r#"user.updated {"changed":["title"]}"#.to_owned(),
        ]);
    }

    /// An approval is for having the user once, whatever the setting is by then.
    async fn an_approval_is_used_once(app: TestApp) {
        let user = asking(&app).await;
        title(&app, &user, "x").await.error();
        let id = requests(&app, "").await[0]["id"].as_str().unwrap().to_owned();
        app.admin.post(&format!("/adoption-requests/{id}/approve"), &Value::Null).await.expect(200);
        let set = async |rule: &str| {
            let path = format!("/connections/{}", app.connection.id);
            app.admin.patch(&path, &json!({ "on_existing_user": rule })).await.expect(200);
        };
        set("adopt").await;
        title(&app, &user, "x").await.expect(200);
        assert_eq!(requests(&app, "?state=approved").await, Vec::<Value>::new());
        // Another one has it then; the first has to ask again.
        let other = app.other_connection("other", false).await;
        let taken = json!([{ "op": "replace", "path": "title", "value": "z" }]);
        other.operations(&format!("/Users/{user}"), taken).await.expect(200);
        set("ask").await;
        assert_eq!(title(&app, &user, "y").await.error(), not_its_own(&user, ASKED));
    }

    /// Denied, the connection is refused and nobody is told again; the decision can be taken back either way.
    async fn a_denied_request_stays_refused(app: TestApp) {
        let user = asking(&app).await;
        title(&app, &user, "x").await.error();
        let id = requests(&app, "").await[0]["id"].as_str().unwrap().to_owned();
        let (approve, deny) = (format!("/adoption-requests/{id}/approve"), format!("/adoption-requests/{id}/deny"));
        assert_eq!(app.admin.post(&deny, &Value::Null).await.expect(200)["state"], "denied");
        assert_eq!(title(&app, &user, "x").await.error(), not_its_own(&user, DENIED));
        assert_eq!(app.client.delete(&format!("/Users/{user}")).await.error(), not_its_own(&user, DENIED));
        assert_eq!((requests(&app, "").await.len(), requests(&app, "?state=denied").await.len()), (0, 1));
        app.admin.post(&approve, &Value::Null).await.expect(200);
        app.admin.post(&deny, &Value::Null).await.expect(200);
        assert_eq!(title(&app, &user, "x").await.error(), not_its_own(&user, DENIED));
        app.admin.post(&approve, &Value::Null).await.expect(200);
        assert_eq!(app.client.delete(&format!("/Users/{user}")).await.status, 204);
        assert_eq!(app.admin.post(&deny, &Value::Null).await.refusal().0, 404);
        assert_eq!(told(&app).await, [
            "adoption.requested", "adoption.denied", "adoption.approved", "adoption.denied", "adoption.approved",
        ]);
    }

    /// Requests that meet ask once, and all are refused.
    async fn requests_that_meet_ask_once(app: TestApp) {
        let user = asking(&app).await;
        let [one, two, three, four] = ["a", "b", "c", "d"].map(|text| title(&app, &user, text));
        let answers: [Answer; 4] = tokio::join!(one, two, three, four).into();
        for answer in answers {
            assert_eq!(answer.error(), not_its_own(&user, ASKED));
        }
        // Another server, which knew of none of them when it read.
        let mut changes = ChangeSet::new(app.tenant.id);
        changes.records.push(RecordChange::Adoption(AdoptionChange::Ask {
            id: AdoptionRequestId::generate(),
            connection_id: app.connection.id,
            user_id: UserId(user.parse().unwrap()),
            at: Timestamp(1),
        }));
        assert_eq!(app.provisioning.storage.commit(changes).await, Err(StorageError::Stale));
        assert_eq!((requests(&app, "").await.len(), told(&app).await), (1, vec!["adoption.requested".to_owned()]));
    }

    /// Each connection asks for itself, and what one was let have another asks for anew. A request goes with its user, and
    /// is of no interest any more once the user became the connection's in another way.
    async fn requests_are_the_connections_own(app: TestApp) {
        let user = asking(&app).await;
        title(&app, &user, "x").await.error();
        let other = app.other_connection("Okta", false).await;
        let set = json!([{ "op": "replace", "path": "title", "value": "o" }]);
        other.operations(&format!("/Users/{user}"), set).await.expect(200);
        assert_eq!(title(&app, &user, "x").await.error(), not_its_own(&user, ASKED));
        assert_eq!(requests(&app, "").await.len(), 1);
        let own = format!("/connections/{}", app.connection.id);
        app.admin.patch(&own, &json!({ "on_existing_user": "adopt" })).await.expect(200);
        title(&app, &user, "x").await.expect(200);
        assert_eq!(requests(&app, "").await, Vec::<Value>::new());
        assert_eq!(app.admin.delete(&format!("/users/{user}")).await.status, 204);
        assert_eq!(app.texts("SELECT state FROM adoption_requests").await, Vec::<String>::new());
    }

    /// Lists have pages.
    async fn requests_come_in_pages(app: TestApp) {
        asking(&app).await;
        for place in 0..3 {
            let body = json!({ "user_name": format!("u{place}"), "auth_provider": "oidc" });
            title(&app, &app.admin.post("/users", &body).await.created(), "x").await.error();
        }
        let mut names = Vec::new();
        let mut query = "?limit=2".to_owned();
        loop {
            let page = app.admin.get(&format!("/adoption-requests{query}")).await.expect(200);
            names.extend(page["adoption_requests"].as_array().unwrap().iter().map(|one| one["user_name"].clone()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit=2&cursor={cursor}");
        }
        assert_eq!(names, ["u0", "u1", "u2"]);
    }

    /// Who administers connections decides, within a tenant, about connections that reach no further than they do, and
    /// where no policy stops it.
    async fn who_decides(app: TestApp) {
        let user = asking(&app).await;
        title(&app, &user, "x").await.error();
        let id = requests(&app, "").await[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/adoption-requests/{id}/approve");
        for (role, read, write) in [("manager", 403, 403), ("read_only", 200, 403), ("user", 403, 403)] {
            let (_, client) = holder(&app, role, &[role]).await;
            let did = (client.get("/adoption-requests").await.status, client.post(&path, &Value::Null).await.status);
            assert_eq!(did, (read, write), "{role}");
        }
        let other = app.other_admin("other").await;
        assert_eq!(other.post(&path, &Value::Null).await.refusal().0, 404);
        assert_eq!(other.get("/adoption-requests").await.expect(200)["adoption_requests"], json!([]));

        let (_, admin) = holder(&app, "admin", &["admin"]).await;
        let own = format!("/connections/{}", app.connection.id);
        app.admin.patch(&own, &json!({ "role_ceiling": "owner" })).await.expect(200);
        assert_eq!(admin.post(&path, &Value::Null).await.refusal().1, "exceeds_permissions");
        app.admin.patch(&own, &json!({ "role_ceiling": "user" })).await.expect(200);

        for action in ["read", "write"] {
            let text = format!(
                "forbid (principal, action == Provost::Action::\"connections.{action}\", resource == Provost::Connection::\"{}\");",
                app.connection.id
            );
            app.admin.post("/policies", &json!({ "name": action, "text": text })).await.expect(201);
        }
        assert_eq!(admin.post(&path, &Value::Null).await.refusal().0, 403);
        assert_eq!(requests(&app, "").await, Vec::<Value>::new());
        assert_eq!(told(&app).await, ["adoption.requested"]);
    }
}

//! A statement that fails in the middle of a write.

use serde_json::json;

use super::ledger::Ledger;
use crate::support::{Backend, on_both};

const FAILED: &str =
    "The server failed to handle this request; its log has the details under the request's id.";

/// Makes every audit event fail, which is written late, after the user and its index rows.
fn refuse_events(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => {
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_events BEGIN SELECT raise(ABORT, 'no events today'); END"
        }
        Backend::Postgres => {
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no events today'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()"
        }
    }
}

fn accept_events(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "DROP TRIGGER refuse",
        Backend::Postgres => "DROP TRIGGER refuse ON audit_events",
    }
}

on_both! {
    /// A write is whole or not at all: without its audit event nothing of it stays, the client learns no internals, and
    /// the next write works.
    async fn a_write_without_its_event_leaves_nothing(app: TestApp) {
        let backend = if app.database_url().starts_with("sqlite:") { Backend::Sqlite } else { Backend::Postgres };
        let user = app.client.user("ada").await;
        let group = app.client.group("all", &[]).await;
        let paths = [format!("/Users/{user}"), format!("/Groups/{group}"), "/Users".to_owned(), "/Groups".to_owned()];
        let mut before = Vec::new();
        for path in &paths {
            before.push(app.client.get(path).await.expect(200));
        }
        let mut ledger = Ledger::open(app.database_url()).await;
        ledger.execute(refuse_events(backend)).await;

        let emails = json!([{ "value": "bob@example.com" }]);
        let bob = json!({ "userName": "bob", "externalId": "b", "emails": emails });
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
        let join = json!({ "op": "add", "path": "members", "value": [{ "value": user }] });
        for answer in [
            app.client.post("/Users", &bob).await,
            app.client.put(&paths[0], &json!({ "userName": "ada", "emails": emails })).await,
            app.client.delete(&paths[0]).await,
            app.client.post("/Groups", &json!({ "displayName": "more", "members": [{ "value": user }] })).await,
            app.client.patch(&paths[1], &json!({ "schemas": schemas, "Operations": [join] })).await,
            app.client.delete(&paths[1]).await,
        ] {
            assert_eq!(answer.error(), (500, String::new(), FAILED.to_owned()));
        }

        ledger.execute(accept_events(backend)).await;
        for (path, before) in paths.iter().zip(before) {
            assert_eq!(app.client.get(path).await.expect(200), before);
        }
        for table in ["attribute_index", "external_ids", "memberships"] {
            assert_eq!(ledger.number(format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        app.client.post("/Users", &bob).await.expect(201);
        app.client.delete(&paths[0]).await.expect(204);
    }
}

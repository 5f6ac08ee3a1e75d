//! A statement that fails in the middle of a write.

use serde_json::{Value, json};

use super::ledger::Ledger;
use crate::auth_http::{PASSWORD, login, post, settings};
use crate::support::{Backend, TestApp, on_both};

const FAILED: &str =
    "The server failed to handle this request; its log has the details under the request's id.";

/// Makes every row of a table fail.
fn refuse(backend: Backend, table: &str) -> String {
    match backend {
        Backend::Sqlite => {
            format!(
                "CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT raise(ABORT, 'nothing today'); END"
            )
        }
        Backend::Postgres => format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'nothing today'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
        ),
    }
}

fn accept(backend: Backend, table: &str) -> String {
    match backend {
        Backend::Sqlite => "DROP TRIGGER refuse".to_owned(),
        Backend::Postgres => format!("DROP TRIGGER refuse ON {table}"),
    }
}

fn backend_of(app: &TestApp) -> Backend {
    if app.database_url().starts_with("sqlite:") { Backend::Sqlite } else { Backend::Postgres }
}

/// How many rows each of the tables has that making, inviting and registering users writes to.
async fn rows(ledger: &mut Ledger) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "users",
        "groups",
        "memberships",
        "audit_events",
        "outbox",
        "invitations",
        "one_time_tokens",
        "password_credentials",
        "sessions",
    ] {
        counts.push(ledger.number(format!("SELECT count(*) FROM {table}")).await);
    }
    counts
}

on_both! {
    /// A write is whole or not at all: without its audit event nothing of it stays, the client learns no internals, and
    /// the next write works.
    async fn a_write_without_its_event_leaves_nothing(app: TestApp) {
        // It is written late, after the user and its index rows.
        let (backend, table) = (backend_of(&app), "audit_events");
        let user = app.client.user("ada").await;
        let group = app.client.group("all", &[]).await;
        let paths = [format!("/Users/{user}"), format!("/Groups/{group}"), "/Users".to_owned(), "/Groups".to_owned()];
        let mut before = Vec::new();
        for path in &paths {
            before.push(app.client.get(path).await.expect(200));
        }
        let mut ledger = Ledger::open(app.database_url()).await;
        ledger.execute(refuse(backend, table)).await;

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

        ledger.execute(accept(backend, table)).await;
        for (path, before) in paths.iter().zip(before) {
            assert_eq!(app.client.get(path).await.expect(200), before);
        }
        for table in ["attribute_index", "external_ids", "memberships"] {
            assert_eq!(ledger.number(format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        app.client.post("/Users", &bob).await.expect(201);
        app.client.delete(&paths[0]).await.expect(204);
    }

    /// Neither does a user, an invitation, a registration or an acceptance whose event, mail, token or session cannot be
    /// written: whichever of them fails, all of it does; and nothing is spent by it.
    async fn what_has_to_leave_is_written_with_its_cause(app: TestApp) {
        let backend = backend_of(&app);
        settings(&app, |settings| {
            settings.self_registration.enabled = true;
            settings.email_verification_required = true;
        })
        .await;
        let hook = json!({ "url": "https://example.com/hook", "event_types": ["user.created", "user.invited"] });
        app.admin.post("/webhooks", &hook).await.expect(201);
        let token = invited(&app, json!({ "email": "lise@example.com" })).await;
        let vouched = invited(&app, json!({ "email": "emmy@example.com", "email_verified": true })).await;
        let made = json!({ "user_name": "program", "service_account": true });
        let registered = json!({ "user_name": "grace", "email": "grace@example.com", "password": PASSWORD });
        let invitation = json!({ "action": "invite", "email": "ada@example.com" });
        let mut ledger = Ledger::open(app.database_url()).await;
        let before = rows(&mut ledger).await;

        for table in ["outbox", "audit_events", "one_time_tokens", "sessions", "invitations"] {
            ledger.execute(refuse(backend, table)).await;
            let mut failed = Vec::new();
            if ["outbox", "audit_events"].contains(&table) {
                failed.push(app.admin.post("/users", &made).await);
            }
            if ["outbox", "audit_events", "invitations"].contains(&table) {
                failed.push(app.admin.post("/users", &invitation).await);
            }
            if ["outbox", "audit_events", "one_time_tokens"].contains(&table) {
                failed.push(app.admin.post("/users", &registered).await);
                failed.push(post(&app, "/auth/register", registered.clone()).await);
                failed.push(post(&app, "/auth/invitations/accept", acceptance(&token)).await);
            }
            if ["outbox", "audit_events", "sessions"].contains(&table) {
                failed.push(post(&app, "/auth/invitations/accept", acceptance(&vouched)).await);
            }
            for answer in failed {
                assert_eq!(answer.refusal(), (500, "internal_error", FAILED), "{table}");
            }
            assert_eq!(rows(&mut ledger).await, before, "{table}");
            ledger.execute(accept(backend, table)).await;
        }

        app.admin.post("/users", &made).await.expect(201);
        app.admin.post("/users", &invitation).await.expect(201);
        post(&app, "/auth/register", registered).await.expect(202);
        let joined = post(&app, "/auth/invitations/accept", acceptance(&token)).await.expect(200);
        assert_eq!(joined["next"], "email_verification_required");
        let joined = post(&app, "/auth/invitations/accept", acceptance(&vouched)).await.expect(200);
        assert!(joined["access_token"].is_string());
        login(&app, "emmy@example.com", PASSWORD).await.expect(200);
    }
}

fn acceptance(token: &str) -> Value {
    json!({ "token": token, "password": PASSWORD })
}

/// The token of the link that is shown.
async fn invited(app: &TestApp, body: Value) -> String {
    let made = app.admin.post("/users", &body).await.expect(201);
    let link = made["invitation"]["link"].as_str().expect("the link is shown").to_owned();
    link.rsplit_once("token=").expect("a link with a token").1.to_owned()
}

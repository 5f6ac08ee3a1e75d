//! A tenant with one of everything, and people who act in it.

use serde_json::{Value, json};

use crate::auth_http::{PASSWORD, signed_in, user};
use crate::support::{Client, TestApp};

pub const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";

/// People are ids with clients of theirs, signed in; everything else is an id.
pub struct World {
    /// Has the role `owner`.
    pub owner: (String, Client),
    /// Has the role `user`, and owns an organization.
    pub plain: (String, Client),
    pub plain_session: String,
    pub plain_key: String,
    pub organization: String,
    /// Has the role `user`, and what a policy gives.
    pub stranger: (String, Client),
    /// Whom the others read and change, and whom they delete.
    pub ada: String,
    pub session: String,
    pub doomed: String,
    pub deleted: [String; 2],
    pub invitations: [String; 3],
    pub group: String,
    pub tree: String,
    pub role: String,
    pub policy: String,
    pub key: String,
    pub tenant: String,
    /// A service account, and a client of it.
    pub program: String,
    pub client: String,
    /// One of Ada's that waits for its first code, and its secret.
    pub factor: (String, String),
}

async fn made(client: &Client, path: &str, body: Value) -> String {
    client.post(path, &body).await.created()
}

async fn federated(app: &TestApp, name: &str) -> String {
    made(&app.admin, "/users", json!({ "user_name": name, "auth_provider": "oidc" })).await
}

async fn deleted(app: &TestApp, name: &str) -> String {
    let id = federated(app, name).await;
    app.admin.delete(&format!("/users/{id}")).await.expect(204);
    id
}

pub async fn invited(client: &Client, email: &str) -> String {
    let made = client.post("/users", &json!({ "email": email })).await.expect(201);
    made["invitation"]["id"].as_str().expect("an invitation").to_owned()
}

/// A user of this name with a client, and the id of its session.
pub async fn person(app: &TestApp, name: &str, more: Value) -> ((String, Client), String) {
    let id = user(app, name, more).await;
    let client = signed_in(app, name, PASSWORD).await;
    let sessions = app.admin.get(&format!("/users/{id}/sessions")).await.expect(200);
    let session = sessions["sessions"][0]["id"].as_str().expect("a session").to_owned();
    ((id, client), session)
}

async fn attributes(admin: &Client, holder: &str) {
    for name in ["cost_center", "badge"] {
        admin.post("/attributes", &json!({ "name": name, "type": "string" })).await.expect(201);
    }
    admin.patch(&format!("/users/{holder}"), &json!({ "custom": { "badge": "7" } })).await.expect(200);
    admin.delete("/attributes/badge?confirm=true").await.expect(204);
}

impl World {
    pub async fn new(app: &TestApp) -> Self {
        let admin = &app.admin;
        let (owner, _) = person(app, "olga", json!({ "roles": ["owner"] })).await;
        let (plain, plain_session) = person(app, "paul", json!({ "avatar": PICTURE })).await;
        let (stranger, _) = person(app, "sam", json!({})).await;
        let ((ada, _), session) = person(app, "ada", json!({ "avatar": PICTURE })).await;
        attributes(admin, &plain.0).await;
        let members = json!([{ "id": plain.0, "role": "owner" }, { "id": ada, "role": "evaluator" }]);
        let organization = json!({ "name": "Acme", "kind": "organization", "members": members });
        let key = |user: Value| json!({ "name": "job", "user_id": user, "permissions": ["self.read"] });
        made(admin, "/roles", json!({ "name": "Bench", "permissions": ["self.read"] })).await;
        let program = json!({ "user_name": "program", "action": "create", "service_account": true });
        let program = made(admin, "/users", program).await;
        let job = json!({ "name": "job", "scopes": ["scim.read"] });
        let client = made(admin, &format!("/users/{program}/clients"), job).await;
        let begun = admin.post(&format!("/users/{ada}/mfa-factors"), &json!({})).await.expect(201);
        let factor = (begun["id"].as_str().expect("an id"), begun["secret"].as_str().expect("a secret"));
        let idle = "forbid (principal, action == Provost::Action::\"webhooks.read\", resource);";
        Self {
            organization: made(admin, "/groups", organization).await,
            plain_key: made(admin, "/api-keys", key(json!(plain.0))).await,
            doomed: federated(app, "doomed").await,
            deleted: [deleted(app, "gone").await, deleted(app, "lost").await],
            invitations: [
                invited(admin, "one@example.com").await,
                invited(admin, "two@example.com").await,
                invited(admin, "three@example.com").await,
            ],
            group: made(admin, "/groups", json!({ "name": "staff", "members": [{ "id": plain.0 }] })).await,
            tree: made(admin, "/groups", json!({ "name": "trees", "kind": "resource_group" })).await,
            role: made(admin, "/roles", json!({ "name": "Desk", "permissions": ["self.read"] })).await,
            policy: made(admin, "/policies", json!({ "name": "idle", "text": idle })).await,
            key: made(admin, "/api-keys", json!({ "name": "nightly", "permissions": ["self.read"] })).await,
            tenant: app.tenant.id.to_string(),
            program,
            client,
            factor: (factor.0.to_owned(), factor.1.to_owned()),
            owner,
            plain,
            plain_session,
            stranger,
            ada,
            session,
        }
    }
}

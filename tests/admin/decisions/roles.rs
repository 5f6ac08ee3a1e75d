//! Each built-in role at every operation: refused, or not, by the words of the role.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::ranks::holder;
use super::operations::operations;
use super::world::World;
use crate::support::{Client, TestApp, on_both};

/// The weakest first: what one may do is then still there to be refused to the next.
const ROLES: [&str; 5] = ["user", "read_only", "manager", "admin", "owner"];

/// The roles that may do this.
fn may(action: &str) -> &'static [&'static str] {
    match action {
        "self.read" | "self.update" => &ROLES,
        "users.read" | "groups.read" | "roles.read" | "attributes.read" | "tenant.read" | "stats.read" => {
            &["read_only", "manager", "admin", "owner"]
        }
        "policies.read" | "api_keys.read" | "connections.read" | "audit.read" | "webhooks.read" => {
            &["read_only", "admin", "owner"]
        }
        "users.create" | "users.invite" | "users.update" | "users.delete" | "groups.write"
        | "roles.assign" => &["manager", "admin", "owner"],
        "roles.write" | "policies.write" | "attributes.write" | "api_keys.write" | "connections.write"
        | "webhooks.write" | "tenant.update" => &["admin", "owner"],
        "owners.write" => &["owner"],
        "instance" => &[],
        action => panic!("{action} is in no role"),
    }
}

/// An operation that is not in the table of those that policies decide, and the action that it asks for.
struct Other {
    action: &'static str,
    /// The method and the path, as the OpenAPI document has them.
    route: &'static str,
    path: String,
    body: Value,
}

impl Other {
    fn new(action: &'static str, route: &'static str, holes: &[(&str, &str)], body: Value) -> Self {
        let (_, pattern) = route.split_once(' ').expect("a method and a path");
        let path = holes.iter().fold(pattern.to_owned(), |path, (hole, value)| path.replace(hole, value));
        Self { action, route, path, body }
    }

    async fn status(&self, client: &Client) -> u16 {
        let (method, _) = self.route.split_once(' ').expect("a method and a path");
        let method: Method = method.parse().expect("a method");
        let mut request = client.request(method, &self.path);
        if !self.body.is_null() {
            request = request.header("content-type", "application/json").body(self.body.to_string());
        }
        request.send().await.expect("the server answers").status().as_u16()
    }
}

/// What connections, webhooks and tenants are about, and what everybody may.
async fn others(app: &TestApp, world: &World) -> Vec<Other> {
    let url = "https://hooks.example.com/provost";
    let webhook = app.admin.post("/webhooks", &json!({ "url": url, "enabled": false })).await.created();
    let connection = app.connection.id.to_string();
    let tokens = format!("/connections/{connection}/tokens");
    let token = app.admin.post(&tokens, &json!({ "name": "ci", "scopes": ["read"] })).await.created();
    let nothing = provost::model::random::uuid_v7().to_string();
    let empty = json!({});
    let founded = json!({ "slug": "other", "name": "Other", "owner": { "user_name": "olga" } });
    let hooks = |route, body| {
        Other::new("webhooks.write", route, &[("{id}", &*webhook), ("{delivery}", &*nothing)], body)
    };
    let links = |route, body| {
        let holes = [("{id}", &*connection), ("{token}", &*token), ("{client}", &*nothing)];
        Other::new("connections.write", route, &holes, body)
    };
    let asked = |route| Other::new("connections.write", route, &[("{id}", &*nothing)], empty.clone());
    let tenants = |route, body| Other::new("instance", route, &[("{id}", &*world.tenant)], body);
    vec![
        hooks("POST /webhooks", json!({ "url": url, "enabled": false })),
        hooks("PATCH /webhooks/{id}", json!({ "enabled": false })),
        hooks("POST /webhooks/{id}/rotate", empty.clone()),
        hooks("POST /webhooks/{id}/deliveries/{delivery}/resend", empty.clone()),
        hooks("DELETE /webhooks/{id}", Value::Null),
        links("POST /connections", json!({ "name": "okta" })),
        links("PATCH /connections/{id}", json!({ "strict": false })),
        links("POST /connections/{id}/tokens", json!({ "name": "more" })),
        links("DELETE /connections/{id}/tokens/{token}", Value::Null),
        links("POST /connections/{id}/clients", json!({ "name": "robot" })),
        links("DELETE /connections/{id}/clients/{client}", Value::Null),
        asked("POST /adoption-requests/{id}/approve"),
        asked("POST /adoption-requests/{id}/deny"),
        tenants("POST /tenants", founded),
        tenants("POST /tenants/{id}/suspend", empty.clone()),
        tenants("POST /tenants/{id}/unsuspend", empty.clone()),
        tenants("DELETE /tenants/{id}", Value::Null),
        Other::new("self.read", "POST /password-policy/check", &[], json!({ "password": "x" })),
    ]
}

/// What a role that may do something is not told: that it may not, or that it asked wrongly.
fn is_let_in(status: u16) -> bool {
    status < 500 && ![400, 401, 403, 405, 415].contains(&status)
}

on_both! {
    /// A role does what its permissions say, and is refused everything else: at every operation that changes something,
    /// and at those that read.
    async fn each_role_at_every_operation(app: TestApp) {
        let world = World::new(&app).await;
        let others = others(&app, &world).await;
        let operations: Vec<_> = operations(&world).into_iter().filter(|operation| operation.is_of_the_tenant()).collect();
        let document: Value = serde_json::from_str(&provost::http::admin::document("https://example.com")).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let Some(pattern) = path.strip_prefix("/v1") else { continue };
            for method in methods.as_object().unwrap().keys().filter(|method| *method != "get") {
                let is_other = |other: &Other| other.route == format!("{} {pattern}", method.to_uppercase());
                let listed = operations.iter().any(|operation| operation.route() == format!("{path} {method}"));
                assert!(listed || others.iter().any(is_other), "{method} {path} is tried with no role");
            }
        }
        let mut clients = Vec::new();
        for role in ROLES {
            clients.push((role, holder(&app, &format!("a {role}"), &[role]).await.1));
        }
        for other in &others {
            for (role, client) in &clients {
                let status = other.status(client).await;
                let allowed = may(other.action).contains(role);
                assert!(if allowed { is_let_in(status) } else { status == 403 }, "{role}: {status} {}", other.route);
            }
        }
        // Last, for among them is a policy that forbids what concerns webhooks.
        for operation in &operations {
            for (role, client) in &clients {
                let allowed = [&[operation.action][..], operation.needs].concat().iter().all(|action| may(action).contains(role));
                let status = operation.run_by(&world, client).await.status;
                assert!(if allowed { is_let_in(status) } else { status == 403 }, "{role}: {status} {operation:?}");
            }
        }
    }
}

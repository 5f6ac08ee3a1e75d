//! Every operation of the admin API that policies decide, by the action that it asks for.

use provost::model::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use super::world::World;
use crate::support::{Client, totp};

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody whose role holds every permission.
    Owner,
    /// Somebody whose role holds those to oneself: what is done to oneself, and inside one's organization.
    Oneself,
}

#[derive(Debug)]
pub struct Operation {
    pub action: &'static str,
    pub who: Who,
    method: Method,
    /// As the OpenAPI document has it.
    pattern: &'static str,
    /// What stands for `{id}`.
    id: String,
    body: Value,
    /// The other actions that have to be allowed.
    pub needs: &'static [&'static str],
    /// Whether a policy can give it to somebody whose roles do not.
    pub permits: bool,
}

/// What comes back. Unlike an answer of the tests of the API it may be a picture, or lines.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub notice: Option<String>,
    pub body: Value,
}

impl Reply {
    /// Status, code and notices of a refusal.
    pub fn refusal(&self) -> (u16, &Value, &Value) {
        (self.status, &self.body["code"], &self.body["notices"])
    }
}

impl Operation {
    /// The path and the method, as the OpenAPI document has them.
    pub fn route(&self) -> String {
        let root = if self.pattern.starts_with("/auth") { "" } else { "/v1" };
        format!("{root}{} {}", self.pattern, self.method.as_str().to_lowercase())
    }

    /// What comes of it where it is done by whom it is meant for.
    pub async fn run(&self, world: &World) -> Reply {
        let (_, client) = if self.who == Who::Owner { &world.owner } else { &world.plain };
        self.run_by(world, client).await
    }

    pub async fn run_by(&self, world: &World, client: &Client) -> Reply {
        let session = if self.who == Who::Owner { &world.session } else { &world.plain_session };
        let name = if self.pattern.ends_with("/restore") { "badge" } else { "cost_center" };
        let filled = [
            ("{id}", &*self.id),
            ("{session_id}", session),
            ("{member}", &world.ada),
            ("{name}", name),
            ("{client}", &world.client),
            ("{factor_id}", &world.factor.0),
        ];
        let path =
            filled.iter().fold(self.pattern.to_owned(), |path, (hole, value)| path.replace(hole, value));
        let client = match self.pattern.starts_with("/auth") {
            true => client.at(client.base_url.trim_end_matches("/v1")),
            false => client.clone(),
        };
        let mut request = client.request(self.method.clone(), &path);
        if !self.body.is_null() {
            request = request.header("content-type", "application/json").body(self.body.to_string());
        }
        let answer = request.send().await.expect("the server answers");
        let notice = answer.headers().get("provost-notice").map(|text| text.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("the answer is whole");
        Reply { status, notice, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// Whether it is about what is the tenant's, rather than about oneself.
    pub fn is_of_the_tenant(&self) -> bool {
        self.who == Who::Owner
    }

    fn needing(self, needs: &'static [&'static str]) -> Self {
        Self { needs, ..self }
    }

    /// What no policy gives.
    fn never_given(self) -> Self {
        Self { permits: false, ..self }
    }
}

/// `method pattern`, about the thing with this id.
fn op(action: &'static str, route: &'static str, id: &str, body: Value) -> Operation {
    let (method, pattern) = route.split_once(' ').expect("a method and a path");
    Operation {
        action,
        who: Who::Owner,
        method: method.parse().expect("a method"),
        pattern,
        id: id.to_owned(),
        body,
        needs: &[],
        permits: true,
    }
}

fn own(action: &'static str, route: &'static str, id: &str, body: Value) -> Operation {
    Operation { who: Who::Oneself, permits: false, ..op(action, route, id, body) }
}

/// All of them, in an order in which one leaves what the next one needs.
pub fn operations(world: &World) -> Vec<Operation> {
    [
        oneself(world),
        inside(world),
        reading_people(world),
        people(world),
        groups(world),
        rights(world),
        rest(world),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn oneself(world: &World) -> Vec<Operation> {
    let (me, key, none) = (&*world.plain.0, &*world.plain_key, Value::Null);
    let new_key = json!({ "name": "mine", "user_id": me, "permissions": ["self.read"] });
    vec![
        own("self.read", "GET /users/{id}", me, none.clone()),
        own("self.read", "GET /users/{id}/avatar", me, none.clone()),
        own("self.read", "GET /users/{id}/groups", me, none.clone()),
        own("self.read", "GET /users/{id}/identities", me, none.clone()),
        own("self.read", "GET /users/{id}/roles", me, none.clone()),
        own("self.read", "GET /users/{id}/sessions", me, none.clone()),
        own("self.read", "GET /api-keys/{id}", key, none.clone()),
        own("self.read", "GET /auth/userinfo", "", none.clone()),
        own("self.read", "GET /users/{id}/mfa-factors", me, none.clone()),
        own("self.read", "GET /auth/mfa", "", none.clone()),
        own("self.read", "POST /password-policy/check", "", json!({ "password": "x" })),
        own("self.update", "PATCH /users/{id}", me, json!({ "display_name": "Paul" })),
        own("self.update", "DELETE /users/{id}/sessions/{session_id}", me, none.clone()),
        own("self.update", "DELETE /users/{id}/sessions", me, none.clone()),
        own("self.update", "POST /auth/mfa", "", json!({})),
        own("self.update", "POST /auth/mfa/{factor_id}/confirm", "", json!({ "code": "123456" })),
        own("self.update", "POST /auth/mfa/{factor_id}/remove", "", json!({})),
        own("self.update", "POST /auth/mfa/recovery-codes", "", json!({})),
        own("self.update", "POST /auth/mfa/remove", "", json!({})),
        own("self.update", "POST /api-keys", "", new_key),
        own("self.update", "POST /api-keys/{id}/rotate", key, json!({})),
        own("self.update", "DELETE /api-keys/{id}", key, none),
    ]
}

/// What a role inside an organization gives.
fn inside(world: &World) -> Vec<Operation> {
    let (id, ada, none) = (&*world.organization, &*world.ada, Value::Null);
    let mut all = Vec::new();
    for action in ["self.read", "groups.read"] {
        all.push(own(action, "GET /groups/{id}", id, none.clone()));
        all.push(own(action, "GET /groups/{id}/members", id, none.clone()));
    }
    for action in ["self.update", "groups.write"] {
        all.push(own(action, "PATCH /groups/{id}", id, json!({ "name": "Acme Inc." })));
        all.push(own(
            action,
            "POST /groups/{id}/members",
            id,
            json!({ "members": [{ "id": world.doomed }] }),
        ));
        all.push(own(action, "POST /groups/{id}/members/remove", id, json!({ "members": [ada] })));
        all.push(own(action, "PUT /groups/{id}/members/{member}", id, json!({ "role": "manager" })));
        all.push(own(action, "DELETE /groups/{id}", id, none.clone()));
    }
    all
}

fn reading_people(world: &World) -> Vec<Operation> {
    let (ada, none) = (&*world.ada, Value::Null);
    let read = |route, id: &str| op("users.read", route, id, none.clone());
    let audit = |route, id: &str| op("audit.read", route, id, none.clone());
    vec![
        read("GET /users", ""),
        read("GET /users/{id}", ada),
        read("GET /users/{id}/avatar", ada),
        read("GET /users/{id}/groups", ada),
        read("GET /users/{id}/identities", ada),
        read("GET /users/{id}/roles", ada),
        read("GET /users/{id}/sessions", ada),
        read("GET /users/{id}/mfa-factors", ada),
        read("GET /invitations", ""),
        read("GET /invitations/{id}", &world.invitations[0]),
        read("GET /deleted-users", ""),
        read("GET /deleted-users/{id}", &world.deleted[0]),
        audit("GET /audit-events", ""),
        audit("GET /audit-events/export", ""),
        audit("GET /users/{id}/audit-events", ada),
    ]
}

fn people(world: &World) -> Vec<Operation> {
    let (ada, none) = (&*world.ada, Value::Null);
    let new = |name: &str| json!({ "user_name": name, "auth_provider": "oidc" });
    let invite = |route, id: &str, body| op("users.invite", route, id, body);
    let again = json!({ "email": "three@example.com", "resend": true });
    let update = |route, body| op("users.update", route, ada, body);
    let code = totp::code(&world.factor.1, Clock::system().now().0);
    let delete = |route, id: &str| op("users.delete", route, id, none.clone());
    vec![
        op("users.create", "POST /users", "", new("bob")),
        invite("POST /users", "", json!({ "email": "four@example.com" })),
        invite("POST /users", "", again),
        invite("POST /invitations/{id}/resend", &world.invitations[0], json!({})),
        invite("POST /invitations/{id}/revoke", &world.invitations[0], json!({})),
        invite("DELETE /invitations/{id}", &world.invitations[1], none.clone()),
        update("PATCH /users/{id}", json!({ "display_name": "Ada" })).needing(&["users.read"]),
        update("PUT /users/{id}", json!({ "user_name": "ada" })).needing(&["users.read"]),
        update("PUT /users/{id}/roles", json!({ "roles": ["user"] })),
        update("DELETE /users/{id}/sessions/{session_id}", none.clone()),
        update("DELETE /users/{id}/sessions", none.clone()),
        update("POST /users/{id}/mfa-factors/{factor_id}/confirm", json!({ "code": code })),
        update("POST /users/{id}/mfa-factors/recovery-codes", none.clone()),
        update("DELETE /users/{id}/mfa-factors/{factor_id}", none.clone()),
        update("POST /users/{id}/mfa-factors", json!({})),
        update("DELETE /users/{id}/mfa-factors", none.clone()),
        update("POST /users/{id}/deactivate", json!({})),
        update("POST /users/{id}/reactivate", json!({})),
        update("POST /users/{id}/suspend", json!({})),
        update("POST /users/{id}/unsuspend", json!({})),
        update("POST /users/{id}/unlock", json!({})),
        delete("DELETE /users/{id}", &world.doomed),
        delete("POST /deleted-users/{id}/restore", &world.deleted[0]),
        delete("DELETE /deleted-users/{id}", &world.deleted[1]),
    ]
}

fn groups(world: &World) -> Vec<Operation> {
    let (staff, none) = (&*world.group, Value::Null);
    let read = |route, id: &str| op("groups.read", route, id, none.clone());
    let write = |route, id: &str, body| op("groups.write", route, id, body);
    let member = json!({ "members": [{ "id": world.ada }] });
    let below = json!({ "name": "oaks", "kind": "resource_group", "parent_id": world.tree });
    vec![
        read("GET /groups", ""),
        read("GET /groups/{id}", staff),
        read("GET /groups/{id}/members", staff),
        write("POST /groups", "", json!({ "name": "guests" })),
        write("POST /groups", "", below),
        write("PATCH /groups/{id}", staff, json!({ "name": "people" })).needing(&["groups.read"]),
        write("POST /groups/{id}/members", staff, member),
        write("POST /groups/{id}/members/remove", staff, json!({ "members": [world.ada] })),
        write("PUT /groups/{id}/members/{member}", &world.organization, json!({ "role": "manager" })),
        write("PATCH /users/{id}", &world.ada, json!({ "groups": [staff] }))
            .needing(&["users.read", "users.update"]),
        write("DELETE /groups/{id}", staff, none.clone()),
    ]
}

fn rights(world: &World) -> Vec<Operation> {
    let none = Value::Null;
    let (with_bench, with_owner) = (json!({ "roles": ["user", "bench"] }), json!({ "roles": ["owner"] }));
    let of_group = |role: &str| json!({ "name": format!("of {role}"), "roles": [role] });
    let default = json!({ "settings": { "default_roles": ["user", "bench"] } });
    let new_role = json!({ "name": "Front", "permissions": ["self.read"] });
    let text = "forbid (principal, action == Provost::Action::\"webhooks.write\", resource);";
    let about = json!({ "action": "users.read", "resource": { "kind": "tenant" } });
    let new_key = json!({ "name": "weekly", "permissions": ["self.read"] });
    let new_client = json!({ "name": "weekly", "scopes": ["scim.read"] });
    let keys = |route, body| op("api_keys.write", route, &world.key, body);
    vec![
        op("roles.read", "GET /roles", "", none.clone()),
        op("roles.read", "GET /roles/{id}", &world.role, none.clone()),
        op("roles.write", "POST /roles", "", new_role),
        op("roles.write", "PATCH /roles/{id}", &world.role, json!({ "description": "Up front." })),
        op("roles.write", "DELETE /roles/{id}", &world.role, none.clone()),
        op("roles.assign", "PUT /users/{id}/roles", &world.ada, with_bench).needing(&["users.update"]),
        op("roles.assign", "POST /groups", "", of_group("bench")).needing(&["groups.write"]),
        op("roles.assign", "PATCH /groups/{id}", &world.tree, json!({ "roles": ["bench"] }))
            .needing(&["groups.read", "groups.write"]),
        op("roles.assign", "PATCH /tenants/{id}", &world.tenant, default).needing(&["tenant.update"]),
        op("owners.write", "PUT /users/{id}/roles", &world.ada, with_owner.clone()).never_given(),
        op("owners.write", "PATCH /groups/{id}", &world.tree, with_owner).never_given(),
        op("owners.write", "POST /groups", "", of_group("owner")).never_given(),
        op("policies.read", "GET /policies", "", none.clone()),
        op("policies.read", "GET /policies/{id}", &world.policy, none.clone()),
        op("policies.read", "POST /policies/evaluate", "", about),
        op("policies.write", "POST /policies", "", json!({ "name": "idle too", "text": text })),
        op("policies.write", "PATCH /policies/{id}", &world.policy, json!({ "enabled": false })),
        op("policies.write", "DELETE /policies/{id}", &world.policy, none.clone()),
        op("api_keys.read", "GET /api-keys", "", none.clone()),
        op("api_keys.read", "GET /api-keys/{id}", &world.key, none.clone()),
        op("api_keys.write", "POST /api-keys", "", new_key),
        keys("POST /api-keys/{id}/rotate", json!({})).needing(&["api_keys.read"]),
        keys("DELETE /api-keys/{id}", none.clone()).needing(&["api_keys.read"]),
        op("api_keys.read", "GET /users/{id}/clients", &world.program, none.clone()),
        op("api_keys.write", "POST /users/{id}/clients", &world.program, new_client).never_given(),
        op("api_keys.write", "DELETE /users/{id}/clients/{client}", &world.program, none),
    ]
}

fn rest(world: &World) -> Vec<Operation> {
    let none = Value::Null;
    let attribute = |action, route, body| op(action, route, "", body);
    let (read, write) = ("attributes.read", "attributes.write");
    let described = json!({ "description": "Who pays." });
    let minimal = json!({ "preset": "minimal" });
    vec![
        attribute(read, "GET /attributes", none.clone()),
        attribute(read, "GET /attributes/{name}", none.clone()),
        attribute(write, "POST /attributes", json!({ "name": "desk", "type": "string" })),
        attribute(write, "PATCH /attributes/{name}", described).needing(&["attributes.read"]),
        attribute(write, "POST /attributes/{name}/restore", json!({})),
        attribute(write, "DELETE /attributes/{name}", none.clone()),
        op("tenant.read", "GET /tenants/{id}", &world.tenant, none.clone()),
        op("tenant.read", "GET /password-policy", "", none.clone()),
        op("tenant.update", "PATCH /tenants/{id}", &world.tenant, json!({ "name": "Acme Inc." })),
        op("tenant.update", "PUT /password-policy", "", minimal),
        op("stats.read", "GET /stats", "", none),
    ]
}

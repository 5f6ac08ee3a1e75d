//! Every operation of the OpenAPI document, and how it keeps tenants apart. A new one has to be written down here.

use reqwest::Method;
use serde_json::{Value, json};

use super::tenancy::{PASSWORD, Things, code_of, next_code_of};

/// How an operation keeps tenants apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// What its path names is not there for another tenant: 404.
    Missing,
    /// The same, and the tenant's own is for the operator alone: 403.
    Operator,
    /// It names no id in its path, and lists, reads or changes only what is the caller's own tenant's.
    Own,
    /// The same, and it takes the access token of somebody who signed in.
    SignedIn,
    /// Needs no credential, or the one that is in it.
    Public,
}

/// An operation of the document.
pub struct Operation {
    /// As the document has it: `GET /v1/users/{id}`.
    pub route: &'static str,
    pub apart: Apart,
    /// The things whose ids its path can have, in the path's order.
    pub things: &'static [&'static [&'static str]],
    body: Option<fn(&Things) -> Value>,
}

impl Operation {
    pub fn method(&self) -> Method {
        let method = self.route.split(' ').next().expect("a route begins with its method");
        method.parse().expect("a method")
    }

    /// Whether only somebody who has signed in is heard.
    pub fn is_for_people(&self) -> bool {
        self.route.contains(" /auth/")
    }

    /// Its path with these ids.
    pub fn path(&self, ids: &[&str]) -> String {
        let path = self.route.rsplit(' ').next().expect("a route ends with its path");
        let mut ids = ids.iter();
        let step = |step: &str| match step.starts_with('{') {
            true => ids.next().expect("an id for each parameter").to_string(),
            false => step.to_owned(),
        };
        path.split('/').map(step).collect::<Vec<_>>().join("/")
    }

    /// A body that is right for it, of somebody whose tenant has these things.
    pub fn body(&self, own: &Things) -> Option<Value> {
        self.body.map(|body| body(own))
    }

    fn with(self, body: fn(&Things) -> Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

fn missing(route: &'static str, things: &'static [&'static [&'static str]]) -> Operation {
    Operation { route, apart: Apart::Missing, things, body: None }
}

fn operator(route: &'static str, things: &'static [&'static [&'static str]]) -> Operation {
    Operation { route, apart: Apart::Operator, things, body: None }
}

fn own(route: &'static str) -> Operation {
    Operation { route, apart: Apart::Own, things: &[], body: None }
}

fn signed_in(route: &'static str) -> Operation {
    Operation { route, apart: Apart::SignedIn, things: &[], body: None }
}

fn public(route: &'static str) -> Operation {
    Operation { route, apart: Apart::Public, things: &[], body: None }
}

const USER: &[&[&str]] = &[&["user"]];
const FACTOR: &[&[&str]] = &[&["user", "factor"]];
const GROUPS: &[&[&str]] = &[&["group"], &["organization"], &["resource group"]];

/// All of them, in such an order that a tenant can do them one after the other with things of its own: what takes
/// something away comes after what needs it.
pub fn operations() -> Vec<Operation> {
    let parts = [people(), groups(), rights(), doors(), records(), tenants(), authentication(), ends()];
    parts.into_iter().flatten().collect()
}

fn people() -> Vec<Operation> {
    vec![
        own("POST /v1/users").with(|own| json!({ "user_name": format!("{}.new", own.mark), "action": "create", "auth_provider": "oidc" })),
        own("GET /v1/users"),
        missing("GET /v1/users/{id}", USER),
        missing("GET /v1/users/{id}/avatar", USER),
        missing("GET /v1/users/{id}/groups", USER),
        missing("GET /v1/users/{id}/identities", USER),
        missing("GET /v1/users/{id}/roles", USER),
        missing("GET /v1/users/{id}/sessions", USER),
        missing("GET /v1/users/{id}/audit-events", USER),
        missing("GET /v1/users/{id}/mfa-factors", USER),
        missing("POST /v1/users/{id}/mfa-factors/{factor_id}/confirm", FACTOR)
            .with(|own| json!({ "code": code_of(own, "factor secret") })),
        missing("POST /v1/users/{id}/mfa-factors/recovery-codes", USER),
        missing("DELETE /v1/users/{id}/mfa-factors/{factor_id}", FACTOR),
        missing("POST /v1/users/{id}/mfa-factors", USER).with(|_| json!({ "name": "taken over" })),
        missing("DELETE /v1/users/{id}/mfa-factors", USER),
        missing("PATCH /v1/users/{id}", USER).with(|_| json!({ "display_name": "taken over" })),
        missing("PUT /v1/users/{id}", USER).with(|_| json!({ "user_name": "taken.over" })),
        missing("PUT /v1/users/{id}/roles", USER).with(|_| json!({ "roles": ["manager"] })),
        missing("POST /v1/users/{id}/deactivate", USER),
        missing("POST /v1/users/{id}/reactivate", USER),
        missing("POST /v1/users/{id}/suspend", USER),
        missing("POST /v1/users/{id}/unsuspend", USER),
        missing("POST /v1/users/{id}/unlock", USER),
        missing("DELETE /v1/users/{id}/sessions/{session_id}", &[&["user", "session"]]),
        missing("DELETE /v1/users/{id}/sessions", USER),
        own("GET /v1/deleted-users"),
        missing("GET /v1/deleted-users/{id}", &[&["deleted user"]]),
        missing("POST /v1/deleted-users/{id}/restore", &[&["deleted user"]]),
        missing("DELETE /v1/deleted-users/{id}", &[&["purged user"]]),
        own("GET /v1/invitations"),
        missing("GET /v1/invitations/{id}", &[&["invitation"], &["revoked invitation"]]),
        missing("POST /v1/invitations/{id}/resend", &[&["invitation"]]),
        missing("POST /v1/invitations/{id}/revoke", &[&["revoked invitation"]]),
        missing("DELETE /v1/invitations/{id}", &[&["invitation"]]),
    ]
}

fn groups() -> Vec<Operation> {
    vec![
        own("POST /v1/groups").with(|own| json!({ "name": format!("{} new", own.mark) })),
        own("GET /v1/groups"),
        missing("GET /v1/groups/{id}", GROUPS),
        missing("GET /v1/groups/{id}/members", GROUPS),
        missing("PATCH /v1/groups/{id}", GROUPS).with(|_| json!({ "name": "taken over" })),
        missing("POST /v1/groups/{id}/members", GROUPS)
            .with(|own| json!({ "members": [{ "id": own.id("user") }] })),
        missing("PUT /v1/groups/{id}/members/{member}", &[&["organization", "user"]])
            .with(|_| json!({ "role": "manager" })),
        missing("POST /v1/groups/{id}/members/remove", GROUPS)
            .with(|own| json!({ "members": [own.id("user")] })),
    ]
}

fn rights() -> Vec<Operation> {
    vec![
        own("POST /v1/attributes")
            .with(|own| json!({ "name": format!("{}_new", own.mark), "type": "string" })),
        own("GET /v1/attributes"),
        missing("GET /v1/attributes/{name}", &[&["attribute"]]),
        missing("PATCH /v1/attributes/{name}", &[&["attribute"]])
            .with(|_| json!({ "display_name": "taken over" })),
        missing("POST /v1/attributes/{name}/restore", &[&["removed attribute"]]),
        own("POST /v1/roles").with(|own| json!({ "name": format!("{} new", own.mark), "permissions": [] })),
        own("GET /v1/roles"),
        missing("GET /v1/roles/{id}", &[&["role"]]),
        missing("PATCH /v1/roles/{id}", &[&["role"]]).with(|_| json!({ "permissions": ["users.create"] })),
        own("GET /v1/permissions"),
        own("POST /v1/policies").with(|own| {
            json!({
                "name": format!("{} new", own.mark),
                "text": "permit (principal, action, resource);",
            })
        }),
        own("GET /v1/policies"),
        missing("GET /v1/policies/{id}", &[&["policy"]]),
        missing("PATCH /v1/policies/{id}", &[&["policy"]]).with(|_| json!({ "enabled": false })),
        own("POST /v1/policies/evaluate")
            .with(|_| json!({ "action": "tenant.read", "resource": { "kind": "tenant" } })),
        own("GET /v1/password-policy"),
        own("PUT /v1/password-policy").with(|_| json!({ "preset": "minimal" })),
        own("POST /v1/password-policy/check").with(|_| json!({ "password": "foobarbaz" })),
    ]
}

fn doors() -> Vec<Operation> {
    vec![
        own("POST /v1/api-keys").with(|own| json!({ "name": "new", "user_id": own.id("user") })),
        own("GET /v1/api-keys"),
        missing("GET /v1/api-keys/{id}", &[&["key"]]),
        missing("POST /v1/api-keys/{id}/rotate", &[&["key"]]).with(|_| json!({ "overlap_seconds": 0 })),
        own("POST /v1/connections").with(|own| json!({ "name": format!("{} new", own.mark) })),
        own("GET /v1/connections"),
        missing("GET /v1/connections/{id}", &[&["connection"]]),
        missing("PATCH /v1/connections/{id}", &[&["connection"]])
            .with(|_| json!({ "role_ceiling": "manager" })),
        missing("POST /v1/connections/{id}/tokens", &[&["connection"]]).with(|_| json!({ "name": "new" })),
        missing("GET /v1/connections/{id}/tokens", &[&["connection"]]),
        missing("DELETE /v1/connections/{id}/tokens/{token}", &[&["connection", "token"]]),
        missing("POST /v1/connections/{id}/clients", &[&["connection"]]).with(|_| json!({ "name": "new" })),
        missing("GET /v1/connections/{id}/clients", &[&["connection"]]),
        missing("DELETE /v1/connections/{id}/clients/{client}", &[&["connection", "client"]]),
        missing("POST /v1/users/{id}/clients", &[&["program"]]).with(|_| json!({ "name": "new" })),
        missing("GET /v1/users/{id}/clients", &[&["program"]]),
        missing("DELETE /v1/users/{id}/clients/{client}", &[&["program", "client of program"]]),
        own("GET /v1/adoption-requests"),
        missing("POST /v1/adoption-requests/{id}/deny", &[&["adoption request"]]),
        missing("POST /v1/adoption-requests/{id}/approve", &[&["adoption request"]]),
    ]
}

fn records() -> Vec<Operation> {
    vec![
        own("GET /v1/audit-events"),
        own("GET /v1/audit-events/export"),
        own("GET /v1/stats"),
        own("POST /v1/webhooks").with(|_| json!({ "url": "https://example.com/new", "enabled": false })),
        own("GET /v1/webhooks"),
        own("GET /v1/webhook-event-types"),
        missing("GET /v1/webhooks/{id}", &[&["webhook"]]),
        missing("PATCH /v1/webhooks/{id}", &[&["webhook"]]).with(|_| json!({ "description": "taken over" })),
        missing("POST /v1/webhooks/{id}/rotate", &[&["webhook"]]).with(|_| json!({ "overlap_seconds": 0 })),
        missing("GET /v1/webhooks/{id}/attempts", &[&["webhook"]]),
        missing("POST /v1/webhooks/{id}/deliveries/{delivery}/resend", &[&["webhook", "delivery"]]),
    ]
}

fn tenants() -> Vec<Operation> {
    vec![
        operator("POST /v1/tenants", &[]).with(|own| {
            json!({
                "slug": format!("{}-new", own.mark), "name": "New", "owner": { "user_name": "new" },
            })
        }),
        operator("GET /v1/tenants", &[]),
        missing("GET /v1/tenants/{id}", &[&["tenant"]]),
        missing("PATCH /v1/tenants/{id}", &[&["tenant"]]).with(|_| json!({ "name": "taken over" })),
        operator("POST /v1/tenants/{id}/suspend", &[&["tenant"]]),
        operator("POST /v1/tenants/{id}/unsuspend", &[&["tenant"]]),
        operator("DELETE /v1/tenants/{id}", &[&["tenant"]]),
    ]
}

fn authentication() -> Vec<Operation> {
    vec![
        public("POST /oauth/token"),
        public("POST /auth/introspect"),
        public("GET /.well-known/jwks.json"),
        public("GET /.well-known/oauth-authorization-server"),
        public("POST /auth/login"),
        public("POST /auth/register"),
        public("POST /auth/verify-email"),
        public("POST /auth/verify-email/resend"),
        public("POST /auth/refresh"),
        public("POST /auth/challenge/continue"),
        public("POST /auth/challenge/password"),
        public("POST /auth/challenge/mfa"),
        public("POST /auth/challenge/mfa-enrolment"),
        public("POST /auth/challenge/mfa-enrolment/confirm"),
        public("POST /auth/password/forgot"),
        public("POST /auth/password/reset"),
        public("POST /auth/email/confirm"),
        public("GET /auth/invitations/{token}"),
        public("POST /auth/invitations/accept"),
        signed_in("GET /auth/userinfo"),
        signed_in("POST /auth/email")
            .with(|own| json!({ "email": format!("{}.moved@example.com", own.mark), "password": PASSWORD })),
        signed_in("GET /auth/mfa"),
        missing("POST /auth/mfa/{factor_id}/confirm", &[&["own new factor"]])
            .with(|own| json!({ "code": code_of(own, "own new factor secret") })),
        missing("POST /auth/mfa/{factor_id}/remove", &[&["own factor"]])
            .with(|own| json!({ "code": own.id("recovery code 1") })),
        signed_in("POST /auth/mfa").with(|own| json!({ "name": "new", "code": own.id("recovery code 2") })),
        signed_in("POST /auth/mfa/recovery-codes").with(|own| json!({ "code": own.id("recovery code 3") })),
        signed_in("POST /auth/mfa/remove")
            .with(|own| json!({ "code": next_code_of(own, "own factor secret") })),
        signed_in("POST /auth/logout"),
    ]
}

/// What takes a thing away that others need.
fn ends() -> Vec<Operation> {
    vec![
        missing("DELETE /v1/api-keys/{id}", &[&["key"]]),
        missing("DELETE /v1/users/{id}", USER),
        missing("DELETE /v1/groups/{id}", GROUPS),
        missing("DELETE /v1/roles/{id}", &[&["role"]]),
        missing("DELETE /v1/attributes/{name}", &[&["attribute"]]),
        missing("DELETE /v1/policies/{id}", &[&["policy"]]),
        missing("DELETE /v1/webhooks/{id}", &[&["webhook"]]),
    ]
}

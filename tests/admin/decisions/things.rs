//! A policy about one thing stops what is done to that one, and lets its neighbour through; lists leave it out.

use provost::model::UserId;
use provost::provisioning::directory::KeyDraft;
use reqwest::Method;
use serde_json::{Value, json};

use super::policy;
use super::world::{PICTURE, invited};
use crate::support::{Answer, Client, TestApp, on_both};

/// What a policy is made about, by what it is called, and another one like it.
struct Pair {
    entity: String,
    hidden: String,
    open: String,
}

impl Pair {
    fn new(kind: &str, hidden: String, open: String) -> Self {
        Self { entity: format!("Provost::{kind}::\"{hidden}\""), hidden, open }
    }
}

const NOTICE: &str = "Not this one.";

fn forbid(action: &str, entity: &str) -> String {
    format!(
        "@notice(\"{NOTICE}\")\nforbid (principal, action == Provost::Action::\"{action}\", resource == {entity});"
    )
}

fn refused(answer: &Answer) -> (u16, &str, &Value) {
    let (status, code, _) = answer.refusal();
    (status, code, &answer.body["notices"])
}

/// Asks for the picture, whose answer is no JSON.
async fn picture(admin: &Client, user: &str) -> u16 {
    admin.request(Method::GET, &format!("/users/{user}/avatar")).send().await.unwrap().status().as_u16()
}

async fn made(app: &TestApp, path: &str, body: Value) -> String {
    app.admin.post(path, &body).await.created()
}

async fn pair(app: &TestApp, kind: &str, path: &str, body: impl Fn(&str) -> Value) -> Pair {
    Pair::new(kind, made(app, path, body("one")).await, made(app, path, body("other")).await)
}

async fn users(app: &TestApp, prefix: &str) -> Pair {
    pair(
        app,
        "User",
        "/users",
        |name| json!({ "user_name": format!("{prefix} {name}"), "auth_provider": "oidc", "avatar": PICTURE }),
    )
    .await
}

async fn deleted(app: &TestApp, prefix: &str) -> Pair {
    let pair = users(app, prefix).await;
    for id in [&pair.hidden, &pair.open] {
        app.admin.delete(&format!("/users/{id}")).await.expect(204);
    }
    pair
}

async fn invitations(app: &TestApp, prefix: &str) -> Pair {
    let (one, other) = (format!("{prefix}1@example.com"), format!("{prefix}2@example.com"));
    Pair::new("Invitation", invited(&app.admin, &one).await, invited(&app.admin, &other).await)
}

/// Two attributes, which were removed again if that is said, their values kept.
async fn attributes(app: &TestApp, names: [&str; 2], holder: Option<&str>) -> Pair {
    for name in names {
        app.admin.post("/attributes", &json!({ "name": name, "type": "string" })).await.expect(201);
        if let Some(holder) = holder {
            app.admin
                .patch(&format!("/users/{holder}"), &json!({ "custom": { name: "x" } }))
                .await
                .expect(200);
            app.admin.delete(&format!("/attributes/{name}?confirm=true")).await.expect(204);
        }
    }
    Pair::new("Attribute", names[0].to_owned(), names[1].to_owned())
}

/// Forbids this about one of the pair: it is refused with the notice, and done to the other.
async fn stops_one(app: &TestApp, action: &str, route: &str, pair: &Pair, body: &Value) {
    let (method, pattern) = route.split_once(' ').unwrap();
    let run = async |id: &str| {
        let request = app.admin.request(method.parse().unwrap(), &pattern.replace("{id}", id));
        let request = request.header("content-type", "application/json");
        Answer::of(if body.is_null() { request } else { request.body(body.to_string()) }).await
    };
    let path = policy(&app.admin, &forbid(action, &pair.entity)).await;
    assert_eq!(refused(&run(&pair.hidden).await), (403, "denied_by_policy", &json!([NOTICE])), "{route}");
    let done = run(&pair.open).await;
    assert!(done.status < 300, "{route}: {} {}", done.status, done.body);
    app.admin.delete(&path).await.expect(204);
}

/// What of a pair is in a list, while the policy stands and afterwards.
async fn leaves_out_one(app: &TestApp, action: &str, (path, list, name): (&str, &str, &str), pair: &Pair) {
    let shown = async || {
        let answer = app.admin.get(path).await.expect(200);
        let elements = answer[list].as_array().unwrap().clone();
        let has = |wanted: &str| elements.iter().any(|one| one.pointer(name).is_some_and(|is| is == wanted));
        (has(&pair.hidden), has(&pair.open))
    };
    let made = policy(&app.admin, &forbid(action, &pair.entity)).await;
    assert_eq!(shown().await, (false, true), "{path}");
    app.admin.delete(&made).await.expect(204);
    assert_eq!(shown().await, (true, true), "{path}");
}

on_both! {
    /// Groups of every kind.
    async fn one_group(app: TestApp) {
        let ada = app.client.user("ada").await;
        let none = Value::Null;
        let groups = pair(&app, "Group", "/groups", |name| json!({ "name": name })).await;
        let organizations = pair(&app, "Group", "/groups", |name| json!({
            "name": name, "kind": "organization", "members": [{ "id": ada, "role": "evaluator" }],
        })).await;
        for pair in [&groups, &organizations] {
            stops_one(&app, "groups.read", "GET /groups/{id}", pair, &none).await;
            stops_one(&app, "groups.read", "GET /groups/{id}/members", pair, &none).await;
            leaves_out_one(&app, "groups.read", ("/groups", "groups", "/id"), pair).await;
            stops_one(&app, "groups.write", "PATCH /groups/{id}", pair, &json!({ "name": "new" })).await;
        }
        let turned = format!("PUT /groups/{{id}}/members/{ada}");
        stops_one(&app, "groups.write", &turned, &organizations, &json!({ "role": "manager" })).await;
        let members = json!({ "members": [{ "id": ada }] });
        stops_one(&app, "groups.write", "POST /groups/{id}/members", &groups, &members).await;
        let members = json!({ "members": [ada] });
        stops_one(&app, "groups.write", "POST /groups/{id}/members/remove", &groups, &members).await;
        stops_one(&app, "roles.assign", "PATCH /groups/{id}", &groups, &json!({ "roles": ["user"] })).await;
        stops_one(&app, "groups.write", "DELETE /groups/{id}", &groups, &none).await;
    }

    /// Where a group comes to lie, and where it lay, are changed with it.
    async fn one_place_in_the_tree(app: TestApp) {
        let trees = pair(&app, "Group", "/groups", |name| json!({ "name": name, "kind": "resource_group" })).await;
        let below = |parent: &str| json!({ "name": "leaf", "kind": "resource_group", "parent_id": parent });
        let leaf = format!("/groups/{}", made(&app, "/groups", below(&trees.hidden)).await);
        policy(&app.admin, &forbid("groups.write", &trees.entity)).await;
        let stopped = (403, "denied_by_policy", &json!([NOTICE]));
        assert_eq!(refused(&app.admin.post("/groups", &below(&trees.hidden)).await), stopped);
        assert_eq!(refused(&app.admin.patch(&leaf, &json!({ "parent_id": trees.open })).await), stopped);
        let free = format!("/groups/{}", made(&app, "/groups", below(&trees.open)).await);
        assert_eq!(refused(&app.admin.patch(&free, &json!({ "parent_id": trees.hidden })).await), stopped);
        app.admin.patch(&free, &json!({ "parent_id": null })).await.expect(200);
    }

    /// Definitions of attributes, by their names.
    async fn one_attribute(app: TestApp) {
        let (ada, none) = (app.client.user("ada").await, Value::Null);
        let live = attributes(&app, ["salary", "badge"], None).await;
        let removed = attributes(&app, ["grade", "desk"], Some(&ada)).await;
        stops_one(&app, "attributes.read", "GET /attributes/{id}", &live, &none).await;
        stops_one(&app, "attributes.read", "GET /attributes/{id}", &removed, &none).await;
        leaves_out_one(&app, "attributes.read", ("/attributes", "attributes", "/name"), &live).await;
        leaves_out_one(&app, "attributes.read", ("/attributes?removed=true", "attributes", "/name"), &removed).await;
        stops_one(&app, "attributes.write", "PATCH /attributes/{id}", &live, &json!({ "description": "x" })).await;
        stops_one(&app, "attributes.write", "POST /attributes/{id}/restore", &removed, &json!({})).await;
        stops_one(&app, "attributes.write", "DELETE /attributes/{id}", &live, &none).await;
        policy(&app.admin, &forbid("attributes.write", "Provost::Attribute::\"secret\"")).await;
        let new = |name: &str| json!({ "name": name, "type": "string" });
        assert_eq!(app.admin.post("/attributes", &new("secret")).await.refusal().1, "denied_by_policy");
        app.admin.post("/attributes", &new("public")).await.expect(201);
    }

    /// Invitations, by themselves and by who is invited.
    async fn one_invitation(app: TestApp) {
        let none = Value::Null;
        let (first, second) = (invitations(&app, "a").await, invitations(&app, "b").await);
        stops_one(&app, "users.read", "GET /invitations/{id}", &first, &none).await;
        leaves_out_one(&app, "users.read", ("/invitations", "invitations", "/id"), &first).await;
        stops_one(&app, "users.invite", "POST /invitations/{id}/resend", &first, &json!({})).await;
        stops_one(&app, "users.invite", "POST /invitations/{id}/revoke", &first, &json!({})).await;
        stops_one(&app, "users.invite", "DELETE /invitations/{id}", &second, &none).await;

        let by_address = "@notice(\"Not there.\")\nforbid (principal, action == Provost::Action::\"users.invite\", resource is Provost::Invitation)\nwhen { resource.email == \"b1@example.com\" };";
        policy(&app.admin, by_address).await;
        let again = app.admin.post("/users", &json!({ "email": "b1@example.com", "resend": true })).await;
        assert_eq!(refused(&again), (403, "denied_by_policy", &json!(["Not there."])));

        let third = invitations(&app, "c").await;
        let invitation = app.admin.get(&format!("/invitations/{}", third.hidden)).await.expect(200);
        let user = Pair { entity: format!("Provost::User::\"{}\"", invitation["user_id"].as_str().unwrap()), ..third };
        stops_one(&app, "users.read", "GET /invitations/{id}", &user, &none).await;
        leaves_out_one(&app, "users.read", ("/invitations", "invitations", "/id"), &user).await;
    }

    /// Deleted users are users still, and policies may ask what they were.
    async fn one_deleted_user(app: TestApp) {
        let none = Value::Null;
        let (first, second) = (deleted(&app, "first").await, deleted(&app, "second").await);
        stops_one(&app, "users.read", "GET /deleted-users/{id}", &first, &none).await;
        leaves_out_one(&app, "users.read", ("/deleted-users", "deleted_users", "/id"), &first).await;
        stops_one(&app, "users.delete", "POST /deleted-users/{id}/restore", &first, &json!({})).await;
        stops_one(&app, "users.delete", "DELETE /deleted-users/{id}", &second, &none).await;
        let named = "forbid (principal, action == Provost::Action::\"users.read\", resource is Provost::User)\nwhen { resource.user_name == \"second one\" };";
        policy(&app.admin, named).await;
        assert_eq!(app.admin.get(&format!("/deleted-users/{}", second.hidden)).await.refusal().1, "denied_by_policy");
        app.admin.get(&format!("/deleted-users/{}", first.hidden)).await.expect(200);
    }

    /// What belongs to a user: sessions, picture, and what the audit log tells of it.
    async fn what_belongs_to_one_user(app: TestApp) {
        let none = Value::Null;
        let people = users(&app, "person").await;
        stops_one(&app, "users.read", "GET /users/{id}/sessions", &people, &none).await;
        stops_one(&app, "users.read", "GET /users/{id}/groups", &people, &none).await;
        stops_one(&app, "users.read", "GET /users/{id}/identities", &people, &none).await;
        stops_one(&app, "users.update", "DELETE /users/{id}/sessions", &people, &none).await;
        stops_one(&app, "audit.read", "GET /users/{id}/audit-events", &people, &none).await;
        leaves_out_one(&app, "audit.read", ("/audit-events?limit=200", "audit_events", "/target/id"), &people).await;
        let hide = policy(&app.admin, &forbid("users.read", &people.entity)).await;
        assert_eq!((picture(&app.admin, &people.hidden).await, picture(&app.admin, &people.open).await), (403, 200));
        app.admin.delete(&hide).await.expect(204);

        // Also of somebody who was deleted, and in an export.
        app.admin.delete(&format!("/users/{}", people.hidden)).await.expect(204);
        let named = "@notice(\"Not this one.\")\nforbid (principal, action == Provost::Action::\"audit.read\", resource is Provost::User)\nwhen { resource.user_name == \"person one\" };";
        policy(&app.admin, named).await;
        let events = app.admin.get(&format!("/users/{}/audit-events", people.hidden)).await;
        assert_eq!(refused(&events), (403, "denied_by_policy", &json!([NOTICE])));
        let export = app.admin.request(Method::GET, "/audit-events/export").send().await.unwrap();
        let lines = export.text().await.unwrap();
        assert!(lines.contains(&people.open) && !lines.contains(&people.hidden), "{lines}");
    }

    /// Roles, keys and policies.
    async fn one_right(app: TestApp) {
        let none = Value::Null;
        let policies = pair(&app, "Policy", "/policies", |name| json!({
            "name": name, "text": "forbid (principal, action == Provost::Action::\"webhooks.read\", resource);",
        })).await;
        stops_one(&app, "policies.read", "GET /policies/{id}", &policies, &none).await;
        leaves_out_one(&app, "policies.read", ("/policies", "policies", "/id"), &policies).await;
        stops_one(&app, "policies.write", "PATCH /policies/{id}", &policies, &json!({ "enabled": false })).await;
        stops_one(&app, "policies.write", "DELETE /policies/{id}", &policies, &none).await;
        let keys = pair(&app, "ApiKey", "/api-keys", |name| json!({ "name": name })).await;
        stops_one(&app, "api_keys.read", "GET /api-keys/{id}", &keys, &none).await;
        leaves_out_one(&app, "api_keys.read", ("/api-keys", "api_keys", "/id"), &keys).await;
        stops_one(&app, "api_keys.write", "POST /api-keys/{id}/rotate", &keys, &json!({})).await;
        stops_one(&app, "api_keys.write", "DELETE /api-keys/{id}", &keys, &none).await;
        let roles = pair(&app, "Role", "/roles", |name| json!({ "name": name, "permissions": [] })).await;
        let roles = Pair { entity: "Provost::Role::\"one\"".to_owned(), ..roles };
        stops_one(&app, "roles.read", "GET /roles/{id}", &roles, &none).await;
        leaves_out_one(&app, "roles.read", ("/roles", "roles", "/id"), &roles).await;
        stops_one(&app, "roles.write", "PATCH /roles/{id}", &roles, &json!({ "description": "x" })).await;
    }

    /// What changes of a thing is told to policies.
    async fn what_changes_is_told(app: TestApp) {
        let group = format!("/groups/{}", made(&app, "/groups", json!({ "name": "staff" })).await);
        let role = format!("/roles/{}", made(&app, "/roles", json!({ "name": "Desk", "permissions": [] })).await);
        app.admin.post("/attributes", &json!({ "name": "badge", "type": "string" })).await.expect(201);
        let tenant = format!("/tenants/{}", app.tenant.id);
        for (action, changed, path, stopped, free) in [
            ("groups.write", "displayName", &*group, json!({ "name": "people" }), json!({ "external_id": "x" })),
            ("attributes.write", "max", "/attributes/badge", json!({ "max": 9, "description": "x" }), json!({ "description": "y" })),
            ("roles.write", "permissions", &*role, json!({ "permissions": ["users.read"] }), json!({ "description": "x" })),
            ("tenant.update", "retention_days", &*tenant, json!({ "settings": { "retention_days": 7 } }), json!({ "name": "Acme Inc." })),
        ] {
            let text = format!("forbid (principal, action == Provost::Action::\"{action}\", resource) when {{ context.changed.contains(\"{changed}\") }};");
            policy(&app.admin, &text).await;
            assert_eq!(app.admin.patch(path, &stopped).await.refusal().1, "denied_by_policy", "{path}");
            app.admin.patch(path, &free).await.expect(200);
        }
        policy(&app.admin, "forbid (principal, action == Provost::Action::\"tenant.update\", resource) when { context.changed == [\"password_policy\"] };").await;
        assert_eq!(app.admin.put("/password-policy", &json!({ "preset": "minimal" })).await.refusal().1, "denied_by_policy");
        app.admin.patch(&tenant, &json!({ "settings": { "names_required": true } })).await.expect(200);
        policy(&app.admin, "forbid (principal, action == Provost::Action::\"roles.assign\", resource is Provost::Tenant) when { context.roles.contains(Provost::Role::\"desk\") };").await;
        let default = |role: &str| json!({ "settings": { "default_roles": ["user", role] } });
        assert_eq!(app.admin.patch(&tenant, &default("desk")).await.refusal().1, "denied_by_policy");
        app.admin.patch(&tenant, &default("read_only")).await.expect(200);
    }

    /// A user who is restored does not come back to a group that a policy keeps shut.
    async fn a_restored_user_stays_out_of_a_shut_group(app: TestApp) {
        let ada = app.client.user("ada").await;
        let groups = pair(&app, "Group", "/groups", |name| json!({ "name": name, "members": [{ "id": ada }] })).await;
        app.admin.delete(&format!("/users/{ada}")).await.expect(204);
        policy(&app.admin, &forbid("groups.write", &groups.entity)).await;
        let restored = app.admin.post(&format!("/deleted-users/{ada}/restore"), &json!({})).await.expect(200);
        let back: Vec<&Value> = restored["groups"].as_array().unwrap().iter().map(|group| &group["id"]).collect();
        assert_eq!(back, [&json!(groups.open)]);
    }

    /// Whoever may not read a policy is told that it decides, not what it says.
    async fn what_a_hidden_policy_says_is_not_told(app: TestApp) {
        let text = "forbid (principal, action == Provost::Action::\"stats.read\", resource);";
        let secret = policy(&app.admin, text).await;
        let id = secret.trim_start_matches("/policies/");
        let question = json!({ "action": "stats.read", "resource": { "kind": "tenant" } });
        let told = app.admin.post("/policies/evaluate", &question).await.expect(200);
        assert_eq!((&told["allowed"], &told["determining"][0]["text"]), (&json!(false), &json!(text)));
        policy(&app.admin, &forbid("policies.read", &format!("Provost::Policy::\"{id}\""))).await;
        let told = app.admin.post("/policies/evaluate", &question).await.expect(200);
        assert_eq!((&told["allowed"], &told["determining"][0]["text"]), (&json!(false), &json!("")));
        let about = json!({ "action": "policies.read", "resource": { "kind": "policy", "id": id } });
        assert_eq!(refused(&app.admin.post("/policies/evaluate", &about).await), (403, "denied_by_policy", &json!([NOTICE])));
    }

    /// Attributes are asked about by name.
    async fn a_decision_about_an_attribute_is_explained(app: TestApp) {
        policy(&app.admin, &forbid("attributes.write", "Provost::Attribute::\"salary\"")).await;
        let about = |resource: Value| json!({ "action": "attributes.write", "resource": resource });
        for (name, allowed) in [("salary", false), ("badge", true)] {
            let question = about(json!({ "kind": "attribute", "name": name }));
            assert_eq!(app.admin.post("/policies/evaluate", &question).await.expect(200)["allowed"], allowed);
        }
        let nameless = app.admin.post("/policies/evaluate", &about(json!({ "kind": "attribute" }))).await;
        assert_eq!((nameless.status, nameless.problems()), (422, vec![("/resource/name", "required")]));
        let by_id = json!({ "kind": "attribute", "name": "badge", "id": app.tenant.id });
        let by_id = app.admin.post("/policies/evaluate", &about(by_id)).await;
        assert_eq!((by_id.status, by_id.problems()), (422, vec![("/resource/id", "not_accepted")]));
    }

    /// A tenant's policies bind a credential of the instance that acts within it, and no other.
    async fn the_instance_is_bound_within_a_tenant(app: TestApp) {
        policy(&app.admin, "forbid (principal, action == Provost::Action::\"tenant.read\", resource);").await;
        let (instance, tenant) = (app.instance().await, app.tenant.id.to_string());
        let path = format!("/tenants/{tenant}");
        instance.get(&path).await.expect(200);
        let within = instance.with_header(Method::GET, &path, "x-tenant-id", &tenant).await;
        assert_eq!(refused(&within), (403, "denied_by_policy", &json!([])));
    }

    /// A policy about an organization binds those who have a role inside it, by their sessions and by their keys.
    async fn one_organization_from_inside(app: TestApp) {
        let body = json!({ "user_name": "paul", "auth_provider": "oidc" });
        let paul = made(&app, "/users", body).await;
        let user_id = Some(UserId(paul.parse().unwrap()));
        let draft = KeyDraft { name: "own".to_owned(), user_id, permissions: None, expires_at: None };
        let key = app.directory.create_operator_key(app.tenant.id, draft).await.unwrap();
        let client = Client::new(&app.admin.base_url, key.text.expose());
        let organizations = pair(&app, "Group", "/groups", |name| json!({
            "name": name, "kind": "organization", "members": [{ "id": paul, "role": "owner" }],
        })).await;
        let (shut, open) = (format!("/groups/{}", organizations.hidden), format!("/groups/{}", organizations.open));
        let text = format!(
            "@notice(\"{NOTICE}\")\nforbid (principal == Provost::User::\"{paul}\", action == Provost::Action::\"groups.write\", resource == {});",
            organizations.entity
        );
        policy(&app.admin, &text).await;
        for body in [json!({ "name": "New" }), json!({ "external_id": "x" })] {
            assert_eq!(refused(&client.patch(&shut, &body).await), (403, "denied_by_policy", &json!([NOTICE])));
            client.patch(&open, &body).await.expect(200);
        }
        client.get(&shut).await.expect(200);
        app.admin.patch(&shut, &json!({ "name": "New" })).await.expect(200);
    }
}

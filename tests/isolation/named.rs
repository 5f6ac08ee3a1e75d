//! Ids and names of another tenant in queries and bodies of one's own: they are answered like those of nobody.

use reqwest::Method;
use serde_json::{Value, json};

use super::admin::assert_without;
use super::tenancy::{Tenancy, Things};
use crate::support::on_both;

/// Queries that find something in the tenant that has these things.
fn queries(of: &Things) -> Vec<String> {
    let (mark, id) = (of.mark, |thing| of.id(thing));
    vec![
        format!("/v1/users?search={mark}"),
        format!("/v1/users?user_name={mark}.ada"),
        format!("/v1/users?email={mark}.ada@example.com"),
        format!("/v1/users?group={}", id("group")),
        format!("/v1/users?resource_group={}", id("resource group")),
        format!("/v1/users?role={mark}%20keeper"),
        format!("/v1/users?filter=id%20eq%20%22{}%22", id("user")),
        format!("/v1/users?filter=groups.value%20eq%20%22{}%22", id("group")),
        format!("/v1/groups?search={mark}"),
        format!("/v1/audit-events?target={}", id("user")),
        format!("/v1/audit-events?actor={}", id("owner")),
        format!("/v1/audit-events/export?target={}", id("user")),
        format!("/v1/invitations?email={mark}.guest@example.com"),
        format!("/v1/deleted-users?search={mark}"),
    ]
}

/// Bodies of one's own operations that name the `named` tenant's things, and what comes of them where nobody has those.
fn bodies(own: &Things, named: &Things) -> Vec<(Method, String, Value, u16)> {
    let (user, id) = (format!("/v1/users/{}", own.id("user")), |thing| named.id(thing));
    let (group, organization) = (own.id("group"), own.id("organization"));
    let role = format!("{} keeper", named.mark);
    let new = |more: Value| {
        let mut body = json!({ "user_name": "new", "auth_provider": "oidc" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let mut bodies = Vec::new();
    for held in [
        json!({ "groups": [id("group")] }),
        json!({ "resource_groups": [id("resource group")] }),
        json!({ "roles": [role] }),
    ] {
        let invited = json!({ "email": "new@example.com", "action": "invite" });
        let mut invited = invited.as_object().expect("an object").clone();
        invited.extend(held.as_object().expect("an object").clone());
        bodies.push((Method::POST, "/v1/users".to_owned(), Value::Object(invited), 422));
        bodies.push((Method::POST, "/v1/users".to_owned(), new(held.clone()), 422));
        bodies.push((Method::PATCH, user.clone(), held.clone(), 422));
        bodies.push((Method::PUT, user.clone(), held, 422));
    }
    let badge = json!({ "custom": { named.id("attribute"): "x" } });
    bodies.push((Method::POST, "/v1/users".to_owned(), new(badge.clone()), 400));
    bodies.push((Method::PATCH, user.clone(), badge, 400));
    bodies.push((Method::PUT, format!("{user}/roles"), json!({ "roles": [role] }), 422));
    for member in ["user", "group"] {
        let members = json!({ "members": [{ "id": id(member) }] });
        let mut whole = members.clone();
        whole["name"] = json!("new");
        bodies.push((Method::POST, "/v1/groups".to_owned(), whole, 422));
        bodies.push((Method::POST, format!("/v1/groups/{group}/members"), members, 422));
        let gone = json!({ "members": [id(member)] });
        bodies.push((Method::POST, format!("/v1/groups/{group}/members/remove"), gone, 200));
    }
    let member = format!("/v1/groups/{organization}/members/{}", id("user"));
    bodies.push((Method::PUT, member, json!({ "role": "manager" }), 404));
    let inner = json!({ "name": "new", "kind": "resource_group", "parent_id": id("resource group") });
    bodies.push((Method::POST, "/v1/groups".to_owned(), inner, 422));
    bodies.push((Method::POST, "/v1/groups".to_owned(), json!({ "name": "new", "roles": [role] }), 422));
    let below = json!({ "parent_id": id("resource group") });
    bodies.push((Method::PATCH, format!("/v1/groups/{}", own.id("resource group")), below, 422));
    bodies.push((Method::PATCH, format!("/v1/groups/{group}"), json!({ "roles": [role] }), 422));
    bodies.push((
        Method::POST,
        "/v1/api-keys".to_owned(),
        json!({ "name": "new", "user_id": id("user") }),
        422,
    ));
    let ceiling = json!({ "name": "new", "role_ceiling": role });
    bodies.push((Method::POST, "/v1/connections".to_owned(), ceiling, 422));
    let connection = format!("/v1/connections/{}", own.id("connection"));
    bodies.push((Method::PATCH, connection, json!({ "role_ceiling": role }), 422));
    let defaults = json!({ "settings": { "default_roles": [role] } });
    bodies.push((Method::PATCH, format!("/v1/tenants/{}", own.id("tenant")), defaults, 422));
    bodies.extend(questions(named));
    bodies
}

/// The same of `POST /v1/policies/evaluate`.
fn questions(named: &Things) -> Vec<(Method, String, Value, u16)> {
    let principals = [("user", "user"), ("api_key", "key"), ("connection", "connection")];
    let resources = [
        ("user", "user", "users.read"),
        ("group", "group", "groups.read"),
        ("role", "role", "roles.read"),
        ("policy", "policy", "policies.read"),
        ("api_key", "key", "keys.read"),
        ("connection", "connection", "connections.read"),
    ];
    let asked = principals.map(|(kind, thing)| {
        json!({
            "principal": { "kind": kind, "id": named.id(thing) },
            "action": "tenant.read",
            "resource": { "kind": "tenant" },
        })
    });
    let about = resources.map(|(kind, thing, action)| {
        json!({ "action": action, "resource": { "kind": kind, "id": named.id(thing) } })
    });
    // An invitation is not looked up: the question says what there is to know of it.
    let invitation = json!({
        "action": "users.invite",
        "resource": { "kind": "invitation", "id": named.id("invitation"), "name": "new@example.com" },
    });
    let questions = asked.into_iter().chain(about);
    let questions = questions.map(|body| (body, 422)).chain([(invitation, 200)]);
    questions.map(|(body, status)| (Method::POST, "/v1/policies/evaluate".to_owned(), body, status)).collect()
}

/// What an answer says, without the ids and the mark of these things.
fn without(text: &str, things: &Things) -> String {
    let text = things.all().fold(text.to_owned(), |text, id| text.replace(id, "[id]"));
    text.replace(things.mark, "[mark]")
}

on_both! {
    async fn queries_find_nothing_of_another_tenant(app: TestApp) {
        let (acme, other) = (Tenancy::new(&app, "arcane").await, Tenancy::new(&app, "brazen").await);
        let (theirs, own, nothing) = (acme.key_holder(), other.key_holder(), Things::none());
        for (query, nobodys) in queries(&acme.things).iter().zip(queries(&nothing)) {
            let (status, known) = theirs.send(Method::GET, query, None).await;
            assert_eq!((status, known.contains("arcane")), (200, true), "{query} finds something of its own: {known}");
            let (status, found) = own.send(Method::GET, query, None).await;
            let (none_status, none) = own.send(Method::GET, &nobodys, None).await;
            let (found, none) = (without(&found, &acme.things), without(&none, &nothing));
            assert_eq!((status, found), (none_status, none), "{query}");
        }
        // A page begins where another tenant's would, and stays in one's own.
        for list in ["users", "groups", "invitations", "api-keys", "connections", "policies", "audit-events", "deleted-users"] {
            let cursor = acme.things.id("tenant").replace('-', "");
            let (status, text) = own.send(Method::GET, &format!("/v1/{list}?cursor={cursor}"), None).await;
            assert_eq!(status, 200, "{list}: {text}");
            assert_without(&text, &acme.things, list);
        }
    }

    async fn bodies_cannot_name_another_tenants_things(app: TestApp) {
        let (acme, other) = (Tenancy::new(&app, "arcane").await, Tenancy::new(&app, "brazen").await);
        let (before, unaffected) = (app.rows_of(acme.tenant.id).await, app.rows_of(other.tenant.id).await);
        let (nothing, speakers) = (Things::none(), other.speakers(&app).await);
        let theirs = bodies(&other.things, &acme.things);
        for ((method, path, body, expected), (_, none_path, none_body, _)) in
            theirs.into_iter().zip(bodies(&other.things, &nothing))
        {
            for speaker in &speakers {
                let (status, text) = speaker.send(method.clone(), &path, Some(&body)).await;
                let (none_status, none) = speaker.send(method.clone(), &none_path, Some(&none_body)).await;
                assert_eq!(status, expected, "{method} {path} {body}: {text}");
                let (found, none) = (without(&text, &acme.things), without(&none, &nothing));
                assert_eq!((status, found), (none_status, none), "{method} {path} {body}");
            }
        }
        assert_eq!(app.rows_of(acme.tenant.id).await, before);
        assert_eq!(app.rows_of(other.tenant.id).await, unaffected);
    }
}

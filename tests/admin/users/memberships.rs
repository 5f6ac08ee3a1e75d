//! Groups and organizations that are said with a user's own fields.

use serde_json::{Value, json};

use crate::admin::groups::made;
use crate::admin::ranks::holder;
use crate::support::{Answer, Client, TestApp, crowd, on_both};

fn code(answer: &Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

async fn organization(app: &TestApp, members: Value) -> String {
    made(&app.admin, json!({ "name": "Acme", "kind": "organization", "members": members })).await
}

/// What a user is in organizations: id and role.
fn places(user: &Value) -> Vec<(&str, &str)> {
    user["organizations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["role"].as_str().unwrap()))
        .collect()
}

/// What the audit log says of changes to groups and to what members are, oldest first.
async fn told(app: &TestApp) -> Vec<String> {
    app.texts("SELECT kind || ' ' || details FROM audit_events WHERE kind IN ('group.updated', 'member.role_changed') ORDER BY id")
        .await
}

on_both! {
    /// Given when a user is made, changed by PATCH and PUT, and shown with the role.
    async fn a_user_is_put_into_organizations(app: TestApp) {
        let boss = app.client.user("boss").await;
        let owner = json!([{ "id": boss, "role": "owner" }]);
        let (acme, other) = (organization(&app, owner.clone()).await, organization(&app, owner).await);
        let user = app.admin.post("/users", &json!({
            "user_name": "ada", "auth_provider": "oidc",
            "organizations": [{ "id": acme, "role": "manager" }, { "id": other }],
        })).await.expect(201);
        assert_eq!(places(&user), [(&*acme, "manager"), (&*other, "evaluator")]);
        let shown = json!({ "id": acme, "name": "Acme", "direct": true, "role": "manager", "permissions": [] });
        assert_eq!(user["organizations"][0], shown);
        let id = user["id"].as_str().unwrap();
        let path = format!("/users/{id}");
        let patch = async |places: Value| app.admin.patch(&path, &json!({ "organizations": places })).await.expect(200);

        // Where no role is said, the one that is there stays.
        let changed = patch(json!([{ "id": acme }, { "id": other, "role": "admin" }])).await;
        assert_eq!((places(&changed), &changed["version"]), (vec![(&*acme, "manager"), (&*other, "admin")], &json!(2)));
        let left = patch(json!([{ "id": other }])).await;
        assert_eq!(places(&left), [(&*other, "admin")]);
        // PUT leaves them alone unless it speaks of them.
        let put = app.admin.put(&path, &json!({ "user_name": "ada" })).await.expect(200);
        assert_eq!(places(&put), [(&*other, "admin")]);
        let put = app.admin.put(&path, &json!({ "user_name": "ada", "organizations": [{ "id": acme, "role": "owner" }] })).await.expect(200);
        assert_eq!(places(&put), [(&*acme, "owner")]);
        let groups = app.admin.get(&format!("{path}/groups")).await.expect(200)["groups"].clone();
        assert_eq!((groups.as_array().map(Vec::len), &groups[0]["role"]), (Some(1), &json!("owner")));
        assert_eq!(app.admin.get(&format!("/groups/{acme}")).await.expect(200)["version"], 4);

        let (added, removed) = (json!({ "added": [id] }), json!({ "removed": [id] }));
        let turned = json!({ "members": [{ "id": id, "from": "evaluator", "to": "admin" }] });
        assert_eq!(told(&app).await, [
            format!("group.updated {added}"), format!("group.updated {added}"), format!("member.role_changed {turned}"),
            format!("group.updated {removed}"), format!("group.updated {added}"), format!("group.updated {removed}"),
        ]);
    }

    /// Who comes to groups and leaves them by a user's own fields is told as if it were by the groups' members.
    async fn groups_tell_who_comes_and_goes(app: TestApp) {
        let (team, crew) = (app.client.group("team", &[]).await, app.client.group("crew", &[]).await);
        let bern = made(&app.admin, json!({ "name": "Bern", "kind": "resource_group" })).await;
        let body = json!({ "user_name": "ada", "auth_provider": "oidc", "groups": [team], "resource_groups": [bern] });
        let id = app.admin.post("/users", &body).await.created();
        let path = format!("/users/{id}");
        app.admin.patch(&path, &json!({ "groups": [crew] })).await.expect(200);
        app.admin.put(&path, &json!({ "user_name": "ada" })).await.expect(200);
        let events = app.admin.get("/audit-events?type=group.updated").await.expect(200)["audit_events"].clone();
        let events = events.as_array().unwrap();
        let mut of_groups: Vec<Value> =
            events.iter().map(|event| json!([event["target"]["id"], event["details"]])).collect();
        let (added, removed) = (json!({ "added": [id] }), json!({ "removed": [id] }));
        let mut expected = vec![
            json!([team, added]), json!([bern, added]), json!([crew, added]), json!([team, removed]),
            json!([crew, removed]), json!([bern, removed]),
        ];
        for list in [&mut of_groups, &mut expected] {
            list.sort_by_key(Value::to_string);
        }
        assert_eq!(of_groups, expected, "{events:?}");
    }

    /// An organization's own rules hold: who is in it with which role gives which.
    async fn roles_inside_are_given_by_those_above(app: TestApp) {
        let rights = ["users.read", "users.create", "users.update", "self.read", "self.update"];
        app.admin.post("/roles", &json!({ "name": "staff", "permissions": rights })).await.expect(201);
        let roles = ["owner", "admin", "manager", "evaluator"];
        let mut clients: Vec<Client> = Vec::new();
        let mut members = Vec::new();
        for role in roles {
            let (id, client) = holder(&app, role, &["staff"]).await;
            members.push(json!({ "id": id, "role": role }));
            clients.push(client);
        }
        let acme = organization(&app, Value::Array(members)).await;
        let (_, outsider) = holder(&app, "outsider", &["staff"]).await;
        let one = |role: &str| json!([{ "id": acme, "role": role }]);
        for (level, (by, client)) in roles.iter().zip(&clients).enumerate() {
            for (new_level, role) in roles.iter().enumerate() {
                let may = match level {
                    0 => true,
                    1 => new_level >= 1,
                    2 => new_level == 3,
                    _ => false,
                };
                let body = json!({ "user_name": format!("{role} by {by}"), "auth_provider": "oidc", "organizations": one(role) });
                let made = client.post("/users", &body).await;
                assert_eq!(made.status, if may { 201 } else { 403 }, "{by} makes a new {role}: {}", made.body);
                let user = app.client.user(&format!("{role} beside {by}")).await;
                let path = format!("/users/{user}");
                let joined = client.patch(&path, &json!({ "organizations": one(role) })).await;
                assert_eq!(joined.status, if may { 200 } else { 403 }, "{by} adds {role}");
                app.admin.patch(&path, &json!({ "organizations": one(role) })).await.expect(200);
                let out = client.patch(&path, &json!({ "organizations": [] })).await;
                assert_eq!(out.status, if may { 200 } else { 403 }, "{by} takes {role} out");
            }
        }
        let body = json!({ "user_name": "x", "auth_provider": "oidc", "organizations": one("evaluator") });
        assert_eq!(code(&outsider.post("/users", &body).await), (403, "forbidden"));
        assert_eq!(app.admin.get("/users?user_name=x").await.expect(200)["users"], json!([]));
    }

    /// The last owner stays one, also where many leave at once, and nobody makes themselves one.
    async fn the_last_owner_stays(app: TestApp) {
        let (own, ada) = holder(&app, "ada", &["user"]).await;
        let mut paths = Vec::new();
        let mut members = vec![json!({ "id": own, "role": "manager" })];
        for number in 0..6 {
            let id = app.client.user(&format!("owner {number}")).await;
            members.push(json!({ "id": id, "role": "owner" }));
            paths.push(format!("/users/{id}"));
        }
        let acme = organization(&app, Value::Array(members)).await;
        let mut answers = crowd(6, |number| {
            let (client, path) = (app.admin.clone(), paths[number].clone());
            let places = if number % 2 == 0 { json!([]) } else { json!([{ "id": acme, "role": "admin" }]) };
            async move { client.patch(&path, &json!({ "organizations": places })).await.status }
        }).await;
        answers.sort_unstable();
        assert_eq!(answers, [200, 200, 200, 200, 200, 409]);
        let path = format!("/users/{own}");
        for places in [json!([{ "id": acme, "role": "owner" }]), json!([])] {
            assert_eq!(code(&ada.patch(&path, &json!({ "organizations": places })).await), (403, "forbidden"));
        }
        assert_eq!(places(&app.admin.get(&path).await.expect(200)), [(&*acme, "manager")]);
    }

    /// What is no role of an organization, or no organization's, is malformed.
    async fn malformed_places_are_refused(app: TestApp) {
        let id = app.client.user("ada").await;
        for (places, problem) in [
            (json!([{ "role": "owner" }]), ("/organizations/0/id", "required")),
            (json!([{ "id": id, "role": "boss" }]), ("/organizations/0/role", "enum")),
            (json!([{ "id": id, "name": "Acme" }]), ("/organizations/0/name", "unknown")),
            (json!([id]), ("/organizations/0", "type")),
        ] {
            let answer = app.admin.patch(&format!("/users/{id}"), &json!({ "organizations": places })).await;
            assert_eq!((answer.refusal().0, answer.problems()), (400, vec![problem]));
        }
    }
}

//! Organizations: what their members may do inside, and who owns them in the end.

use serde_json::{Value, json};

use super::groups::made;
use super::ranks::holder;
use crate::support::{Answer, Client, TestApp, crowd, on_both};

fn code(answer: &Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

/// An organization with one user of each role, who have no permission in the tenant but the role `user`'s.
struct Acme {
    path: String,
    ids: Vec<String>,
    clients: Vec<Client>,
}

const ROLES: [&str; 4] = ["owner", "admin", "manager", "evaluator"];

impl Acme {
    async fn new(app: &TestApp) -> Self {
        let (mut ids, mut clients) = (Vec::new(), Vec::new());
        for role in ROLES {
            let (id, client) = holder(app, role, &["user"]).await;
            ids.push(id);
            clients.push(client);
        }
        let members: Vec<Value> =
            ids.iter().zip(ROLES).map(|(id, role)| json!({ "id": id, "role": role })).collect();
        let body = json!({ "name": "Acme", "kind": "organization", "members": members });
        Self { path: format!("/groups/{}", made(&app.admin, body).await), ids, clients }
    }
}

/// Who is what in an organization.
async fn roles_of(client: &Client, path: &str) -> Vec<(String, String)> {
    let members = client.get(&format!("{path}/members")).await.expect(200)["members"].clone();
    let text = |member: &Value, name: &str| member[name].as_str().unwrap().to_owned();
    let mut roles: Vec<_> = members
        .as_array()
        .unwrap()
        .iter()
        .map(|member| (text(member, "name"), text(member, "role")))
        .collect();
    roles.sort_unstable();
    roles
}

on_both! {
    /// Owner and admin change settings and members, manager members below it, evaluator reads; outsiders see nothing.
    async fn each_role_does_what_it_says_inside(app: TestApp) {
        let Acme { path, clients, .. } = Acme::new(&app).await;
        let members = format!("{path}/members");
        for (role, client) in ROLES.iter().zip(&clients) {
            let level = ROLES.iter().position(|one| one == role).unwrap();
            assert_eq!(client.get(&path).await.expect(200)["name"], "Acme", "{role}");
            assert_eq!(client.get(&members).await.expect(200)["members"].as_array().unwrap().len(), 4);
            let renamed = client.patch(&path, &json!({ "name": "Acme" })).await;
            assert_eq!(renamed.status, if level <= 1 { 200 } else { 403 }, "{role}");
            for (new_level, new_role) in ROLES.iter().enumerate() {
                let user = app.client.user(&format!("{new_role} of {role}")).await;
                let added = client.post(&members, &json!({ "members": [{ "id": user, "role": new_role }] })).await;
                let may = match level {
                    0 => true,
                    1 => new_level >= 1,
                    2 => new_level == 3,
                    _ => false,
                };
                assert_eq!(added.status, if may { 200 } else { 403 }, "{role} adds {new_role}");
                if may {
                    let gone = client.post(&format!("{members}/remove"), &json!({ "members": [user] })).await;
                    assert_eq!(gone.status, 200, "{role} removes {new_role}");
                }
            }
            // Nothing of it reaches beyond the organization.
            assert_eq!(client.get("/groups").await.status, 403);
            assert_eq!(client.patch(&path, &json!({ "roles": ["user"] })).await.status, 403);
        }
        let (_, stranger) = holder(&app, "stranger", &["user"]).await;
        assert_eq!(stranger.get(&path).await.status, 403);
        assert_eq!(stranger.get(&members).await.status, 403);
        assert_eq!(code(&clients[1].delete(&path).await), (403, "organization_role"));
        assert_eq!(clients[0].delete(&path).await.status, 204);
    }

    /// Nobody raises themselves or lowers somebody above them.
    async fn nobody_reaches_above_themselves(app: TestApp) {
        let Acme { path, ids, clients } = Acme::new(&app).await;
        for (by, whom, to) in [(1, 1, "owner"), (1, 0, "admin"), (2, 2, "admin"), (2, 1, "evaluator"), (2, 3, "manager"), (3, 3, "owner")] {
            let put = clients[by].put(&format!("{path}/members/{}", ids[whom]), &json!({ "role": to })).await;
            assert_eq!(code(&put), (403, "organization_role"), "{} makes {} {to}", ROLES[by], ROLES[whom]);
        }
        let removed = clients[1].post(&format!("{path}/members/remove"), &json!({ "members": [ids[0]] })).await;
        assert_eq!(code(&removed), (403, "organization_role"));
        assert_eq!(clients[1].put(&format!("{path}/members/{}", ids[2]), &json!({ "role": "admin" })).await.expect(200)["role"], "admin");
        let expected = ["admin", "admin", "evaluator", "owner"].map(str::to_owned);
        let roles: Vec<String> = roles_of(&app.admin, &path).await.into_iter().map(|(_, role)| role).collect();
        let mut sorted = roles;
        sorted.sort();
        assert_eq!(sorted, expected);
        let events = app.texts("SELECT details FROM audit_events WHERE kind = 'member.role_changed'").await;
        assert_eq!(events, [json!({ "members": [{ "id": ids[2], "from": "manager", "to": "admin" }] }).to_string()]);
        let nobody = "0190d2a5-0000-7000-8000-000000000000";
        assert_eq!(app.admin.put(&format!("{path}/members/{nobody}"), &json!({ "role": "owner" })).await.refusal().0, 404);
    }

    /// The last owner stays an owner until somebody else is one; whoever tries.
    async fn the_last_owner_stays(app: TestApp) {
        let Acme { path, ids, clients } = Acme::new(&app).await;
        let last = (409, "last_organization_owner");
        for client in [&clients[0], &app.admin] {
            assert_eq!(code(&client.put(&format!("{path}/members/{}", ids[0]), &json!({ "role": "admin" })).await), last);
            assert_eq!(code(&client.post(&format!("{path}/members/remove"), &json!({ "members": [ids[0]] })).await), last);
            let again = json!({ "members": [{ "id": ids[0], "role": "evaluator" }] });
            assert_eq!(code(&client.post(&format!("{path}/members"), &again).await), last);
        }
        // One request may hand it over.
        let handed = json!({ "members": [{ "id": ids[0], "role": "admin" }, { "id": ids[3], "role": "owner" }] });
        let done = clients[0].post(&format!("{path}/members"), &handed).await.expect(200);
        assert_eq!(done, json!({ "added": 0, "removed": 0, "changed": 2 }));
        assert_eq!(clients[3].post(&format!("{path}/members/remove"), &json!({ "members": [ids[0]] })).await.status, 200);
    }

    /// Of many owners who go at once, one is left.
    async fn one_owner_outlives_a_race(app: TestApp) {
        let mut ids = Vec::new();
        for number in 0..8 {
            ids.push(app.client.user(&format!("owner {number}")).await);
        }
        let members: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "role": "owner" })).collect();
        let path = format!("/groups/{}", made(&app.admin, json!({ "name": "o", "kind": "organization", "members": members })).await);
        let mut answers = crowd(8, |number| {
            let (client, path, id) = (app.admin.clone(), path.clone(), ids[number].clone());
            async move { client.post(&format!("{path}/members/remove"), &json!({ "members": [id] })).await.status }
        }).await;
        answers.sort_unstable();
        assert_eq!(answers, [200, 200, 200, 200, 200, 200, 200, 409]);
        assert_eq!(app.admin.get(&path).await.expect(200)["member_count"], 1);
    }

    /// Who goes hands on what they own: to the next in the order of roles, else it goes with them. Through both doors.
    async fn owners_who_go_hand_on(app: TestApp) {
        for scim in [true, false] {
            let Acme { path, ids, .. } = Acme::new(&app).await;
            for (position, id) in ids.iter().enumerate() {
                let gone = match scim {
                    true => app.client.delete(&format!("/Users/{id}")).await,
                    false => app.admin.delete(&format!("/users/{id}")).await,
                };
                assert_eq!(gone.status, 204, "{}", gone.body);
                let Some(heir) = ROLES.get(position + 1) else { break };
                let roles = roles_of(&app.admin, &path).await;
                let owners: Vec<_> = roles.iter().filter(|(_, role)| role == "owner").map(|(name, _)| &**name).collect();
                assert_eq!((owners, roles.len()), (vec![*heir], 3 - position));
            }
            assert_eq!(app.admin.get(&path).await.refusal().0, 404);
        }
    }

    /// Owners who are deleted all at once leave an organization that somebody owns, or none.
    async fn handing_on_survives_a_race(app: TestApp) {
        let mut members = Vec::new();
        for number in 0..8 {
            let id = app.client.user(&format!("member {number}")).await;
            members.push(json!({ "id": id, "role": if number < 4 { "owner" } else { "evaluator" } }));
        }
        let body = json!({ "name": "o", "kind": "organization", "members": members });
        let path = format!("/groups/{}", made(&app.admin, body).await);
        crowd(6, |number| {
            let (scim, admin) = (app.client.clone(), app.admin.clone());
            let id = members[number]["id"].as_str().unwrap().to_owned();
            async move {
                let gone = match number % 2 {
                    0 => scim.delete(&format!("/Users/{id}")).await,
                    _ => admin.delete(&format!("/users/{id}")).await,
                };
                assert_eq!(gone.status, 204, "{}", gone.body);
            }
        }).await;
        let roles: Vec<String> = roles_of(&app.admin, &path).await.into_iter().map(|(_, role)| role).collect();
        assert_eq!(roles.iter().filter(|role| *role == "owner").count(), 1, "{roles:?}");
        assert_eq!(roles.len(), 2);
    }

    /// Who makes one and names no owner owns it; organizations hold users alone.
    async fn whoever_makes_one_owns_it(app: TestApp) {
        let (id, manager) = holder(&app, "manager", &["manager"]).await;
        let path = format!("/groups/{}", made(&manager, json!({ "name": "Mine", "kind": "organization" })).await);
        assert_eq!(roles_of(&manager, &path).await, [("manager".to_owned(), "owner".to_owned())]);
        let group = app.client.group("plain", &[]).await;
        let refused = manager.post(&format!("{path}/members"), &json!({ "members": [{ "id": group }] })).await;
        assert_eq!(code(&refused), (422, "invalid_members"));
        let own = app.admin.get(&format!("/users/{id}/groups")).await.expect(200)["groups"][0].clone();
        assert_eq!((&own["name"], &own["kind"], &own["role"]), (&json!("Mine"), &json!("organization"), &json!("owner")));
    }
}

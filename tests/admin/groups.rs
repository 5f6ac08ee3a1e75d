//! `/v1/groups`: groups of the kind `group`, their members and what they give.

use serde_json::{Value, json};

use super::ranks::holder;
use crate::support::{Answer, Client, crowd, on_both};

fn code(answer: &Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

pub async fn made(client: &Client, body: Value) -> String {
    client.post("/groups", &body).await.created()
}

fn list<'a>(body: &'a Value, of: &str, field: &str) -> Vec<&'a str> {
    body[of].as_array().unwrap().iter().map(|one| one[field].as_str().unwrap()).collect()
}

/// The ids of all members, page by page.
async fn member_ids(client: &Client, group: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = client.get(&format!("/groups/{group}/members?limit=50{after}")).await.expect(200);
        ids.extend(list(&page, "members", "id").into_iter().map(str::to_owned));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return ids,
        }
    }
}

on_both! {
    /// Made, read, changed by a merge patch under its version, deleted; each step is in the audit log.
    async fn a_group_lives_and_goes(app: TestApp) {
        let user = app.client.user("ada").await;
        let answer = app.admin.post("/groups", &json!({
            "name": " Guides ", "external_id": "g-1", "roles": ["MANAGER"], "members": [{ "id": user }],
        })).await;
        let location = answer.header("location").unwrap().to_owned();
        assert_eq!(answer.header("etag"), Some("W/\"1\""));
        let mut group = answer.expect(201);
        let id = group["id"].as_str().unwrap().to_owned();
        let path = format!("/groups/{id}");
        assert_eq!(location, format!("{}{path}", app.admin.base_url));
        assert_eq!(app.admin.get(&path).await.expect(200), group);
        let manager = app.admin.get("/roles").await.expect(200)["roles"][2]["permissions"].clone();
        for name in ["created_at", "updated_at"] {
            group.as_object_mut().unwrap().shift_remove(name);
        }
        assert_eq!(group, json!({
            "id": id, "tenant_id": app.tenant.id, "name": "Guides", "kind": "group", "external_id": "g-1",
            "member_count": 1, "roles": ["manager"], "permissions": manager, "version": 1,
        }));
        let stale = app.admin.request(reqwest::Method::PATCH, &path).header("if-match", "W/\"7\"");
        let stale = stale.header("content-type", "application/json").body(json!({ "name": "x" }).to_string());
        assert_eq!(Answer::of(stale).await.refusal().0, 412);
        let patch = json!({ "name": "Rangers", "roles": [], "external_id": null, "kind": "group", "id": id });
        let changed = app.admin.patch(&path, &patch).await.expect(200);
        assert_eq!(
            (&changed["name"], &changed["roles"], changed.get("external_id"), &changed["version"], &changed["member_count"]),
            (&json!("Rangers"), &json!([]), None, &json!(2), &json!(1))
        );
        assert_eq!(app.admin.patch(&path, &json!({ "kind": "organization" })).await.problems(), [("/kind", "read_only")]);
        assert_eq!(app.admin.delete(&path).await.status, 204);
        assert_eq!(code(&app.admin.get(&path).await), (404, "not_found"));
        let events = app.texts("SELECT kind FROM audit_events WHERE target_kind = 'group' ORDER BY id").await;
        assert_eq!(events, ["group.created", "group.updated", "role.unassigned", "group.deleted"]);
    }

    /// Pages in the order of ids; by kind, by part of the name, by parent.
    async fn groups_are_listed(app: TestApp) {
        for (name, kind) in [("Alpha", "group"), ("Beta", "organization"), ("Gamma", "resource_group"), ("Alphabet", "group")] {
            made(&app.admin, json!({ "name": name, "kind": kind })).await;
        }
        let names = |body: &Value| list(body, "groups", "name").into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names(&app.admin.get("/groups").await.expect(200)), ["Alpha", "Beta", "Gamma", "Alphabet"]);
        assert_eq!(names(&app.admin.get("/groups?kind=organization").await.expect(200)), ["Beta"]);
        assert_eq!(names(&app.admin.get("/groups?search=ALPHA").await.expect(200)), ["Alpha", "Alphabet"]);
        let first = app.admin.get("/groups?limit=3").await.expect(200);
        let next = first["next_cursor"].as_str().unwrap();
        let rest = app.admin.get(&format!("/groups?limit=3&cursor={next}")).await.expect(200);
        assert_eq!((names(&rest), rest.get("next_cursor")), (vec!["Alphabet".to_owned()], None));
        assert_eq!(app.other_admin("other").await.get("/groups").await.expect(200)["groups"], json!([]));
    }

    /// Members come and go by the thousand; who is there already, or gone already, is no news; who is nobody is named.
    async fn members_come_and_go_in_bulk(app: TestApp) {
        let (ada, bob) = (app.client.named_user("ada").await, app.client.user("bob").await);
        let (inner, outer) = (app.client.group("inner", &[&ada]).await, made(&app.admin, json!({ "name": "outer" })).await);
        let path = format!("/groups/{outer}/members");
        let body = json!({ "members": [{ "id": ada }, { "id": bob }, { "id": inner }, { "id": ada }] });
        assert_eq!(app.admin.post(&path, &body).await.expect(200), json!({ "added": 3, "removed": 0, "changed": 0 }));
        assert_eq!(app.admin.post(&path, &body).await.expect(200), json!({ "added": 0, "removed": 0, "changed": 0 }));
        let members = app.admin.get(&path).await.expect(200)["members"].clone();
        assert_eq!(members, json!([
            { "id": ada, "type": "user", "name": "ada" }, { "id": bob, "type": "user", "name": "bob" },
            { "id": inner, "type": "group", "name": "inner" },
        ]));
        let nobody = "0190d2a5-0000-7000-8000-000000000000";
        let organization = made(&app.admin, json!({ "name": "org", "kind": "organization" })).await;
        let refused = app.admin.post(&path, &json!({ "members": [{ "id": nobody }, { "id": organization }, { "id": bob }] })).await;
        assert_eq!(code(&refused), (422, "invalid_members"));
        assert_eq!(refused.body["details"]["invalid_members"], json!([nobody, organization]));
        let roles = app.admin.post(&path, &json!({ "members": [{ "id": bob, "role": "owner" }] })).await;
        assert_eq!(roles.problems(), [("/members/0/role", "not_accepted")]);
        let gone = app.admin.post(&format!("{path}/remove"), &json!({ "members": [ada, nobody, inner] })).await;
        assert_eq!(gone.expect(200), json!({ "added": 0, "removed": 2, "changed": 0 }));
        assert_eq!(member_ids(&app.admin, &outer).await, [bob]);
        assert_eq!(app.admin.get(&format!("/groups/{outer}")).await.expect(200)["version"], 3);
        let many: Vec<Value> = (0..1001).map(|_| json!({ "id": ada })).collect();
        assert_eq!(app.admin.post(&path, &json!({ "members": many })).await.problems(), [("/members", "too_many")]);
    }

    /// What a group gives its members, through nesting too; and where it comes from.
    async fn roles_come_through_groups(app: TestApp) {
        let ada = app.client.user("ada").await;
        let outer = made(&app.admin, json!({ "name": "outer", "roles": ["manager"] })).await;
        let inner = made(&app.admin, json!({ "name": "inner", "members": [{ "id": ada }] })).await;
        app.admin.post(&format!("/groups/{outer}/members"), &json!({ "members": [{ "id": inner }] })).await.expect(200);
        // Cycles of plain groups are harmless.
        app.admin.post(&format!("/groups/{inner}/members"), &json!({ "members": [{ "id": outer }] })).await.expect(200);
        let held = app.admin.get(&format!("/users/{ada}/roles")).await.expect(200);
        assert_eq!(held["roles"], json!(["user"]));
        let source = json!([{ "id": outer, "name": "outer", "kind": "group" }]);
        let effective: Vec<_> = held["effective"].as_array().unwrap().iter()
            .map(|role| (role["name"].as_str().unwrap(), role["direct"].as_bool().unwrap(), role["through"].clone())).collect();
        assert_eq!(effective, [("manager", false, source), ("user", true, json!([]))]);
        assert_eq!(app.admin.get(&format!("/groups/{inner}")).await.expect(200)["permissions"], held["permissions"]);
        let groups = app.admin.get(&format!("/users/{ada}/groups")).await.expect(200);
        let mut seen: Vec<_> = groups["groups"].as_array().unwrap().iter()
            .map(|group| (group["name"].as_str().unwrap(), group["direct"].as_bool().unwrap())).collect();
        seen.sort_unstable();
        assert_eq!(seen, [("inner", true), ("outer", false)]);
        let put = app.admin.put(&format!("/users/{ada}/roles"), &json!({ "roles": ["read_only", "user"] })).await.expect(200);
        assert_eq!(put["roles"], json!(["read_only", "user"]));
    }

    /// Putting somebody into a group, or taking them out, gives and takes what it holds, its outer groups' included. That
    /// is for those alone who hold as much.
    async fn nobody_gives_through_groups_what_they_lack(app: TestApp) {
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        let (_, admin) = holder(&app, "admin", &["admin"]).await;
        let ada = app.client.user("ada").await;
        let admins = made(&app.admin, json!({ "name": "admins", "roles": ["admin"] })).await;
        let inner = made(&app.admin, json!({ "name": "inner" })).await;
        let members = json!({ "members": [{ "id": ada }] });
        assert_eq!(manager.post(&format!("/groups/{inner}/members"), &members).await.status, 200);
        app.admin.post(&format!("/groups/{admins}/members"), &json!({ "members": [{ "id": inner }] })).await.expect(200);
        let exceeds = (403, "exceeds_permissions");
        for group in [&admins, &inner] {
            let path = format!("/groups/{group}");
            let other = app.client.user(&format!("of {group}")).await;
            let added = manager.post(&format!("{path}/members"), &json!({ "members": [{ "id": other }] })).await;
            assert_eq!(code(&added), exceeds);
            assert_eq!(code(&manager.patch(&format!("/users/{other}"), &json!({ "groups": [group] })).await), exceeds);
            assert_eq!(code(&manager.delete(&path).await), exceeds);
        }
        let gone = manager.post(&format!("/groups/{inner}/members/remove"), &json!({ "members": [ada] })).await;
        assert_eq!(code(&gone), exceeds);
        let plain = made(&manager, json!({ "name": "plain" })).await;
        let nested = manager.post(&format!("/groups/{admins}/members"), &json!({ "members": [{ "id": plain }] })).await;
        assert_eq!(code(&nested), exceeds);
        assert_eq!(code(&manager.post("/groups", &json!({ "name": "x", "roles": ["admin"] })).await), exceeds);
        assert_eq!(code(&manager.patch(&format!("/groups/{plain}"), &json!({ "roles": ["admin"] })).await), exceeds);
        assert_eq!(code(&manager.patch(&format!("/groups/{admins}"), &json!({ "roles": [] })).await), exceeds);
        assert_eq!(code(&admin.post("/groups", &json!({ "name": "x", "roles": ["owner"] })).await), (403, "forbidden"));
        assert_eq!(admin.post(&format!("/groups/{admins}/members"), &members).await.status, 200);
        assert_eq!(member_ids(&app.admin, &inner).await, [ada]);
    }

    /// Each built-in role with each action on groups.
    async fn each_role_does_what_it_says(app: TestApp) {
        let group = made(&app.admin, json!({ "name": "target" })).await;
        let ada = app.client.user("ada").await;
        let path = format!("/groups/{group}");
        for (role, read, write) in
            [("owner", 200, 200), ("admin", 200, 200), ("manager", 200, 200), ("read_only", 200, 403), ("user", 403, 403)]
        {
            let (_, client) = holder(&app, role, &[role]).await;
            let did = [
                client.get("/groups").await.status,
                client.get(&path).await.status,
                client.get(&format!("{path}/members")).await.status,
                client.patch(&path, &json!({ "name": role })).await.status,
                client.post(&format!("{path}/members"), &json!({ "members": [{ "id": ada }] })).await.status,
                client.post(&format!("{path}/members/remove"), &json!({ "members": [ada] })).await.status,
            ];
            assert_eq!(did, [read, read, read, write, write, write], "{role}");
            assert_eq!(client.post("/groups", &json!({ "name": role })).await.status, if write == 200 { 201 } else { 403 });
        }
    }

    /// SCIM's `/Groups` shows, filters, counts and nests groups of the kind `group` alone.
    async fn scim_shows_plain_groups_alone(app: TestApp) {
        let ada = app.client.user("ada").await;
        let members = json!([{ "id": ada }]);
        let organization = made(&app.admin, json!({ "name": "one", "kind": "organization", "members": members })).await;
        let resource = made(&app.admin, json!({ "name": "two", "kind": "resource_group", "members": members })).await;
        let group = made(&app.admin, json!({ "name": "three", "members": members })).await;
        let listed = app.client.get("/Groups").await.expect(200);
        assert_eq!((&listed["totalResults"], list(&listed, "Resources", "id")), (&json!(1), vec![&*group]));
        let filter = format!("members.value eq \"{ada}\"");
        assert_eq!(app.client.query("/Groups", &[("filter", &filter)]).await.expect(200)["totalResults"], 1);
        let groups = app.client.get(&format!("/Users/{ada}")).await.expect(200)["groups"].clone();
        assert_eq!(groups.as_array().unwrap().len(), 1, "{groups}");
        for (id, found) in [(&organization, 0), (&resource, 0), (&group, 1)] {
            for filter in [format!("groups.value eq \"{id}\""), format!("groups[value eq \"{id}\" and type eq \"direct\"]")] {
                let users = app.client.query("/Users", &[("filter", &filter)]).await.expect(200);
                assert_eq!(users["totalResults"], found, "{filter}");
            }
            let users = app.admin.get(&format!("/users?group={id}")).await.expect(200);
            assert_eq!(list(&users, "users", "id"), [&*ada]);
        }
        for id in [&organization, &resource] {
            let path = format!("/Groups/{id}");
            assert_eq!(app.client.get(&path).await.status, 404);
            assert_eq!(app.client.put(&path, &json!({ "displayName": "x" })).await.status, 404);
            assert_eq!(app.client.delete(&path).await.status, 404);
            let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
            assert_eq!(app.client.operations(&format!("/Groups/{group}"), add).await.error().0, 400);
            let new = json!({ "displayName": "x", "members": [{ "value": id }] });
            assert_eq!(app.client.post("/Groups", &new).await.error().0, 400);
        }
        assert_eq!(app.client.post("/.search", &json!({})).await.expect(200)["totalResults"], 2);
    }

    /// 64 clients that add and remove members of one group through both doors lose nobody.
    async fn nobody_is_lost_between_the_doors(app: TestApp) {
        const CLIENTS: usize = 64;
        let users = crowd(CLIENTS, |number| {
            let client = app.client.clone();
            async move { client.user(&format!("member {number}")).await }
        }).await;
        let group = app.client.group("all", &[]).await;
        crowd(CLIENTS, |number| {
            let (scim, admin, group, user) = (app.client.clone(), app.admin.clone(), group.clone(), users[number].clone());
            async move {
                let (scim_path, path) = (format!("/Groups/{group}"), format!("/groups/{group}/members"));
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user }] }]);
                let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{user}\"]") }]);
                if number % 2 == 0 {
                    scim.operations(&scim_path, add).await.expect(204);
                    admin.post(&format!("{path}/remove"), &json!({ "members": [user] })).await.expect(200);
                    admin.post(&path, &json!({ "members": [{ "id": user }] })).await.expect(200);
                } else {
                    admin.post(&path, &json!({ "members": [{ "id": user }] })).await.expect(200);
                    scim.operations(&scim_path, remove).await.expect(204);
                }
            }
        }).await;
        let mut stay: Vec<String> = users.iter().step_by(2).cloned().collect();
        stay.sort();
        assert_eq!(member_ids(&app.admin, &group).await, stay);
        let group = app.admin.get(&format!("/groups/{group}")).await.expect(200);
        assert_eq!((&group["member_count"], &group["version"]), (&json!(CLIENTS / 2), &json!(1 + CLIENTS / 2 * 5)));
    }
}

//! `/v1/deleted-users`: what a deletion keeps, restoring and purging it.

use provost::model::change::{ChangeSet, SettingsChange};
use provost::model::{Clock, Timestamp, UserId};
use provost::provisioning::directory::KeyDraft;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Client, TestApp, on_both};

const DAY: i64 = 24 * 3_600_000;
const AVATAR: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";

/// A user with these roles, and a client with a key of theirs.
async fn holder(app: &TestApp, name: &str, roles: &[&str]) -> (String, Client) {
    let body = json!({ "user_name": name, "auth_provider": "oidc", "roles": roles });
    let id = app.admin.post("/users", &body).await.created();
    let user_id = Some(UserId(id.parse().unwrap()));
    let draft = KeyDraft { name: name.to_owned(), user_id, permissions: None, expires_at: None };
    let key = app.directory.create_operator_key(app.tenant.id, draft).await.unwrap();
    (id, Client::new(&app.admin.base_url, key.text.expose()))
}

fn code(answer: &Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

async fn restore(client: &Client, id: &str) -> Answer {
    client.post(&format!("/deleted-users/{id}/restore"), &json!({})).await
}

/// The ids in a list, sorted.
fn ids(list: &Value) -> Vec<&str> {
    let mut ids: Vec<&str> = list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

fn patch_members(op: &str, id: &str) -> Value {
    match op {
        "add" => json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]),
        _ => json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }]),
    }
}

on_both! {
    /// Through either door: a user that was deleted comes back as it was, over SCIM too, and its groups with it.
    async fn a_deleted_user_is_restored(app: TestApp) {
        let other = app.other_connection("other", false).await;
        // What this user is given is more than a connection may touch unless it is told so.
        for connection in app.admin.get("/connections").await.expect(200)["connections"].as_array().unwrap() {
            let path = format!("/connections/{}", connection["id"].as_str().unwrap());
            app.admin.patch(&path, &json!({ "role_ceiling": "manager" })).await.expect(200);
        }
        for (name, by_scim) in [("ada", true), ("bob", false)] {
            let id = app.client.post("/Users", &json!({
                "userName": name, "externalId": format!("{name}-1"), "displayName": "Ada",
                "name": { "formatted": "Ada Augusta King" }, "title": "Countess",
                "emails": [{ "value": format!("{name}@example.com"), "primary": true }],
            })).await.created();
            let path = format!("/users/{id}");
            other.operations(&format!("/Users/{id}"), json!([{ "op": "add", "path": "externalId", "value": "elsewhere" }])).await;
            let changes = json!({ "avatar": AVATAR, "phone": "+41446681800", "roles": ["manager"], "must_enrol_mfa": true });
            app.admin.patch(&path, &changes).await.expect(200);
            let kept = app.client.group("kept", &[&id]).await;
            let gone = app.client.group("gone", &[&id]).await;
            let before = app.admin.get(&path).await.expect(200);
            let scim_before = app.client.get(&format!("/Users/{id}")).await.expect(200);

            match by_scim {
                true => app.client.delete(&format!("/Users/{id}")).await.expect(204),
                false => app.admin.delete(&path).await.expect(204),
            };
            let deleted = app.admin.get(&format!("/deleted-users/{id}")).await.expect(200);
            assert_eq!(deleted["groups"].as_array().map(Vec::len), Some(2), "{deleted}");
            assert_eq!(
                (&deleted["user_name"], &deleted["roles"], &deleted["has_avatar"], &deleted["deleted_by"]["kind"]),
                (&json!(name), &json!(["manager"]), &json!(true), &json!(if by_scim { "connection" } else { "key" }))
            );
            app.client.delete(&format!("/Groups/{gone}")).await.expect(204);
            let group = format!("/Groups/{kept}");
            let tag = app.client.get(&group).await.header("etag").map(str::to_owned);

            let answer = restore(&app.admin, &id).await;
            let version = before["version"].as_i64().unwrap() + 1;
            assert_eq!(answer.header("etag"), Some(&*format!("W/\"{version}\"")));
            let after = answer.expect(200);
            let mut expected = before.clone();
            expected["version"] = json!(version);
            expected["updated_at"] = after["updated_at"].clone();
            expected["groups"].as_array_mut().unwrap().retain(|group| group["id"] == json!(kept));
            assert_eq!(after, expected);
            assert_eq!(app.admin.get(&path).await.expect(200), expected);

            let seen = app.client.get(&format!("/Users/{id}")).await.expect(200);
            for attribute in ["id", "externalId", "userName", "name", "title", "emails", "phoneNumbers"] {
                assert_eq!(seen[attribute], scim_before[attribute], "{attribute}");
            }
            assert_eq!(other.get(&format!("/Users/{id}")).await.expect(200)["externalId"], "elsewhere");
            let found = app.client.query("/Users", &[("filter", &format!("externalId eq \"{name}-1\""))]).await.expect(200);
            assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
            let members = app.client.get(&group).await;
            assert_ne!(members.header("etag").map(str::to_owned), tag, "the group has a new version");
            assert_eq!(members.expect(200)["members"][0]["value"], json!(id));
            assert_eq!(code(&app.admin.get(&format!("/deleted-users/{id}")).await), (404, "not_found"));
            assert_eq!(code(&restore(&app.admin, &id).await), (404, "not_found"));
        }
        let restored: Vec<String> = app.audit().await.into_iter().filter(|event| event.starts_with("user.restored")).collect();
        assert_eq!(restored.len(), 2, "{restored:?}");
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 2);
    }

    /// Memberships of every kind come back, in an organization with the role there, whichever door the user left by; what is
    /// no more is left out.
    async fn memberships_of_every_kind_come_back(app: TestApp) {
        let (id, bob) = (app.client.user("ada").await, app.client.user("bob").await);
        let path = format!("/users/{id}");
        let organization = |name: &str, members: Value| {
            let body = json!({ "name": name, "kind": "organization", "members": members });
            let client = app.admin.clone();
            async move { client.post("/groups", &body).await.created() }
        };
        let acme = organization("Acme", json!([{ "id": bob, "role": "owner" }, { "id": id, "role": "manager" }])).await;
        let alone = organization("Alone", json!([{ "id": id, "role": "owner" }])).await;
        let bern = json!({ "name": "Bern", "kind": "resource_group", "members": [{ "id": id }] });
        let bern = app.admin.post("/groups", &bern).await.created();
        let mut before = app.admin.get(&path).await.expect(200);
        assert_eq!((ids(&before["organizations"]), ids(&before["resource_groups"])), (vec![&*acme, &*alone], vec![&*bern]));
        for by_scim in [true, false] {
            match by_scim {
                true => app.client.delete(&format!("/Users/{id}")).await.expect(204),
                false => app.admin.delete(&path).await.expect(204),
            };
            // An organization without anybody is no more.
            assert_eq!(app.admin.get(&format!("/groups/{alone}")).await.status, 404);
            let after = restore(&app.admin, &id).await.expect(200);
            before["organizations"].as_array_mut().unwrap().retain(|one| one["id"] == json!(acme));
            for kind in ["organizations", "resource_groups"] {
                assert_eq!(after[kind], before[kind]);
            }
            assert_eq!(after["organizations"][0]["role"], "manager");
            let members = app.admin.get(&format!("/groups/{acme}/members")).await.expect(200)["members"].clone();
            let member = members.as_array().unwrap().iter().find(|member| member["id"] == json!(id)).unwrap();
            assert_eq!(member["role"], "manager");
        }
        let event = app.audit().await.into_iter().find(|event| event.starts_with("user.restored")).unwrap();
        assert!(event.contains(&format!("\"groupsLeftOut\":[\"{alone}\"]")), "{event}");
    }

    /// Lists are searched and paged, and hold what can be restored.
    async fn deleted_users_are_listed(app: TestApp) {
        let mut deleted = Vec::new();
        for name in ["ada", "bob", "Bobby"] {
            let body = json!({ "user_name": name, "email": format!("{name}@example.com"), "auth_provider": "oidc" });
            let id = app.admin.post("/users", &body).await.created();
            app.admin.delete(&format!("/users/{id}")).await.expect(204);
            deleted.push(id);
        }
        app.client.user("carol").await;
        let all = app.admin.get("/deleted-users").await.expect(200);
        assert_eq!(ids(&all["deleted_users"]), deleted);
        assert_eq!(all.get("next_cursor"), None);
        let first = app.admin.get("/deleted-users?limit=2").await.expect(200);
        assert_eq!(ids(&first["deleted_users"]), deleted[..2]);
        let next = format!("/deleted-users?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
        assert_eq!(ids(&app.admin.get(&next).await.expect(200)["deleted_users"]), deleted[2..]);
        for (search, expected) in [("BOB", &deleted[1..]), ("ada@", &deleted[..1]), ("nobody", &[])] {
            let found = app.admin.query("/deleted-users", &[("search", search)]).await.expect(200);
            assert_eq!(ids(&found["deleted_users"]), *expected, "{search}");
        }
        let nobody = app.other_admin("other").await;
        assert_eq!(nobody.get("/deleted-users").await.expect(200)["deleted_users"], json!([]));
        let path = format!("/deleted-users/{}", deleted[0]);
        for answer in [nobody.get(&path).await, restore(&nobody, &deleted[0]).await, nobody.delete(&path).await] {
            assert_eq!(answer.refusal(), (404, "not_found", &*format!("Deleted user '{}' was not found.", deleted[0])));
        }
    }

    /// Who took the name or the address meanwhile keeps it.
    async fn a_taken_name_is_a_conflict(app: TestApp) {
        let body = |name: &str, email: &str| json!({ "user_name": name, "email": email, "auth_provider": "oidc" });
        let id = app.admin.post("/users", &body("ada", "ada@example.com")).await.created();
        app.admin.delete(&format!("/users/{id}")).await.expect(204);
        let second = app.admin.post("/users", &body("ADA", "other@example.com")).await.created();
        let refused = restore(&app.admin, &id).await;
        assert_eq!(refused.refusal(), (409, "user_exists", "a user with this username already exists."));
        app.admin.patch(&format!("/users/{second}"), &body("else", "ADA@example.com")).await.expect(200);
        let refused = restore(&app.admin, &id).await;
        assert_eq!(refused.refusal(), (409, "user_exists", "a user with this email already exists."));
        app.admin.delete(&format!("/users/{second}")).await.expect(204);
        assert_eq!(restore(&app.admin, &id).await.expect(200)["user_name"], "ada");
    }

    /// Restoring gives roles: nobody gives what they lack, nor purges somebody mightier.
    async fn roles_come_back_as_far_as_the_caller_holds_them(app: TestApp) {
        let (mighty, _) = holder(&app, "mighty", &["admin"]).await;
        holder(&app, "second", &["admin"]).await;
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        let (_, reader) = holder(&app, "reader", &["read_only"]).await;
        let (_, nobody) = holder(&app, "nobody", &["user"]).await;
        app.admin.delete(&format!("/users/{mighty}")).await.expect(204);
        let path = format!("/deleted-users/{mighty}");
        assert_eq!(code(&restore(&manager, &mighty).await), (403, "exceeds_permissions"));
        assert_eq!(code(&manager.delete(&path).await), (403, "exceeds_permissions"));
        assert_eq!(code(&restore(&reader, &mighty).await), (403, "forbidden"));
        assert_eq!(code(&reader.delete(&path).await), (403, "forbidden"));
        assert_eq!(reader.get(&path).await.status, 200);
        for answer in [nobody.get(&path).await, nobody.get("/deleted-users").await] {
            assert_eq!(code(&answer), (403, "forbidden"));
        }
        assert_eq!(restore(&app.admin, &mighty).await.expect(200)["roles"], json!(["admin"]));

        // A role that is no more is not given; without any the tenant's default is.
        let role = app.admin.post("/roles", &json!({ "name": "auditor", "permissions": ["users.read"] })).await.created();
        let (id, _) = holder(&app, "ada", &["auditor"]).await;
        app.admin.delete(&format!("/users/{id}")).await.expect(204);
        app.admin.delete(&format!("/roles/{role}")).await.expect(204);
        assert_eq!(restore(&manager, &id).await.expect(200)["roles"], json!(["user"]));
    }

    /// A group whose roles the caller could not give is left out, and the audit log says so.
    async fn a_mightier_group_is_left_out(app: TestApp) {
        let (_, manager) = holder(&app, "manager", &["manager"]).await;
        let id = app.client.user("ada").await;
        let plain = app.client.group("plain", &[&id]).await;
        let mighty = app.client.group("mighty", &[&id]).await;
        let admin = provost::model::BuiltInRole::Admin.id().0.simple();
        app.texts(&format!("UPDATE groups SET roles = '{admin}' WHERE display_name = 'mighty' RETURNING roles")).await;
        app.client.delete(&format!("/Users/{id}")).await.expect(204);
        assert_eq!(ids(&restore(&manager, &id).await.expect(200)["groups"]), [&*plain]);
        let event = app.audit().await.into_iter().find(|event| event.starts_with("user.restored")).unwrap();
        assert!(event.contains(&format!("\"groups\":[\"{plain}\"],\"groupsLeftOut\":[\"{mighty}\"]")), "{event}");
    }

    /// Passwords and keys end with the user and do not come back.
    async fn credentials_do_not_come_back(app: TestApp) {
        let body = json!({ "user_name": "ada", "password": "seventeen purple llamas" });
        let id = app.admin.post("/users", &body).await.created();
        let key = app.admin.post("/api-keys", &json!({ "name": "k", "user_id": id })).await.expect(201);
        let client = Client::new(&app.admin.base_url, key["key"].as_str().unwrap());
        app.admin.delete(&format!("/users/{id}")).await.expect(204);
        let back = restore(&app.admin, &id).await.expect(200);
        assert_eq!((&back["identities"], &back["auth_provider"]), (&json!([]), &json!("local")));
        assert_eq!(client.get(&format!("/users/{id}")).await.refusal().0, 401);
        assert_eq!(app.texts("SELECT hash FROM password_credentials").await, Vec::<String>::new());
        assert!(app.texts("SELECT document FROM deleted_users").await.is_empty());
    }

    /// Purging is for good.
    async fn a_deleted_user_is_purged_at_once(app: TestApp) {
        let id = app.client.user("ada").await;
        app.client.delete(&format!("/Users/{id}")).await.expect(204);
        let path = format!("/deleted-users/{id}");
        app.admin.delete(&path).await.expect(204);
        assert_eq!(code(&app.admin.delete(&path).await), (404, "not_found"));
        assert_eq!(code(&restore(&app.admin, &id).await), (404, "not_found"));
        assert_eq!(app.audit().await.last().unwrap(), "user.purged {\"userName\":\"ada\"}");
        assert_eq!(app.texts("SELECT user_name FROM deleted_users").await, Vec::<String>::new());
    }

    /// The memberships that are kept are those that the deletion removed, whatever comes and goes beside it.
    async fn memberships_that_change_meanwhile_are_kept_right(app: TestApp) {
        let id = app.client.user("ada").await;
        let (mut before, mut groups) = (Vec::new(), Vec::new());
        for number in 0..4 {
            before.push(app.client.group(&format!("before {number}"), &[&id]).await);
            groups.push(app.client.group(&format!("group {number}"), &[]).await);
        }
        let change = |op: &'static str, group: &String| {
            let (client, path, id) = (app.client.clone(), format!("/Groups/{group}"), id.clone());
            tokio::spawn(async move { client.operations(&path, patch_members(op, &id)).await.status })
        };
        let adds: Vec<_> = groups.iter().map(|group| change("add", group)).collect();
        let removals: Vec<_> = before[..2].iter().map(|group| change("remove", group)).collect();
        let deletion = tokio::spawn({
            let (client, path) = (app.client.clone(), format!("/Users/{id}"));
            async move { client.delete(&path).await.status }
        });
        let mut sure: Vec<String> = before[2..].to_vec();
        for (group, add) in groups.iter().zip(adds) {
            match add.await.unwrap() {
                200 | 204 => sure.push(group.clone()),
                status => assert_eq!(status, 400),
            }
        }
        for removal in removals {
            assert!([200, 204].contains(&removal.await.unwrap()));
        }
        assert_eq!(deletion.await.unwrap(), 204);
        let deleted = app.admin.get(&format!("/deleted-users/{id}")).await.expect(200);
        let kept: Vec<&str> = deleted["groups"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for group in &sure {
            assert!(kept.contains(&&**group), "{group} is kept: {kept:?}");
        }
        // A removal that came after the deletion had nothing to remove: its group may be kept, no other one.
        assert!(kept.iter().all(|group| sure.iter().chain(&before[..2]).any(|one| one == group)), "{kept:?}");
    }

    /// Of many who restore one user at once, one does.
    async fn one_of_many_restores(app: TestApp) {
        let id = app.client.user("ada").await;
        app.client.delete(&format!("/Users/{id}")).await.expect(204);
        let restores: Vec<_> = (0..6).map(|_| {
            let (client, id) = (app.admin.clone(), id.clone());
            tokio::spawn(async move { restore(&client, &id).await.status })
        }).collect();
        let mut answers = Vec::new();
        for restore in restores {
            answers.push(restore.await.unwrap());
        }
        answers.sort_unstable();
        assert_eq!(answers, [200, 404, 404, 404, 404, 404]);
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 1);
    }

    /// Where the tenant keeps nothing, nothing is kept.
    async fn without_retention_nothing_is_kept(app: TestApp) {
        let storage = &app.provisioning.storage;
        let mut tenant = storage.find_tenant(app.tenant.id).await.unwrap().unwrap();
        tenant.settings.retention_days = 0;
        tenant.version += 1;
        let mut changes = ChangeSet::new(tenant.id);
        changes.settings.push(SettingsChange::UpdateTenant(Box::new(tenant)));
        changes.settings.push(SettingsChange::NextGeneration);
        storage.commit(changes).await.unwrap();
        app.directory.authenticator.forget(app.tenant.id).await;
        for (name, by_scim) in [("ada", true), ("bob", false)] {
            let id = app.client.user(name).await;
            let (client, path) = if by_scim { (&app.client, "Users") } else { (&app.admin, "users") };
            client.delete(&format!("/{path}/{id}")).await.expect(204);
            assert_eq!(code(&restore(&app.admin, &id).await), (404, "not_found"));
        }
        assert_eq!(app.texts("SELECT user_name FROM deleted_users").await, Vec::<String>::new());
    }
}

/// Until the retention time is over a user can be restored; then it cannot, and a purge removes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_retention_time_ends() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let start = Timestamp(1_800_000_000_000);
        let clock = Clock::manual(start);
        let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
        let mut deleted = Vec::new();
        for name in ["ada", "bob"] {
            let id = app.client.user(name).await;
            app.client.delete(&format!("/Users/{id}")).await.expect(204);
            deleted.push(id);
        }
        let end = Timestamp(start.0 + 30 * DAY);
        let shown = app.admin.get(&format!("/deleted-users/{}", deleted[0])).await.expect(200);
        assert_eq!(
            (&shown["deleted_at"], &shown["purge_at"]),
            (&json!("2027-01-15T08:00:00.000Z"), &json!("2027-02-14T08:00:00.000Z"))
        );

        clock.set(Timestamp(end.0 - 1));
        assert_eq!(app.directory.purge_deleted_users(Timestamp(end.0 - 1)).await.unwrap(), 0);
        restore(&app.admin, &deleted[0]).await.expect(200);

        clock.set(end);
        assert_eq!(code(&restore(&app.admin, &deleted[1]).await), (404, "not_found"));
        assert_eq!(app.admin.get("/deleted-users").await.expect(200)["deleted_users"], json!([]));
        assert_eq!(app.texts("SELECT user_name FROM deleted_users").await, ["bob"]);
        assert_eq!(app.directory.purge_deleted_users(end).await.unwrap(), 1);
        assert_eq!(app.directory.purge_deleted_users(end).await.unwrap(), 0);
        assert_eq!(app.texts("SELECT user_name FROM deleted_users").await, Vec::<String>::new());
        assert_eq!(app.audit().await.last().unwrap(), "user.purged {\"userName\":\"bob\"}");
    }
}

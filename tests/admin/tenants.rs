//! `/v1/tenants`: made with an owner, listed, changed, suspended, deleted.

use std::time::{Duration, Instant};

use provost::auth::password::Password;
use provost::model::change::{ChangeSet, SettingsChange};
use provost::model::{Clock, PasswordHash, TenantId, Timestamp};
use provost::provisioning::removal::GRACE;
use provost::storage::{Storage, StorageError};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Client, TestApp, on_both, unbounded};

const START: i64 = 1_767_225_600_000;

fn id(tenant: &Value) -> TenantId {
    tenant["id"].as_str().unwrap().parse().unwrap()
}

fn path(tenant: &Value) -> String {
    format!("/tenants/{}", tenant["id"].as_str().unwrap())
}

async fn made(instance: &Client, slug: &str) -> Value {
    let body = json!({ "slug": slug, "name": slug, "owner": { "user_name": "olga" } });
    instance.post("/tenants", &body).await.expect(201)
}

/// A client of the admin API with a key of this tenant's own.
async fn key_of(app: &TestApp, tenant: &Value) -> Client {
    let key = app.directory.create_operator_key(id(tenant), unbounded("own")).await.unwrap();
    Client::new(&app.admin.base_url, key.text.expose())
}

async fn post(client: &Client, path: &str) -> Answer {
    Answer::of(client.request(Method::POST, path)).await
}

/// Waits for an answer with this status: what is cached is believed for a second.
async fn becomes(client: &Client, path: &str, status: u16) -> Answer {
    let deadline = Instant::now() + Duration::from_secs(3);
    loop {
        let answer = client.get(path).await;
        if answer.status == status || Instant::now() > deadline {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many rows each table has of a tenant.
async fn rows(app: &TestApp, tenant: TenantId) -> Vec<(String, usize)> {
    let literal = match app.database_url().starts_with("sqlite:") {
        true => format!("x'{}'", tenant.0.simple()),
        false => format!("'{tenant}'::uuid"),
    };
    let mut rows = Vec::new();
    for table in tables(app).await {
        let found = app.texts(&format!("SELECT 'row' FROM {table} WHERE tenant_id = {literal}")).await;
        rows.push((table, found.len()));
    }
    rows
}

/// Every table of tenants' data, as the database itself lists them.
async fn tables(app: &TestApp) -> Vec<String> {
    let sql = match app.database_url().starts_with("sqlite:") {
        true => {
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND c.name = 'tenant_id' ORDER BY m.name"
        }
        false => {
            "SELECT table_name::text FROM information_schema.columns \
             WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY table_name::text COLLATE \"C\""
        }
    };
    app.texts(sql).await
}

on_both! {
    /// A tenant comes with a connection and an owner; what is made for it is shown once, and no other header is asked for.
    async fn a_tenant_is_made_with_its_owner(app: TestApp) {
        let instance = app.instance().await;
        let body = json!({
            "slug": "globex", "name": " Globex, Inc. ",
            "owner": { "user_name": "hank", "email": "Hank@Globex.com" },
            "settings": { "default_region": "ch", "password_policy": { "preset": "classic" } },
        });
        let answer = instance.post("/tenants", &body).await;
        assert_eq!(answer.header("etag"), Some("W/\"1\""));
        let location = answer.header("location").unwrap().to_owned();
        let tenant = answer.expect(201);
        assert_eq!(location, format!("{}{}", instance.base_url, path(&tenant)));
        assert_eq!(
            (&tenant["slug"], &tenant["name"], &tenant["status"], &tenant["settings"]["default_region"]),
            (&json!("globex"), &json!("Globex, Inc."), &json!("active"), &json!("CH")),
        );
        let owner = &tenant["owner"];
        assert_eq!((&owner["user_name"], &owner["email"]), (&json!("hank"), &json!("Hank@globex.com")));
        let password = Password::new(owner["password"].as_str().unwrap());
        let stored = app.provisioning.storage.find_password(id(&tenant), owner["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
        let hash: PasswordHash = stored.unwrap().hash;
        assert!(app.directory.hasher.verify(&password, Some(&hash)).await.unwrap());

        let read = instance.get(&path(&tenant)).await.expect(200);
        assert_eq!((read.get("owner"), &read["settings"]), (None, &tenant["settings"]));
        let user = key_of(&app, &tenant).await.get(&format!("/users/{}", owner["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((&user["is_owner"], &user["roles"]), (&json!(true), &json!(["owner"])));
        let connections = app.provisioning.storage.list_connections(id(&tenant)).await.unwrap();
        assert_eq!(json!(connections[0].id), tenant["connection_id"]);
    }

    /// What is wrong is told together, and nothing is left of it; a taken slug is a conflict.
    async fn what_cannot_be_made_leaves_nothing(app: TestApp) {
        let instance = app.instance().await;
        let body = json!({ "slug": "No", "name": "a\nb", "owner": { "user_name": " ", "email": "x@localhost" } });
        let refused = instance.post("/tenants", &body).await;
        assert_eq!(refused.refusal().0, 422);
        let problems: Vec<&str> = refused.problems().iter().map(|(pointer, _)| *pointer).collect();
        assert_eq!(problems, ["/name", "/owner/user_name", "/owner/email", "/slug"]);
        let unknown = instance.post("/tenants", &json!({ "slug": "", "name": "x", "plan": 1 })).await;
        let mut problems = unknown.problems();
        problems.sort_unstable();
        assert_eq!(problems, [("/owner", "required"), ("/plan", "unknown"), ("/slug", "too_short")]);
        let mut weak = json!({ "slug": "weak", "name": "Weak", "owner": { "user_name": "a", "password": "password" } });
        let refused = instance.post("/tenants", &weak).await;
        let broken = [("/owner/password", "length"), ("/owner/password", "common")];
        assert_eq!((refused.refusal().0, refused.refusal().1, refused.problems()), (422, "password_policy", broken.to_vec()));
        weak["slug"] = json!("Weak");
        let refused = instance.post("/tenants", &weak).await;
        let all = [&[("/slug", "invalid_slug")][..], &broken].concat();
        assert_eq!((refused.refusal().0, refused.refusal().1, refused.problems()), (422, "invalid_fields", all));
        let taken = instance.post("/tenants", &json!({ "slug": "acme", "name": "x", "owner": { "user_name": "a" } })).await;
        assert_eq!(taken.refusal(), (409, "tenant_exists", "A tenant with the slug 'acme' exists already."));
        assert_eq!(app.provisioning.storage.list_tenants().await.unwrap().len(), 1);
        assert_eq!(app.texts("SELECT user_name FROM users").await, Vec::<String>::new());
    }

    /// The policy that comes with a tenant is the one that its owner's password is held against.
    async fn an_owners_password_obeys_the_new_policy(app: TestApp) {
        let instance = app.instance().await;
        let body = json!({
            "slug": "small", "name": "Small", "owner": { "user_name": "a", "password": "foobarbaz" },
            "settings": { "password_policy": { "preset": "minimal" } },
        });
        assert_eq!(instance.post("/tenants", &body).await.expect(201)["owner"].get("password"), None);
    }

    /// Page by page, the oldest first.
    async fn tenants_are_listed(app: TestApp) {
        let instance = app.instance().await;
        for slug in ["one", "two"] {
            made(&instance, slug).await;
        }
        let slugs = |list: &Value| -> Vec<String> {
            list["tenants"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect()
        };
        let first = instance.query("/tenants", &[("limit", "2")]).await.expect(200);
        assert_eq!(slugs(&first), ["acme", "one"]);
        let next = instance.query("/tenants", &[("cursor", first["next_cursor"].as_str().unwrap())]).await.expect(200);
        assert_eq!((slugs(&next), next.get("next_cursor")), (vec!["two".to_owned()], None));
    }

    /// To a tenant's credential there is one tenant: its own, to read and to change.
    async fn others_than_the_instance_see_their_own(app: TestApp) {
        let instance = app.instance().await;
        let other = made(&instance, "other").await;
        let own = format!("/tenants/{}", app.tenant.id);
        assert_eq!(app.admin.get(&own).await.expect(200)["slug"], json!("acme"));
        let changed = app.admin.patch(&own, &json!({ "name": "Acme Ltd" })).await.expect(200);
        assert_eq!((&changed["name"], &changed["version"]), (&json!("Acme Ltd"), &json!(2)));
        let body = json!({ "slug": "mine", "name": "Mine", "owner": { "user_name": "a" } });
        for answer in [
            app.admin.get("/tenants").await,
            app.admin.post("/tenants", &body).await,
            app.admin.delete(&own).await,
            post(&app.admin, &format!("{own}/suspend")).await,
            post(&app.admin, &format!("{own}/unsuspend")).await,
        ] {
            assert_eq!((answer.refusal().0, answer.refusal().1), (403, "instance_only"));
        }
        let theirs = path(&other);
        for answer in [
            app.admin.get(&theirs).await,
            app.admin.patch(&theirs, &json!({ "name": "x" })).await,
            app.admin.delete(&theirs).await,
            post(&app.admin, &format!("{theirs}/suspend")).await,
            post(&app.admin, &format!("{theirs}/unsuspend")).await,
        ] {
            assert_eq!((answer.refusal().0, answer.refusal().1), (404, "not_found"));
        }
        let before = instance.get(&theirs).await.expect(200);
        assert_eq!((&before["name"], &before["version"]), (&json!("other"), &json!(1)));
        let reader = app.admin.post("/api-keys", &json!({ "name": "r", "permissions": ["tenant.read"] })).await.expect(201);
        let reader = Client::new(&app.admin.base_url, reader["key"].as_str().unwrap());
        assert_eq!(reader.get(&own).await.status, 200);
        assert_eq!(reader.patch(&own, &json!({ "name": "x" })).await.refusal().1, "forbidden");
    }

    /// A key of the instance is bound by its own permissions too.
    async fn an_instance_key_does_what_it_may(app: TestApp) {
        let mut draft = unbounded("reader");
        draft.permissions = Some(vec!["tenant.read".to_owned()]);
        let key = app.directory.create_operator_key(TenantId::INSTANCE, draft).await.unwrap();
        let reader = Client::new(&app.admin.base_url, key.text.expose());
        let own = format!("/tenants/{}", app.tenant.id);
        assert_eq!([reader.get("/tenants").await.status, reader.get(&own).await.status], [200, 200]);
        assert_eq!(post(&reader, &format!("{own}/suspend")).await.refusal().1, "forbidden");
        assert_eq!(reader.get("/stats").await.refusal().1, "forbidden");
    }

    /// In a suspended tenant no credential of its own works, on any door; the instance's still does.
    async fn a_suspended_tenant_is_closed(app: TestApp) {
        let instance = app.instance().await;
        let own = format!("/tenants/{}", app.tenant.id);
        app.client.user("ada").await;
        app.admin.get("/users").await.expect(200);
        let suspended = post(&instance, &format!("{own}/suspend")).await.expect(200);
        assert_eq!((&suspended["status"], &suspended["version"]), (&json!("suspended"), &json!(2)));
        assert_eq!(post(&instance, &format!("{own}/suspend")).await.expect(200), suspended);
        let refused = becomes(&app.admin, "/users", 403).await;
        assert_eq!(refused.refusal(), (403, "tenant_suspended", "The tenant is suspended; none of its credentials works."));
        assert_eq!(app.admin.get(&own).await.refusal().1, "tenant_suspended");
        assert_eq!(app.client.get("/Users").await.error().0, 403);
        let inside = instance.with_header(Method::GET, "/users", "X-Tenant-ID", &app.tenant.id.to_string()).await;
        assert_eq!(inside.expect(200)["users"][0]["user_name"], json!("ada"));
        post(&instance, &format!("{own}/unsuspend")).await.expect(200);
        becomes(&app.admin, "/users", 200).await.expect(200);
        let events = app.texts("SELECT kind FROM audit_events WHERE target_kind = 'tenant' ORDER BY id").await;
        assert_eq!(events, ["tenant.created", "tenant.suspended", "tenant.unsuspended"]);
    }

    /// A credential of the instance that names a tenant speaks for that one: every other is none to it.
    async fn the_instance_speaks_for_the_tenant_that_it_names(app: TestApp) {
        let instance = app.instance().await;
        let (other, _) = app.provisioning.create_tenant("other", "Other").await.unwrap();
        let (own, named) = (format!("/tenants/{}", app.tenant.id), other.id.to_string());
        let before = instance.get(&own).await.expect(200);
        for (method, path) in [
            (Method::GET, own.clone()),
            (Method::DELETE, own.clone()),
            (Method::POST, format!("{own}/suspend")),
            (Method::POST, format!("{own}/unsuspend")),
        ] {
            let answer = instance.with_header(method, &path, "X-Tenant-ID", &named).await;
            assert_eq!(answer.refusal(), (404, "not_found", &*format!("Tenant '{}' was not found.", app.tenant.id)));
        }
        let request = instance.request(Method::PATCH, &own).header("X-Tenant-ID", &named);
        let request = request.header("content-type", "application/json").body(json!({ "name": "x" }).to_string());
        assert_eq!(Answer::of(request).await.refusal().0, 404);
        assert_eq!(instance.get(&own).await.expect(200), before);
        let named = instance.with_header(Method::GET, &own, "X-Tenant-ID", &app.tenant.id.to_string()).await;
        assert_eq!(named.expect(200), before);
    }

    /// Only what is suspended is deleted, and only at the version that is named.
    async fn a_tenant_is_suspended_before_it_is_deleted(app: TestApp) {
        let instance = app.instance().await;
        let own = format!("/tenants/{}", app.tenant.id);
        let refused = instance.delete(&own).await;
        assert_eq!(refused.refusal(), (409, "tenant_not_suspended", "Only a suspended tenant can be deleted; suspend it first."));
        post(&instance, &format!("{own}/suspend")).await.expect(200);
        assert_eq!(instance.with_header(Method::DELETE, &own, "If-Match", "W/\"1\"").await.refusal().0, 412);
        let begun = instance.with_header(Method::DELETE, &own, "If-Match", "W/\"2\"").await.expect(202);
        assert_eq!(begun["status"], json!("deleting"));
        assert_eq!(instance.delete(&own).await.expect(202), begun);
        for answer in [post(&instance, &format!("{own}/unsuspend")).await, instance.patch(&own, &json!({ "name": "x" })).await] {
            assert_eq!((answer.refusal().0, answer.refusal().1), (409, "tenant_deleting"));
        }
        let inside = instance.with_header(Method::GET, "/users", "X-Tenant-ID", &app.tenant.id.to_string()).await;
        assert_eq!(inside.refusal().0, 404);
        // 401 once the key itself is removed.
        assert!([401, 403].contains(&app.admin.get("/users").await.status));
        let events = app.texts("SELECT kind || ' ' || details FROM audit_events WHERE kind = 'tenant.deleted'").await;
        assert_eq!(events, [r#"tenant.deleted {"slug":"acme","name":"Acme"}"#]);
    }

    /// A table that is added without being emptied here would keep a deleted tenant's data.
    async fn every_table_is_emptied(app: TestApp) {
        let mut emptied: Vec<&str> = Storage::tenant_tables().collect();
        emptied.sort_unstable();
        assert_eq!(tables(&app).await, emptied);
    }
}

/// Everything goes, and nothing of anybody else; what was begun and broken off is taken up again.
async fn a_tenant_is_removed(backend: Backend) {
    let clock = Clock::manual(Timestamp(START));
    let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
    let instance = app.instance().await;
    let tenant = made(&instance, "globex").await;
    let admin = key_of(&app, &tenant).await;
    fill(&app, &app.admin, app.tenant.id).await;
    fill(&app, &admin, id(&tenant)).await;
    app.provisioning.storage.write_counts().await.unwrap();
    let others = rows(&app, app.tenant.id).await;
    let filled = rows(&app, id(&tenant)).await;
    for table in ["users", "groups", "memberships", "roles", "api_keys", "audit_events", "hourly_counts"] {
        assert!(filled.iter().any(|(name, count)| name == table && *count > 0), "{table}: {filled:?}");
    }

    // Nothing is removed of a tenant that nobody gave up.
    let mut batch = ChangeSet::new(id(&tenant));
    batch.settings.push(SettingsChange::RemoveRows { table: "memberships", most: 1 });
    assert_eq!(app.provisioning.storage.commit(batch.clone()).await, Err(StorageError::Stale));
    post(&instance, &format!("{}/suspend", path(&tenant))).await.expect(200);
    instance.delete(&path(&tenant)).await.expect(202);
    // A server that dies after its first batch leaves this. Another one may have been faster, and left nothing.
    let first = app.provisioning.storage.commit(batch).await;
    assert!(matches!(first, Ok(()) | Err(StorageError::Stale)), "{first:?}");
    // Its counts of before are not added any more.
    app.provisioning.storage.tally(
        id(&tenant),
        Timestamp(START),
        provost::model::Counter::Logins,
        provost::model::ConnectionId::NONE,
    );
    app.provisioning.storage.write_counts().await.unwrap();
    // The server is at it too, and the two may get in each other's way: what one round leaves the next one takes.
    let deadline = Instant::now() + Duration::from_secs(10);
    let left = loop {
        app.provisioning.remove_tenants().await.unwrap();
        let mut left = rows(&app, id(&tenant)).await;
        left.retain(|(_, count)| *count > 0);
        if left.is_empty() || Instant::now() > deadline {
            break left;
        }
    };
    assert_eq!(left, []);
    assert_eq!(instance.get(&path(&tenant)).await.expect(200)["status"], json!("deleting"));
    let again = json!({ "slug": "globex", "name": "Globex", "owner": { "user_name": "a" } });
    assert_eq!(instance.post("/tenants", &again).await.refusal().1, "tenant_exists");

    clock.set(Timestamp(START + GRACE));
    app.provisioning.remove_tenants().await.unwrap();
    assert_eq!(becomes(&instance, &path(&tenant), 404).await.refusal().0, 404);
    assert_eq!(rows(&app, app.tenant.id).await, others);
    assert_ne!(made(&instance, "globex").await["id"], tenant["id"]);
}

/// Users in a group, roles, keys.
async fn fill(app: &TestApp, admin: &Client, tenant: TenantId) {
    let connections = app.provisioning.storage.list_connections(tenant).await.unwrap();
    let scim = app.client_of(&connections[0], provost::model::Scopes::ALL).await;
    let body = json!({ "userName": "ada", "externalId": "1", "emails": [{ "value": "ada@example.com" }] });
    let ada = scim.post("/Users", &body).await.created();
    let bob = scim.user("bob").await;
    let inner = scim.group("inner", &[&ada]).await;
    scim.group("outer", &[&bob, &inner]).await;
    admin.post("/roles", &json!({ "name": "desk", "permissions": ["users.read"] })).await.expect(201);
    admin.post("/api-keys", &json!({ "name": "hers", "user_id": ada, "permissions": [] })).await.expect(201);
    let body = json!({ "user_name": "cy", "password": "seventeen purple llamas" });
    let cy = admin.post("/users", &body).await.expect(201);
    let body = json!({ "password": "eighteen purple llamas" });
    admin.patch(&format!("/users/{}", cy["id"].as_str().unwrap()), &body).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_is_removed_on_sqlite() {
    a_tenant_is_removed(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_is_removed_on_postgres() {
    a_tenant_is_removed(Backend::Postgres).await;
}

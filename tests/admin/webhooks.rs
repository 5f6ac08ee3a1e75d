//! `/v1/webhooks`: who is told of what, what they receive, and what became of it.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost::model::Clock;
use serde_json::{Value, json};

use super::ranks::holder;
use crate::delivery::receiver::{Answer, Received, Receiver};
use crate::delivery::signatures::hmac;
use crate::support::{Backend, Client, TestApp, on_both, texts};

/// A server whose webhooks may lead to this machine.
async fn start(backend: Backend) -> TestApp {
    TestApp::start_with(backend, Clock::system(), |settings| settings.webhook_allow_private = true).await
}

/// Waits until the receiver was told this often.
async fn told(receiver: &Receiver, times: usize) -> Vec<Received> {
    let began = Instant::now();
    loop {
        let received = receiver.received();
        if received.len() >= times {
            return received;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{} of {times}", received.len());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// `v1,` and the HMAC of what was received, as Standard Webhooks has it.
fn signature(secret: &str, received: &Received) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let (id, time) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    let message = format!("{id}.{time}.{}", received.body);
    format!("v1,{}", STANDARD.encode(hmac(&key, message.as_bytes())))
}

async fn user(client: &Client, name: &str) -> Value {
    client.post("/users", &json!({ "user_name": name, "auth_provider": "oidc" })).await.expect(201)
}

/// A webhook's attempts, once there are this many.
async fn attempts(app: &TestApp, path: &str, number: usize) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let list = app.admin.get(&format!("{path}/attempts")).await.expect(200);
        let attempts = list["attempts"].as_array().unwrap();
        if attempts.len() >= number {
            return attempts.clone();
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{list}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// From its making on a webhook is told of each event that it wants: what the audit log shows, signed.
async fn a_webhook_is_told_what_the_audit_log_shows(backend: Backend) {
    let app = start(backend).await;
    let receiver = Receiver::start(&[Answer::Status(200)]).await;
    user(&app.admin, "before").await;
    let wanted = json!({ "url": receiver.url(), "event_types": ["user.deleted", "user.created"], "description": "CRM" });
    let made = app.admin.post("/webhooks", &wanted).await.expect(201);
    let secret = made["secret"].as_str().unwrap();

    let ada = user(&app.admin, "ada").await;
    let by_scim = app.client.user("bob").await;
    app.admin.post(&format!("/users/{}/suspend", ada["id"].as_str().unwrap()), &json!({})).await.expect(200);
    app.client.delete(&format!("/Users/{by_scim}")).await.expect(204);
    let received = told(&receiver, 3).await;

    let mut bodies: Vec<Value> =
        received.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect();
    bodies.sort_by_key(|body| body["data"]["id"].as_str().unwrap().to_owned());
    let list = app.admin.query("/audit-events", &[("order", "oldest_first")]).await.expect(200);
    let log: Vec<Value> = list["audit_events"].as_array().unwrap().clone();
    let expected: Vec<Value> = log
        .into_iter()
        .filter(|event| ["user.created", "user.deleted"].contains(&event["type"].as_str().unwrap()))
        .skip(1)
        .map(|event| json!({ "type": event["type"], "timestamp": event["time"], "data": event }))
        .collect();
    assert_eq!(bodies, expected);
    for one in &received {
        assert_eq!(one.header("webhook-signature"), signature(secret, one));
        assert_eq!(one.header("content-type"), "application/json");
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(receiver.received().len(), 3);
}

/// What was not delivered says so, and is sent again when somebody asks for it, under the id that it had.
async fn attempts_are_listed_and_events_sent_again(backend: Backend) {
    let app = start(backend).await;
    let receiver = Receiver::start(&[Answer::Status(200), Answer::Status(503), Answer::Status(204)]).await;
    let wanted = json!({ "url": receiver.url(), "event_types": ["user.created"] });
    let made = app.admin.post("/webhooks", &wanted).await.expect(201);
    let webhook = made["id"].as_str().unwrap();
    let path = format!("/webhooks/{webhook}");
    user(&app.admin, "ada").await;
    let first = &attempts(&app, &path, 1).await[0];
    let delivery = first["delivery_id"].as_str().unwrap();
    assert_eq!(
        first,
        &json!({
            "id": first["id"], "delivery_id": delivery, "event_type": "user.created", "time": first["time"],
            "status": 200, "duration_ms": first["duration_ms"],
        })
    );
    let again = format!("{path}/deliveries/{delivery}/resend");
    app.admin.post(&again, &json!({})).await.expect(204);
    let failed = &attempts(&app, &path, 2).await[0];
    assert_eq!((&failed["status"], failed["error"].is_string()), (&json!(503), true), "{failed}");
    app.admin.post(&again, &json!({})).await.expect(204);
    let newest = &attempts(&app, &path, 3).await[0];
    assert_eq!((&newest["status"], &newest["delivery_id"]), (&json!(204), &json!(delivery)));

    let received = receiver.received();
    let ids: Vec<&str> = received.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!(ids, [delivery; 3]);
    assert!(received.iter().all(|one| one.body == received[0].body));
    let page = app.admin.get(&format!("{path}/attempts?limit=2")).await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = app.admin.get(&format!("{path}/attempts?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(rest, json!({ "attempts": [first] }));

    let log = [("type", "webhook.resent"), ("target", webhook)];
    let log = app.admin.query("/audit-events", &log).await.expect(200)["audit_events"].clone();
    let told: Vec<&Value> = log.as_array().unwrap().iter().map(|event| &event["details"]).collect();
    assert_eq!(told, [&json!({ "delivery": delivery }); 2]);

    let other = app.admin.post("/webhooks", &wanted).await.expect(201)["id"].clone();
    let elsewhere = format!("/webhooks/{}/deliveries/{delivery}/resend", other.as_str().unwrap());
    let missing = format!("Delivery '{delivery}' was not found.");
    assert_eq!(app.admin.post(&elsewhere, &json!({})).await.refusal(), (404, "not_found", &*missing));
}

/// A rotated secret signs beside the one before until its time is over; neither is shown again or kept readable.
async fn secrets_rotate_with_an_overlap(backend: Backend) {
    let app = start(backend).await;
    let receiver = Receiver::start(&[Answer::Status(200)]).await;
    let wanted = json!({ "url": receiver.url(), "event_types": ["user.created"] });
    let made = app.admin.post("/webhooks", &wanted).await.expect(201);
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    let rotated =
        app.admin.post(&format!("{path}/rotate"), &json!({ "overlap_seconds": 60 })).await.expect(200);
    let secrets = [&rotated, &made].map(|shown| shown["secret"].as_str().unwrap().to_owned());
    assert_ne!(secrets[0], secrets[1]);
    assert_eq!(rotated["version"], 2);
    user(&app.admin, "ada").await;
    let received = told(&receiver, 1).await;
    let both = secrets.each_ref().map(|secret| signature(secret, &received[0])).join(" ");
    assert_eq!(received[0].header("webhook-signature"), both);

    let last = app.admin.post(&format!("{path}/rotate"), &json!({ "overlap_seconds": 0 })).await.expect(200);
    assert_eq!(last.get("previous_secret_until"), None);
    user(&app.admin, "bob").await;
    let received = told(&receiver, 2).await;
    assert_eq!(
        received[1].header("webhook-signature"),
        signature(last["secret"].as_str().unwrap(), &received[1])
    );

    assert_eq!(app.admin.get(&path).await.expect(200).get("secret"), None);
    let kept = texts(app.database_url(), "SELECT secret_sealed FROM webhooks").await;
    let log = texts(app.database_url(), "SELECT details FROM audit_events").await;
    for secret in [&secrets[0], &secrets[1]] {
        let bytes = secret.trim_start_matches("whsec_");
        assert!(!kept.iter().chain(&log).any(|text| text.contains(bytes)));
    }
}

/// What strangers can make happen is told to who names it, and not to who wants just everything.
async fn what_strangers_cause_has_to_be_named(backend: Backend) {
    let app = start(backend).await;
    let (all, named) =
        (Receiver::start(&[Answer::Status(200)]).await, Receiver::start(&[Answer::Status(200)]).await);
    app.admin.post("/webhooks", &json!({ "url": all.url() })).await.expect(201);
    let wanted = json!({ "url": named.url(), "event_types": ["login.failed"] });
    app.admin.post("/webhooks", &wanted).await.expect(201);
    let root = app.admin.base_url.trim_end_matches("/v1").to_owned();
    let login = json!({ "user_name": "nobody", "password": "seventeen purple llamas" });
    app.admin.at(&root).post("/auth/login", &login).await.expect(401);
    told(&named, 1).await;
    user(&app.admin, "ada").await;
    // The other webhook's making, and ada's; not the failure that came before her.
    let received = told(&all, 2).await;
    let types: Vec<Value> = received
        .iter()
        .map(|one| serde_json::from_str::<Value>(&one.body).unwrap()["type"].clone())
        .collect();
    assert!(types.contains(&json!("user.created")) && !types.contains(&json!("login.failed")), "{types:?}");
}

/// What is switched off or deleted is told nothing more.
async fn who_is_switched_off_is_told_nothing(backend: Backend) {
    let app = start(backend).await;
    let receiver = Receiver::start(&[Answer::Status(200)]).await;
    let wanted = json!({ "url": receiver.url(), "event_types": ["user.created"] });
    let made = app.admin.post("/webhooks", &wanted).await.expect(201);
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    app.admin.patch(&path, &json!({ "enabled": false })).await.expect(200);
    user(&app.admin, "off").await;
    app.admin.patch(&path, &json!({ "enabled": true })).await.expect(200);
    user(&app.admin, "on").await;
    attempts(&app, &path, 1).await;
    app.admin.delete(&path).await.expect(204);
    user(&app.admin, "gone").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let received = receiver.received();
    let bodies: Vec<Value> = received.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect();
    let names: Vec<&Value> = bodies.iter().map(|body| &body["data"]["target"]["id"]).collect();
    let on = app.admin.query("/users", &[("search", "on")]).await.expect(200);
    assert!(on["users"].as_array().unwrap().iter().any(|user| names == [&user["id"]]), "{names:?}");
    assert_eq!(
        texts(app.database_url(), "SELECT subject FROM outbox WHERE state = 'pending'").await,
        Vec::<String>::new()
    );
}

macro_rules! with_receivers {
    ($($name:ident)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(Backend::Postgres).await;
            }
        }
    )*};
}
with_receivers! {
    a_webhook_is_told_what_the_audit_log_shows
    attempts_are_listed_and_events_sent_again
    secrets_rotate_with_an_overlap
    what_strangers_cause_has_to_be_named
    who_is_switched_off_is_told_nothing
}

fn refused(answer: &crate::support::Answer) -> (u16, &str) {
    let (status, code, _) = answer.refusal();
    (status, code)
}

/// What makes a webhook to which nothing ever goes: these tests reach no other machine.
fn quiet() -> Value {
    json!({ "url": "https://example.com/", "event_types": ["tenant.suspended"] })
}

on_both! {
    /// A webhook from its making to its end.
    async fn a_webhook_is_administered(app: TestApp) {
        let body = json!({ "url": "https://example.com/hooks#part", "event_types": ["user.created", "user.created"], "description": "CRM" });
        let answer = app.admin.post("/webhooks", &body).await;
        let (location, tag) = (answer.header("location").unwrap().to_owned(), answer.header("etag").unwrap().to_owned());
        let made = answer.expect(201);
        let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
        assert_eq!((location, &*tag), (format!("{}{path}", app.admin.base_url), "W/\"1\""));
        let mut shown = json!({
            "id": made["id"], "url": "https://example.com/hooks", "event_types": ["user.created"], "description": "CRM",
            "enabled": true, "created_at": made["created_at"], "updated_at": made["created_at"], "version": 1,
        });
        assert_eq!(app.admin.get(&path).await.expect(200), shown);
        assert_eq!(app.admin.get("/webhooks").await.expect(200), json!({ "webhooks": [shown] }));

        let change = json!({ "url": "https://example.org/", "event_types": [], "description": null, "enabled": false });
        let changed = app.admin.patch(&path, &change).await.expect(200);
        shown["url"] = "https://example.org/".into();
        shown["event_types"] = json!([]);
        shown["enabled"] = false.into();
        shown["version"] = 2.into();
        shown["updated_at"] = changed["updated_at"].clone();
        shown.as_object_mut().unwrap().remove("description");
        assert_eq!(changed, shown);
        assert_eq!(app.admin.patch(&path, &change).await.expect(200), shown);
        let stale = app.admin.with_header(reqwest::Method::DELETE, &path, "if-match", "W/\"1\"").await;
        assert_eq!(stale.refusal().0, 412);
        app.admin.delete(&path).await.expect(204);
        let missing = format!("Webhook '{}' was not found.", made["id"].as_str().unwrap());
        assert_eq!(app.admin.get(&path).await.refusal(), (404, "not_found", &*missing));

        let log = app.admin.query("/audit-events", &[("target", made["id"].as_str().unwrap()), ("order", "oldest_first")]).await.expect(200);
        let told: Vec<Value> = log["audit_events"].as_array().unwrap().iter().map(|event| json!([event["type"], event["details"]])).collect();
        assert_eq!(json!(told), json!([
            ["webhook.created", { "url": "https://example.com/hooks", "event_types": ["user.created"] }],
            ["webhook.updated", {
                "changed": ["url", "event_types", "description", "enabled"],
                "url": "https://example.org/", "event_types": [], "enabled": false,
            }],
            ["webhook.deleted", { "url": "https://example.org/" }],
        ]));
    }

    /// Of two who change one version at once one is told that it moved; without a version both are heard.
    async fn a_version_is_changed_once(app: TestApp) {
        let made = app.admin.post("/webhooks", &quiet()).await.expect(201);
        let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
        let patch = async |body: Value, version: Option<&str>| {
            let mut request = app.admin.request(reqwest::Method::PATCH, &path).header("content-type", "application/json");
            if let Some(version) = version {
                request = request.header("if-match", version);
            }
            crate::support::Answer::of(request.body(body.to_string())).await.status
        };
        let one = Some("W/\"1\"");
        let (first, second) =
            tokio::join!(patch(json!({ "description": "a" }), one), patch(json!({ "enabled": false }), one));
        let mut statuses = [first, second];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let (first, second) =
            tokio::join!(patch(json!({ "description": "b" }), None), patch(json!({ "url": "https://example.org/" }), None));
        assert_eq!((first, second), (200, 200));
        let read = app.admin.get(&path).await.expect(200);
        assert_eq!((&read["description"], &read["url"], &read["version"]), (&json!("b"), &json!("https://example.org/"), &json!(4)));
    }

    /// An event is written once for each webhook, so a tenant has not too many of them.
    async fn webhooks_are_few(app: TestApp) {
        for _ in 0..50 {
            app.admin.post("/webhooks", &quiet()).await.expect(201);
        }
        let refused = app.admin.post("/webhooks", &quiet()).await;
        assert_eq!(refused.refusal(), (422, "too_many_webhooks", "A tenant has at most 50 webhooks."));
        let page = app.admin.get("/webhooks?limit=30").await.expect(200);
        let cursor = page["next_cursor"].as_str().unwrap();
        let rest = app.admin.get(&format!("/webhooks?limit=30&cursor={cursor}")).await.expect(200);
        assert_eq!(page["webhooks"].as_array().unwrap().len() + rest["webhooks"].as_array().unwrap().len(), 50);
        assert_eq!(rest.get("next_cursor"), None);
    }

    /// A webhook is told of everybody, so it is made and changed by nobody from whom a policy could keep a user's events.
    async fn a_webhook_is_no_way_around_policies(app: TestApp) {
        let (owner_id, owner) = holder(&app, "boss", &["owner"]).await;
        let (admin_id, admin) = holder(&app, "ada", &["admin"]).await;
        let made = app.admin.post("/webhooks", &quiet()).await.expect(201);
        let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
        let policy = app.admin.post("/policies", &json!({ "name": "p", "text": "forbid (principal, action == Provost::Action::\"stats.read\", resource);" })).await.created();
        let set = async |text: String| {
            app.admin.patch(&format!("/policies/{policy}"), &json!({ "text": text })).await.expect(200);
        };
        let who = async || {
            let mut may = Vec::new();
            for (name, client) in [("owner", &owner), ("admin", &admin), ("key", &app.admin)] {
                let changed = client.patch(&path, &json!({ "description": null })).await;
                let created = client.post("/webhooks", &quiet()).await;
                assert_eq!(changed.status == 200, created.status == 201, "{name}: {} {}", changed.body, created.body);
                match created.status {
                    201 => may.push(name),
                    _ => assert_eq!((refused(&changed), refused(&created)), ((403, "events_withheld"), (403, "events_withheld")), "{name}"),
                }
            }
            may
        };
        assert_eq!(who().await, ["owner", "admin", "key"]);
        let forbid = |head: &str, conditions: &str| format!("forbid ({head}, action == Provost::Action::\"audit.read\", resource) {conditions};");
        let is_boss = "resource is Provost::User && resource.user_name == \"boss\"";
        for (text, expected) in [
            (forbid("principal", &format!("when {{ {is_boss} }}")), &[][..]),
            (forbid("principal", &format!("when {{ {is_boss} }} unless {{ principal in Provost::Role::\"owner\" }}")), &["owner"]),
            (forbid("principal", &format!("when {{ {is_boss} && principal in Provost::Role::\"admin\" }}")), &["owner", "key"]),
            (forbid(&format!("principal == Provost::User::\"{admin_id}\""), &format!("when {{ {is_boss} }}")), &["owner", "key"]),
            (forbid(&format!("principal == Provost::User::\"{owner_id}\""), "when { resource is Provost::User && !(resource.is_owner) }"), &["admin", "key"]),
            (forbid("principal", "when { resource is Provost::Tenant && context.channel == Provost::Channel::\"scim\" }"), &["owner", "admin", "key"]),
            (forbid("principal is Provost::Connection", &format!("when {{ {is_boss} }}")), &["owner", "admin", "key"]),
            (format!("permit (principal, action == Provost::Action::\"audit.read\", resource) when {{ {is_boss} }};"), &["owner", "admin", "key"]),
            (
                format!("forbid (principal, action in [Provost::Action::\"read\"], resource) when {{ if principal in Provost::Role::\"owner\" then false else ({is_boss}) }};"),
                &["owner"],
            ),
        ] {
            set(text.clone()).await;
            assert_eq!(who().await, expected, "{text}");
        }
        app.admin.delete(&path).await.expect(204);
    }

    /// `If-Match` names the version that was read, also where the secret is rotated.
    async fn a_rotation_has_a_precondition(app: TestApp) {
        let made = app.admin.post("/webhooks", &quiet()).await.expect(201);
        let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
        let rotate = async |tag: &str| {
            let request = app.admin.request(reqwest::Method::POST, &format!("{path}/rotate")).header("if-match", tag);
            crate::support::Answer::of(request.header("content-type", "application/json").body("{}")).await
        };
        assert_eq!(rotate("W/\"2\"").await.refusal().0, 412);
        assert_eq!(rotate("W/\"1\"").await.expect(200)["version"], 2);
        assert_eq!(rotate("W/\"1\"").await.refusal().0, 412);
        assert_eq!(app.admin.get(&path).await.expect(200)["version"], 2);
        assert_eq!(rotate("*").await.expect(200)["version"], 3);
    }

    /// A policy about one webhook is about that one: it is not listed, and its neighbour is.
    async fn policies_decide_about_each(app: TestApp) {
        let shut = app.admin.post("/webhooks", &quiet()).await.expect(201)["id"].clone();
        let open = app.admin.post("/webhooks", &quiet()).await.expect(201)["id"].clone();
        let (shut, open) = (shut.as_str().unwrap(), open.as_str().unwrap());
        let forbid = |action: &str| format!(
            "@notice(\"Not this one.\")\nforbid (principal, action == Provost::Action::\"{action}\", resource == Provost::Webhook::\"{shut}\");"
        );
        let text = format!("{}\n{}", forbid("webhooks.read"), forbid("webhooks.write"));
        app.admin.post("/policies", &json!({ "name": "shut", "text": text })).await.expect(201);
        let nothing = json!({});
        for (method, path, body) in [
            ("GET", format!("/webhooks/{shut}"), &nothing),
            ("GET", format!("/webhooks/{shut}/attempts"), &nothing),
            ("PATCH", format!("/webhooks/{shut}"), &json!({ "enabled": false })),
            ("POST", format!("/webhooks/{shut}/rotate"), &nothing),
            ("DELETE", format!("/webhooks/{shut}"), &nothing),
        ] {
            let request = app.admin.request(method.parse().unwrap(), &path);
            let request = if method == "GET" { request } else { request.header("content-type", "application/json").body(body.to_string()) };
            let refused = crate::support::Answer::of(request).await;
            assert_eq!((refused.refusal().1, &refused.body["notices"]), ("denied_by_policy", &json!(["Not this one."])), "{method} {path}");
        }
        let list = app.admin.get("/webhooks").await.expect(200);
        let ids: Vec<&Value> = list["webhooks"].as_array().unwrap().iter().map(|webhook| &webhook["id"]).collect();
        assert_eq!(ids, [open]);
        app.admin.delete(&format!("/webhooks/{open}")).await.expect(204);
    }

    /// Addresses inside are refused as literals, in any spelling; so are plain http and credentials.
    async fn urls_that_lead_inside_are_refused(app: TestApp) {
        let private = "A webhook's URL may not lead to a private or otherwise special address.";
        for (url, message) in [
            ("https://127.0.0.1/x", private),
            ("https://0x7f.1/", private),
            ("https://2130706433/", private),
            ("https://[::1]/", private),
            ("https://[::ffff:10.0.0.1]/", private),
            ("https://169.254.169.254/latest/meta-data", private),
            ("http://example.com/", "A webhook's URL has to begin with https://."),
            ("https://ada:secret@example.com/", "A webhook's URL may not hold a user name or password; what is posted is signed instead."),
            ("example.com", "A webhook's URL has to be a whole URL of at most 2048 characters, such as https://example.com/hooks."),
        ] {
            let refused = app.admin.post("/webhooks", &json!({ "url": url })).await;
            assert_eq!(refused.refusal(), (422, "invalid_fields", message), "{url}");
            assert_eq!(refused.problems(), [("/url", "invalid_url")]);
        }
        assert_eq!(app.admin.get("/webhooks").await.expect(200), json!({ "webhooks": [] }));
    }

    /// Only events that there are can be asked for, and not that webhooks fail.
    async fn event_types_are_known(app: TestApp) {
        let listed = app.admin.get("/webhook-event-types").await.expect(200);
        let types = listed["event_types"].as_array().unwrap();
        assert!(types.contains(&json!("user.created")) && !types.contains(&json!("webhook.failed")));
        app.admin.post("/webhooks", &json!({ "url": "https://example.com/", "event_types": types, "enabled": false })).await.expect(201);
        let body = json!({ "url": "https://example.com/", "event_types": ["user.created", "user.exploded", "webhook.failed"] });
        let refused = app.admin.post("/webhooks", &body).await;
        assert_eq!(refused.refusal().0, 422);
        assert_eq!(refused.problems(), [("/event_types/1", "unknown_event_type"), ("/event_types/2", "unknown_event_type")]);
    }

    /// Whoever may not read the audit log does not have it sent to them either.
    async fn a_webhook_needs_the_right_to_read_the_audit_log(app: TestApp) {
        let key = async |permissions: Value| {
            let made = app.admin.post("/api-keys", &json!({ "name": "k", "permissions": permissions })).await.expect(201);
            Client::new(&app.admin.base_url, made["key"].as_str().unwrap())
        };
        let body = quiet();
        let writer = key(json!(["webhooks.write", "webhooks.read"])).await;
        let message = "This needs the permission 'audit.read', which you do not have.";
        assert_eq!(writer.post("/webhooks", &body).await.refusal(), (403, "forbidden", message));
        let made = app.admin.post("/webhooks", &body).await.expect(201);
        let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
        let patched = writer.patch(&path, &json!({ "url": "https://example.org/" })).await;
        assert_eq!(patched.refusal(), (403, "forbidden", message));
        writer.get(&path).await.expect(200);
        let reader = key(json!(["audit.read", "webhooks.read"])).await;
        assert_eq!(reader.delete(&path).await.refusal().0, 403);
        assert_eq!(app.other_admin("globex").await.get(&path).await.refusal().0, 404);
    }
}

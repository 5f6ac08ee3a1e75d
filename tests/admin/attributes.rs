//! `/v1/attributes`, and the tenant's own attributes of users over the admin API.

use provost::model::{Clock, Timestamp};
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Client, TestApp, crowd, on_both};

/// What a clock of the tests' own begins with.
const START: Timestamp = Timestamp(1_767_225_600_000);
const DAY: i64 = 24 * 60 * 60 * 1000;

async fn define(app: &TestApp, body: Value) -> Value {
    app.admin.post("/attributes", &body).await.expect(201)
}

/// A federated user with these values.
async fn user(client: &Client, user_name: &str, custom: Value) -> Value {
    let body = json!({ "user_name": user_name, "auth_provider": "oidc", "custom": custom });
    client.post("/users", &body).await.expect(201)
}

fn path(user: &Value) -> String {
    format!("/users/{}", user["id"].as_str().unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    list["attributes"].as_array().unwrap().iter().map(|found| found["name"].as_str().unwrap()).collect()
}

/// `KIND DETAILS` of every event about attributes, oldest first.
async fn events(app: &TestApp) -> Vec<String> {
    app.texts("SELECT kind || ' ' || details FROM audit_events WHERE kind LIKE 'attribute.%' ORDER BY id")
        .await
}

on_both! {
    /// Of those who change an attribute at once each is written after the other; of those who name the version that they
    /// read, one is.
    async fn who_loses_a_race_is_tried_again(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "string" })).await;
        let describe = |said: &'static str, tag: &'static str| {
            let admin = app.admin.clone();
            move |number: usize| {
                let request = admin.request(reqwest::Method::PATCH, "/attributes/badge").header("if-match", tag);
                let body = json!({ "description": format!("{said} {number}") }).to_string();
                let request = request.header("content-type", "application/json").body(body);
                async move { Answer::of(request).await.status }
            }
        };
        assert_eq!(crowd(6, describe("any", "*")).await, [200; 6]);
        assert_eq!(app.admin.get("/attributes/badge").await.expect(200)["version"], 7);
        let mut statuses = crowd(6, describe("mine", "W/\"7\"")).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
        let searchable = |number: usize| {
            let (admin, body) = (app.admin.clone(), json!({ "searchable": number.is_multiple_of(2), "description": number.to_string() }));
            async move { admin.patch("/attributes/badge", &body).await.status }
        };
        assert_eq!(crowd(4, searchable).await, [200; 4]);
        let read = app.admin.get("/attributes/badge").await.expect(200);
        assert_eq!((&read["version"], &read["indexing"]), (&json!(12), &json!(false)));
        let remove = |_| {
            let admin = app.admin.clone();
            async move { admin.delete("/attributes/badge").await.status }
        };
        let mut statuses = crowd(4, remove).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404, 404, 404]);
        let kinds: Vec<String> = events(&app).await.iter().map(|event| event.split(' ').next().unwrap().to_owned()).collect();
        let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
        assert_eq!((count("attribute.updated"), count("attribute.removed"), count("attribute.purged")), (11, 1, 1));
    }

    /// An attribute is defined, read, listed, changed and removed; each leaves an event.
    async fn an_attribute_from_its_making_to_its_end(app: TestApp) {
        let made = app.admin.post("/attributes", &json!({ "name": "cost_center", "type": "string", "max": 6 })).await;
        let location = format!("{}/attributes/cost_center", app.admin.base_url);
        assert_eq!((made.header("etag"), made.header("location")), (Some("W/\"1\""), Some(&*location)));
        let made = made.expect(201);
        for (field, value) in [
            ("display_name", json!("cost center")), ("type", json!("string")), ("max", json!(6.0)), ("unique", json!(false)),
            ("visible_to", json!(["admin", "user", "scim"])), ("editable_by", json!(["admin", "scim"])),
            ("mutability", json!("read_write")), ("removed_at", Value::Null), ("version", json!(1)),
        ] {
            assert_eq!(made[field], value, "{field}");
        }
        assert_eq!(app.admin.get("/attributes/cost_center").await.expect(200), made);
        define(&app, json!({ "name": "badge", "type": "integer" })).await;
        assert_eq!(names(&app.admin.get("/attributes").await.expect(200)), ["badge", "cost_center"]);

        // What was read can be sent back.
        assert_eq!(app.admin.patch("/attributes/cost_center", &made).await.expect(200), made);
        let changed = app.admin.patch("/attributes/cost_center", &json!({ "description": "Who pays.", "max": null })).await.expect(200);
        assert_eq!((&changed["description"], &changed["max"], &changed["version"]), (&json!("Who pays."), &Value::Null, &json!(2)));
        let other = app.admin.patch("/attributes/cost_center", &json!({ "type": "integer" })).await;
        assert_eq!(other.problems(), [("/type", "read_only")]);
        let stale = app.admin.with_header(reqwest::Method::DELETE, "/attributes/cost_center", "if-match", "W/\"1\"").await;
        assert_eq!(stale.refusal().0, 412);

        assert_eq!(app.admin.delete("/attributes/cost_center").await.status, 204);
        assert_eq!(app.admin.get("/attributes/cost_center").await.refusal().0, 404);
        assert_eq!(app.admin.delete("/attributes/cost_center").await.refusal().0, 404);
        assert_eq!(events(&app).await, [
            r#"attribute.created {"name":"cost_center","version":1}"#,
            r#"attribute.created {"name":"badge","version":1}"#,
            r#"attribute.updated {"name":"cost_center","version":2}"#,
            r#"attribute.removed {"name":"cost_center","version":3,"values":0}"#,
            r#"attribute.purged {"name":"cost_center"}"#,
        ]);
    }

    /// A taken name, and every problem of a definition at once.
    async fn definitions_that_cannot_be(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "integer" })).await;
        let taken = app.admin.post("/attributes", &json!({ "name": "badge", "type": "string" })).await;
        assert_eq!((taken.refusal().0, taken.refusal().1), (409, "attribute_exists"));
        let wrong = app.admin.post("/attributes", &json!({
            "name": "email", "type": "boolean", "unique": true, "pattern": "x", "visible_to": ["scim"],
        })).await;
        assert_eq!(wrong.refusal().0, 422);
        let pointers: Vec<&str> = wrong.problems().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/name", "/pattern", "/unique", "/visible_to", "/editable_by"]);
        let unknown = app.admin.post("/attributes", &json!({ "name": "x", "type": "text", "colour": 1 })).await;
        assert_eq!(unknown.problems(), [("/type", "enum"), ("/colour", "unknown")]);
    }

    /// Reading and writing have permissions of their own.
    async fn permissions(app: TestApp) {
        let key = app.admin.post("/api-keys", &json!({ "name": "reader", "permissions": ["attributes.read"] })).await.expect(201);
        let reader = Client::new(&app.admin.base_url, key["key"].as_str().unwrap());
        assert_eq!(reader.get("/attributes").await.status, 200);
        define(&app, json!({ "name": "badge", "type": "integer" })).await;
        for answer in [
            reader.post("/attributes", &json!({ "name": "x", "type": "string" })).await,
            reader.patch("/attributes/badge", &json!({ "required": true })).await,
            reader.delete("/attributes/badge").await,
            reader.post("/attributes/badge/restore", &json!({})).await,
        ] {
            assert_eq!((answer.refusal().0, answer.refusal().1), (403, "forbidden"));
        }
        let key = app.admin.post("/api-keys", &json!({ "name": "none", "permissions": ["users.read"] })).await.expect(201);
        assert_eq!(Client::new(&app.admin.base_url, key["key"].as_str().unwrap()).get("/attributes").await.refusal().0, 403);
    }

    /// A user's values on creation, PATCH (RFC 7396) and PUT; the default of what nobody gives.
    async fn values_of_a_user(app: TestApp) {
        for body in [
            json!({ "name": "shift", "type": "string", "allowed_values": ["day", "night"], "default": "day" }),
            json!({ "name": "tags", "type": "array<string>" }),
            json!({ "name": "badge", "type": "integer", "mutability": "immutable" }),
        ] {
            define(&app, body).await;
        }
        let made = user(&app.admin, "ada", json!({ "tags": ["a", "b", "A"], "badge": 7 })).await;
        assert_eq!(made["custom"], json!({ "shift": "day", "tags": ["a", "b"], "badge": 7 }));
        let path = path(&made);
        assert_eq!(app.admin.get(&path).await.expect(200)["custom"], made["custom"]);
        let patched = app.admin.patch(&path, &json!({ "custom": { "shift": "NIGHT", "tags": null } })).await.expect(200);
        assert_eq!((&patched["custom"], &patched["version"]), (&json!({ "shift": "night", "badge": 7 }), &json!(2)));
        let same = app.admin.patch(&path, &json!({ "custom": { "shift": "night" } })).await.expect(200);
        assert_eq!(same["version"], 2);
        let put = json!({ "user_name": "ada", "custom": { "tags": ["c"] } });
        let replaced = app.admin.put(&path, &put).await.expect(200);
        // What is immutable stays.
        assert_eq!(replaced["custom"], json!({ "badge": 7, "tags": ["c"] }));
        let list = app.admin.get("/users").await.expect(200);
        assert_eq!(list["users"][0]["custom"], replaced["custom"]);
        let fixed = app.admin.patch(&path, &json!({ "custom": { "badge": 8 } })).await;
        assert_eq!((fixed.refusal().0, fixed.problems()), (422, vec![("/custom/badge", "immutable")]));
        let updated = app.audit().await;
        assert_eq!(updated[1], r#"user.updated {"changed":["custom.shift","custom.tags"]}"#);
    }

    /// An unknown attribute is a 400 that names it; what is wrong comes back at once, and nothing is written.
    async fn values_that_cannot_be(app: TestApp) {
        let create = |custom: Value| {
            let body = json!({ "user_name": "ada", "auth_provider": "oidc", "phone": "x", "custom": custom });
            let admin = app.admin.clone();
            async move { admin.post("/users", &body).await }
        };
        let unknown = create(json!({ "colour": "red" })).await;
        assert_eq!((unknown.refusal().0, unknown.problems()), (400, vec![("/phone", "invalid"), ("/custom/colour", "unknown")]));
        assert!(unknown.refusal().2.contains("'colour' is not one of the tenant's attributes."), "{}", unknown.body);
        define(&app, json!({ "name": "cost_center", "type": "string", "required": true, "pattern": "[A-Z]{2}\\d{4}" })).await;
        let missing = create(json!({})).await;
        assert_eq!((missing.refusal().0, missing.problems()), (422, vec![("/phone", "invalid"), ("/custom/cost_center", "required")]));
        let wrong = create(json!({ "cost_center": "x" })).await;
        assert_eq!(wrong.problems(), [("/phone", "invalid"), ("/custom/cost_center", "invalid")]);
        let other = app.admin.post("/users", &json!({ "user_name": "ada", "auth_provider": "oidc", "custom": ["x"] })).await;
        assert_eq!((other.refusal().0, other.problems()), (400, vec![("/custom", "type")]));
        assert_eq!(app.admin.get("/users").await.expect(200)["users"], json!([]));
    }

    /// Required is not retroactive, and a value that is no longer accepted stays until it is changed.
    async fn definitions_are_not_retroactive(app: TestApp) {
        define(&app, json!({ "name": "team", "type": "string" })).await;
        let (with, without) = (user(&app.admin, "with", json!({ "team": "blue" })).await, user(&app.admin, "without", json!({})).await);
        app.admin.patch("/attributes/team", &json!({ "required": true, "allowed_values": ["red"] })).await.expect(200);
        for (user, custom) in [(&with, json!({ "team": "blue" })), (&without, json!({}))] {
            let changed = app.admin.patch(&path(user), &json!({ "display_name": "X", "custom": custom })).await.expect(200);
            assert_eq!((&changed["custom"], &changed["display_name"]), (&custom, &json!("X")));
            let scim = format!("/Users/{}", user["id"].as_str().unwrap());
            app.client.operations(&scim, json!([{ "op": "add", "path": "title", "value": "T" }])).await.expect(200);
        }
        let gone = app.admin.patch(&path(&with), &json!({ "custom": { "team": null } })).await;
        assert_eq!(gone.problems(), [("/custom/team", "required")]);
    }

    /// Somebody who has nothing but its own user sees and sets what is open to users.
    async fn ones_own_values(app: TestApp) {
        define(&app, json!({ "name": "nick", "type": "string", "editable_by": ["admin", "user"] })).await;
        define(&app, json!({ "name": "grade", "type": "integer" })).await;
        define(&app, json!({ "name": "notes", "type": "string", "visible_to": ["admin"], "editable_by": ["admin"] })).await;
        let made = user(&app.admin, "ada", json!({ "nick": "A", "grade": 3, "notes": "N" })).await;
        assert_eq!(made["custom"], json!({ "nick": "A", "grade": 3, "notes": "N" }));
        let key = app.admin.post("/api-keys", &json!({ "name": "own", "user_id": made["id"] })).await.expect(201);
        let own = Client::new(&app.admin.base_url, key["key"].as_str().unwrap());
        assert_eq!(own.get(&path(&made)).await.expect(200)["custom"], json!({ "nick": "A", "grade": 3 }));
        let changed = own.patch(&path(&made), &json!({ "custom": { "nick": "B" } })).await.expect(200);
        assert_eq!(changed["custom"], json!({ "nick": "B", "grade": 3 }));
        let refused = own.patch(&path(&made), &json!({ "custom": { "grade": 4 } })).await;
        assert_eq!((refused.refusal().0, refused.problems()), (422, vec![("/custom/grade", "read_only")]));
        let hidden = own.patch(&path(&made), &json!({ "custom": { "notes": "M" } })).await;
        assert_eq!((hidden.refusal().0, hidden.problems()), (400, vec![("/custom/notes", "unknown")]));
        assert_eq!(app.admin.get(&path(&made)).await.expect(200)["custom"], json!({ "nick": "B", "grade": 3, "notes": "N" }));
    }

    /// What is unique is taken without regard to case, given up with a change or with its user, and free elsewhere.
    async fn unique_values(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "string", "unique": true })).await;
        let (ada, bob) = (user(&app.admin, "ada", json!({ "badge": "X-1" })).await, user(&app.admin, "bob", json!({ "badge": "X-2" })).await);
        let sentence = "Another user of the tenant has this value of 'badge' already; it is unique.";
        let body = json!({ "user_name": "cyd", "auth_provider": "oidc", "custom": { "badge": "x-1" } });
        for answer in [
            app.admin.post("/users", &body).await,
            app.admin.patch(&path(&bob), &json!({ "custom": { "badge": "x-1" } })).await,
        ] {
            assert_eq!(answer.refusal(), (409, "value_taken", sentence));
            assert_eq!(answer.body["details"]["attribute"], "badge");
        }
        // A spelling of one's own value, and a value as long as values may be.
        app.admin.patch(&path(&ada), &json!({ "custom": { "badge": "x-1" } })).await.expect(200);
        app.admin.patch(&path(&ada), &json!({ "custom": { "badge": "ü".repeat(4096) } })).await.expect(200);
        app.admin.patch(&path(&bob), &json!({ "custom": { "badge": "x-1" } })).await.expect(200);
        assert_eq!(app.admin.delete(&path(&bob)).await.status, 204);
        app.admin.post("/users", &body).await.expect(201);
        let other = app.other_admin("other").await;
        other.post("/attributes", &json!({ "name": "badge", "type": "string", "unique": true })).await.expect(201);
        other.post("/users", &body).await.expect(201);
    }

    /// Of many who want one value at the same time one gets it.
    async fn unique_values_in_a_race(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "integer", "unique": true })).await;
        let attempts = (0..12).map(|number| {
            let client = app.admin.clone();
            async move {
                let body = json!({ "user_name": format!("u{number}"), "auth_provider": "oidc", "custom": { "badge": 7 } });
                client.post("/users", &body).await.status
            }
        });
        let mut statuses = futures_util::future::join_all(attempts).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![409; 11]].concat());
        assert_eq!(app.texts("SELECT user_name FROM users WHERE custom IS NOT NULL").await.len(), 1);
    }

    /// An attribute becomes unique only if values differ; the refusal names the value and who has it.
    async fn becoming_unique(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "string" })).await;
        let (ada, bob) = (user(&app.admin, "ada", json!({ "badge": "x" })).await, user(&app.admin, "bob", json!({ "badge": "X" })).await);
        let refused = app.admin.patch("/attributes/badge", &json!({ "unique": true })).await;
        assert_eq!(refused.refusal(), (409, "duplicate_values",
            "'badge' cannot be unique: more than one user has the value \"X\". Change the values first, then the attribute."));
        assert_eq!(refused.body["details"], json!({ "value": "X", "users": [ada["id"], bob["id"]] }));
        assert_eq!(app.admin.get("/attributes/badge").await.expect(200)["version"], 1);
        app.admin.patch(&path(&bob), &json!({ "custom": { "badge": "y" } })).await.expect(200);
        let unique = app.admin.patch("/attributes/badge", &json!({ "unique": true })).await.expect(200);
        assert_eq!((&unique["unique"], &unique["indexing"], &unique["version"]), (&json!(true), &json!(false), &json!(2)));
        let taken = app.admin.patch(&path(&bob), &json!({ "custom": { "badge": "x" } })).await;
        assert_eq!(taken.refusal().1, "value_taken");
        // Nothing of a user but its version has changed by that.
        let after = app.admin.get(&path(&ada)).await.expect(200);
        assert_eq!((&after["custom"], &after["updated_at"], &after["version"]), (&ada["custom"], &ada["updated_at"], &json!(2)));
        app.admin.patch("/attributes/badge", &json!({ "unique": false })).await.expect(200);
        app.admin.patch(&path(&bob), &json!({ "custom": { "badge": "x" } })).await.expect(200);
        assert_eq!(app.texts("SELECT path FROM unique_values").await, Vec::<String>::new());
    }

    /// While an attribute becomes searchable and unique, users are made and changed; nothing of them is missed.
    async fn becoming_unique_while_users_are_written(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "integer" })).await;
        let mut made = Vec::new();
        for number in 0..40 {
            made.push(user(&app.admin, &format!("u{number}"), json!({ "badge": number })).await);
        }
        let writes = made.iter().enumerate().map(|(number, user)| {
            let (client, path) = (app.admin.clone(), path(user));
            async move {
                loop {
                    match client.patch(&path, &json!({ "custom": { "badge": 1000 + number } })).await.status {
                        200 => return,
                        // Who decides by what the attributes were a moment ago is asked to try again.
                        status => assert_eq!(status, 503),
                    }
                }
            }
        });
        let becoming = async {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            app.admin.patch("/attributes/badge", &json!({ "unique": true, "searchable": true })).await.expect(200)
        };
        let (_, changed) = futures_util::join!(futures_util::future::join_all(writes), becoming);
        assert_eq!((&changed["unique"], &changed["indexing"]), (&json!(true), &json!(false)));
        let mut indexed = app.texts("SELECT value FROM attribute_index WHERE path = 'custom.badge'").await;
        indexed.sort_unstable();
        assert_eq!(indexed, (1000..1040).map(|badge| badge.to_string()).collect::<Vec<_>>());
        assert_eq!(app.texts("SELECT value FROM unique_values WHERE path = 'custom.badge'").await.len(), 40);
        let body = json!({ "user_name": "new", "auth_provider": "oidc", "custom": { "badge": 1007 } });
        assert_eq!(app.admin.post("/users", &body).await.refusal().1, "value_taken");
        user(&app.admin, "old", json!({ "badge": 7 })).await;
    }

    /// Removing what users have values of is confirmed; restoring brings the values back.
    async fn removing_and_restoring(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "string", "unique": true, "searchable": true })).await;
        let ada = user(&app.admin, "ada", json!({ "badge": "x" })).await;
        let unasked = app.admin.delete("/attributes/badge").await;
        assert_eq!(unasked.refusal(), (409, "values_exist", "1 user has a value of 'badge'. To remove it all the same, confirm it."));
        assert_eq!(unasked.body["details"]["count"], 1);
        assert_eq!(app.admin.delete("/attributes/badge?confirm=true").await.status, 204);
        assert_eq!(names(&app.admin.get("/attributes").await.expect(200)), Vec::<&str>::new());
        let removed = app.admin.get("/attributes?removed=true").await.expect(200);
        assert!(removed["attributes"][0]["removed_at"].is_string(), "{removed}");
        assert_eq!(app.admin.get(&path(&ada)).await.expect(200)["custom"], json!({}));
        let unknown = app.admin.patch(&path(&ada), &json!({ "custom": { "badge": "y" } })).await;
        assert_eq!(unknown.problems(), [("/custom/badge", "unknown")]);
        // What is kept survives changes of the user, and keeps the name.
        app.admin.put(&path(&ada), &json!({ "user_name": "ada", "display_name": "Ada" })).await.expect(200);
        let taken = app.admin.post("/attributes", &json!({ "name": "badge", "type": "integer" })).await;
        assert_eq!(taken.refusal().1, "attribute_exists");
        app.admin.post("/attributes/badge/restore", &json!({})).await.expect(200);
        assert_eq!(app.admin.get(&path(&ada)).await.expect(200)["custom"], json!({ "badge": "x" }));
        let body = json!({ "user_name": "bob", "auth_provider": "oidc", "custom": { "badge": "X" } });
        assert_eq!(app.admin.post("/users", &body).await.refusal().1, "value_taken");
        assert_eq!(app.texts("SELECT value FROM attribute_index WHERE path = 'custom.badge'").await, ["x"]);
        assert_eq!(app.admin.post("/attributes/badge/restore", &json!({})).await.refusal().0, 404);
        assert_eq!(events(&app).await.last().unwrap(), r#"attribute.restored {"name":"badge","version":3}"#);
    }

    /// A deleted user comes back with its values, as far as there still are such attributes, and they are taken again; a
    /// value that somebody else took meanwhile keeps it out.
    async fn values_of_a_restored_user(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "string", "unique": true, "searchable": true })).await;
        define(&app, json!({ "name": "team", "type": "string" })).await;
        let ada = user(&app.admin, "ada", json!({ "badge": "x", "team": "blue" })).await;
        assert_eq!(app.admin.delete(&path(&ada)).await.status, 204);
        assert_eq!(app.texts("SELECT value FROM attribute_index WHERE path = 'custom.badge'").await, Vec::<String>::new());
        // Nobody has a value of it any more, so it goes at once.
        assert_eq!(app.admin.delete("/attributes/team").await.status, 204);
        define(&app, json!({ "name": "team", "type": "integer" })).await;
        let bob = user(&app.admin, "bob", json!({ "badge": "X" })).await;
        let restore = format!("/deleted-users/{}/restore", ada["id"].as_str().unwrap());
        assert_eq!(app.admin.post(&restore, &json!({})).await.refusal().1, "value_taken");
        app.admin.patch(&path(&bob), &json!({ "custom": { "badge": "y" } })).await.expect(200);
        assert_eq!(app.admin.post(&restore, &json!({})).await.expect(200)["custom"], json!({ "badge": "x" }));
        let taken = app.admin.patch(&path(&bob), &json!({ "custom": { "badge": "X" } })).await;
        assert_eq!(taken.refusal().1, "value_taken");
        assert_eq!(app.texts("SELECT value FROM attribute_index WHERE path = 'custom.badge' ORDER BY value").await, ["x", "y"]);
    }

    /// Another tenant's attributes are not there, and its users have none of them.
    async fn another_tenants_attributes(app: TestApp) {
        define(&app, json!({ "name": "badge", "type": "string" })).await;
        let ada = user(&app.admin, "ada", json!({ "badge": "x" })).await;
        let before = app.admin.get("/attributes/badge").await.expect(200);
        let other = app.other_admin("other").await;
        assert_eq!(other.get("/attributes?removed=true").await.expect(200), json!({ "attributes": [] }));
        for answer in [
            other.get("/attributes/badge").await,
            other.patch("/attributes/badge", &json!({ "required": true })).await,
            other.delete("/attributes/badge?confirm=true").await,
            other.post("/attributes/badge/restore", &json!({})).await,
        ] {
            assert_eq!(answer.refusal(), (404, "not_found", "Attribute 'badge' was not found."));
        }
        let unknown = other.post("/users", &json!({ "user_name": "x", "auth_provider": "oidc", "custom": { "badge": "x" } })).await;
        assert_eq!(unknown.problems(), [("/custom/badge", "unknown")]);
        other.post("/attributes", &json!({ "name": "badge", "type": "integer" })).await.expect(201);
        user(&other, "x", json!({ "badge": 1 })).await;
        assert_eq!(other.delete("/attributes/badge?confirm=true").await.status, 204);
        assert_eq!(app.admin.get("/attributes/badge").await.expect(200), before);
        assert_eq!(app.admin.get(&path(&ada)).await.expect(200)["custom"], json!({ "badge": "x" }));
    }
}

/// Values are kept for the tenant's retention time, and then go for good; the name is free again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_go_when_their_time_is_over() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let clock = Clock::manual(START);
        let app = TestApp::start_with(backend, clock.clone(), |_| {}).await;
        define(&app, json!({ "name": "badge", "type": "string" })).await;
        define(&app, json!({ "name": "team", "type": "string" })).await;
        let ada = user(&app.admin, "ada", json!({ "badge": "x", "team": "blue" })).await;
        assert_eq!(app.admin.delete("/attributes/badge?confirm=true").await.status, 204);
        let end = START.0 + 30 * DAY;
        assert_eq!(app.directory.purge_attributes(Timestamp(end - 1)).await.unwrap(), 0);
        assert_eq!(app.texts("SELECT custom FROM users").await, [r#"{"badge":"x","team":"blue"}"#]);
        assert_eq!(app.directory.purge_attributes(Timestamp(end)).await.unwrap(), 1);
        assert_eq!(app.texts("SELECT custom FROM users").await, [r#"{"team":"blue"}"#]);
        assert_eq!(app.directory.purge_attributes(Timestamp(end)).await.unwrap(), 0);
        assert_eq!(events(&app).await.last().unwrap(), r#"attribute.purged {"name":"badge"}"#);
        define(&app, json!({ "name": "badge", "type": "integer" })).await;
        assert_eq!(app.admin.get(&path(&ada)).await.expect(200)["custom"], json!({ "team": "blue" }));
    }
}

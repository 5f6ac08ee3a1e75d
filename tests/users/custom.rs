//! The tenant's own attributes over SCIM: an extension of User (RFC 7643 §3.3), with the values that the admin API has.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both};

const URN: &str = "urn:provost:params:scim:schemas:extension:acme:2.0:User";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

async fn define(app: &TestApp, body: Value) {
    app.admin.post("/attributes", &body).await.expect(201);
}

/// Attributes as a tenant might have them.
async fn acme(app: &TestApp) {
    for body in [
        json!({ "name": "cost_center", "type": "string", "searchable": true }),
        json!({ "name": "badge", "type": "integer", "unique": true, "searchable": true }),
        json!({ "name": "tags", "type": "array<string>", "searchable": true }),
        json!({ "name": "score", "type": "number" }),
        json!({ "name": "grade", "type": "string", "mutability": "read_only" }),
        json!({ "name": "notes", "type": "string", "visible_to": ["admin", "user"] }),
    ] {
        define(app, body).await;
    }
}

async fn user(app: &TestApp, user_name: &str, values: Value) -> Value {
    app.client
        .post("/Users", &json!({ "schemas": [USER, URN], "userName": user_name, URN: values }))
        .await
        .expect(201)
}

fn path(user: &Value) -> String {
    format!("/Users/{}", user["id"].as_str().unwrap())
}

async fn custom(app: &TestApp, user: &Value) -> Value {
    app.admin.get(&format!("/users/{}", user["id"].as_str().unwrap())).await.expect(200)["custom"].clone()
}

/// The user names that a filter finds.
async fn found(app: &TestApp, filter: &str) -> Vec<String> {
    let list = app.client.query("/Users", &[("filter", filter), ("sortBy", "userName")]).await.expect(200);
    names(&list)
}

fn names(list: &Value) -> Vec<String> {
    list["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["userName"].as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    /// RFC 7643 §6, §7: the extension is in `/Schemas` and `/ResourceTypes` with its characteristics, at once, and of
    /// this tenant alone; it goes with its last attribute.
    async fn discovery(app: TestApp) {
        assert_eq!(app.client.get(&format!("/Schemas/{URN}")).await.status, 404);
        define(&app, json!({ "name": "badge", "type": "integer", "unique": true, "description": "On the door." })).await;
        let schema = app.client.get(&format!("/Schemas/{URN}")).await.expect(200);
        assert_eq!(schema["attributes"], json!([{
            "name": "badge", "type": "integer", "multiValued": false, "description": "On the door.", "required": false,
            "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "server",
        }]));
        let schemas = app.client.get("/Schemas").await.expect(200);
        assert_eq!(schemas["totalResults"], 7);
        let types = app.client.get("/ResourceTypes/User").await.expect(200);
        assert_eq!(types["schemaExtensions"][1], json!({ "schema": URN, "required": false }));
        assert_eq!(app.client.get("/ResourceTypes").await.expect(200)["Resources"][0]["schemaExtensions"], types["schemaExtensions"]);
        let other = app.other_tenant("other").await;
        assert_eq!(other.get(&format!("/Schemas/{URN}")).await.status, 404);
        assert_eq!(other.get("/Schemas").await.expect(200)["totalResults"], 6);
        assert_eq!(app.admin.delete("/attributes/badge").await.status, 204);
        assert_eq!(app.client.get("/Schemas").await.expect(200)["totalResults"], 6);
    }

    /// What an identity provider writes the admin API reads, and the other way; what is not SCIM's is not shown there.
    async fn both_doors_see_the_same(app: TestApp) {
        acme(&app).await;
        let values = json!({ "cost_center": "CC1", "badge": 7, "tags": ["a"] });
        let made = user(&app, "ada", values.clone()).await;
        assert_eq!((&made["schemas"], &made[URN]), (&json!([USER, URN]), &values));
        assert_eq!(custom(&app, &made).await, values);
        let body = json!({ "custom": { "cost_center": "CC2", "badge": null, "notes": "N", "grade": "A" } });
        app.admin.patch(&format!("/users/{}", made["id"].as_str().unwrap()), &body).await.expect(200);
        let read = app.client.get(&path(&made)).await.expect(200);
        assert_eq!(read[URN], json!({ "cost_center": "CC2", "tags": ["a"], "grade": "A" }));
        assert_eq!(read["meta"]["version"], "W/\"2\"");
        let body = json!({ "user_name": "bob", "auth_provider": "oidc", "custom": { "notes": "N" } });
        let bob = app.admin.post("/users", &body).await.expect(201);
        let hidden = app.client.get(&path(&bob)).await.expect(200);
        assert_eq!((&hidden["schemas"], hidden.get(URN)), (&json!([USER]), None));
        // The stored document holds nothing of it.
        assert_eq!(app.texts("SELECT user_name FROM users WHERE document LIKE '%cost_center%'").await, Vec::<String>::new());
    }

    /// RFC 7644 §3.5.1: PUT replaces what SCIM writes; what it does not see, or may not change, stays.
    async fn put(app: TestApp) {
        acme(&app).await;
        let made = user(&app, "ada", json!({ "cost_center": "CC1", "tags": ["a"] })).await;
        let id = made["id"].as_str().unwrap();
        app.admin.patch(&format!("/users/{id}"), &json!({ "custom": { "notes": "N", "grade": "A" } })).await.expect(200);
        let body = json!({ "userName": "ada", URN: { "badge": 7, "grade": "F" } });
        let replaced = app.client.put(&path(&made), &body).await.expect(200);
        assert_eq!(replaced[URN], json!({ "grade": "A", "badge": 7 }));
        assert_eq!(custom(&app, &made).await, json!({ "notes": "N", "grade": "A", "badge": 7 }));
        let same = app.client.put(&path(&made), &body).await.expect(200);
        assert_eq!(same["meta"], replaced["meta"]);
        let without = app.client.put(&path(&made), &json!({ "userName": "ada" })).await.expect(200);
        assert_eq!(without[URN], json!({ "grade": "A" }));
    }

    /// RFC 7644 §3.5.2: PATCH by path, and without one; the event says what changed, not to what.
    async fn patch(app: TestApp) {
        acme(&app).await;
        let made = user(&app, "ada", json!({ "tags": ["a"] })).await;
        let path = path(&made);
        let patched = app.client.operations(&path, json!([
            { "op": "add", "path": format!("{URN}:cost_center"), "value": "CC1" },
            { "op": "add", "path": format!("{URN}:tags"), "value": ["b"] },
            { "op": "replace", "value": { URN: { "badge": 7 } } },
        ])).await.expect(200);
        assert_eq!(patched[URN], json!({ "tags": ["a", "b"], "cost_center": "CC1", "badge": 7 }));
        let removed = app.client.operations(&path, json!([{ "op": "remove", "path": format!("{URN}:badge") }])).await.expect(200);
        assert_eq!(removed[URN], json!({ "tags": ["a", "b"], "cost_center": "CC1" }));
        let fixed = app.client.operations(&path, json!([{ "op": "replace", "path": format!("{URN}:grade"), "value": "A" }])).await;
        assert_eq!(fixed.error().1, "mutability");
        let gone = app.client.operations(&path, json!([{ "op": "remove", "path": URN }])).await.expect(200);
        assert_eq!((&gone["schemas"], gone.get(URN)), (&json!([USER]), None));
        let events = app.audit().await;
        assert_eq!(events[1], r#"user.updated {"changed":["custom.tags","custom.cost_center","custom.badge"]}"#);
    }

    /// What the definitions say beyond the schema holds here too (RFC 7644 §3.12), and what is taken is told (§3.3).
    async fn refusals(app: TestApp) {
        acme(&app).await;
        define(&app, json!({ "name": "shift", "type": "string", "pattern": "day|night" })).await;
        let ada = user(&app, "ada", json!({ "badge": 7 })).await;
        let wrong = app.client.post("/Users", &json!({ "userName": "bob", URN: { "shift": "noon" } })).await;
        assert_eq!(wrong.error(), (400, "invalidValue".to_owned(), "'shift' must match the pattern day|night as a whole.".to_owned()));
        let other = app.client.post("/Users", &json!({ "userName": "bob", URN: { "badge": "seven" } })).await;
        assert_eq!(other.error().1, "invalidValue");
        let sentence = "Another user of the tenant has this value of 'badge' already; it is unique.".to_owned();
        let taken = (409, "uniqueness".to_owned(), sentence);
        assert_eq!(app.client.post("/Users", &json!({ "userName": "bob", URN: { "badge": 7 } })).await.error(), taken);
        let bob = user(&app, "bob", json!({})).await;
        let patch = json!([{ "op": "add", "path": format!("{URN}:badge"), "value": 7 }]);
        assert_eq!(app.client.operations(&path(&bob), patch.clone()).await.error(), taken);
        app.client.delete(&path(&ada)).await.expect(204);
        app.client.operations(&path(&bob), patch).await.expect(200);
    }

    /// RFC 7644 §3.4.2.2: every attribute can be filtered by, whether an index serves it or not.
    async fn filters(app: TestApp) {
        acme(&app).await;
        let long = "x".repeat(300);
        user(&app, "ada", json!({ "cost_center": "Alpha", "badge": 1, "tags": ["Red", "blue"], "score": 1.5 })).await;
        user(&app, "bob", json!({ "cost_center": "beta", "badge": 2, "tags": ["blue"], "score": 20 })).await;
        user(&app, "cyd", json!({ "cost_center": format!("{long}1") })).await;
        user(&app, "dan", json!({ "cost_center": format!("{long}2") })).await;
        user(&app, "eve", json!({})).await;
        for (filter, expected) in [
            ("cost_center eq \"ALPHA\"".to_owned(), vec!["ada"]),
            ("cost_center sw \"b\"".to_owned(), vec!["bob"]),
            ("cost_center co \"lph\"".to_owned(), vec!["ada"]),
            (format!("cost_center eq \"{long}2\""), vec!["dan"]),
            (format!("cost_center sw \"{long}\""), vec!["cyd", "dan"]),
            ("cost_center pr".to_owned(), vec!["ada", "bob", "cyd", "dan"]),
            ("badge eq 2".to_owned(), vec!["bob"]),
            ("badge gt 1".to_owned(), vec!["bob"]),
            ("tags eq \"BLUE\"".to_owned(), vec!["ada", "bob"]),
            ("tags eq \"red\"".to_owned(), vec!["ada"]),
            ("score ge 1.5".to_owned(), vec!["ada", "bob"]),
            ("score eq 20".to_owned(), vec!["bob"]),
        ] {
            assert_eq!(found(&app, &format!("{URN}:{filter}")).await, expected, "{filter}");
        }
        assert_eq!(found(&app, &format!("not ({URN}:badge eq 2) and {URN}:badge pr")).await, ["ada"]);
        assert_eq!(found(&app, &format!("schemas eq \"{URN}\" and userName sw \"a\"")).await, ["ada"]);
        // What SCIM does not see cannot be asked for either.
        let hidden = app.client.query("/Users", &[("filter", &*format!("{URN}:notes eq \"N\""))]).await;
        assert_eq!(hidden.error().1, "invalidFilter");
        let list = app.admin.query("/users", &[("filter", &*format!("{URN}:badge eq 1"))]).await.expect(200);
        assert_eq!(list["users"][0]["user_name"], "ada");
        let all = app.client.post("/.search", &json!({ "filter": format!("{URN}:badge eq 2") })).await.expect(200);
        assert_eq!((names(&all), &all["Resources"][0][URN]["cost_center"]), (vec!["bob".to_owned()], &json!("beta")));
    }

    /// What becomes searchable, or visible to SCIM, is found as it was before and after.
    async fn filters_follow_the_definition(app: TestApp) {
        define(&app, json!({ "name": "team", "type": "string", "visible_to": ["admin"] })).await;
        for (name, team) in [("ada", "red"), ("bob", "blue")] {
            let body = json!({ "user_name": name, "auth_provider": "oidc", "custom": { "team": team } });
            app.admin.post("/users", &body).await.expect(201);
        }
        let filter = format!("{URN}:team eq \"Red\"");
        assert_eq!(app.client.query("/Users", &[("filter", &filter)]).await.status, 400);
        app.admin.patch("/attributes/team", &json!({ "visible_to": ["admin", "scim"] })).await.expect(200);
        assert_eq!(found(&app, &filter).await, ["ada"]);
        assert_eq!(found(&app, &format!("schemas eq \"{URN}\"")).await, ["ada", "bob"]);
        app.admin.patch("/attributes/team", &json!({ "searchable": true })).await.expect(200);
        assert_eq!(found(&app, &filter).await, ["ada"]);
        assert_eq!(app.texts("SELECT value FROM attribute_index WHERE path = 'custom.team' ORDER BY value").await, ["blue", "red"]);
        app.admin.patch("/attributes/team", &json!({ "searchable": false })).await.expect(200);
        assert_eq!(found(&app, &filter).await, ["ada"]);
        assert_eq!(app.texts("SELECT value FROM attribute_index WHERE path = 'custom.team'").await, Vec::<String>::new());
    }

    /// RFC 7644 §3.4.2.3: sorting by texts and by numbers.
    async fn sorting(app: TestApp) {
        acme(&app).await;
        for (name, values) in [
            ("ada", json!({ "score": 10, "cost_center": "b" })),
            ("bob", json!({ "score": 9.5, "cost_center": "A" })),
            ("cyd", json!({})),
        ] {
            user(&app, name, values).await;
        }
        for (by, order, expected) in [
            ("score", "ascending", ["bob", "ada", "cyd"]),
            ("score", "descending", ["cyd", "ada", "bob"]),
            ("cost_center", "ascending", ["bob", "ada", "cyd"]),
        ] {
            let list = app.client.query("/Users", &[("sortBy", &*format!("{URN}:{by}")), ("sortOrder", order)]).await.expect(200);
            assert_eq!(names(&list), expected, "{by} {order}");
        }
    }

    /// RFC 7644 §3.9: the projection knows the extension, whole and in part.
    async fn projection(app: TestApp) {
        acme(&app).await;
        let made = user(&app, "ada", json!({ "cost_center": "CC1", "badge": 7 })).await;
        let ask = async |query: &str| app.client.get(&format!("{}?{query}", path(&made))).await.expect(200);
        let part = ask(&format!("attributes={URN}:badge")).await;
        assert_eq!((&part[URN], part.get("userName")), (&json!({ "badge": 7 }), None));
        assert_eq!(ask(&format!("attributes={URN}")).await[URN], made[URN]);
        assert_eq!(ask("attributes=userName").await.get(URN), None);
        assert_eq!(ask(&format!("excludedAttributes={URN}:badge")).await[URN], json!({ "cost_center": "CC1" }));
        let list = app.client.query("/Users", &[("attributes", &*format!("{URN}:badge"))]).await.expect(200);
        assert_eq!(list["Resources"][0][URN], json!({ "badge": 7 }));
    }

    /// A removed attribute is gone from answers, filters and the schema at once.
    async fn a_removed_attribute(app: TestApp) {
        acme(&app).await;
        let made = user(&app, "ada", json!({ "cost_center": "CC1", "badge": 7 })).await;
        assert_eq!(app.admin.delete("/attributes/badge?confirm=true").await.status, 204);
        assert_eq!(app.client.get(&path(&made)).await.expect(200)[URN], json!({ "cost_center": "CC1" }));
        let filter = format!("{URN}:badge eq 7");
        assert_eq!(app.client.query("/Users", &[("filter", &filter)]).await.error().1, "invalidFilter");
        // A change over SCIM keeps what is kept.
        app.client.operations(&path(&made), json!([{ "op": "add", "path": "title", "value": "T" }])).await.expect(200);
        app.admin.post("/attributes/badge/restore", &json!({})).await.expect(200);
        assert_eq!(found(&app, &filter).await, ["ada"]);
    }
}

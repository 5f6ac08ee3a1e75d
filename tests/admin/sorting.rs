//! Lists in an order of the caller's, page by page, and what may stand in a query.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both};

/// Every element of a list, in pages of two.
async fn walk(client: &Client, path: &str, sort: &str, list: &str, field: &str) -> Vec<String> {
    let (mut walked, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut query = vec![("limit", "2"), ("sort", sort)];
        if let Some(cursor) = &cursor {
            query.push(("cursor", cursor));
        }
        let page = client.query(path, &query).await.expect(200);
        let elements = page[list].as_array().unwrap();
        walked.extend(elements.iter().map(|one: &Value| one[field].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return walked,
        }
    }
}

async fn people(app: &TestApp) {
    for name in ["Émile", "bob", "Ada", "cat", "dan"] {
        app.admin.post("/users", &json!({ "user_name": name, "auth_provider": "oidc" })).await.expect(201);
    }
}

on_both! {
    /// By name without regard to case, by age, by the last change; either way round; the same with a filter.
    async fn users_are_sorted(app: TestApp) {
        people(&app).await;
        let list = app.admin.query("/users", &[("user_name", "bob")]).await.expect(200);
        let bob = format!("/users/{}", list["users"][0]["id"].as_str().unwrap());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        app.admin.patch(&bob, &json!({ "display_name": "Bob" })).await.expect(200);
        let walked = async |sort: &str| walk(&app.admin, "/users", sort, "users", "user_name").await;
        let by_name = walked("user_name").await;
        assert_eq!(by_name.iter().filter(|name| *name != "Émile").collect::<Vec<_>>(), ["Ada", "bob", "cat", "dan"]);
        assert_eq!(by_name.len(), 5);
        let reversed = |names: &[String]| names.iter().rev().cloned().collect::<Vec<_>>();
        assert_eq!(walked("-user_name").await, reversed(&by_name));
        let by_age = walked("created_at").await;
        assert_eq!(by_age, ["Émile", "bob", "Ada", "cat", "dan"]);
        assert_eq!(walked("-created_at").await, reversed(&by_age));
        assert_eq!(walked("updated_at").await, ["Émile", "Ada", "cat", "dan", "bob"]);
        assert_eq!(walked("-updated_at").await, ["bob", "dan", "cat", "Ada", "Émile"]);
        let filtered = app.admin.query("/users", &[("sort", "-user_name"), ("filter", "userName gt \"b\" and userName lt \"d\"")]).await.expect(200);
        let names: Vec<&str> = filtered["users"].as_array().unwrap().iter().map(|user| user["user_name"].as_str().unwrap()).collect();
        assert_eq!(names, ["cat", "bob"]);
    }

    /// Groups are sorted like users.
    async fn groups_are_sorted(app: TestApp) {
        for name in ["beta", "Alpha", "alpha", "gamma"] {
            app.admin.post("/groups", &json!({ "name": name })).await.expect(201);
        }
        let walked = async |sort: &str| walk(&app.admin, "/groups", sort, "groups", "name").await;
        assert_eq!(walked("name").await, ["Alpha", "alpha", "beta", "gamma"]);
        assert_eq!(walked("-name").await, ["gamma", "beta", "alpha", "Alpha"]);
        assert_eq!(walked("-created_at").await, ["gamma", "alpha", "Alpha", "beta"]);
        assert_eq!(walked("updated_at").await, ["beta", "Alpha", "alpha", "gamma"]);
    }

    /// Who is made or removed while somebody pages moves nobody else to another page.
    async fn pages_stand_while_users_come_and_go(app: TestApp) {
        people(&app).await;
        let first = app.admin.query("/users", &[("limit", "2"), ("sort", "-created_at")]).await.expect(200);
        let gone = first["users"][1]["id"].as_str().unwrap();
        app.admin.delete(&format!("/users/{gone}")).await.expect(204);
        app.client.user("new").await;
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = app.admin.query("/users", &[("sort", "-created_at"), ("cursor", cursor)]).await.expect(200);
        let names: Vec<&str> = second["users"].as_array().unwrap().iter().map(|user| user["user_name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Ada", "bob", "Émile"]);
    }

    /// A cursor belongs to its order.
    async fn a_cursor_of_another_order_is_refused(app: TestApp) {
        people(&app).await;
        let page = app.admin.query("/users", &[("limit", "2"), ("sort", "user_name")]).await.expect(200);
        let cursor = page["next_cursor"].as_str().unwrap();
        let message = "'cursor' has to be the next_cursor of the page before, in the same order.";
        for query in [vec![], vec![("sort", "-user_name")], vec![("sort", "created_at")]] {
            let query: Vec<(&str, &str)> = query.into_iter().chain([("cursor", cursor)]).collect();
            let refused = app.admin.query("/users", &query).await;
            assert_eq!(refused.refusal(), (422, "invalid_fields", message), "{query:?}");
        }
        assert_eq!(app.admin.query("/users", &[("cursor", "x")]).await.refusal().0, 400);
        assert_eq!(app.admin.query("/users", &[("sort", "shoe_size")]).await.refusal().0, 400);
    }

    /// What no text of a user can be is refused on both databases alike.
    async fn texts_of_queries_are_checked(app: TestApp) {
        let long = "x".repeat(1025);
        for (path, name) in [
            ("/users", "search"), ("/users", "email"), ("/users", "user_name"), ("/users", "given_name"),
            ("/users", "family_name"), ("/users", "role"), ("/groups", "search"), ("/deleted-users", "search"),
            ("/invitations", "email"),
        ] {
            for text in ["a\0b", &long] {
                let (status, code, message) = {
                    let refused = app.admin.query(path, &[(name, text)]).await;
                    let (status, code, message) = refused.refusal();
                    (status, code.to_owned(), message.to_owned())
                };
                assert_eq!((status, &*code), (400, "invalid_request"), "{path} {name}: {message}");
                assert!(message.contains(name) && message.contains("at most 1024 characters without U+0000"), "{message}");
            }
        }
    }
}

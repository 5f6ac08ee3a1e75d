//! `password` is writeOnly and never returned (RFC 7643 §4.1.1, §7; RFC 7644 §7.5 on what messages may hold).

use serde_json::{Value, json};

use crate::support::{Answer, on_both, refusal};

const SECRET: &str = "t1meMa$heen";

/// The answer's text holds neither the attribute nor its value.
#[track_caller]
fn tells_nothing(answer: &Answer) {
    let text = format!("{} {:?}", answer.body, answer.headers);
    assert!(!text.contains(SECRET) && !answer.body.to_string().contains("\"password\""), "{text}");
}

on_both! {
    /// RFC 7643 §4.1.1: in no answer to a write, a read, a list, or a question that names it.
    async fn no_answer_holds_the_password(app: TestApp) {
        let body = json!({ "userName": "bjensen", "password": SECRET });
        let created = app.client.post("/Users?attributes=password,userName", &body).await;
        tells_nothing(&created);
        let path = format!("/Users/{}", created.created());
        tells_nothing(&app.client.put(&path, &body).await);
        let set = json!([
            { "op": "replace", "path": "password", "value": SECRET },
            { "op": "add", "value": { "password": SECRET, "title": "x" } },
        ]);
        let patched = app.client.operations(&path, set).await;
        assert_eq!(patched.body["title"], "x");
        tells_nothing(&patched);
        for path in [path.clone(), format!("{path}?attributes=password"), "/Users".into(), "/Users?attributes=password".into()] {
            let read = app.client.get(&path).await;
            assert_eq!(read.status, 200);
            tells_nothing(&read);
        }
    }

    /// RFC 7644 §3.12: no refusal repeats it, whatever is wrong with it or with the rest.
    async fn no_error_holds_the_password(app: TestApp) {
        app.client.user("taken").await;
        for body in [
            json!({ "userName": "taken", "password": SECRET }),
            json!({ "userName": "a", "password": [SECRET] }),
            json!({ "userName": "a", "password": { "value": SECRET } }),
            json!({ "userName": "a", "password": format!("{SECRET}\u{0}") }),
            json!({ "userName": "a", "password": SECRET.repeat(1000) }),
            json!({ "password": SECRET }),
        ] {
            let refused = app.client.post("/Users", &body).await;
            assert!([400, 409].contains(&refused.status), "{}", refused.body);
            let text = refused.body.to_string();
            assert!(!text.contains(SECRET), "{text}");
        }
        let path = format!("/Users/{}", app.client.user("b").await);
        let value: Value = json!([SECRET]);
        let refused = app.client.operations(&path, json!([{ "op": "replace", "path": "password", "value": value }])).await;
        assert_eq!(refused.status, 400);
        assert!(!refused.body.to_string().contains(SECRET), "{}", refused.body);
    }

    /// RFC 7643 §4.1.1 with §7: what is never returned cannot be asked for by a filter either.
    async fn a_password_cannot_be_searched_for(app: TestApp) {
        for filter in ["password eq \"t1meMa$heen\"", "password sw \"t\"", "password pr"] {
            let refused = app.client.query("/Users", &[("filter", filter)]).await;
            assert_eq!(
                refused.error(),
                refusal(400, "invalidFilter", "'password' is never returned and cannot be used in a filter."),
                "{filter}",
            );
        }
    }

    /// RFC 7644 §7.5: nothing that is stored holds it in clear: documents, the index, audit events.
    async fn no_stored_text_holds_the_password(app: TestApp) {
        let id = app.client.post("/Users", &json!({ "userName": "bjensen", "password": SECRET })).await.created();
        let set = json!([{ "op": "replace", "path": "password", "value": SECRET }, { "op": "add", "path": "title", "value": "x" }]);
        app.client.operations(&format!("/Users/{id}"), set).await.expect(200);
        let stored = [
            app.texts("SELECT document FROM users").await,
            app.texts("SELECT CAST(search AS TEXT) FROM users").await,
            app.texts("SELECT path || value FROM attribute_index").await,
            app.audit().await,
        ];
        let texts = stored.concat();
        assert!(texts.len() >= 4, "{texts:?}");
        assert!(!texts.iter().any(|text| text.to_lowercase().contains(&SECRET.to_lowercase())), "{texts:?}");
    }
}

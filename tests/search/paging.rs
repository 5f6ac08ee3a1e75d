//! Pagination (RFC 7644 §3.4.2.4).

use provost::mapping::user::{Occasion, to_model};
use provost::model::tenant::NameOrder;
use serde_json::{Value, json};

use super::directory::names;
use crate::support::{Client, on_both};

async fn five(client: &Client) {
    for name in ["a", "b", "c", "d", "e"] {
        client.user(name).await;
    }
}

/// `totalResults`, `startIndex`, `itemsPerPage` and the names of a page.
async fn page(client: &Client, path: &str) -> (Value, Value, Value, Vec<String>) {
    let list = client.get(path).await.expect(200);
    let names = names(&list);
    assert_eq!(list["itemsPerPage"], names.len(), "{path}");
    (list["totalResults"].clone(), list["startIndex"].clone(), list["itemsPerPage"].clone(), names)
}

on_both! {
    /// RFC 7644 §3.4.2.4: 1-based; less than 1 is 1; negative counts are 0; past the end is an empty page (interop rule
    /// `past-the-end`); `totalResults` is always the number of all matches.
    async fn start_index_and_count(app: TestApp) {
        let client = &app.client;
        five(client).await;
        for (query, start, expected) in [
            ("", 1, vec!["a", "b", "c", "d", "e"]),
            ("startIndex=1&count=2", 1, vec!["a", "b"]),
            ("startIndex=3&count=2", 3, vec!["c", "d"]),
            ("startIndex=5&count=2", 5, vec!["e"]),
            ("startIndex=6&count=2", 6, vec![]),
            ("startIndex=101&count=100", 101, vec![]),
            ("startIndex=9223372036854775807", i64::MAX, vec![]),
            ("startIndex=0&count=1", 1, vec!["a"]),
            ("startIndex=-7&count=1", 1, vec!["a"]),
            ("startIndex=-9223372036854775808&count=1", 1, vec!["a"]),
            ("count=0", 1, vec![]),
            ("startIndex=3&count=0", 3, vec![]),
            ("count=-1", 1, vec![]),
            ("count=-9223372036854775808", 1, vec![]),
            ("count=9223372036854775807", 1, vec!["a", "b", "c", "d", "e"]),
            ("STARTINDEX=2&Count=1", 2, vec!["b"]),
        ] {
            let (total, index, _, found) = page(client, &format!("/Users?{query}")).await;
            assert_eq!((total, index, found), (json!(5), json!(start), expected.iter().map(|name| (*name).to_owned()).collect()), "{query}");
        }
    }

    /// RFC 7644 §3.4.2: `totalResults` counts what the filter finds, on each page.
    async fn totals_under_a_filter(app: TestApp) {
        let client = &app.client;
        five(client).await;
        let filter = "filter=userName%20gt%20%22a%22";
        for (query, expected) in [
            ("", vec!["b", "c", "d", "e"]),
            ("&count=2", vec!["b", "c"]),
            ("&count=4", vec!["b", "c", "d", "e"]),
            ("&startIndex=3&count=2", vec!["d", "e"]),
            ("&startIndex=4&count=2", vec!["e"]),
            ("&startIndex=5&count=2", vec![]),
            ("&count=0", vec![]),
        ] {
            let (total, _, _, found) = page(client, &format!("/Users?{filter}{query}")).await;
            assert_eq!((total, found), (json!(4), expected.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()), "{query}");
        }
    }

    /// RFC 7644 §3.4.2.4: the pages together are the whole, whatever the order; and so they are for groups.
    async fn pages_make_up_the_whole(app: TestApp) {
        let client = &app.client;
        five(client).await;
        for name in ["one", "two", "three"] {
            client.group(name, &[]).await;
        }
        for (path, whole) in [
            ("/Users?sortBy=title", vec!["a", "b", "c", "d", "e"]),
            ("/Users?sortBy=userName&sortOrder=descending", vec!["e", "d", "c", "b", "a"]),
            ("/Groups?sortBy=displayName", vec!["one", "three", "two"]),
            ("/Groups?attributes=displayName", vec!["one", "two", "three"]),
        ] {
            let mut found = Vec::new();
            for start in [1, 3, 5, 7] {
                found.extend(page(client, &format!("{path}&startIndex={start}&count=2")).await.3);
            }
            assert_eq!(found, whole, "{path}");
        }
    }

    /// RFC 7644 §3.4.2.4: a page holds at most what ServiceProviderConfig says (`maxResults`), and by default 100.
    async fn a_page_is_bounded(app: TestApp) {
        let client = &app.client;
        let (tenant, at) = (app.tenant.id, provost::model::Clock::system().now());
        let mut changes = provost::model::change::ChangeSet::new(tenant);
        for number in 0..1001 {
            let attributes = json!({ "userName": format!("user-{number}") });
            let attributes = provost::scim::schema::AttributeMap::from_stored(attributes.as_object().cloned().unwrap());
            let id = provost::model::UserId(provost::model::random::uuid_v7());
            let user = to_model(attributes, id, at, Occasion::Create, NameOrder::GivenFirst).unwrap();
            changes.users.push(provost::model::change::UserChange::Insert {
                row: Box::new(provost::mapping::rows::UserSchema::built_in().row(&user)),
                index: Vec::new(),
                external_id: None,
            });
        }
        app.provisioning.storage.commit(changes).await.unwrap();
        for (query, expected) in [("", 100), ("&count=1000", 1000), ("&count=1001", 1000), ("&count=5000", 1000)] {
            let list = client.get(&format!("/Users?attributes=id{query}")).await.expect(200);
            assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&json!(1001), &json!(expected)), "{query}");
            assert_eq!(list["Resources"].as_array().unwrap().len(), expected, "{query}");
        }
    }

    /// RFC 7644 §3.12: what is no whole number is refused.
    async fn what_is_no_number(app: TestApp) {
        for (query, sentence) in [
            ("startIndex=one", "'startIndex' has to be a whole number, such as 1 or 100."),
            ("startIndex=1.5", "'startIndex' has to be a whole number, such as 1 or 100."),
            ("count=%22", "'count' has to be a whole number, such as 1 or 100."),
            ("count=99999999999999999999", "'count' has to be a whole number, such as 1 or 100."),
        ] {
            let refused = app.client.get(&format!("/Users?{query}")).await.error();
            assert_eq!(refused, (400, "invalidValue".to_owned(), sentence.to_owned()), "{query}");
        }
    }
}

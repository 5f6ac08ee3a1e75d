//! Many clients and one user.

use serde_json::{Value, json};

use super::{CLIENTS, add_phone, patch, patch_unchanged, phone, version};
use crate::support::{crowd, on_both};

const TAKEN: &str =
    "A user with this userName already exists in the tenant; userName is unique, without regard to case.";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Attributes that one client each writes, as the path of PATCH and the place in the answer.
fn attributes() -> Vec<(String, Vec<&'static str>)> {
    let plain = ["displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone"];
    let names = ["familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"];
    let enterprise = ["employeeNumber", "costCenter", "organization", "division", "department"];
    let plain = plain.map(|name| (name.to_owned(), vec![name]));
    let names = names.map(|name| (format!("name.{name}"), vec!["name", name]));
    let enterprise = enterprise.map(|name| (format!("{ENTERPRISE}:{name}"), vec![ENTERPRISE, name]));
    plain.into_iter().chain(names).chain(enterprise).collect()
}

fn value_of(number: usize) -> String {
    if number == 4 { "en-GB".to_owned() } else { format!("written by {number}") }
}

/// The phone numbers of clients `from` and up, as the user must hold them in any order.
fn assert_phones(user: &Value, from: usize, to: usize) {
    let mut found: Vec<String> =
        user["phoneNumbers"].as_array().expect("numbers").iter().map(Value::to_string).collect();
    let mut expected: Vec<String> = (from..to).map(|number| phone(number).to_string()).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

on_both! {
    /// RFC 7644 §3.3, Table 9: of all that ask for one userName, in whatever case, exactly one gets it.
    async fn one_user_name_is_given_once(app: TestApp) {
        let answers = crowd(CLIENTS, |number| {
            let client = app.client.clone();
            let name = if number % 2 == 0 { "Ada@Example.com" } else { "ada@example.COM" };
            async move { client.post("/Users", &json!({ "userName": name, "externalId": number.to_string() })).await }
        }).await;

        let (created, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!(created.len(), 1);
        for answer in refused {
            assert_eq!(answer.error(), (409, "uniqueness".to_owned(), TAKEN.to_owned()));
        }
        let list = app.client.get("/Users").await.expect(200);
        assert_eq!(list["totalResults"], 1);
        assert_eq!(list["Resources"], json!([created[0].body]));
    }

    /// RFC 7644 §3.5.2: a PATCH changes what it names and nothing else, so no client undoes another's.
    async fn patches_of_different_attributes_all_survive(app: TestApp) {
        let user = app.client.user("ada").await;
        let path = format!("/Users/{user}");
        crowd(CLIENTS, |number| {
            let (client, path) = (app.client.clone(), path.clone());
            let body = match attributes().get(number) {
                Some((attribute, _)) => patch("replace", attribute, &json!(value_of(number))),
                None => add_phone(number),
            };
            async move { client.patch(&path, &body).await.expect(200) }
        }).await;

        let user = app.client.get(&path).await.expect(200);
        for (number, (_, place)) in attributes().iter().enumerate() {
            let found = place.iter().fold(&user, |value, name| &value[*name]);
            assert_eq!(*found, value_of(number), "{place:?} in {user}");
        }
        assert_phones(&user, attributes().len(), CLIENTS);
        assert_eq!(version(&user), 1 + CLIENTS as i64);
    }

    /// RFC 7644 §3.14: with `If-Match` a client is told by 412 that somebody else was faster, and nothing else.
    async fn patches_on_what_was_read_all_come_about(app: TestApp) {
        const READERS: usize = 24;
        let user = app.client.user("ada").await;
        let path = format!("/Users/{user}");
        crowd(READERS, |number| {
            let (client, path) = (app.client.clone(), path.clone());
            async move { patch_unchanged(&client, &path, |_| add_phone(number)).await }
        }).await;

        let user = app.client.get(&path).await.expect(200);
        assert_phones(&user, 0, READERS);
        assert_eq!(version(&user), 1 + READERS as i64);
    }

    /// RFC 7644 §3.6: a deletion gets its turn among those who change the user; who comes later is told 404.
    async fn a_user_that_everybody_changes_is_deleted(app: TestApp) {
        let user = app.client.user("ada").await;
        let path = format!("/Users/{user}");
        let statuses = crowd(CLIENTS, |number| {
            let (client, path) = (app.client.clone(), path.clone());
            async move {
                if number == 0 {
                    return vec![client.delete(&path).await.status];
                }
                let mut statuses = Vec::new();
                for round in 0..4 {
                    statuses.push(client.patch(&path, &add_phone(number * 10 + round)).await.status);
                }
                statuses
            }
        }).await;

        assert_eq!(statuses[0], [204]);
        for of_client in &statuses[1..] {
            assert!(of_client.iter().all(|status| [200, 404].contains(status)), "{of_client:?}");
            assert!(of_client.is_sorted(), "{of_client:?}");
        }
        app.client.get(&path).await.expect(404);
        assert_eq!(app.client.get("/Users").await.expect(200)["totalResults"], 0);
    }
}

//! The people and groups that most searches look through, and tables of filters with what they find.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client};

pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The ids of who is there.
pub struct Directory {
    pub bjensen: String,
    pub jsmith: String,
    pub mueller: String,
    pub zoe: String,
    pub guides: String,
    pub trainees: String,
}

/// Makes four users and three groups, in the order of their ids: bjensen, who has everything, JSmith, müller@straße.example
/// and zoe, who has nothing but a name; Trainees (with JSmith), Tour Guides (with bjensen and Trainees), Empty.
pub async fn seed(client: &Client) -> Directory {
    let bjensen = client.post("/Users", &bjensen()).await.created();
    let jsmith = client.post("/Users", &jsmith(&bjensen)).await.created();
    let mueller = client.post("/Users", &mueller()).await.created();
    let zoe = client.user("zoe").await;
    let trainees = client.group("Trainees", &[&jsmith]).await;
    let guides = client.group("Tour Guides", &[&bjensen, &trainees]).await;
    client.post("/Groups", &json!({ "displayName": "Empty", "externalId": "G-1" })).await.created();
    Directory { bjensen, jsmith, mueller, zoe, guides, trainees }
}

fn bjensen() -> Value {
    json!({
        "userName": "bjensen",
        "externalId": "BJ-1",
        "name": { "familyName": "Jensen", "givenName": "Barbara", "middleName": "Jane", "honorificPrefix": "Ms." },
        "displayName": "Babs Jensen",
        "nickName": "Babs",
        "profileUrl": "https://login.example.com/BJensen",
        "title": "Tour Guide",
        "userType": "Employee",
        "preferredLanguage": "en-US",
        "locale": "en-US",
        "timezone": "America/Los_Angeles",
        "active": true,
        "password": "t1meMa$heen",
        "emails": [
            { "value": "bjensen@example.com", "type": "work", "primary": true },
            { "value": "babs@jensen.org", "type": "home", "display": "Babs at home" },
        ],
        "phoneNumbers": [{ "value": "555-555-5555", "type": "work" }, { "value": "555-555-4444", "type": "mobile" }],
        "ims": [{ "value": "someaimhandle", "type": "aim" }],
        "photos": [{ "value": "https://photos.example.com/F.jpg", "type": "photo" }],
        "addresses": [
            { "type": "work", "locality": "Hollywood", "region": "CA", "postalCode": "91608", "primary": true },
            { "type": "home", "locality": "Burbank", "region": "CA", "postalCode": "91502" },
        ],
        "entitlements": [{ "value": "E1" }],
        "roles": [{ "value": "Admin", "primary": true }, { "value": "Guide" }],
        "x509Certificates": [{ "value": "TUlJRFF6Q0M=" }],
        ENTERPRISE: {
            "employeeNumber": "701984",
            "costCenter": "4130",
            "organization": "Universal Studios",
            "division": "Theme Park",
            "department": "Tour Operations",
        },
    })
}

fn jsmith(manager: &str) -> Value {
    json!({
        "userName": "JSmith",
        // Another externalId than bjensen's: it is caseExact (RFC 7643 §3.1).
        "externalId": "bj-1",
        "name": { "familyName": "Smith", "givenName": "John" },
        "title": "boss",
        "active": false,
        "emails": [{ "value": "JSMITH@EXAMPLE.COM", "type": "work" }],
        ENTERPRISE: { "department": "Tours", "manager": { "value": manager } },
    })
}

fn mueller() -> Value {
    json!({
        "userName": "müller@straße.example",
        "name": { "familyName": "Müller" },
        "displayName": "Jürgen Müller",
        "title": "100% \"sure\"_\\o/ 'DROP",
        "emails": [{ "value": "jürgen@straße.example", "type": "home" }],
    })
}

/// A filter and the names of what it finds, in the order of ids.
pub type Row = (&'static str, &'static [&'static str]);

/// Everybody whom [`seed`] makes.
pub const ALL: &[&str] = &["bjensen", "JSmith", "müller@straße.example", "zoe"];

/// Holds a table of filters against `/Users`.
pub async fn find_users(client: &Client, table: &[Row]) {
    find(client, "/Users", table).await;
}

/// Holds a table of filters against `/Groups`.
pub async fn find_groups(client: &Client, table: &[Row]) {
    find(client, "/Groups", table).await;
}

async fn find(client: &Client, path: &str, table: &[Row]) {
    let mut wrong = Vec::new();
    for (filter, expected) in table {
        let found = found(client, path, filter).await;
        if found != *expected {
            wrong.push(format!("{filter}\n    expected {expected:?}\n    found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// The names of what a filter finds. `totalResults` has to be their number.
pub async fn found(client: &Client, path: &str, filter: &str) -> Vec<String> {
    let answer = client.query(path, &[("filter", filter), ("attributes", "userName,displayName")]).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
    let names = names(&answer.body);
    assert_eq!(answer.body["totalResults"], names.len(), "{filter}");
    names
}

/// The userName of each user in a list, and the displayName of each group.
pub fn names(list: &Value) -> Vec<String> {
    let resources = list["Resources"].as_array().unwrap_or_else(|| panic!("no Resources: {list}"));
    let name = |resource: &Value| {
        let name = resource.get("userName").or_else(|| resource.get("displayName"));
        name.and_then(Value::as_str).unwrap_or_else(|| panic!("no name: {resource}")).to_owned()
    };
    resources.iter().map(name).collect()
}

/// Holds a table of filters that are refused against `path`: 400 `invalidFilter` with this sentence.
pub async fn refuse(client: &Client, path: &str, table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (filter, sentence) in table {
        let error = client.query(path, &[("filter", filter)]).await.error();
        if error != (400, "invalidFilter".to_owned(), (*sentence).to_owned()) {
            wrong.push(format!("{filter}\n    expected {sentence}\n    got      {error:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// `POST` with the body `{}` or another to a `.search`.
pub async fn search(client: &Client, path: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, path).header("content-type", "application/scim+json");
    Answer::of(request.body(body.to_string())).await
}

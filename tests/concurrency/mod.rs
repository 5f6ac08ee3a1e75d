//! Many clients at once: what was acknowledged is there, what was refused is not, and nobody is told of a failure.

mod counts;
mod departures;
mod large;
mod members;
mod processes;
mod reads;

mod users;

use serde_json::{Value, json};

use crate::support::{Answer, Client};

/// How many clients an identity provider's burst is taken to be.
const CLIENTS: usize = 64;

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A PATCH request of one operation.
fn patch(op: &str, path: &str, value: &Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": [{ "op": op, "path": path, "value": value }] })
}

/// The phone number that belongs to one client alone.
fn phone(number: usize) -> Value {
    json!({ "value": format!("tel:+1-201-555-{number:04}"), "type": format!("line {number}") })
}

/// The PATCH that adds that number, and disturbs nobody else's.
fn add_phone(number: usize) -> Value {
    patch("add", "phoneNumbers", &json!([phone(number)]))
}

async fn join(client: &Client, group: &str, member: &str) -> Answer {
    client.patch(&format!("/Groups/{group}"), &patch("add", "members", &json!([{ "value": member }]))).await
}

async fn leave(client: &Client, group: &str, member: &str) -> Answer {
    let body = json!({
        "schemas": [PATCH],
        "Operations": [{ "op": "remove", "path": format!("members[value eq \"{member}\"]") }],
    });
    client.patch(&format!("/Groups/{group}"), &body).await
}

/// Sends a PATCH on what was just read, again and again until nobody came in between. Gives how often somebody did.
async fn patch_unchanged(client: &Client, path: &str, decide: impl Fn(&Value) -> Value) -> usize {
    let mut refused = 0;
    loop {
        let read = client.get(path).await;
        let tag = read.header("etag").expect("a resource has an entity tag").to_owned();
        let body = decide(&read.expect(200));
        let request = client
            .request(reqwest::Method::PATCH, path)
            .header("content-type", "application/scim+json")
            .header("if-match", tag)
            .body(body.to_string());
        let answer = Answer::of(request).await;
        match answer.status {
            200 | 204 => return refused,
            status => assert_eq!(status, 412, "{}", answer.body),
        }
        refused += 1;
    }
}

/// The ids of a group's members, in order.
async fn member_ids(client: &Client, group: &str) -> Vec<String> {
    let group = client.get(&format!("/Groups/{group}")).await.expect(200);
    let none = Vec::new();
    let members = group["members"].as_array().unwrap_or(&none);
    let mut ids: Vec<String> =
        members.iter().map(|member| member["value"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

/// The number in an answer's `meta.version`.
fn version(resource: &Value) -> i64 {
    let tag = resource["meta"]["version"].as_str().expect("a version");
    tag.trim_start_matches("W/").trim_matches('"').parse().expect("a number")
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

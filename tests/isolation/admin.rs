//! The same over the admin API: every operation of its document, with another tenant's credentials.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::operations::{Apart, Operation, operations};
use super::tenancy::{PASSWORD, Tenancy, Things, public};
use crate::support::{Client, on_both};

/// The status, and the code and message of a refusal with the ids of these things taken out.
fn refusal(status: u16, text: &str, things: &Things) -> (u16, String) {
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let mut said = format!("{} {} {}", body["code"], body["message"], body["details"]);
    for id in things.all() {
        said = said.replace(id, "[id]");
    }
    (status, said)
}

/// The paths of an operation with these things' ids in it; where it has two, also with the first one of the caller's own
/// tenant.
fn paths(operation: &Operation, own: &Things, other: &Things) -> Vec<String> {
    let mut paths = Vec::new();
    for things in operation.things {
        let owners: &[[&Things; 2]] =
            if things.len() == 2 { &[[other, other], [own, other]] } else { &[[other; 2]] };
        for owners in owners {
            let ids: Vec<&str> = things.iter().zip(owners).map(|(thing, things)| things.id(thing)).collect();
            paths.push(operation.path(&ids));
        }
    }
    paths
}

#[test]
fn every_operation_is_listed() {
    let document: Value =
        serde_json::from_str(&provost::http::admin::document("https://example.com")).unwrap();
    let items = document["paths"].as_object().expect("the document has paths");
    let served: BTreeSet<String> = items
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (method, path)))
        .map(|(method, path)| format!("{} {path}", method.to_uppercase()))
        .collect();
    let operations = operations();
    let listed: BTreeSet<String> = operations.iter().map(|operation| operation.route.to_owned()).collect();
    assert_eq!(
        served, listed,
        "tests/isolation/operations.rs says of every operation how it keeps tenants apart"
    );
    assert_eq!(operations.len(), listed.len(), "each once");
    for Operation { route, apart, things, .. } in operations {
        assert!(things.iter().all(|things| things.len() == route.matches('{').count()), "{route}");
        assert_eq!(
            things.is_empty(),
            !route.contains('{') || apart == Apart::Public,
            "{route} names things or not"
        );
    }
}

on_both! {
    /// With another tenant's ids in the path every operation answers in the very words for ids that never were, whoever
    /// of the tenant asks, and nothing changes. That it is for the ids alone is shown by the tenant whose they are: it
    /// does the same, one after the other.
    async fn another_tenants_things_are_not_there(app: TestApp) {
        let (acme, other) = (Tenancy::new(&app, "arcane").await, Tenancy::new(&app, "brazen").await);
        let nothing = Things::none();
        let (before, speakers) = (app.rows_of(acme.tenant.id).await, other.speakers(&app).await);
        for operation in operations() {
            let theirs = paths(&operation, &other.things, &acme.things);
            let nobodys = paths(&operation, &other.things, &nothing);
            let body = operation.body(&other.things);
            for speaker in &speakers {
                let expected = if operation.is_for_people() && speaker.who != "owner" { 403 } else { 404 };
                for (theirs, nobodys) in theirs.iter().zip(&nobodys) {
                    let (status, text) = speaker.send(operation.method(), theirs, body.as_ref()).await;
                    let found = refusal(status, &text, &acme.things);
                    assert_eq!(status, expected, "{} {theirs} by {}: {text}", operation.method(), speaker.who);
                    let (status, text) = speaker.send(operation.method(), nobodys, body.as_ref()).await;
                    assert_eq!(found, refusal(status, &text, &nothing), "{theirs} by {}", speaker.who);
                }
            }
        }
        assert_eq!(app.rows_of(acme.tenant.id).await, before);

        let speakers = [acme.key_holder(), acme.owner()];
        for operation in operations() {
            let speaker = &speakers[usize::from(operation.is_for_people())];
            for things in operation.things {
                let ids: Vec<&str> = things.iter().map(|thing| acme.things.id(thing)).collect();
                let (path, body) = (operation.path(&ids), operation.body(&acme.things));
                let (status, text) = speaker.send(operation.method(), &path, body.as_ref()).await;
                let expected = if operation.apart == Apart::Operator { 403..404 } else { 200..300 };
                assert!(expected.contains(&status), "{} {path} by its own tenant: {status} {text}", operation.method());
            }
        }
    }

    /// Where no id is named: what is listed, read or changed is the caller's own tenant's, and what is the operator's is
    /// 403.
    async fn what_names_no_id_is_the_callers_own(app: TestApp) {
        let (acme, other) = (Tenancy::new(&app, "arcane").await, Tenancy::new(&app, "brazen").await);
        let (before, speakers) = (app.rows_of(acme.tenant.id).await, other.speakers(&app).await);
        let is_walked = |operation: &&Operation| operation.things.is_empty() && operation.apart != Apart::Public;
        for operation in operations().iter().filter(is_walked) {
            let (method, path, body) = (operation.method(), operation.path(&[]), operation.body(&other.things));
            let is_read = method == Method::GET;
            for speaker in &speakers {
                let has_signed_in = speaker.who == "owner";
                let expected = match operation.apart {
                    // A change is made once.
                    Apart::Own if !is_read && !has_signed_in => continue,
                    Apart::Operator if speaker.is_operator() => continue,
                    Apart::Operator => 403..404,
                    Apart::SignedIn if !has_signed_in => 403..404,
                    _ => 200..300,
                };
                let (status, text) = speaker.send(method.clone(), &path, body.as_ref()).await;
                assert!(expected.contains(&status), "{method} {path} by {}: {status} {text}", speaker.who);
                assert_without(&text, &acme.things, &path);
            }
        }
        assert_eq!(app.rows_of(acme.tenant.id).await, before);
    }

    /// A credential is good for its own tenant: with `X-Tenant-ID` of another one every operation answers 403.
    async fn another_tenant_cannot_be_named(app: TestApp) {
        let (acme, other) = (Tenancy::new(&app, "arcane").await, Tenancy::new(&app, "brazen").await);
        let before = app.rows_of(acme.tenant.id).await;
        let unaffected = app.rows_of(other.tenant.id).await;
        let strangers = [other.key_holder(), other.owner()].map(|speaker| speaker.naming(&acme.tenant.id.to_string()));
        for operation in operations() {
            if operation.apart == Apart::Public {
                continue;
            }
            let mut all = paths(&operation, &other.things, &acme.things);
            all.extend(paths(&operation, &other.things, &other.things));
            if operation.things.is_empty() {
                all.push(operation.path(&[]));
            }
            for (path, speaker) in all.iter().flat_map(|path| strangers.iter().map(move |speaker| (path, speaker))) {
                let body = operation.body(&other.things);
                let (status, text) = speaker.send(operation.method(), path, body.as_ref()).await;
                let said: Value = serde_json::from_str(&text).unwrap_or_default();
                assert_eq!((status, &said["code"]), (403, &json!("tenant_mismatch")), "{} {path}", operation.method());
            }
        }
        assert_eq!(app.rows_of(acme.tenant.id).await, before);
        assert_eq!(app.rows_of(other.tenant.id).await, unaffected);
    }

    /// Names, passwords and the secrets of links and keys are good in their own tenant only, whatever tenant they are
    /// said to be of.
    async fn credentials_are_their_own_tenants(app: TestApp) {
        let (acme, other) = (Tenancy::new(&app, "arcane").await, Tenancy::new(&app, "brazen").await);
        let login = |tenant: &str| json!({ "tenant": tenant, "user_name": "arcane.ada", "password": PASSWORD });
        public(&app, Method::POST, "/auth/login", &login("arcane")).await.expect(200);
        let before = app.rows_of(acme.tenant.id).await;
        for tenant in ["brazen", &other.tenant.id.to_string()] {
            let refused = public(&app, Method::POST, "/auth/login", &login(tenant)).await;
            assert_eq!((refused.refusal().0, refused.refusal().1), (401, "invalid_credentials"));
        }
        let moved = |text: &str| {
            let (from, to) = (acme.tenant.id.0.simple().to_string(), other.tenant.id.0.simple().to_string());
            assert!(text.contains(&from), "a credential says which tenant's it is");
            text.replace(&from, &to)
        };
        let key = Client::new(&app.admin.base_url, &moved(&acme.key_text));
        assert_eq!(key.get("/users").await.refusal().0, 401);
        let token = moved(&acme.invitation_token);
        let path = format!("/auth/invitations/{token}");
        let unknown = "A".repeat(43);
        let nobodys = format!("/auth/invitations/pvi_{}_{unknown}", other.tenant.id.0.simple());
        let (found, none) = (public(&app, Method::GET, &path, &json!({})).await, public(&app, Method::GET, &nobodys, &json!({})).await);
        assert_eq!(found.refusal(), none.refusal());
        let accepted = public(&app, Method::POST, "/auth/invitations/accept", &json!({ "token": token, "password": PASSWORD })).await;
        assert_eq!(accepted.refusal(), none.refusal());
        let verified = public(&app, Method::POST, "/auth/verify-email", &json!({ "token": token })).await;
        assert!([400, 404, 410].contains(&verified.refusal().0), "{}", verified.body);
        assert_eq!(app.rows_of(acme.tenant.id).await, before);
        public(&app, Method::GET, &format!("/auth/invitations/{}", acme.invitation_token), &json!({})).await.expect(200);
    }
}

/// Nothing of another tenant is in an answer.
#[track_caller]
pub fn assert_without(text: &str, things: &Things, path: &str) {
    assert!(!text.contains(things.mark), "{path} tells of another tenant: {text}");
    for id in things.all() {
        assert!(!text.contains(id), "{path} tells of another tenant: {text}");
    }
}

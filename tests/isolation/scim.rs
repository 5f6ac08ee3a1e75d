//! The same over SCIM: every path that is served, with another tenant's token.

use provost::http::scim;
use provost::model::clock::Timestamp;
use provost::model::{Clock, Scopes};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Client, TestApp, on_both};

/// What a tenant's token finds at a path that names another tenant's resource, or could.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finds {
    /// A list, in which the other tenant's resources are not.
    List,
    /// Lists by `POST`.
    Search,
    /// `:id` is another tenant's user.
    User,
    /// `:id` is another tenant's group.
    Group,
    /// The same document for all tenants, or 404 for an id that is none.
    Document,
    /// 501 for everybody.
    Nothing,
}

/// Every path that is served. A new one has to say here how it keeps tenants apart.
const ROUTES: [(&str, Finds); 14] = [
    ("/.search", Finds::Search),
    ("/Users", Finds::List),
    ("/Users/.search", Finds::Search),
    ("/Users/:id", Finds::User),
    ("/Groups", Finds::List),
    ("/Groups/.search", Finds::Search),
    ("/Groups/:id", Finds::Group),
    ("/ServiceProviderConfig", Finds::Document),
    ("/Schemas", Finds::Document),
    ("/Schemas/:id", Finds::Document),
    ("/ResourceTypes", Finds::Document),
    ("/ResourceTypes/:id", Finds::Document),
    ("/Me", Finds::Nothing),
    ("/Bulk", Finds::Nothing),
];

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const INVALID_TOKEN: &str = "The bearer token is not valid: it is unknown, expired or revoked.";

#[test]
fn every_route_is_listed_here() {
    let served: Vec<&str> = scim::paths().map(|path| path.trim_start_matches("/scim/v2")).collect();
    let listed: Vec<&str> = ROUTES.iter().map(|(path, _)| *path).collect();
    assert_eq!(served, listed);
}

/// A tenant with two users, one the other's manager, and two groups, one in the other.
struct Acme {
    client: Client,
    user: String,
    manager: String,
    group: String,
    outer: String,
}

impl Acme {
    async fn new(app: &TestApp) -> Self {
        let client = app.client.clone();
        let manager = client.user("boss").await;
        let user = json!({
            "userName": "ada",
            "externalId": "a-1",
            "displayName": "Ada",
            "emails": [{ "value": "ada@example.com", "primary": true }],
            ENTERPRISE: { "manager": { "value": manager } },
        });
        let user = client.post("/Users", &user).await.created();
        let group = client.group("inner", &[&user]).await;
        let outer = client.group("outer", &[&group, &manager]).await;
        Self { client, user, manager, group, outer }
    }

    /// Everything that the tenant's own client can read.
    async fn everything(&self) -> Vec<Value> {
        let users = [&self.user, &self.manager].map(|id| format!("/Users/{id}"));
        let groups = [&self.group, &self.outer].map(|id| format!("/Groups/{id}"));
        let lists = ["/Users".to_owned(), "/Groups".to_owned()];
        let mut read = Vec::new();
        for path in users.into_iter().chain(groups).chain(lists) {
            read.push(self.client.get(&path).await.expect(200));
        }
        read
    }
}

/// The methods that a path serves, as it says itself.
async fn methods(client: &Client, path: &str) -> Vec<Method> {
    let answer = Answer::of(client.request(Method::OPTIONS, path)).await;
    let allowed = answer.header("allow").unwrap_or_else(|| panic!("{path} says what it serves")).to_owned();
    let methods = allowed.split(", ").map(|name| name.parse::<Method>().expect("a method"));
    methods.filter(|method| *method != Method::OPTIONS).collect()
}

/// A body that is right for its route.
fn body(method: &Method, path: &str) -> Value {
    match (method.as_str(), path) {
        (_, search) if search.ends_with("/.search") => {
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] })
        }
        ("PATCH", _) => json!({
            "schemas": [PATCH],
            "Operations": [{ "op": "replace", "path": "displayName", "value": "taken over" }],
        }),
        (_, path) if path.starts_with("/Groups") => json!({ "displayName": "taken over" }),
        _ => json!({ "userName": "taken.over" }),
    }
}

async fn send(client: &Client, method: &Method, path: &str, body: &Value) -> Answer {
    let request = client.request(method.clone(), path);
    let bodiless = [Method::GET, Method::HEAD, Method::DELETE].contains(method);
    let request = match bodiless {
        true => request,
        false => request.header("content-type", "application/scim+json").body(body.to_string()),
    };
    Answer::of(request).await
}

/// `status` and `detail` of a refusal; a `HEAD` has no body to say it with.
fn assert_refused(answer: Answer, method: &Method, path: &str, status: u16, detail: &str) {
    if *method == Method::HEAD {
        assert_eq!((answer.status, answer.body), (status, Value::Null), "{method} {path}");
        return;
    }
    assert_eq!(answer.error(), (status, String::new(), detail.to_owned()), "{method} {path}");
}

on_both! {
    /// RFC 7644 §6 on multi-tenancy, §7.1: with another tenant's token every path that names a resource answers as if
    /// it had never been (404, never 403), lists and searches are empty, and nothing changes.
    async fn another_tenants_resources_are_not_there(app: TestApp) {
        let acme = Acme::new(&app).await;
        let other = app.other_tenant("other").await;
        let before = acme.everything().await;

        for (route, finds) in ROUTES {
            let (kind, ids) = match finds {
                Finds::User => ("User", vec![&acme.user, &acme.manager]),
                Finds::Group => ("Group", vec![&acme.group, &acme.outer]),
                _ => ("", vec![&acme.user]),
            };
            for id in ids {
                let path = route.replace(":id", id);
                for method in methods(&other, &path).await {
                    if finds == Finds::List && method == Method::POST {
                        continue;
                    }
                    let answer = send(&other, &method, &path, &body(&method, &path)).await;
                    match finds {
                        Finds::User | Finds::Group => {
                            let detail = format!("{kind} '{id}' was not found.");
                            assert_refused(answer, &method, &path, 404, &detail);
                        }
                        Finds::List | Finds::Search => {
                            assert_eq!(answer.status, 200, "{method} {path}");
                            if method != Method::HEAD {
                                assert_eq!((&answer.body["totalResults"], &answer.body["Resources"]), (&json!(0), &json!([])));
                            }
                        }
                        Finds::Document => {
                            let expected = if route.ends_with(":id") { 404 } else { 200 };
                            assert_eq!(answer.status, expected, "{method} {path}");
                        }
                        Finds::Nothing => assert_eq!(answer.status, 501, "{method} {path}"),
                    }
                }
            }
        }
        assert_eq!(acme.everything().await, before);
    }

    /// RFC 7644 §3.5.2: a member of another tenant is refused in the very words for one that never was.
    async fn another_tenants_ids_are_no_members(app: TestApp) {
        let acme = Acme::new(&app).await;
        let other = app.other_tenant("other").await;
        let (own, nobody) = (other.group("own", &[]).await, provost::model::random::uuid_v7().to_string());
        let before = acme.everything().await;

        for id in [&acme.user, &acme.group, &nobody] {
            let members = json!([{ "value": id }]);
            let add = json!({ "schemas": [PATCH], "Operations": [{ "op": "add", "path": "members", "value": members }] });
            let replace = json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "value": { "members": members } }] });
            let whole = json!({ "displayName": "own", "members": members });
            let path = format!("/Groups/{own}");
            let sentence = format!("'members' names '{id}', which is not the id of a user or group of this tenant.");
            for answer in [
                other.post("/Groups", &whole).await,
                other.put(&path, &whole).await,
                other.patch(&path, &add).await,
                other.patch(&path, &replace).await,
            ] {
                assert_eq!(answer.error(), (400, "invalidValue".to_owned(), sentence.clone()));
            }
            // Removing who is no member changes nothing, whoever it is.
            let remove = json!({ "schemas": [PATCH], "Operations": [{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }] });
            let removed = other.patch(&path, &remove).await;
            assert_eq!((removed.status, removed.header("etag")), (204, Some("W/\"1\"")));
        }
        assert_eq!(other.get("/Groups").await.expect(200)["totalResults"], 1);
        assert_eq!(acme.everything().await, before);
    }

    /// RFC 7643 §4.3: a manager of another tenant has no name here, and is answered like one that never was.
    async fn another_tenants_manager_has_no_name(app: TestApp) {
        let acme = Acme::new(&app).await;
        let other = app.other_tenant("other").await;
        let nobody = provost::model::random::uuid_v7().to_string();
        let before = acme.everything().await;

        let mut answers = Vec::new();
        for (name, id) in [("first", &acme.manager), ("second", &nobody)] {
            let body = json!({ "userName": name, ENTERPRISE: { "manager": { "value": id } } });
            let answer = other.post("/Users", &body).await;
            let manager = answer.redacted()[ENTERPRISE]["manager"].clone();
            assert_eq!(manager.get("displayName"), None, "{manager}");
            answers.push((answer.status, manager));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(acme.everything().await, before);
    }

    /// RFC 7644 §3.4.2.2: filters and searches look within the tenant, and names are unique within it only.
    async fn filters_find_nothing_of_another_tenant(app: TestApp) {
        let acme = Acme::new(&app).await;
        let other = app.other_tenant("other").await;
        let before = acme.everything().await;
        let Acme { user, manager, group, .. } = &acme;

        for (resources, filter) in [
            ("/Users", format!("id eq \"{user}\"")),
            ("/Users", "userName eq \"ada\"".to_owned()),
            ("/Users", "userName sw \"a\" or userName pr".to_owned()),
            ("/Users", "externalId eq \"a-1\"".to_owned()),
            ("/Users", "emails.value eq \"ada@example.com\"".to_owned()),
            ("/Users", "emails[value co \"ada\"]".to_owned()),
            ("/Users", "not (displayName eq \"nobody\")".to_owned()),
            ("/Users", format!("groups.value eq \"{group}\"")),
            ("/Users", format!("{ENTERPRISE}:manager.value eq \"{manager}\"")),
            ("/Groups", format!("id eq \"{group}\"")),
            ("/Groups", "displayName eq \"inner\"".to_owned()),
            ("/Groups", format!("members.value eq \"{user}\"")),
            ("/Groups", "id pr".to_owned()),
        ] {
            let found = acme.client.query(resources, &[("filter", &filter)]).await.expect(200);
            assert_ne!(found["totalResults"], 0, "{filter}");
            let by_query = other.query(resources, &[("filter", &filter)]).await.expect(200);
            let by_body = other.post(&format!("{resources}/.search"), &json!({ "filter": filter })).await.expect(200);
            for list in [by_query, by_body] {
                assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])), "{filter}");
            }
        }
        other.user("ada").await;
        assert_eq!(acme.everything().await, before);
    }

    /// RFC 6750 §3.1: on every route a token that is unknown, revoked or no token at all is answered 401, whatever else
    /// the request says.
    async fn tokens_that_are_none_are_refused_everywhere(app: TestApp) {
        let acme = Acme::new(&app).await;
        let base = &*app.client.base_url;
        let tenant = app.tenant.id.0.simple();
        let revoked = app.provisioning.create_token(&app.connection, "revoked", Scopes::ALL, None).await.unwrap();
        app.provisioning.revoke_token(&app.tenant, &revoked.record.id.to_string()).await.unwrap();
        let before = acme.everything().await;
        let unknown = format!("pvs_{tenant}_{}", "A".repeat(43));
        let elsewhere = revoked.text.expose().replace(&tenant.to_string(), &"0".repeat(32));
        for token in [revoked.text.expose(), &*unknown, &*elsewhere, "garbage", "pvs__"] {
            assert_unauthorized_everywhere(&Client::new(base, token), &acme).await;
        }
        assert_eq!(acme.everything().await, before);
    }
}

async fn assert_unauthorized_everywhere(client: &Client, acme: &Acme) {
    for (route, finds) in ROUTES {
        let id = if finds == Finds::Group { &acme.group } else { &acme.user };
        let path = route.replace(":id", id);
        for method in methods(client, &path).await {
            let answer = send(client, &method, &path, &body(&method, &path)).await;
            assert_eq!(
                answer.header("www-authenticate"),
                Some(r#"Bearer realm="provost", error="invalid_token""#),
                "{method} {path}"
            );
            assert_refused(answer, &method, &path, 401, INVALID_TOKEN);
        }
    }
}

/// RFC 6750 §3.1: a token is good until the moment it ends, and then on no route.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_is_refused_everywhere() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::start(backend).await;
        let acme = Acme::new(&app).await;
        let end = Timestamp(Clock::system().now().0 - 1);
        let token =
            app.provisioning.create_token(&app.connection, "old", Scopes::ALL, Some(end)).await.unwrap();
        assert_unauthorized_everywhere(&Client::new(&app.client.base_url, token.text.expose()), &acme).await;
    }
}

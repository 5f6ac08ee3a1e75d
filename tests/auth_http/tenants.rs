//! Which tenant somebody signs in at who does not name it: the host's, or else the address's.

use reqwest::Method;
use serde_json::{Value, json};

use super::{PASSWORD, a_second, request, root, user};
use crate::support::{Answer, Client, TestApp, on_both};

fn path(tenant: &Value) -> String {
    format!("/tenants/{}", tenant["id"].as_str().unwrap())
}

/// Another tenant, of which a user has this name and [`PASSWORD`].
async fn another(app: &TestApp, slug: &str, owner: &str, names: Value) -> Value {
    let body = json!({
        "slug": slug, "name": slug, "settings": { "sign_in_names": names },
        "owner": { "user_name": owner, "password": PASSWORD },
    });
    app.instance().await.post("/tenants", &body).await.expect(201)
}

async fn login_at(app: &TestApp, host: &str, name: &str) -> Answer {
    let body = json!({ "user_name": name, "password": PASSWORD });
    Answer::of(request(app, "/auth/login", &body).header("host", host)).await
}

/// The tenant of who has signed in.
async fn tenant_of(app: &TestApp, answer: Answer) -> Value {
    let token = answer.expect(200)["access_token"].as_str().unwrap().to_owned();
    let introspected = Answer::of(
        app.admin
            .at(root(app))
            .request(Method::POST, "/auth/introspect")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(crate::support::percent_encoded(&[("token", &token)])),
    );
    if introspected.await.body["active"] == true { json!(app.tenant.id) } else { json!("another") }
}

on_both! {
    /// A host leads to its tenant, however it is spelt and whatever the port; then the address's domain does. What leads
    /// nowhere has to name it.
    async fn a_tenant_is_found(app: TestApp) {
        let names = json!({ "hosts": ["Login.Beta.example.", "bücher.example"], "email_domains": ["Beta.example.com"] });
        let beta = another(&app, "beta", "olga@beta.example.com", names).await;
        assert_eq!(beta["settings"]["sign_in_names"], json!({
            "hosts": ["login.beta.example", "xn--bcher-kva.example"], "email_domains": ["beta.example.com"],
        }));
        user(&app, "ada", json!({ "email": "ada@acme.example.com" })).await;
        let own = json!({ "settings": { "sign_in_names": { "hosts": ["login.acme.example"] } } });
        app.instance().await.patch(&format!("/tenants/{}", app.tenant.id), &own).await.expect(200);
        for host in ["login.beta.example", "LOGIN.beta.example:8443", "xn--bcher-kva.example"] {
            let answer = login_at(&app, host, "olga@beta.example.com").await;
            assert_eq!(tenant_of(&app, answer).await, "another", "{host}");
            assert_eq!(login_at(&app, host, "ada").await.refusal().1, "invalid_credentials", "{host}");
        }
        assert_eq!(tenant_of(&app, login_at(&app, "login.acme.example", "ada").await).await, json!(app.tenant.id));
        // The host comes before the address.
        assert_eq!(login_at(&app, "login.acme.example", "olga@beta.example.com").await.refusal().1, "invalid_credentials");
        let answer = login_at(&app, "elsewhere.example", "Olga@BETA.example.com").await;
        assert_eq!(tenant_of(&app, answer).await, "another");
        for (host, name) in [("elsewhere.example", "olga"), ("beta.example.com", "ada@acme.example.com"), ("127.0.0.1", "ada"), ("[::1]:80", "ada")] {
            assert_eq!(login_at(&app, host, name).await.refusal(), (422, "tenant_required", "Name the tenant: 'tenant' is its slug or its id."));
        }
    }

    /// A name leads to one tenant; it is free again when that lets it go.
    async fn names_lead_to_one_tenant(app: TestApp) {
        let beta = another(&app, "beta", "olga", json!({ "hosts": ["login.example"], "email_domains": ["a.example.com"] })).await;
        let gamma = another(&app, "gamma", "olga", json!({})).await;
        let instance = app.instance().await;
        let wanted = json!({ "settings": { "sign_in_names": { "hosts": ["own.example", "LOGIN.example"], "email_domains": ["a.example.com"] } } });
        let taken = instance.patch(&path(&gamma), &wanted).await;
        let message = "Hosts and e-mail domains lead to one tenant; these lead to another: login.example, a.example.com.";
        assert_eq!(taken.refusal(), (409, "sign_in_name_taken", message));
        assert_eq!(taken.body["details"]["taken"], json!(["login.example", "a.example.com"]));
        let body = json!({ "slug": "delta", "name": "d", "owner": { "user_name": "o" }, "settings": wanted["settings"] });
        assert_eq!(instance.post("/tenants", &body).await.refusal().1, "sign_in_name_taken");
        assert_eq!(instance.get(&path(&gamma)).await.expect(200)["settings"]["sign_in_names"], json!({ "hosts": [], "email_domains": [] }));
        let none = json!({ "settings": { "sign_in_names": { "hosts": [], "email_domains": [] } } });
        instance.patch(&path(&beta), &none).await.expect(200);
        instance.patch(&path(&gamma), &wanted).await.expect(200);
        assert_eq!(app.texts("SELECT kind || ' ' || name FROM sign_in_names ORDER BY kind, name").await, [
            "email_domain a.example.com", "host login.example", "host own.example",
        ]);
    }

    /// Nobody takes a name for their own tenant, for it may be another's.
    async fn only_the_instance_gives_names(app: TestApp) {
        let path = format!("/tenants/{}", app.tenant.id);
        let wanted = json!({ "settings": { "sign_in_names": { "hosts": ["login.example"] } } });
        assert_eq!(app.admin.patch(&path, &wanted).await.refusal().1, "instance_only");
        let same = json!({ "settings": { "sign_in_names": { "hosts": [] }, "names_required": true } });
        app.admin.patch(&path, &same).await.expect(200);
        let wrong = json!({ "settings": { "sign_in_names": {
            "hosts": ["ok.example", "https://login.example", "a..b", "10.0.0.1", "login.example:80", ""], "email_domains": ["localhost"],
        } } });
        let problems: Vec<(String, String)> = app.instance().await.patch(&path, &wrong).await.problems().into_iter()
            .map(|(pointer, code)| (pointer.to_owned(), code.to_owned())).collect();
        let hosts = (1..6).map(|place| (format!("/settings/sign_in_names/hosts/{place}"), "invalid_host".to_owned()));
        let domain = ("/settings/sign_in_names/email_domains/0".to_owned(), "invalid_domain".to_owned());
        assert_eq!(problems, hosts.chain([domain]).collect::<Vec<_>>());
    }

    /// Forgotten passwords and registrations go the same way.
    async fn other_doors_know_the_host_too(app: TestApp) {
        let beta = another(&app, "beta", "olga", json!({ "hosts": ["login.example"] })).await;
        let instance = app.instance().await;
        let settings = json!({ "settings": { "self_registration": { "enabled": true } } });
        instance.patch(&path(&beta), &settings).await.expect(200);
        a_second().await;
        let body = json!({ "user_name": "new", "password": PASSWORD });
        let at = |path: &str, body: &Value| request(&app, path, body).header("host", "login.example");
        Answer::of(at("/auth/register", &body)).await.expect(201);
        assert_eq!(Answer::of(request(&app, "/auth/register", &body)).await.refusal().1, "tenant_required");
        Answer::of(at("/auth/password/forgot", &json!({ "email": "new@example.com" }))).await.expect(202);
        let token = login_at(&app, "login.example", "new").await.expect(200)["access_token"].as_str().unwrap().to_owned();
        Client::new(&app.admin.base_url, &token).at(root(&app)).get("/auth/userinfo").await.expect(200);
    }
}

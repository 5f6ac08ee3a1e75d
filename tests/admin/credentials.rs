//! Who is let in, and for which tenant.

use provost::model::TenantId;
use serde_json::json;

use crate::support::{Answer, Client, on_both, unbounded};

fn users(client: &Client) -> reqwest::RequestBuilder {
    client.request(reqwest::Method::GET, "/users")
}

on_both! {
    /// Without a credential, with a wrong one, or with a SCIM token nobody is let in.
    async fn a_credential_is_asked_for(app: TestApp) {
        let url = format!("{}/users", app.admin.base_url);
        let none = Answer::of(reqwest::Client::new().get(&url)).await;
        assert_eq!((none.refusal().0, none.refusal().1), (401, "unauthorized"));
        assert_eq!(none.header("www-authenticate"), Some(r#"Bearer realm="provost""#));
        for key in ["", "x", "pvk_0_0", &format!("pvk_{}_{}", app.tenant.id.0.simple(), "A".repeat(43))] {
            let wrong = Answer::of(reqwest::Client::new().get(&url).header("X-API-Key", key)).await;
            assert_eq!((wrong.refusal().0, wrong.refusal().1), (401, "unauthorized"), "{key}");
        }
        let scim = app.provisioning.create_token(&app.connection, "t", provost::model::Scopes::ALL, None).await.unwrap();
        let client = Client::new(&app.admin.base_url, scim.text.expose());
        assert_eq!((client.get("/users").await.refusal().0, client.get("/users").await.refusal().1), (403, "wrong_credential"));
    }

    /// `X-Tenant-ID` may repeat the credential's tenant, in any form of a UUID; another one is refused.
    async fn the_tenant_is_the_credentials(app: TestApp) {
        let id = app.tenant.id.0;
        for form in [id.to_string(), id.to_string().to_uppercase(), id.simple().to_string()] {
            assert_eq!(Answer::of(users(&app.admin).header("X-Tenant-ID", form)).await.status, 200);
        }
        let other = app.provisioning.create_tenant("other", "Other").await.unwrap().0;
        let refused = Answer::of(users(&app.admin).header("x-tenant-id", other.id.to_string())).await;
        assert_eq!((refused.refusal().0, refused.refusal().1), (403, "tenant_mismatch"));
        let refused = Answer::of(users(&app.admin).header("x-tenant-id", "acme")).await;
        assert_eq!(refused.refusal(), (400, "invalid_tenant_id", "'X-Tenant-ID' has to be a UUID."));
    }

    /// A key of the instance says which tenant is meant, and then acts there.
    async fn a_key_of_the_instance_names_a_tenant(app: TestApp) {
        let key = app.directory.create_operator_key(TenantId::INSTANCE, unbounded("instance")).await.unwrap();
        let client = Client::new(&app.admin.base_url, key.text.expose());
        let unnamed = client.get("/users").await;
        assert_eq!((unnamed.refusal().0, unnamed.refusal().1), (400, "tenant_required"));
        let request = client.request(reqwest::Method::POST, "/users").header("X-Tenant-ID", app.tenant.id.to_string());
        let body = json!({ "user_name": "ada", "password": "seventeen purple llamas", "roles": ["manager"] });
        let made = Answer::of(request.header("content-type", "application/json").body(body.to_string())).await.expect(201);
        assert_eq!(made["tenant_id"], json!(app.tenant.id));
        let nowhere = Answer::of(users(&client).header("X-Tenant-ID", provost::model::random::uuid_v7().to_string())).await;
        assert_eq!(nowhere.refusal().0, 404);
        let scim = Client::new(&app.client.base_url, key.text.expose());
        assert_eq!(scim.get("/Users").await.error().0, 403);
    }

    /// Another tenant's ids are not there.
    async fn another_tenants_users_are_not_there(app: TestApp) {
        let id = app.client.user("ada").await;
        let other = app.other_admin("other").await;
        let path = format!("/users/{id}");
        for answer in [
            other.get(&path).await,
            other.patch(&path, &json!({ "display_name": "x" })).await,
            other.put(&path, &json!({ "user_name": "x" })).await,
            other.post(&format!("{path}/suspend"), &json!({})).await,
            other.delete(&path).await,
        ] {
            assert_eq!(answer.refusal(), (404, "not_found", &*format!("User '{id}' was not found.")));
        }
        assert_eq!(other.get("/users").await.expect(200)["users"], json!([]));
    }
}

//! Errors of `POST /oauth/token` (RFC 6749 §5.2): their form, and that they tell nothing of who exists.

use provost::model::TenantStatus;
use serde_json::json;

use super::{Made, ask, audit, form, of_connection, refusal};
use crate::auth_http::set_status;
use crate::support::{Answer, on_both};

on_both! {
    /// Whatever is wrong with who a client says it is, the answer is the same; the audit log knows the reason.
    async fn a_client_that_is_not_believed_learns_nothing(app: TestApp) {
        let made = of_connection(&app, json!({})).await;
        let other = of_connection(&app, json!({})).await;
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        let with_keys = of_connection(&app, json!({ "jwks": key })).await;
        let unknown = format!("pvc_{}_{}", app.tenant.id.0.simple(), provost::model::random::uuid_v7().simple());
        let nobodys = format!("pvc_{0}_{0}", provost::model::random::uuid_v7().simple());
        let cases = [
            (made.client_id.clone(), other.secret.clone(), Some("wrong_secret")),
            (made.client_id.clone(), "wrong".to_owned(), Some("wrong_secret")),
            (with_keys.client_id.clone(), made.secret.clone(), Some("wrong_secret")),
            (unknown, made.secret.clone(), Some("unknown_client")),
            (nobodys, made.secret.clone(), None),
            ("somebody".to_owned(), "wrong".to_owned(), None),
            (made.client_id.to_uppercase(), made.secret.clone(), None),
        ];
        let mut said = Vec::new();
        for (client_id, secret, _) in &cases {
            let wrong = Made { client_id: client_id.clone(), secret: secret.clone(), ..made.clone() };
            let answer = ask(&app, &wrong, &[]).await;
            assert_eq!(refusal(&answer), (401, "invalid_client"), "{client_id}");
            let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().map(|one| one.to_str().unwrap()).collect();
            assert!(challenges.contains(&r#"Basic realm="provost", charset="UTF-8""#), "{challenges:?}");
            said.push(answer.body.clone());
            let fields = [("grant_type", "client_credentials"), ("client_id", &**client_id), ("client_secret", &**secret)];
            said.push(Answer::of(form(&app, "/oauth/token", &fields)).await.expect(401));
        }
        assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "{said:?}");
        let told: Vec<String> = audit(&app).await.into_iter().filter(|event| event.starts_with("client.rejected")).collect();
        let expected: Vec<String> = cases.iter().filter_map(|(_, _, reason)| *reason).flat_map(|reason| {
            let target = if reason == "unknown_client" { "tenant" } else { "client" };
            std::iter::repeat_n(format!("client.rejected {target} {{\"reason\":\"{reason}\"}}"), 2)
        }).collect();
        assert_eq!(told, expected);
        let rows = format!("{:?}", app.rows_of(app.tenant.id).await);
        assert!(!rows.contains(&made.secret) && !rows.contains(&other.secret));
    }

    /// A tenant that is suspended gives nobody a token, in the same words.
    async fn a_suspended_tenant_gives_none(app: TestApp) {
        let made = of_connection(&app, json!({})).await;
        set_status(&app, "acme", TenantStatus::Suspended).await;
        assert_eq!(refusal(&ask(&app, &made, &[]).await), (401, "invalid_client"));
        set_status(&app, "acme", TenantStatus::Active).await;
        ask(&app, &made, &[]).await.expect(200);
    }

    /// What is malformed, asks for another grant, or shows a client in two ways (RFC 6749 §2.3).
    async fn malformed_requests(app: TestApp) {
        let made = of_connection(&app, json!({})).await;
        let grant = ("grant_type", "client_credentials");
        let (id, secret) = (("client_id", &*made.client_id), ("client_secret", &*made.secret));
        let jwt = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        for (fields, expected) in [
            (vec![id, secret], (400, "invalid_request")),
            (vec![("grant_type", ""), id, secret], (400, "invalid_request")),
            (vec![grant, grant, id, secret], (400, "invalid_request")),
            (vec![("grant_type", "authorization_code"), id, secret], (400, "unsupported_grant_type")),
            (vec![("grant_type", "password"), id, secret], (400, "unsupported_grant_type")),
            (vec![grant], (401, "invalid_client")),
            (vec![grant, id], (401, "invalid_client")),
            (vec![grant, secret], (400, "invalid_request")),
            (vec![grant, id, secret, jwt, ("client_assertion", "a.b.c")], (400, "invalid_request")),
            (vec![grant, id, jwt], (400, "invalid_request")),
            (vec![grant, ("client_assertion", "a.b.c")], (400, "invalid_request")),
            (vec![grant, ("client_assertion_type", "saml"), ("client_assertion", "a.b.c")], (400, "invalid_request")),
            (vec![grant, jwt, ("client_assertion", "a.b.c")], (401, "invalid_client")),
        ] {
            assert_eq!(refusal(&Answer::of(form(&app, "/oauth/token", &fields)).await), expected, "{fields:?}");
        }
        let missing = Answer::of(form(&app, "/oauth/token", &[id, secret])).await;
        assert_eq!(missing.body["error_description"], "'grant_type' is required.");
        let basic = |fields: &[(&str, &str)]| form(&app, "/oauth/token", fields).basic_auth(&made.client_id, Some(&made.secret));
        assert_eq!(refusal(&Answer::of(basic(&[grant, id, secret])).await), (400, "invalid_request"));
        assert_eq!(refusal(&Answer::of(basic(&[grant, ("client_id", "another")])).await), (400, "invalid_request"));
        let broken = form(&app, "/oauth/token", &[grant]).header("authorization", "Basic !!!");
        assert_eq!(refusal(&Answer::of(broken).await), (401, "invalid_client"));
        let json = reqwest::Client::new().post(format!("{}/oauth/token", crate::auth_http::root(&app)));
        let json = json.header("content-type", "application/json").body("{}");
        assert_eq!(refusal(&Answer::of(json).await), (415, "invalid_request"));
        let get = reqwest::Client::new().get(format!("{}/oauth/token", crate::auth_http::root(&app)));
        let get = Answer::of(get).await;
        assert_eq!((refusal(&get), get.header("allow")), ((405, "invalid_request"), Some("POST")));
    }
}

//! `/auth/pages`: what people see who open the links in their mails, and what their buttons do.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::verify_email::register;
use super::{PASSWORD, login, mails, root, set_status, settings, verification_in};
use crate::support::{TestApp, on_both};

const VERIFY: &str = "/auth/pages/verify-email";
const INVITATION: &str = "/auth/pages/invitation";

/// A page, as a browser has it.
struct Page {
    status: StatusCode,
    html: String,
}

impl Page {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("content-type").as_deref(), Some("text/html; charset=utf-8"));
        assert_eq!(header("cache-control").as_deref(), Some("no-store"));
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"));
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        let policy = header("content-security-policy").expect("a page has a policy");
        let (before, after) = policy.split_once("'sha256-").expect("its style sheet by a digest");
        assert_eq!(before, "default-src 'none'; style-src ");
        let (_, after) = after.split_once("'; ").unwrap();
        assert_eq!(after, "form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
        let status = response.status();
        let html = response.text().await.unwrap();
        assert!(!html.contains("<script") && !html.contains("http:") && !html.contains("https:"), "{html}");
        Self { status, html }
    }

    /// Whether it has these texts.
    #[track_caller]
    fn assert(&self, status: u16, texts: &[&str]) {
        assert_eq!(self.status.as_u16(), status, "{}", self.html);
        for text in texts {
            assert!(self.html.contains(text), "{text:?} is not in {}", self.html);
        }
    }
}

fn request(app: &TestApp, method: Method, path: &str) -> reqwest::RequestBuilder {
    reqwest::Client::new().request(method, format!("{}{path}", root(app)))
}

async fn open(app: &TestApp, path: &str, token: &str) -> Page {
    Page::of(request(app, Method::GET, &format!("{path}?token={token}"))).await
}

/// What the button does: the fields are encoded as a browser encodes them.
async fn press(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Page {
    Page::of(posted(app, path, fields)).await
}

fn posted(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b' ' => "+".to_owned(),
                byte if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let request = request(app, Method::POST, path);
    request.header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"))
}

/// The token of an invitation's link, shown because no mail is sent.
async fn invite(app: &TestApp, email: &str) -> String {
    let invited = app.admin.post("/users", &json!({ "email": email })).await.expect(201);
    let link = invited["invitation"]["link"].as_str().expect("the link is shown");
    let token = link.strip_prefix(&format!("{}{INVITATION}?token=", root(app)));
    token.expect("a link to a page").to_owned()
}

on_both! {
    /// Opening the link does nothing, however often; the button verifies the address, once.
    async fn an_address_is_verified_by_a_button(app: TestApp) {
        let token = register(&app, "ada").await;
        for _ in 0..2 {
            let page = open(&app, VERIFY, &token).await;
            page.assert(200, &["Confirm my address", r#"<form method="post" action="verify-email">"#, &token]);
        }
        let head = request(&app, Method::HEAD, &format!("{VERIFY}?token={token}")).send().await.unwrap();
        assert_eq!(head.status(), 200);
        assert_eq!(login(&app, "ada", PASSWORD).await.refusal().1, "email_verification_required");
        press(&app, VERIFY, &[("token", &token)]).await.assert(200, &["Your e-mail address is confirmed"]);
        login(&app, "ada", PASSWORD).await.expect(200);
        press(&app, VERIFY, &[("token", &token)]).await.assert(410, &["This link does not work"]);
    }

    /// What the URL says is a text in the page, and never more.
    async fn what_is_in_a_link_stays_text(app: TestApp) {
        let odd = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
        let page = open(&app, VERIFY, odd).await;
        page.assert(200, &["&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;"]);
        open(&app, INVITATION, odd).await.assert(404, &["This link is not one of an invitation"]);
        for path in [VERIFY, INVITATION] {
            Page::of(request(&app, Method::GET, path)).await.assert(400, &["The link is not whole"]);
            open(&app, path, "").await.assert(400, &["The link is not whole"]);
        }
    }

    /// An invitation is read and accepted in a browser; what is mistyped is shown again, but for the password.
    async fn an_invitation_is_accepted_by_a_form(app: TestApp) {
        settings(&app, |settings| settings.names_required = true).await;
        let token = invite(&app, "ada@example.com").await;
        for _ in 0..2 {
            let page = open(&app, INVITATION, &token).await;
            page.assert(200, &["Join Acme", "ada@example.com", r#"<form method="post" action="invitation">"#, &token]);
        }
        let weak = press(&app, INVITATION, &[("token", &token), ("name", "Ada <King>"), ("password", "short+&")]).await;
        weak.assert(422, &[r#"role="alert""#, "Join Acme", "Ada &#60;King&#62;"]);
        assert!(!weak.html.contains("short+&") && !weak.html.contains("short+&#38;"), "{}", weak.html);
        let nameless = press(&app, INVITATION, &[("token", &token), ("name", ""), ("password", PASSWORD)]).await;
        nameless.assert(422, &["&#39;name&#39; is required by this tenant."]);
        let silent = press(&app, INVITATION, &[("token", &token), ("name", "Ada")]).await;
        silent.assert(400, &["&#39;password&#39; is required"]);
        let fields = [("token", &*token), ("name", "Ada Augusta King"), ("password", PASSWORD)];
        press(&app, INVITATION, &fields).await.assert(200, &["Welcome", "You can sign in"]);
        // A page has nobody to hand a token to: no session is begun.
        assert_eq!(app.texts("SELECT user_agent FROM sessions").await, Vec::<String>::new());
        let user = login(&app, "ada@example.com", PASSWORD).await.expect(200)["user"].clone();
        assert_eq!((&user["family_name"], &user["status"]), (&json!("King"), &json!("active")));
        press(&app, INVITATION, &fields).await.assert(410, &["was accepted already"]);
        open(&app, INVITATION, &token).await.assert(410, &["was accepted already"]);
    }

    /// Where addresses have to be verified, a link that was shown to an administrator verifies none, and says what is next.
    async fn an_address_is_verified_after_the_form(app: TestApp) {
        settings(&app, |settings| settings.email_verification_required = true).await;
        let token = invite(&app, "ada@example.com").await;
        let page = press(&app, INVITATION, &[("token", &token), ("password", PASSWORD)]).await;
        page.assert(200, &["Your e-mail address has to be confirmed"]);
        assert_eq!(login(&app, "ada@example.com", PASSWORD).await.refusal().1, "email_verification_required");
        let token = verification_in(&app, &mails(&app).await[0]);
        press(&app, VERIFY, &[("token", &token)]).await.assert(200, &[]);
        login(&app, "ada@example.com", PASSWORD).await.expect(200);
    }

    /// Only what forms post is read, and only so much; a suspended tenant's pages say so.
    async fn only_forms_are_read(app: TestApp) {
        let token = invite(&app, "ada@example.com").await;
        let body = json!({ "token": token, "password": PASSWORD }).to_string();
        let wrong = request(&app, Method::POST, INVITATION).header("content-type", "application/json").body(body);
        Page::of(wrong).await.assert(415, &["not what a form posts"]);
        Page::of(request(&app, Method::POST, INVITATION).body("token=x")).await.assert(415, &[]);
        let long = "x".repeat(70_000);
        press(&app, INVITATION, &[("token", &token), ("password", &long)]).await.assert(413, &["larger than"]);
        let twice = [("token", &*token), ("password", PASSWORD), ("password", PASSWORD)];
        press(&app, INVITATION, &twice).await.assert(400, &["appears twice"]);
        let roles = [("token", &*token), ("password", PASSWORD), ("roles", "owner")];
        press(&app, INVITATION, &roles).await.assert(400, &["&#39;roles&#39;"]);
        let put = request(&app, Method::PUT, INVITATION).send().await.unwrap();
        assert_eq!((put.status().as_u16(), put.headers()["allow"].to_str().unwrap()), (405, "GET, POST, HEAD, OPTIONS"));
        let status = provost::model::TenantStatus::Suspended;
        set_status(&app, "acme", status).await;
        open(&app, INVITATION, &token).await.assert(403, &["The tenant is suspended"]);
    }
}

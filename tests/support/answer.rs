//! A server's answer, whole.

use reqwest::header::HeaderMap;
use serde_json::Value;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// `Null` for an empty body.
    pub body: Value,
}

impl Answer {
    /// Sends the request and reads the answer to its end. Every body there is must be SCIM JSON, or the admin API's.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        let is_admin = ["/v1", "/auth", "/oauth", "/.well-known"]
            .iter()
            .any(|root| response.url().path().starts_with(root));
        let media_type: &[u8] =
            if is_admin { b"application/json; charset=utf-8" } else { b"application/scim+json" };
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.expect("the answer is whole");
        let body = if text.is_empty() {
            Value::Null
        } else {
            assert_eq!(headers.get("content-type").map(|value| value.as_bytes()), Some(media_type), "{text}");
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("the body is JSON ({error}): {text}"))
        };
        Self { status, headers, body }
    }

    /// The id in a 201.
    pub fn created(self) -> String {
        assert_eq!(self.status, 201, "{}", self.body);
        self.body["id"].as_str().expect("a created resource has an id").to_owned()
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What an error of the admin API says: status, code, message. It has details and notices besides.
    #[track_caller]
    pub fn refusal(&self) -> (u16, &str, &str) {
        let body = &self.body;
        let names: Vec<&String> = body.as_object().into_iter().flatten().map(|(name, _)| name).collect();
        assert_eq!(names, ["code", "message", "details", "notices"], "{body}");
        let text = |name: &str| body[name].as_str().expect("a string");
        (self.status, text("code"), text("message"))
    }

    /// The JSON pointer and code of each problem that an error of the admin API lists.
    pub fn problems(&self) -> Vec<(&str, &str)> {
        let problems = self.body["details"]["problems"].as_array().into_iter().flatten();
        problems
            .map(|problem| {
                (
                    problem["pointer"].as_str().unwrap_or_default(),
                    problem["code"].as_str().unwrap_or_default(),
                )
            })
            .collect()
    }

    /// What a SCIM error says: status, scimType (empty without one), detail.
    #[track_caller]
    pub fn error(self) -> (u16, String, String) {
        let body = &self.body;
        assert_eq!(
            body["schemas"],
            serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
            "{body}"
        );
        assert_eq!(body["status"], self.status.to_string(), "{body}");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (self.status, text("scimType"), text("detail"))
    }

    /// The body with ids, times, versions and the server's address made the same in every run.
    pub fn redacted(&self) -> Value {
        let mut body = self.body.clone();
        redact(&mut body);
        body
    }
}

/// What [`Answer::error`] gives for this refusal.
pub fn refusal(status: u16, scim_type: &str, detail: &str) -> (u16, String, String) {
    (status, scim_type.to_owned(), detail.to_owned())
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                match (name.as_str(), &value) {
                    ("created" | "lastModified", Value::String(_)) => *value = "[time]".into(),
                    ("location" | "$ref", Value::String(text)) => *value = redacted_url(text).into(),
                    ("id" | "value", Value::String(text)) if uuid::Uuid::try_parse(text).is_ok() => {
                        *value = "[id]".into()
                    }
                    _ => redact(value),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(redact),
        _ => {}
    }
}

fn redacted_url(url: &str) -> String {
    let path = url.split_once("/scim/v2").map_or(url, |(_, path)| path);
    let parts: Vec<&str> =
        path.split('/').map(|part| if uuid::Uuid::try_parse(part).is_ok() { "[id]" } else { part }).collect();
    format!("[base]{}", parts.join("/"))
}

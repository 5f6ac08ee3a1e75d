//! Error messages (RFC 7644 §3.12).

use serde::Serialize;

use crate::scim::error::{ScimError, ScimType};

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The body of every answer that is an error.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorMessage {
    pub schemas: [&'static str; 1],
    /// The HTTP status, as a string: that is what RFC 7644 §3.12 makes it.
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<ScimType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ErrorMessage {
    /// An error without a `scimType`, such as a 404.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { schemas: [ERROR], status: status.to_string(), scim_type: None, detail: Some(detail.into()) }
    }

    /// A refusal in SCIM's terms, under the status that it is answered with.
    pub fn refusal(status: u16, error: ScimError) -> Self {
        Self { scim_type: Some(error.scim_type), ..Self::new(status, error.detail) }
    }
}

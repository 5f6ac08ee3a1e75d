//! What the server notes about a resource (RFC 7643 §3.1, `meta`).

use serde::Serialize;

/// See the module. Resources that come with the server, such as schemas, have neither times nor a version.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    pub resource_type: String,
    /// As [`format_datetime`](crate::scim::schema::datetime::format_datetime) writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// The resource's URL.
    pub location: String,
    /// The weak ETag: `W/"3"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Meta {
    /// The meta of a resource that comes with the server.
    pub fn of_document(resource_type: impl Into<String>, location: impl Into<String>) -> Self {
        Self {
            resource_type: resource_type.into(),
            created: None,
            last_modified: None,
            location: location.into(),
            version: None,
        }
    }
}

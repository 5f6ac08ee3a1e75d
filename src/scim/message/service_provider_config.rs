//! What the server can do (RFC 7643 §5).

use serde::Serialize;

use super::meta::Meta;

const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// What differs from one installation to another.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerSettings {
    /// Where people find the server's documentation.
    pub documentation_uri: Option<String>,
    pub bulk: BulkSupport,
    /// Whether a `password` that is sent becomes one.
    pub change_password: bool,
    /// The most resources on a page.
    pub max_results: u64,
    /// The URL of the document itself.
    pub location: String,
}

/// The document that `/ServiceProviderConfig` answers with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceProviderConfig {
    pub schemas: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation_uri: Option<String>,
    pub patch: Supported,
    pub bulk: BulkSupport,
    pub filter: FilterSupport,
    pub change_password: Supported,
    pub sort: Supported,
    pub etag: Supported,
    pub authentication_schemes: Vec<AuthenticationScheme>,
    pub meta: Meta,
}

/// Whether the server has a part of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Supported {
    pub supported: bool,
}

/// Bulk operations (RFC 7644 §3.7). The limits are always there, even without bulk: clients read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkSupport {
    pub supported: bool,
    pub max_operations: u64,
    /// In bytes.
    pub max_payload_size: u64,
}

/// Filters (RFC 7644 §3.4.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterSupport {
    pub supported: bool,
    pub max_results: u64,
}

/// A way to authenticate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationScheme {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub spec_uri: &'static str,
    pub primary: bool,
}

impl ServiceProviderConfig {
    /// The document of a server with these settings.
    pub fn new(settings: ServerSettings) -> Self {
        let yes = Supported { supported: true };
        Self {
            schemas: [SERVICE_PROVIDER_CONFIG],
            documentation_uri: settings.documentation_uri,
            patch: yes,
            bulk: settings.bulk,
            filter: FilterSupport { supported: true, max_results: settings.max_results },
            change_password: Supported { supported: settings.change_password },
            sort: yes,
            etag: yes,
            authentication_schemes: vec![AuthenticationScheme {
                kind: "oauthbearertoken",
                name: "Bearer token",
                description: "A token of this server in the Authorization header, after the word Bearer.",
                spec_uri: "https://www.rfc-editor.org/info/rfc6750",
                primary: true,
            }],
            meta: Meta::of_document("ServiceProviderConfig", settings.location),
        }
    }
}

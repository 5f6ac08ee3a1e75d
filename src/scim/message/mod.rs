//! The protocol's messages (RFC 7644 §8.2) and the documents that describe the server (RFC 7643 §5).

mod error;
mod fields;
mod list;
mod meta;
mod patch;
mod search_request;
mod service_provider_config;

pub use error::ErrorMessage;
pub use list::ListResponse;
pub use meta::Meta;
pub use patch::{PatchOp, PatchOperation, PatchRequest};
pub use search_request::{SearchRequest, SortOrder};
pub use service_provider_config::{
    AuthenticationScheme, BulkSupport, FilterSupport, ServerSettings, ServiceProviderConfig, Supported,
};

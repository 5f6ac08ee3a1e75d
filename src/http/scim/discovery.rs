//! `/ServiceProviderConfig`, `/Schemas`, `/ResourceTypes` (RFC 7644 §4).

use poem::http::StatusCode;
use poem::{Request, Response};
use serde_json::Value;

use super::answer::json;
use super::{Scim, question};
use crate::http::caller::identify;
use crate::http::edge::RequestContext;
use crate::http::error::Failure;

/// Which document a route answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    ServiceProviderConfig,
    Schemas,
    Schema,
    ResourceTypes,
    ResourceType,
}

/// `GET`: 200 with the document. Filters are refused with 403 (RFC 7644 §4), other query parameters are ignored.
pub async fn read(scim: &Scim, document: Document, request: Request) -> Result<Response, Failure> {
    let caller = identify(&scim.authenticator, &request).await?;
    if question::search(&request)?.filter.is_some() {
        return Err(Failure::forbidden(
            "Discovery documents cannot be filtered (RFC 7644 §4); ask for one by its id.",
        ));
    }
    let id = request.path_params::<String>().unwrap_or_default();
    let limits = RequestContext::of(&request).map_or(1 << 20, |context| context.body.max_bytes);
    let provisioning = &scim.provisioning;
    let value: Value = match document {
        Document::ServiceProviderConfig => provisioning.service_provider_config(&caller, limits as u64),
        Document::Schemas => provisioning.schemas_list(&caller),
        Document::Schema => provisioning.schema(&caller, &id)?,
        Document::ResourceTypes => provisioning.resource_types(&caller),
        Document::ResourceType => provisioning.resource_type(&caller, &id)?,
    };
    Ok(json(StatusCode::OK, value.to_string()))
}

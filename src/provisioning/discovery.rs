//! What the server says of itself (RFC 7643 §5–§7, RFC 7644 §4): exactly what it does.

use serde::Serialize;
use serde_json::{Value, json};

use super::{MAX_PAGE, Provisioning, ProvisioningError, Request};
use crate::scim::message::{BulkSupport, ListResponse, Meta, ServerSettings, ServiceProviderConfig};
use crate::scim::schema::{ResourceSchema, Schema};

impl Provisioning {
    /// `/ServiceProviderConfig`, for this request's caller. `max_payload_size` is in bytes.
    pub fn service_provider_config(&self, request: &Request, max_payload_size: u64) -> Value {
        json!(ServiceProviderConfig::new(ServerSettings {
            documentation_uri: None,
            // Bulk is not served, but clients read its limits all the same.
            bulk: BulkSupport { supported: false, max_operations: 0, max_payload_size },
            change_password: request.accepts_passwords(),
            max_results: MAX_PAGE as u64,
            location: format!("{}/ServiceProviderConfig", self.base_url),
        }))
    }

    /// `/Schemas`: those of the request's tenant.
    pub fn schemas_list(&self, request: &Request) -> Value {
        let schemas = request.user_schema().schemas;
        list(schemas.schemas.iter().map(|schema| self.schema_document(schema)).collect())
    }

    /// `/Schemas/{urn}`.
    ///
    /// # Errors
    /// 404 for a URN that no schema has.
    pub fn schema(&self, request: &Request, urn: &str) -> Result<Value, ProvisioningError> {
        let schemas = request.user_schema().schemas;
        let schema = schemas.schema(urn).ok_or_else(|| ProvisioningError::not_found("Schema", urn))?;
        Ok(self.schema_document(schema))
    }

    /// `/ResourceTypes`.
    pub fn resource_types(&self, request: &Request) -> Value {
        let schemas = request.user_schema().schemas;
        list(schemas.resource_types.iter().map(|schema| self.resource_type_document(schema)).collect())
    }

    /// `/ResourceTypes/{name}`.
    ///
    /// # Errors
    /// 404 for a name that no resource type has.
    pub fn resource_type(&self, request: &Request, name: &str) -> Result<Value, ProvisioningError> {
        let schema = request
            .user_schema()
            .schemas
            .resource_type(name)
            .ok_or_else(|| ProvisioningError::not_found("ResourceType", name))?;
        Ok(self.resource_type_document(schema))
    }

    fn schema_document(&self, schema: &Schema) -> Value {
        with_meta(schema, "Schema", format!("{}/Schemas/{}", self.base_url, schema.id))
    }

    fn resource_type_document(&self, schema: &ResourceSchema) -> Value {
        let resource_type = &schema.resource_type;
        with_meta(
            resource_type,
            "ResourceType",
            format!("{}/ResourceTypes/{}", self.base_url, resource_type.id),
        )
    }
}

fn with_meta(document: &impl Serialize, resource_type: &str, location: String) -> Value {
    let mut value = json!(document);
    if let Value::Object(object) = &mut value {
        object.insert("meta".to_owned(), json!(Meta::of_document(resource_type, location)));
    }
    value
}

fn list(resources: Vec<Value>) -> Value {
    json!(ListResponse::new(resources.len() as u64, 1, resources))
}

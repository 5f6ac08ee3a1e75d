//! Resource types (RFC 7643 §6) and what one of them consists of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::definition::{Attribute, Schema};
use crate::scim::error::ScimError;
use crate::scim::path::AttributePath;

/// A resource type document (RFC 7643 §6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    pub schemas: Vec<String>,
    pub id: String,
    pub name: String,
    pub description: String,
    /// Relative to the base URL: `/Users`.
    pub endpoint: String,
    /// The URN of the resource type's own schema.
    pub schema: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schema_extensions: Vec<SchemaExtension>,
}

/// An extension of a resource type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchemaExtension {
    pub schema: String,
    pub required: bool,
}

/// One resource type with all schemas that its resources are made of: what paths resolve in, what bodies are held against.
#[derive(Clone, Debug)]
pub struct ResourceSchema {
    pub resource_type: ResourceType,
    /// `schemas`, `id`, `externalId`, `meta` (RFC 7643 §3, §3.1), which no schema document lists.
    pub common: Arc<Schema>,
    pub core: Arc<Schema>,
    pub extensions: Vec<Arc<Schema>>,
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resolved<'s> {
    /// The URN of the extension that holds the attribute.
    pub extension: Option<&'s str>,
    pub attribute: &'s Attribute,
    pub sub_attribute: Option<&'s Attribute>,
}

impl<'s> Resolved<'s> {
    /// What is compared or set: the sub-attribute where one is named.
    pub fn leaf(&self) -> &'s Attribute {
        self.sub_attribute.unwrap_or(self.attribute)
    }
}

impl ResourceSchema {
    /// The extension with this URN; URNs compare without case (RFC 8141 §3.1 for the NID; clients vary the rest).
    pub fn extension(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.extensions.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// Finds the attribute that `path` names, without regard to case (RFC 7643 §2.1).
    ///
    /// # Errors
    /// `invalidPath`, naming the part that no schema of this resource type has.
    pub fn resolve(&self, path: &AttributePath) -> Result<Resolved<'_>, ScimError> {
        let found = self.attribute(path.schema.as_deref(), &path.attribute);
        let (extension, attribute) = found.ok_or_else(|| {
            ScimError::invalid_path(format!("'{path}' is not an attribute of {}.", self.resource_type.name))
        })?;
        let sub_attribute = match &path.sub_attribute {
            None => None,
            Some(name) => Some(attribute.sub_attribute(name).ok_or_else(|| {
                ScimError::invalid_path(format!(
                    "'{name}' in '{path}' is not a sub-attribute of '{}'.",
                    attribute.name
                ))
            })?),
        };
        Ok(Resolved { extension, attribute, sub_attribute })
    }
}

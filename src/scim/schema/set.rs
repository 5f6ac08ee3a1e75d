//! The schemas and resource types that a tenant has.

use std::sync::{Arc, LazyLock};

use serde::de::Error as _;

use super::definition::Schema;
use super::resource_type::{ResourceSchema, ResourceType, SchemaExtension};

/// All schemas and resource types of one tenant; immutable, swapped whole when the tenant changes it.
#[derive(Clone, Debug)]
pub struct SchemaSet {
    /// What `/Schemas` serves, in this order.
    pub schemas: Vec<Arc<Schema>>,
    /// What `/ResourceTypes` serves, in this order.
    pub resource_types: Vec<Arc<ResourceSchema>>,
    user: Arc<ResourceSchema>,
    group: Arc<ResourceSchema>,
}

macro_rules! document {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $name))
    };
}

// The documents are part of the binary, and tests/scim/schema.rs reads every one of them.
#[allow(clippy::expect_used, reason = "no input reaches it")]
static BUILT_IN: LazyLock<Arc<SchemaSet>> =
    LazyLock::new(|| Arc::new(SchemaSet::load().expect("the documents in schemas/ are valid")));

impl SchemaSet {
    /// The schemas of RFC 7643 alone, without a tenant's own.
    pub fn built_in() -> Arc<SchemaSet> {
        Arc::clone(&BUILT_IN)
    }

    /// The same with one more optional extension of User; everything else is shared.
    #[must_use]
    pub fn with_user_extension(&self, extension: Schema) -> Self {
        let extension = Arc::new(extension);
        let mut user = ResourceSchema::clone(&self.user);
        user.resource_type
            .schema_extensions
            .push(SchemaExtension { schema: extension.id.clone(), required: false });
        user.extensions.push(Arc::clone(&extension));
        let user = Arc::new(user);
        let replaced = |known: &Arc<ResourceSchema>| {
            Arc::clone(if Arc::ptr_eq(known, &self.user) { &user } else { known })
        };
        Self {
            schemas: self.schemas.iter().cloned().chain([extension]).collect(),
            resource_types: self.resource_types.iter().map(replaced).collect(),
            group: Arc::clone(&self.group),
            user,
        }
    }

    /// The schema with this URN; URNs compare without case.
    pub fn schema(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The resource type with this name or id, compared without case.
    pub fn resource_type(&self, name: &str) -> Option<&Arc<ResourceSchema>> {
        self.resource_types.iter().find(|schema| {
            let resource_type = &schema.resource_type;
            resource_type.name.eq_ignore_ascii_case(name) || resource_type.id.eq_ignore_ascii_case(name)
        })
    }

    /// The User resource type (RFC 7643 §4.1).
    pub fn user(&self) -> &Arc<ResourceSchema> {
        &self.user
    }

    /// The Group resource type (RFC 7643 §4.2).
    pub fn group(&self) -> &Arc<ResourceSchema> {
        &self.group
    }

    fn load() -> serde_json::Result<Self> {
        let common = Arc::new(serde_json::from_str(document!("common.json"))?);
        let schemas = [
            document!("user.json"),
            document!("group.json"),
            document!("enterprise-user.json"),
            document!("service-provider-config.json"),
            document!("resource-type.json"),
            document!("schema.json"),
        ]
        .into_iter()
        .map(|text| serde_json::from_str(text).map(Arc::new))
        .collect::<serde_json::Result<Vec<_>>>()?;
        let user = assemble(document!("resource-types/user.json"), &common, &schemas)?;
        let group = assemble(document!("resource-types/group.json"), &common, &schemas)?;
        Ok(Self { schemas, resource_types: vec![Arc::clone(&user), Arc::clone(&group)], user, group })
    }
}

/// Joins a resource type with the schemas that it names.
fn assemble(
    resource_type: &str,
    common: &Arc<Schema>,
    schemas: &[Arc<Schema>],
) -> serde_json::Result<Arc<ResourceSchema>> {
    let resource_type: ResourceType = serde_json::from_str(resource_type)?;
    let named = |urn: &str| {
        let found = schemas.iter().find(|schema| schema.id == urn).cloned();
        found.ok_or_else(|| serde_json::Error::custom(format_args!("there is no schema '{urn}'")))
    };
    let core = named(&resource_type.schema)?;
    let extensions = resource_type.schema_extensions.iter();
    let extensions =
        extensions.map(|extension| named(&extension.schema)).collect::<serde_json::Result<_>>()?;
    Ok(Arc::new(ResourceSchema { resource_type, common: Arc::clone(common), core, extensions }))
}

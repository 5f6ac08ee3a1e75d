//! What SCIM sees of the tenant's attributes: an extension of User.
//!
//! Each has the type that says most of it: `integer` is integer, `number` decimal, `boolean` boolean, `reference` a
//! reference to something external, `array<string>` a multi-valued string. `date` is a string: SCIM's dateTime is an
//! instant with an offset (RFC 7643 §2.3.5), and a day of the calendar made into one would be another day elsewhere.

use std::sync::Arc;

use super::object::CustomAttributes;
use crate::model::{AttributeDefinition, AttributeKind, AttributeMutability, Audience};
use crate::scim::schema::{Attribute, AttributeType, Mutability, Returned, Schema, SchemaSet, Uniqueness};

/// The URN of the tenant's extension. A slug is in lower-case letters, digits and hyphens, as a URN takes them.
pub fn extension_urn(tenant_slug: &str) -> String {
    format!("urn:provost:params:scim:schemas:extension:{tenant_slug}:2.0:User")
}

/// The schemas of a tenant: the built-in ones, and the extension if SCIM may see any attribute of it.
pub fn schema_set(tenant_slug: &str, attributes: &CustomAttributes) -> Arc<SchemaSet> {
    let built_in = SchemaSet::built_in();
    match extension(tenant_slug, attributes) {
        Some(extension) => Arc::new(built_in.with_user_extension(extension)),
        None => built_in,
    }
}

/// The tenant's extension of User; `None` where SCIM may see nothing of it.
pub fn extension(tenant_slug: &str, attributes: &CustomAttributes) -> Option<Schema> {
    let definitions = attributes.iter().map(|attribute| attribute.definition());
    let visible: Vec<Attribute> =
        definitions.filter(|definition| definition.is_visible_to(Audience::Scim)).map(attribute).collect();
    (!visible.is_empty()).then(|| Schema {
        schemas: vec!["urn:ietf:params:scim:schemas:core:2.0:Schema".to_owned()],
        id: extension_urn(tenant_slug),
        name: "CustomUser".to_owned(),
        description: "What this tenant knows about a user besides.".to_owned(),
        attributes: visible,
    })
}

/// A definition with the characteristics that it has over SCIM (RFC 7643 §7).
fn attribute(definition: &AttributeDefinition) -> Attribute {
    let mutability = match definition.mutability {
        _ if !definition.is_editable_by(Audience::Scim) => Mutability::ReadOnly,
        AttributeMutability::Immutable => Mutability::Immutable,
        AttributeMutability::ReadWrite | AttributeMutability::ReadOnly => Mutability::ReadWrite,
    };
    let description = match definition.description.as_str() {
        "" => &definition.display_name,
        description => description,
    };
    let reference = definition.kind == AttributeKind::Reference;
    Attribute {
        name: definition.name.clone(),
        kind: kind(definition.kind),
        sub_attributes: Vec::new(),
        multi_valued: definition.is_multi_valued(),
        description: description.to_owned(),
        // A client need not send what has a default, and cannot send what is readOnly.
        required: definition.required && definition.default.is_none() && mutability != Mutability::ReadOnly,
        // They are strings (RFC 7643 §7); a list of numbers is enforced, but cannot be shown.
        canonical_values: definition
            .allowed_values
            .iter()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect(),
        case_exact: reference,
        mutability,
        returned: Returned::Default,
        uniqueness: if definition.unique { Uniqueness::Server } else { Uniqueness::None },
        reference_types: if reference { vec!["external".to_owned()] } else { Vec::new() },
    }
}

fn kind(kind: AttributeKind) -> AttributeType {
    match kind {
        AttributeKind::String | AttributeKind::Strings | AttributeKind::Date => AttributeType::String,
        AttributeKind::Number => AttributeType::Decimal,
        AttributeKind::Integer => AttributeType::Integer,
        AttributeKind::Boolean => AttributeType::Boolean,
        AttributeKind::Reference => AttributeType::Reference,
    }
}

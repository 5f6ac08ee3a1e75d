//! Schemas, resource types, and the one way in which a body becomes attributes: validation.

pub mod attributes;
pub mod datetime;
pub mod definition;
pub mod names;
pub mod resource_type;
pub mod search;
pub mod set;
pub mod validate;

pub use attributes::AttributeMap;
pub use definition::{Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness};
pub use names::Named;
pub use resource_type::{Resolved, ResourceSchema, ResourceType, SchemaExtension};
pub use set::SchemaSet;

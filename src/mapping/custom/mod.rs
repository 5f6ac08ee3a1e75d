//! The tenant's own attributes: their definitions are checked when they are saved, values are held against them
//! whichever door they come through, and SCIM sees them as an extension of User.

pub mod definition;
pub mod draft;
pub mod extension;
pub mod object;
mod pattern;
pub mod problem;
pub mod schema;
pub mod value;

pub use definition::{define, redefine};
pub use draft::AttributeDraft;
pub use extension::{add_extension, take_extension};
pub use object::{CompileError, CustomAttributes, changed_names};
pub use pattern::PatternError;
pub use problem::{Problem, ProblemKind, Problems};
pub use schema::{extension_urn, schema_set};
pub use value::CustomAttribute;

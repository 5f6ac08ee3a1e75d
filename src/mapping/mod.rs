//! The attribute mapper: between the shapes that clients know and the model, and from SCIM's names to the fields that
//! storage can be asked about. Compiled from the schemas; no I/O.
//!
//! Two rules hold, and property tests check them: a user that goes out to SCIM and comes back is the same user, and
//! everything that a client could write is still there when it is read, whether the model has a field for it or not.

pub mod custom;
pub mod deleted;
pub mod filter;
pub mod group;
pub mod names;
pub mod rows;
pub mod sort;
pub mod user;
pub mod values;

use thiserror::Error;

/// Why attributes do not make a user or a group. Validation asks for the same first, so a client rarely sees one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MappingError {
    #[error("'{0}' is missing; it is required.")]
    Missing(&'static str),
}

/// The URN of the enterprise extension (RFC 7643 §4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

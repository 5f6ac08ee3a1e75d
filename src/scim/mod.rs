//! RFC 7643 and RFC 7644 as data and rules: schemas, paths, filters, PATCH, projection, messages.
//!
//! Pure: no clock, no database, no HTTP, and nothing imported from the rest of the house.

pub mod error;
pub mod filter;
pub mod fold;
pub mod message;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;

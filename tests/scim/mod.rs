//! SCIM's own rules, without HTTP or a database.

pub mod filter;
pub mod generate;
mod message;
mod patch;
mod path;
mod projection;
mod schema;
mod validate;

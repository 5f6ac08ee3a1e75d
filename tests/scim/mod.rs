//! SCIM's own rules, without HTTP or a database.

mod filter;
mod generate;
mod message;
mod patch;
mod path;
mod projection;
mod schema;
mod validate;

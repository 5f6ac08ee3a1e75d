//! HTTP: the only room that knows poem. Requests become calls of use cases, failures become answers.

pub mod admin;
mod auth;
pub mod caller;
pub mod edge;
pub mod error;
pub mod limits;
mod notice;
mod oauth;
pub mod payload;
pub mod scim;

//! Users: one file an operation.

mod answer;
mod create;
pub(in crate::provisioning) mod delete;
mod list;
mod password;
mod patch;
mod read;
mod replace;
mod write;

pub(super) const RESOURCE_TYPE: &str = "User";

pub(super) use write::{note_ignored, taken_value};

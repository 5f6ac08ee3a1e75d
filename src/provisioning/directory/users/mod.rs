//! Users: one file an operation.

mod assign;
mod create;
mod delete;
pub(super) mod list;
mod memberships;
mod password;
mod read;
pub(super) mod state;
mod update;

pub(super) use create::{new_user, taken};

//! Users: one file an operation.

mod assign;
mod avatar;
mod create;
mod delete;
mod faults;
pub(super) mod holdings;
pub(super) mod list;
mod memberships;
pub(super) mod once;
mod password;
mod read;
pub(super) mod state;
mod taken;
mod update;

pub(super) use assign::exceeds;
pub(super) use create::new_user;
pub(super) use faults::Faults;
pub(super) use once::KEYS_KEPT;
pub(super) use password::{PASSWORD, hashing_failed};
pub(super) use taken::taken;

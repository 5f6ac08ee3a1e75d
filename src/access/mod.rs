//! May this caller do this? Policies in Cedar's language answer: the built-in ones, which express the roles, and a
//! tenant's own. For SCIM tokens their scopes answer.
//!
//! ```text
//! roles, policies ── Snapshot::compile ──► Snapshot ── decide(&Question) ──► Decision
//! ```
//!
//! A snapshot is compiled when roles or policies change. A question carries all that policies may want to know, so a
//! decision takes microseconds and no query.

mod built_in;
mod compile;
mod entities;
mod explain;
mod mentions;
mod policy;
pub mod question;
mod scan;
mod snapshot;
mod vocabulary;

use thiserror::Error;

pub use compile::{MAX_NOTICE, MAX_POLICIES, MAX_TOTAL_BYTES};
pub use explain::{ExplainedPolicy, Explanation, PolicyFailure};
pub use policy::{Effect, PolicyMistake, PolicyRef, TenantPolicy};
pub use question::{Context, Principal, PrincipalKind, Question, Resource, Thing};
pub use scan::{MAX_BYTES, MAX_DEPTH, MAX_NESTING, MAX_STATEMENTS};
pub use snapshot::{CLOSED, Decision, Snapshot};
pub use vocabulary::SCHEMA;

use crate::auth::{Caller, Subject};
use crate::model::Permission;

/// The caller may not.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Denied {
    #[error("This token lacks the scope '{missing}'.")]
    Scope { missing: &'static str },
    #[error("This needs the permission '{missing}', which you do not have.")]
    Permission { missing: Permission },
}

/// Lets the caller pass or says what it lacks.
///
/// # Errors
/// [`Denied`], naming the scope or the permission that would be needed.
pub fn require(caller: &Caller, permission: Permission) -> Result<(), Denied> {
    if caller.permissions.holds(permission) {
        return Ok(());
    }
    Err(match caller.subject {
        Subject::Connection { .. } if permission.as_str().ends_with(".read") => {
            Denied::Scope { missing: "read" }
        }
        Subject::Connection { .. } => Denied::Scope { missing: "write" },
        Subject::User { .. } | Subject::Key { .. } => Denied::Permission { missing: permission },
    })
}

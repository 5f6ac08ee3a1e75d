//! May this caller do this? Policies in Cedar's language answer: the built-in ones, which express the roles and a token's
//! scopes, and a tenant's own.
//!
//! ```text
//! roles, policies ── Snapshot::compile ──► Snapshot ── decide(&Question) ──► Decision
//! Caller, Permission ── Decider::asking ──► Asking ── about(Thing) ──► notices or Denied
//! ```
//!
//! A snapshot is compiled when roles or policies change. A question carries all that policies may want to know, so a
//! decision takes microseconds and no query.

mod built_in;
mod compile;
mod decider;
mod entities;
mod explain;
mod mentions;
mod policy;
mod principal;
pub mod question;
mod scan;
mod snapshot;
mod vocabulary;
mod withheld;

use thiserror::Error;

use built_in::RULE_OWNERS;
pub use compile::{MAX_NOTICE, MAX_POLICIES, MAX_TOTAL_BYTES};
pub use decider::{AccessError, Asking, Changes, CompileError, Decider};
pub use explain::{ExplainedPolicy, Explanation, PolicyFailure};
pub use policy::{Effect, PolicyMistake, PolicyRef, TenantPolicy};
pub use principal::connection_as_principal;
pub use question::{Context, Principal, PrincipalKind, Question, Resource, Thing};
pub use scan::{MAX_BYTES, MAX_DEPTH, MAX_NESTING, MAX_STATEMENTS};
pub use snapshot::{CLOSED, Decision, Snapshot};
pub use vocabulary::SCHEMA;

use crate::auth::{Caller, Subject};
use crate::model::Permission;

/// The caller may not.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Denied {
    #[error("This token lacks the scope '{missing}'.")]
    Scope { missing: &'static str },
    #[error("This needs the permission '{missing}', which you do not have.")]
    Permission { missing: Permission },
    /// A policy of the tenant's own forbids it. What it wants to be told is the message.
    #[error("{}", told(.notices))]
    Policy { notices: Vec<String> },
}

fn told(notices: &[String]) -> String {
    match notices {
        [] => "A policy of this tenant forbids this.".to_owned(),
        notices => notices.join(" "),
    }
}

/// What a caller who does not hold this permission is told.
fn lacking(caller: &Caller, permission: Permission) -> Denied {
    match caller.subject {
        Subject::Connection { .. } if permission.as_str().ends_with(".read") => {
            Denied::Scope { missing: "read" }
        }
        Subject::Connection { .. } => Denied::Scope { missing: "write" },
        Subject::User { .. } | Subject::Key { .. } => Denied::Permission { missing: permission },
    }
}

//! Policies: a tenant's own, what may be wrong with them, and what a decision says of those that determined it.

use std::fmt;
use std::sync::Arc;

use cedar_policy::Effect as CedarEffect;
use serde::Serialize;
use thiserror::Error;

use crate::model::PolicyId;

/// A policy of a tenant's own, as it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantPolicy {
    pub id: PolicyId,
    /// What mistakes and decisions call it.
    pub name: Arc<str>,
    /// One or several statements in Cedar's language.
    pub text: Arc<str>,
    /// Whether it counts. It is held against the schema either way.
    pub enabled: bool,
}

/// A mistake in a policy.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[error("Policy '{policy}', line {line}, column {column}: {message}")]
pub struct PolicyMistake {
    /// The policy's name.
    pub policy: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong and, where that is known, what would be right.
    pub message: String,
}

/// What a statement does where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Permit,
    Forbid,
}

impl From<CedarEffect> for Effect {
    fn from(effect: CedarEffect) -> Self {
        match effect {
            CedarEffect::Permit => Self::Permit,
            CedarEffect::Forbid => Self::Forbid,
        }
    }
}

/// A policy that determined a decision.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PolicyRef {
    /// A tenant's policy's id, or the name of a built-in one, such as `permission:users.read` or `rule:owners`.
    pub id: Arc<str>,
    pub name: Arc<str>,
    /// Which of the policy's statements, from 1.
    pub statement: usize,
    pub effect: Effect,
    pub built_in: bool,
}

impl fmt::Debug for PolicyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}/{} '{}'", self.effect, self.id, self.statement, self.name)
    }
}

/// One statement of a policy, with what a decision says of it.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) policy: PolicyRef,
    pub(super) text: Arc<str>,
    pub(super) notice: Option<Arc<str>>,
    pub(super) cedar: cedar_policy::Policy,
}

//! Why the admin API refuses, in sentences that the client may see.

use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::access::Denied;
use crate::provisioning::ProvisioningError;
use crate::provisioning::attempt::Lost;
use crate::storage::StorageError;

/// One thing that is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A JSON pointer (RFC 6901).
    pub pointer: String,
    /// A word for programs.
    pub code: &'static str,
    /// A sentence that names the field and what would be accepted.
    pub message: String,
}

impl Problem {
    /// A problem of the field at `pointer`. `what` continues the sentence that the field's name begins: "has to be a
    /// string".
    pub fn new(pointer: &str, code: &'static str, what: impl std::fmt::Display) -> Self {
        let field = pointer.trim_start_matches('/').replace('/', ".");
        let message =
            if field.is_empty() { format!("The body {what}.") } else { format!("'{field}' {what}.") };
        Self { pointer: pointer.to_owned(), code, message }
    }

    /// The same with a sentence of its own.
    pub fn saying(pointer: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), code, message: message.into() }
    }

    /// That no role of the tenant has the name at `pointer`.
    pub fn unknown_role(pointer: &str) -> Self {
        let what = "is not the name of a role of this tenant; GET /v1/roles lists them";
        Self::new(pointer, "unknown_role", what)
    }

    fn to_json(&self) -> Value {
        json!({ "pointer": self.pointer, "code": self.code, "message": self.message })
    }
}

/// Of which kind a refusal is; each has its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 400
    Malformed,
    /// 401
    Unauthorized,
    /// 403
    Forbidden,
    /// 404
    Missing,
    /// 409
    Conflict,
    /// 410
    Gone,
    /// 412
    Precondition,
    /// 422: well-formed, but not possible.
    Impossible,
    /// 429
    TooMany,
}

/// A request that was understood and refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub kind: Kind,
    /// A word for programs.
    pub code: &'static str,
    pub message: String,
    pub details: Map<String, Value>,
    /// What policies that took part in the decision have to say.
    pub notices: Vec<String>,
}

/// A use case's failure.
#[derive(Clone, Debug, Error)]
pub enum DirectoryError {
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    #[error(transparent)]
    Failed(#[from] ProvisioningError),
}

impl DirectoryError {
    /// A refusal without details.
    pub fn refused(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Refused(Box::new(Refusal { kind, code, message, details: Map::new(), notices: Vec::new() }))
    }

    /// The same with one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.details.insert(name.to_owned(), value.into());
        }
        self
    }

    /// 400: the body is not what the OpenAPI document says.
    pub fn malformed(problems: Vec<Problem>) -> Self {
        Self::of_problems(Kind::Malformed, "invalid_request", &problems)
    }

    /// 422: the body is well-formed, but what it asks for cannot be.
    pub fn impossible(problems: Vec<Problem>) -> Self {
        Self::of_problems(Kind::Impossible, "invalid_fields", &problems)
    }

    pub(super) fn of_problems(kind: Kind, code: &'static str, problems: &[Problem]) -> Self {
        let sentences: Vec<&str> = problems.iter().map(|problem| &*problem.message).collect();
        let list: Vec<Value> = problems.iter().map(Problem::to_json).collect();
        Self::refused(kind, code, sentences.join(" ")).with("problems", list)
    }

    /// 404: it is not there, or belongs to somebody else; nobody is told which.
    pub fn missing(what: &str, id: impl std::fmt::Display) -> Self {
        Self::refused(Kind::Missing, "not_found", format!("{what} '{id}' was not found."))
    }
}

impl Lost for DirectoryError {
    fn is_lost_race(&self) -> bool {
        matches!(self, Self::Failed(error) if error.is_lost_race())
    }
}

impl From<Denied> for DirectoryError {
    fn from(denied: Denied) -> Self {
        Self::Failed(denied.into())
    }
}

impl From<StorageError> for DirectoryError {
    fn from(error: StorageError) -> Self {
        Self::Failed(ProvisioningError::Storage(error))
    }
}

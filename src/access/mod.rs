//! May this caller do this? For SCIM tokens their scopes answer.

use thiserror::Error;

use crate::auth::Caller;

/// What a caller is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Read,
    Write,
}

/// The caller may not.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("This token lacks the scope '{missing}'.")]
pub struct Denied {
    pub missing: &'static str,
}

/// Lets the caller pass or says what it lacks.
///
/// # Errors
/// [`Denied`], naming the scope that would be needed.
pub fn require(caller: &Caller, action: Action) -> Result<(), Denied> {
    match action {
        Action::Read if !caller.scopes.read => Err(Denied { missing: "read" }),
        Action::Write if !caller.scopes.write => Err(Denied { missing: "write" }),
        Action::Read | Action::Write => Ok(()),
    }
}

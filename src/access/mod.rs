//! May this caller do this?

use thiserror::Error;

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

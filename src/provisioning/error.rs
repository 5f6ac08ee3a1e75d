//! Why a use case did not come about.

use std::time::Duration;

use thiserror::Error;
use uuid::Uuid;

use crate::access::{AccessError, Denied};
use crate::auth::password::HashError;
use crate::mapping::MappingError;
use crate::model::BuiltInRole;
use crate::scim::error::{ScimError, ScimType};
use crate::storage::{StorageError, Taken};

/// A use case's failure, in sentences that the client may see. What is for the log alone is in `Storage`.
#[derive(Clone, Debug, Error)]
pub enum ProvisioningError {
    /// The request is not what SCIM allows (RFC 7644 §3.12).
    #[error("{0}")]
    Scim(#[from] ScimError),
    #[error("{resource_type} '{id}' was not found.")]
    NotFound { resource_type: &'static str, id: String },
    /// `If-Match` names another version than the stored one (RFC 7644 §3.14).
    #[error(
        "The resource is at version {current}; If-Match does not name that version. Read it again, then decide."
    )]
    VersionMismatch { current: String },
    /// `If-None-Match` names the stored version: the client has it already.
    #[error("The resource is still at version {current}.")]
    NotModified { current: String },
    #[error("{0}")]
    Denied(#[from] Denied),
    /// Beyond the caller's reach, whatever its scopes.
    #[error("{0}")]
    Forbidden(String),
    /// The tenant would lose its last owner, or its last administrator.
    #[error(
        "This is the tenant's last {}, who can be neither deleted, demoted, suspended nor deactivated. Make somebody else one first.",
        holder(*.0)
    )]
    LastHolder(BuiltInRole),
    /// The tenant's data moved under every attempt.
    #[error("The resource is being changed by too many others at once. Try again.")]
    Contended,
    /// Too many passwords are being hashed.
    #[error("Too many passwords are being checked at once. Try again.")]
    Busy { retry_after: Duration },
    #[error("{0}")]
    Storage(StorageError),
    #[error("{0}")]
    Internal(String),
}

impl ProvisioningError {
    /// A resource that is not there, or that belongs to somebody else: nobody is told which.
    pub fn not_found(resource_type: &'static str, id: impl ToString) -> Self {
        Self::NotFound { resource_type, id: id.to_string() }
    }

    /// A stored document that cannot be read.
    pub fn broken(id: Uuid, error: &serde_json::Error) -> Self {
        Self::Internal(format!("the stored document of {id} cannot be read: {error}"))
    }
}

fn holder(role: BuiltInRole) -> String {
    match role {
        BuiltInRole::Owner => "owner".to_owned(),
        role => format!("user with the role '{}'", role.name()),
    }
}

impl From<StorageError> for ProvisioningError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Taken(Taken::UserName) => Self::Scim(ScimError::new(
                ScimType::Uniqueness,
                "A user with this userName already exists in the tenant; userName is unique, without regard to case.",
            )),
            other => Self::Storage(other),
        }
    }
}

impl From<AccessError> for ProvisioningError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Denied(denied) => Self::Denied(denied),
            AccessError::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<MappingError> for ProvisioningError {
    fn from(error: MappingError) -> Self {
        Self::Scim(ScimError::invalid_value(error.to_string()))
    }
}

impl From<HashError> for ProvisioningError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy { retry_after } => Self::Busy { retry_after },
            error => Self::Internal(error.to_string()),
        }
    }
}

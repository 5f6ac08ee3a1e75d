//! A use case's failure as a SCIM error (RFC 7644 §3.12).

use poem::http::StatusCode;
use serde_json::{Map, json};

use crate::access::Denied;
use crate::http::error::{Failure, More};
use crate::provisioning::ProvisioningError;
use crate::storage::StorageError;

/// Seconds after which a client may try again when the database is away or too busy.
const RETRY_AFTER: u32 = 5;

impl From<ProvisioningError> for Failure {
    fn from(error: ProvisioningError) -> Self {
        match error {
            ProvisioningError::Scim(error) => Self::bad_request(error),
            ProvisioningError::NotFound { .. } => Self::not_found(error.to_string()),
            ProvisioningError::VersionMismatch { .. } => Self::precondition_failed(error.to_string()),
            ProvisioningError::NotModified { .. } => Self::new(StatusCode::NOT_MODIFIED, error.to_string()),
            ProvisioningError::Denied(denied @ Denied::Scope { .. }) => {
                Self::insufficient_scope(denied.to_string())
            }
            ProvisioningError::Denied(ref denied @ Denied::Policy { ref notices }) => {
                let more = More { notices: notices.clone(), ..More::default() };
                Self::forbidden(denied.to_string()).with_more(more).with_code("denied_by_policy")
            }
            ProvisioningError::Denied(ref denied @ Denied::Permission { missing }) => {
                let details = Map::from_iter([("permission".to_owned(), json!(missing.as_str()))]);
                Self::forbidden(denied.to_string()).with_more(More { details, ..More::default() })
            }
            ProvisioningError::Forbidden(detail) => Self::forbidden(detail),
            ProvisioningError::LastHolder(_) => Self::new(StatusCode::CONFLICT, error.to_string()),
            ProvisioningError::Contended => Self::unavailable(error.to_string(), 1),
            ProvisioningError::Busy { retry_after } => {
                let seconds = u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX);
                Self::unavailable(error.to_string(), seconds.max(1))
            }
            ProvisioningError::Storage(StorageError::Unavailable(cause)) => Self::unavailable(
                "The database is not available at the moment; nothing was changed. Try again.",
                RETRY_AFTER,
            )
            .with_cause(cause),
            ProvisioningError::Storage(StorageError::InDoubt(cause)) => Self::unavailable(
                "The connection to the database broke while the change was being written, so it may or may not have been made. Read the resource before you try again.",
                RETRY_AFTER,
            )
            .with_cause(cause),
            ProvisioningError::Storage(StorageError::Stale | StorageError::Raced | StorageError::Outdated) => {
                Self::unavailable(ProvisioningError::Contended.to_string(), 1)
            }
            ProvisioningError::Storage(error) => Self::internal(error),
            ProvisioningError::Internal(cause) => Self::internal(cause),
        }
    }
}

//! Recovery codes: ten, each for once.

use serde_json::json;

use super::super::error::DirectoryError;
use super::{Directory, Holder, internal};
use crate::auth::mfa::RecoveryCode;
use crate::model::MfaChange;
use crate::model::audit::AuditType;
use crate::model::change::{ChangeSet, CredentialChange};

impl Directory {
    /// Adds to the changes new recovery codes instead of those that the user has. They are shown only now.
    ///
    /// # Errors
    /// No randomness.
    pub(super) fn new_recovery_codes(
        &self,
        holder: &Holder<'_>,
        changes: &mut ChangeSet,
    ) -> Result<Vec<RecoveryCode>, DirectoryError> {
        let codes: Result<Vec<RecoveryCode>, _> =
            (0..RecoveryCode::NUMBER).map(|_| RecoveryCode::generate()).collect();
        let (codes, at) = (codes.map_err(internal)?, self.now());
        let hashes = codes.iter().map(RecoveryCode::hash).collect();
        let set = MfaChange::SetRecoveryCodes { user_id: holder.user.id, hashes, at };
        changes.credentials.push(CredentialChange::Mfa(set));
        let details = json!({ "number": codes.len() });
        changes.audit.push(holder.event(at, AuditType::RecoveryCodesCreated, details));
        Ok(codes)
    }
}

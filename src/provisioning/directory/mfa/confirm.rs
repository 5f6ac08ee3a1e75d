//! The first code of a new factor.

use serde_json::json;

use super::super::error::{DirectoryError, Kind};
use super::proof::Guess;
use super::{Directory, Holder, confirmed};
use crate::auth::mfa::RecoveryCode;
use crate::delivery::mail::FactorsChanged;
use crate::model::audit::AuditType;
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{FactorId, MfaChange};

impl Directory {
    /// Adds to the changes what makes a factor count whose code this is. With the first factor its user gets recovery
    /// codes, to be shown once.
    ///
    /// # Errors
    /// No such factor, or one that waited too long (404); one that is confirmed already (409); a wrong code (422).
    pub async fn confirm(
        &self,
        holder: &Holder<'_>,
        id: FactorId,
        code: &str,
        changes: &mut ChangeSet,
    ) -> Result<Option<Vec<RecoveryCode>>, DirectoryError> {
        let (factors, at) = (self.factors_of(holder).await?, self.now());
        let factor = factors.iter().find(|factor| factor.id == id && factor.is_alive(at));
        let factor = factor.ok_or_else(|| DirectoryError::missing("Factor", id))?;
        if factor.confirmed_at.is_some() {
            let message = "This factor is confirmed already.";
            return Err(DirectoryError::refused(Kind::Conflict, "factor_confirmed", message));
        }
        self.attempt_of(holder).check(self).await?;
        let Some(step) = self.step_of(holder, factor, code, at)? else {
            return Err(self.wrong_guess(holder, Guess::Code).await);
        };
        let confirmed = confirmed(&factors);
        let change = MfaChange::ConfirmFactor { user_id: holder.user.id, id, step, confirmed, at };
        changes.credentials.push(CredentialChange::Mfa(change));
        let details = json!({ "factor": id, "kind": "totp", "name": factor.name });
        changes.audit.push(holder.event(at, AuditType::MfaEnrolled, details));
        self.tell_of_factors(holder, FactorsChanged::Added, changes)?;
        if confirmed > 0 {
            return Ok(None);
        }
        self.new_recovery_codes(holder, changes).map(Some)
    }
}

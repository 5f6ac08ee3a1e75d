//! The end of factors.

use serde_json::json;

use super::super::error::DirectoryError;
use super::{Directory, Holder, confirmed};
use crate::delivery::mail::{Content, FactorsChanged};
use crate::model::audit::AuditType;
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{FactorId, MfaChange};

impl Directory {
    /// Adds to the changes the end of one factor. With the last one the recovery codes end.
    ///
    /// # Errors
    /// No such factor (404).
    pub(super) async fn remove(
        &self,
        holder: &Holder<'_>,
        id: FactorId,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let (factors, at) = (self.factors_of(holder).await?, self.now());
        let factor = factors.iter().find(|factor| factor.id == id && factor.is_alive(at));
        let factor = factor.ok_or_else(|| DirectoryError::missing("Factor", id))?;
        changes
            .credentials
            .push(CredentialChange::Mfa(MfaChange::RemoveFactor { user_id: holder.user.id, id }));
        let details = json!({
            "factor": id,
            "kind": "totp",
            "name": factor.name,
            "confirmed": factor.confirmed_at.is_some(),
        });
        changes.audit.push(holder.event(at, AuditType::MfaRemoved, details));
        match factor.confirmed_at {
            Some(_) => self.tell_of_factors(holder, FactorsChanged::Removed, changes),
            None => Ok(()),
        }
    }

    /// Adds to the changes a mail to the user, if it has an address: whoever takes a factor over, or away, does not do so
    /// unnoticed.
    ///
    /// # Errors
    /// No randomness.
    pub(super) fn tell_of_factors(
        &self,
        holder: &Holder<'_>,
        what: FactorsChanged,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let Some(to) = holder.user.email.clone() else { return Ok(()) };
        let content = Content::FactorsChanged { what, at: self.now() };
        self.write_mail(holder.view, holder.user, to, content, changes)
    }

    /// Adds to the changes the end of everything that a user has of factors and recovery codes. Whether there was anything.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn reset(&self, holder: &Holder<'_>, changes: &mut ChangeSet) -> Result<bool, DirectoryError> {
        let factors = self.factors_of(holder).await?;
        if factors.is_empty() {
            return Ok(false);
        }
        let end = MfaChange::RemoveFactors { user_id: holder.user.id };
        changes.credentials.push(CredentialChange::Mfa(end));
        let details = json!({ "factors": confirmed(&factors) });
        changes.audit.push(holder.event(self.now(), AuditType::MfaReset, details));
        if confirmed(&factors) > 0 {
            self.tell_of_factors(holder, FactorsChanged::Reset, changes)?;
        }
        Ok(true)
    }
}

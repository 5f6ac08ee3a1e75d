//! A code of a factor that counts, or a recovery code in its place.

use serde_json::json;

use super::super::error::DirectoryError;
use super::{Directory, Holder};
use crate::auth::mfa::{RecoveryCode, TotpSecret};
use crate::model::audit::AuditType;
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{MfaChange, Timestamp, TotpFactor};

/// What a code turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// An authenticator app's.
    Totp,
    /// One of the recovery codes.
    Recovery,
    /// None of this user's, or one that was used.
    Wrong,
}

impl Directory {
    /// Finds out what a code of this user is, and adds to the changes what uses it up. Where the changes turn out to be
    /// stale, somebody else has just used it: ask again.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn verify_second_factor(
        &self,
        holder: &Holder<'_>,
        code: &str,
        changes: &mut ChangeSet,
    ) -> Result<SecondFactor, DirectoryError> {
        let (user_id, at) = (holder.user.id, self.now());
        if let Some(recovery) = RecoveryCode::parse(code) {
            let (storage, hash) = (&self.provisioning.storage, recovery.hash());
            if !storage.has_recovery_code(holder.tenant(), user_id, &hash).await? {
                return Ok(SecondFactor::Wrong);
            }
            let left = storage.recovery_codes_left(holder.tenant(), user_id).await? - 1;
            let change = MfaChange::UseRecoveryCode { user_id, hash, at };
            changes.credentials.push(CredentialChange::Mfa(change));
            changes.audit.push(holder.event(at, AuditType::RecoveryCodeUsed, json!({ "left": left })));
            return Ok(SecondFactor::Recovery);
        }
        for factor in self.factors_of(holder).await?.iter().filter(|factor| factor.confirmed_at.is_some()) {
            let step = match self.step_of(holder, factor, code, at) {
                Ok(step) => step,
                // The other factors, and the recovery codes, work all the same.
                Err(error) => {
                    tracing::error!(%user_id, factor = %factor.id, %error, "a second factor cannot be read");
                    None
                }
            };
            if let Some(step) = step.filter(|step| *step > factor.last_step) {
                let change = MfaChange::UseStep { user_id, id: factor.id, step, at };
                changes.credentials.push(CredentialChange::Mfa(change));
                return Ok(SecondFactor::Totp);
            }
        }
        Ok(SecondFactor::Wrong)
    }

    /// The step of time whose code this is for the factor. Apps show codes in two groups, and people type them so.
    pub(super) fn step_of(
        &self,
        holder: &Holder<'_>,
        factor: &TotpFactor,
        code: &str,
        at: Timestamp,
    ) -> Result<Option<i64>, DirectoryError> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let secret =
            TotpSecret::open(self.secret_key()?, holder.tenant(), factor).map_err(super::internal)?;
        Ok(secret.step_of(&digits, at))
    }
}

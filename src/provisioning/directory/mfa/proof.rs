//! What people give again before they change their own factors: whoever has got hold of a session alone must not take the
//! second factor for their own.

use serde_json::json;

use super::super::error::{DirectoryError, Kind};
use super::super::sign_in::attempts::Attempt;
use super::super::users::hashing_failed;
use super::{Directory, Holder, SecondFactor, confirmed};
use crate::auth::password::Password;
use crate::model::audit::{AuditType, Target};
use crate::model::change::ChangeSet;

/// A code where there is a factor, the password where there is none.
#[derive(Clone, Default)]
pub struct Proof {
    /// Of a factor that the user has, or a recovery code.
    pub code: Option<String>,
    pub password: Option<Password>,
}

/// What was guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    Code,
    Password,
}

impl Directory {
    /// Checks that it is the user who changes their factors: by a code of one that counts, which is used up with the
    /// changes, or by the password where there is none yet.
    ///
    /// # Errors
    /// 403 where that is not shown, 422 for a wrong code or password, 429 after too many, 503 where too many passwords are
    /// being compared.
    pub(super) async fn prove(
        &self,
        holder: &Holder<'_>,
        proof: &Proof,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let lacking = |message| Err(DirectoryError::refused(Kind::Forbidden, "proof_required", message));
        let has_factor = confirmed(&self.factors_of(holder).await?) > 0;
        match (has_factor, &proof.code, &proof.password) {
            (true, Some(code), _) => {
                let mut attempt = self.attempt_of(holder);
                attempt.check(self).await?;
                let found = self.verify_second_factor(holder, code, changes).await?;
                self.judged(holder, (attempt, found != SecondFactor::Wrong), Guess::Code, changes).await
            }
            (true, None, _) => {
                lacking("You have a second factor: send 'code', one of its codes or a recovery code.")
            }
            (false, _, Some(password)) => self.confirm_password(holder, password, changes).await,
            (false, _, None) => lacking("Send 'password', the one that you sign in with."),
        }
    }

    /// That somebody who is signed in knows their password: whoever finds a screen unlocked does not.
    ///
    /// # Errors
    /// 422 for a wrong one; 429 after too many; 503 where too many passwords are being compared.
    pub async fn confirm_password(
        &self,
        holder: &Holder<'_>,
        password: &Password,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        let mut attempt = self.attempt_of(holder);
        attempt.check(self).await?;
        let is_right = self.is_password(holder, password).await?;
        self.judged(holder, (attempt, is_right), Guess::Password, changes).await
    }

    async fn judged(
        &self,
        holder: &Holder<'_>,
        (mut attempt, is_right): (Attempt, bool),
        guess: Guess,
        changes: &mut ChangeSet,
    ) -> Result<(), DirectoryError> {
        if !is_right {
            return Err(self.wrong_guess(holder, guess).await);
        }
        // Many may have been tried at once: what others have failed meanwhile counts.
        attempt.check(self).await?;
        attempt.succeeded(holder.user, changes);
        Ok(())
    }

    /// Whose guesses are counted, together with failed sign-ins.
    pub(super) fn attempt_of(&self, holder: &Holder<'_>) -> Attempt {
        Attempt::of_user(holder.origin.ip, holder.tenant(), holder.user)
    }

    async fn is_password(&self, holder: &Holder<'_>, password: &Password) -> Result<bool, DirectoryError> {
        let stored = self.provisioning.storage.find_password(holder.tenant(), holder.user.id).await?;
        self.hasher.is_password(password, stored.as_ref()).await.map_err(hashing_failed)
    }

    /// What a wrong guess is answered with. Whatever compares a code or a password for factors ends here when it is wrong,
    /// so that guesses are told and counted in one place.
    pub(super) async fn wrong_guess(&self, holder: &Holder<'_>, guess: Guess) -> DirectoryError {
        let (code, message) = match guess {
            Guess::Code => (
                "invalid_code",
                "This code is wrong, is too old, or was used already; wait for the next one.",
            ),
            Guess::Password => ("invalid_password", "The password is wrong."),
        };
        let mut changes = ChangeSet::new(holder.tenant());
        let (at, details) = (self.now(), json!({ "reason": code }));
        changes.audit.push(holder.event(at, AuditType::ConfirmationFailed, details));
        let mut attempt = self.attempt_of(holder);
        if let Err(locked) = attempt.check(self).await {
            return locked;
        }
        attempt.failed(&holder.origin, Target::User(holder.user.id), at, &mut changes);
        match self.provisioning.storage.commit(changes).await {
            Ok(()) => DirectoryError::refused(Kind::Impossible, code, message),
            Err(error) => error.into(),
        }
    }
}

//! Second factors while signing in: a code is given, or a first factor is enrolled by somebody who has to have one.

use super::super::mfa::{Enrolment, Holder, SecondFactor};
use super::super::{DirectoryError, RefusalKind};
use super::attempts::Attempt;
use super::challenge::{Challenged, Shown};
use super::due::Step;
use super::verify_email::write_self;
use super::{Granted, SignIn, Visit};
use crate::auth::mfa::RecoveryCode;
use crate::model::audit::Target;
use crate::model::change::ChangeSet;
use crate::model::{FactorId, User};

impl SignIn {
    /// Goes on with signing in by a code of a second factor, or a recovery code.
    ///
    /// # Errors
    /// As [`SignIn::resume`]; 401 for a wrong code, with which the challenge goes on working; 429 after too many.
    pub async fn give_code(
        &self,
        visit: &Visit,
        challenge: &str,
        code: &str,
    ) -> Result<Granted, DirectoryError> {
        self.challenging(challenge, |this, challenged| async move {
            this.expects(&challenged, Step::Factor, challenge).await?;
            let Challenged { view, user, shown, .. } = &challenged;
            let mut attempt = Attempt::of_user(visit.ip, view.tenant.id, user);
            attempt.check(&this.directory).await?;
            let mut changes = ChangeSet::new(view.tenant.id);
            let holder = Holder::of_visit(visit, view, user);
            if this.directory.verify_second_factor(&holder, code, &mut changes).await? == SecondFactor::Wrong
            {
                this.note_failure(visit, &attempt, Target::User(user.id), "wrong_code").await?;
                let message = "This code is wrong, is too old, or was used already; wait for the next one.";
                return Err(DirectoryError::refused(RefusalKind::Unauthorized, "invalid_code", message));
            }
            let shown = Shown { factor: true, ..*shown };
            this.go_on(visit, view, user, shown, (&attempt, changes)).await
        })
        .await
    }

    /// Begins the factor of somebody who has to have one before signing in; the challenge goes on working. Factors that an
    /// administrator wants gone go.
    ///
    /// # Errors
    /// As [`SignIn::resume`].
    pub async fn begin_enrolment(
        &self,
        visit: &Visit,
        challenge: &str,
        name: &str,
    ) -> Result<Enrolment, DirectoryError> {
        self.challenging(challenge, |this, challenged| async move {
            this.expects(&challenged, Step::Enrolment, challenge).await?;
            let Challenged { view, user, .. } = &challenged;
            let (holder, storage) =
                (Holder::of_visit(visit, view, user), &this.directory.provisioning.storage);
            if user.account.must_reset_mfa {
                let mut changes = ChangeSet::new(view.tenant.id);
                if this.directory.reset(&holder, &mut changes).await? {
                    storage.commit(changes).await?;
                }
            }
            let mut changes = ChangeSet::new(view.tenant.id);
            let enrolment = this.directory.enrol(&holder, name, &mut changes).await?;
            storage.commit(changes).await?;
            Ok(enrolment)
        })
        .await
    }

    /// Confirms that factor by its first code, and goes on. The recovery codes that come with it are told either way.
    ///
    /// # Errors
    /// As [`SignIn::resume`], with the recovery codes where something else is due; no such factor (404), a wrong code
    /// (422).
    pub async fn confirm_enrolment(
        &self,
        visit: &Visit,
        challenge: &str,
        id: FactorId,
        code: &str,
    ) -> Result<(Granted, Vec<RecoveryCode>), DirectoryError> {
        self.challenging(challenge, |this, challenged| async move {
            this.expects(&challenged, Step::Enrolment, challenge).await?;
            let Challenged { view, user, shown, .. } = &challenged;
            let holder = Holder::of_visit(visit, view, user);
            if user.account.must_reset_mfa && this.directory.has_factor(view.tenant.id, user.id).await? {
                let message = "Begin the new factor first, at /auth/challenge/mfa-enrolment: the old ones end with that.";
                return Err(DirectoryError::refused(RefusalKind::Conflict, "enrolment_not_begun", message));
            }
            let mut changes = ChangeSet::new(view.tenant.id);
            let codes = this.directory.confirm(&holder, id, code, &mut changes).await?.unwrap_or_default();
            let after = this.without_reset(visit, &challenged, &mut changes);
            let attempt = Attempt::of_user(visit.ip, view.tenant.id, user);
            let shown = Shown { factor: true, ..*shown };
            match this.go_on(visit, view, &after, shown, (&attempt, changes)).await {
                Ok(granted) => Ok((granted, codes)),
                Err(error @ DirectoryError::Refused(_)) => {
                    let codes: Vec<String> = codes.iter().map(RecoveryCode::text).collect();
                    Err(error.with("recovery_codes", codes))
                }
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// The user without an administrator's wish for another factor, which is fulfilled.
    fn without_reset(&self, visit: &Visit, challenged: &Challenged, changes: &mut ChangeSet) -> User {
        let Challenged { view, user, .. } = challenged;
        let mut after = user.clone();
        if after.account.must_reset_mfa {
            let now = self.directory.now();
            after.account.must_reset_mfa = false;
            after = write_self(visit, view, (user, after), &["must_reset_mfa"], now, changes);
        }
        after
    }

    /// That this is what is due.
    ///
    /// # Errors
    /// What is due instead, with the same challenge; 409 where nothing is.
    pub(super) async fn expects(
        &self,
        challenged: &Challenged,
        step: Step,
        challenge: &str,
    ) -> Result<(), DirectoryError> {
        match self.due_of(challenged).await? {
            Some(due) if due == step => Ok(()),
            Some(other) => Err(challenged.still(other, challenge, self.directory.now())),
            None => {
                let message = "Nothing else has to be done; go on at /auth/challenge/continue.";
                Err(DirectoryError::refused(RefusalKind::Conflict, "nothing_due", message))
            }
        }
    }

    /// Does what somebody with a challenge wants, one at a time for its user, and again where somebody else was in the way.
    ///
    /// # Errors
    /// As [`SignIn::challenged`], and what is done.
    pub(super) async fn challenging<T, F, Fut>(&self, challenge: &str, done: F) -> Result<T, DirectoryError>
    where
        F: Fn(Self, Challenged) -> Fut,
        Fut: Future<Output = Result<T, DirectoryError>>,
    {
        let Challenged { view, user, .. } = self.challenged(challenge).await?;
        let done = &done;
        self.in_turn(view.tenant.id, user.id, |this| async move {
            let challenged = this.challenged(challenge).await?;
            done(this, challenged).await
        })
        .await
    }
}

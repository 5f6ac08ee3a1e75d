//! A password that comes with a draft: held against the tenant's policy, hashed before anything is written.

use std::slice;

use super::super::error::{DirectoryError, Problem};
use super::super::{Directory, UserDraft};
use super::faults::Faults;
use crate::auth::password::{HashError, Imported, OwnData, Password, Violation, Violations};
use crate::model::change::CredentialChange;
use crate::model::{PasswordCredential, PasswordPolicy, TenantId, Timestamp, User, UserId};

/// Where in a body a password is.
pub(in crate::provisioning::directory) const PASSWORD: &str = "/password";

impl Directory {
    /// The change that gives a user this password.
    ///
    /// # Errors
    /// 422 naming every rule of the policy that it breaks; 503 when too many passwords are being hashed.
    pub(in crate::provisioning::directory) async fn set_password(
        &self,
        policy: &PasswordPolicy,
        user: &User,
        password: &Password,
        at: Timestamp,
    ) -> Result<CredentialChange, DirectoryError> {
        self.set_password_beside(Faults::default(), PASSWORD, policy, user, (password, at)).await
    }

    /// The change that gives a user this password, where nothing else is wrong with what came with it.
    ///
    /// # Errors
    /// The faults, and every rule of the policy that the password at `pointer` breaks, all at once (422); 503 when too many
    /// passwords are being hashed.
    pub(in crate::provisioning::directory) async fn set_password_beside(
        &self,
        mut faults: Faults,
        pointer: &str,
        policy: &PasswordPolicy,
        user: &User,
        (password, at): (&Password, Timestamp),
    ) -> Result<CredentialChange, DirectoryError> {
        self.check_password_at(pointer, policy, user, password, &mut faults).await?;
        faults.settle()?;
        self.hashed(policy, user.id, password, at).await
    }

    /// Adds to the faults what a user's password breaks of the policy, unless it is not accepted anyway.
    ///
    /// # Errors
    /// 503 when too many passwords are being checked.
    pub(super) async fn check_new_password(
        &self,
        policy: &PasswordPolicy,
        user: &User,
        password: Option<&Password>,
        faults: &mut Faults,
    ) -> Result<(), DirectoryError> {
        let Some(password) = password.filter(|_| !faults.is_at(PASSWORD)) else { return Ok(()) };
        self.check_password_at(PASSWORD, policy, user, password, faults).await
    }

    /// Adds to the faults what the password at `pointer` breaks of the policy.
    async fn check_password_at(
        &self,
        pointer: &str,
        policy: &PasswordPolicy,
        user: &User,
        password: &Password,
        faults: &mut Faults,
    ) -> Result<(), DirectoryError> {
        match self.broken_rules(policy, user, password).await? {
            Some(violations) => faults.add(Self::breaks_policy(&violations), problems(pointer, &violations)),
            None => Ok(()),
        }
    }

    /// What this password breaks of the policy, if anything.
    async fn broken_rules(
        &self,
        policy: &PasswordPolicy,
        user: &User,
        password: &Password,
    ) -> Result<Option<Violations>, DirectoryError> {
        let known = user.known_texts();
        let own = OwnData::new(known.iter().map(String::as_str));
        Ok(self.hasher.check(policy, password, &own).await.map_err(hashing_failed)?.err())
    }

    /// The change that gives a user the password of a draft, or the hash of one, which were found good before.
    ///
    /// # Errors
    /// 503 when too many passwords are being hashed.
    pub(super) async fn credential(
        &self,
        policy: &PasswordPolicy,
        user_id: UserId,
        draft: &UserDraft,
        at: Timestamp,
    ) -> Result<Option<CredentialChange>, DirectoryError> {
        let history = policy.history;
        match (&draft.password, draft.password_hash.clone()) {
            (Some(password), _) => Ok(Some(self.hashed(policy, user_id, password, at).await?)),
            (None, Some(hash)) => Ok(Some(CredentialChange::SetPassword { user_id, hash, at, history })),
            (None, None) => Ok(None),
        }
    }

    /// The change that gives a user this password, which was held against the policy before.
    ///
    /// # Errors
    /// 503 when too many passwords are being hashed.
    async fn hashed(
        &self,
        policy: &PasswordPolicy,
        user_id: UserId,
        password: &Password,
        at: Timestamp,
    ) -> Result<CredentialChange, DirectoryError> {
        let hash = self.hasher.hash(password).await.map_err(hashing_failed)?;
        Ok(CredentialChange::SetPassword { user_id, hash, at, history: policy.history })
    }

    /// Refuses a password that the user has, or is remembered to have had. Each comparison takes as long as signing in
    /// does, so it is done after everything else was found good.
    ///
    /// # Errors
    /// 422 naming the rule `history`; 503 when too many passwords are being checked.
    pub(in crate::provisioning::directory) async fn check_history(
        &self,
        policy: &PasswordPolicy,
        tenant: TenantId,
        user: UserId,
        password: &Password,
    ) -> Result<(), DirectoryError> {
        if policy.history == 0 {
            return Ok(());
        }
        let storage = &self.provisioning.storage;
        let mut known = storage.list_former_passwords(tenant, user).await?;
        known.truncate(policy.history as usize);
        known.extend(storage.find_password(tenant, user).await?);
        self.refuse_known(policy, &known, password).await
    }

    /// Refuses the password that a user has, whatever the policy remembers.
    ///
    /// # Errors
    /// As [`Directory::check_history`].
    pub(in crate::provisioning::directory) async fn check_other(
        &self,
        policy: &PasswordPolicy,
        current: &PasswordCredential,
        password: &Password,
    ) -> Result<(), DirectoryError> {
        self.refuse_known(policy, slice::from_ref(current), password).await
    }

    async fn refuse_known(
        &self,
        policy: &PasswordPolicy,
        known: &[PasswordCredential],
        password: &Password,
    ) -> Result<(), DirectoryError> {
        if !self.hasher.is_one_of(password, known).await.map_err(hashing_failed)? {
            return Ok(());
        }
        let (broken, mut faults) = (Violations::history(policy), Faults::default());
        faults.add(Self::breaks_policy(&broken), problems(PASSWORD, &broken))?;
        faults.settle()
    }
}

/// What is wrong with the hash of a password, if a draft brings one. No policy can be asked about it.
pub(super) fn check_imported(draft: &UserDraft) -> Option<Problem> {
    const POINTER: &str = "/password_hash";
    let hash = draft.password_hash.as_ref()?;
    if draft.password.is_some() {
        return Some(Problem::new(POINTER, "not_accepted", "is only accepted without 'password'"));
    }
    let error = Imported::parse(hash.as_str()).err()?;
    Some(Problem::new(POINTER, error.code(), error))
}

fn problems(pointer: &str, violations: &Violations) -> Vec<Problem> {
    let problem = |broken: &Violation| Problem::saying(pointer, broken.rule.as_str(), &*broken.message);
    violations.iter().map(problem).collect()
}

/// Why no password was hashed or compared.
pub(in crate::provisioning::directory) fn hashing_failed(error: HashError) -> DirectoryError {
    DirectoryError::Failed(error.into())
}

//! `/v1/users/{id}/mfa-factors` and `/auth/mfa`: who may do what to whose factors.

use super::super::error::{DirectoryError, Kind};
use super::super::{Directory, UserView};
use super::{Enrolment, Holder, Proof};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::auth::mfa::RecoveryCode;
use crate::model::change::ChangeSet;
use crate::model::{FactorId, Permission, TotpFactor, UserId};
use crate::provisioning::Request;

/// Whose factors are to be changed.
#[derive(Clone)]
pub enum FactorsOf {
    /// Somebody else's.
    User(UserId),
    /// One's own, by a session of one's own.
    Oneself(UserId, Proof),
}

/// What a user has of factors.
#[derive(Clone, Debug)]
pub struct FactorList {
    /// The oldest first; those too that wait to be confirmed.
    pub factors: Vec<TotpFactor>,
    pub recovery_codes_left: i64,
}

impl FactorsOf {
    fn id(&self) -> UserId {
        match self {
            Self::User(id) | Self::Oneself(id, _) => *id,
        }
    }

    fn rights(&self) -> &'static [Permission] {
        match self {
            Self::User(_) => &[Permission::UsersUpdate],
            Self::Oneself(..) => &[Permission::UsersUpdate, Permission::SelfUpdate],
        }
    }
}

impl Directory {
    /// A user's factors, and how many recovery codes are left.
    ///
    /// # Errors
    /// No such user (404), a missing permission (403).
    pub async fn list_factors(&self, request: &Request, user: UserId) -> Result<FactorList, DirectoryError> {
        let own = request.caller.user_id() == Some(user);
        let rights: &[Permission] =
            if own { &[Permission::UsersRead, Permission::SelfRead] } else { &[Permission::UsersRead] };
        self.admit(request, rights).await?;
        let tenant = Self::tenant(request)?.tenant.id;
        self.authorize_reading_of(request, rights, user).await?;
        let (storage, now) = (&self.provisioning.storage, self.now());
        if storage.existing_users(tenant, vec![user.0]).await?.is_empty() {
            return Err(DirectoryError::missing("User", user));
        }
        let mut factors = storage.list_factors(tenant, user).await?;
        factors.retain(|factor| factor.is_alive(now));
        let recovery_codes_left = storage.recovery_codes_left(tenant, user).await?;
        Ok(FactorList { factors, recovery_codes_left })
    }

    /// Begins a factor, which counts once it is confirmed.
    ///
    /// # Errors
    /// No such user (404), somebody mightier or a missing permission (403), a user who has no factors or has too many
    /// (422), what [`Proof`] fails with.
    pub async fn add_factor(
        &self,
        request: &Request,
        of: &FactorsOf,
        name: &str,
    ) -> Result<Enrolment, DirectoryError> {
        let view = Self::tenant(request)?;
        self.in_turn(view.tenant.id, of.id(), |this| async move {
            let current = this.permitted(request, view, of).await?;
            let holder = Holder::of_request(request, view, &current.user);
            let mut changes = this.proven(&holder, of).await?;
            let enrolment = this.enrol(&holder, name, &mut changes).await?;
            this.provisioning.storage.commit(changes).await?;
            Ok(enrolment)
        })
        .await
    }

    /// Makes a factor count by its first code. The first one comes with recovery codes.
    ///
    /// # Errors
    /// No such user or factor (404), somebody mightier or a missing permission (403), a factor that is confirmed already
    /// (409), a wrong code (422).
    pub async fn confirm_factor(
        &self,
        request: &Request,
        of: &FactorsOf,
        id: FactorId,
        code: &str,
    ) -> Result<(TotpFactor, Vec<RecoveryCode>), DirectoryError> {
        let view = Self::tenant(request)?;
        let codes = self
            .in_turn(view.tenant.id, of.id(), |this| async move {
                let current = this.permitted(request, view, of).await?;
                let holder = Holder::of_request(request, view, &current.user);
                let mut changes = ChangeSet::new(view.tenant.id);
                let codes = this.confirm(&holder, id, code, &mut changes).await?;
                this.provisioning.storage.commit(changes).await?;
                Ok::<_, DirectoryError>(codes.unwrap_or_default())
            })
            .await?;
        let factors = self.provisioning.storage.list_factors(view.tenant.id, of.id()).await?;
        let factor = factors.into_iter().find(|factor| factor.id == id);
        Ok((factor.ok_or_else(|| DirectoryError::missing("Factor", id))?, codes))
    }

    /// Removes a factor; the last one takes the recovery codes with it.
    ///
    /// # Errors
    /// No such user or factor (404), somebody mightier or a missing permission (403), what [`Proof`] fails with.
    pub async fn remove_factor(
        &self,
        request: &Request,
        of: &FactorsOf,
        id: FactorId,
    ) -> Result<(), DirectoryError> {
        let view = Self::tenant(request)?;
        self.in_turn(view.tenant.id, of.id(), |this| async move {
            let current = this.permitted(request, view, of).await?;
            let holder = Holder::of_request(request, view, &current.user);
            let mut removal = ChangeSet::new(view.tenant.id);
            this.remove(&holder, id, &mut removal).await?;
            let mut changes = this.proven(&holder, of).await?;
            changes.credentials.append(&mut removal.credentials);
            changes.audit.append(&mut removal.audit);
            changes.outbox.append(&mut removal.outbox);
            Ok(this.provisioning.storage.commit(changes).await?)
        })
        .await
    }

    /// Removes all factors of a user, and the recovery codes.
    ///
    /// # Errors
    /// No such user (404), somebody mightier or a missing permission (403), what [`Proof`] fails with.
    pub async fn reset_factors(&self, request: &Request, of: &FactorsOf) -> Result<(), DirectoryError> {
        let view = Self::tenant(request)?;
        self.in_turn(view.tenant.id, of.id(), |this| async move {
            let current = this.permitted(request, view, of).await?;
            let holder = Holder::of_request(request, view, &current.user);
            let mut changes = this.proven(&holder, of).await?;
            if this.reset(&holder, &mut changes).await? {
                this.provisioning.storage.commit(changes).await?;
            }
            Ok(())
        })
        .await
    }

    /// Gives a user new recovery codes; those before end.
    ///
    /// # Errors
    /// No such user (404), somebody mightier or a missing permission (403), a user without a factor (409), what [`Proof`]
    /// fails with.
    pub async fn renew_recovery_codes(
        &self,
        request: &Request,
        of: &FactorsOf,
    ) -> Result<Vec<RecoveryCode>, DirectoryError> {
        let view = Self::tenant(request)?;
        self.in_turn(view.tenant.id, of.id(), |this| async move {
            let current = this.permitted(request, view, of).await?;
            if !current.mfa_enrolled {
                let message = "Recovery codes stand in for a second factor, and this user has none.";
                return Err(DirectoryError::refused(Kind::Conflict, "mfa_not_enrolled", message));
            }
            let holder = Holder::of_request(request, view, &current.user);
            let mut changes = this.proven(&holder, of).await?;
            let codes = this.new_recovery_codes(&holder, &mut changes)?;
            this.provisioning.storage.commit(changes).await?;
            Ok(codes)
        })
        .await
    }

    /// The user, if the caller may change its factors. Those of oneself are changed where it has to be shown that it is
    /// oneself: an administrator's session must not do to its own user what it does to others.
    async fn permitted(
        &self,
        request: &Request,
        view: &TenantView,
        of: &FactorsOf,
    ) -> Result<UserView, DirectoryError> {
        self.admit(request, of.rights()).await?;
        if matches!(of, FactorsOf::User(id) if request.caller.user_id() == Some(*id)) {
            let message = "Your own second factors are changed under /auth/mfa, by a session of yours.";
            return Err(DirectoryError::refused(Kind::Forbidden, "own_factors", message));
        }
        let current = self.view_of(view, of.id()).await?;
        Self::check_rank(&request.caller, &current.user, current.permissions)?;
        self.authorize_user(request, of.rights(), &current, Changes::of(["mfa_factors"])).await?;
        Ok(current)
    }

    /// Changes that begin with what shows that it is oneself, where that is asked for.
    async fn proven(&self, holder: &Holder<'_>, of: &FactorsOf) -> Result<ChangeSet, DirectoryError> {
        let mut changes = ChangeSet::new(holder.tenant());
        if let FactorsOf::Oneself(_, proof) = of {
            self.prove(holder, proof, &mut changes).await?;
        }
        Ok(changes)
    }
}

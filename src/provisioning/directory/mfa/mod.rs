//! Second factors: how a user gets one, shows it and loses it. What is done is the same whether an administrator does it,
//! the user, or somebody who is signing in; [`administer`] says who may do it to whom.

mod administer;
mod codes;
mod confirm;
mod enrol;
mod proof;
mod reset;
mod verify;

use serde_json::Value;

use super::error::Kind;
use super::sign_in::{Visit, actor};
use super::{Directory, DirectoryError};
use crate::auth::TenantView;
use crate::model::audit::{AuditType, Origin, Target};
use crate::model::{AuditEvent, AuthProvider, EventId, TenantId, Timestamp, TotpFactor, User, UserId};
use crate::provisioning::{ProvisioningError, Request};

pub use administer::{FactorList, FactorsOf};
pub use enrol::Enrolment;
pub use proof::Proof;
pub use verify::SecondFactor;

/// How many factors a user may have: of each one a code is as good as of the others, so many are easily guessed.
const MOST_FACTORS: usize = 5;

/// Whose factors, and who acts on them from where.
#[derive(Clone, Debug)]
pub struct Holder<'h> {
    pub view: &'h TenantView,
    pub user: &'h User,
    pub origin: Origin,
}

impl<'h> Holder<'h> {
    /// A user whose factors this request is about.
    pub fn of_request(request: &Request, view: &'h TenantView, user: &'h User) -> Self {
        Self { view, user, origin: request.origin() }
    }

    /// A user who is signing in, and has shown the password: they act for themselves.
    pub fn of_visit(visit: &Visit, view: &'h TenantView, user: &'h User) -> Self {
        let origin = visit.origin(actor(user));
        Self { view, user, origin }
    }

    fn tenant(&self) -> TenantId {
        self.view.tenant.id
    }

    fn event(&self, at: Timestamp, kind: AuditType, details: Value) -> AuditEvent {
        let (origin, target) = (self.origin.clone(), Target::User(self.user.id));
        AuditEvent { id: EventId::generate(), at, kind, origin, target, details }
    }

    /// Whether the user signs in here, and so can have factors.
    ///
    /// # Errors
    /// 422.
    fn check_signs_in(&self) -> Result<(), DirectoryError> {
        let account = &self.user.account;
        if account.auth_provider == AuthProvider::Local && !account.service_account {
            return Ok(());
        }
        let message = "Only somebody who signs in here by a password has second factors; federated and service users have none.";
        Err(DirectoryError::refused(Kind::Impossible, "mfa_not_applicable", message))
    }
}

impl Directory {
    /// Whether a user has a second factor that was confirmed.
    ///
    /// # Errors
    /// The database's failure.
    pub async fn has_factor(&self, tenant: TenantId, user: UserId) -> Result<bool, DirectoryError> {
        let factors = self.provisioning.storage.list_factors(tenant, user).await?;
        Ok(factors.iter().any(|factor| factor.confirmed_at.is_some()))
    }

    async fn factors_of(&self, holder: &Holder<'_>) -> Result<Vec<TotpFactor>, DirectoryError> {
        Ok(self.provisioning.storage.list_factors(holder.tenant(), holder.user.id).await?)
    }
}

fn confirmed(factors: &[TotpFactor]) -> usize {
    factors.iter().filter(|factor| factor.confirmed_at.is_some()).count()
}

fn internal(error: impl ToString) -> DirectoryError {
    DirectoryError::Failed(ProvisioningError::Internal(error.to_string()))
}

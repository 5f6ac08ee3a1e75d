//! A new factor. It does not count before a first code has shown that the app has the secret.

use serde_json::json;

use super::super::error::{DirectoryError, Kind};
use super::{Directory, Holder, MOST_FACTORS, confirmed, internal};
use crate::auth::mfa::{Enrolling, TotpSecret};
use crate::model::audit::AuditType;
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{FactorId, MfaChange, TotpFactor};

/// A factor that waits for its first code, and what its app has to be told: only now, for it is shown nowhere else.
#[derive(Debug)]
pub struct Enrolment {
    pub factor: TotpFactor,
    pub app: Enrolling,
}

impl Directory {
    /// Adds to the changes a factor that is to be confirmed within an hour. One that was waiting for that goes.
    ///
    /// # Errors
    /// 422 for a user who does not sign in here, or has as many factors as one may have.
    pub async fn enrol(
        &self,
        holder: &Holder<'_>,
        name: &str,
        changes: &mut ChangeSet,
    ) -> Result<Enrolment, DirectoryError> {
        holder.check_signs_in()?;
        if confirmed(&self.factors_of(holder).await?) >= MOST_FACTORS {
            let message = format!("A user has at most {MOST_FACTORS} second factors; remove one first.");
            return Err(DirectoryError::refused(Kind::Impossible, "too_many_factors", message));
        }
        let (tenant, user, id, at) = (&holder.view.tenant, holder.user, FactorId::generate(), self.now());
        let secret = TotpSecret::generate().map_err(internal)?;
        let sealed = secret.seal(self.secret_key()?, tenant.id, user.id, id).map_err(internal)?;
        let app = secret.enrolling(&tenant.name, &user.user_name).map_err(internal)?;
        let factor = TotpFactor {
            id,
            user_id: user.id,
            name: name.to_owned(),
            secret: sealed,
            created_at: at,
            confirmed_at: None,
            last_step: 0,
            last_used_at: None,
        };
        let details = json!({ "factor": id, "kind": "totp", "name": name });
        changes.audit.push(holder.event(at, AuditType::MfaEnrolmentBegun, details));
        let insert = MfaChange::InsertFactor(Box::new(factor.clone()));
        changes.credentials.push(CredentialChange::Mfa(insert));
        Ok(Enrolment { factor, app })
    }
}

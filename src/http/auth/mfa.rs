//! `/auth/mfa`: one's own second factors.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::super::admin::answer::{Done, Found};
use super::super::admin::body::Body;
use super::super::admin::failure::{Answer, Refused};
use super::super::admin::mfa::{BegunAnswer, ConfirmedAnswer, MfaCode, MfaFactorList, RenewedAnswer, device};
use super::super::admin::session::Session;
use super::super::admin::{Admin, Part};
use super::signed_in;
use crate::auth::password::Password;
use crate::model::FactorId;
use crate::provisioning::directory::{DirectoryError, FactorsOf, Problem, Proof};

pub(in crate::http) struct OwnFactors;

/// A factor to be enrolled. Who has one already shows that it is them by `code`, who has none by `password`.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct OwnMfaFactor {
    /// What one calls the device.
    #[oai(validator(min_length = 1, max_length = 64))]
    name: Option<String>,
    /// Of a factor that one has, or a recovery code.
    #[oai(write_only, validator(min_length = 1, max_length = 64))]
    code: Option<String>,
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: Option<String>,
}

/// What shows that it is oneself: `code` where one has a factor, `password` where one has none.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct MfaProof {
    /// Of a factor that one has, or a recovery code.
    #[oai(write_only, validator(min_length = 1, max_length = 64))]
    code: Option<String>,
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: Option<String>,
}

impl MfaProof {
    /// One's own factors, changed by who shows this.
    ///
    /// # Errors
    /// 400 for a code and a password; 403 for a credential that is no session's.
    fn of(self, session: &Session) -> Result<FactorsOf, Refused> {
        if self.code.is_some() && self.password.is_some() {
            let what = "cannot stand beside 'code'";
            let problem = Problem::new("/password", "not_accepted", what);
            return Err(DirectoryError::malformed(vec![problem]).into());
        }
        let (user, _) = signed_in(session)?;
        let password = self.password.as_deref().map(Password::new);
        Ok(FactorsOf::Oneself(user, Proof { code: self.code, password }))
    }
}

#[OpenApi(prefix_path = "/auth", tag = "Part::Authentication")]
impl OwnFactors {
    /// List one's own second factors
    #[oai(path = "/mfa", method = "get")]
    async fn list_own_factors(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
    ) -> Answer<Found<MfaFactorList>> {
        let (user, _) = signed_in(&session)?;
        Ok(Found::plain(admin.directory.list_factors(&session.0, user).await?.into()))
    }

    /// Begin a second factor of one's own
    #[oai(path = "/mfa", method = "post")]
    async fn add_own_factor(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<OwnMfaFactor>,
    ) -> Answer<BegunAnswer> {
        let OwnMfaFactor { name, code, password } = body.check()?;
        let of = MfaProof { code, password }.of(&session)?;
        Ok(admin.directory.add_factor(&session.0, &of, &device(name)).await?.into())
    }

    /// Remove all second factors of one's own
    ///
    /// And the recovery codes.
    #[oai(path = "/mfa/remove", method = "post")]
    async fn reset_own_factors(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<MfaProof>,
    ) -> Answer<Done> {
        let of = body.check()?.of(&session)?;
        admin.directory.reset_factors(&session.0, &of).await?;
        Ok(Done)
    }

    /// Confirm a second factor of one's own
    ///
    /// By the code that its app shows. The first factor comes with recovery codes.
    #[oai(path = "/mfa/:factor_id/confirm", method = "post")]
    async fn confirm_own_factor(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        factor_id: Path<Uuid>,
        body: Body<MfaCode>,
    ) -> Answer<ConfirmedAnswer> {
        let code = body.check()?.code;
        let of = MfaProof { code: None, password: None }.of(&session)?;
        let confirmed = admin.directory.confirm_factor(&session.0, &of, FactorId(factor_id.0), &code).await?;
        Ok(confirmed.into())
    }

    /// Remove a second factor of one's own
    ///
    /// The last one takes the recovery codes with it.
    #[oai(path = "/mfa/:factor_id/remove", method = "post")]
    async fn remove_own_factor(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        factor_id: Path<Uuid>,
        body: Body<MfaProof>,
    ) -> Answer<Done> {
        let of = body.check()?.of(&session)?;
        admin.directory.remove_factor(&session.0, &of, FactorId(factor_id.0)).await?;
        Ok(Done)
    }

    /// Get new recovery codes
    ///
    /// Those before end.
    #[oai(path = "/mfa/recovery-codes", method = "post")]
    async fn renew_own_codes(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<MfaProof>,
    ) -> Answer<RenewedAnswer> {
        let of = body.check()?.of(&session)?;
        Ok(admin.directory.renew_recovery_codes(&session.0, &of).await?.into())
    }
}

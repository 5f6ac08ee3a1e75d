//! `/v1/users/{id}/mfa-factors`: second factors of others.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use uuid::Uuid;

use super::answer::{Done, Found};
use super::body::Body;
use super::failure::Answer;
use super::session::Session;
use super::values::time;
use super::{Admin, Part};
use crate::auth::mfa::RecoveryCode;
use crate::model::{FactorId, TotpFactor, UserId};
use crate::provisioning::directory::{Enrolment, FactorList, FactorsOf};

/// Nobody keeps an answer that holds a secret.
const NO_STORE: &str = "no-store";
/// What a device is called whose holder does not say.
const DEVICE: &str = "Authenticator";

pub(super) struct MfaFactors;

/// What a factor is.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum FactorKind {
    /// An app that shows codes of six digits (RFC 6238).
    Totp,
}

/// A second factor. Its secret is never shown again.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct MfaFactor {
    id: Uuid,
    kind: FactorKind,
    /// What its holder calls the device.
    name: String,
    /// Whether a first code was given; until then the factor does not count.
    confirmed: bool,
    created_at: String,
    last_used_at: Option<String>,
}

/// What a user has of second factors.
#[derive(Debug, Object)]
pub(in crate::http) struct MfaFactorList {
    factors: Vec<MfaFactor>,
    /// How many recovery codes were not used yet.
    recovery_codes_left: i64,
}

/// A factor that waits for its first code.
#[derive(Object)]
pub(in crate::http) struct MfaEnrolment {
    #[oai(flatten)]
    factor: MfaFactor,
    /// In base32, to be typed into the app; shown only now.
    secret: String,
    /// What the app reads out of the QR code; shown only now.
    otpauth_uri: String,
    /// The QR code, an SVG document; shown only now.
    qr_svg: String,
}

/// A factor that counts from now on.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(in crate::http) struct ConfirmedMfaFactor {
    #[oai(flatten)]
    factor: MfaFactor,
    /// With the first factor: codes that stand in for a lost device, each once; shown only now.
    recovery_codes: Option<Vec<String>>,
}

/// Codes that stand in for a lost device, each once; shown only now.
#[derive(Object)]
pub(in crate::http) struct MfaRecoveryCodes {
    recovery_codes: Vec<String>,
}

/// A factor to be enrolled.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewMfaFactor {
    /// What its holder calls the device.
    #[oai(validator(min_length = 1, max_length = 64))]
    name: Option<String>,
}

/// What the app of a new factor shows.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(in crate::http) struct MfaCode {
    #[oai(write_only, validator(min_length = 1, max_length = 64))]
    pub code: String,
}

/// A factor was begun.
#[derive(ApiResponse)]
pub(in crate::http) enum BegunAnswer {
    /// It counts once it is confirmed, which has to be done within an hour.
    #[oai(status = 201)]
    Begun(Json<MfaEnrolment>, #[oai(header = "Cache-Control")] String),
}

/// A factor was confirmed.
#[derive(ApiResponse)]
pub(in crate::http) enum ConfirmedAnswer {
    /// It counts from now on.
    #[oai(status = 200)]
    Confirmed(Json<ConfirmedMfaFactor>, #[oai(header = "Cache-Control")] String),
}

/// There are new recovery codes.
#[derive(ApiResponse)]
pub(in crate::http) enum RenewedAnswer {
    /// Those before have ended.
    #[oai(status = 201)]
    Renewed(Json<MfaRecoveryCodes>, #[oai(header = "Cache-Control")] String),
}

#[OpenApi(tag = "Part::Users")]
impl MfaFactors {
    /// List a user's second factors
    #[oai(path = "/users/:id/mfa-factors", method = "get")]
    async fn list_mfa_factors(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<MfaFactorList>> {
        Ok(Found::plain(admin.directory.list_factors(&session.0, UserId(id.0)).await?.into()))
    }

    /// Begin a second factor of a user
    ///
    /// For somebody who signs in here by a password. One's own are changed under `/auth/mfa`, here and in all that follows.
    #[oai(path = "/users/:id/mfa-factors", method = "post")]
    async fn add_mfa_factor(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        body: Body<NewMfaFactor>,
    ) -> Answer<BegunAnswer> {
        let name = device(body.check()?.name);
        let of = FactorsOf::User(UserId(id.0));
        Ok(admin.directory.add_factor(&session.0, &of, &name).await?.into())
    }

    /// Remove all second factors of a user
    ///
    /// And the recovery codes.
    #[oai(path = "/users/:id/mfa-factors", method = "delete")]
    async fn reset_mfa_factors(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Done> {
        admin.directory.reset_factors(&session.0, &FactorsOf::User(UserId(id.0))).await?;
        Ok(Done)
    }

    /// Confirm a second factor of a user
    ///
    /// By the code that its app shows. The first factor comes with recovery codes.
    #[oai(path = "/users/:id/mfa-factors/:factor_id/confirm", method = "post")]
    async fn confirm_mfa_factor(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        factor_id: Path<Uuid>,
        body: Body<MfaCode>,
    ) -> Answer<ConfirmedAnswer> {
        let (code, of) = (body.check()?.code, FactorsOf::User(UserId(id.0)));
        let confirmed = admin.directory.confirm_factor(&session.0, &of, FactorId(factor_id.0), &code).await?;
        Ok(confirmed.into())
    }

    /// Remove a second factor of a user
    ///
    /// The last one takes the recovery codes with it.
    #[oai(path = "/users/:id/mfa-factors/:factor_id", method = "delete")]
    async fn remove_mfa_factor(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
        factor_id: Path<Uuid>,
    ) -> Answer<Done> {
        let of = FactorsOf::User(UserId(id.0));
        admin.directory.remove_factor(&session.0, &of, FactorId(factor_id.0)).await?;
        Ok(Done)
    }

    /// Give a user new recovery codes
    ///
    /// Those before end.
    #[oai(path = "/users/:id/mfa-factors/recovery-codes", method = "post")]
    async fn renew_recovery_codes(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<RenewedAnswer> {
        let of = FactorsOf::User(UserId(id.0));
        Ok(admin.directory.renew_recovery_codes(&session.0, &of).await?.into())
    }
}

/// What a new factor's device is called.
pub(in crate::http) fn device(said: Option<String>) -> String {
    let name = said.as_deref().map(str::trim).filter(|name| !name.is_empty());
    name.unwrap_or(DEVICE).to_owned()
}

fn texts(codes: Vec<RecoveryCode>) -> Vec<String> {
    codes.iter().map(RecoveryCode::text).collect()
}

impl From<TotpFactor> for MfaFactor {
    fn from(factor: TotpFactor) -> Self {
        Self {
            id: factor.id.0,
            kind: FactorKind::Totp,
            name: factor.name,
            confirmed: factor.confirmed_at.is_some(),
            created_at: time(factor.created_at),
            last_used_at: factor.last_used_at.map(time),
        }
    }
}

impl From<FactorList> for MfaFactorList {
    fn from(list: FactorList) -> Self {
        let factors = list.factors.into_iter().map(MfaFactor::from).collect();
        Self { factors, recovery_codes_left: list.recovery_codes_left }
    }
}

impl From<Enrolment> for MfaEnrolment {
    fn from(Enrolment { factor, app }: Enrolment) -> Self {
        Self { factor: factor.into(), secret: app.secret, otpauth_uri: app.uri, qr_svg: app.qr_svg }
    }
}

impl From<(TotpFactor, Vec<RecoveryCode>)> for ConfirmedMfaFactor {
    fn from((factor, codes): (TotpFactor, Vec<RecoveryCode>)) -> Self {
        Self { factor: factor.into(), recovery_codes: (!codes.is_empty()).then(|| texts(codes)) }
    }
}

impl From<Enrolment> for BegunAnswer {
    fn from(enrolment: Enrolment) -> Self {
        Self::Begun(Json(enrolment.into()), NO_STORE.to_owned())
    }
}

impl From<(TotpFactor, Vec<RecoveryCode>)> for ConfirmedAnswer {
    fn from(confirmed: (TotpFactor, Vec<RecoveryCode>)) -> Self {
        Self::Confirmed(Json(confirmed.into()), NO_STORE.to_owned())
    }
}

impl From<Vec<RecoveryCode>> for RenewedAnswer {
    fn from(codes: Vec<RecoveryCode>) -> Self {
        Self::Renewed(Json(MfaRecoveryCodes { recovery_codes: texts(codes) }), NO_STORE.to_owned())
    }
}

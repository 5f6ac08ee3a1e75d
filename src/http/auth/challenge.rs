//! `/auth/challenge`: signing in goes on where something else was due first. Each answers as `/auth/login` does.

use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use uuid::Uuid;

use super::output::EnrolledUser;
use super::{LoggedIn, NO_STORE};
use crate::auth::password::Password;
use crate::http::admin::body::Body;
use crate::http::admin::failure::Answer;
use crate::http::admin::mfa::{BegunAnswer, device};
use crate::http::admin::{Admin, Part};
use crate::http::caller::visit_of;
use crate::model::FactorId;

pub(in crate::http) struct Challenges;

/// What signing in was told to come back with.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct Challenge {
    /// The `challenge` in the details of the last answer.
    #[oai(write_only, validator(min_length = 1, max_length = 200))]
    challenge: String,
}

/// Another password, of somebody who has to choose one.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct ChosenPassword {
    /// The `challenge` in the details of the last answer.
    #[oai(write_only, validator(min_length = 1, max_length = 200))]
    challenge: String,
    /// Held against the tenant's password policy; not the present one; never shown.
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: String,
}

/// A code of a second factor.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct GivenCode {
    /// The `challenge` in the details of the last answer.
    #[oai(write_only, validator(min_length = 1, max_length = 200))]
    challenge: String,
    /// Of an authenticator app, or a recovery code.
    #[oai(write_only, validator(min_length = 1, max_length = 64))]
    code: String,
}

/// A second factor to be set up.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct BegunFactor {
    /// The `challenge` in the details of the last answer.
    #[oai(write_only, validator(min_length = 1, max_length = 200))]
    challenge: String,
    /// What one calls the device.
    #[oai(validator(min_length = 1, max_length = 64))]
    name: Option<String>,
}

/// The first code of a second factor.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct ConfirmedFactor {
    /// The `challenge` in the details of the last answer.
    #[oai(write_only, validator(min_length = 1, max_length = 200))]
    challenge: String,
    factor_id: Uuid,
    /// What the app shows.
    #[oai(write_only, validator(min_length = 1, max_length = 64))]
    code: String,
}

/// Somebody has set a second factor up, and nothing else is due.
#[derive(ApiResponse)]
enum EnrolledAnswer {
    /// They are signed in.
    #[oai(status = 200)]
    Granted(Json<EnrolledUser>, #[oai(header = "Cache-Control")] String),
}

#[OpenApi(prefix_path = "/auth/challenge", tag = "Part::Authentication")]
impl Challenges {
    /// Go on signing in
    ///
    /// Where what was due has been done elsewhere: the address was verified by its link, say. 403 with the same challenge as
    /// long as it has not. A challenge works once, for ten minutes.
    #[oai(path = "/continue", method = "post")]
    async fn continue_login(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<Challenge>,
    ) -> Answer<LoggedIn> {
        let challenge = body.check()?.challenge;
        Ok(admin.sign_in.resume(&visit_of(request), &challenge).await?.into())
    }

    /// Choose another password to go on signing in
    ///
    /// Where `password_reset_required` was the answer. All other sessions of the user end.
    #[oai(path = "/password", method = "post")]
    async fn choose_password(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<ChosenPassword>,
    ) -> Answer<LoggedIn> {
        let ChosenPassword { challenge, password } = body.check()?;
        let password = Password::new(&password);
        Ok(admin.sign_in.choose_password(&visit_of(request), &challenge, &password).await?.into())
    }

    /// Give a code of a second factor to go on signing in
    ///
    /// Where `mfa_required` was the answer. 401 `invalid_code` for a wrong one, with which the challenge goes on working;
    /// 429 after too many.
    #[oai(path = "/mfa", method = "post")]
    async fn give_code(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<GivenCode>,
    ) -> Answer<LoggedIn> {
        let GivenCode { challenge, code } = body.check()?;
        Ok(admin.sign_in.give_code(&visit_of(request), &challenge, &code).await?.into())
    }

    /// Begin the second factor that is due
    ///
    /// Where `mfa_enrolment_required` was the answer. The challenge goes on working.
    #[oai(path = "/mfa-enrolment", method = "post")]
    async fn begin_enrolment(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<BegunFactor>,
    ) -> Answer<BegunAnswer> {
        let BegunFactor { challenge, name } = body.check()?;
        Ok(admin.sign_in.begin_enrolment(&visit_of(request), &challenge, &device(name)).await?.into())
    }

    /// Confirm the second factor that is due, to go on signing in
    ///
    /// By the first code. The recovery codes that come with it are in the answer; in its details where it is 403, because
    /// something else is due.
    #[oai(path = "/mfa-enrolment/confirm", method = "post")]
    async fn confirm_enrolment(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<ConfirmedFactor>,
    ) -> Answer<EnrolledAnswer> {
        let ConfirmedFactor { challenge, factor_id, code } = body.check()?;
        let (visit, id) = (visit_of(request), FactorId(factor_id));
        let enrolled = admin.sign_in.confirm_enrolment(&visit, &challenge, id, &code).await?;
        Ok(EnrolledAnswer::Granted(Json(enrolled.into()), NO_STORE.to_owned()))
    }
}

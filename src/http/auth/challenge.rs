//! `/auth/challenge`: signing in goes on where something else was due first. Each answers as `/auth/login` does.

use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

use super::LoggedIn;
use crate::auth::password::Password;
use crate::http::admin::body::Body;
use crate::http::admin::failure::Answer;
use crate::http::admin::{Admin, Part};
use crate::http::caller::visit_of;

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
}

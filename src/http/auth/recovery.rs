//! What people do by mail: another password, another address.

use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::input::{EmailToken, MailedTo};
use super::signed_in;
use crate::auth::password::Password;
use crate::http::admin::answer::Done;
use crate::http::admin::body::Body;
use crate::http::admin::failure::Answer;
use crate::http::admin::session::Session;
use crate::http::admin::{Admin, Part};
use crate::http::caller::visit_of;
use crate::provisioning::directory::Wanted;

pub(in crate::http) struct Recovery;

/// Another password, and the token in the link that was mailed for it.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// The token in the link.
    #[oai(write_only, validator(min_length = 1, max_length = 200))]
    pub(super) token: String,
    /// Held against the tenant's password policy; never shown.
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    pub(super) password: String,
}

/// Another address.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewEmail {
    #[oai(validator(min_length = 1, max_length = 320))]
    email: String,
    /// The present password: a session alone does not do.
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: String,
}

/// That a mail was sent, or not: nobody is told.
#[derive(Object)]
pub(super) struct Mailed {
    message: String,
}

/// Somebody has asked for a mail.
#[derive(ApiResponse)]
pub(super) enum MailAnswer {
    /// Whoever reads the mail to the address goes on from there, if one was sent.
    #[oai(status = 202)]
    Requested(Json<Mailed>),
}

impl MailAnswer {
    pub(super) fn saying(message: &str) -> Self {
        Self::Requested(Json(Mailed { message: message.to_owned() }))
    }
}

#[OpenApi(prefix_path = "/auth", tag = "Part::Authentication")]
impl Recovery {
    /// Ask for a link to choose another password
    ///
    /// The answer is always the same. A mail is sent where somebody has the address and signs in with a password here, at
    /// most one a minute. Its link works once, for 30 minutes.
    #[oai(path = "/password/forgot", method = "post")]
    async fn forgot_password(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<MailedTo>,
    ) -> Answer<MailAnswer> {
        let MailedTo { tenant, email } = body.check()?;
        let visit = visit_of(request);
        admin.sign_in.ask_for_link(&visit, tenant.as_deref(), &email, Wanted::Reset).await?;
        let message =
            "If somebody signs in with this address here, a link was mailed to it; at most one a minute.";
        Ok(MailAnswer::saying(message))
    }

    /// Choose another password by a mailed link
    ///
    /// It ends all sessions of the user, and the time that failed sign-ins have to wait. A mail tells the user of it.
    #[oai(path = "/password/reset", method = "post")]
    async fn reset_password(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<NewPassword>,
    ) -> Answer<Done> {
        let NewPassword { token, password } = body.check()?;
        let password = Password::new(&password);
        admin.sign_in.reset_password(&visit_of(request), &token, &password).await?;
        Ok(Done)
    }

    /// Ask for another e-mail address of one's own
    ///
    /// A link is mailed to it, unless somebody has it: the answer is the same. It works once, for a day; the address changes
    /// when it is followed, and both addresses are told.
    #[oai(path = "/email", method = "post")]
    async fn change_email(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        body: Body<NewEmail>,
    ) -> Answer<MailAnswer> {
        let NewEmail { email, password } = body.check()?;
        let (user, _) = signed_in(&session)?;
        let password = Password::new(&password);
        admin.sign_in.change_email(&session.0, user, &email, &password).await?;
        let message = "If nobody has this address here, a link was mailed to it; at most one a minute.";
        Ok(MailAnswer::saying(message))
    }

    /// Change one's e-mail address by a mailed link
    #[oai(path = "/email/confirm", method = "post")]
    async fn confirm_email(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<EmailToken>,
    ) -> Answer<Done> {
        let token = body.check()?.token;
        admin.sign_in.confirm_email(&visit_of(request), &token).await?;
        Ok(Done)
    }
}

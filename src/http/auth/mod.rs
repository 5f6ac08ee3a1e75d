//! `/auth`: signing in and out, registration, and mailed links. Part of the admin API's document, and served with it.

pub(super) mod challenge;
mod input;
pub(super) mod invitations;
pub(super) mod mfa;
mod output;
mod page;
pub(super) mod pages;
pub(super) mod recovery;

use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use self::input::{EmailToken, Login, MailedTo, Refresh, Registration};
use self::output::{RegisteredUser, RegistrationPending, SignedIn, UserInfo};
use self::recovery::MailAnswer;
use super::admin::answer::{Done, Found};
use super::admin::body::Body;
use super::admin::failure::Answer;
use super::admin::session::Session;
use super::admin::{Admin, Part};
use super::caller::visit_of;
use super::error::Failure;
use crate::model::{SessionId, UserId};
use crate::provisioning::directory::{Granted, Registered, Wanted};

/// RFC 6749 §5.1: nobody keeps an answer that holds a token.
const NO_STORE: &str = "no-store";

pub(super) struct Auth;

/// Somebody has signed in.
#[derive(ApiResponse)]
enum LoggedIn {
    /// The name and the password are right.
    #[oai(status = 200)]
    Granted(Json<SignedIn>, #[oai(header = "Cache-Control")] String),
}

/// Somebody has registered.
#[allow(clippy::large_enum_variant, reason = "an answer is made once and sent")]
#[derive(ApiResponse)]
enum RegisterAnswer {
    /// The account is there, and its holder is signed in.
    #[oai(status = 201)]
    Made(Json<RegisteredUser>, #[oai(header = "Cache-Control")] String),
    /// Whoever reads the mail to the address goes on from there. The answer is the same where the name or the address was
    /// taken already.
    #[oai(status = 202)]
    Pending(Json<RegistrationPending>),
}

impl From<Granted> for LoggedIn {
    fn from(granted: Granted) -> Self {
        Self::Granted(Json(granted.into()), NO_STORE.to_owned())
    }
}

#[OpenApi(prefix_path = "/auth", tag = "Part::Authentication")]
impl Auth {
    /// Sign in
    ///
    /// By user name, or else e-mail address, and password. Whatever is wrong, the answer is 401 `invalid_credentials`, and
    /// 429 after too many failures. With the right password it may be 403, which says what comes first:
    /// `mfa_enrolment_required`, `mfa_required`, `email_verification_required` or `password_reset_required`. Its details have a `challenge` then, which is handed in
    /// under `/auth/challenge` to go on.
    #[oai(path = "/login", method = "post")]
    async fn login(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<Login>,
    ) -> Answer<LoggedIn> {
        let login = body.check()?.into_login()?;
        Ok(admin.sign_in.login(&visit_of(request), &login).await?.into())
    }

    /// Have another access token
    ///
    /// For a refresh token, which works once: another one comes with the answer. One that comes a second time ends its
    /// session.
    #[oai(path = "/refresh", method = "post")]
    async fn refresh(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<Refresh>,
    ) -> Answer<LoggedIn> {
        let token = body.check()?.refresh_token;
        Ok(admin.sign_in.refresh(&visit_of(request), &token).await?.into())
    }

    /// Sign out
    ///
    /// Ends the session of the access token; it stops working within a second.
    #[oai(path = "/logout", method = "post")]
    async fn logout(&self, admin: Data<&Arc<Admin>>, session: Session) -> Answer<Done> {
        let (user, id) = signed_in(&session)?;
        admin.directory.log_out(&session.0, user, id).await?;
        Ok(Done)
    }

    /// Read who is signed in
    ///
    /// In the words of OpenID Connect, where it has some.
    #[oai(path = "/userinfo", method = "get")]
    async fn userinfo(&self, admin: Data<&Arc<Admin>>, session: Session) -> Answer<Found<UserInfo>> {
        let (user, _) = signed_in(&session)?;
        Ok(Found::plain(admin.directory.read_user(&session.0, user).await?.into()))
    }

    /// Make an account for oneself
    ///
    /// Where the tenant allows it. Where it wants addresses verified the answer is always the same 202; elsewhere it is 201
    /// with an access token, or 409 `user_exists`.
    #[oai(path = "/register", method = "post")]
    async fn register(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<Registration>,
    ) -> Answer<RegisterAnswer> {
        let (tenant, draft, password) = body.check()?.into_draft();
        let visit = visit_of(request);
        Ok(match admin.sign_in.register(&visit, tenant.as_deref(), &draft, &password).await? {
            Registered::Due(step) => RegisterAnswer::Pending(Json(step.into())),
            Registered::Made { granted, organization } => {
                RegisterAnswer::Made(Json(RegisteredUser::new(*granted, organization)), NO_STORE.to_owned())
            }
        })
    }

    /// Verify an e-mail address
    ///
    /// By the token of the link that was mailed to it. It works once.
    #[oai(path = "/verify-email", method = "post")]
    async fn verify_email(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<EmailToken>,
    ) -> Answer<Done> {
        let token = body.check()?.token;
        admin.sign_in.verify_email(&visit_of(request), &token).await?;
        Ok(Done)
    }

    /// Ask for another link to verify an e-mail address
    ///
    /// The answer is always the same. A mail is sent where somebody has the address, has not verified it, and was sent none
    /// within the last minute.
    #[oai(path = "/verify-email/resend", method = "post")]
    async fn resend_verification(
        &self,
        admin: Data<&Arc<Admin>>,
        request: &Request,
        body: Body<MailedTo>,
    ) -> Answer<MailAnswer> {
        let MailedTo { tenant, email } = body.check()?;
        let visit = visit_of(request);
        admin.sign_in.ask_for_link(&visit, tenant.as_deref(), &email, Wanted::Verification).await?;
        let message = "If somebody here has this address and has not verified it, a link was mailed to it; at most one a \
                       minute.";
        Ok(MailAnswer::saying(message))
    }
}

/// The user who is signed in, and the session; keys have none.
fn signed_in(session: &Session) -> Result<(UserId, SessionId), Failure> {
    let caller = &session.0.caller;
    caller.user_id().zip(caller.session_id()).ok_or_else(|| {
        Failure::forbidden("This is an API key; send the access token of somebody who has signed in.")
            .with_code("wrong_credential")
    })
}

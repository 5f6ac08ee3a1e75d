//! `/auth/pages`: where the links in mails lead people. A link that is opened has no effect, for programs that look for
//! dangers in mail open links too; the button in the page has. Programs use the API beside it, and only that is in its
//! document.

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use poem::http::StatusCode;
use poem::{Request, Response, Route};
use serde_json::{Map, Value};

use super::input::EmailToken;
use super::invitations::AcceptedInvitation;
use super::page::{STYLE, message, page, refused};
use super::recovery::NewPassword;
use crate::auth::password::Password;
use crate::http::admin::Admin;
use crate::http::admin::body::Body;
use crate::http::admin::failure::Refused;
use crate::http::caller::visit_of;
use crate::http::edge::Methods;
use crate::http::error::Failure;
use crate::http::payload::read_form;
use crate::model::Invitation;
use crate::provisioning::directory::{Acceptance, DirectoryError, Joined, Step};

#[derive(Template)]
#[template(path = "pages/verify_email.html")]
struct VerifyEmail<'a> {
    style: &'static str,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "pages/change_email.html")]
struct ChangeEmail<'a> {
    style: &'static str,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "pages/reset_password.html")]
struct ResetPassword<'a> {
    style: &'static str,
    token: &'a str,
    /// Why the form is shown again; empty the first time.
    refusal: &'a str,
}

#[derive(Template)]
#[template(path = "pages/invitation.html")]
struct InvitationForm<'a> {
    style: &'static str,
    token: &'a str,
    tenant: &'a str,
    email: &'a str,
    name: &'a str,
    /// Why the form is shown again; empty the first time.
    refusal: &'a str,
}

/// These routes with those under `/auth/pages`.
pub(in crate::http) fn mount(routes: Route, admin: &Arc<Admin>) -> Route {
    let verify = Methods::new().get(on(admin, show_verification)).post(on(admin, verify));
    let join = Methods::new().get(on(admin, show_invitation)).post(on(admin, join));
    let change = Methods::new().get(on(admin, show_new_email)).post(on(admin, change_email));
    let reset = Methods::new().get(on(admin, show_reset)).post(on(admin, reset_password));
    routes
        .at("/auth/pages/verify-email", verify)
        .at("/auth/pages/change-email", change)
        .at("/auth/pages/reset-password", reset)
        .at("/auth/pages/invitation", join)
}

/// A handler with what it needs, whose refusals are pages too.
fn on<F, Fut>(admin: &Arc<Admin>, handle: F) -> impl poem::Endpoint<Output = Response> + use<F, Fut>
where
    F: Fn(Arc<Admin>, Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    let admin = Arc::clone(admin);
    poem::endpoint::make(move |request| {
        let answer = handle(Arc::clone(&admin), request);
        async move { answer.await.or_else(refused).map_err(poem::Error::from) }
    })
}

async fn show_verification(_admin: Arc<Admin>, request: Request) -> Result<Response, Failure> {
    page(StatusCode::OK, &VerifyEmail { style: STYLE, token: &token_of(&request)? })
}

async fn verify(admin: Arc<Admin>, mut request: Request) -> Result<Response, Failure> {
    let fields = read_form(&mut request).await?;
    let token = Body::<EmailToken>::of_fields(fields).check().map_err(failure)?.token;
    admin.sign_in.verify_email(&visit_of(&request), &token).await.map_err(failure)?;
    message(StatusCode::OK, "Your e-mail address is confirmed", "You can sign in now, and close this page.")
}

async fn show_new_email(_admin: Arc<Admin>, request: Request) -> Result<Response, Failure> {
    page(StatusCode::OK, &ChangeEmail { style: STYLE, token: &token_of(&request)? })
}

async fn change_email(admin: Arc<Admin>, mut request: Request) -> Result<Response, Failure> {
    let fields = read_form(&mut request).await?;
    let token = Body::<EmailToken>::of_fields(fields).check().map_err(failure)?.token;
    admin.sign_in.confirm_email(&visit_of(&request), &token).await.map_err(failure)?;
    message(StatusCode::OK, "Your e-mail address is changed", "You can close this page.")
}

async fn show_reset(_admin: Arc<Admin>, request: Request) -> Result<Response, Failure> {
    page(StatusCode::OK, &ResetPassword { style: STYLE, token: &token_of(&request)?, refusal: "" })
}

async fn reset_password(admin: Arc<Admin>, mut request: Request) -> Result<Response, Failure> {
    let fields = read_form(&mut request).await?;
    let token = fields.get("token").and_then(Value::as_str).unwrap_or_default().to_owned();
    match reset(&admin, &request, fields).await {
        Ok(()) => {
            let next = "You can sign in with it now, and close this page. You were signed out everywhere.";
            message(StatusCode::OK, "Your password is changed", next)
        }
        // What was typed can be put right.
        Err(refusal) if matches!(refusal.status.as_u16(), 400 | 422) => {
            let form = ResetPassword { style: STYLE, token: &token, refusal: &refusal.detail };
            page(refusal.status, &form)
        }
        Err(refusal) => Err(refusal),
    }
}

async fn reset(admin: &Admin, request: &Request, fields: Map<String, Value>) -> Result<(), Failure> {
    let NewPassword { token, password } = Body::<NewPassword>::of_fields(fields).check().map_err(failure)?;
    let password = Password::new(&password);
    admin.sign_in.reset_password(&visit_of(request), &token, &password).await.map_err(failure)
}

async fn show_invitation(admin: Arc<Admin>, request: Request) -> Result<Response, Failure> {
    form(&admin, StatusCode::OK, &token_of(&request)?, "", "").await
}

async fn join(admin: Arc<Admin>, mut request: Request) -> Result<Response, Failure> {
    let fields = read_form(&mut request).await?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (token, name) = (text("token"), text("name"));
    match accept(&admin, &request, fields).await {
        Ok(Joined::Due(Step::Verification, _)) => {
            let next = "Your e-mail address has to be confirmed before you can sign in; follow the link in the mail that \
                        was just sent to it.";
            message(StatusCode::OK, "Welcome", next)
        }
        Ok(Joined::SignedIn(_) | Joined::Due(..) | Joined::Ready(_)) => {
            message(StatusCode::OK, "Welcome", "You can sign in with your password now, and close this page.")
        }
        // What was typed can be put right.
        Err(refusal) if matches!(refusal.status.as_u16(), 400 | 422) => {
            form(&admin, refusal.status, &token, &name, &refusal.detail).await
        }
        Err(refusal) => Err(refusal),
    }
}

async fn accept(admin: &Admin, request: &Request, fields: Map<String, Value>) -> Result<Joined, Failure> {
    let accepted = Body::<AcceptedInvitation>::of_fields(fields).check().map_err(failure)?;
    let token = accepted.token.clone();
    let acceptance = Acceptance { session: false, ..accepted.into() };
    admin.sign_in.accept_invitation(&visit_of(request), &token, &acceptance).await.map_err(failure)
}

/// The form that accepts an invitation.
async fn form(
    admin: &Admin,
    status: StatusCode,
    token: &str,
    name: &str,
    refusal: &str,
) -> Result<Response, Failure> {
    let (invitation, view) = admin.directory.open_invitation(token).await.map_err(failure)?;
    let Invitation { email, .. } = &invitation;
    let tenant = &view.tenant.name;
    page(status, &InvitationForm { style: STYLE, token, tenant, email, name, refusal })
}

/// The token in a link.
fn token_of(request: &Request) -> Result<String, Failure> {
    let said: Vec<(String, String)> = request.params().unwrap_or_default();
    let token = said.into_iter().find(|(name, _)| name == "token").map(|(_, token)| token);
    token.filter(|token| !token.is_empty()).ok_or_else(|| {
        let detail = "The link is not whole; copy all of it from the mail.";
        Failure::new(StatusCode::BAD_REQUEST, detail)
    })
}

fn failure(error: DirectoryError) -> Failure {
    Refused::from(error).0
}

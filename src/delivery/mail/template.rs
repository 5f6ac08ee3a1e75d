//! What mails say: the templates in `templates/mail`, each as plain text and as HTML. Values are escaped in HTML, and
//! are one line in both, so that no name can pretend to be more than a name.

use askama::Template;
use chrono::DateTime;

use super::{Content, FactorsChanged, Mail, MailError};
use crate::model::clock::Timestamp;

/// A mail's three texts.
#[derive(Debug)]
pub struct Texts {
    pub subject: String,
    pub plain: String,
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct InvitationText<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/invitation.html")]
struct InvitationHtml<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/verify_email.txt")]
struct VerifyEmailText<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/verify_email.html")]
struct VerifyEmailHtml<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/reset_password.txt")]
struct ResetPasswordText<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/reset_password.html")]
struct ResetPasswordHtml<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/password_changed.txt")]
struct PasswordChangedText<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/password_changed.html")]
struct PasswordChangedHtml<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/change_email.txt")]
struct ChangeEmailText<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/change_email.html")]
struct ChangeEmailHtml<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/email_changed.txt")]
struct EmailChangedText<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/email_changed.html")]
struct EmailChangedHtml<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/factors_changed.txt")]
struct FactorsChangedText<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail/factors_changed.html")]
struct FactorsChangedHtml<'a> {
    view: &'a View,
}

/// What the templates show.
struct View {
    tenant: String,
    /// Empty if it is not known.
    name: String,
    /// Empty if it is not known.
    inviter: String,
    link: String,
    /// The address that it is about, where it is about one.
    email: String,
    /// What has happened, where that is not the template's.
    what: &'static str,
    /// Until when the link works, or when it happened.
    time: String,
}

/// Writes a mail's texts.
///
/// # Errors
/// [`MailError::Unwritable`].
pub fn texts(mail: &Mail) -> Result<Texts, MailError> {
    let tenant = line(&mail.tenant_name);
    let mut view = View {
        tenant: tenant.clone(),
        name: mail.to_name.as_deref().map(line).unwrap_or_default(),
        inviter: String::new(),
        link: String::new(),
        email: String::new(),
        what: "",
        time: String::new(),
    };
    let (subject, plain, html) = match &mail.content {
        Content::Invitation { link, inviter, expires_at } => {
            view.inviter = inviter.as_deref().map(line).unwrap_or_default();
            (view.link, view.time) = (line(&link.0), moment(*expires_at));
            let texts = (InvitationText { view: &view }.render(), InvitationHtml { view: &view }.render());
            (format!("You've been invited to {tenant}"), texts.0, texts.1)
        }
        Content::VerifyEmail { link, expires_at } => {
            (view.link, view.time) = (line(&link.0), moment(*expires_at));
            let texts = (VerifyEmailText { view: &view }.render(), VerifyEmailHtml { view: &view }.render());
            (format!("Confirm your e-mail address for {tenant}"), texts.0, texts.1)
        }
        Content::ResetPassword { link, expires_at } => {
            (view.link, view.time) = (line(&link.0), moment(*expires_at));
            let texts =
                (ResetPasswordText { view: &view }.render(), ResetPasswordHtml { view: &view }.render());
            (format!("Reset your password for {tenant}"), texts.0, texts.1)
        }
        Content::PasswordChanged { at } => {
            view.time = moment(*at);
            let texts =
                (PasswordChangedText { view: &view }.render(), PasswordChangedHtml { view: &view }.render());
            (format!("Your password for {tenant} was changed"), texts.0, texts.1)
        }
        Content::ChangeEmail { link, expires_at } => {
            (view.link, view.time) = (line(&link.0), moment(*expires_at));
            let texts = (ChangeEmailText { view: &view }.render(), ChangeEmailHtml { view: &view }.render());
            (format!("Confirm your new e-mail address for {tenant}"), texts.0, texts.1)
        }
        Content::EmailChanged { email, at } => {
            (view.email, view.time) = (line(email), moment(*at));
            let texts =
                (EmailChangedText { view: &view }.render(), EmailChangedHtml { view: &view }.render());
            (format!("Your e-mail address for {tenant} was changed"), texts.0, texts.1)
        }
        Content::FactorsChanged { what, at } => {
            view.time = moment(*at);
            view.what = match what {
                FactorsChanged::Added => "a second factor was added to your account",
                FactorsChanged::Removed => "a second factor was removed from your account",
                FactorsChanged::Reset => "all second factors were removed from your account",
            };
            let texts =
                (FactorsChangedText { view: &view }.render(), FactorsChangedHtml { view: &view }.render());
            (format!("Your second factors for {tenant} were changed"), texts.0, texts.1)
        }
    };
    let unwritable = |_| MailError::Unwritable("its template cannot be filled in");
    Ok(Texts { subject, plain: plain.map_err(unwritable)?, html: html.map_err(unwritable)? })
}

/// A text on one line: control characters and line separators become spaces, which do not repeat.
pub fn line(text: &str) -> String {
    let breaks = |char: char| char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') || char == ' ';
    text.split(breaks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn moment(at: Timestamp) -> String {
    let time = DateTime::from_timestamp_millis(at.0).unwrap_or_default();
    time.format("%-d %B %Y, %H:%M UTC").to_string()
}

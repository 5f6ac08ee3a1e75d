//! What people say who sign in or register.

use poem_openapi::Object;

use crate::auth::password::Password;
use crate::provisioning::directory::{self, DirectoryError, Problem, Said, UserDraft};

/// Who signs in: exactly one of `user_name` and `email`. Either is looked up as a user name first, then as an e-mail
/// address.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct Login {
    /// The tenant's slug or id; may be left out where the host or the e-mail address's domain leads to a tenant, or where
    /// there is only one.
    #[oai(validator(min_length = 1, max_length = 63))]
    tenant: Option<String>,
    #[oai(validator(min_length = 1, max_length = 320))]
    user_name: Option<String>,
    #[oai(validator(min_length = 1, max_length = 320))]
    email: Option<String>,
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: String,
}

impl Login {
    /// The same without the protocol.
    ///
    /// # Errors
    /// 400 unless there is exactly one name.
    pub(super) fn into_login(self) -> Result<directory::Login, DirectoryError> {
        let name = match (self.user_name, self.email) {
            (Some(name), None) | (None, Some(name)) => name,
            (None, None) => {
                let what = "is required, or 'email'";
                return Err(DirectoryError::malformed(vec![Problem::new("/user_name", "required", what)]));
            }
            (Some(_), Some(_)) => {
                let what = "cannot stand beside 'user_name'";
                return Err(DirectoryError::malformed(vec![Problem::new("/email", "not_accepted", what)]));
            }
        };
        Ok(directory::Login { tenant: self.tenant, name, password: Password::new(&self.password) })
    }
}

/// Somebody who makes an account for themselves.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct Registration {
    /// The tenant's slug or id; may be left out where the host or the e-mail address's domain leads to a tenant, or where
    /// there is only one.
    #[oai(validator(min_length = 1, max_length = 63))]
    tenant: Option<String>,
    /// Unique in the tenant, without regard to case; defaults to the e-mail address.
    #[oai(validator(min_length = 1, max_length = 255))]
    user_name: Option<String>,
    /// Unique in the tenant, without regard to case.
    #[oai(validator(max_length = 320))]
    email: Option<String>,
    /// Held against the tenant's password policy; never shown.
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: String,
    /// The whole name, which is split into the parts that are not given.
    #[oai(validator(max_length = 512))]
    name: Option<String>,
    #[oai(validator(max_length = 255))]
    given_name: Option<String>,
    #[oai(validator(max_length = 255))]
    middle_name: Option<String>,
    #[oai(validator(max_length = 255))]
    family_name: Option<String>,
    #[oai(validator(max_length = 255))]
    display_name: Option<String>,
    /// In international form, or in the national one of the tenant's region.
    #[oai(validator(max_length = 64))]
    phone: Option<String>,
    /// A language tag (BCP 47), such as `de-CH`.
    #[oai(validator(max_length = 64))]
    locale: Option<String>,
    /// A name of the IANA time zone database, such as `Europe/Zurich`.
    #[oai(validator(max_length = 64))]
    timezone: Option<String>,
}

impl Registration {
    /// The tenant, what is said of the user, and the password.
    pub(super) fn into_draft(self) -> (Option<String>, UserDraft, Password) {
        let said = |text: Option<String>| -> Said<String> { text.map(Some) };
        let draft = UserDraft {
            user_name: said(self.user_name),
            email: said(self.email),
            name: said(self.name),
            given_name: said(self.given_name),
            middle_name: said(self.middle_name),
            family_name: said(self.family_name),
            display_name: said(self.display_name),
            phone: said(self.phone),
            locale: said(self.locale),
            timezone: said(self.timezone),
            ..UserDraft::default()
        };
        (self.tenant, draft, Password::new(&self.password))
    }
}

/// Where a link is to go.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct MailedTo {
    /// The tenant's slug or id; may be left out where the host or the e-mail address's domain leads to a tenant, or where
    /// there is only one.
    #[oai(validator(min_length = 1, max_length = 63))]
    pub(super) tenant: Option<String>,
    #[oai(validator(min_length = 1, max_length = 320))]
    pub(super) email: String,
}

/// What a mailed link carries.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct EmailToken {
    #[oai(write_only, validator(min_length = 1, max_length = 200))]
    pub(super) token: String,
}

/// What a session's next access token is had for.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct Refresh {
    #[oai(write_only, validator(min_length = 1, max_length = 200))]
    pub(super) refresh_token: String,
}

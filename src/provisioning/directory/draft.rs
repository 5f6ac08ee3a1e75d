//! What a request says of a user, before anybody has looked whether it can be.

use std::fmt;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::groups::MemberDraft;
use crate::auth::password::Password;
use crate::model::{AuthProvider, PasswordHash};

/// What is said of a field: nothing, that it goes (`Some(None)`), or a value.
pub type Said<T> = Option<Option<T>>;

/// In which way a user is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// With a password, live at once.
    Register,
    /// The person is asked by mail, and sets password and name.
    Invite,
    /// A federated or service account, without a password.
    Create,
}

impl Action {
    /// The word that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Invite => "invite",
            Self::Create => "create",
        }
    }
}

/// The fields of a user that clients set.
#[derive(Clone, Default)]
pub struct UserDraft {
    pub action: Option<Action>,
    pub user_name: Said<String>,
    pub email: Said<String>,
    pub email_verified: Option<bool>,
    pub name: Said<String>,
    pub given_name: Said<String>,
    pub middle_name: Said<String>,
    pub family_name: Said<String>,
    pub honorific_prefix: Said<String>,
    pub honorific_suffix: Said<String>,
    pub display_name: Said<String>,
    pub phone: Said<String>,
    /// A data URI.
    pub avatar: Said<String>,
    pub locale: Said<String>,
    pub timezone: Said<String>,
    pub external_id: Said<String>,
    pub entity_id: Said<Uuid>,
    pub auth_provider: Option<AuthProvider>,
    pub service_account: Option<bool>,
    pub roles: Option<Vec<String>>,
    pub groups: Option<Vec<Uuid>>,
    pub resource_groups: Option<Vec<Uuid>>,
    /// The organizations, each with the user's role there.
    pub organizations: Option<Vec<MemberDraft>>,
    /// The tenant's own attributes.
    pub custom: Said<Map<String, Value>>,
    pub is_active: Option<bool>,
    pub must_reset_password: Option<bool>,
    pub must_enrol_mfa: Option<bool>,
    pub must_reset_mfa: Option<bool>,
    pub password: Option<Password>,
    /// The password that one has, which shows that it is oneself who changes it.
    pub current_password: Option<Password>,
    /// In the password's place: its hash, as another system made it.
    pub password_hash: Option<PasswordHash>,
    /// Whether what is not said goes; see [`UserDraft::whole`].
    pub is_whole: bool,
    /// Whether somebody who is invited already gets another mail.
    pub resend: Option<bool>,
}

impl fmt::Debug for UserDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserDraft").field("user_name", &self.user_name).finish_non_exhaustive()
    }
}

impl UserDraft {
    /// The way in which a user is made: the one that is said, else the one that follows from the rest.
    pub fn action(&self) -> Action {
        let federated = self.auth_provider.is_some_and(|provider| provider != AuthProvider::Local);
        match self.action {
            Some(action) => action,
            None if self.has_password() => Action::Register,
            None if federated || self.service_account == Some(true) => Action::Create,
            None => Action::Invite,
        }
    }

    /// Whether it brings a password, or the hash of one.
    pub fn has_password(&self) -> bool {
        self.password.is_some() || self.password_hash.is_some()
    }

    /// Where the password is, if there is one.
    pub fn password_pointer(&self) -> &'static str {
        if self.password.is_none() && self.password_hash.is_some() { "/password_hash" } else { "/password" }
    }

    /// The same as a whole: what is not said goes, or falls back to its default. What PUT means. Organizations stay, as
    /// roles do: they are rights, and each has an owner to keep.
    #[must_use]
    pub fn whole(self) -> Self {
        fn gone<T>(said: Said<T>) -> Said<T> {
            Some(said.flatten())
        }
        Self {
            email: gone(self.email),
            name: gone(self.name),
            given_name: gone(self.given_name),
            middle_name: gone(self.middle_name),
            family_name: gone(self.family_name),
            honorific_prefix: gone(self.honorific_prefix),
            honorific_suffix: gone(self.honorific_suffix),
            display_name: gone(self.display_name),
            phone: gone(self.phone),
            avatar: gone(self.avatar),
            locale: gone(self.locale),
            timezone: gone(self.timezone),
            external_id: gone(self.external_id),
            entity_id: gone(self.entity_id),
            groups: Some(self.groups.unwrap_or_default()),
            resource_groups: Some(self.resource_groups.unwrap_or_default()),
            custom: gone(self.custom),
            is_whole: true,
            is_active: Some(self.is_active.unwrap_or(true)),
            must_reset_password: Some(self.must_reset_password.unwrap_or(false)),
            must_enrol_mfa: Some(self.must_enrol_mfa.unwrap_or(false)),
            must_reset_mfa: Some(self.must_reset_mfa.unwrap_or(false)),
            ..self
        }
    }
}

//! What clients say of users. The limits stand here, and so in the OpenAPI document.

use std::collections::BTreeMap;

use poem_openapi::{Enum, Object};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::groups::OrganizationRole;
use super::super::nullable::Nullable;
use super::Provider;
use crate::auth::password::Password;
use crate::model::{AuthProvider, MemberRole, PasswordHash};
use crate::provisioning::directory::{Action, MemberDraft, UserDraft};

/// In which way a user is made.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum NewUserAction {
    Register,
    Create,
    Invite,
}

/// An organization and what the user is in it.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub(super) struct UserOrganization {
    /// The id of an organization.
    id: Uuid,
    /// Where it is left out, the role that the user has there, or else `evaluator`.
    role: Option<OrganizationRole>,
}

macro_rules! user_fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $own:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Object)]
        #[oai(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$meta])* pub(super) $own: $type,)*
            /// Unique in the tenant, without regard to case; defaults to the e-mail address.
            #[oai(validator(min_length = 1, max_length = 255))]
            user_name: Nullable<String>,
            /// Unique in the tenant, without regard to case.
            #[oai(validator(max_length = 320))]
            email: Nullable<String>,
            email_verified: Option<bool>,
            /// The whole name, which is split into the parts that are not given.
            #[oai(validator(max_length = 512))]
            name: Nullable<String>,
            #[oai(validator(max_length = 255))]
            given_name: Nullable<String>,
            #[oai(validator(max_length = 255))]
            middle_name: Nullable<String>,
            #[oai(validator(max_length = 255))]
            family_name: Nullable<String>,
            #[oai(validator(max_length = 64))]
            honorific_prefix: Nullable<String>,
            #[oai(validator(max_length = 64))]
            honorific_suffix: Nullable<String>,
            #[oai(validator(max_length = 255))]
            display_name: Nullable<String>,
            /// In international form, or in the national one of the tenant's region.
            #[oai(validator(max_length = 64))]
            phone: Nullable<String>,
            /// A picture: a data URI of a PNG, JPEG, GIF or WebP of at most 256 KiB. SCIM does not show it.
            #[oai(validator(max_length = 350_000))]
            avatar: Nullable<String>,
            /// A language tag (BCP 47), such as `de-CH`.
            #[oai(validator(max_length = 64))]
            locale: Nullable<String>,
            /// A name of the IANA time zone database, such as `Europe/Zurich`.
            #[oai(validator(max_length = 64))]
            timezone: Nullable<String>,
            /// What the user is called in a system of yours.
            #[oai(validator(max_length = 255))]
            external_id: Nullable<String>,
            entity_id: Nullable<Uuid>,
            auth_provider: Option<Provider>,
            /// Whether the account stands for a program.
            service_account: Option<bool>,
            /// Names of roles; a user always has at least one.
            #[oai(validator(max_items = 100))]
            roles: Option<Vec<String>>,
            /// Ids of groups.
            #[oai(validator(max_items = 1000))]
            groups: Option<Vec<Uuid>>,
            /// Ids of resource groups.
            #[oai(validator(max_items = 1000))]
            resource_groups: Option<Vec<Uuid>>,
            /// The organizations that the user is a member of. Under an organization's own rules: its owners and admins
            /// say who is in it and as what, managers of those below them, and its last owner stays.
            #[oai(validator(max_items = 1000))]
            organizations: Option<Vec<UserOrganization>>,
            /// The tenant's own attributes.
            custom: Nullable<BTreeMap<String, Value>>,
            is_active: Option<bool>,
            must_reset_password: Option<bool>,
            must_enrol_mfa: Option<bool>,
            must_reset_mfa: Option<bool>,
            /// Held against the tenant's password policy; never shown.
            #[oai(write_only, validator(min_length = 1, max_length = 1024))]
            password: Option<String>,
            /// In the place of `password`: its hash, as another system made it. bcrypt, Argon2, scrypt, Firebase's scrypt,
            /// PBKDF2, SHA-crypt, phpass, LDAP's `{SSHA}` and its like, or `{digest}ALGORITHM:ENCODING:PLACE:SALT:HASH`. It is
            /// kept as it is until the user signs in, and then made anew; never shown.
            #[oai(write_only, validator(min_length = 1, max_length = 1024))]
            password_hash: Option<String>,
        }

        impl $name {
            /// The same without the protocol.
            pub(super) fn into_draft(self) -> UserDraft {
                UserDraft {
                    action: None,
                    user_name: self.user_name.0,
                    email: self.email.0,
                    email_verified: self.email_verified,
                    name: self.name.0,
                    given_name: self.given_name.0,
                    middle_name: self.middle_name.0,
                    family_name: self.family_name.0,
                    honorific_prefix: self.honorific_prefix.0,
                    honorific_suffix: self.honorific_suffix.0,
                    display_name: self.display_name.0,
                    phone: self.phone.0,
                    avatar: self.avatar.0,
                    locale: self.locale.0,
                    timezone: self.timezone.0,
                    external_id: self.external_id.0,
                    entity_id: self.entity_id.0,
                    auth_provider: self.auth_provider.map(AuthProvider::from),
                    service_account: self.service_account,
                    roles: self.roles,
                    groups: self.groups,
                    resource_groups: self.resource_groups,
                    organizations: self.organizations.map(|said| said.into_iter().map(MemberDraft::from).collect()),
                    custom: self.custom.0.map(|custom| custom.map(Map::from_iter)),
                    is_active: self.is_active,
                    must_reset_password: self.must_reset_password,
                    must_enrol_mfa: self.must_enrol_mfa,
                    must_reset_mfa: self.must_reset_mfa,
                    password: self.password.as_deref().map(Password::new),
                    current_password: None,
                    password_hash: self.password_hash.map(PasswordHash::new),
                    is_whole: false,
                    resend: None,
                }
            }
        }
    };
}

user_fields! {
    /// A user to be made.
    NewUser {
        /// In which way; follows from the rest where it is not said.
        action: Option<NewUserAction>,
        /// Whether somebody whose invitation is pending gets another link; the one before is dead then.
        resend: Option<bool>,
    }
}

user_fields! {
    /// What changes of a user.
    UserPatch {
        /// The password that one has: needed to change one's own password or, with a session, one's own `email`.
        #[oai(write_only, validator(min_length = 1, max_length = 1024))]
        current_password: Option<String>,
    }
}

user_fields! {
    /// A user in the place of one.
    UserPut {
        /// The password that one has: needed to change one's own password or, with a session, one's own `email`.
        #[oai(write_only, validator(min_length = 1, max_length = 1024))]
        current_password: Option<String>,
    }
}

impl From<UserOrganization> for MemberDraft {
    fn from(said: UserOrganization) -> Self {
        Self { id: said.id, role: said.role.map(MemberRole::from) }
    }
}

impl From<NewUserAction> for Action {
    fn from(action: NewUserAction) -> Self {
        match action {
            NewUserAction::Register => Self::Register,
            NewUserAction::Create => Self::Create,
            NewUserAction::Invite => Self::Invite,
        }
    }
}

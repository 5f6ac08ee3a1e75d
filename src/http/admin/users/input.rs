//! What clients say of users. The limits stand here, and so in the OpenAPI document.

use std::collections::BTreeMap;

use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Enum, Object};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Provider;
use crate::auth::password::Password;
use crate::model::AuthProvider;
use crate::provisioning::directory::{Action, Said, UserDraft};

/// In which way a user is made.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum NewUserAction {
    Register,
    Create,
    Invite,
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
            user_name: MaybeUndefined<String>,
            /// Unique in the tenant, without regard to case.
            #[oai(validator(max_length = 320))]
            email: MaybeUndefined<String>,
            email_verified: Option<bool>,
            /// The whole name, which is split into the parts that are not given.
            #[oai(validator(max_length = 512))]
            name: MaybeUndefined<String>,
            #[oai(validator(max_length = 255))]
            given_name: MaybeUndefined<String>,
            #[oai(validator(max_length = 255))]
            middle_name: MaybeUndefined<String>,
            #[oai(validator(max_length = 255))]
            family_name: MaybeUndefined<String>,
            #[oai(validator(max_length = 64))]
            honorific_prefix: MaybeUndefined<String>,
            #[oai(validator(max_length = 64))]
            honorific_suffix: MaybeUndefined<String>,
            #[oai(validator(max_length = 255))]
            display_name: MaybeUndefined<String>,
            /// In international form, or in the national one of the tenant's region.
            #[oai(validator(max_length = 64))]
            phone: MaybeUndefined<String>,
            /// A language tag (BCP 47), such as `de-CH`.
            #[oai(validator(max_length = 64))]
            locale: MaybeUndefined<String>,
            /// A name of the IANA time zone database, such as `Europe/Zurich`.
            #[oai(validator(max_length = 64))]
            timezone: MaybeUndefined<String>,
            /// What the user is called in a system of yours.
            #[oai(validator(max_length = 255))]
            external_id: MaybeUndefined<String>,
            entity_id: MaybeUndefined<Uuid>,
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
            /// The tenant's own attributes.
            #[oai(nullable)]
            custom: MaybeUndefined<BTreeMap<String, Value>>,
            is_active: Option<bool>,
            must_reset_password: Option<bool>,
            must_enrol_mfa: Option<bool>,
            must_reset_mfa: Option<bool>,
            /// Held against the tenant's password policy; never shown.
            #[oai(write_only, validator(min_length = 1, max_length = 1024))]
            password: Option<String>,
        }

        impl $name {
            /// The same without the protocol.
            pub(super) fn into_draft(self) -> UserDraft {
                UserDraft {
                    action: None,
                    user_name: said(self.user_name),
                    email: said(self.email),
                    email_verified: self.email_verified,
                    name: said(self.name),
                    given_name: said(self.given_name),
                    middle_name: said(self.middle_name),
                    family_name: said(self.family_name),
                    honorific_prefix: said(self.honorific_prefix),
                    honorific_suffix: said(self.honorific_suffix),
                    display_name: said(self.display_name),
                    phone: said(self.phone),
                    locale: said(self.locale),
                    timezone: said(self.timezone),
                    external_id: said(self.external_id),
                    entity_id: said(self.entity_id),
                    auth_provider: self.auth_provider.map(AuthProvider::from),
                    service_account: self.service_account,
                    roles: self.roles,
                    groups: self.groups,
                    resource_groups: self.resource_groups,
                    custom: said(self.custom).map(|custom| custom.map(Map::from_iter)),
                    is_active: self.is_active,
                    must_reset_password: self.must_reset_password,
                    must_enrol_mfa: self.must_enrol_mfa,
                    must_reset_mfa: self.must_reset_mfa,
                    password: self.password.as_deref().map(Password::new),
                    is_whole: false,
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
    }
}

user_fields! {
    /// What changes of a user.
    UserPatch {}
}

user_fields! {
    /// A user in the place of one.
    UserPut {}
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

fn said<T>(said: MaybeUndefined<T>) -> Said<T> {
    match said {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

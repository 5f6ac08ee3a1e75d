//! What clients say of tenants. The limits stand here, and so in the OpenAPI document.

use poem_openapi::{Enum, Object};

use super::super::nullable::Nullable;
use super::super::password_policy::Preset;
use crate::auth::password::Password;
use crate::model::{self, PolicyPreset};
use crate::provisioning::directory::{self, OwnerDraft, PasswordPolicyDraft, SettingsDraft, TenantDraft};

/// A tenant to be made.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct NewTenant {
    /// Lower-case letters, digits and hyphens, beginning with a letter or digit; unique in the instance, and never
    /// changed.
    #[oai(validator(min_length = 1, max_length = 63))]
    slug: String,
    /// What people call it.
    #[oai(validator(min_length = 1, max_length = 200))]
    name: String,
    owner: NewOwner,
    /// What is not said has its default.
    settings: Option<SettingsPatch>,
}

/// Who owns a new tenant.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct NewOwner {
    #[oai(validator(min_length = 1, max_length = 255))]
    user_name: String,
    #[oai(validator(max_length = 320))]
    email: Option<String>,
    /// Held against the new tenant's password policy. One is made, and shown once, where none is given.
    #[oai(write_only, validator(min_length = 1, max_length = 1024))]
    password: Option<String>,
}

/// What changes of a tenant.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct TenantPatch {
    #[oai(validator(min_length = 1, max_length = 200))]
    name: Option<String>,
    settings: Option<SettingsPatch>,
}

/// What changes of a tenant's settings.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct SettingsPatch {
    /// Names of the roles of a user who is created without any; at least one. Whoever sets them holds their permissions.
    #[oai(validator(min_items = 1, max_items = 100))]
    default_roles: Option<Vec<String>>,
    /// Whether somebody who registers has to give a name.
    names_required: Option<bool>,
    /// The region by which phone numbers without a country code are read: two letters (ISO 3166-1).
    #[oai(validator(max_length = 16))]
    default_region: Nullable<String>,
    /// The order of whole names whose language does not say.
    name_order: Option<NameOrder>,
    /// Whether an address has to be verified before its user may sign in.
    email_verification_required: Option<bool>,
    /// Whether everybody who signs in by a password needs a second factor: who has none is made to enrol one first.
    mfa_required: Option<bool>,
    /// How long an invitation can be accepted: an hour to 30 days.
    #[oai(validator(minimum(value = "1"), maximum(value = "720")))]
    invitation_hours: Option<u32>,
    /// How long deleted users can be restored, in days; 0 removes them at once.
    #[oai(validator(minimum(value = "0"), maximum(value = "3650")))]
    retention_days: Option<u32>,
    self_registration: Option<SelfRegistrationPatch>,
    sign_in_names: Option<SignInNamesPatch>,
    password_policy: Option<PasswordPolicyPatch>,
}

/// What changes of whether people may make accounts for themselves.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct SelfRegistrationPatch {
    enabled: Option<bool>,
    /// Domains that addresses must belong to; all where none is named.
    #[oai(validator(max_items = 200))]
    domains: Option<Vec<String>>,
}

/// What changes of the names by which the tenant is found where people sign in without naming it. Each leads to one tenant;
/// only credentials of the instance change them.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct SignInNamesPatch {
    /// Host names at which the server is reached (`Host`), such as `acme.login.example.com`.
    #[oai(validator(max_items = 100))]
    hosts: Option<Vec<String>>,
    /// What stands behind the `@` of its people's addresses.
    #[oai(validator(max_items = 100))]
    email_domains: Option<Vec<String>>,
}

/// What changes of a password policy: `preset` puts every rule but the denied words back to the preset's, the others change
/// single rules.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct PasswordPolicyPatch {
    preset: Option<Preset>,
    /// In characters.
    #[oai(validator(minimum(value = "1"), maximum(value = "128")))]
    min_length: Option<u32>,
    #[oai(validator(minimum(value = "1"), maximum(value = "1024")))]
    max_length: Nullable<u32>,
    require_upper: Option<bool>,
    require_lower: Option<bool>,
    require_digit: Option<bool>,
    require_special: Option<bool>,
    forbid_whitespace: Option<bool>,
    /// No part of the user's own names and addresses.
    forbid_own_data: Option<bool>,
    /// None of the passwords that many people use.
    forbid_common: Option<bool>,
    /// Words that no password may hold, in whatever case: 3 to 64 characters each.
    #[oai(validator(max_items = 500))]
    denied_words: Option<Vec<String>>,
    /// The least score that zxcvbn gives.
    #[oai(validator(minimum(value = "0"), maximum(value = "4")))]
    min_strength: Nullable<u8>,
    /// How many former passwords cannot be used again.
    #[oai(validator(minimum(value = "0"), maximum(value = "24")))]
    history: Option<u32>,
    /// After how many days a password has to be changed.
    #[oai(validator(minimum(value = "1"), maximum(value = "36500")))]
    max_age_days: Nullable<u32>,
}

/// In which order names are read.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum NameOrder {
    GivenFirst,
    FamilyFirst,
}

impl NewTenant {
    /// The same without the protocol.
    pub(super) fn into_draft(self) -> TenantDraft {
        let NewOwner { user_name, email, password } = self.owner;
        TenantDraft {
            slug: self.slug,
            name: self.name,
            owner: OwnerDraft { user_name, email, password: password.as_deref().map(Password::new) },
            settings: self.settings.map(SettingsPatch::into_draft).unwrap_or_default(),
        }
    }
}

impl TenantPatch {
    /// The same without the protocol.
    pub(super) fn into_patch(self) -> directory::TenantPatch {
        let settings = self.settings.map(SettingsPatch::into_draft).unwrap_or_default();
        directory::TenantPatch { name: self.name, settings }
    }
}

impl SettingsPatch {
    fn into_draft(self) -> SettingsDraft {
        let order = |order| match order {
            NameOrder::GivenFirst => model::tenant::NameOrder::GivenFirst,
            NameOrder::FamilyFirst => model::tenant::NameOrder::FamilyFirst,
        };
        let registration = self.self_registration.map(|said| (said.enabled, said.domains));
        let (enabled, domains) = registration.unwrap_or_default();
        let names = self.sign_in_names.map(|said| (said.hosts, said.email_domains)).unwrap_or_default();
        SettingsDraft {
            default_roles: self.default_roles,
            names_required: self.names_required,
            default_region: self.default_region.0,
            name_order: self.name_order.map(order),
            email_verification_required: self.email_verification_required,
            mfa_required: self.mfa_required,
            invitation_hours: self.invitation_hours,
            retention_days: self.retention_days,
            self_registration_enabled: enabled,
            self_registration_domains: domains,
            sign_in_hosts: names.0,
            sign_in_email_domains: names.1,
            password_policy: self.password_policy.map(PasswordPolicyPatch::into_draft).unwrap_or_default(),
        }
    }
}

impl PasswordPolicyPatch {
    fn into_draft(self) -> PasswordPolicyDraft {
        PasswordPolicyDraft {
            preset: self.preset.map(PolicyPreset::from),
            min_length: self.min_length,
            max_length: self.max_length.0,
            require_upper: self.require_upper,
            require_lower: self.require_lower,
            require_digit: self.require_digit,
            require_special: self.require_special,
            forbid_whitespace: self.forbid_whitespace,
            forbid_own_data: self.forbid_own_data,
            forbid_common: self.forbid_common,
            denied_words: self.denied_words,
            min_strength: self.min_strength.0,
            history: self.history,
            max_age_days: self.max_age_days.0,
        }
    }
}

//! What clients are told of tenants.

use poem_openapi::{Enum, Object};
use uuid::Uuid;

use super::super::password_policy::Preset;
use super::super::values::time;
use super::input::NameOrder;
use crate::auth::TenantView;
use crate::model::{self, PasswordPolicy, TenantSettings, TenantStatus};
use crate::provisioning::directory::FoundedTenant;

/// A tenant: the wall around its users, groups, roles, credentials and logs.
#[derive(Debug, Object)]
pub(super) struct Tenant {
    id: Uuid,
    slug: String,
    name: String,
    status: Status,
    settings: Settings,
    created_at: String,
    updated_at: String,
    version: i64,
}

/// A page of tenants.
#[derive(Debug, Object)]
pub(super) struct TenantList {
    pub tenants: Vec<Tenant>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    pub next_cursor: Option<String>,
}

/// A tenant that was made, with its first owner.
#[derive(Object)]
pub(super) struct NewTenantAnswer {
    #[oai(flatten)]
    tenant: Tenant,
    owner: FirstOwner,
    /// The connection that the tenant begins with.
    connection_id: Uuid,
}

/// A tenant's first owner.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct FirstOwner {
    id: Uuid,
    user_name: String,
    email: Option<String>,
    /// Where none was given: it is shown only now.
    password: Option<String>,
}

/// Whether a tenant is served.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum Status {
    Active,
    Suspended,
    Deleting,
}

/// What a tenant decides for itself.
#[derive(Debug, Object)]
struct Settings {
    default_roles: Vec<String>,
    names_required: bool,
    #[oai(skip_serializing_if_is_none)]
    default_region: Option<String>,
    name_order: NameOrder,
    email_verification_required: bool,
    mfa_required: bool,
    invitation_hours: u32,
    retention_days: u32,
    self_registration: SelfRegistration,
    sign_in_names: SignInNames,
    password_policy: EffectivePolicy,
}

/// Whether people may make accounts for themselves.
#[derive(Debug, Object)]
struct SelfRegistration {
    enabled: bool,
    domains: Vec<String>,
}

/// By which names of the network the tenant is found where people sign in without naming it.
#[derive(Debug, Object)]
struct SignInNames {
    hosts: Vec<String>,
    email_domains: Vec<String>,
}

/// The rules that the tenant's passwords obey.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct EffectivePolicy {
    /// The preset whose rules these are; missing where they are the tenant's own.
    preset: Option<Preset>,
    min_length: u32,
    max_length: Option<u32>,
    require_upper: bool,
    require_lower: bool,
    require_digit: bool,
    require_special: bool,
    forbid_whitespace: bool,
    forbid_own_data: bool,
    forbid_common: bool,
    denied_words: Vec<String>,
    min_strength: Option<u8>,
    history: u32,
    max_age_days: Option<u32>,
}

impl From<&TenantView> for Tenant {
    fn from(view: &TenantView) -> Self {
        let tenant = &view.tenant;
        Self {
            id: tenant.id.0,
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            status: match tenant.status {
                TenantStatus::Active => Status::Active,
                TenantStatus::Suspended => Status::Suspended,
                TenantStatus::Deleting => Status::Deleting,
            },
            settings: settings(view, &tenant.settings),
            created_at: time(tenant.created_at),
            updated_at: time(tenant.updated_at),
            version: tenant.version,
        }
    }
}

impl From<FoundedTenant> for NewTenantAnswer {
    fn from(made: FoundedTenant) -> Self {
        Self {
            tenant: Tenant::from(&made.view),
            owner: FirstOwner {
                id: made.owner.id.0,
                user_name: made.owner.user_name,
                email: made.owner.email,
                password: made.password,
            },
            connection_id: made.connection.id.0,
        }
    }
}

fn settings(view: &TenantView, settings: &TenantSettings) -> Settings {
    let roles = settings.default_roles.iter().filter_map(|id| view.role(*id));
    Settings {
        default_roles: roles.map(|role| role.name.clone()).collect(),
        names_required: settings.names_required,
        default_region: settings.default_region.clone(),
        name_order: match settings.name_order {
            model::tenant::NameOrder::GivenFirst => NameOrder::GivenFirst,
            model::tenant::NameOrder::FamilyFirst => NameOrder::FamilyFirst,
        },
        email_verification_required: settings.email_verification_required,
        mfa_required: settings.mfa_required,
        invitation_hours: settings.invitation_hours,
        retention_days: settings.retention_days,
        self_registration: SelfRegistration {
            enabled: settings.self_registration.enabled,
            domains: settings.self_registration.domains.clone(),
        },
        sign_in_names: SignInNames {
            hosts: settings.sign_in_names.hosts.clone(),
            email_domains: settings.sign_in_names.email_domains.clone(),
        },
        password_policy: policy(&settings.password_policy),
    }
}

fn policy(policy: &PasswordPolicy) -> EffectivePolicy {
    EffectivePolicy {
        preset: policy.named().map(Preset::from),
        min_length: policy.min_length,
        max_length: policy.max_length,
        require_upper: policy.require_upper,
        require_lower: policy.require_lower,
        require_digit: policy.require_digit,
        require_special: policy.require_special,
        forbid_whitespace: policy.forbid_whitespace,
        forbid_own_data: policy.forbid_own_data,
        forbid_common: policy.forbid_common,
        denied_words: policy.denied_words.clone(),
        min_strength: policy.min_strength,
        history: policy.history,
        max_age_days: policy.max_age_days,
    }
}

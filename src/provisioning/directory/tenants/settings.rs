//! What is said of a tenant's settings, checked and put on what they were.

use serde_json::json;

use super::super::users::{Faults, exceeds};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::mapping::values::{EmailAddress, HostName, phone};
use crate::model::Permission;
use crate::model::tenant::NameOrder;
use crate::model::{PasswordPolicy, PolicyError, PolicyPreset, RoleId, Tenant, TenantSettings};
use crate::provisioning::Request;
use crate::provisioning::directory::error::{DirectoryError, Kind, Problem};
use crate::provisioning::directory::{Directory, Said};
use crate::storage::{StorageError, Taken};

/// How long an invitation may last.
const INVITATION_HOURS: std::ops::RangeInclusive<u32> = 1..=720;
/// How long what was deleted may be kept.
const MOST_RETENTION_DAYS: u32 = 3650;

/// What is said of settings; `None` says nothing.
#[derive(Clone, Debug, Default)]
pub struct SettingsDraft {
    /// Names of roles.
    pub default_roles: Option<Vec<String>>,
    pub names_required: Option<bool>,
    pub default_region: Said<String>,
    pub name_order: Option<NameOrder>,
    pub email_verification_required: Option<bool>,
    pub mfa_required: Option<bool>,
    pub invitation_hours: Option<u32>,
    pub retention_days: Option<u32>,
    pub self_registration_enabled: Option<bool>,
    pub self_registration_domains: Option<Vec<String>>,
    pub sign_in_hosts: Option<Vec<String>>,
    pub sign_in_email_domains: Option<Vec<String>>,
    pub password_policy: PasswordPolicyDraft,
}

/// What is said of a password policy: the preset comes first, the rest changes it.
#[derive(Clone, Debug, Default)]
pub struct PasswordPolicyDraft {
    pub preset: Option<PolicyPreset>,
    pub min_length: Option<u32>,
    pub max_length: Said<u32>,
    pub require_upper: Option<bool>,
    pub require_lower: Option<bool>,
    pub require_digit: Option<bool>,
    pub require_special: Option<bool>,
    pub forbid_whitespace: Option<bool>,
    pub forbid_own_data: Option<bool>,
    pub forbid_common: Option<bool>,
    pub denied_words: Option<Vec<String>>,
    pub min_strength: Said<u8>,
    pub history: Option<u32>,
    pub max_age_days: Said<u32>,
}

impl PasswordPolicyDraft {
    fn apply(&self, policy: &mut PasswordPolicy) {
        fn set<T: Clone>(field: &mut T, said: &Option<T>) {
            if let Some(value) = said {
                field.clone_from(value);
            }
        }
        if let Some(preset) = self.preset {
            let denied_words = std::mem::take(&mut policy.denied_words);
            *policy = PasswordPolicy { denied_words, ..PasswordPolicy::preset(preset) };
        }
        set(&mut policy.min_length, &self.min_length);
        set(&mut policy.max_length, &self.max_length);
        set(&mut policy.require_upper, &self.require_upper);
        set(&mut policy.require_lower, &self.require_lower);
        set(&mut policy.require_digit, &self.require_digit);
        set(&mut policy.require_special, &self.require_special);
        set(&mut policy.forbid_whitespace, &self.forbid_whitespace);
        set(&mut policy.forbid_own_data, &self.forbid_own_data);
        set(&mut policy.forbid_common, &self.forbid_common);
        set(&mut policy.denied_words, &self.denied_words);
        set(&mut policy.min_strength, &self.min_strength);
        set(&mut policy.history, &self.history);
        set(&mut policy.max_age_days, &self.max_age_days);
    }
}

impl Directory {
    /// The tenant's settings with what the draft says.
    ///
    /// # Errors
    /// Every problem at once (422); default roles that the tenant does not have (422), or that hold permissions which the
    /// caller lacks (403).
    pub(super) fn settle_settings(
        request: &Request,
        view: &TenantView,
        draft: &SettingsDraft,
    ) -> Result<TenantSettings, DirectoryError> {
        let mut settings = view.tenant.settings.clone();
        let mut faults = Faults::default();
        faults.extend(apply(draft, &mut settings));
        let before = settings.default_roles.clone();
        if let Some(names) = &draft.default_roles {
            match default_roles(view, names) {
                Ok(roles) => settings.default_roles = roles,
                Err(error) => faults.add(error, unknown_roles(view, names))?,
            }
        }
        faults.settle()?;
        if settings.sign_in_names != view.tenant.settings.sign_in_names && !request.caller.is_instance() {
            let message = "Only a credential of the instance says which hosts and e-mail domains lead to a tenant: each can \
                           lead to one.";
            return Err(DirectoryError::refused(Kind::Forbidden, "instance_only", message));
        }
        // What is so already is nobody's gift.
        if settings.default_roles != before {
            let given = view.permissions_of(&settings.default_roles);
            let lacking = given.without(request.caller.permissions);
            if !lacking.is_empty() {
                return Err(exceeds("These roles hold permissions that you lack", lacking));
            }
        }
        Ok(settings)
    }

    /// What a tenant's write failed by: where one of its names leads to another tenant, which one.
    pub(super) async fn sign_in_name_taken(&self, tenant: &Tenant, error: StorageError) -> DirectoryError {
        if !matches!(error, StorageError::Taken(Taken::SignInName)) {
            return error.into();
        }
        let mut taken = Vec::new();
        for (kind, name) in tenant.settings.sign_in_names.iter() {
            match self.provisioning.storage.find_tenant_by_sign_in_name(kind, name).await {
                Ok(Some(other)) if other != tenant.id => taken.push(name),
                Ok(_) => {}
                Err(error) => return error.into(),
            }
        }
        let message = format!(
            "Hosts and e-mail domains lead to one tenant; these lead to another: {}.",
            taken.join(", ")
        );
        DirectoryError::refused(Kind::Conflict, "sign_in_name_taken", message).with("taken", json!(taken))
    }

    /// Checks that the caller may give everybody who comes to the tenant these roles instead of those that they got.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403).
    pub(super) async fn check_default_roles(
        &self,
        request: &Request,
        view: &TenantView,
        after: &TenantSettings,
    ) -> Result<(), DirectoryError> {
        let before = &view.tenant.settings.default_roles;
        let gone = before.iter().filter(|role| !after.default_roles.contains(role));
        let come = after.default_roles.iter().filter(|role| !before.contains(role));
        let changed: Vec<&RoleId> = gone.chain(come).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let names = changed.into_iter().filter_map(|id| view.role(*id)).map(|role| &*role.name);
        let given = Changes::of_roles(names);
        self.authorize_tenant(request, view.tenant.id, Permission::RolesAssign, given).await
    }
}

fn apply(draft: &SettingsDraft, settings: &mut TenantSettings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(hours) = draft.invitation_hours {
        if !INVITATION_HOURS.contains(&hours) {
            let what = "has to be 1 to 720, which is 30 days";
            problems.push(Problem::new("/settings/invitation_hours", "out_of_range", what));
        }
        settings.invitation_hours = hours;
    }
    if let Some(days) = draft.retention_days {
        if days > MOST_RETENTION_DAYS {
            let what = "has to be 0 to 3650";
            problems.push(Problem::new("/settings/retention_days", "out_of_range", what));
        }
        settings.retention_days = days;
    }
    if let Some(region) = &draft.default_region {
        if region.as_deref().is_some_and(|region| !phone::is_region(region)) {
            let what =
                "has to be a region that has phone numbers: two letters of ISO 3166-1, such as DE; or null";
            problems.push(Problem::new("/settings/default_region", "invalid_region", what));
        }
        settings.default_region = region.as_deref().map(str::to_ascii_uppercase);
    }
    let registration = &mut settings.self_registration;
    if let Some(domains) = &draft.self_registration_domains {
        registration.domains = domains_of(domains, "self_registration/domains", &mut problems);
    }
    registration.enabled = draft.self_registration_enabled.unwrap_or(registration.enabled);
    if let Some(hosts) = &draft.sign_in_hosts {
        settings.sign_in_names.hosts = hosts_of(hosts, &mut problems);
    }
    if let Some(domains) = &draft.sign_in_email_domains {
        settings.sign_in_names.email_domains =
            domains_of(domains, "sign_in_names/email_domains", &mut problems);
    }
    settings.names_required = draft.names_required.unwrap_or(settings.names_required);
    settings.name_order = draft.name_order.unwrap_or(settings.name_order);
    settings.email_verification_required =
        draft.email_verification_required.unwrap_or(settings.email_verification_required);
    settings.mfa_required = draft.mfa_required.unwrap_or(settings.mfa_required);
    draft.password_policy.apply(&mut settings.password_policy);
    if let Err(errors) = settings.password_policy.validate() {
        problems.extend(errors.into_iter().map(policy_problem));
    }
    problems
}

/// Domains as addresses have them, each once. What no address can have is a problem.
fn domains_of(texts: &[String], field: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for (position, text) in texts.iter().enumerate() {
        match EmailAddress::parse(&format!("user@{}", text.trim())) {
            Ok(address) if !domains.iter().any(|known| known == address.domain()) => {
                domains.push(address.domain().to_owned());
            }
            Ok(_) => {}
            Err(error) => {
                let pointer = format!("/settings/{field}/{position}");
                problems.push(Problem::saying(&pointer, "invalid_domain", error.to_string()));
            }
        }
    }
    domains
}

/// Names of hosts, each once. What is none is a problem.
fn hosts_of(texts: &[String], problems: &mut Vec<Problem>) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for (position, text) in texts.iter().enumerate() {
        match HostName::parse(text) {
            Ok(host) if !hosts.iter().any(|known| known == host.as_str()) => hosts.push(host.into()),
            Ok(_) => {}
            Err(error) => {
                let pointer = format!("/settings/sign_in_names/hosts/{position}");
                problems.push(Problem::new(&pointer, "invalid_host", error));
            }
        }
    }
    hosts
}

fn policy_problem(error: PolicyError) -> Problem {
    let field = match error {
        PolicyError::MinLength(_) => "min_length",
        PolicyError::MaxLength { .. } => "max_length",
        PolicyError::DeniedWords(_) | PolicyError::DeniedWord { .. } => "denied_words",
        PolicyError::Strength(_) => "min_strength",
        PolicyError::History(_) => "history",
        PolicyError::MaxAge(_) => "max_age_days",
    };
    Problem::saying(&format!("/settings/password_policy/{field}"), "invalid_policy", error.to_string())
}

/// Where names stand that no role has.
fn unknown_roles(view: &TenantView, names: &[String]) -> Vec<Problem> {
    let unknown = names.iter().enumerate().filter(|(_, name)| view.role_named(name).is_none());
    let place = |position| format!("/settings/default_roles/{position}");
    unknown.map(|(position, _)| Problem::unknown_role(&place(position))).collect()
}

/// The roles of these names, in the order of their ids.
fn default_roles(view: &TenantView, names: &[String]) -> Result<Vec<RoleId>, DirectoryError> {
    let unknown: Vec<&String> = names.iter().filter(|name| view.role_named(name).is_none()).collect();
    if names.is_empty() || !unknown.is_empty() {
        let known: Vec<&str> = view.roles.iter().map(|role| &*role.name).collect();
        let message =
            format!("'default_roles' has to name at least one role of this tenant: {}.", known.join(", "));
        return Err(DirectoryError::refused(Kind::Impossible, "invalid_roles", message)
            .with("invalid_roles", json!(unknown)));
    }
    let mut roles: Vec<RoleId> =
        names.iter().filter_map(|name| view.role_named(name)).map(|role| role.id).collect();
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

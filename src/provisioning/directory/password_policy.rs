//! `/v1/password-policy`: what a tenant asks of passwords, and whether one would do.

use serde_json::json;

use super::error::{DirectoryError, Problem};
use super::users::hashing_failed;
use super::{Directory, RefusalKind};
use crate::access::{Changes, Thing};
use crate::auth::password::{OwnData, Password, Violations};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{PasswordPolicy, Permission, PolicyError};
use crate::provisioning::Request;

impl Directory {
    /// The tenant's policy.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn read_password_policy(&self, request: &Request) -> Result<PasswordPolicy, DirectoryError> {
        self.authorize(request, Permission::TenantRead, Thing::Tenant).await?;
        Ok(Self::tenant(request)?.tenant.settings.password_policy.clone())
    }

    /// Gives the tenant another policy. Passwords that are there already are not looked at again.
    ///
    /// # Errors
    /// A policy that cannot be (422), naming every reason; a missing permission (403).
    pub async fn write_password_policy(
        &self,
        request: &Request,
        policy: &PasswordPolicy,
    ) -> Result<PasswordPolicy, DirectoryError> {
        self.admit(request, &[Permission::TenantUpdate]).await?;
        policy
            .validate()
            .map_err(|errors| DirectoryError::impossible(errors.iter().map(problem).collect()))?;
        let tenant = Self::tenant(request)?.tenant.id;
        self.attempt(tenant, None, |this| async move {
            let storage = &this.provisioning.storage;
            let Some(mut row) = storage.find_tenant(tenant).await? else {
                return Err(DirectoryError::missing("Tenant", tenant));
            };
            let same = row.settings.password_policy == *policy;
            let told = Changes::of((!same).then_some("password_policy"));
            this.authorize_change(request, Permission::TenantUpdate, Thing::Tenant, told).await?;
            if same {
                return Ok(());
            }
            row.settings.password_policy = policy.clone();
            row.version += 1;
            row.updated_at = this.now();
            let mut changes = ChangeSet::new(tenant);
            let details = json!({ "changed": ["password_policy"] });
            changes.audit.push(this.event(
                request,
                AuditType::TenantUpdated,
                Target::Tenant(tenant),
                details,
            ));
            changes.settings.push(SettingsChange::UpdateTenant(Box::new(row)));
            changes.settings.push(SettingsChange::NextGeneration);
            Ok(storage.commit(changes).await?)
        })
        .await?;
        self.authenticator.forget(tenant).await;
        Ok(policy.clone())
    }

    /// What a password breaks of the tenant's policy, for somebody of whom these texts are known, and what is known of the
    /// caller besides. Whether it was used before is not told: that would make guessing former passwords easy.
    ///
    /// # Errors
    /// A policy that forbids reading oneself, or for a key the tenant (403); too many passwords are being checked (503).
    pub async fn check_password(
        &self,
        request: &Request,
        password: &Password,
        known: &[String],
    ) -> Result<Option<Violations>, DirectoryError> {
        let view = Self::tenant(request)?;
        let own = match request.caller.session_id().and(request.caller.user_id()) {
            Some(user) => {
                let current = self.view_of(view, user).await?;
                let thing = Thing::User(current.facts(view));
                self.authorize_of_right(request, Permission::SelfRead, thing, Changes::default()).await?;
                current.user.known_texts()
            }
            None => {
                let (read, thing) = (Permission::TenantRead, Thing::Tenant);
                self.authorize_of_right(request, read, thing, Changes::default()).await?;
                Vec::new()
            }
        };
        let own = OwnData::new(own.iter().chain(known).map(String::as_str));
        let policy = &view.tenant.settings.password_policy;
        Ok(self.hasher.check(policy, password, &own).await.map_err(hashing_failed)?.err())
    }

    /// The refusal that tells every rule that a password breaks.
    pub(super) fn breaks_policy(violations: &Violations) -> DirectoryError {
        let rules: Vec<_> = violations
            .iter()
            .map(|violation| json!({ "rule": violation.rule.as_str(), "message": violation.message }))
            .collect();
        DirectoryError::refused(RefusalKind::Impossible, "password_policy", violations.to_string())
            .with("rules", rules)
    }
}

fn problem(error: &PolicyError) -> Problem {
    let pointer = match error {
        PolicyError::MinLength(_) => "/min_length",
        PolicyError::MaxLength { .. } => "/max_length",
        PolicyError::DeniedWords(_) | PolicyError::DeniedWord { .. } => "/denied_words",
        PolicyError::Strength(_) => "/min_strength",
        PolicyError::History(_) => "/history",
        PolicyError::MaxAge(_) => "/max_age_days",
    };
    Problem::saying(pointer, "out_of_range", error.to_string())
}

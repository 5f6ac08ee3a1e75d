//! A tenant's own policies.

mod evaluate;
mod saving;

pub use evaluate::{EvaluatedPrincipal, EvaluatedThing, Evaluation};

use std::sync::Arc;

use serde_json::json;

use self::saving::Rules;
use super::error::{DirectoryError, Kind, Problem};
use super::{Directory, Page};
use crate::access::{Changes, Thing};
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{Permission, Policy, PolicyId};
use crate::provisioning::Request;
use crate::provisioning::preconditions::Preconditions;
use crate::scim::fold::fold;
use crate::storage::{StorageError, Taken};

/// What is said of a policy; `None` says nothing.
#[derive(Clone, Debug, Default)]
pub struct PolicyDraft {
    pub name: Option<String>,
    pub text: Option<String>,
    pub enabled: Option<bool>,
}

impl Directory {
    /// A page of the tenant's policies, oldest first.
    ///
    /// # Errors
    /// A missing permission (403).
    pub async fn list_policies(
        &self,
        request: &Request,
        page: Page<PolicyId>,
    ) -> Result<(Vec<Policy>, Option<PolicyId>), DirectoryError> {
        self.authorize(request, Permission::PoliciesRead, Thing::Tenant).await?;
        let mut policies = self.provisioning.storage.list_policies(request.caller.tenant_id).await?;
        policies.retain(|policy| page.after.is_none_or(|after| policy.id > after));
        let next = page.cut(&mut policies, |policy| policy.id);
        self.keep_readable(request, Permission::PoliciesRead, &mut policies, of_policy).await?;
        Ok((policies, next))
    }

    /// One policy.
    ///
    /// # Errors
    /// No such policy (404), a missing permission (403).
    pub async fn read_policy(&self, request: &Request, id: PolicyId) -> Result<Policy, DirectoryError> {
        self.admit(request, &[Permission::PoliciesRead]).await?;
        let policies = self.provisioning.storage.list_policies(request.caller.tenant_id).await?;
        let policy = found(&policies, id)?;
        self.authorize(request, Permission::PoliciesRead, of_policy(policy)).await?;
        Ok(policy.clone())
    }

    /// Makes a policy. It holds here at once, and everywhere within a second.
    ///
    /// # Errors
    /// Mistakes in it (422), a taken name (409), one that would shut out the caller (409), a missing permission (403).
    pub async fn create_policy(
        &self,
        request: &Request,
        draft: PolicyDraft,
    ) -> Result<Policy, DirectoryError> {
        self.admit(request, &[Permission::PoliciesWrite]).await?;
        let draft = &draft;
        let tenant = request.caller.tenant_id;
        self.attempt(tenant, None, |this| async move { this.try_create_policy(request, draft).await }).await
    }

    async fn try_create_policy(
        &self,
        request: &Request,
        draft: &PolicyDraft,
    ) -> Result<Policy, DirectoryError> {
        let at = self.now();
        let mut policy = Policy {
            tenant_id: request.caller.tenant_id,
            id: PolicyId::generate(),
            name: String::new(),
            text: String::new(),
            enabled: true,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        settle(&mut policy, draft)?;
        self.authorize(request, Permission::PoliciesWrite, of_policy(&policy)).await?;
        let rules = self.rules(policy.tenant_id).await?;
        let change = SettingsChange::InsertPolicy(Box::new(policy.clone()));
        let details = json!({ "change": "created", "name": policy.name, "enabled": policy.enabled });
        self.write_policy(request, rules, &policy, true, change, details).await?;
        Ok(policy)
    }

    /// Changes what is said of a policy.
    ///
    /// # Errors
    /// As for creating; no such policy (404), another version than `If-Match` names (412).
    pub async fn update_policy(
        &self,
        request: &Request,
        id: PolicyId,
        draft: PolicyDraft,
        preconditions: &Preconditions,
    ) -> Result<Policy, DirectoryError> {
        self.admit(request, &[Permission::PoliciesWrite]).await?;
        let draft = &draft;
        self.attempt(request.caller.tenant_id, None, |this| async move {
            this.try_update_policy(request, id, draft, preconditions).await
        })
        .await
    }

    async fn try_update_policy(
        &self,
        request: &Request,
        id: PolicyId,
        draft: &PolicyDraft,
        preconditions: &Preconditions,
    ) -> Result<Policy, DirectoryError> {
        let rules = self.rules(request.caller.tenant_id).await?;
        let before = found(&rules.policies, id)?.clone();
        let mut policy = before.clone();
        settle(&mut policy, draft)?;
        let changed: Vec<&str> = [
            ("name", policy.name != before.name),
            ("text", policy.text != before.text),
            ("enabled", policy.enabled != before.enabled),
        ]
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .collect();
        let changes = Changes::of(changed.iter().copied());
        self.authorize_change(request, Permission::PoliciesWrite, of_policy(&before), changes).await?;
        preconditions.check_write(before.version)?;
        if changed.is_empty() {
            return Ok(before);
        }
        policy.version += 1;
        policy.updated_at = self.now();
        let change = SettingsChange::UpdatePolicy(Box::new(policy.clone()));
        let details = json!({
            "change": "updated", "name": policy.name, "enabled": policy.enabled, "changed": changed,
        });
        self.write_policy(request, rules, &policy, true, change, details).await?;
        Ok(policy)
    }

    /// Removes a policy.
    ///
    /// # Errors
    /// No such policy (404), another version than `If-Match` names (412), one without which the caller would be shut out
    /// (409), a missing permission (403).
    pub async fn delete_policy(
        &self,
        request: &Request,
        id: PolicyId,
        preconditions: &Preconditions,
    ) -> Result<(), DirectoryError> {
        self.admit(request, &[Permission::PoliciesWrite]).await?;
        self.attempt(request.caller.tenant_id, None, |this| async move {
            let rules = this.rules(request.caller.tenant_id).await?;
            let policy = found(&rules.policies, id)?.clone();
            this.authorize(request, Permission::PoliciesWrite, of_policy(&policy)).await?;
            preconditions.check_write(policy.version)?;
            let change = SettingsChange::DeletePolicy { id, expected: policy.version };
            let details = json!({ "change": "deleted", "name": policy.name });
            this.write_policy(request, rules, &policy, false, change, details).await
        })
        .await
    }

    /// Writes a change to a policy, unless the result has mistakes or shuts out the caller.
    async fn write_policy(
        &self,
        request: &Request,
        mut rules: Rules,
        policy: &Policy,
        stays: bool,
        change: SettingsChange,
        details: serde_json::Value,
    ) -> Result<(), DirectoryError> {
        let tenant = policy.tenant_id;
        rules.policies.retain(|other| other.id != policy.id);
        if stays {
            let key = fold(&policy.name);
            if rules.policies.iter().any(|other| fold(&other.name) == key) {
                return Err(name_taken(&policy.name));
            }
            rules.policies.push(policy.clone());
        }
        let expected = rules.tenant.generation;
        if let Some(snapshot) = self.compile_changed(rules, stays.then_some(policy)).await? {
            self.keep_hold(request, &snapshot, stays.then(|| of_policy(policy))).await?;
        }
        let mut changes = ChangeSet::new(tenant);
        changes.settings.push(change);
        changes.settings.push(SettingsChange::NextGenerationAfter { expected });
        let target = Target::Policy(policy.id);
        changes.audit.push(self.event(request, AuditType::PolicyChanged, target, details));
        match self.provisioning.storage.commit(changes).await {
            Err(StorageError::Taken(Taken::PolicyName)) => Err(name_taken(&policy.name)),
            written => {
                self.changed(tenant).await;
                Ok(written?)
            }
        }
    }
}

/// Puts a draft on a policy.
fn settle(policy: &mut Policy, draft: &PolicyDraft) -> Result<(), DirectoryError> {
    if let Some(name) = &draft.name {
        name.trim().clone_into(&mut policy.name);
    }
    if let Some(text) = &draft.text {
        policy.text.clone_from(text);
    }
    if let Some(enabled) = draft.enabled {
        policy.enabled = enabled;
    }
    let mut problems = Vec::new();
    if policy.name.is_empty() {
        problems.push(Problem::new("/name", "required", "is required"));
    }
    if policy.name.chars().any(char::is_control) || policy.text.contains('\0') {
        let pointer = if policy.text.contains('\0') { "/text" } else { "/name" };
        problems.push(Problem::new(pointer, "control_characters", "holds control characters"));
    }
    if problems.is_empty() { Ok(()) } else { Err(DirectoryError::impossible(problems)) }
}

fn found(policies: &[Policy], id: PolicyId) -> Result<&Policy, DirectoryError> {
    policies.iter().find(|policy| policy.id == id).ok_or_else(|| DirectoryError::missing("Policy", id))
}

fn of_policy(policy: &Policy) -> Thing {
    Thing::Policy { id: policy.id, name: Arc::from(&*policy.name) }
}

fn name_taken(name: &str) -> DirectoryError {
    let message = format!("A policy '{name}' exists already; names are unique without regard to case.");
    DirectoryError::refused(Kind::Conflict, "policy_exists", message)
}

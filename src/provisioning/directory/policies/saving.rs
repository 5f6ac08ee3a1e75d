//! Roles and policies belong together: whoever changes either of them compiles the result first, and nobody shuts
//! themselves out.

use serde_json::json;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use crate::access::{CompileError, Context, PolicyMistake, Question, Resource, Snapshot, Thing};
use crate::auth::TenantView;
use crate::mapping::custom::CustomAttributes;
use crate::model::{Permission, Policy, Role, Tenant, TenantId};
use crate::provisioning::Request;

/// What a tenant's snapshot is made of, as the database has it now; or as it is to become.
pub(in crate::provisioning::directory) struct Rules {
    /// Read first: its generation is not newer than the rest.
    pub tenant: Tenant,
    /// The tenant's own.
    pub roles: Vec<Role>,
    pub policies: Vec<Policy>,
}

impl Directory {
    /// The tenant's roles and policies.
    ///
    /// # Errors
    /// No such tenant (404).
    pub(in crate::provisioning::directory) async fn rules(
        &self,
        tenant: TenantId,
    ) -> Result<Rules, DirectoryError> {
        let storage = &self.provisioning.storage;
        let found = storage.find_tenant(tenant).await?;
        Ok(Rules {
            tenant: found.ok_or_else(|| DirectoryError::missing("Tenant", tenant))?,
            roles: storage.list_roles(tenant).await?,
            policies: storage.list_policies(tenant).await?,
        })
    }

    /// What these roles and policies would decide.
    ///
    /// # Errors
    /// 422 with every mistake.
    pub(in crate::provisioning::directory) async fn compile(
        &self,
        rules: Rules,
    ) -> Result<Snapshot, DirectoryError> {
        match self.compiled(rules).await {
            Ok(snapshot) => Ok(snapshot),
            Err(CompileError::Mistakes(mistakes)) => Err(invalid(&mistakes)),
            Err(CompileError::Failed(error)) => Err(error.into()),
        }
    }

    /// The same where one policy was changed. Where the tenant is closed, because its policies cannot be read, a mistake
    /// in another one is no reason to refuse: they are mended one by one. There is no snapshot then.
    ///
    /// # Errors
    /// 422 with every mistake.
    pub(super) async fn compile_changed(
        &self,
        rules: Rules,
        changed: Option<&Policy>,
    ) -> Result<Option<Snapshot>, DirectoryError> {
        let tenant = rules.tenant.id;
        match self.compiled(rules).await {
            Ok(snapshot) => Ok(Some(snapshot)),
            Err(CompileError::Failed(error)) => Err(error.into()),
            Err(CompileError::Mistakes(mistakes)) => {
                let new = changed
                    .is_some_and(|policy| mistakes.iter().any(|mistake| mistake.policy == policy.name));
                let now = self.provisioning.decider.snapshot(tenant).await?;
                match now.is_some_and(|now| now.is_closed()) && !new {
                    true => Ok(None),
                    false => Err(invalid(&mistakes)),
                }
            }
        }
    }

    async fn compiled(&self, Rules { tenant, roles, policies }: Rules) -> Result<Snapshot, CompileError> {
        let id = tenant.id;
        let roles = TenantView::new(tenant, roles, CustomAttributes::default(), false).roles;
        self.provisioning.decider.compile(id, roles, &policies).await
    }

    /// Checks that the caller could still change policies, and this one, if these were the tenant's.
    ///
    /// # Errors
    /// 409 with what forbids it.
    pub(super) async fn keep_hold(
        &self,
        request: &Request,
        snapshot: &Snapshot,
        policy: Option<Thing>,
    ) -> Result<(), DirectoryError> {
        let tenant_id = request.caller.tenant_id;
        let Some(principal) = self.provisioning.decider.principal(&request.caller).await? else {
            return Err(DirectoryError::missing("User", tenant_id));
        };
        let mut question = Question {
            principal,
            action: Permission::PoliciesWrite,
            resource: Resource { tenant_id, thing: Thing::Tenant },
            context: Context::new(request.channel, request.ip),
        };
        for thing in [Some(Thing::Tenant), policy].into_iter().flatten() {
            question.resource.thing = thing;
            let explanation = snapshot.explain(&question);
            if !explanation.allowed {
                let message = format!(
                    "With this change you could not change policies any more. {}",
                    explanation.reason
                );
                let determining: Vec<_> =
                    explanation.determining.iter().map(|statement| &statement.policy).collect();
                return Err(DirectoryError::refused(Kind::Conflict, "lock_out", message)
                    .with("policies", json!(determining)));
            }
        }
        Ok(())
    }

    /// Makes what was committed hold here at once.
    pub(in crate::provisioning::directory) async fn changed(&self, tenant: TenantId) {
        self.authenticator.forget(tenant).await;
        self.provisioning.decider.forget(tenant).await;
    }
}

fn invalid(mistakes: &[PolicyMistake]) -> DirectoryError {
    let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
    let message = match mistakes.len() {
        0 | 1 => first,
        several => format!("{first} ({} more)", several - 1),
    };
    DirectoryError::refused(Kind::Impossible, "invalid_policies", message).with("mistakes", json!(mistakes))
}

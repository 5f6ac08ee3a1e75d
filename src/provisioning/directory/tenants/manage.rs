//! Tenants that are there: listed, read, changed, suspended, given up.

use serde_json::{Value, json};

use super::settings::SettingsDraft;
use super::{name_of, require_instance, require_instance_for};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::mapping::custom::CustomAttributes;
use crate::model::audit::{AuditType, Target};
use crate::model::change::{ChangeSet, SettingsChange};
use crate::model::{BuiltInRole, Permission, Tenant, TenantId, TenantSettings, TenantStatus};
use crate::provisioning::Request;
use crate::provisioning::directory::error::{DirectoryError, Kind};
use crate::provisioning::directory::{Directory, Page};
use crate::provisioning::preconditions::Preconditions;

/// What is to change of a tenant; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct TenantPatch {
    pub name: Option<String>,
    pub settings: SettingsDraft,
}

impl Directory {
    /// A page of the tenants, oldest first.
    ///
    /// # Errors
    /// A credential that is not the instance's, a missing permission (403).
    pub async fn list_tenants(
        &self,
        request: &Request,
        page: Page<TenantId>,
    ) -> Result<(Vec<TenantView>, Option<TenantId>), DirectoryError> {
        require_instance(request, Permission::TenantRead)?;
        let mut found = self.provisioning.storage.list_tenants_after(page.after, page.limit + 1).await?;
        let next = page.cut(&mut found, |tenant| tenant.id);
        let mut views = Vec::with_capacity(found.len());
        for tenant in found {
            views.push(self.with_roles(tenant).await?);
        }
        Ok((views, next))
    }

    /// One tenant.
    ///
    /// # Errors
    /// No such tenant, or another one than the credential's (404); a missing permission (403).
    pub async fn read_tenant(&self, request: &Request, id: TenantId) -> Result<TenantView, DirectoryError> {
        self.authorize_tenant(request, id, Permission::TenantRead, Changes::default()).await?;
        self.tenant_now(id).await
    }

    /// Changes a tenant's name and settings.
    ///
    /// # Errors
    /// As for reading; another version than `If-Match` names (412); every problem of the patch at once (422); default
    /// roles that hold permissions which the caller lacks (403); a tenant that is being deleted (409).
    pub async fn update_tenant(
        &self,
        request: &Request,
        id: TenantId,
        patch: &TenantPatch,
        preconditions: &Preconditions,
    ) -> Result<TenantView, DirectoryError> {
        self.admit_tenant(request, id, Permission::TenantUpdate).await?;
        self.attempt(id, None, |this| async move {
            let view = this.tenant_now(id).await?;
            let mut tenant = view.tenant.clone();
            let settings = Self::settle_settings(request, &view, &patch.settings);
            if let Some(name) = &patch.name {
                tenant.name = name_of(name).map_err(|problem| DirectoryError::impossible(vec![problem]))?;
            }
            tenant.settings = settings?;
            let fields = changed(&view.tenant, &tenant);
            let told = Changes::of(fields.iter().map(String::as_str));
            this.authorize_tenant(request, id, Permission::TenantUpdate, told).await?;
            preconditions.check_write(view.tenant.version)?;
            this.check_default_roles(request, &view, &tenant.settings).await?;
            if fields.is_empty() {
                return Ok(view);
            }
            let details = json!({ "fields": fields });
            let names = &tenant.settings.sign_in_names;
            let mut changes = ChangeSet::new(id);
            if *names != view.tenant.settings.sign_in_names {
                changes.settings.push(SettingsChange::SetSignInNames(names.clone()));
            }
            let tenant =
                this.write_tenant(request, tenant, (AuditType::TenantUpdated, details), changes).await?;
            Ok(view.with_tenant(tenant, view.group_roles))
        })
        .await
    }

    /// Suspends a tenant, so that none of its credentials works, or ends that. What is so already stays as it is. A
    /// credential of the instance still reads and changes what is in a suspended tenant: it is how its troubles are
    /// put in order.
    ///
    /// # Errors
    /// A credential that is not the instance's (403); no such tenant (404); one that is being deleted (409).
    pub async fn turn_tenant(
        &self,
        request: &Request,
        id: TenantId,
        to: TenantStatus,
    ) -> Result<TenantView, DirectoryError> {
        require_instance_for(request, id, Permission::TenantUpdate)?;
        let kind = match to {
            TenantStatus::Active => AuditType::TenantUnsuspended,
            TenantStatus::Suspended => AuditType::TenantSuspended,
            TenantStatus::Deleting => {
                return self.delete_tenant(request, id, &Preconditions::default()).await;
            }
        };
        self.attempt(id, None, |this| async move {
            let view = this.tenant_now(id).await?;
            if view.tenant.status == TenantStatus::Deleting {
                return Err(being_deleted());
            }
            if view.tenant.status == to {
                return Ok(view);
            }
            let tenant = Tenant { status: to, ..view.tenant.clone() };
            let changes = ChangeSet::new(id);
            let tenant = this.write_tenant(request, tenant, (kind, json!({})), changes).await?;
            Ok(view.with_tenant(tenant, view.group_roles))
        })
        .await
    }

    /// Gives a suspended tenant up: from now on nothing of it can be reached, and `removal` takes everything away, its
    /// audit log included. That it was deleted, and by whom, is in the instance's own log.
    ///
    /// # Errors
    /// A credential that is not the instance's (403); no such tenant (404); one that is not suspended (409); another
    /// version than `If-Match` names (412).
    pub async fn delete_tenant(
        &self,
        request: &Request,
        id: TenantId,
        preconditions: &Preconditions,
    ) -> Result<TenantView, DirectoryError> {
        require_instance_for(request, id, Permission::TenantUpdate)?;
        self.attempt(id, None, |this| async move {
            let view = this.tenant_now(id).await?;
            if view.tenant.status == TenantStatus::Deleting {
                return Ok(view);
            }
            preconditions.check_write(view.tenant.version)?;
            if view.tenant.status != TenantStatus::Suspended {
                let message = "Only a suspended tenant can be deleted; suspend it first.";
                return Err(DirectoryError::refused(Kind::Conflict, "tenant_not_suspended", message));
            }
            let tenant = this.next(Tenant { status: TenantStatus::Deleting, ..view.tenant.clone() });
            let mut changes = ChangeSet::new(TenantId::INSTANCE);
            changes.settings.push(SettingsChange::UpdateTenant(Box::new(tenant.clone())));
            let details = json!({ "slug": tenant.slug, "name": tenant.name });
            changes.audit.push(this.event(request, AuditType::TenantDeleted, Target::Tenant(id), details));
            this.provisioning.storage.commit(changes).await?;
            this.authenticator.forget(id).await;
            Ok(view.with_tenant(tenant, view.group_roles))
        })
        .await
    }

    async fn write_tenant(
        &self,
        request: &Request,
        tenant: Tenant,
        (kind, details): (AuditType, Value),
        mut changes: ChangeSet,
    ) -> Result<Tenant, DirectoryError> {
        let tenant = self.next(tenant);
        if tenant.status == TenantStatus::Deleting {
            return Err(being_deleted());
        }
        changes.settings.insert(0, SettingsChange::UpdateTenant(Box::new(tenant.clone())));
        changes.settings.push(SettingsChange::NextGeneration);
        changes.audit.push(self.event(request, kind, Target::Tenant(tenant.id), details));
        if let Err(error) = self.provisioning.storage.commit(changes).await {
            return Err(self.sign_in_name_taken(&tenant, error).await);
        }
        self.authenticator.forget(tenant.id).await;
        Ok(tenant)
    }

    /// The tenant's next version.
    fn next(&self, tenant: Tenant) -> Tenant {
        Tenant { version: tenant.version + 1, updated_at: self.now(), ..tenant }
    }

    /// A tenant as the database has it now.
    async fn tenant_now(&self, id: TenantId) -> Result<TenantView, DirectoryError> {
        let tenant = self.provisioning.storage.find_tenant(id).await?;
        let tenant = tenant.ok_or_else(|| DirectoryError::missing("Tenant", id))?;
        let roles = self.provisioning.storage.list_roles(id).await?;
        Ok(TenantView::new(tenant, roles, CustomAttributes::default(), false))
    }

    /// A tenant with the roles that its settings name: most name only those that every tenant has.
    async fn with_roles(&self, tenant: Tenant) -> Result<TenantView, DirectoryError> {
        let built_in = tenant.settings.default_roles.iter().all(|id| BuiltInRole::of_id(*id).is_some());
        let own = match built_in {
            true => Vec::new(),
            false => self.provisioning.storage.list_roles(tenant.id).await?,
        };
        Ok(TenantView::new(tenant, own, CustomAttributes::default(), false))
    }
}

fn being_deleted() -> DirectoryError {
    let message = "This tenant is being deleted; nothing can be changed in it any more.";
    DirectoryError::refused(Kind::Conflict, "tenant_deleting", message)
}

/// The names of the fields that differ.
fn changed(before: &Tenant, after: &Tenant) -> Vec<String> {
    let fields = |settings: &TenantSettings| json!(settings);
    let (was, is) = (fields(&before.settings), fields(&after.settings));
    let name = (before.name != after.name).then(|| "name".to_owned());
    let settings = is.as_object().into_iter().flatten();
    name.into_iter()
        .chain(
            settings.filter(|(field, value)| was.get(*field) != Some(value)).map(|(field, _)| field.clone()),
        )
        .collect()
}

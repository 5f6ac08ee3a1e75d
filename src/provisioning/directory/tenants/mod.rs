//! The instance's tenants: made with an owner, read, changed, suspended, given up. A tenant's own credential reads and
//! changes its own tenant; everything else is the instance's.

mod create;
mod manage;
mod settings;

pub use create::{FoundedTenant, OwnerDraft, TenantDraft};
pub use manage::TenantPatch;
pub use settings::{PasswordPolicyDraft, SettingsDraft};

use super::error::{DirectoryError, Kind, Problem};
use super::{Directory, Request};
use crate::access::{Changes, Thing};
use crate::model::{Permission, TenantId};

/// Lets a credential of the instance pass that holds this permission.
fn require_instance(request: &Request, permission: Permission) -> Result<(), DirectoryError> {
    if !request.caller.is_instance() {
        let message = "Only a credential of the instance may do this; yours belongs to a tenant.";
        return Err(DirectoryError::refused(Kind::Forbidden, "instance_only", message));
    }
    Directory::require(request, permission)
}

/// The same where a tenant is named.
fn require_instance_for(
    request: &Request,
    id: TenantId,
    permission: Permission,
) -> Result<(), DirectoryError> {
    require_own(request, id)?;
    require_instance(request, permission)
}

impl Directory {
    /// Decides about a tenant, by its policies for whoever acts within it: a credential of its own, or one of the instance
    /// that names it. One of the instance that does not name it is above the tenant's policies.
    ///
    /// # Errors
    /// A missing permission, or a policy that forbids it (403); another tenant than the credential's (404).
    async fn authorize_tenant(
        &self,
        request: &Request,
        id: TenantId,
        permission: Permission,
        changes: Changes,
    ) -> Result<(), DirectoryError> {
        if is_within(request, id) {
            return self.authorize_change(request, permission, Thing::Tenant, changes).await;
        }
        require_instance_for(request, id, permission)
    }

    /// Refuses whoever may do this to no tenant, or not to this one whatever it is.
    ///
    /// # Errors
    /// As [`Directory::authorize_tenant`].
    async fn admit_tenant(
        &self,
        request: &Request,
        id: TenantId,
        permission: Permission,
    ) -> Result<(), DirectoryError> {
        if is_within(request, id) {
            return self.admit(request, &[permission]).await;
        }
        require_instance_for(request, id, permission)
    }
}

/// Whether the caller acts within this tenant.
fn is_within(request: &Request, id: TenantId) -> bool {
    request.caller.tenant.is_some() && request.caller.tenant_id == id
}

/// To whoever speaks for a tenant, by the credential or by naming it beside one of the instance, every other one is none.
fn require_own(request: &Request, id: TenantId) -> Result<(), DirectoryError> {
    let speaks_for = request.caller.tenant_id;
    if speaks_for != TenantId::INSTANCE && speaks_for != id {
        return Err(DirectoryError::missing("Tenant", id));
    }
    Ok(())
}

/// A name for people: mails show it in their subject, so it is one line.
fn name_of(text: &str) -> Result<String, Problem> {
    let name = text.trim();
    if name.is_empty() {
        return Err(Problem::new("/name", "required", "is required"));
    }
    if name.chars().any(char::is_control) {
        return Err(Problem::new("/name", "invalid_character", "must not contain control characters"));
    }
    Ok(name.to_owned())
}

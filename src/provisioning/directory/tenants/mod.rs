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

/// Lets pass whoever holds this permission in the tenant: a credential of its own, or one of the instance.
fn require_within(request: &Request, id: TenantId, permission: Permission) -> Result<(), DirectoryError> {
    require_own(request, id)?;
    Directory::require(request, permission)
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

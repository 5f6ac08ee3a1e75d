//! The directory's use cases: what administrators, their scripts and people themselves do over the admin API.

mod attributes;
mod audit;
mod authorize;
mod clients;
mod connections;
mod custom;
mod deleted_users;
mod draft;
mod error;
mod groups;
mod invitations;
mod keys;
mod mfa;
mod owner;
mod page;
mod password_policy;
mod policies;
mod profile;
mod readable;
mod roles;
mod sessions;
mod sign_in;
pub mod stats;
mod tenants;
mod users;
mod view;
mod webhooks;

pub use attributes::{AttributePatch, Values};
pub use audit::AuditPages;
pub use clients::{ClientDraft, Introspected, NewClient, ShownProof};
pub use connections::{ConnectionDraft, ConnectionView, RoleMappingDraft, RoleMappingView, TokenDraft};
pub use deleted_users::DeletedUserView;
pub use draft::{Action, Said, UserDraft};
pub use error::{DirectoryError, Kind as RefusalKind, Problem, Refusal};
pub use groups::{GroupDraft, GroupFilter, GroupView, MemberDraft, MembersChanged};
pub use invitations::{InvitationFilter, Issued, NewUser, Outgoing};
pub use keys::{KeyDraft, NewKey};
pub use mfa::{Enrolment, FactorList, FactorsOf, Holder, Proof, SecondFactor};
pub use page::Page;
pub use policies::{EvaluatedPrincipal, EvaluatedThing, Evaluation, PolicyDraft};
pub use roles::RoleDraft;
pub use sign_in::{
    Acceptance, Granted, Joined, Login, Registered, SessionLifetimes, SignIn, Step, Tokens, Visit, Wanted,
};
pub use tenants::{FoundedTenant, OwnerDraft, PasswordPolicyDraft, SettingsDraft, TenantDraft, TenantPatch};
pub use users::holdings::{HeldRole, Membership};
pub use users::list::UserFilter;
pub use users::once::CreatedOnce;
pub use users::state::Turn;
pub use view::{IdentityView, UserView};
pub use webhooks::{ShownWebhook, WebhookDraft};

use std::future::Future;
use std::sync::Arc;

use crate::auth::password::PasswordHasher;
use crate::auth::{Authenticator, SecretKey, TenantView};
use crate::model::audit::AuditType;
use crate::model::{AuditEvent, Permission, Target, TenantId, Timestamp, UserId};
use crate::storage::Resource;

use super::{Provisioning, ProvisioningError, Request};

/// The use cases and what they need. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Directory {
    pub provisioning: Provisioning,
    pub authenticator: Authenticator,
    pub hasher: PasswordHasher,
    pub outgoing: Outgoing,
}

impl Directory {
    /// The tenant that the request is about.
    fn tenant(request: &Request) -> Result<&Arc<TenantView>, DirectoryError> {
        let tenant = request.caller.tenant.as_ref();
        tenant.ok_or_else(|| DirectoryError::missing("Tenant", request.caller.tenant_id))
    }

    /// Runs a use case until it is neither stale nor raced; see [`Provisioning::attempt`].
    async fn attempt<T, F, Fut>(
        &self,
        tenant: TenantId,
        resource: Option<Resource>,
        use_case: F,
    ) -> Result<T, DirectoryError>
    where
        F: Fn(Self) -> Fut,
        Fut: Future<Output = Result<T, DirectoryError>>,
    {
        self.provisioning
            .attempt(tenant, resource, |provisioning| use_case(Self { provisioning, ..self.clone() }))
            .await
    }

    /// The same for a use case that changes one user: those of one server wait for each other.
    async fn in_turn<T, F, Fut>(
        &self,
        tenant: TenantId,
        user: UserId,
        use_case: F,
    ) -> Result<T, DirectoryError>
    where
        F: Fn(Self) -> Fut,
        Fut: Future<Output = Result<T, DirectoryError>>,
    {
        let resource = Some(Resource::User(user));
        let _turn = self.provisioning.storage.turn(resource).await;
        self.attempt(tenant, resource, use_case).await
    }

    /// What secrets are sealed with that are stored.
    fn secret_key(&self) -> Result<&SecretKey, DirectoryError> {
        let missing = || ProvisioningError::Internal("at the command line no secrets are sealed".to_owned());
        self.outgoing.secret_key.as_ref().ok_or_else(|| missing().into())
    }

    fn now(&self) -> Timestamp {
        self.provisioning.clock.now()
    }

    fn event(
        &self,
        request: &Request,
        kind: AuditType,
        target: Target,
        details: serde_json::Value,
    ) -> AuditEvent {
        request.event(self.now(), kind, target, details)
    }

    /// Lets the caller pass whose permissions cover this, whatever policies say: what concerns no one tenant has none.
    fn require(request: &Request, permission: Permission) -> Result<(), DirectoryError> {
        match request.caller.permissions.holds(permission) {
            true => Ok(()),
            false => Err(crate::access::Denied::Permission { missing: permission }.into()),
        }
    }
}

//! `/auth`: people sign in, make accounts for themselves, and show that an address is theirs. Nobody has a credential
//! here yet, so nothing is told that a stranger should not know.

mod accept;
pub(super) mod attempts;
mod challenge;
mod change_email;
mod due;
mod factors;
mod links;
mod login;
mod mailing;
mod refresh;
mod register;
mod reset_password;
mod session;
mod verify_email;

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::{Directory, DirectoryError, RefusalKind, UserView};
use crate::auth::TenantView;
use crate::auth::signer::Signer;
use crate::model::audit::{Actor, AuditType, Origin, Target};
use crate::model::{AuditEvent, EventId, TenantId, Timestamp, User, UserId};

pub use accept::{Acceptance, Joined};
pub use due::Step;
pub use links::Wanted;
pub use login::Login;
pub use register::Registered;
pub use session::Tokens;

/// Signing in, and what it needs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub directory: Directory,
    pub signer: Signer,
}

/// A request of somebody who has no credential yet: where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub request_id: Option<Arc<str>>,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<Arc<str>>,
}

/// What somebody gets who has signed in.
#[derive(Debug)]
pub struct Granted {
    pub tokens: Tokens,
    pub user: UserView,
}

impl Visit {
    /// The same as audit events have it, of whoever acted.
    pub(super) fn origin(&self, actor: Actor) -> Origin {
        Origin {
            actor,
            request_id: self.request_id.clone(),
            ip: self.ip,
            user_agent: self.user_agent.clone(),
        }
    }

    pub(super) fn event(
        &self,
        at: Timestamp,
        kind: AuditType,
        actor: Actor,
        target: Target,
        details: Value,
    ) -> AuditEvent {
        let origin = self.origin(actor);
        AuditEvent { id: EventId::generate(), at, kind, origin, target, details }
    }
}

impl SignIn {
    /// Runs a use case of one user; see [`Directory::in_turn`].
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
        self.directory.in_turn(tenant, user, |directory| use_case(Self { directory, ..self.clone() })).await
    }

    /// The tenant of this slug or id, or the only one of the instance where none is named; nothing where there is no such
    /// tenant.
    ///
    /// # Errors
    /// 422 where a tenant has to be named.
    async fn tenant(&self, said: Option<&str>) -> Result<Option<Arc<TenantView>>, DirectoryError> {
        let storage = &self.directory.provisioning.storage;
        let authenticator = &self.directory.authenticator;
        let Some(said) = said else {
            let Some(only) = storage.find_only_tenant().await? else {
                let message = "Name the tenant: 'tenant' is its slug or its id.";
                return Err(DirectoryError::refused(RefusalKind::Impossible, "tenant_required", message));
            };
            return Ok(authenticator.tenant(only.id).await?);
        };
        if let Ok(id) = Uuid::try_parse(said)
            && let Some(view) = authenticator.tenant(TenantId(id)).await?
        {
            return Ok(Some(view));
        }
        match storage.find_tenant_by_slug(said).await? {
            Some(tenant) => Ok(authenticator.tenant(tenant.id).await?),
            None => Ok(None),
        }
    }
}

/// A user who acts for themselves.
pub(super) fn actor(user: &User) -> Actor {
    Actor::User { id: user.id, name: Arc::from(&*user.user_name) }
}

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
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::{Directory, DirectoryError, RefusalKind, UserView};
use crate::auth::TenantView;
use crate::auth::signer::Signer;
use crate::mapping::values::{EmailAddress, HostName};
use crate::model::audit::{Actor, AuditType, Origin, Target};
use crate::model::{AuditEvent, EventId, SignInNameKind, TenantId, Timestamp, User, UserId};

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
    pub lifetimes: SessionLifetimes,
}

/// How long somebody stays signed in.
#[derive(Clone, Copy, Debug)]
pub struct SessionLifetimes {
    /// At the most, whatever is done.
    pub session: Duration,
    /// Without using the refresh token.
    pub refresh_token: Duration,
}

/// A request of somebody who has no credential yet: where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub request_id: Option<Arc<str>>,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<Arc<str>>,
    /// The name at which it reached the server.
    pub host: Option<HostName>,
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

    /// The tenant of this slug or id. Where none is named: the one to which the host leads that the request came to, or the
    /// domain of the address by which somebody is called, or the only one of the instance. Nothing where there is no such
    /// tenant.
    ///
    /// # Errors
    /// 422 where a tenant has to be named.
    async fn tenant(
        &self,
        visit: &Visit,
        said: Option<&str>,
        called: &str,
    ) -> Result<Option<Arc<TenantView>>, DirectoryError> {
        let storage = &self.directory.provisioning.storage;
        let authenticator = &self.directory.authenticator;
        let Some(said) = said else {
            let Some(id) = self.unnamed_tenant(visit, called).await? else {
                let message = "Name the tenant: 'tenant' is its slug or its id.";
                return Err(DirectoryError::refused(RefusalKind::Impossible, "tenant_required", message));
            };
            return Ok(authenticator.tenant(id).await?);
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

    async fn unnamed_tenant(&self, visit: &Visit, called: &str) -> Result<Option<TenantId>, DirectoryError> {
        let storage = &self.directory.provisioning.storage;
        let address = EmailAddress::parse(called).ok();
        let host = visit.host.as_ref().map(|host| (SignInNameKind::Host, host.as_str()));
        let domain = address.as_ref().map(|address| (SignInNameKind::EmailDomain, address.domain()));
        for (kind, name) in host.into_iter().chain(domain) {
            if let Some(id) = storage.find_tenant_by_sign_in_name(kind, name).await? {
                return Ok(Some(id));
            }
        }
        Ok(storage.find_only_tenant().await?.map(|tenant| tenant.id))
    }
}

/// A user who acts for themselves.
pub(super) fn actor(user: &User) -> Actor {
    Actor::User { id: user.id, name: Arc::from(&*user.user_name) }
}

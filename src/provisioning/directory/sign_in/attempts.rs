//! Failures in a row, of whoever somebody wants to be and of where they come from: after some of them nothing is tried for
//! a while, whatever is given. The rows are in the database, so that servers share them.

use std::net::IpAddr;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::super::{Directory, DirectoryError, RefusalKind};
use crate::model::audit::{Actor, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{AuditEvent, EventId, LoginFailures, LoginSubject, TenantId, Timestamp, UserId};
use crate::scim::fold::fold;

/// Somebody who tries to show who they are.
pub(in crate::provisioning::directory) struct Attempt {
    tenant: TenantId,
    who: LoginSubject,
    /// Where from; nothing where that is not known.
    address: Option<LoginSubject>,
    /// Of `who` and of `address`, as they were when it was asked.
    failures: (LoginFailures, LoginFailures),
}

impl Attempt {
    /// Of a user, by whatever name.
    pub fn of_user(ip: Option<IpAddr>, tenant: TenantId, user: UserId) -> Self {
        Self::of(ip, tenant, LoginSubject::user(user))
    }

    /// Of a name that nobody has.
    pub fn of_nobody(ip: Option<IpAddr>, tenant: TenantId, name: &str) -> Self {
        let digest = Sha256::digest(fold(name.trim()).as_bytes());
        Self::of(ip, tenant, LoginSubject::nobody(&digest.into()))
    }

    fn of(ip: Option<IpAddr>, tenant: TenantId, who: LoginSubject) -> Self {
        Self { tenant, who, address: ip.map(LoginSubject::address), failures: Default::default() }
    }

    /// Whose user it wants to be.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Refuses while nothing can be tried.
    ///
    /// # Errors
    /// 429, the same whoever it is.
    pub async fn check(&mut self, directory: &Directory) -> Result<(), DirectoryError> {
        let storage = &directory.provisioning.storage;
        let subjects = (&self.who, self.address.as_ref().unwrap_or(&self.who));
        self.failures = storage.login_failures(self.tenant, subjects).await?;
        let now = directory.now();
        let until = [self.failures.0, self.failures.1].map(|row| row.locked_until(now));
        let Some(until) = until.into_iter().flatten().max() else { return Ok(()) };
        let seconds = (until.0 - now.0 + 999).div_euclid(1000);
        let message = format!("Signing in has failed too often; try again in {seconds} seconds.");
        let refused = DirectoryError::refused(RefusalKind::TooMany, "too_many_attempts", message);
        Err(refused.with("retry_after", seconds))
    }

    /// Adds to the changes one more failure, and where it is one too many, what tells of that.
    pub fn failed(&self, origin: &Origin, target: Target, at: Timestamp, changes: &mut ChangeSet) {
        for (subject, row) in self.counted() {
            changes.credentials.push(CredentialChange::LoginFailed { subject: subject.clone(), at });
            let row = row.and(at);
            let Some(until) = row.locked_until(at) else { continue };
            let of = if *subject == self.who { "user" } else { "address" };
            let details = json!({ "of": of, "failures": row.failures, "seconds": (until.0 - at.0) / 1000 });
            let (id, kind) = (EventId::generate(), AuditType::LoginLocked);
            // Nobody has shown who they are.
            let origin = Origin { actor: Actor::System, ..origin.clone() };
            changes.audit.push(AuditEvent { id, at, kind, origin, target, details });
        }
    }

    /// Adds to the changes that the row of who it is is over, whatever there is of it; where they come from goes on counting.
    pub fn forgive(&self, changes: &mut ChangeSet) {
        changes.credentials.push(CredentialChange::LoginForgiven { subject: self.who.clone() });
    }

    /// Adds to the changes that the rows are over: somebody has shown who they are.
    pub fn succeeded(&self, changes: &mut ChangeSet) {
        for (subject, _) in self.counted().filter(|(_, row)| row.failures > 0) {
            changes.credentials.push(CredentialChange::LoginForgiven { subject: subject.clone() });
        }
    }

    /// Of whom failures are counted, and how often they had failed.
    fn counted(&self) -> impl Iterator<Item = (&LoginSubject, LoginFailures)> {
        let address = self.address.as_ref().map(|address| (address, self.failures.1));
        [(&self.who, self.failures.0)].into_iter().chain(address)
    }
}

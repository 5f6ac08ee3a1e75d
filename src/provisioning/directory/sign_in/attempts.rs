//! Failures in a row: of the name that somebody signs in by, of whoever has it, and of where they come from. After some of
//! them nothing is tried for a while, whatever is given. The rows are in the database, so that servers share them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::super::{Directory, DirectoryError, RefusalKind};
use crate::mapping::values::EmailAddress;
use crate::model::audit::{Actor, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{AuditEvent, EventId, LoginFailures, LoginSubject, TenantId, Timestamp, User, UserId};
use crate::scim::fold::fold;

/// Somebody who tries to show who they are.
pub(in crate::provisioning::directory) struct Attempt {
    tenant: TenantId,
    /// What somebody signs in by, whether anybody is called so or not; nothing of those who have given a password before.
    name: Option<LoginSubject>,
    user: Option<LoginSubject>,
    /// Where from; nothing where that is not known.
    address: Option<LoginSubject>,
    /// As they were when it was asked.
    rows: BTreeMap<LoginSubject, LoginFailures>,
}

impl Attempt {
    /// Of a user who is known already.
    pub fn of_user(ip: Option<IpAddr>, tenant: TenantId, user: UserId) -> Self {
        let address = ip.map(LoginSubject::address);
        Self { tenant, name: None, user: Some(LoginSubject::user(user)), address, rows: BTreeMap::new() }
    }

    /// Of whoever has this name, which may be nobody.
    pub fn of_name(ip: Option<IpAddr>, tenant: TenantId, name: &str, user: Option<UserId>) -> Self {
        let address = ip.map(LoginSubject::address);
        Self {
            tenant,
            name: Some(called(name)),
            user: user.map(LoginSubject::user),
            address,
            rows: BTreeMap::new(),
        }
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
        let subjects = [&self.name, &self.user, &self.address].map(Option::as_ref);
        self.rows = storage.login_failures(self.tenant, subjects).await?;
        let now = directory.now();
        // Of a user who is locked by another name this one would tell that it is the same user's.
        let who = self.name.as_ref().or(self.user.as_ref());
        let until = [who, self.address.as_ref()].map(|subject| self.row(subject?).locked_until(now));
        let Some(until) = until.into_iter().flatten().max() else { return Ok(()) };
        let seconds = (until.0 - now.0 + 999).div_euclid(1000);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let message = format!("Signing in has failed too often; try again in {seconds} {unit}.");
        let refused = DirectoryError::refused(RefusalKind::TooMany, "too_many_attempts", message);
        Err(refused.with("retry_after", seconds))
    }

    /// Whether the user is locked, by whatever name: the answer is that of a wrong password then.
    pub fn is_barred(&self, directory: &Directory) -> bool {
        let locked = |user| self.row(user).locked_until(directory.now()).is_some();
        self.user.as_ref().is_some_and(locked)
    }

    /// Adds to the changes one more failure, and where it is one too many, what tells of that.
    pub fn failed(&self, origin: &Origin, target: Target, at: Timestamp, changes: &mut ChangeSet) {
        for subject in self.counted(at) {
            changes.credentials.push(CredentialChange::LoginFailed { subject: subject.clone(), at });
            let row = self.row(subject).and(at);
            // A user's row tells of the names' rows as well.
            let is_told = Some(subject) != self.name.as_ref() || self.user.is_none();
            let Some(until) = row.locked_until(at).filter(|_| is_told) else { continue };
            let of = if Some(subject) == self.address.as_ref() { "address" } else { "user" };
            let details = json!({ "of": of, "failures": row.failures, "seconds": (until.0 - at.0) / 1000 });
            let (id, kind) = (EventId::generate(), AuditType::LoginLocked);
            // Nobody has shown who they are.
            let origin = Origin { actor: Actor::System, ..origin.clone() };
            changes.audit.push(AuditEvent { id, at, kind, origin, target, details });
        }
    }

    /// Adds to the changes that the rows are over which there are: the user has shown who they are.
    pub fn succeeded(&self, user: &User, changes: &mut ChangeSet) {
        if [&self.name, &self.user].into_iter().flatten().any(|who| self.row(who).failures > 0) {
            forgive(user, changes);
        }
        if let Some(address) = self.address.as_ref().filter(|address| self.row(address).failures > 0) {
            changes.credentials.push(CredentialChange::LoginForgiven { subject: address.clone() });
        }
    }

    fn row(&self, subject: &LoginSubject) -> LoginFailures {
        self.rows.get(subject).copied().unwrap_or_default()
    }

    /// Of whom a failure is counted. Of an address only the first failure of each name or user: so many people are tried
    /// from there, and one who is locked does not lock all those who share the address.
    fn counted(&self, at: Timestamp) -> impl Iterator<Item = &LoginSubject> {
        let who = self.name.as_ref().or(self.user.as_ref());
        let is_first = who.is_none_or(|who| self.row(who).and(at).failures == 1);
        let address = self.address.as_ref().filter(|_| is_first);
        // Nobody is locked for longer by tries that were not even looked at.
        let user = self.user.as_ref().filter(|user| self.row(user).locked_until(at).is_none());
        [self.name.as_ref(), user, address].into_iter().flatten()
    }
}

/// Adds to the changes that a user's failures are over, by whatever name.
pub(in crate::provisioning::directory) fn forgive(user: &User, changes: &mut ChangeSet) {
    let names = [Some(&user.user_name), user.email.as_ref()].into_iter().flatten().map(|name| called(name));
    let subjects = [LoginSubject::user(user.id)].into_iter().chain(names);
    changes.credentials.extend(subjects.map(|subject| CredentialChange::LoginForgiven { subject }));
}

/// All spellings of an address are one name, as they are when it is looked for.
fn called(name: &str) -> LoginSubject {
    let name = name.trim();
    let address = EmailAddress::parse(name);
    let name = address.as_ref().map_or(name, EmailAddress::as_str);
    LoginSubject::name(&Sha256::digest(fold(name).as_bytes()).into())
}

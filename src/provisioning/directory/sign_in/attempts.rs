//! Failures in a row: of the name that somebody signs in by, of whoever has it, and of where they come from. After some of
//! them nothing is tried for a while, whatever is given. The rows are in the database, so that servers share them.

use std::collections::{BTreeMap, BTreeSet};
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
    /// By whose row they are sent away: the user's, or that of the name which somebody signs in by, whether anybody is called
    /// so or not.
    who: LoginSubject,
    /// The user who has that name; nothing of a user who is known already.
    user: Option<LoginSubject>,
    /// The names of a user who is known already.
    names: BTreeSet<LoginSubject>,
    /// Where from; nothing where that is not known.
    address: Option<LoginSubject>,
    /// As they were when it was asked.
    rows: BTreeMap<LoginSubject, LoginFailures>,
}

impl Attempt {
    /// Of a user who has shown before who they are.
    pub fn of_user(ip: Option<IpAddr>, tenant: TenantId, user: &User) -> Self {
        let (address, names) = (ip.map(LoginSubject::address), names(user));
        Self { tenant, who: LoginSubject::user(user.id), user: None, names, address, rows: BTreeMap::new() }
    }

    /// Of whoever has this name, which may be nobody.
    pub fn of_name(ip: Option<IpAddr>, tenant: TenantId, name: &str, user: Option<UserId>) -> Self {
        let (address, user) = (ip.map(LoginSubject::address), user.map(LoginSubject::user));
        Self { tenant, who: called(name), user, names: BTreeSet::new(), address, rows: BTreeMap::new() }
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
        let subjects = [Some(&self.who), self.user.as_ref(), self.address.as_ref()];
        self.rows = storage.login_failures(self.tenant, subjects).await?;
        let now = directory.now();
        // Of a user who is locked by another name this one would tell that it is the same user's.
        let until =
            [Some(&self.who), self.address.as_ref()].map(|subject| self.row(subject?).locked_until(now));
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
        // Nobody is locked for longer by tries that were not even looked at.
        let user = self.user.as_ref().filter(|user| self.row(user).locked_until(at).is_none());
        // So many people are tried from an address: one who is locked does not lock all those who share it.
        let is_first = self.row(&self.who).and(at).failures == 1;
        let address = self.address.as_ref().filter(|_| is_first);
        // In their order, which is everybody's: two who fail at once wait for each other, not both.
        let counted =
            BTreeSet::from_iter([&self.who].into_iter().chain(user).chain(&self.names).chain(address));
        let counted = counted.into_iter().cloned();
        changes.credentials.extend(counted.map(|subject| CredentialChange::LoginFailed { subject, at }));
        // A user's row tells of the name's as well.
        let user = if self.user.is_some() { user } else { Some(&self.who) };
        for (of, subject) in [("user", user), ("address", address)] {
            let Some(row) = subject.map(|subject| self.row(subject).and(at)) else { continue };
            let Some(until) = row.locked_until(at) else { continue };
            let details = json!({ "of": of, "failures": row.failures, "seconds": (until.0 - at.0) / 1000 });
            let (id, kind) = (EventId::generate(), AuditType::LoginLocked);
            // Nobody has shown who they are.
            let origin = Origin { actor: Actor::System, ..origin.clone() };
            changes.audit.push(AuditEvent { id, at, kind, origin, target, details });
        }
    }

    /// Adds to the changes that the rows are over which there are: the user has shown who they are.
    pub fn succeeded(&self, user: &User, changes: &mut ChangeSet) {
        let who = [&self.who].into_iter().chain(&self.user);
        if who.into_iter().any(|who| self.row(who).failures > 0) {
            forgive(user, changes);
        }
        if let Some(address) = self.address.as_ref().filter(|address| self.row(address).failures > 0) {
            changes.credentials.push(CredentialChange::LoginForgiven { subject: address.clone() });
        }
    }

    fn row(&self, subject: &LoginSubject) -> LoginFailures {
        self.rows.get(subject).copied().unwrap_or_default()
    }
}

/// Adds to the changes that a user's failures are over, by whatever name.
pub(in crate::provisioning::directory) fn forgive(user: &User, changes: &mut ChangeSet) {
    let mut subjects = names(user);
    subjects.insert(LoginSubject::user(user.id));
    let subjects = subjects.into_iter();
    changes.credentials.extend(subjects.map(|subject| CredentialChange::LoginForgiven { subject }));
}

/// By what a user can sign in.
fn names(user: &User) -> BTreeSet<LoginSubject> {
    [Some(&user.user_name), user.email.as_ref()].into_iter().flatten().map(|name| called(name)).collect()
}

/// All spellings of an address are one name, as they are when it is looked for.
fn called(name: &str) -> LoginSubject {
    let name = name.trim();
    let address = EmailAddress::parse(name);
    let name = address.as_ref().map_or(name, EmailAddress::as_str);
    LoginSubject::name(&Sha256::digest(fold(name).as_bytes()).into())
}

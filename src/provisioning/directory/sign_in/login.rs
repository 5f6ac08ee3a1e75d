//! `POST /auth/login`. Whatever is wrong, the answer is the same and comes after the same work; only who gives the right
//! password is told what else has to be done.

use serde_json::json;

use super::super::users::hashing_failed;
use super::super::{DirectoryError, RefusalKind};
use super::attempts::Attempt;
use super::challenge::Shown;
use super::{Granted, SignIn, Visit};
use crate::auth::TenantView;
use crate::auth::password::Password;
use crate::mapping::user::restore;
use crate::mapping::values::EmailAddress;
use crate::model::audit::{Actor, AuditType, Target};
use crate::model::change::{ChangeSet, CredentialChange};
use crate::model::{AuthProvider, ConnectionId, PasswordCredential, Standing, TenantStatus, User, UserId};
use crate::provisioning::ProvisioningError;
use crate::provisioning::attempt::Lost as _;
use crate::scim::fold::fold;
use crate::storage::{Resource, StorageError};

/// Who wants to sign in, and by which password.
#[derive(Clone, Debug)]
pub struct Login {
    /// A slug or an id; may be left out where the host or the address leads to a tenant, or there is only one.
    pub tenant: Option<String>,
    /// A user name, or else an e-mail address.
    pub name: String,
    pub password: Password,
}

/// Who it is that has this name.
enum Found {
    Nobody,
    /// Somebody who cannot sign in, whatever the password.
    Barred(UserId, &'static str),
    Somebody(Box<User>, PasswordCredential),
}

impl SignIn {
    /// Signs somebody in.
    ///
    /// # Errors
    /// 401, the same for everything that is wrong; 403 for the right password where something else comes first, with a
    /// challenge; 429 after too many failures; 503 where too many passwords are being compared.
    pub async fn login(&self, visit: &Visit, login: &Login) -> Result<Granted, DirectoryError> {
        let view = self.tenant(visit, login.tenant.as_deref(), &login.name).await?;
        let found = match &view {
            Some(view) => self.find(view, &login.name).await?,
            None => Found::Nobody,
        };
        let mut attempt =
            view.as_ref().map(|view| Attempt::of_name(visit.ip, view.tenant.id, &login.name, found.id()));
        if let Some(attempt) = &mut attempt {
            attempt.check(&self.directory).await?;
        }
        let stored = match &found {
            Found::Somebody(_, password) => Some(password),
            Found::Nobody | Found::Barred(..) => None,
        };
        let hasher = &self.directory.hasher;
        let is_right = hasher.is_password(&login.password, stored).await.map_err(hashing_failed)?;
        let (Some(view), Some(mut attempt)) = (view, attempt) else { return Err(refusal()) };
        // Many may have been tried at once: what others have failed meanwhile counts, for the right password too.
        attempt.check(&self.directory).await?;
        let is_barred = attempt.is_barred(&self.directory);
        let (target, reason) = match found {
            Found::Somebody(_, password) if is_right && !is_barred => {
                return self.admit(visit, &view, &password, &attempt, &login.password).await;
            }
            Found::Somebody(user, _) if is_barred => (Target::User(user.id), "locked"),
            Found::Somebody(user, _) => (Target::User(user.id), "wrong_password"),
            Found::Barred(id, reason) => (Target::User(id), reason),
            // The name is not kept: people type passwords into the wrong field.
            Found::Nobody => (Target::Tenant(view.tenant.id), "unknown_name"),
        };
        self.note_failure(visit, &attempt, target, reason).await?;
        Err(refusal())
    }

    async fn find(&self, view: &TenantView, name: &str) -> Result<Found, DirectoryError> {
        let storage = &self.directory.provisioning.storage;
        let tenant = view.tenant.id;
        let name = name.trim();
        // An address is stored in the form that it is parsed into.
        let address = EmailAddress::parse(name);
        let email = address.as_ref().map_or(name, |address| address.as_str());
        match storage.find_user_called(tenant, &fold(name), &fold(email)).await? {
            Some(id) => self.found(view, id).await,
            None => Ok(Found::Nobody),
        }
    }

    async fn found(&self, view: &TenantView, id: UserId) -> Result<Found, DirectoryError> {
        let (storage, tenant) = (&self.directory.provisioning.storage, view.tenant.id);
        let Some(stored) = storage.lookup_user(tenant, ConnectionId::NONE, id).await? else {
            return Ok(Found::Nobody);
        };
        let user = restore(&stored).map_err(|error| ProvisioningError::broken(stored.id, &error))?;
        let password = storage.find_password(tenant, id).await?;
        Ok(match (obstacle(view, &user), password) {
            (Some(reason), _) => Found::Barred(id, reason),
            (None, None) => Found::Barred(id, "no_password"),
            (None, Some(password)) => Found::Somebody(Box::new(user), password),
        })
    }

    /// The password was right: what else has to be done first, or a session. It is decided by what is so now: comparing
    /// took its time.
    async fn admit(
        &self,
        visit: &Visit,
        view: &TenantView,
        given: &PasswordCredential,
        attempt: &Attempt,
        text: &Password,
    ) -> Result<Granted, DirectoryError> {
        let (tenant, id) = (view.tenant.id, given.user_id);
        let resource = Some(Resource::User(id));
        let outcome = self
            .directory
            .attempt(tenant, resource, |directory| async move {
                let this = Self { directory, ..self.clone() };
                let user = match this.found(view, id).await? {
                    // Somebody who signs in at the same time may have had it hashed anew.
                    Found::Somebody(user, password) if password.changed_at == given.changed_at => user,
                    Found::Nobody | Found::Somebody(..) => return Ok(Err("wrong_password")),
                    Found::Barred(_, reason) => return Ok(Err(reason)),
                };
                let shown = Shown { password_changed_at: given.changed_at, factor: false, challenge: None };
                let changes = ChangeSet::new(tenant);
                match this.go_on(visit, view, &user, shown, (attempt, changes)).await {
                    Err(error) if error.is_lost_race() => Err(error),
                    outcome => Ok(Ok(outcome)),
                }
            })
            .await?;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(reason) => {
                self.note_failure(visit, attempt, Target::User(id), reason).await?;
                return Err(refusal());
            }
        };
        // With a challenge, too: it is told to who gave the right password, and not asked for again.
        self.rehash(view, given, text).await;
        outcome
    }

    /// Hashes the password as new ones are, where it was hashed otherwise. Signing in does not hang on it: the next time
    /// will do as well.
    async fn rehash(&self, view: &TenantView, password: &PasswordCredential, text: &Password) {
        if !self.directory.hasher.needs_rehash(&password.hash) {
            return;
        }
        let Ok(hash) = self.directory.hasher.hash(text).await else { return };
        let mut changes = ChangeSet::new(view.tenant.id);
        changes.credentials.push(CredentialChange::RehashPassword {
            user_id: password.user_id,
            expected: password.hash.clone(),
            hash,
        });
        match self.directory.provisioning.storage.commit(changes).await {
            Ok(()) | Err(StorageError::Stale) => {}
            Err(error) => {
                tracing::warn!(user = %password.user_id, %error, "a password was not hashed anew");
            }
        }
    }

    pub(super) async fn note_failure(
        &self,
        visit: &Visit,
        attempt: &Attempt,
        target: Target,
        reason: &str,
    ) -> Result<(), DirectoryError> {
        let mut changes = ChangeSet::new(attempt.tenant());
        let (at, details) = (self.directory.now(), json!({ "reason": reason }));
        // Nobody has shown who they are.
        changes.audit.push(visit.event(at, AuditType::LoginFailed, Actor::System, target, details));
        attempt.failed(&visit.origin(Actor::System), target, at, &mut changes);
        Ok(self.directory.provisioning.storage.commit(changes).await?)
    }
}

impl Found {
    fn id(&self) -> Option<UserId> {
        match self {
            Self::Nobody => None,
            Self::Barred(id, _) => Some(*id),
            Self::Somebody(user, _) => Some(user.id),
        }
    }
}

fn refusal() -> DirectoryError {
    let message = "The name or the password is wrong.";
    DirectoryError::refused(RefusalKind::Unauthorized, "invalid_credentials", message)
}

/// What keeps a user from signing in whatever the password, in a word for the audit log.
pub(super) fn obstacle(view: &TenantView, user: &User) -> Option<&'static str> {
    match view.tenant.status {
        TenantStatus::Active => {}
        TenantStatus::Suspended => return Some("tenant_suspended"),
        TenantStatus::Deleting => return Some("tenant_deleted"),
    }
    if user.account.auth_provider != AuthProvider::Local {
        return Some("federated");
    }
    if user.account.service_account {
        return Some("service_account");
    }
    match (user.account.standing, user.active) {
        (Standing::Suspended, _) => Some("suspended"),
        (_, Some(false)) => Some("deactivated"),
        (Standing::Invited, _) => Some("invited"),
        (Standing::Normal, _) => None,
    }
}

//! Passwords that identity providers send. By default they are passed over: many send placeholders. Where a connection's
//! settings accept them, they obey the tenant's policy as any other password does.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::authorize::tenant;
use super::super::{Provisioning, ProvisioningError, Request};
use crate::access::Changes;
use crate::auth::password::{OwnData, Password, PasswordHasher, Violations};
use crate::auth::{Subject, TenantView};
use crate::model::change::CredentialChange;
use crate::model::{AuthProvider, User};
use crate::scim::error::ScimError;
use crate::scim::schema::validate::Secret;

impl Request {
    /// Whether a password in this request's body becomes a credential.
    pub fn accepts_passwords(&self) -> bool {
        match &self.caller.subject {
            Subject::Connection { connection, .. } => connection.settings.accept_passwords,
            Subject::User { .. } | Subject::Key { .. } => false,
        }
    }
}

impl Provisioning {
    /// What of a body is a user's new password: nothing where the connection does not accept any, or the user signs in
    /// elsewhere.
    pub(super) fn meant<'s>(request: &Request, user: &User, said: Option<&'s Secret>) -> Option<&'s Secret> {
        let signs_in_here =
            user.account.auth_provider == AuthProvider::Local && !user.account.service_account;
        said.filter(|_| signs_in_here && request.accepts_passwords())
    }

    /// The change that gives a user who is yet to be written the password of a body.
    ///
    /// # Errors
    /// `invalidValue`, naming every rule of the policy that it breaks; too many passwords are being hashed (503).
    pub(super) async fn first_password(
        &self,
        request: &Request,
        user: &User,
        said: Option<&Secret>,
    ) -> Result<Option<CredentialChange>, ProvisioningError> {
        let Some(said) = Self::meant(request, user, said) else { return Ok(None) };
        let change = self.hashed(tenant(request)?, user, &Password::new(said.expose())).await?;
        Ok(Some(change))
    }

    /// The changes that give a user the password of a body instead of the one it has; nothing where it has that one
    /// already, for some identity providers send it each time. Whoever is signed in by the old one is out.
    ///
    /// # Errors
    /// As [`Provisioning::first_password`]; `invalidValue` for one that the user is remembered to have had.
    pub(super) async fn next_password(
        &self,
        request: &Request,
        after: &User,
        said: Option<&Secret>,
    ) -> Result<Vec<CredentialChange>, ProvisioningError> {
        let Some(said) = said else { return Ok(Vec::new()) };
        let (view, password) = (tenant(request)?, Password::new(said.expose()));
        let (id, policy) = (view.tenant.id, &view.tenant.settings.password_policy);
        if let Some(current) = self.storage.find_password(id, after.id).await?
            && self.hasher()?.is_password(&password, Some(&current)).await?
        {
            return Ok(Vec::new());
        }
        let set = self.hashed(view, after, &password).await?;
        if policy.history > 0 {
            let mut former = self.storage.list_former_passwords(id, after.id).await?;
            former.truncate(policy.history as usize);
            if self.hasher()?.is_one_of(&password, &former).await? {
                return Err(breaks(&Violations::history(policy)));
            }
        }
        let end = CredentialChange::EndSessions { user_id: after.id, except: None, at: after.updated_at };
        Ok(vec![set, end])
    }

    /// Holds a password against the policy, and hashes it.
    async fn hashed(
        &self,
        view: &TenantView,
        user: &User,
        password: &Password,
    ) -> Result<CredentialChange, ProvisioningError> {
        let policy = &view.tenant.settings.password_policy;
        let known = user.known_texts();
        let own = OwnData::new(known.iter().map(String::as_str));
        let hasher = self.hasher()?;
        hasher.check(policy, password, &own).await?.map_err(|violations| breaks(&violations))?;
        let hash = hasher.hash(password).await?;
        Ok(CredentialChange::SetPassword {
            user_id: user.id,
            hash,
            at: user.updated_at,
            history: policy.history,
        })
    }

    fn hasher(&self) -> Result<&PasswordHasher, ProvisioningError> {
        let missing = || ProvisioningError::Internal("there is nobody here who hashes passwords".to_owned());
        self.hasher.as_ref().ok_or_else(missing)
    }
}

/// Tells that the password changes, where it does, and nothing of it.
pub(super) fn note_password(changes: &[CredentialChange], details: &mut Map<String, Value>) {
    if let Some(Value::Array(names)) = details.get_mut("changed").filter(|_| !changes.is_empty()) {
        names.push(Value::from("password"));
    }
}

/// The same for policies, which decide before it is known whether the password is another one.
pub(super) fn told_of_password(mut changes: Changes, said: Option<&Secret>) -> Changes {
    changes.attributes.extend(said.map(|_| Arc::from("password")));
    changes
}

/// The refusal that names every rule that a password breaks.
fn breaks(violations: &Violations) -> ProvisioningError {
    let rules: Vec<&str> = violations.iter().map(|violation| violation.rule.as_str()).collect();
    let detail =
        format!("'password' breaks the tenant's password policy ({}). {violations}", rules.join(", "));
    ScimError::invalid_value(detail).into()
}

//! A password that comes with a draft: held against the tenant's policy, hashed before anything is written.

use serde_json::json;

use super::super::Directory;
use super::super::error::{DirectoryError, Kind};
use crate::auth::password::policy::check;
use crate::auth::password::{HashError, OwnData, Password};
use crate::model::change::CredentialChange;
use crate::model::{PasswordPolicy, Timestamp, User};
use crate::provisioning::ProvisioningError;

impl Directory {
    /// The change that gives a user this password.
    ///
    /// # Errors
    /// 422 naming every rule of the policy that it breaks; 503 when too many passwords are being hashed.
    pub(in crate::provisioning::directory) async fn set_password(
        &self,
        policy: &PasswordPolicy,
        user: &User,
        password: &Password,
        at: Timestamp,
    ) -> Result<CredentialChange, DirectoryError> {
        let names = user.name.parts();
        let texts =
            [Some(&user.user_name), user.email.as_ref(), user.display_name.as_ref(), user.phone.as_ref()];
        let own = OwnData::new(
            texts
                .into_iter()
                .flatten()
                .map(String::as_str)
                .chain(names.iter().filter_map(|(_, part)| part.as_ref()).map(|part| &*part.text)),
        );
        check(policy, password, &own).map_err(|violations| {
            let rules: Vec<_> = violations
                .iter()
                .map(|violation| json!({ "rule": violation.rule.as_str(), "message": violation.message }))
                .collect();
            DirectoryError::refused(Kind::Impossible, "password_policy", violations.to_string())
                .with("rules", rules)
        })?;
        let hash = self.hasher.hash(password).await.map_err(|error| match error {
            HashError::Busy { .. } => DirectoryError::Failed(ProvisioningError::Contended),
            error => DirectoryError::Failed(ProvisioningError::Internal(error.to_string())),
        })?;
        Ok(CredentialChange::SetPassword { user_id: user.id, hash, at, history: policy.history })
    }
}

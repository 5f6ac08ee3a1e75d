//! A tenant's first owner.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::users::new_user;
use super::{Directory, DirectoryError};
use crate::auth::password::Password;
use crate::mapping::rows::UserSchema;
use crate::model::audit::{AuditEvent, AuditType, Origin, Target};
use crate::model::change::{ChangeSet, CredentialChange, UserChange};
use crate::model::{BuiltInRole, EventId, TenantId, User, random};
use crate::provisioning::ProvisioningError;

impl Directory {
    /// Makes an owner with a password that nobody knows yet, and gives it.
    ///
    /// # Errors
    /// A taken name; no randomness; the database's failure.
    pub async fn create_first_owner(
        &self,
        tenant: TenantId,
        user_name: &str,
    ) -> Result<(User, String), DirectoryError> {
        let internal = |error: String| DirectoryError::Failed(ProvisioningError::Internal(error));
        let at = self.now();
        let mut user = new_user(at);
        user_name.clone_into(&mut user.user_name);
        user.account.roles = vec![BuiltInRole::Owner.id()];
        let secret = random::secret_bytes::<18>().map_err(|error| internal(error.to_string()))?;
        let password = URL_SAFE_NO_PAD.encode(secret);
        let hash =
            self.hasher.hash(&Password::new(&password)).await.map_err(|error| internal(error.to_string()))?;
        let mut changes = ChangeSet::new(tenant);
        changes.audit.push(AuditEvent {
            id: EventId::generate(),
            at,
            kind: AuditType::UserCreated,
            origin: Origin::system(),
            target: Target::User(user.id),
            details: json!({ "userName": user.user_name, "roles": ["owner"] }),
        });
        changes.credentials.push(CredentialChange::SetPassword { user_id: user.id, hash, at, history: 0 });
        changes.users.push(UserChange::Insert {
            row: Box::new(UserSchema::built_in().row(&user)),
            index: UserSchema::built_in().index_rows(&user),
            external_id: None,
        });
        self.provisioning.storage.commit(changes).await?;
        Ok((user, password))
    }
}

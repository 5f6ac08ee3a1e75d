//! A tenant's first owner.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::users::new_user;
use super::{Directory, DirectoryError};
use crate::auth::password::{HashError, Password};
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
        let mut user = self.new_owner();
        user_name.clone_into(&mut user.user_name);
        let (password, change) = self.generated_password(&user).await?;
        let mut changes = ChangeSet::new(tenant);
        self.add_owner(&user, change, Origin::system(), &mut changes);
        self.provisioning.storage.commit(changes).await?;
        Ok((user, password))
    }

    /// An owner of whom nothing else is known yet.
    pub(super) fn new_owner(&self) -> User {
        let mut user = new_user(self.now());
        user.account.roles = vec![BuiltInRole::Owner.id()];
        user
    }

    /// A password that nobody knows yet, and the change that gives it to a user.
    ///
    /// # Errors
    /// No randomness; too many passwords being hashed (503).
    pub(super) async fn generated_password(
        &self,
        user: &User,
    ) -> Result<(String, CredentialChange), DirectoryError> {
        let internal = |error: String| DirectoryError::Failed(ProvisioningError::Internal(error));
        let secret = random::secret_bytes::<18>().map_err(|error| internal(error.to_string()))?;
        let password = URL_SAFE_NO_PAD.encode(secret);
        let hash = self.hasher.hash(&Password::new(&password)).await.map_err(|error| match error {
            HashError::Busy { .. } => DirectoryError::Failed(ProvisioningError::Contended),
            error => internal(error.to_string()),
        })?;
        let change =
            CredentialChange::SetPassword { user_id: user.id, hash, at: user.created_at, history: 0 };
        Ok((password, change))
    }

    /// Adds to the changes what makes this owner.
    pub(super) fn add_owner(
        &self,
        user: &User,
        password: CredentialChange,
        origin: Origin,
        changes: &mut ChangeSet,
    ) {
        changes.audit.push(AuditEvent {
            id: EventId::generate(),
            at: user.created_at,
            kind: AuditType::UserCreated,
            origin,
            target: Target::User(user.id),
            details: json!({ "userName": user.user_name, "roles": ["owner"] }),
        });
        changes.credentials.push(password);
        changes.users.push(UserChange::Insert {
            row: Box::new(UserSchema::built_in().row(user)),
            index: UserSchema::built_in().index_rows(user),
            external_id: None,
        });
    }
}

//! A name or an address that somebody else has, and who that is.

use super::super::error::{DirectoryError, Kind};
use super::super::{Directory, UserView};
use crate::access::Changes;
use crate::model::{Permission, User, UserId};
use crate::provisioning::{ProvisioningError, Request};
use crate::scim::fold::fold;
use crate::storage::{StorageError, Taken};

/// What of a user could not be written because somebody else has it: the name or the address.
pub(super) fn what_is_taken(error: &DirectoryError) -> Option<Taken> {
    match error {
        DirectoryError::Failed(ProvisioningError::Storage(StorageError::Taken(
            taken @ (Taken::Email | Taken::UserName),
        ))) => Some(*taken),
        _ => None,
    }
}

/// That somebody else has the name or address, without who that is: whoever registers is not told.
pub(in crate::provisioning::directory) fn taken(error: DirectoryError) -> DirectoryError {
    let message = match what_is_taken(&error) {
        Some(Taken::Email) => "a user with this email already exists.",
        Some(_) => "a user with this username already exists.",
        None => return error,
    };
    DirectoryError::refused(Kind::Conflict, "user_exists", message)
}

impl Directory {
    /// The same with the id of who has it, for callers who may read that user.
    pub(in crate::provisioning::directory) async fn taken_by(
        &self,
        request: &Request,
        user: &User,
        error: DirectoryError,
    ) -> DirectoryError {
        let Some(what) = what_is_taken(&error) else { return error };
        // Who has it may have gone a moment ago; the refusal stands.
        match self.holder(request, user, what).await {
            Ok(Some(holder)) => self.exists(request, taken(error), &holder).await,
            Ok(None) => taken(error),
            Err(failed) => failed,
        }
    }

    /// A refusal because this user is there, with its id for callers who may read it.
    pub(in crate::provisioning::directory) async fn exists(
        &self,
        request: &Request,
        refused: DirectoryError,
        holder: &UserView,
    ) -> DirectoryError {
        let own = request.caller.user_id() == Some(holder.user.id);
        let rights: &[Permission] =
            if own { &[Permission::UsersRead, Permission::SelfRead] } else { &[Permission::UsersRead] };
        match self.authorize_user(request, rights, holder, Changes::default()).await {
            Ok(()) => refused.with("user_id", holder.user.id.to_string()),
            Err(_) => refused,
        }
    }

    async fn holder(
        &self,
        request: &Request,
        user: &User,
        what: Taken,
    ) -> Result<Option<UserView>, DirectoryError> {
        let view = Self::tenant(request)?;
        let (storage, tenant) = (&self.provisioning.storage, view.tenant.id);
        let id = match (what, &user.email) {
            (Taken::Email, Some(email)) => {
                storage.holder_of_email(tenant, &fold(email)).await?.map(|stored| UserId(stored.id))
            }
            _ => storage.holder_of_user_name(tenant, &fold(&user.user_name)).await?,
        };
        let Some(id) = id else { return Ok(None) };
        match self.view_of(view, id).await {
            Ok(holder) => Ok(Some(holder)),
            Err(DirectoryError::Refused(_)) => Ok(None),
            Err(failed) => Err(failed),
        }
    }
}

//! `GET /v1/users/{id}`.

use super::super::custom::narrowed;
use super::super::{Directory, DirectoryError, UserView};
use crate::model::{Permission, UserId};
use crate::provisioning::Request;

impl Directory {
    /// Reads a user.
    ///
    /// # Errors
    /// No such user in the tenant (404), a missing permission (403).
    pub async fn read_user(&self, request: &Request, id: UserId) -> Result<UserView, DirectoryError> {
        let own = request.caller.user_id() == Some(id);
        Self::require(request, if own { Permission::SelfRead } else { Permission::UsersRead })?;
        let view = Self::tenant(request)?;
        Ok(narrowed(request, view, self.view_of(view, id).await?))
    }
}

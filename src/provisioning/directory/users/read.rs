//! `GET /v1/users/{id}`.

use super::super::custom::narrowed;
use super::super::{Directory, DirectoryError, UserView};
use crate::access::Changes;
use crate::model::{Permission, UserId};
use crate::provisioning::Request;

impl Directory {
    /// Reads a user.
    ///
    /// # Errors
    /// No such user in the tenant (404), a missing permission (403).
    pub async fn read_user(&self, request: &Request, id: UserId) -> Result<UserView, DirectoryError> {
        let own = request.caller.user_id() == Some(id);
        let rights: &[Permission] =
            if own { &[Permission::UsersRead, Permission::SelfRead] } else { &[Permission::UsersRead] };
        self.admit(request, rights).await?;
        let view = Self::tenant(request)?;
        let user = self.shown(view, id).await?;
        self.authorize_user(request, rights, &user, Changes::default()).await?;
        Ok(narrowed(request, view, user))
    }
}

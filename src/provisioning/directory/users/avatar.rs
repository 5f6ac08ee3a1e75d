//! Pictures: what a draft says of one, and `GET /v1/users/{id}/avatar`.

use super::super::{Directory, DirectoryError, Problem, Said, UserDraft, UserView};
use crate::auth::TenantView;
use crate::mapping::values::Avatar;
use crate::model::change::ChangeSet;
use crate::model::{Permission, RecordChange, StoredAvatar, Timestamp, UserId};
use crate::provisioning::Request;

impl Directory {
    /// A user's picture.
    ///
    /// # Errors
    /// No such user, or none with a picture (404); a missing permission (403).
    pub async fn read_avatar(&self, request: &Request, id: UserId) -> Result<StoredAvatar, DirectoryError> {
        let own = request.caller.user_id() == Some(id);
        let rights: &[Permission] =
            if own { &[Permission::UsersRead, Permission::SelfRead] } else { &[Permission::UsersRead] };
        self.admit(request, rights).await?;
        self.authorize_reading_of(request, rights, id).await?;
        let tenant = Self::tenant(request)?.tenant.id;
        let found = self.provisioning.storage.find_avatar(tenant, id).await?;
        found.ok_or_else(|| DirectoryError::missing("Avatar of user", id))
    }

    /// One user as an answer about it alone shows it: with its picture.
    pub(in crate::provisioning::directory) async fn shown(
        &self,
        view: &TenantView,
        id: UserId,
    ) -> Result<UserView, DirectoryError> {
        let mut shown = self.view_of(view, id).await?;
        if shown.has_avatar {
            shown.avatar = self.provisioning.storage.find_avatar(view.tenant.id, id).await?;
        }
        Ok(shown)
    }

    /// Adds to the changes what makes of a user's picture the one that is wanted, unless it is so already.
    pub(super) async fn set_avatar(
        &self,
        view: &TenantView,
        user_id: UserId,
        wanted: Said<StoredAvatar>,
        changes: &mut ChangeSet,
        at: Timestamp,
    ) -> Result<(), DirectoryError> {
        let Some(wanted) = wanted else { return Ok(()) };
        let present = self.provisioning.storage.find_avatar(view.tenant.id, user_id).await?;
        if present != wanted {
            changes.records.push(match wanted {
                Some(avatar) => RecordChange::SetAvatar { user_id, avatar, at },
                None => RecordChange::RemoveAvatar { user_id },
            });
        }
        Ok(())
    }
}

/// What the draft says of the picture, its bytes checked against its type.
pub(super) fn wanted(draft: &UserDraft, problems: &mut Vec<Problem>) -> Said<StoredAvatar> {
    let said = draft.avatar.as_ref()?;
    match said.as_deref().map(Avatar::parse).transpose() {
        Ok(avatar) => Some(avatar.map(|avatar| StoredAvatar {
            media_type: avatar.image_type().media_type().to_owned(),
            bytes: avatar.bytes().to_vec(),
        })),
        Err(error) => {
            problems.push(Problem::saying("/avatar", "invalid", error.to_string()));
            None
        }
    }
}

//! `POST /v1/users` with an `Idempotency-Key`: however often the request is sent, one user is made.

use super::super::error::{DirectoryError, Kind};
use super::super::{Action, Directory, NewUser, UserDraft, UserView};
use crate::access::Changes;
use crate::auth::TenantView;
use crate::model::{IdempotencyKey, Permission, RecordChange, Timestamp, UserId};
use crate::provisioning::{ProvisioningError, Request};
use crate::storage::{StorageError, Taken};

/// How long a key counts, in milliseconds.
pub(in crate::provisioning::directory) const KEYS_KEPT: i64 = 24 * 3_600_000;

/// What a request with an idempotency key gives.
#[derive(Debug)]
pub struct CreatedOnce {
    pub made: NewUser,
    /// Whether an earlier request with the key made the user.
    pub replayed: bool,
}

impl Directory {
    /// Makes a user, or gives the one that the same request made before, as it is now.
    ///
    /// # Errors
    /// As for creating. The key was used for another request (422), or its user was deleted since, or the request that
    /// used it is not done (409).
    pub async fn create_user_once(
        &self,
        request: &Request,
        draft: UserDraft,
        key: &IdempotencyKey,
    ) -> Result<CreatedOnce, DirectoryError> {
        let invites = draft.action() == Action::Invite;
        let rights = [if invites { Permission::UsersInvite } else { Permission::UsersCreate }];
        self.admit(request, &rights).await?;
        let view = Self::tenant(request)?;
        if let Some(view) = self.replay(request, view, &rights, key).await? {
            return Ok(CreatedOnce { made: replayed(view), replayed: true });
        }
        let error = match self.create_user_noting(request, draft, Some(key)).await {
            Ok(made) => return Ok(CreatedOnce { made, replayed: false }),
            Err(error) => error,
        };
        // Whatever this request fell over, the name or the key, may have been the other one's doing.
        if !is_taken(&error) {
            return Err(error);
        }
        match self.replay(request, view, &rights, key).await? {
            Some(view) => Ok(CreatedOnce { made: replayed(view), replayed: true }),
            None => Err(error),
        }
    }

    /// The user that the key stands for, whom the caller would have to be allowed to make as it is now; nothing if the
    /// key was not used.
    async fn replay(
        &self,
        request: &Request,
        view: &TenantView,
        rights: &[Permission],
        key: &IdempotencyKey,
    ) -> Result<Option<UserView>, DirectoryError> {
        let storage = &self.provisioning.storage;
        let valid_from = Timestamp(self.now().0 - KEYS_KEPT);
        let Some(used) = storage.find_idempotency_key(view.tenant.id, &key.key_hash, valid_from).await?
        else {
            return Ok(None);
        };
        if used.request_hash != key.request_hash {
            let message =
                "This Idempotency-Key was used for another request; send a new one with each new request.";
            return Err(DirectoryError::refused(Kind::Impossible, "idempotency_key_reused", message));
        }
        match self.shown(view, used.user_id).await {
            Err(DirectoryError::Refused(refusal)) if refusal.kind == Kind::Missing => {
                let message = "The user that the first request with this Idempotency-Key made was deleted since; \
                               send a new key to make another one.";
                Err(DirectoryError::refused(Kind::Conflict, "user_deleted", message))
            }
            shown => {
                let shown = shown?;
                self.authorize_user(request, rights, &shown, Changes::default()).await?;
                Ok(Some(shown))
            }
        }
    }
}

/// What a request gives that was fulfilled before. A link is shown only once.
fn replayed(view: UserView) -> NewUser {
    NewUser { view, invitation: None, known: false }
}

/// Notes which user the key stands for, in the transaction that makes it.
pub(super) fn note(key: &IdempotencyKey, user_id: UserId, at: Timestamp) -> RecordChange {
    RecordChange::UseIdempotencyKey {
        key: *key,
        user_id,
        status: 201,
        at,
        valid_from: Timestamp(at.0 - KEYS_KEPT),
    }
}

/// What is said where a request that used the same key at the same time cannot be answered for.
pub(super) fn in_progress() -> DirectoryError {
    let message = "A request with this Idempotency-Key is being fulfilled; send it again in a moment.";
    DirectoryError::refused(Kind::Conflict, "in_progress", message)
}

/// Whether the key itself is taken.
pub(super) fn is_key_taken(error: &DirectoryError) -> bool {
    matches!(
        error,
        DirectoryError::Failed(ProvisioningError::Storage(StorageError::Taken(Taken::IdempotencyKey)))
    )
}

fn is_taken(error: &DirectoryError) -> bool {
    matches!(error, DirectoryError::Refused(refusal) if matches!(refusal.code, "user_exists" | "in_progress"))
}

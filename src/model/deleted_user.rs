//! Users that were deleted, as long as they can be restored.

use uuid::Uuid;

use super::audit::Actor;
use super::clock::Timestamp;
use super::ids::UserId;

/// What a deletion keeps of a user. What goes with the user (memberships, external ids, the picture) is added where it
/// is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptUser {
    pub user_name: String,
    /// `user_name`, folded.
    pub user_name_key: String,
    pub email: Option<String>,
    /// `email`, folded.
    pub email_key: Option<String>,
    /// The user itself, as JSON.
    pub document: String,
    /// When nobody can restore it any more.
    pub purge_at: Timestamp,
    pub by: Actor,
}

/// A deleted user, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedUser {
    pub id: UserId,
    pub user_name: String,
    pub email: Option<String>,
    /// The user, its memberships and its external ids, as JSON.
    pub document: String,
    pub deleted_at: Timestamp,
    /// When nobody can restore it any more.
    pub purge_at: Timestamp,
    pub by: DeletedBy,
    pub has_avatar: bool,
}

/// Who deleted a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedBy {
    /// `user`, `key`, `connection` or `system`.
    pub kind: String,
    pub id: Option<Uuid>,
    pub name: Option<String>,
}

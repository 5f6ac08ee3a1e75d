//! The tenant's own attributes of one user: who sets and sees them, and how what is wrong with them is told.

use serde_json::{Map, Value};

use super::error::{DirectoryError, Kind, Problem};
use super::{Directory, UserDraft, UserView};
use crate::auth::{Caller, TenantView};
use crate::mapping::custom::{ProblemKind, Problems};
use crate::model::{Audience, Permission, User, UserId};
use crate::provisioning::users::taken_value;
use crate::provisioning::{ProvisioningError, Request};
use crate::storage::{StorageError, Taken};

/// The code of a problem that makes the whole body malformed.
const UNKNOWN: &str = "unknown";

/// As whom somebody meets this user's values: as the user itself, unless the permission lets it meet anybody's.
pub(super) fn audience(caller: &Caller, id: UserId, permission: Permission) -> Audience {
    let own = caller.user_id() == Some(id) && !caller.permissions.holds(permission);
    if own { Audience::User } else { Audience::Admin }
}

/// What the user's values become.
pub(super) fn settle(
    view: &TenantView,
    draft: &UserDraft,
    before: &User,
    writer: Audience,
) -> Result<Map<String, Value>, Problems> {
    match &draft.custom {
        None => Ok(before.custom.clone()),
        Some(Some(patch)) if !draft.is_whole => view.custom.merge(&before.custom, patch.clone(), writer),
        Some(given) => view.custom.replace(&before.custom, given.clone().unwrap_or_default(), writer),
    }
}

/// The user as the caller may see it.
pub(super) fn narrowed(request: &Request, view: &TenantView, mut user: UserView) -> UserView {
    let reader = audience(&request.caller, user.user.id, Permission::UsersRead);
    if reader != Audience::Admin {
        user.custom = view.custom.visible(&user.user.custom, reader);
    }
    user
}

/// Problems with attributes, as the API tells them.
pub(super) fn told(problems: Problems) -> Vec<Problem> {
    let code = |kind| match kind {
        ProblemKind::Unknown => UNKNOWN,
        ProblemKind::Missing => "required",
        ProblemKind::Invalid => "invalid",
        ProblemKind::Immutable => "immutable",
        ProblemKind::NotEditable => "read_only",
    };
    let problems = problems.0.into_iter();
    problems.map(|problem| Problem::saying(&problem.pointer, code(problem.kind), problem.message)).collect()
}

/// A refusal that lists these problems: 400 where an attribute is not known, like any field that is not; else 422.
pub(super) fn refused(problems: Vec<Problem>) -> DirectoryError {
    match problems.iter().any(|problem| problem.code == UNKNOWN) {
        true => DirectoryError::malformed(problems),
        false => DirectoryError::impossible(problems),
    }
}

impl Directory {
    /// Why a user was not written; tells what is taken where that is why.
    pub(super) async fn explained(
        &self,
        request: &Request,
        user: &User,
        error: DirectoryError,
    ) -> DirectoryError {
        let by_value = matches!(
            &error,
            DirectoryError::Failed(ProvisioningError::Storage(StorageError::Taken(Taken::CustomValue)))
        );
        if !by_value {
            return self.taken_by(request, user, error).await;
        }
        let name = match self.provisioning.taken_attribute(request, user).await {
            Ok(name) => name,
            Err(error) => return error.into(),
        };
        let refusal = DirectoryError::refused(Kind::Conflict, "value_taken", taken_value(name.as_deref()));
        refusal.with("attribute", name)
    }
}

//! `/v1/deleted-users`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::answer::{Done, Found};
use super::failure::Answer;
use super::session::Session;
use super::sorting::SearchText;
use super::users::User;
use super::values::{cursor, page, time};
use super::{Admin, Part};
use crate::model::{NamePart, UserId};
use crate::provisioning::directory::DeletedUserView;

pub(super) struct DeletedUsers;

/// A deleted user that can still be restored.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct DeletedUser {
    id: Uuid,
    user_name: String,
    email: Option<String>,
    /// The whole name.
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    display_name: Option<String>,
    /// The names of the roles that were given directly, as far as the tenant still has them.
    roles: Vec<String>,
    /// The ids of the groups, of whichever kind, that the user itself was a member of.
    groups: Vec<Uuid>,
    has_avatar: bool,
    created_at: String,
    deleted_at: String,
    /// When it cannot be restored any more.
    purge_at: String,
    deleted_by: DeletedBy,
}

/// Who deleted a user.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct DeletedBy {
    /// `user`, `key`, `connection` or `system`.
    kind: String,
    id: Option<Uuid>,
    name: Option<String>,
}

/// A page of deleted users.
#[derive(Debug, Object)]
struct DeletedUserList {
    deleted_users: Vec<DeletedUser>,
    /// Where the next page begins; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next_cursor: Option<String>,
}

#[OpenApi(tag = "Part::DeletedUsers")]
impl DeletedUsers {
    /// List deleted users
    ///
    /// Those that can still be restored, in the order in which they were created.
    #[oai(path = "/deleted-users", method = "get")]
    async fn list_deleted_users(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        /// Part of the user name or e-mail address.
        #[oai(validator(max_length = 255))]
        search: Query<Option<SearchText>>,
        /// How many at the most.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<i64>>,
        /// `next_cursor` of the page before.
        #[oai(name = "cursor")]
        after: Query<Option<String>>,
    ) -> Answer<Found<DeletedUserList>> {
        let page = page(limit.0, after.0.as_deref(), UserId)?;
        let (found, next) = admin
            .directory
            .list_deleted_users(&session.0, search.0.as_ref().map(|text| &*text.0), page)
            .await?;
        let deleted_users = found.into_iter().map(DeletedUser::from).collect();
        Ok(Found::plain(DeletedUserList { deleted_users, next_cursor: cursor(next) }))
    }

    /// Read a deleted user
    #[oai(path = "/deleted-users/:id", method = "get")]
    async fn read_deleted_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<DeletedUser>> {
        Ok(Found::plain(admin.directory.read_deleted_user(&session.0, UserId(id.0)).await?.into()))
    }

    /// Restore a deleted user
    ///
    /// With the same id, roles and external ids, and in the groups that are still there and whose roles the caller may
    /// give. Password, keys and sessions ended with the deletion.
    #[oai(path = "/deleted-users/:id/restore", method = "post")]
    async fn restore_deleted_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Found<User>> {
        let view = admin.directory.restore_user(&session.0, UserId(id.0)).await?;
        let version = Some(view.user.version);
        Ok(Found { value: view.into(), version })
    }

    /// Purge a deleted user
    ///
    /// At once and for good, instead of when its time is over.
    #[oai(path = "/deleted-users/:id", method = "delete")]
    async fn purge_deleted_user(
        &self,
        admin: Data<&Arc<Admin>>,
        session: Session,
        id: Path<Uuid>,
    ) -> Answer<Done> {
        admin.directory.purge_user(&session.0, UserId(id.0)).await?;
        Ok(Done)
    }
}

impl From<DeletedUserView> for DeletedUser {
    fn from(view: DeletedUserView) -> Self {
        let DeletedUserView { deleted, departed, roles } = view;
        let user = departed.user;
        let text = |part: Option<NamePart>| part.map(|part| part.text);
        Self {
            id: deleted.id.0,
            user_name: deleted.user_name,
            email: deleted.email,
            name: user.name.formatted,
            given_name: text(user.name.given),
            family_name: text(user.name.family),
            display_name: user.display_name,
            roles,
            groups: departed.memberships.into_iter().map(|(group, _)| group.0).collect(),
            has_avatar: deleted.has_avatar,
            created_at: time(user.created_at),
            deleted_at: time(deleted.deleted_at),
            purge_at: time(deleted.purge_at),
            deleted_by: DeletedBy { kind: deleted.by.kind, id: deleted.by.id, name: deleted.by.name },
        }
    }
}
